"""Small dialogs to choose from a list: the column to sort by, the columns to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from wftui.present.order import Sort
from wftui.present.text import visible
from wftui.screens.dialog import Dialog
from wftui.widgets.tick import Tick
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wftui.present.columns import Column
    from wftui.present.glyphs import Glyphs


class SortScreen(Dialog[Sort]):
    """Choose a column; choosing the sorted one again turns the order.

    Args:
        columns: What can be sorted by.
        sort: The order now.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    SortScreen {
        & > .box { width: 40; }
        OptionList { min-width: 8; max-height: 1fr; margin-top: 1; padding: 0; }
        OptionList, OptionList:focus { border: none; }
    }
    """

    def __init__(self, columns: Sequence[Column], sort: Sort, glyphs: Glyphs) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._sort = sort
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """A title and the columns."""
        with Vertical(classes="box"):
            yield Static(toned("Sort by", "strong"), classes="title")
            options = OptionList(*(Option(self._prompt(column)) for column in self._columns), markup=False)
            options.styles.height = len(self._columns)  # its own reckoning fails where there is no room at all
            yield options

    def on_mount(self) -> None:
        """Start at the next column, so that pressing the key again and again cycles."""
        options = self.query_one(OptionList)
        ids = [column.id for column in self._columns]
        options.highlighted = ids.index(self._sort.column) if self._sort.column in ids else 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with the order."""
        self.dismiss(next_sort(self._columns[event.option_index], self._sort))

    def _prompt(self, column: Column) -> Content:
        name = column.title.capitalize()
        if column.id != self._sort.column:
            return toned(f"  {name}")
        arrow = self._glyphs.down if self._sort.descending else self._glyphs.up
        return Content("").join([toned(f"{arrow} ", "running"), toned(name, "strong")])


def next_sort(column: Column, sort: Sort) -> Sort:
    """The order after a column was chosen: its natural one, or turned when it was the sorted one."""
    if column.id == sort.column:
        return Sort(column.id, not sort.descending)
    return Sort(column.id, column.newest_first)


class ColumnsScreen(Dialog[tuple[str, ...]]):
    """Choose keys of user metadata to show as columns.

    Args:
        keys: The keys there are, raw, the most common first.
        chosen: Those that are columns now.
    """

    DEFAULT_CSS = """
    ColumnsScreen {
        & > .box { width: 50; }
        #ticks { height: auto; max-height: 1fr; margin-top: 1; }
    }
    """

    def __init__(self, keys: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._keys = tuple(dict.fromkeys([*chosen, *keys]))
        self._chosen = tuple(chosen)

    def compose(self) -> ComposeResult:
        """A title, the keys, what to press."""
        with Vertical(classes="box"):
            yield Static(toned("Columns of user metadata", "strong"), classes="title")
            if self._keys:
                with VerticalScroll(id="ticks", can_focus=False):
                    for key in self._keys:
                        yield Tick(visible(key), key in self._chosen)
            else:
                yield Static(toned("No workflow carries user metadata.", "muted"))
            yield Static(toned("space chooses, escape closes", "muted"), classes="foot")

    def action_close(self) -> None:
        """Answer with what is chosen now: nothing here can be lost."""
        if not self._keys:
            self.dismiss(None)
            return
        ticks = self.query(Tick)
        self.dismiss(tuple(key for key, tick in zip(self._keys, ticks, strict=True) if tick.value))
