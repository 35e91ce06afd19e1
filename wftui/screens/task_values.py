"""What tasks were given and gave back, asked for and shown. Belongs to the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.task_values import Known
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.events import ValuesRead
    from wftui.monitor.monitor import Monitor
    from wftui.screens.paned import PanedScreen


class TaskValuesShown:
    """Goes between the panes of tasks, wherever they stand, and the monitor.

    Args:
        screen: Holds the panes.
        monitor: Reads values.
    """

    def __init__(self, screen: PanedScreen, monitor: Monitor) -> None:
        self._screen = screen
        self._monitor = monitor

    def offer(self) -> None:
        """Offer them where the source of what is open tells them."""
        key = self._key
        if key is not None:
            offers = self._monitor.tells_values(key)
            for pane in self._screen.query(TaskPane):
                pane.offer_values(offers)

    def ask(self, message: TaskPane.ValuesWanted) -> None:
        """A pane wants those of its task."""
        key = self._key
        if key is not None:
            self._monitor.read_values(key, message.task_id)

    def arrived(self, event: ValuesRead) -> None:
        """They are known; of a workflow that is not open any more they are dropped."""
        if event.key == self._key:
            for pane in self._screen.query(TaskPane):
                pane.tell_values(event.task_id, Known(event.values, event.error))

    @property
    def can_toggle(self) -> bool:
        """Whether a task is looked at, or selected in the table."""
        return self._pane is not None or self._selected is not None

    def toggle(self) -> None:
        """Open or close the block of the task; where the table has all the room, the task is opened first."""
        pane, selected = self._pane, self._selected
        if pane is not None:
            pane.toggle_values()
        elif selected is not None:
            self._screen.tabs.open_task(selected)
            self._screen.call_after_refresh(self._toggle_there)

    def _toggle_there(self) -> None:
        if self._pane is not None:
            self._pane.toggle_values()

    @property
    def _pane(self) -> TaskPane | None:
        panes = (pane for pane in self._screen.query(TaskPane) if pane.is_on_screen)
        return next((pane for pane in panes if pane.workflow_task is not None), None)

    @property
    def _selected(self) -> str | None:
        """The task under the cursor of the table."""
        for table in self._screen.query(TaskTable):
            if table.is_on_screen and table.cursor_task is not None:
                return table.cursor_task.id
        return None

    @property
    def _key(self) -> WorkflowKey | None:
        detail = self._screen.tabs.detail
        return None if detail is None else detail.summary.key
