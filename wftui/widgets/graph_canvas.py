"""Where a graph is drawn: a window of the picture, with a cursor, and of what changes only the cells that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset, Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from wftui.dag.picture import View
from wftui.present.glyphs import UNICODE
from wftui.widgets.graph_strips import GraphStrips
from wftui.widgets.graph_window import CONTEXT, GUTTER, GraphWindow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from wftui.dag.drawn import Area, Drawn
    from wftui.dag.graphs import Item
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_strips import Over


# Of a row with more parts that look different all between them is drawn, too: that is cheaper than many parts.
_SPANS = 4


class GraphCanvas(GraphWindow, can_focus=True, inherit_bindings=False):
    """Draws a picture of any view, with a cursor that is an item, not a place.

    Whatever picture comes next, the cursor's item stays on the cell of the screen where it is, also where that leaves
    blank cells at the left or the top: `pad` is how many.

    Args:
        glyphs: The characters to draw with.
    """

    # The id of the cursor's item; None in an empty picture.
    cursor_node: reactive[str | None] = reactive(None, init=False)

    class Pressed(Message):
        """The cursor's item was chosen with the mouse."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._strips = GraphStrips(self)
        self._marked: dict[int, list[Area]] = {}
        self._grip: tuple[Offset, Offset] | None = None
        self._dragged = False

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def cursor_item(self) -> Item | None:
        """What the cursor is on; None in an empty picture."""
        if self._drawn is None or self.cursor_node is None:
            return None
        return self._drawn.item_of(self.cursor_node)

    @property
    def cursor_box(self) -> Region | None:
        """The cells of the widget where the cursor's box is, seen or not; None where there is none."""
        area = self._area(self.cursor_node)
        return None if area is None else Region(*self._on_screen(area), max(1, area.w), 1)

    def put(
        self,
        drawn: Drawn | None,
        cursor: str | None,
        held: tuple[str, Offset] | None = None,
        *,
        loose: bool = False,
    ) -> None:
        """Draw another picture.

        Args:
            drawn: The picture.
            cursor: The item, or any node in it, that the cursor is on.
            held: A node, and the cell of the widget where its box shall begin; None where all of it is new.
            loose: There or near it: somebody asked for another picture than this.
        """
        before = self._drawn
        self._drawn = drawn
        self._strips.clear()
        self._marked.clear()
        item = drawn.item_of(cursor) if drawn is not None and cursor is not None else None
        if drawn is not None and item is None:
            nearest = drawn.nearest(0, 0)
            item = drawn.item_of(nearest) if nearest is not None else None
        if drawn is not None:
            drawn.light(item.id if item is not None else None)
        area = self._area(held[0]) if held is not None else None
        if held is not None and area is not None:
            self._hold(area, held[1], loose=loose)
        else:
            self._fit(Offset(0, 0), Offset(0, 0) if before is None or held is None else self.scroll_offset)
        self.cursor_node = item.id if item is not None else None
        mine = self._area(self.cursor_node)
        if (held is None or loose) and mine is not None:
            self.show_area(mine)
        self.refresh(Region(0, 0, *self.size))

    def fit_again(self) -> None:
        """There is another size to be seen in: the cursor stays in sight."""
        if self._drawn is not None:
            self._fit(self._pad, self.scroll_offset)
            area = self._area(self.cursor_node)
            if area is not None:
                self._show(area, 0, 0)

    def move_to(self, item: str) -> None:
        """Put the cursor on an item."""
        drawn = self._drawn
        if drawn is None or item == self.cursor_node:
            self.scroll_to_cursor()
            return
        before = self._area(self.cursor_node)
        self.cursor_node = item
        after = self._area(item)
        self.scroll_to_cursor()
        self.repaint([*drawn.light(item), *(area for area in (before, after) if area is not None)])

    def repaint(self, areas: Iterable[Area]) -> None:
        """These cells of the picture look different."""
        # Plain numbers: of a large picture there may be thousands, most of them not on screen.
        width, height = self.size
        right, down = Offset(GUTTER, 0) + self._pad - self.scroll_offset
        rows: dict[int, list[tuple[int, int]]] = {}
        for area in areas:
            self._strips.forget(area.y)
            y = area.y + down
            # The pointer stands before the box.
            start, end = max(0, area.x + right - GUTTER), min(width, area.x + right + area.w)
            if 0 <= y < height and start < end:
                rows.setdefault(y, []).append((start, end))
        regions: list[Region] = []
        for y, spans in rows.items():
            if len(spans) > _SPANS:
                spans = [(min(span[0] for span in spans), max(span[1] for span in spans))]
            regions += [Region(start, y, end - start, 1) for start, end in spans]
        if regions:
            self.refresh(*regions)

    def highlight(self, items: Iterable[str]) -> None:
        """Make these items stand out, and no others."""
        old = [area for row in self._marked.values() for area in row]
        self._marked.clear()
        for item in items:
            area = self._area(item)
            if area is not None:
                self._marked.setdefault(area.y, []).append(area)
        self.repaint([*old, *(area for row in self._marked.values() for area in row)])

    def scroll_to_cursor(self) -> None:
        """Show the cursor's box, and a little around it."""
        area = self._area(self.cursor_node)
        if area is not None:
            self._show(area, *CONTEXT)

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width = self.size.width
        row = self.scroll_offset.y + y - self._pad.y
        if self._drawn is None or not 0 <= row < self._drawn.height:
            return Strip.blank(width, self.rich_style)
        x0 = self.scroll_offset.x - self._pad.x - GUTTER
        key = self._strips.key(row, x0, width, self._over(row))
        known = self._strips.known(key)
        if known is not None:
            return known
        return self._strips.make(key, self._drawn.line(row, max(0, x0), max(0, x0 + width)))

    def _over(self, row: int) -> list[Over]:
        """What is laid over a row: matches of a search, the cursor and its pointer."""
        over: list[Over] = []
        for area in self._marked.get(row, ()):
            x = self._on_screen(area).x
            over.append((x, x + area.w, "match"))
        area_of_cursor = self._area(self.cursor_node)
        if area_of_cursor is not None and area_of_cursor.y == row:
            x = self._on_screen(area_of_cursor).x
            over.append((x, x + area_of_cursor.w, "cursor" if self.has_focus else "cursor-blurred"))
            at = x - 1 if self._view is View.LAYERS else x - GUTTER
            over.append((at, at + 1, self._glyphs.cursor))
        return over

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._strips.restyle()
        super().notify_style_update()

    def watch_has_focus(self, value: bool) -> None:
        """The cursor looks different without the focus."""
        super().watch_has_focus(value)
        area = self._area(self.cursor_node)
        if area is not None:
            self.repaint([area])

    # -- the mouse -------------------------------------------------------------------------------------------

    def item_under(self, at: Offset) -> Item | None:
        """What stands in a cell of the widget; in lanes and trees, on its line."""
        if self._drawn is None:
            return None
        x, y = at + self.scroll_offset - self._pad - Offset(GUTTER, 0)
        return self._drawn.item_at(max(0, x), y) if 0 <= y < self._drawn.height else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A drag may begin here."""
        if event.button == 1:
            self._grip, self._dragged = (event.screen_offset, self.scroll_offset), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the picture."""
        if self._grip is None:
            return
        by = event.screen_offset - self._grip[0]
        if by != (0, 0):
            self._dragged = True
            self._scroll(self._grip[1] - by)

    def on_mouse_up(self) -> None:
        """The drag ends."""
        self._grip = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Choose what was hit; open it with the second click."""
        item = self.item_under(event.offset)
        if self._dragged or item is None:
            return
        again = item.id == self.cursor_node and event.chain > 1
        self.move_to(item.id)
        if again:
            self.post_message(self.Pressed())
