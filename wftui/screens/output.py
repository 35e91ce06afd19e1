"""What a task prints, over everything else: followed, searched, saved."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.content import Content
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from wftui.model.output import Stream
from wftui.present.output_words import (
    Following,
    OutputState,
    as_of_words,
    empty_words,
    file_name,
    file_text,
    state_words,
)
from wftui.present.text import visible
from wftui.screens.save_output import SaveScreen
from wftui.widgets.graph_search import GraphSearch, SearchInput
from wftui.widgets.key_bar import KeyBar
from wftui.widgets.output_view import OutputView
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.events import OutputRead
    from wftui.monitor.monitor import Monitor
    from wftui.present.glyphs import Glyphs
    from wftui.screens.paned import PanedScreen


class OutputScreen(Screen[None], inherit_bindings=False):
    """The task, how it is followed, its rows, a line to search, the keys.

    Args:
        key: The workflow.
        task_id: The task.
        monitor: Follows it.
        glyphs: The characters to draw with.
        past: What is to be said where the past is looked at; "" in the present.
    """

    DEFAULT_CSS = """
    OutputScreen {
        layout: vertical;
        #output-title { height: auto; max-height: 4; width: 1fr; padding: 0 1; }
        #output-state { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #output-note, #output-past { height: auto; max-height: 4; width: 1fr; padding: 0 1; display: none; }
        #output-note.-there, #output-past.-there { display: block; }
        OutputView { height: 1fr; }
    }
    """

    def __init__(self, key: WorkflowKey, task_id: str, monitor: Monitor, glyphs: Glyphs, past: str = "") -> None:
        super().__init__()
        self._past = past
        self._key = key
        self._task_id = task_id
        self._monitor = monitor
        self._glyphs = glyphs
        self._following = Following.READING
        self._trouble = ""
        self._retries = False
        self._note = ""
        self._is_left = False

    def compose(self) -> ComposeResult:
        """Title, state, note, rows, search, keys."""
        yield Static(id="output-title")
        yield Static(id="output-state")
        yield Static(toned(f"{WARNING} {self._past}", "warning"), id="output-past", classes="-there" * bool(self._past))
        yield Static(id="output-note")
        yield OutputView(glyphs=self._glyphs)
        yield GraphSearch()
        yield KeyBar()

    def on_mount(self) -> None:
        """Follow."""
        title = [toned(visible(self._task_id), "strong"), toned(f"  in {visible(self._key.id)}", "muted")]
        self.query_one("#output-title", Static).update(Content("").join(title))
        self.query_one(SearchInput).placeholder = "find text in what is printed"
        self.query_one(OutputView).focus()
        self._show_state()
        self._monitor.follow_output(self._key, self._task_id)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._monitor.leave_output()

    def arrived(self, event: OutputRead) -> None:
        """More was printed, or why nobody knows; of another task it is dropped."""
        views = self.query(OutputView)
        if (event.key, event.task_id) != (self._key, self._task_id) or not views or self._is_left:
            return
        view = views.first()
        if event.part is None:
            self._following, self._trouble, self._retries = Following.STOPPED, event.error, event.retries
        else:
            self._following = Following.LIVE if event.part.is_open else Following.ENDED
            self._note = event.part.note or self._note
            view.take(event.part)
            if not event.part.is_open:
                view.end()
        self._show_state()
        # The next part is asked for when this one was drawn: a slow terminal is not overrun.
        self.call_after_refresh(self._monitor.output_shown)

    def on_output_view_changed(self) -> None:
        """The view follows or not, shows another stream."""
        if not self._is_left:
            self._show_state()

    # -- the search ------------------------------------------------------------------------------------------

    def action_find(self) -> None:
        """Type what to search for."""
        self.query_one(GraphSearch).open()

    def on_graph_search_typed(self, message: GraphSearch.Typed) -> None:
        """Search while it is typed."""
        self.query_one(OutputView).look_for(message.text)

    def on_search_input_stepped(self, message: SearchInput.Stepped) -> None:
        """To the next place."""
        self.query_one(OutputView).action_found(message.by)

    def on_search_input_ended(self) -> None:
        """Back to the rows; what was found stays marked, and n goes on."""
        self.query_one(GraphSearch).close()
        self.query_one(OutputView).focus()
        self._show_state()

    # -- saving ----------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Write the lines that are kept to a file."""
        view = self.query_one(OutputView)
        lines = view.shown_lines
        text = file_text(lines, both=view.stream is None)
        which = {None: "of stdout and stderr, each with its name before it", Stream.OUT: "of stdout"}
        what = f"{len(lines):,} lines {which.get(view.stream, 'of stderr')}, as they are shown here"
        if view.lines.dropped or view.lines.skipped:
            what += "; not what is not kept here: wftui logs prints all of it"
        self.app.push_screen(SaveScreen(file_name(self._key.id, self._task_id), text, what), self._saved)

    def _saved(self, path: str | None) -> None:
        if path is not None:
            self.app.notify(f"saved {visible(path)}", markup=False)

    def action_back(self) -> None:
        """Back to the task."""
        self._is_left = True
        self.dismiss()

    # -- inside ----------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        with suppress(NoMatches):  # news that come while the app is taken down, one widget after the other
            self._draw_state()

    def _draw_state(self) -> None:
        view = self.query_one(OutputView)
        state = OutputState(
            self._following,
            self._trouble,
            self._retries,
            not view.follows,
            view.stream,
            len(view.shown_lines),
            view.lines.dropped,
            view.lines.skipped,
            "" if self.query_one(GraphSearch).text else view.search.count,
            view.wraps,
        )
        view.remark(empty_words(state))
        parts = [toned(text, tone) for text, tone in state_words(state)]
        self.query_one("#output-state", Static).update(toned(f" {self._glyphs.dot} ", "faint").join(parts))
        note = self.query_one("#output-note", Static)
        note.set_class(bool(self._note), "-there")
        note.update(toned(f"{WARNING} {visible(self._note)}", "warning") if self._note else "")
        search = view.search
        self.query_one(GraphSearch).count(search.count, "warning" if search.text and not search.found else "muted")


