"""A small map of the whole graph in a corner of it: what is where, in which status, and what of it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from wftui.model.status import Status
from wftui.widgets.graph_map import graph_map
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual import events

    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_map import GraphMap
    from wftui.widgets.graph_view import GraphView

# Cells of the map at most, without its frame.
_WIDTH, _HEIGHT = 40, 10
# Corners, across, down of what is seen; all of it in one cell.
_FRAMES = ("┌┐└┘─│□", "++++-|#")


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
        self._glyphs = glyphs
        self._of: tuple[Drawn, Graph, tuple[int, int]] | None = None
        self._map: GraphMap | None = None
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
        elif self._of is None or self._of[0] is not drawn or self._of[1] is not seen.graph or self._of[2] != room:
            self._of = (drawn, seen.graph, room)
            self._map = graph_map(drawn, seen.graph, *room)
            self.styles.width, self.styles.height = self._map.width + 2, self._map.height + 2
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
        frame = self._frame(found)
        cells = [[self._cell(found, frame, x, y) for x in range(found.width)] for y in range(found.height)]
        return Content("\n").join([Content("").join(row) for row in cells])

    def _cell(self, found: GraphMap, frame: dict[tuple[int, int], str], x: int, y: int) -> Content:
        status = found.statuses.get((x, y))
        if (x, y) in frame and (len(frame) == 1 or status is not Status.FAILED):
            # The only cell of what is seen says so, and its colour what failed there.
            return toned(frame[x, y], "failed" if status is Status.FAILED else "strong")
        if (x, y) not in found.statuses:
            return toned(" ")
        if status is None:
            return toned(self._glyphs.dot, "muted")
        return toned(self._glyphs.status[status], status.value.lower())

    def _frame(self, found: GraphMap) -> dict[tuple[int, int], str]:
        """The characters around what is seen; none where all of it is."""
        across, down = found.picture
        seen = self._window.intersection(Region(0, 0, across, down))
        if not seen or seen.size == (across, down):
            return {}
        left, top = found.cell(seen.x, seen.y)
        right, bottom = found.cell(seen.right - 1, seen.bottom - 1)
        corners = _FRAMES[self._glyphs.mark.isascii()]
        frame: dict[tuple[int, int], str] = {}
        for x in range(left, right + 1):
            frame[x, top] = frame[x, bottom] = corners[4]
        for y in range(top, bottom + 1):
            frame[left, y] = frame[right, y] = corners[5]
        if (left, top) == (right, bottom):
            frame[left, top] = corners[6]
        elif right > left and bottom > top:
            places = ((left, top), (right, top), (left, bottom), (right, bottom))
            frame.update(zip(places, corners[:4], strict=True))
        return frame

    def on_click(self, event: events.Click) -> None:
        """Show what is there."""
        event.stop()
        at = event.get_content_offset(self)
        if self._map is not None and at is not None:
            self.post_message(self.Chosen(*self._map.place(*at)))
