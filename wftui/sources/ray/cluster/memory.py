"""What the workflow manager holds in memory, kept here and brought up to date by what each look tells."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from wftui.model.status import Status
from wftui.model.workflow import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NEW_STAMP = 0
_UNKNOWN = (None, None)
MOST_ENDED = 50_000
"""So many tasks of workflows that the manager runs no more are remembered with their ids in Ray."""
_T = TypeVar("_T")
Attempts = tuple[tuple[int, bytes], ...]
"""The number of each attempt that was seen, from 1, with the id of its task in Ray."""


class LiveTask(NamedTuple):
    """A task as the manager sees it. Times are Unix seconds by the manager's clock.

    Attributes:
        id: Ray's task id.
        status: SUCCESSFUL, FAILED, RUNNING (given to Ray; it may still wait for a worker), READY or PENDING.
        upstream: What it waits for.
        parent: The task that returned it in a continuation; None at the top.
        continuation: The output task of the sub-DAG that it returned; None if it did not.
        submitted: When its latest attempt was given to Ray.
        finished: When that ended well.
        retries: How often it was tried again, so far.
        max_retries: How often it may be; None where the manager does not tell.
        checkpoint: Whether its output is kept.
        catches: Whether it returns its error.
        ray_id: The id of Ray's own task for its latest attempt, as hex; None where it was not seen.
        asks: What it asks of a node, by Ray's names ("CPU", "GPU", "memory" in bytes); None where that is not told.
    """

    id: str
    status: Status
    upstream: tuple[str, ...]
    parent: str | None
    continuation: str | None
    submitted: float | None
    finished: float | None
    retries: int
    max_retries: int | None
    checkpoint: bool | None
    catches: bool | None
    ray_id: str | None = None
    asks: Mapping[str, float] | None = None


class LiveWorkflow(NamedTuple):
    """A workflow that the manager runs or has queued.

    Attributes:
        id: Its id.
        status: RUNNING or PENDING.
        resumed: It was resumed: tasks with a checkpoint are not among its tasks.
        output_task: The task whose output is the workflow's.
        progress: Tasks done of tasks known to the manager.
        submitted: When its first task was given to Ray; None while queued.
        asks: What each of its running tasks asks of a node, the same once; empty where that of one is not known.
        others: How many run; of a queued one, and how many are queued before it.
    """

    id: str
    status: Status
    resumed: bool
    output_task: str | None
    progress: Progress
    submitted: float | None
    asks: tuple[Mapping[str, float], ...] = ()
    others: tuple[int, int] = (0, 0)


class _Shape(NamedTuple):
    upstream: tuple[str, ...]
    parent: str | None
    max_retries: int | None
    checkpoint: bool | None
    catches: bool | None
    asks: Mapping[str, float] | None


@dataclass(slots=True)
class _State:
    """One workflow in the manager's memory."""

    stamp: int
    epoch: int
    told: float = 0.0
    queued: bool = False
    resumed: bool = False
    output_task: str | None = None
    total: int = 0
    tasks: dict[str, _Shape] = field(default_factory=dict)
    times: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    stopped: frozenset[str] = frozenset()
    continuations: dict[str, str] = field(default_factory=dict)
    given: dict[str, Attempts] = field(default_factory=dict)

    def statuses(self) -> dict[str, Status]:
        """How each task is: its own end counts, or that of the last task of its chain of continuations."""
        if self.queued:
            return dict.fromkeys(self.tasks, Status.PENDING)
        own = {task_id: self.own_status(task_id) for task_id in self.tasks}
        # A chain is told from its end to its beginning, so that a long one costs each of its tasks once.
        for task_id in reversed(self.continuations):
            if task_id not in self.done:
                own[task_id] = own.get(self.continuations[task_id], Status.RUNNING)
        for task_id, shape in self.tasks.items():
            waits = own[task_id] is Status.PENDING
            if waits and all(own.get(upstream, Status.SUCCESSFUL) is Status.SUCCESSFUL for upstream in shape.upstream):
                own[task_id] = Status.READY
        return own

    def own_status(self, task_id: str) -> Status:
        """How a task itself is, whatever became of a continuation that it returned."""
        submitted, finished = self.times.get(task_id, _UNKNOWN)
        if task_id in self.done or finished is not None:
            return Status.SUCCESSFUL
        if task_id in self.stopped:
            return Status.FAILED
        return Status.PENDING if submitted is None else Status.RUNNING