class OutputShown:
    """Opens the screen for the task that is looked at, and hands on what arrives. Belongs to the main screen.

    Args:
        screen: Where tasks are looked at.
        monitor: Follows what they print.
    """

    def __init__(self, screen: PanedScreen, monitor: Monitor) -> None:
        self._screen = screen
        self._monitor = monitor
        self._open: OutputScreen | None = None
        self._offered = False

    def offer(self) -> None:
        """Offer its key where there is such a task; the footer is redrawn only when that changes."""
        if self.can_show != self._offered:
            self._offered = not self._offered
            self._screen.refresh_bindings()

    @property
    def can_show(self) -> bool:
        """Whether there is a task whose output its source can tell."""
        task = self._task
        return task is not None and self._monitor.tells_output(task[0])

    def show(self) -> None:
        """Show what the task prints."""
        task = self._task
        if task is not None:
            self._open = OutputScreen(*task, self._monitor, self._screen.settings.glyphs, self._past(task[1]))
            self._screen.app.push_screen(self._open)

    def arrived(self, event: OutputRead) -> None:
        """More was printed."""
        if self._open is not None:
            self._open.arrived(event)

    def _past(self, task_id: str) -> str:
        """What is to be said where the past is looked at."""
        detail, moment = self._screen.tabs.detail, self._screen.tabs.moment
        if detail is None or moment is None:
            return ""
        then = next((task for task in detail.tasks if task.id == task_id), None)
        return as_of_words(then, moment, self._screen.settings.clock.time())

    @property
    def _task(self) -> tuple[WorkflowKey, str] | None:
        """The workflow and the task that is looked at, or selected."""
        detail = self._screen.tabs.detail
        if detail is None:
            return None
        panes = (pane.workflow_task for pane in self._screen.query(TaskPane) if pane.is_on_screen)
        opened = next((task.id for task in panes if task is not None), None)
        task_id = opened if opened is not None else self._screen.tabs.selected_task
        return None if task_id is None else (detail.summary.key, task_id)
