"""Cancel, resume and delete on a live cluster, with the guards that Ray lacks."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, cast

from wftui.errors import NotFoundError, TargetError
from wftui.model.action import NOTHING, ActionKind, ActionOutcome, ActionPlan
from wftui.model.status import Status
from wftui.sources.ray.cluster.acting.armed import ArmedCancels
from wftui.sources.ray.cluster.acting.guards import (
    ALLOWED,
    NOT_FOUND,
    TAKES_NOTHING,
    make_plan,
    why_not,
    why_not_delete,
)
from wftui.sources.ray.cluster.answers import DriverRaised

if TYPE_CHECKING:
    from wftui.model.action import Given
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail, WorkflowKey

ACT_TIMEOUT = 150.0
"""Seconds; a resume may have to start the manager, for which a busy head node takes a minute."""
SETTLE_TIMEOUT = 10.0
IDLE_TIMEOUT = 5.0
_BETWEEN = 0.1


class _Cluster(Protocol):
    """What the actions need of the source."""

    def key(self, workflow_id: str) -> WorkflowKey: ...

    def call(self, operation: str, *arguments: object, timeout: float = ...) -> object: ...

    def stored(self, workflow_id: str) -> WorkflowDetail: ...

    def wake(self) -> None: ...


class ClusterActions:
    """The writing side of a cluster."""

    def __init__(self, cluster: _Cluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._armed = ArmedCancels(self._fire, self._note)

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """Cancel, resume and delete."""
        return frozenset(ALLOWED)

    def plan(self, kind: ActionKind, workflow_id: str, given: Given = NOTHING) -> ActionPlan:
        """Read afresh, and tell what the action would do. Writes nothing."""
        status, has_manager = self._read(workflow_id)
        if status is not None and given != NOTHING:
            return ActionPlan(self._cluster.key(workflow_id), kind, False, status, TAKES_NOTHING)
        tasks: tuple[Task, ...] = ()
        if kind is ActionKind.RESUME and not why_not(kind, status):
            with suppress(NotFoundError, TargetError):  # the plan then goes without them
                tasks = self._cluster.stored(workflow_id).tasks
        return make_plan(self._cluster.key(workflow_id), kind, status, tasks, has_manager=has_manager)

    def act(
        self,
        kind: ActionKind,
        workflow_id: str,
        *,
        arm: bool = False,
        given: Given = NOTHING,
    ) -> ActionOutcome:
        """Re-read the status, refuse or do it, and read the outcome back."""
        key = self._cluster.key(workflow_id)
        before, _ = self._read(workflow_id)
        if before is None:
            return ActionOutcome(key, kind, False, None, None, NOT_FOUND, not_found=True)
        if arm and kind is ActionKind.CANCEL and before is Status.PENDING:
            self._armed.arm(workflow_id)
            why = "armed: it is cancelled when it turns RUNNING, as long as wftui runs"
            return ActionOutcome(key, kind, False, before, before, why, armed=True)
        why = (
            TAKES_NOTHING
            if given != NOTHING
            else why_not(kind, before) or (why_not_delete(workflow_id) if kind is ActionKind.DELETE else "")
        )
        if why:
            return ActionOutcome(key, kind, False, before, before, why)
        try:
            done, why = self._do(kind, workflow_id)
        except DriverRaised as raised:
            done, why = False, str(raised)
        after, _ = self._read(workflow_id)
        self._note(workflow_id)
        return ActionOutcome(key, kind, done, before, after, why)

    def disarm(self, workflow_id: str) -> bool:
        """Take back an armed cancel. Returns whether one was armed."""
        return self._armed.disarm(workflow_id)

    # -- for the source --------------------------------------------------------------------------------------

    def is_armed(self, workflow_id: str) -> bool:
        """Whether a cancel of it is armed."""
        return workflow_id in self._armed

    def take_changed(self) -> frozenset[str]:
        """The workflows that were armed, disarmed or acted on since the last call."""
        with self._lock:
            changed, self._changed = frozenset(self._changed), set()
        return changed

    def close(self) -> None:
        """Forget what is armed."""
        self._armed.close()

    # -- inside ----------------------------------------------------------------------------------------------

    def _note(self, workflow_id: str) -> None:
        with self._lock:
            self._changed.add(workflow_id)
        self._cluster.wake()

    def _read(self, workflow_id: str) -> tuple[Status | None, bool]:
        """The status just now, and whether there is a manager.

        Raises:
            TargetError: The target does not answer.
        """
        try:
            word, has_manager = cast("tuple[str | None, bool]", self._cluster.call("status", workflow_id))
        except DriverRaised as raised:
            raise TargetError(f"the workflow manager does not tell the status: {raised}") from None
        if has_manager:
            return _status(word), True
        try:
            recorded = self._cluster.stored(workflow_id).summary.recorded_status
        except NotFoundError:
            return None, False
        status = _status(recorded)
        return Status.RESUMABLE if status in (Status.RUNNING, Status.PENDING) else status, False

    def _do(self, kind: ActionKind, workflow_id: str) -> tuple[bool, str]:
        if kind is ActionKind.CANCEL:
            return self._cancel(workflow_id)
        self._cluster.call(kind.value, workflow_id, timeout=ACT_TIMEOUT)
        if kind is ActionKind.DELETE:
            gone = self._read(workflow_id)[0] is None
            return gone, "" if gone else "Ray did not delete all of it"
        return True, ""

    def _cancel(self, workflow_id: str) -> tuple[bool, str]:
        word = self._try_to_cancel(workflow_id)
        if word == "queued":
            return False, "it went back to the queue"
        if word == "idle":
            return False, "no task of it runs that could be cancelled; try again"
        status = self._settled(workflow_id)
        if status is Status.CANCELED:
            return True, ""
        return False, f"it was {status.value if status else 'gone'} before the cancel took hold"

    def _try_to_cancel(self, workflow_id: str) -> str:
        """Cancel it if it runs; between two tasks of it, wait for the next one."""
        until = time.monotonic() + IDLE_TIMEOUT
        while (word := str(self._cluster.call("cancel", workflow_id))) == "idle" and time.monotonic() < until:
            time.sleep(_BETWEEN)
        return word

    def _settled(self, workflow_id: str) -> Status | None:
        """The status once the workflow does not run any more, or after some seconds."""
        until = time.monotonic() + SETTLE_TIMEOUT
        while (status := self._read(workflow_id)[0]) is Status.RUNNING and time.monotonic() < until:
            time.sleep(_BETWEEN)
        return status

    def _fire(self, workflow_id: str) -> bool:
        """Try an armed cancel; True when there is nothing left to wait for: one that took no hold is tried again."""
        try:
            word = str(self._cluster.call("cancel", workflow_id))
            return word == "absent" or (word == "canceling" and self._settled(workflow_id) is not Status.RUNNING)
        except (TargetError, DriverRaised):
            return False  # the cluster may come back, and the monitor tells that it is gone


def _status(word: str | None) -> Status | None:
    if word is None or word in ("NONE", ""):
        return None
    try:
        return Status(word)
    except ValueError:
        return Status.UNKNOWN
