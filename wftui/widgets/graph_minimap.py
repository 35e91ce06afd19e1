"""A small map of the whole graph in a corner of it: what is where, in which status, and what of it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from wftui.dag.minimap import Minimap, Window
from wftui.widgets.graph_work import pen_for
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual import events

    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_view import GraphView

# Cells of the map at most, without its frame.
_WIDTH, _HEIGHT = 40, 10
# The tones of styles that are no statuses.
_TONES = {"label": "muted", "pointer": "strong"}


class GraphMinimap(Widget):
    """An overlay; a click shows what is there.

    Args:
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    GraphMinimap {
        display: none;
        layer: over;
        position: absolute;
        background: $surface;
        border: round $border;
        border-title-color: $foreground-muted;
    }
    GraphMinimap.-shown { display: block; }
    """

    @dataclass
    class Chosen(Message):
        """A cell was hit: the cell of the picture in its middle."""

        x: int
        y: int

    def __init__(self, *, glyphs: Glyphs) -> None:
        super().__init__()
        self._pen = pen_for(glyphs)
        self._of: tuple[Drawn, tuple[int, int]] | None = None
        self._graph: Graph | None = None
        self._map: Minimap | None = None
        self._window = Region()
        self.border_title = "map"

    def toggle(self, view: GraphView) -> None:
        """Show it, or not any more."""
        self.toggle_class("-shown")
        self.follow(view)

    def follow(self, view: GraphView) -> None:
        """The picture, its statuses or what is seen of it are others."""
        if not self.has_class("-shown"):
            return
        drawn, seen = view.drawn, view.seen
        room = (max(4, min(_WIDTH, view.size.width // 2)), max(2, min(_HEIGHT, view.size.height // 2)))
        if drawn is None or seen is None:
            self._map = self._of = None
            self.styles.width, self.styles.height = 8, 3
        elif self._map is None or self._of is None or self._of[0] is not drawn or self._of[1] != room:
            self._of = (drawn, room)
            self._map = Minimap(drawn, seen.graph.nodes, self._pen, *room)
            self.styles.width, self.styles.height = self._map.width + 2, self._map.height + 2
        elif self._graph is not seen.graph:
            self._map.update(seen.graph.nodes)
        self._graph = seen.graph if seen is not None else None
        self._window = view.window
        self._settle(view)
        self.refresh()

    def _settle(self, view: GraphView) -> None:
        """Lie in a corner where the cursor's box is not; at the top right if possible."""
        width, height = (self._map.width, self._map.height) if self._map is not None else (6, 1)
        right, bottom = max(0, view.size.width - width - 3), max(0, view.size.height - height - 2)
        corners = [(right, 0), (right, bottom), (0, 0), (0, bottom)]
        box = view.cursor_box
        free = (at for at in corners if box is None or not Region(*at, width + 2, height + 2).overlaps(box))
        self.styles.offset = next(free, corners[0])

    def render(self) -> Content:
        """The map, with what is seen in a frame."""
        found = self._map
        if found is None:
            return toned("empty", "muted")
        lines = found.lines(Window(*self._window))
        rows = ([toned(part.text, _TONES.get(part.style, part.style)) for part in line.segments] for line in lines)
        return Content("\n").join([Content("").join(row) for row in rows])

    def on_click(self, event: events.Click) -> None:
        """Show what is there."""
        event.stop()
        at = event.get_content_offset(self)
        if self._map is not None and at is not None:
            self.post_message(self.Chosen(*self._map.place(*at)))
