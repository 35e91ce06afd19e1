"""What tables of rows below headings share: the cursor on a row, its keys, and that it stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from wftui.widgets.toned_lines import TonedLines

if TYPE_CHECKING:
    from textual import events

# The pointer and a space before a row, a cell beside the scroll bar behind it.
GUTTER, MARGIN = 2, 1


class CursorLines(TonedLines):
    """Lines with a cursor. Who is one tells how many rows there are, what a move does and what is opened.

    Args:
        glyphs: The characters to draw with.
    """

    HEADINGS: ClassVar[int] = 1
    """The lines above the rows, which do not scroll."""

    _cursor = 0

    def _count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def _move(self, index: int) -> None:
        """Put the cursor on a row, or on the one nearest to it."""
        raise NotImplementedError

    def action_open(self) -> None:
        """Open what is under the cursor."""
        raise NotImplementedError

    # -- keys and mouse --------------------------------------------------------------------------------------

    def action_cursor(self, by: int) -> None:
        """Move by so many rows."""
        self._move(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move by so many pages."""
        self._move(self._cursor + by * max(1, self.size.height - 1 - self.HEADINGS))

    def action_first(self) -> None:
        """To the first row."""
        self._move(0)

    def action_last(self) -> None:
        """To the last row."""
        self._move(self._count() - 1)

    def on_click(self, event: events.Click) -> None:
        """Choose a row, open it with the second click."""
        index = self.scroll_offset.y + event.y - self.HEADINGS
        if event.y < self.HEADINGS or not 0 <= index < self._count():
            return
        again = index == self._cursor and event.chain > 1
        self._move(index)
        if again:
            self.action_open()

    def watch_has_focus(self, value: bool) -> None:
        """The cursor looks different without the focus."""
        super().watch_has_focus(value)
        self.refresh_line(self._cursor + self.HEADINGS)

    # -- inside ----------------------------------------------------------------------------------------------

    def _under(self, index: int) -> str:
        """The tone below a row: that of the cursor, or none."""
        return ("cursor" if self.has_focus else "cursor-blurred") if index == self._cursor else ""

    def _scroll_to_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height - self.HEADINGS
        if self._cursor < top:
            self.scroll_now(max(0, self._cursor))
        elif height > 0 and self._cursor >= top + height:
            self.scroll_now(self._cursor - height + 1)
