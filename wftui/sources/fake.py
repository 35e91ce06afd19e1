"""A source with a scripted clock, for UI tests and screenshots. Public: engines outside this tree may test with it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError, TargetGone
from wftui.model.action import NOTHING, ActionKind, ActionOutcome, ActionPlan, TaskEffect
from wftui.model.change import Added, Change, Delta, Page, Removed, Updated
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.model.workflow import WorkflowKey
from wftui.sources.base import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.model.action import Given
    from wftui.model.workflow import Problem, WorkflowDetail, WorkflowSummary


class FakeClock:
    """A clock that stands still until it is told to go on.

    Args:
        start: Unix seconds at which it stands.
    """

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._start = start
        self._now = start

    def time(self) -> float:
        """Unix seconds."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since it was made."""
        return self._now - self._start

    def advance(self, seconds: float) -> None:
        """Go on by so many seconds."""
        self._now += seconds


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a script: at `after` seconds from the clock's start, the workflow becomes `detail`."""

    after: float
    detail: WorkflowDetail


class FakeSource:
    """Workflows in memory.

    Args:
        target: The name in `info` and in the keys of `details`.
        details: The workflows there are at first.
        clock: Says when steps of the script are due.
        read_only: Offer no actions.
        script: What happens later; steps become due as the clock goes on.
        engine: The word in `info`.
        kind: The kind in `info`.
        interval: Seconds between looks; a change made through the methods below wakes the monitor at once.
    """

    def __init__(
        self,
        target: str,
        details: Iterable[WorkflowDetail],
        *,
        clock: FakeClock,
        read_only: bool = False,
        script: Sequence[Step] = (),
        engine: str = "ray",
        kind: str = "cluster",
        interval: float = 3600.0,
    ) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._details = {detail.summary.key.id: detail for detail in details}
        self._changes: dict[str, Change] = {}
        self._script = sorted(script, key=lambda step: step.after)
        self._failure = ""
        self._problems: tuple[Problem, ...] = ()
        self._wake: Callable[[], None] = lambda: None
        self._info = SourceInfo(target, engine, kind, interval, watches="scripted")
        self._actions = None if read_only else FakeActions(self)
        self.attended: frozenset[str] = frozenset()

    # -- the scripted side -----------------------------------------------------------------------------------

    def put(self, detail: WorkflowDetail) -> None:
        """Add or replace a workflow."""
        with self._lock:
            key = detail.summary.key
            known = key.id in self._details
            self._details[key.id] = detail
            self._changes[key.id] = Updated(detail.summary) if known else Added(detail.summary)
        self._wake()

    def remove(self, workflow_id: str) -> None:
        """Take a workflow away."""
        with self._lock:
            detail = self._details.pop(workflow_id)
            self._changes[workflow_id] = Removed(detail.summary.key)
        self._wake()

    def fail(self, message: str) -> None:
        """Answer every call with an error from now on."""
        self._failure = message
        self._wake()

    def recover(self) -> None:
        """Answer again."""
        self._failure = ""
        self._wake()

    def set_problems(self, problems: Iterable[Problem]) -> None:
        """Name problems of the target as a whole."""
        self._problems = tuple(problems)
        self._wake()

    # -- Source ----------------------------------------------------------------------------------------------

    @property
    def info(self) -> SourceInfo:
        """What this is."""
        return self._info

    @property
    def actions(self) -> FakeActions | None:
        """The writing side."""
        return self._actions

    def open(self) -> None:
        """Connect."""
        self._check()

    def close(self) -> None:
        """Let go."""
        self._wake = lambda: None

    def page(self, cursor: str | None, limit: int) -> Page:
        """A part of the list, in order of ids; the cursor is the last id of the page before."""
        self._check()
        with self._lock:
            if cursor is None:
                self._changes.clear()
            ids = sorted(i for i in self._details if cursor is None or i > cursor)
            rows = tuple(self._details[i].summary for i in ids[:limit])
            more = ids[limit - 1] if len(ids) > limit else None
            return Page(rows, more, len(self._details))

    def changes(self) -> Delta:
        """What changed since."""
        self._check()
        with self._lock:
            while self._script and self._script[0].after <= self._clock.monotonic():
                self.put(self._script.pop(0).detail)
            changes, self._changes = tuple(self._changes.values()), {}
        return Delta(changes, self._problems)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows."""
        self._check()
        with self._lock:
            return tuple(replace(self._details[i].summary, complete=True) for i in ids if i in self._details)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow."""
        self._check()
        with self._lock:
            if workflow_id not in self._details:
                raise NotFoundError(f"no workflow {workflow_id!r}")
            return self._details[workflow_id]

    def attend(self, ids: frozenset[str]) -> None:
        """Note what is open."""
        self.attended = ids

    def watch(self, wake: Callable[[], None]) -> None:
        """Wake when a method above changed something."""
        self._wake = wake

    def _check(self) -> None:
        if self._failure:
            raise TargetGone(self._failure)

    def key(self, workflow_id: str) -> WorkflowKey:
        """The key of that id, known or not."""
        with self._lock:
            known = self._details.get(workflow_id)
        return known.summary.key if known else WorkflowKey(self._info.target, self._info.engine, None, workflow_id)


