"""A screen of two panes: the list, and the details of the selected workflow beside, below or instead of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Vertical
from textual.screen import Screen

from wftui.present.panes import LIST_AT_LEAST, Panes, panes_for
from wftui.screens.expecting import Expecting
from wftui.screens.following import Following
from wftui.widgets.column_headings import ColumnHeadings
from wftui.widgets.detail_tabs import DetailTabs
from wftui.widgets.empty_page import EmptyPage
from wftui.widgets.filter_bar import FilterBar
from wftui.widgets.header_bar import HeaderBar
from wftui.widgets.key_bar import KeyBar
from wftui.widgets.status_bar import StatusBar
from wftui.widgets.workflow_heading import WorkflowHeading
from wftui.widgets.workflow_table import WorkflowTable

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.geometry import Size

    from wftui.model.workflow import WorkflowSummary
    from wftui.monitor.monitor import Monitor
    from wftui.present.rows import RowModel
    from wftui.screens.settings import Settings


class PanedScreen(Screen[None], inherit_bindings=False):
    """Holds the widgets, as many panes of them as there is room for, and goes from one pane to the other.

    Args:
        monitor: Watches the sources.
        settings: What the app goes by.
        model: The rows of the list.
    """

    DEFAULT_CSS = """
    PanedScreen {
        layout: vertical;
        #body { height: 1fr; width: 1fr; layout: vertical; }
        #list, #detail { width: 1fr; height: 1fr; }
        WorkflowTable.-empty, ColumnHeadings.-empty { display: none; }
        EmptyPage.-empty { display: block; }
        &.-one #detail { display: none; }
        &.-one.-detail #detail { display: block; }
        &.-one.-detail #list { display: none; }
        &.-stacked #list { height: 2fr; }
        &.-stacked #detail { height: 3fr; }
        &.-beside #body { layout: horizontal; }
        &.-beside #list { width: 2fr; min-width: LIST_AT_LEAST; }
        &.-beside #detail { width: 3fr; }
        &.-whole #list { display: none; }
    }
    """.replace("LIST_AT_LEAST", str(LIST_AT_LEAST))

    def __init__(self, monitor: Monitor, settings: Settings, model: RowModel) -> None:
        super().__init__()
        self.monitor = monitor
        self.settings = settings
        self.model = model
        self._panes = Panes.ONE
        self._following = Following(self, monitor, Expecting(self, monitor, model, settings.clock))

    def compose(self) -> ComposeResult:
        """Head, list and details, trouble, keys."""
        self._arrange(self.app.size)  # before they are there: else all of them would be styled twice
        clock, glyphs = self.settings.clock, self.settings.glyphs
        table = WorkflowTable(self.model, clock=clock, glyphs=glyphs, id="table")
        yield HeaderBar(clock=clock, glyphs=glyphs)
        with Container(id="body"):
            with Vertical(id="list"):
                yield FilterBar(id="filter")
                yield ColumnHeadings(table, glyphs)
                yield table
                yield EmptyPage()
            with Vertical(id="detail"):
                yield WorkflowHeading(clock=clock, glyphs=glyphs)
                yield DetailTabs(clock=clock, glyphs=glyphs, show_secrets=self.settings.show_secrets, id="tabs")
        yield StatusBar(clock=clock, glyphs=glyphs)
        yield KeyBar()

    @property
    def table(self) -> WorkflowTable:
        """The list."""
        return self.query_one(WorkflowTable)

    @property
    def tabs(self) -> DetailTabs:
        """The details."""
        return self.query_one(DetailTabs)

    @property
    def settled(self) -> bool:
        """Whether the selected workflow is the one whose details are shown, and all of them are there."""
        return self._following.settled(self._seen_row) and (self._seen_row is None or self.tabs.settled)

    @property
    def _seen_row(self) -> WorkflowSummary | None:
        """The row under the cursor, if there is a place where its details are seen."""
        seen = self._panes is not Panes.ONE or self.has_class("-detail")
        return self.table.cursor_row if seen else None

    @property
    def list_is_hidden(self) -> bool:
        """Whether the details have all the room."""
        return self.has_class("-whole") or (self._panes is Panes.ONE and self.has_class("-detail"))

    @property
    def _is_reading(self) -> bool:
        """Whether the user is in the details."""
        return self.list_is_hidden or self._is_in_detail

    def on_resize(self, event: events.Resize) -> None:
        """As many panes as there is room for."""
        if self._arrange(event.size):
            self.update_node_styles()
        self._following.rest(self._seen_row)

    def _arrange(self, size: Size) -> bool:
        """As many panes as so many cells have room for; whether that is another number than before."""
        before, self._panes = self._panes, panes_for(size.width, size.height)
        for panes in Panes:
            self.set_class(panes is self._panes, panes.value, update=False)
        return before is not self._panes

    # -- from pane to pane -----------------------------------------------------------------------------------

    def action_tab(self, tab: str) -> None:
        """Show a tab of the details; where the list is beside them, the keys stay with the list."""
        in_list = self.table.has_focus and self._panes is not Panes.ONE
        self.tabs.go_to(tab, focus=False)
        self.show_detail(focus=not in_list)

    def action_whole(self) -> None:
        """Give the details the whole screen, or not any more; where they have it anyway, nothing."""
        if self._panes is Panes.ONE or self.table.cursor_row is None:
            return
        self.toggle_class("-whole")
        if self.has_class("-whole") and not self._is_in_detail:
            self.show_detail()
        self.refresh_bindings()

    @property
    def _is_in_detail(self) -> bool:
        return self.focused is not None and self.focused in self.query("#detail *")

    def show_detail(self, *, focus: bool = True) -> None:
        """Go to the details of the row under the cursor."""
        row = self.table.cursor_row
        if row is None:
            return
        self.add_class("-detail")
        if focus:
            self._following.enter(row)
        else:
            self._following.rest(row)
        self.refresh_bindings()

    def show_list(self, *, focus: bool = True) -> None:
        """Go to the list."""
        self.remove_class("-detail", "-whole")
        self._following.leave()
        if focus:
            self.table.focus()
        self._following.rest(self._seen_row)
        self.refresh_bindings()
