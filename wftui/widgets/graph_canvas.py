"""Where a graph is drawn: a window of the picture, with a cursor, and of what changes only the cells that do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wftui.dag.picture import View
from wftui.present.glyphs import UNICODE
from wftui.widgets.graph_strips import STYLES, GraphStrips

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual import events

    from wftui.dag.drawn import Area, Drawn
    from wftui.dag.graphs import Item
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_strips import Over

# Cells left of the picture, for the pointer.
GUTTER = 2
# Cells that are seen around the cursor's box where there is room.
_CONTEXT = (8, 1)


class GraphCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws a picture of any view, with a cursor that is an item, not a place.

    Whatever picture comes next, the cursor's item stays on the cell of the screen where it is, also where that leaves
    blank cells at the left or the top: `pad` is how many.

    Args:
        glyphs: The characters to draw with.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"graph-view--{style}" for style in STYLES}
    DEFAULT_CSS = """
    GraphCanvas {
        height: 1fr;
        overflow: auto;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        & > .graph-view--failed { color: $text-error; text-style: bold; }
        & > .graph-view--running { color: $text-primary; text-style: bold; }
        & > .graph-view--waiting { color: $text-accent; }
        & > .graph-view--ready { color: $text-primary; }
        & > .graph-view--pending { color: $foreground-muted; }
        & > .graph-view--resumable { color: $text-warning; }
        & > .graph-view--canceled { color: $foreground-muted; }
        & > .graph-view--unknown { color: $text-warning; }
        & > .graph-view--successful { color: $text-success; }
        & > .graph-view--edge { color: $foreground-muted; }
        & > .graph-view--lit { color: $text-primary; text-style: bold; }
        & > .graph-view--return { color: $text-accent; }
        & > .graph-view--label { color: $foreground; }
        & > .graph-view--time { color: $foreground-muted; }
        & > .graph-view--dim { color: $foreground-muted; }
        & > .graph-view--bar { color: $text-success; }
        & > .graph-view--fold { color: $text-accent; }
        & > .graph-view--missing { color: $text-warning; }
        & > .graph-view--pointer { color: $text-primary; text-style: bold; }
        & > .graph-view--match { background: $warning 30%; text-style: underline; }
        & > .graph-view--cursor { background: $block-cursor-blurred-background; text-style: bold; }
        & > .graph-view--cursor-blurred { background: $surface-lighten-1; }
    }
    """

    # The id of the cursor's item; None in an empty picture.
    cursor_node: reactive[str | None] = reactive(None, init=False)

    class Panned(Message):
        """Another window of the picture is seen."""

    class Pressed(Message):
        """The cursor's item was chosen with the mouse."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._strips = GraphStrips(self, "graph-view")
        self._drawn: Drawn | None = None
        self._pad = Offset(0, 0)
        self._marked: dict[int, list[Area]] = {}
        self._grip: tuple[Offset, Offset] | None = None
        self._dragged = False

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def drawn(self) -> Drawn | None:
        """The picture; None while there is none."""
        return self._drawn

    @property
    def cursor_item(self) -> Item | None:
        """What the cursor is on; None in an empty picture."""
        if self._drawn is None or self.cursor_node is None:
            return None
        return self._drawn.item_of(self.cursor_node)

    def cell_of(self, node: str) -> Offset | None:
        """The cell of the widget where a node's box begins, seen or not; None where there is none."""
        area = self._area(node)
        return None if area is None else self._on_screen(area)

    @property
    def cursor_box(self) -> Region | None:
        """The cells of the widget where the cursor's box is, seen or not; None where there is none."""
        area = self._area(self.cursor_node)
        return None if area is None else Region(*self._on_screen(area), max(1, area.w), 1)

    @property
    def window(self) -> Region:
        """The cells of the picture that are seen, and what is blank around it."""
        return Region(*(self.scroll_offset - self._pad - Offset(GUTTER, 0)), *self._room)

    @property
    def needs_rows(self) -> int:
        """Rows in which all of the picture is seen from top to bottom."""
        if self._drawn is None:
            return 0
        return self._drawn.height + self._pad.y

    def put(self, drawn: Drawn | None, cursor: str | None, held: tuple[str, Offset] | None = None) -> None:
        """Draw another picture.

        Args:
            drawn: The picture.
            cursor: The item, or any node in it, that the cursor is on.
            held: A node, and the cell of the widget where its box shall begin; None where all of it is new.
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
            self._hold(area, held[1])
        else:
            self._fit(Offset(0, 0), Offset(0, 0) if before is None or held is None else self.scroll_offset)
        self.cursor_node = item.id if item is not None else None
        mine = self._area(self.cursor_node)
        if held is None and mine is not None:
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
        regions: list[Region] = []
        seen = Region(0, 0, *self.size)
        for area in areas:
            self._strips.forget(area.y)
            # The pointer stands before the box.
            region = Region(*(self._on_screen(area) - Offset(GUTTER, 0)), area.w + GUTTER, 1).intersection(seen)
            if region:
                regions.append(region)
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

    def sees(self, node: str) -> bool:
        """Whether any cell of a node's box is on screen."""
        area = self._area(node)
        if area is None:
            return False
        return Region(*self._on_screen(area), max(1, area.w), 1).overlaps(Region(0, 0, *self._room))

    # -- scrolling -------------------------------------------------------------------------------------------

    @property
    def hides(self) -> tuple[bool, bool]:
        """Whether there is more of the picture at the left, and at the right, than is seen."""
        if self._drawn is None:
            return False, False
        return self.window.x > 0, self.window.right < self._drawn.width

    @property
    def allow_horizontal_scroll(self) -> bool:
        """The wheel scrolls sideways, too, though no bar is seen: that would take a row."""
        return self.max_scroll_x > 0

    def pan(self, x: int, y: int) -> None:
        """Scroll by so many cells."""
        at = self.scroll_offset
        self._scroll(Offset(at.x + x, at.y + y))

    def center(self, x: int, y: int) -> None:
        """Show a cell of the picture in the middle."""
        width, height = self._room
        self._scroll(Offset(x + GUTTER - width // 2, y - height // 2) + self._pad)

    def to_origin(self) -> None:
        """Show the top left corner of the picture, with nothing blank before it."""
        self._fit(Offset(0, 0), Offset(0, 0))
        self.refresh(Region(0, 0, *self.size))

    def scroll_to_cursor(self) -> None:
        """Show the cursor's box, and a little around it."""
        area = self._area(self.cursor_node)
        if area is not None:
            self._show(area, *_CONTEXT)

    def show_area(self, area: Area) -> None:
        """Show a box from wherever, with what leads to it at its left and something above it."""
        width, height = self._room
        if Region(0, 0, width, height).contains_region(Region(*self._on_screen(area), area.w, 1)):
            return
        left = area.x + GUTTER - max(0, width * 2 // 3 - area.w) if self._view is View.LAYERS else 0
        self._scroll(Offset(left, area.y - height // 3) + self._pad)

    def _show(self, area: Area, around: int, rows: int) -> None:
        width, height = self._room
        x, y = Offset(area.x + GUTTER, area.y) + self._pad
        left, top = self.scroll_offset
        around = max(0, min(around, (width - area.w) // 2))
        rows = max(0, min(rows, (height - 1) // 2))
        if area.w >= width or self._view is not View.LAYERS:
            left = max(0, x - GUTTER)
        elif x - GUTTER < left:
            left = x - max(GUTTER, around)
        elif x + area.w > left + width:
            left = x + area.w - width + min(around, _CONTEXT[0])
        if y < top:
            top = y - rows
        elif y >= top + height:
            top = y - height + 1 + rows
        self._scroll(Offset(left, top))

    def _hold(self, area: Area, cell: Offset) -> None:
        """Scroll so that a box begins in a cell of the widget, with blank cells where that takes them."""
        wanted = Offset(area.x + GUTTER, area.y) - cell
        if self._view is View.LAYERS:
            pad = Offset(max(0, -wanted.x), max(0, -wanted.y))
        else:
            pad, wanted = Offset(0, max(0, -wanted.y)), Offset(0, wanted.y)
        self._fit(pad, wanted + pad)

    def _fit(self, pad: Offset, scroll: Offset) -> None:
        """Make the room that the picture takes, then scroll there."""
        self._pad = pad
        drawn = self._drawn
        if drawn is None:
            size = Size(0, 0)
        elif self._view is View.LAYERS:
            size = Size(drawn.width + GUTTER + 1 + pad.x, drawn.height + pad.y)
            width, height = self._room
            if pad or scroll.x + width > size.width or scroll.y + height > size.height:
                # What is held in its place may need room behind the picture, too.
                size = Size(max(size.width, scroll.x + width), max(size.height, scroll.y + height))
        else:
            size = Size(self.size.width, drawn.height + pad.y)
        if size != self.virtual_size:
            self.virtual_size = size
        self._scroll(scroll)

    def _scroll(self, to: Offset) -> None:
        before = self.scroll_offset
        # Forced: before the next layout the widget does not know that it can be scrolled.
        self.scroll_to(x=max(0, to.x), y=max(0, to.y), animate=False, immediate=True, force=True)
        if self.scroll_offset != before:
            self.post_message(self.Panned())

    @property
    def _view(self) -> View:
        return self._drawn.view if self._drawn is not None else View.LAYERS

    @property
    def _room(self) -> Size:
        """The cells in which the picture is seen."""
        return self.scrollable_content_region.size

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

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Another window is seen."""
        super().watch_scroll_x(old_value, new_value)
        self.post_message(self.Panned())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Another window is seen."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Panned())

    def _area(self, node: str | None) -> Area | None:
        return self._drawn.area_of(node) if self._drawn is not None and node is not None else None

    def _on_screen(self, area: Area) -> Offset:
        return Offset(area.x + GUTTER, area.y) + self._pad - self.scroll_offset

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
