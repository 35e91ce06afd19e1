"""The list: a virtual table that draws only the lines on screen, however many rows there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from wftui.present.columns import Placed, fit
from wftui.present.keys import Place
from wftui.present.workflow_cells import columns_for, ticks
from wftui.widgets.bindings import bindings
from wftui.widgets.cursor_lines import CursorLines
from wftui.widgets.row_strips import GUTTER, RowStrips

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.timer import Timer

    from wftui.model.change import Change
    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.present.filters import Filter
    from wftui.present.glyphs import Glyphs
    from wftui.present.order import Sort
    from wftui.present.rows import RowModel


class WorkflowTable(CursorLines, inherit_bindings=False):
    """Rows of a `RowModel` by Textual's line API.

    The cursor is a workflow, not a line: whatever arrives, it stays on its workflow, and as far as there is anything
    to scroll also on its line of the screen. Before the first listing is complete and nothing was touched it
    stays on top.

    Args:
        model: The rows. Only this widget's methods change it.
        clock: For durations that grow.
        glyphs: The characters to draw with.
    """

    BINDINGS = bindings(Place.LIST)
    HEADINGS: ClassVar[int] = 0  # those of the list are a widget of their own

    # Sorting, filtering and metadata columns change this; the headings watch it.
    layout_version: reactive[int] = reactive(0, init=False)

    @dataclass
    class Highlighted(Message):
        """The cursor is on another workflow, or its row is new. `row` is None in an empty list."""

        row: WorkflowSummary | None

    @dataclass
    class Opened(Message):
        """A row was chosen."""

        key: WorkflowKey

    @dataclass
    class Visible(Message):
        """Other rows are on screen now."""

        keys: tuple[WorkflowKey, ...]

    class Marked(Message):
        """Other rows are marked."""

    def __init__(self, model: RowModel, *, clock: Clock, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self.model = model
        self._clock = clock
        self._strips = RowStrips(glyphs)
        self._cursor = 0
        self._key: WorkflowKey | None = None
        self._told: WorkflowSummary | None = None
        self._visible: tuple[WorkflowKey, ...] = ()
        self._marks: set[WorkflowKey] = set()
        self._metadata: tuple[str, ...] = ()
        self._several = False
        self._reveals = False
        self._loading = True
        self._frozen: Mapping[str, float] = {}
        self._touched = False
        self._placed: tuple[Placed, ...] = ()
        self._placed_for: tuple[object, ...] = ()
        self._ticking: Timer | None = None

    # -- what others read ------------------------------------------------------------------------------------

    @property
    def cursor_row(self) -> WorkflowSummary | None:
        """The row under the cursor."""
        return self.model.at(self._cursor) if len(self.model) else None

    @property
    def cursor(self) -> int:
        """The place of the cursor among the rows shown."""
        return self._cursor

    @property
    def marks(self) -> frozenset[WorkflowKey]:
        """The marked workflows."""
        return frozenset(self._marks)

    @property
    def chosen(self) -> tuple[WorkflowKey, ...]:
        """What an action takes: the marked rows in order, or else the one under the cursor."""
        if self._marks:
            order = {key: at for key in self._marks if (at := self.model.index_of(key)) is not None}
            return tuple(sorted(order, key=order.__getitem__))
        row = self.cursor_row
        return (row.key,) if row else ()

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The columns with their widths."""
        choice = self.model.choice(self._metadata, several_sources=self._several, show_secrets=self._reveals)
        wanted = (choice, self._width)
        if wanted != self._placed_for:
            self._placed_for = wanted
            self._placed = fit(columns_for(choice), max(1, self._width - GUTTER))
        return self._placed

    @property
    def metadata_columns(self) -> tuple[str, ...]:
        """The keys of user metadata that are columns."""
        return self._metadata

    # -- what others change ----------------------------------------------------------------------------------

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in what is new, without moving what is looked at."""

        def change() -> None:
            self.model.apply(changes)
            if self._marks:
                self._marks = {key for key in self._marks if self.model.get(key) is not None}

        self._keeping_place(change)

    def loaded(self, complete: bool) -> None:
        """Whether the first listing is complete: from then on the cursor stays with its workflow."""
        self._loading = not complete

    def freeze(self, frozen: Mapping[str, float]) -> None:
        """Sources that are not looked at, by target, with the time that is known up to: nothing grows there."""
        if frozen != self._frozen:
            self._frozen = frozen
            self.redraw()

    def sort_by(self, sort: Sort) -> None:
        """Take another order; the cursor stays on its workflow, which is scrolled into view."""
        self.model.sort_by(sort)
        self._find_cursor()
        self._settle(scroll=True)

    def filter_by(self, wanted: Filter) -> None:
        """Show only what is accepted."""
        self.model.filter_by(wanted)
        self._find_cursor()
        self._settle(scroll=True)

    def show_columns(self, metadata: tuple[str, ...], *, several_sources: bool) -> None:
        """Choose columns."""
        if (metadata, several_sources) != (self._metadata, self._several):
            self._metadata, self._several = metadata, several_sources
            self._settle()

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets in columns of metadata, or not any more."""
        self._reveals = show_secrets
        self._settle()

    def go_to(self, key: WorkflowKey) -> bool:
        """Put the cursor on a workflow; False when it is not among the rows shown."""
        index = self.model.index_of(key)
        if index is None:
            return False
        self._move(index)
        return True

    def clear_marks(self) -> None:
        """Mark nothing."""
        self._marks.clear()
        self.redraw()
        self.post_message(self.Marked())

    # -- keys ------------------------------------------------------------------------------------------------

    def action_open(self) -> None:
        """Open the row under the cursor."""
        self._touched = True
        if self.cursor_row is not None:
            self.post_message(self.Opened(self.cursor_row.key))

    def action_mark(self) -> None:
        """Mark the row, or not, and go on to the next."""
        row = self.cursor_row
        if row is not None:
            self._marks ^= {row.key}
            self.redraw()
            self.post_message(self.Marked())
            self._move(self._cursor + 1)

    def action_mark_all(self) -> None:
        """Mark all rows shown; when they all are, none."""
        shown = set(self.model.keys(0, len(self.model)))
        self._marks = self._marks - shown if shown <= self._marks else self._marks | shown
        self.redraw()
        self.post_message(self.Marked())

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index = self.scroll_offset.y + y
        width = self._width
        if index >= len(self.model):
            return Strip.blank(width, self.rich_style)
        row = self.model.at(index)
        marked = row.key in self._marks
        now = self._frozen.get(row.key.target, self._clock.time())
        return self._strips.strip(self, row, self.placed, width, now, look=self._under(index), marked=marked)

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._strips.clear()
        super().notify_style_update()

    def on_mount(self) -> None:
        """Be ready to tick, once a second, while a visible row runs."""
        self._ticking = self.set_interval(1.0, self._tick, pause=True)

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self._settle(scroll=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are visible."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._tell_visible()

    @property
    def _width(self) -> int:
        """Cells beside the scrollbar."""
        return self.scrollable_content_region.width

    # -- inside ----------------------------------------------------------------------------------------------

    def _count(self) -> int:
        return len(self.model)

    def _keeping_place(self, change: Callable[[], None]) -> None:
        line = self._cursor - self.scroll_offset.y
        is_unmoved = not self._touched and self.scroll_offset.y == self._unmoved_top
        change()
        on_top = self._loading and not self._touched
        if on_top:
            self._cursor = 0
            self._key = None
        self._find_cursor()
        self._settle()
        if not on_top:
            self.scroll_now(self._unmoved_top if is_unmoved else self._cursor - line)

    @property
    def _unmoved_top(self) -> int:
        """The first line as long as nobody moved: what fails comes in at the top, so that is in sight, if it can be."""
        return max(0, self._cursor - self.scrollable_content_region.height + self.HEADINGS + 1)

    def _find_cursor(self) -> None:
        """Follow the cursor's workflow; where it is gone, stay on the same place of the list."""
        index = self.model.index_of(self._key) if self._key is not None else None
        self._cursor = max(0, min(self._cursor if index is None else index, len(self.model) - 1))

    def _move(self, index: int) -> None:
        self._touched = True
        before, self._cursor = self._cursor, max(0, min(index, len(self.model) - 1))
        self._scroll_to_cursor()
        self.refresh_line(before)
        self.refresh_line(self._cursor)
        self._tell_cursor()

    def _settle(self, *, scroll: bool = False) -> None:
        """After any change of rows, order or width."""
        size = Size(self._width, len(self.model))
        if size != self.virtual_size:
            self.virtual_size = size
        if scroll:
            self._scroll_to_cursor()
        self.layout_version += 1
        self.redraw()
        self._tell_cursor()
        self._tell_visible()

    def _tell_cursor(self) -> None:
        row = self.cursor_row
        self._key = row.key if row else None
        if self.model.keep(self._key):
            self._keeping_place(lambda: None)  # the row before stood here only because the cursor was on it
            return
        if row is not self._told:
            self._told = row
            self.post_message(self.Highlighted(row))

    def _tell_visible(self) -> None:
        top = self.scroll_offset.y
        keys = self.model.keys(top, top + self.size.height)
        if self._ticking is not None:
            rows = (self.model.get(key) for key in keys)
            (self._ticking.resume if any(row and self._ticks(row) for row in rows) else self._ticking.pause)()
        if keys != self._visible:
            self._visible = keys
            self.post_message(self.Visible(keys))

    def _ticks(self, row: WorkflowSummary) -> bool:
        return ticks(row) and row.key.target not in self._frozen

    def _tick(self) -> None:
        top = self.scroll_offset.y
        for line, key in enumerate(self._visible):
            row = self.model.get(key)
            if row is not None and self._ticks(row):
                self.refresh_line(top + line)