class Memory:
    """The manager's memory, as of the last look. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}
        self._ended: OrderedDict[str, dict[str, Attempts]] = OrderedDict()
        self._ended_count = 0
        self._unfinished: dict[str, tuple[str, ...]] = {}  # of these, what was given and not told as done at its end
        self._behind = False

    @property
    def is_behind(self) -> bool:
        """Whether the last look left something out, because it was too much for one."""
        return self._behind

    def known(self) -> dict[str, tuple[int, int, int, int, float]]:
        """What to tell the next look: what we have."""
        with self._lock:
            return {
                workflow_id: (state.stamp, state.epoch, len(state.tasks), len(state.continuations), state.told)
                for workflow_id, state in self._states.items()
            }

    def clear(self) -> frozenset[str]:
        """Forget everything: there is no manager. Returns the ids that were there."""
        with self._lock:
            gone = frozenset(self._states)
            for workflow_id in gone:
                self._let_go(workflow_id)
            self._behind = False
            return gone

    def merge(self, answer: object) -> frozenset[str]:
        """Take in what `manager.look` told. Returns the ids that changed, came or went."""
        now, running, behind, changed = cast("tuple[float, list[str], bool, list[tuple[object, ...]]]", answer)
        with self._lock:
            gone = self._states.keys() - set(running)
            for workflow_id in gone:
                self._let_go(workflow_id)
            ids = set(gone)
            self._behind = behind
            for entry in changed:
                workflow_id = cast("str", entry[0])
                ids.add(workflow_id)
                self._take_in(workflow_id, entry, now)
            return frozenset(ids)

    def ids(self) -> frozenset[str]:
        """The workflows that run or are queued."""
        with self._lock:
            return frozenset(self._states)

    def workflow(self, workflow_id: str) -> LiveWorkflow | None:
        """One of them; None if the manager does not run it."""
        with self._lock:
            state = self._states.get(workflow_id)
            if state is None:
                return None
            statuses = state.statuses()
            done = sum(statuses[task_id] is Status.SUCCESSFUL for task_id in state.tasks)
            submitted = [start for start, _ in state.times.values() if start is not None]
            return LiveWorkflow(
                workflow_id,
                Status.PENDING if state.queued else Status.RUNNING,
                state.resumed,
                state.output_task,
                Progress(done, max(state.total, len(state.tasks))),
                min(submitted) if submitted else None,
                _asks(state, statuses),
                self._others(workflow_id) if state.queued else (0, 0),
            )

    def tasks(self, workflow_id: str) -> tuple[LiveTask, ...]:
        """The tasks of one of them, in the manager's order; none if it does not run it."""
        with self._lock:
            state = self._states.get(workflow_id)
            if state is None:
                return ()
            statuses = state.statuses()
            return tuple(_live_task(state, task_id, statuses[task_id]) for task_id in state.tasks)

    def ray_task_id(self, workflow_id: str, task_id: str, attempt: int | None = None) -> str | None:
        """The id of Ray's own task for an attempt of a task, as hex; of tasks that ended while we watched, too.

        Args:
            workflow_id: Of which workflow.
            task_id: Which task.
            attempt: Which attempt, from 1; None for the latest that was seen.
        """
        seen = self.ray_task_ids(workflow_id, task_id)
        wanted = attempt if attempt is not None else seen[-1][0] if seen else 0
        return dict(seen).get(wanted)

    def ray_task_ids(self, workflow_id: str, task_id: str) -> tuple[tuple[int, str], ...]:
        """The attempts of a task that were seen, in order, as (number from 1, id of Ray's own task as hex)."""
        with self._lock:
            state = self._states.get(workflow_id)
            seen = state.given.get(task_id) if state is not None else None
            seen = seen or self._ended.get(workflow_id, {}).get(task_id, ())
        return tuple((number, ray_id.hex()) for number, ray_id in sorted(seen))

    def ray_ids(self, workflow_id: str) -> dict[str, str]:
        """The id of Ray's own task for the latest attempt of each task that was seen, as hex."""
        with self._lock:
            state = self._states.get(workflow_id)
            given = {**self._ended.get(workflow_id, {}), **(state.given if state is not None else {})}
            return {task_id: max(attempts)[1].hex() for task_id, attempts in given.items()}

    def unfinished_ray_ids(self, workflow_id: str) -> dict[str, str]:
        """Those of `ray_ids` that may have failed a workflow, as they were given to Ray; none as long as it runs."""
        with self._lock:
            if workflow_id in self._states:
                return {}
            given = self._ended.get(workflow_id, {})
            return {task_id: max(given[task_id])[1].hex() for task_id in self._unfinished.get(workflow_id, ())}

    def earlier_ray_ids(self, workflow_id: str) -> dict[str, dict[int, str]]:
        """The ids of Ray's own tasks for earlier attempts that were seen, as hex: `{task id: {number from 1: id}}`."""
        with self._lock:
            state = self._states.get(workflow_id)
            given = state.given if state is not None else self._ended.get(workflow_id, {})
            tried = {task_id: sorted(attempts)[:-1] for task_id, attempts in given.items() if len(attempts) > 1}
            return {task_id: {n: ray_id.hex() for n, ray_id in attempts} for task_id, attempts in tried.items()}

    def _others(self, workflow_id: str) -> tuple[int, int]:
        """How many run, and how many are queued before this one: the manager takes them in order."""
        queued = [i for i, state in self._states.items() if state.queued]
        return len(self._states) - len(queued), queued.index(workflow_id)

    def _let_go(self, workflow_id: str) -> None:
        """The manager runs it no more: only the ids of its tasks in Ray are kept, as long as there is room."""
        before = self._ended.pop(workflow_id, {})
        state = self._states.pop(workflow_id)
        given = {**before, **state.given}
        self._ended[workflow_id] = given
        # Looks tell of several in no such order, and a retry comes after what was given before it.
        in_order = sorted(state.given, key=lambda task_id: state.times.get(task_id, _UNKNOWN)[0] or 0.0)
        unfinished = (task_id for task_id in in_order if state.own_status(task_id) is not Status.SUCCESSFUL)
        self._unfinished[workflow_id] = tuple(unfinished)
        self._ended_count += len(given) - len(before)
        while self._ended_count > MOST_ENDED and len(self._ended) > 1:
            oldest, ids = self._ended.popitem(last=False)
            self._ended_count -= len(ids)
            del self._unfinished[oldest]

    def _take_in(self, workflow_id: str, entry: tuple[object, ...], now: float) -> None:
        (_, stamp, epoch, queued, resumed, output, total, tasks, times, retries, done, stopped, follows, given) = entry
        state = self._states.get(workflow_id)
        if state is None or state.epoch != epoch:
            state = self._states[workflow_id] = _State(_NEW_STAMP, cast("int", epoch))
        state.stamp, state.told = cast("int", stamp), now
        state.queued, state.resumed = bool(queued), bool(resumed)
        state.output_task, state.total = cast("str | None", output), cast("int", total)
        for task_id, upstream, parent, max_retries, checkpoint, catches, submitted, finished, asks in _rows(tasks):
            if submitted is not None:
                state.times[cast("str", task_id)] = cast("float", submitted), cast("float | None", finished)
            state.tasks[cast("str", task_id)] = _Shape(
                _unique(cast("list[str]", upstream)),
                cast("str", parent) or None,
                cast("int | None", max_retries),
                cast("bool | None", checkpoint),
                cast("bool | None", catches),
                cast("Mapping[str, float] | None", asks),
            )
        for task_id, submitted, finished in _rows(times):
            state.times[cast("str", task_id)] = cast("float | None", submitted), cast("float | None", finished)
        state.retries = dict(cast("Mapping[str, int]", retries))
        state.done = frozenset(cast("list[str]", done))
        state.stopped = frozenset(cast("list[str]", stopped))
        state.continuations.update(cast("list[tuple[str, str]]", follows))
        for task_id, attempt, ray_id in cast("list[tuple[str, int, bytes]]", given):
            state.given[task_id] = tuple({**dict(state.given.get(task_id, ())), attempt: ray_id}.items())


def _asks(state: _State, statuses: Mapping[str, Status]) -> tuple[Mapping[str, float], ...]:
    """What its running tasks ask of a node; the sub-DAG that a continuation returned runs in place of it."""
    running = [i for i, status in statuses.items() if status is Status.RUNNING and i not in state.continuations]
    asks = [state.tasks[task_id].asks for task_id in running]
    if any(one is None for one in asks):
        return ()
    return tuple({frozenset(one.items()): one for one in asks if one is not None}.values())


def _live_task(state: _State, task_id: str, status: Status) -> LiveTask:
    shape = state.tasks[task_id]
    submitted, finished = state.times.get(task_id, _UNKNOWN)
    return LiveTask(
        task_id,
        status,
        shape.upstream,
        shape.parent,
        state.continuations.get(task_id),
        submitted,
        finished,
        state.retries.get(task_id, 0),
        shape.max_retries,
        shape.checkpoint,
        shape.catches,
        max(given)[1].hex() if (given := state.given.get(task_id)) else None,
        shape.asks,
    )


def _rows(value: object) -> Iterable[tuple[object, ...]]:
    return cast("list[tuple[object, ...]]", value)


def _unique(ids: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(ids))