_FROM = MappingProxyType(
    {
        ActionKind.CANCEL: frozenset({Status.RUNNING, Status.WAITING}),
        ActionKind.RESUME: frozenset({Status.FAILED, Status.RESUMABLE}),
        ActionKind.DELETE: frozenset(
            {Status.SUCCESSFUL, Status.FAILED, Status.CANCELED, Status.RESUMABLE, Status.UNKNOWN}
        ),
        ActionKind.EMIT: frozenset({Status.WAITING}),
    }
)
_EFFECT = MappingProxyType(
    {
        ActionKind.CANCEL: "its running tasks are stopped",
        ActionKind.RESUME: "tasks without a checkpoint run again",
        ActionKind.DELETE: "its checkpoints and its history are removed for good",
        ActionKind.EMIT: "wakes 1 task",
    }
)


class FakeActions:
    """Guards as a real engine has them, effects in memory."""

    def __init__(self, source: FakeSource) -> None:
        self._source = source
        self.armed: set[str] = set()
        self.given = NOTHING

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """What the engine that it plays can do."""
        one_cannot = ActionKind.DELETE if self._source.info.engine == "absurd" else ActionKind.EMIT
        return frozenset(ActionKind) - {one_cannot}

    def plan(self, kind: ActionKind, workflow_id: str, given: Given = NOTHING) -> ActionPlan:
        """What would happen."""
        key = self._source.key(workflow_id)
        try:
            detail = self._source.detail(workflow_id)
        except NotFoundError as missing:
            return ActionPlan(key, kind, False, None, str(missing))
        status = detail.summary.status
        if kind is ActionKind.CANCEL and status is Status.PENDING:
            why = "it is queued: cancelling now would wait for its end and cancel nothing"
            return ActionPlan(key, kind, False, status, why, ("cancelled as soon as it runs",), arms=True)
        if status not in _FROM[kind]:
            return ActionPlan(key, kind, False, status, f"it is {status.value}")
        resume = kind is ActionKind.RESUME
        kept = tuple(t.id for t in detail.tasks if resume and t.output_size is not None)
        again = tuple(t.id for t in detail.tasks if resume and t.output_size is None)
        plan = ActionPlan(key, kind, True, status, "", (_EFFECT[kind],), keeps=kept, runs_again=again)
        return plan if self._source.info.engine == "ray" else _as_absurd(plan, detail, given)

    def act(self, kind: ActionKind, workflow_id: str, *, arm: bool = False, given: Given = NOTHING) -> ActionOutcome:
        """Do it, in memory."""
        self.given = given
        plan = self.plan(kind, workflow_id, given)
        if plan.arms and arm:
            self.armed.add(workflow_id)
            return ActionOutcome(plan.key, kind, False, plan.status, plan.status, "armed", armed=True)
        if not plan.allowed:
            return ActionOutcome(
                plan.key, kind, False, plan.status, plan.status, plan.why, not_found=plan.status is None
            )
        if kind is ActionKind.DELETE:
            self._source.remove(workflow_id)
            return ActionOutcome(plan.key, kind, True, plan.status, None)
        after = Status.CANCELED if kind is ActionKind.CANCEL else Status.RUNNING
        detail = self._source.detail(workflow_id)
        summary = replace(detail.summary, status=after, recorded_status=after.value, error=None)
        self._source.put(replace(detail, summary=summary))
        return ActionOutcome(plan.key, kind, True, plan.status, after)

    def disarm(self, workflow_id: str) -> bool:
        """Take it back."""
        if workflow_id in self.armed:
            self.armed.remove(workflow_id)
            return True
        return False


def _as_absurd(plan: ActionPlan, detail: WorkflowDetail, given: Given) -> ActionPlan:
    """The plan as an engine tells it that acts on each task, and takes something with a yes."""
    tasks = [task for task in detail.tasks if task.kind is TaskKind.TASK]
    ended = {ActionKind.CANCEL: "stays as it is", ActionKind.RESUME: "is kept", ActionKind.EMIT: "stays as it is"}
    does = {ActionKind.CANCEL: "is cancelled", ActionKind.RESUME: "runs again", ActionKind.EMIT: "is woken"}
    wanted = {ActionKind.RESUME: Status.FAILED, ActionKind.EMIT: Status.WAITING}.get(plan.kind)
    meant = {t.id: t.status is wanted if wanted else not t.status.is_terminal for t in tasks}
    effects = tuple(TaskEffect(t.id, t.name, t.status, (does if meant[t.id] else ended)[plan.kind]) for t in tasks)
    events = tuple(str(t.options["event"]) for t in detail.tasks if "event" in t.options)
    sent = (f"emits {given.event} with {given.payload}",) if given.event else ()
    return replace(
        plan,
        effects=(*plan.effects, *sent),
        name=detail.summary.name or "",
        tasks=effects,
        least_attempts=2 if plan.kind is ActionKind.RESUME else None,
        events=events if plan.kind is ActionKind.EMIT else (),
    )
