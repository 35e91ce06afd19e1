"""The line of headings over the list; a click sorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from wftui.present.columns import GAP
from wftui.widgets.row_strips import GUTTER

if TYPE_CHECKING:
    from textual import events

    from wftui.present.columns import Placed
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.workflow_table import WorkflowTable


class ColumnHeadings(Widget):
    """Names the columns of a table and marks the sorted one.

    Args:
        table: The table below.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    ColumnHeadings { height: 1; width: 1fr; }
    """

    @dataclass
    class Chosen(Message):
        """A heading was clicked."""

        column: str

    def __init__(self, table: WorkflowTable, glyphs: Glyphs) -> None:
        super().__init__()
        self._table = table
        self._glyphs = glyphs
        self._drawn_for: tuple[object, ...] = ()

    def on_mount(self) -> None:
        """Follow the table's columns and order."""
        self.watch(self._table, "layout_version", self._follow, init=False)

    def _follow(self) -> None:
        now = (self._table.placed, self._table.model.sort)
        if now != self._drawn_for:
            self._drawn_for = now
            self.refresh()

    def render(self) -> Content:
        """The headings, each over its column."""
        parts: list[Content] = [Content(" " * GUTTER)]
        for at, place in enumerate(self._table.placed):
            parts.append(Content((" " * GAP) if at else ""))
            parts.append(self._heading(place))
        return Content("").join(parts)

    def _heading(self, place: Placed) -> Content:
        sort = self._table.model.sort
        active = sort.column == place.column.id
        arrow = (self._glyphs.down if sort.descending else self._glyphs.up) if active else ""
        title = place.column.title
        text = f"{title} {arrow}" if arrow else title
        if cell_len(text) > place.width:
            text = set_cell_size(title, max(0, place.width - len(arrow))) + arrow
        text = text.rjust(place.width) if place.column.right else set_cell_size(text, place.width)
        return Content.styled(text, "bold $foreground" if active else "$foreground-muted")

    def on_click(self, event: events.Click) -> None:
        """Sort by the column that was hit."""
        x = GUTTER
        for place in self._table.placed:
            if x <= event.x < x + place.width + GAP:
                self.post_message(self.Chosen(place.column.id))
                return
            x += place.width + GAP
