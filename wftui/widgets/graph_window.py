"""A window on a picture of a graph: what of it is seen, and how that is kept in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from wftui.dag.picture import View

if TYPE_CHECKING:
    from wftui.dag.drawn import Area, Drawn

# Cells left of the picture, for the pointer.
GUTTER = 2
# Cells that are seen around the cursor's box where there is room.
CONTEXT = (8, 1)


class GraphWindow(ScrollView, can_focus=True, inherit_bindings=False):
    """Scrolls both ways. A box can be held in its cell of the screen whatever picture comes next.

    Where that takes it, blank cells stand at the left or the top of the picture: `_pad` is how many.
    """

    DEFAULT_CSS = """
    GraphWindow {
        height: 1fr;
        overflow: auto;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
    }
    """

    class Panned(Message):
        """Another window of the picture is seen."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._drawn: Drawn | None = None
        self._pad = Offset(0, 0)

    # -- what is seen ----------------------------------------------------------------------------------------

    @property
    def drawn(self) -> Drawn | None:
        """The picture; None while there is none."""
        return self._drawn

    @property
    def window(self) -> Region:
        """The cells of the picture that are seen, and what is blank around it."""
        return Region(*(self.scroll_offset - self._pad - Offset(GUTTER, 0)), *self._room)

    def cell_of(self, node: str) -> Offset | None:
        """The cell of the widget where a node's box begins, seen or not; None where there is none."""
        area = self._area(node)
        return None if area is None else self._on_screen(area)

    def sees(self, node: str) -> bool:
        """Whether any cell of a node's box is on screen."""
        area = self._area(node)
        if area is None:
            return False
        return Region(*self._on_screen(area), max(1, area.w), 1).overlaps(Region(0, 0, *self._room))

    @property
    def needs_rows(self) -> int:
        """Rows in which all of the picture is seen from top to bottom."""
        if self._drawn is None:
            return 0
        return self._drawn.height + self._pad.y

    @property
    def hides(self) -> tuple[bool, bool]:
        """Whether there is more of the picture at the left, and at the right, than is seen.

        Lanes and trees are as wide as there is room, if not yet where that has just changed.
        """
        if self._drawn is None or self._drawn.view is not View.LAYERS:
            return False, False
        return self.window.x > 0, self.window.right < self._drawn.width

    @property
    def allow_horizontal_scroll(self) -> bool:
        """The wheel scrolls sideways, too, though no bar is seen: that would take a row."""
        return self.max_scroll_x > 0

    # -- scrolling -------------------------------------------------------------------------------------------

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
            left = x + area.w - width + min(around, CONTEXT[0])
        if y < top:
            top = y - rows
        elif y >= top + height:
            top = y - height + 1 + rows
        self._scroll(Offset(left, top))

    def _hold(self, area: Area, cell: Offset, *, loose: bool) -> None:
        """Scroll so that a box begins in a cell of the widget, with blank cells where that takes them.

        `loose`: as nearly as that goes without blank cells, and with all of the picture where there is room for it.
        """
        wanted = Offset(area.x + GUTTER, area.y) - cell
        layered = self._view is View.LAYERS
        if not layered:
            wanted = Offset(0, wanted.y)
        if loose and self._drawn is not None:
            width, height = self._room
            most_x = max(0, self._drawn.width + GUTTER + 1 - width) if layered else 0
            most_y = max(0, self._drawn.height - height)
            wanted = Offset(max(0, min(wanted.x, most_x)), max(0, min(wanted.y, most_y)))
        pad = Offset(max(0, -wanted.x), max(0, -wanted.y))
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
