"""The keys that act on workflows: what they take, and which of them are offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.action import ActionKind
from wftui.present.alone import alone
from wftui.screens.acting import Acting
from wftui.screens.paned import PanedScreen

if TYPE_CHECKING:
    from wftui.messages import ActionFinished, PlansArrived
    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.events import SourceState
    from wftui.monitor.monitor import Monitor
    from wftui.present.rows import RowModel
    from wftui.screens.settings import Settings

_KINDS = {
    "cancel": ActionKind.CANCEL,
    "resume": ActionKind.RESUME,
    "resume_all": ActionKind.RESUME,
    "delete": ActionKind.DELETE,
    "emit": ActionKind.EMIT,
}
_TASK_KINDS = {"cancel_task": ActionKind.CANCEL, "resume_task": ActionKind.RESUME}


class ActionKeys(PanedScreen, inherit_bindings=False):
    """Asks for what a key does to what is chosen, and offers only what the sources can do and may.

    Args:
        monitor: Watches the sources, and acts.
        settings: What the app goes by.
        model: The rows.
    """

    def __init__(self, monitor: Monitor, settings: Settings, model: RowModel) -> None:
        super().__init__(monitor, settings, model)
        self._states: dict[str, SourceState] = {state.info.target: state for state in monitor.states()}
        self.acting = Acting(self, monitor, model, settings.glyphs)
        self._offered: frozenset[ActionKind] = frozenset()
        self._has_task = False

    @property
    def states(self) -> tuple[SourceState, ...]:
        """The state of every source."""
        return tuple(self._states.values())

    def on_plans_arrived(self, message: PlansArrived) -> None:
        """What an action would do is known."""
        self.acting.planned(message.event)

    def on_action_finished(self, message: ActionFinished) -> None:
        """An action has an outcome."""
        self.acting.done(message.event.outcome)
        self.refresh_bindings()

    # -- what is offered -------------------------------------------------------------------------------------

    def may_act(self, action: str) -> bool | None:
        """Whether that key is offered now; None if it does not act on workflows."""
        if action in _KINDS:
            return _KINDS[action] in self._offered
        if action in _TASK_KINDS:
            return _TASK_KINDS[action] in self._offered and self._task_alone is not None
        if action == "disarm":
            row = self.table.cursor_row if self.is_mounted else None
            return row is not None and row.key in self.acting.armed
        return None

    def offer_tasks(self) -> None:
        """Another task may be acted on alone, or none."""
        has_task = self._task_alone is not None
        if has_task != self._has_task:
            self._has_task = has_task
            self.refresh_bindings()

    def offer(self) -> None:
        """What can be done to what is chosen; the footer is redrawn only when that changes."""
        chosen = {key.target for key in self.table.chosen}
        states = [state for target, state in self._states.items() if target in chosen]
        offered = frozenset() if self.settings.read_only else frozenset(k for state in states for k in state.kinds)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @property
    def _task_alone(self) -> WorkflowKey | None:
        """The key of the selected task, where the user is among the tasks and it can be acted on alone."""
        detail = self.tabs.detail if self.is_mounted and self._is_reading else None
        if detail is None:
            return None
        return alone(detail.summary.key, {task.id: task for task in detail.tasks}, self.tabs.selected_task)

    # -- keys ------------------------------------------------------------------------------------------------

    def action_cancel(self) -> None:
        """Cancel what is chosen."""
        self.acting.ask(ActionKind.CANCEL, self.table.chosen)

    def action_resume(self) -> None:
        """Resume what is chosen."""
        self.acting.ask(ActionKind.RESUME, self.table.chosen)

    def action_resume_all(self) -> None:
        """Resume everything that can be."""
        self.acting.ask_resume_all()

    def action_delete(self) -> None:
        """Delete what is chosen."""
        self.acting.ask(ActionKind.DELETE, self.table.chosen)

    def action_emit(self) -> None:
        """Emit an event to what waits for it: the selected task, or any of the workflow."""
        row, task = self.table.cursor_row, self._task_alone
        if row is not None:
            self.acting.ask(ActionKind.EMIT, [task or row.key])

    def action_cancel_task(self) -> None:
        """Cancel the selected task alone."""
        if self._task_alone is not None:
            self.acting.ask(ActionKind.CANCEL, [self._task_alone])

    def action_resume_task(self) -> None:
        """Retry the selected task alone."""
        if self._task_alone is not None:
            self.acting.ask(ActionKind.RESUME, [self._task_alone])

    def action_disarm(self) -> None:
        """Take an armed cancel back."""
        if self.table.cursor_row is not None:
            self.acting.disarm(self.table.cursor_row.key)
