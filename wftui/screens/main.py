"""The main screen: what comes in, what each key does."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from wftui.monitor.events import Health
from wftui.present.keys import Place
from wftui.present.rows import RowModel
from wftui.present.text import visible
from wftui.present.workflow_cells import columns_for
from wftui.screens.action_keys import ActionKeys
from wftui.screens.choose import ColumnsScreen, SortScreen, next_sort
from wftui.screens.notice import NoticeScreen
from wftui.widgets.bindings import binding_of, bindings
from wftui.widgets.column_headings import ColumnHeadings
from wftui.widgets.empty_page import EmptyPage
from wftui.widgets.filter_bar import FilterBar
from wftui.widgets.header_bar import HeaderBar, HeaderFacts
from wftui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from wftui.messages import (
        DetailUpdated,
        Expected,
        OutputArrived,
        Remarked,
        SourceUpdated,
        ValuesArrived,
        WorkflowsUpdated,
    )
    from wftui.monitor.monitor import Monitor
    from wftui.present.order import Sort
    from wftui.screens.output import OutputShown
    from wftui.screens.settings import Settings
    from wftui.screens.task_values import TaskValuesShown
    from wftui.widgets.task_pane import TaskPane
    from wftui.widgets.task_table import TaskTable
    from wftui.widgets.travelling import Travelling
    from wftui.widgets.workflow_table import WorkflowTable

# Up to so many rows are filtered with every key.
QUICK = 150_000


class MainScreen(ActionKeys, inherit_bindings=False):
    """Owns what is looked at: rows, cursor, filter, marks, the open workflow.

    Args:
        monitor: Watches the sources.
        settings: What the app goes by.
    """

    BINDINGS: ClassVar = [*bindings(Place.MAIN), *(binding_of(key) for key in ("app.next", "app.previous"))]

    def __init__(self, monitor: Monitor, settings: Settings) -> None:
        super().__init__(monitor, settings, RowModel())
        self._paused = False
        self._reveals = settings.show_secrets

    # Of tasks: nothing that the first rows of the list should wait for.
    @cached_property
    def _values(self) -> TaskValuesShown:
        from wftui.screens.task_values import TaskValuesShown

        return TaskValuesShown(self, self.monitor)

    @cached_property
    def _output(self) -> OutputShown:
        from wftui.screens.output import OutputShown

        return OutputShown(self, self.monitor)

    def on_mount(self) -> None:
        """Start with the list."""
        self._show_all()
        self.table.reveal(self._reveals)
        self.table.focus()

    # -- news ------------------------------------------------------------------------------------------------

    def on_workflows_updated(self, message: WorkflowsUpdated) -> None:
        """Rows are new."""
        read = self.table.cursor_row if self._is_reading else None
        self.table.apply(message.changes)
        self._show_all()
        if read is not None and self.model.get(read.key) is None:
            # Another workflow must not take its place unseen, under fingers that are about to act on this one.
            self.show_list()
            self.acting.gone(read.key)

    def on_source_updated(self, message: SourceUpdated) -> None:
        """A source is up, down, loading."""
        self._states[message.state.info.target] = message.state
        waiting = (Health.CONNECTING, Health.LISTING)
        self.table.loaded(all(state.health not in waiting for state in self._states.values()))
        still = (Health.DOWN, Health.PAUSED)
        frozen = {s.info.target: s.as_of for s in self.states if s.health in still and s.as_of is not None}
        self.table.freeze(frozen)
        self.tabs.freeze(frozen)
        self._show_all()

    def on_detail_updated(self, message: DetailUpdated) -> None:
        """The open workflow was read."""
        self._following.arrived(message.event, self.model.get(message.event.key))
        self._values.offer()
        self._output.offer()

    def on_travelling_travelled(self, message: Travelling.Travelled) -> None:
        """Another moment of the open workflow is shown."""
        self._following.travelled(message.detail)

    def on_task_pane_values_wanted(self, message: TaskPane.ValuesWanted) -> None:
        """A task's arguments and output are asked for."""
        self._values.ask(message)

    def on_values_arrived(self, message: ValuesArrived) -> None:
        """They are known."""
        self._values.arrived(message.event)

    def on_output_arrived(self, message: OutputArrived) -> None:
        """A task printed more."""
        self._output.arrived(message.event)

    def on_remarked(self, message: Remarked) -> None:
        """Something is to be said."""
        self.app.notify(visible(message.event.text), severity="warning", markup=False)

    def on_expected(self, message: Expected) -> None:
        """When the open workflow will be done is known."""
        self._following.expected(message)

    # -- what the widgets tell -------------------------------------------------------------------------------

    def on_workflow_table_highlighted(self) -> None:
        """The cursor is on another row."""
        self._following.rest(self._seen_row)
        self.offer()

    def on_detail_tabs_task_selected(self) -> None:
        """Another task may be acted on alone."""
        self._values.offer()  # the panes are made when there is something to show in them
        self._output.offer()
        self.offer_tasks()

    def on_workflow_table_opened(self) -> None:
        """Go to the details."""
        self.show_detail()

    def on_workflow_table_visible(self, message: WorkflowTable.Visible) -> None:
        """What is on screen is filled in first."""
        self.monitor.show_rows(message.keys)

    def on_task_table_visible(self, message: TaskTable.Visible) -> None:
        """Where reading costs, only the tasks on screen are read in full."""
        self._following.show_tasks(message.task_ids)

    def on_workflow_table_marked(self) -> None:
        """Actions take other rows."""
        self.offer()
        self.query_one(StatusBar).show(self.states, marked=len(self.table.marks))
        self.refresh_bindings()

    def on_filter_bar_changed(self, message: FilterBar.Changed) -> None:
        """Show other rows."""
        self.table.filter_by(message.filter)
        self._show_all()
        self.refresh_bindings()

    def on_filter_bar_closed(self) -> None:
        """Back to the list."""
        self.table.focus()

    def on_column_headings_chosen(self, message: ColumnHeadings.Chosen) -> None:
        """Sort by the column that was clicked."""
        column = next(place.column for place in self.table.placed if place.column.id == message.column)
        self.sort_by(next_sort(column, self.model.sort))

    # -- keys ------------------------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """What the sources cannot do, or may not, is not offered."""
        if (may_act := self.may_act(action)) is not None:
            return may_act
        if action == "filter":
            # Its key goes before all others, so that what is typed in the same breath goes into the line; in there
            # a slash is a slash.
            return not self.is_mounted or not (self.query_one(FilterBar).has_focus_within or self.tabs.is_searching)
        if action == "values":
            return self.is_mounted and self.tabs.detail is not None and self._values.can_toggle
        if action == "output":
            return self.is_mounted and self.tabs.detail is not None and self._output.can_show
        if action in ("sort", "columns"):
            return not self.list_is_hidden
        if action == "back":
            return self.is_mounted and self._back_to() != ""
        if action == "problems":
            return any(state.problems for state in self._states.values())
        return True

    def action_filter(self) -> None:
        """Type a filter; in the graph, what to search it for."""
        if self.tabs.can_search:
            self.tabs.search()
            return
        self.show_list(focus=False)
        self.query_one(FilterBar).open()
        self.call_after_refresh(self.model.expect_filter)

    def action_sort(self) -> None:
        """Choose the order."""
        choice = self.model.choice(self.table.metadata_columns, several_sources=len(self._states) > 1)
        screen = SortScreen(columns_for(choice), self.model.sort, self.settings.glyphs)
        self.app.push_screen(screen, lambda sort: self.sort_by(sort) if sort is not None else None)

    def action_columns(self) -> None:
        """Choose columns of user metadata."""

        def chosen(keys: tuple[str, ...] | None) -> None:
            if keys is not None:
                self.show_columns(keys)

        self.app.push_screen(ColumnsScreen(self.model.metadata_keys, self.table.metadata_columns), chosen)

    def action_copy_id(self) -> None:
        """Copy the id as it is; what no clipboard can hold is copied as it is shown."""
        row = self.table.cursor_row
        if row is None:
            return
        raw = row.key.id
        whole = not any(0xD800 <= ord(char) <= 0xDFFF for char in raw)
        self.app.copy_to_clipboard(raw if whole else visible(raw))
        remark = "" if whole else ", as it is shown: it is not text"
        self.app.notify(f"copied {visible(raw)}{remark}", markup=False)

    def action_pause(self) -> None:
        """Stop looking, or look again."""
        self._paused = not self._paused
        self.monitor.pause(self._paused)

    def action_refresh(self) -> None:
        """Look now."""
        self.monitor.refresh()

    def action_secrets(self) -> None:
        """Show what looks like secrets until asked again, or not any more."""
        self._reveals = not self._reveals
        self.table.reveal(self._reveals)
        self.tabs.reveal(self._reveals)
        shown = "shown until you press it again" if self._reveals else "masked"
        self.app.notify(f"secrets in metadata are {shown}", markup=False)

    def action_values(self) -> None:
        """Show what the selected task was given and gave back, or not any more."""
        self._values.toggle()

    def action_output(self) -> None:
        """Show what the selected task prints."""
        self._output.show()

    def action_problems(self) -> None:
        """Show what could not be read."""
        problems = [(problem.path, problem.what) for state in self.states for problem in state.problems]
        self.app.push_screen(NoticeScreen("Problems", problems))

    def action_back(self) -> None:
        """From the details to the list; in the list drop the filter, then the marks."""
        back_to = self._back_to()
        if back_to == "list":
            self.show_list()
        elif back_to == "all":
            self.query_one(FilterBar).clear()
        elif back_to == "unmarked":
            self.table.clear_marks()

    def _back_to(self) -> str:
        """What escape leads to now; "" for nothing."""
        if not self.table.has_focus and self.table.cursor_row is not None:
            return "list"
        if self.query_one(FilterBar).filter.text:
            return "all"
        return "unmarked" if self.table.marks else ""

    # -- view state ------------------------------------------------------------------------------------------

    def sort_by(self, sort: Sort) -> None:
        """Take another order."""
        self.table.sort_by(sort)

    def show_columns(self, metadata: tuple[str, ...]) -> None:
        """Choose columns of user metadata."""
        self.table.show_columns(metadata, several_sources=len(self._states) > 1)

    def set_filter(self, text: str) -> None:
        """Filter by this text."""
        self.query_one(FilterBar).set_text(text)

    # -- inside ----------------------------------------------------------------------------------------------

    def _show_all(self) -> None:
        table, states = self.table, self.states
        filtered = self.query_one(FilterBar).filter.accepts is not None
        read_only = self.settings.read_only or (bool(states) and all(state.read_only for state in states))
        self.query_one(HeaderBar).show(
            HeaderFacts(states, self.model.counts, self.model.total, len(self.model) if filtered else None, read_only)
        )
        self.query_one(StatusBar).show(states, marked=len(table.marks))
        empty = not len(self.model)
        page = self.query_one(EmptyPage)
        page.show(states, filtered=filtered, total=self.model.total)
        page.set_class(empty, "-empty")
        table.set_class(empty, "-empty")
        self.query_one(ColumnHeadings).set_class(empty, "-empty")
        if not empty and self.focused is None and self.is_current:
            table.focus()  # it lost the focus while it was hidden
        table.show_columns(table.metadata_columns, several_sources=len(states) > 1)
        self.query_one(FilterBar).quick(self.model.total <= QUICK)
        self.offer()
