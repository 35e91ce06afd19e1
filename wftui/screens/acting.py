"""The way of an action: plan, ask, act, tell. Belongs to the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.action import NOTHING, ActionKind
from wftui.model.status import Status, StatusSource
from wftui.present.text import visible
from wftui.screens.notice import NoticeScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.screen import Screen

    from wftui.model.action import ActionOutcome, ActionPlan, Given
    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.events import PlansReady
    from wftui.monitor.monitor import Monitor
    from wftui.present.glyphs import Glyphs
    from wftui.present.rows import RowModel
    from wftui.screens.confirm import Answer

_DONE = {
    ActionKind.CANCEL: "cancelled",
    ActionKind.RESUME: "resumed",
    ActionKind.DELETE: "deleted",
    ActionKind.EMIT: "event emitted",
}
_SAYS = {
    StatusSource.CLUSTER: "says the cluster",
    StatusSource.STORAGE: "as recorded in the storage",
}
# So many outcomes are told one by one; more are counted.
TOLD = 4


class Acting:
    """Plans, asks, acts and tells.

    Args:
        screen: Where dialogs and toasts go.
        monitor: Plans and acts.
        model: What is known about the workflows.
        glyphs: The characters to draw with.
    """

    def __init__(self, screen: Screen[None], monitor: Monitor, model: RowModel, glyphs: Glyphs) -> None:
        self._screen = screen
        self._monitor = monitor
        self._model = model
        self._glyphs = glyphs
        # What was asked last; an answer to anything else comes too late, and is dropped.
        self._asked: tuple[ActionKind, frozenset[WorkflowKey], Given] | None = None
        self._names: dict[WorkflowKey, str] = {}
        self._optional: frozenset[WorkflowKey] = frozenset()
        self._under_way = 0
        self._outcomes: list[ActionOutcome] = []
        self._deleted: set[WorkflowKey] = set()
        self.armed: set[WorkflowKey] = set()

    def ask(
        self,
        kind: ActionKind,
        keys: Sequence[WorkflowKey],
        optional: frozenset[WorkflowKey] = frozenset(),
        given: Given = NOTHING,
    ) -> None:
        """Find out what the action would do, and ask then."""
        if not keys:
            self._tell("there is nothing to " + kind.value)
            return
        self._asked = (kind, frozenset(keys), given)
        self._optional = optional
        self._monitor.plan(kind, keys, given)

    def ask_resume_all(self) -> None:
        """Everything that can be resumed; failed ones only when the user says so."""
        resumable = self._model.with_status(Status.RESUMABLE)
        failed = self._model.with_status(Status.FAILED)
        self.ask(ActionKind.RESUME, (*resumable, *failed), frozenset(failed))

    def planned(self, event: PlansReady) -> None:
        """The plans are there: ask."""
        keys = frozenset(plan.key for plan in event.plans)
        asked = self._asked
        if asked is None or asked[0] is not event.kind or not keys <= asked[1] or asked[2] != event.given:
            return
        self._asked = None
        if not event.plans:
            self._screen.app.push_screen(
                NoticeScreen(f"Could not {event.kind.value}", [("", error) for error in event.errors])
            )
            return
        self._names = {plan.key: plan.name for plan in event.plans if plan.name}
        plan = event.plans[0]
        if event.kind is ActionKind.EMIT and plan.allowed and event.given == NOTHING:
            self._ask_for_event(plan)
            return
        from wftui.screens.confirm import ConfirmScreen, Question  # nothing that the first rows should wait for

        rows = ((key, self._model.get(key)) for key in keys)
        says = {key: _SAYS.get(row.status_source, "") for key, row in rows if row is not None}
        question = Question(event.kind, event.plans, event.errors, says, self._optional, event.given)

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                self._act(event.kind, answer)

        self._screen.app.push_screen(ConfirmScreen(question, self._glyphs), answered)

    def _ask_for_event(self, plan: ActionPlan) -> None:
        from wftui.screens.emit import EmitScreen

        def answered(given: Given | None) -> None:
            if given is not None:
                self.ask(ActionKind.EMIT, [plan.key], given=given)

        self._screen.app.push_screen(EmitScreen(plan), answered)

    def disarm(self, key: WorkflowKey) -> None:
        """Take an armed cancel back."""
        self._under_way += 1
        self._monitor.disarm(key)

    def done(self, outcome: ActionOutcome) -> None:
        """One outcome is known; tell when all are, or at once while they are few."""
        (self.armed.add if outcome.armed else self.armed.discard)(outcome.key)
        self._under_way = max(0, self._under_way - 1)
        self._outcomes.append(outcome)
        if self._under_way:
            return
        outcomes, self._outcomes = self._outcomes, []
        if len(outcomes) <= TOLD:
            for one in outcomes:
                self._tell(_in_words(one, self._names.get(one.key, "")), trouble=not (one.done or one.armed))
            return
        good = [one for one in outcomes if one.done or one.armed]
        bad = [one for one in outcomes if not (one.done or one.armed)]
        self._tell(f"{_DONE[outcome.kind]}: {len(good):,} of {len(outcomes):,}", trouble=bool(bad))
        if bad:
            self._screen.app.push_screen(
                NoticeScreen(f"Not {_DONE[outcome.kind]}", [(one.key.id, one.why or "no reason given") for one in bad])
            )

    def gone(self, key: WorkflowKey) -> None:
        """The workflow that the user reads is no more; said only when it was not the user who deleted it."""
        if key not in self._deleted:
            self._tell(f"{visible(key.id)} is gone", trouble=True)

    def _act(self, kind: ActionKind, answer: Answer) -> None:
        self._under_way += len(answer.keys) + len(answer.arm)
        if kind is ActionKind.DELETE:
            self._deleted.update(answer.keys)
        if answer.keys:
            self._monitor.act(kind, answer.keys, given=answer.given)
        if answer.arm:
            self._monitor.act(kind, answer.arm, arm=True)

    def _tell(self, text: str, *, trouble: bool = False) -> None:
        self._screen.app.notify(text, severity="warning" if trouble else "information", markup=False)


def _in_words(outcome: ActionOutcome, called: str) -> str:
    name, why = visible(outcome.key.id), visible(outcome.why)
    if called:
        name = f"{visible(called)} ({name})"
    if outcome.armed:
        return f"{name}: cancel armed, fires as soon as it runs"
    if outcome.done and outcome.why == "disarmed":
        return f"{name}: disarmed"
    if outcome.done:
        return f"{name}: {_DONE[outcome.kind]}" + (f" ({why})" if why else "")
    return f"{name}: not {_DONE[outcome.kind]}" + (f", {why}" if why else "")
