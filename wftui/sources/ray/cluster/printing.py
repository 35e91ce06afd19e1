"""What tasks of a live cluster print: who is asked, and whether more is to come."""

from __future__ import annotations

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
_NOT_BEGUN = frozenset({Status.PENDING, Status.READY})
_TO_COME = _NOT_BEGUN | {Status.RUNNING, Status.WAITING}
_NOTHING_YET = "it has not begun: nothing is printed yet"
_NO_LOG_YET = "no log of it is found yet"
_NOT_HERE = "other nodes than this one are not asked (--no-observer or WFTUI_NO_OBSERVER)"
_NO_LOG_HINT = "Ray keeps logs on the machine where a task ran, as long as the session of the cluster"

if TYPE_CHECKING:

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
        self._last: tuple[tuple[str, str], float, Task | None] = (("", ""), 0.0, None)

    def forget(self) -> None:
        """Begin anew: the driver is another one."""
        self._is_watched = False
        self._last = ("", ""), 0.0, None

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
        started = begun = pid = None
        if position:
            status = self._live_status(workflow_id, task_id)
        else:
            task = self._task(workflow_id, task_id)
            started, status = task.started_at, task.status if task.continuation is None else Status.SUCCESSFUL
            begun = len(task.attempts) if task.attempts else None
            pid = task.pid if status is Status.RUNNING else None
        is_to_come = status in _TO_COME and attempt is None
        is_nowhere = status in _NOT_BEGUN and not position
        operation = "output" if self._elsewhere and not is_nowhere else "output here"
        try:
            wanted = (workflow_id, task_id, attempt, started, False, begun, pid)
            answer = self._cluster.call(operation, wanted, position, most, latest, timeout=OUTPUT_TIMEOUT)
        except NotFoundError as missing:
            if is_to_come:
                note = _NOTHING_YET if status in _NOT_BEGUN else _NO_LOG_YET if self._elsewhere else _NOT_HERE
                return OutputPart((), "", True, note=missing.message if position else note)
            raise TargetError(missing.message, _NO_LOG_HINT if self._elsewhere else _NOT_HERE) from None
        except DriverRaised as raised:
            raise TargetError(f"what the task printed cannot be read: {raised}") from None
        part = cast("OutputPart", answer)
        return replace(part, is_open=part.is_open or is_to_come)

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

    def _task(self, workflow_id: str, task_id: str) -> Task:
        """The task as it is, or was some seconds ago: reading a large workflow takes its time."""
        known, when, task = self._last
        if task is not None and known == (workflow_id, task_id) and time.monotonic() - when < TASK_AGE:
            return task
        for task in self._cluster.detail(workflow_id).tasks:
            if task.id == task_id:
                self._last = (workflow_id, task_id), time.monotonic(), task
                return task
        raise NotFoundError(f"no task {task_id!r} in workflow {workflow_id!r}", "wftui show ID lists its tasks")
