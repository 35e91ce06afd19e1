"""What tasks of a live cluster print: who is asked, and whether more is to come."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

from wftui.errors import NotFoundError, TargetError
from wftui.model.output import OutputPart
from wftui.model.status import Status
from wftui.sources.ray.cluster.answers import DriverRaised

if TYPE_CHECKING:
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.ray.cluster.looks import ManagerLooks

OUTPUT_TIMEOUT = 60.0
"""Seconds; the first call looks through all logs of a machine, and perhaps starts a process on others."""
TASK_AGE = 3.0
"""Seconds for which how a task is, is not asked for again as long as no log of it is found."""
AGAIN_EVERY = 3.0
"""Seconds after which the log of an attempt is looked for again that was begun since, on whichever node."""
_BEGUN = "@"
"""Begins a position: then come how often the task was begun as far as that was followed, and the position there."""
_NOT_BEGUN = frozenset({Status.PENDING, Status.READY})
_TO_COME = _NOT_BEGUN | {Status.RUNNING, Status.WAITING}
_NOTHING_YET = "it has not begun: nothing is printed yet"
_NO_LOG_YET = "no log of it is found yet"
_NOT_HERE = "other nodes than this one are not asked (--no-observer or WFTUI_NO_OBSERVER)"
_NOBODY = ("", ""), 0.0, 0, None
_NO_LOG_HINT = "Ray keeps logs on the machine where a task ran, as long as the session of the cluster"

if TYPE_CHECKING:
    _Wanted = tuple[str, str, int | None, float | None, bool, int | None, int | None]

    class _Cluster(Protocol):
        """What is needed of the source."""

        def call(self, operation: str, *arguments: object, timeout: float = ...) -> object: ...

        def detail(self, workflow_id: str) -> WorkflowDetail: ...


class ClusterPrinting:
    """Asks for what tasks print.

    Args:
        cluster: The source.
        looks: Keeps what the manager tells.
        elsewhere: Whether other nodes may be asked, each by a process of ours there.
    """

    def __init__(self, cluster: _Cluster, looks: ManagerLooks, *, elsewhere: bool = True) -> None:
        self._cluster = cluster
        self._looks = looks
        self._elsewhere = elsewhere
        self._looked = 0.0
        self._is_watched = False
        self._last: tuple[tuple[str, str], float, int, Task | None] = _NOBODY
        self._again: dict[tuple[str, str], float] = {}

    def forget(self) -> None:
        """Begin anew: the driver is another one."""
        self._is_watched = False
        self._last = _NOBODY
        self._again.clear()

    def watch(self) -> None:
        """Have it noted near the logs what is printed when, from now on."""
        if self._is_watched:
            return
        self._is_watched = True
        with suppress(TargetError, DriverRaised):  # whoever asks for output is told why there is none
            self._cluster.call("watch output", timeout=OUTPUT_TIMEOUT)

    def output(
        self, workflow_id: str, task_id: str, position: str | None, attempt: int | None, most: int, latest: bool
    ) -> OutputPart:
        """What a task printed after `position`; see `sources.base.Printing`.

        Raises:
            NotFoundError: There is no such workflow or task.
            TargetError: Its log cannot be read.
        """
        # How the task is has to be known before its log is read: else its last words would be missed.
        self._look()
        now = self._count(workflow_id, task_id)
        count, position = _parted(position, now)
        if position:
            status = self._live_status(workflow_id, task_id)
            wanted: _Wanted = (workflow_id, task_id, attempt, None, False, None, None)
        else:
            task = self._task(workflow_id, task_id, now)
            status = _status(task)
            wanted = _wanted(workflow_id, task, attempt)
        is_to_come = status in _TO_COME and attempt is None
        is_nowhere = status in _NOT_BEGUN and not position
        operation = "output" if self._elsewhere and not is_nowhere else "output here"
        try:
            part = self._ask(operation, wanted, position, most, latest)
            if position and _section(part.position) != _section(position):
                count = max(1, now - 1)  # it went on to the last attempt on that node by itself
            elif position and not part.pieces and attempt is None and now > count:
                if not is_to_come:  # it has ended: who follows it asks no more after this
                    self._again.pop((workflow_id, task_id), None)
                    self._last = _NOBODY
                later = self._later(operation, workflow_id, task_id, most, now)
                if later is not None:
                    count, part = now, later if _section(later.position) != _section(position) else part
        except NotFoundError as missing:
            if is_to_come:
                note = _NOTHING_YET if status in _NOT_BEGUN else _NO_LOG_YET if self._elsewhere else _NOT_HERE
                return OutputPart((), "", True, note=missing.message if position else note)
            raise TargetError(missing.message, _NO_LOG_HINT if self._elsewhere else _NOT_HERE) from None
        except DriverRaised as raised:
            raise TargetError(f"what the task printed cannot be read: {raised}") from None
        return replace(part, position=f"{_BEGUN}{count} {part.position}", is_open=part.is_open or is_to_come)

    def _ask(self, operation: str, wanted: _Wanted, position: str | None, most: int, latest: bool) -> OutputPart:
        return cast("OutputPart", self._cluster.call(operation, wanted, position, most, latest, timeout=OUTPUT_TIMEOUT))

    def _later(self, operation: str, workflow_id: str, task_id: str, most: int, count: int) -> OutputPart | None:
        """The beginning of what the latest attempt printed, wherever it runs; None where there is no log of it yet.

        With a position only that node is asked, which does not know of attempts on others.
        """
        now = time.monotonic()
        self._again = {one: when for one, when in self._again.items() if now - when < AGAIN_EVERY}
        if (workflow_id, task_id) in self._again:
            return None
        self._again[workflow_id, task_id] = now
        submitted = [one.submitted for one in self._looks.memory.tasks(workflow_id) if one.id == task_id]
        try:
            task = self._task(workflow_id, task_id, count)
            if task.started_at is None or task.started_at < max(filter(None, submitted), default=0.0):
                return None  # it waits for a node: all logs that there are, are of earlier attempts
            return self._ask(operation, _wanted(workflow_id, task, None, is_strict=True), "", most, True)
        except (NotFoundError, TargetError):  # or some node was not heard: who follows it asks again
            return None

    def _look(self) -> None:
        """Ask the manager how its tasks are, unless somebody did so just now."""
        now = time.monotonic()
        if now - self._looked >= self._looks.interval:
            self._looked = now
            self._looks.look()

    def _live_status(self, workflow_id: str, task_id: str) -> Status | None:
        """How the manager sees a task; None where it does not run its workflow."""
        for task in self._looks.memory.tasks(workflow_id):
            if task.id == task_id:
                return task.status if task.continuation is None else Status.SUCCESSFUL
        return None

    def _count(self, workflow_id: str, task_id: str) -> int:
        """How often a task was begun in this run, as far as was seen: the manager forgets it when the task ends."""
        memory = self._looks.memory
        retries = [task.retries for task in memory.tasks(workflow_id) if task.id == task_id]
        return max([number for number, _ in memory.ray_task_ids(workflow_id, task_id)] + [n + 1 for n in retries] + [1])

    def _task(self, workflow_id: str, task_id: str, count: int) -> Task:
        """The task as it is, or was some seconds ago: reading a large workflow takes its time.

        Args:
            workflow_id: Of which workflow.
            task_id: Which task.
            count: How often it was begun: what was seen before that is not good enough.
        """
        known, when, counted, task = self._last
        is_young = time.monotonic() - when < TASK_AGE and counted >= count
        if task is not None and known == (workflow_id, task_id) and is_young:
            return task
        for task in self._cluster.detail(workflow_id).tasks:
            if task.id == task_id:
                self._last = (workflow_id, task_id), time.monotonic(), count, task
                return task
        raise NotFoundError(f"no task {task_id!r} in workflow {workflow_id!r}", "wftui show ID lists its tasks")


def _status(task: Task) -> Status:
    return task.status if task.continuation is None else Status.SUCCESSFUL


def _wanted(workflow_id: str, task: Task, attempt: int | None, *, is_strict: bool = False) -> _Wanted:
    """See `near.task_output.Wanted`."""
    begun = len(task.attempts) if task.attempts else None
    pid = task.pid if _status(task) is Status.RUNNING else None
    return workflow_id, task.id, attempt, task.started_at, is_strict, begun, pid


def _parted(position: str | None, count: int) -> tuple[int, str | None]:
    """Of how many begins of the task was known at a position that its log is looked for no more, and the one near it.

    What is the first position may be in an attempt before the latest: of that there need not be a log yet.
    """
    if not position or not position.startswith(_BEGUN):
        return max(1, count - 1), position
    number, _, near = position.removeprefix(_BEGUN).partition(" ")
    return int(number), near


def _section(position: str) -> tuple[str, object]:
    """On which node a position near the logs is, and in which section there."""
    node, _, here = position.partition("[")
    return node, json.loads(f"[{here}")[:2] if here else None
