"""What tables of rows in columns share: how a row and the headings are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from wftui.present.columns import GAP, fit
from wftui.widgets.cursor_lines import GUTTER, MARGIN, CursorLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.present.columns import Column, Placed, Span


class ColumnLines(CursorLines):
    """Rows in columns below one line of headings. Who is one tells its columns and what stands in them.

    Args:
        glyphs: The characters to draw with.
    """

    _placed: tuple[Placed, ...] = ()

    def _columns(self) -> Sequence[Column]:
        """The columns that there may be; as many as fit are drawn."""
        raise NotImplementedError

    def _spans(self, index: int, place: Placed) -> Sequence[Span]:
        """What stands in a column of a row."""
        raise NotImplementedError

    def _heading(self, place: Placed) -> tuple[str, str]:
        """The heading of a column, and its tone."""
        return place.column.title, "muted"

    def _nothing(self) -> str:
        """What stands in the place of no rows."""
        raise NotImplementedError

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen; the first holds the headings."""
        width = self.size.width
        if y < self.HEADINGS:
            return self._headings().adjust_cell_length(width, self.style_of("muted"))
        index = self.scroll_offset.y + y - self.HEADINGS
        if index >= self._count():
            text = f"  {self._nothing()}" if not self._count() and y == self.HEADINGS + 1 else ""
            return Strip([Segment(text, self.style_of("muted"))]).adjust_cell_length(width, self.style_of(""))
        under = self._under(index)
        pointer = self._glyphs.cursor if index == self._cursor else " "
        segments = [Segment(pointer, self.style_of(under, "pointer")), Segment(" ", self.style_of(under))]
        for at, place in enumerate(self._placed):
            if at:
                segments.append(Segment(" " * GAP, self.style_of(under)))
            segments += self.cell_segments(self._spans(index, place), place.width, under, right=place.column.right)
        return Strip(segments).adjust_cell_length(width, self.style_of(under))

    def _headings(self) -> Strip:
        segments = [Segment(" " * GUTTER, self.style_of("muted"))]
        for at, place in enumerate(self._placed):
            title, tone = self._heading(place)
            text = title.rjust(place.width) if place.column.right else set_cell_size(title, place.width)
            segments.append(Segment(" " * GAP if at else "", self.style_of("muted")))
            segments.append(Segment(text, self.style_of(tone)))
        return Strip(segments)

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self._place()
        self._scroll_to_cursor()

    def _place(self) -> None:
        """Lay the columns out for the rows and the width that there are."""
        width = self.size.width
        self._placed = fit(self._columns(), max(1, width - GUTTER - MARGIN)) if width else ()
        self.virtual_size = Size(width, self._count() + self.HEADINGS)
        self.redraw()
