"""Calls to the workflow manager, inside the driver process. None of them creates one, but `resume`."""

from __future__ import annotations

import pickle
import time
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

from wftui.errors import TargetError, TargetGone
from wftui.sources.ray.cluster import manager as in_manager
from wftui.sources.ray.cluster.attach import Attached, attach, check_port, session_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MANAGER = "WorkflowManagementActor"
MANAGER_NAMESPACE = "workflow"
LOOK_TIMEOUT = 3.0
CALL_TIMEOUT = 20.0


class ManagerCalls:
    """The manager of the cluster that this process is attached to."""

    def __init__(self) -> None:
        self._attached: Attached | None = None
        self._pending: Any = None  # a look that has not been answered: never more than one

    def attach(self, address: str) -> Attached:
        """Attach to a cluster; see `attach.attach`."""
        self._attached = attach(address)
        return self._attached

    def look(self, known: Mapping[str, object], budget: int) -> tuple[str, object, float]:
        """One look at the manager's memory.

        Returns:
            How it is, what `manager.look` gave, and the seconds it took: "none" where there is no manager, "busy"
            where it has not answered in time (the next look waits for the same answer), else "ok".

        Raises:
            TargetGone: The cluster does not answer, or is another one by now.
        """
        self._check_session()
        import ray

        started = time.monotonic()
        if self._pending is None:
            actor = self.find()
            if actor is None:
                return "none", None, time.monotonic() - started
            self._pending = ship(actor, in_manager.look, known, budget)
        ready, _ = ray.wait([self._pending], timeout=LOOK_TIMEOUT)
        if not ready:
            return "busy", None, time.monotonic() - started
        pending, self._pending = self._pending, None
        try:
            answer = pickle.loads(ray.get(pending))  # noqa: S301 - written by our own function
        except ray.exceptions.RayActorError:
            return "none", None, time.monotonic() - started
        except ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, (FutureTimeout, TimeoutError)):
                return "busy", None, time.monotonic() - started
            raise
        return "ok", answer, time.monotonic() - started

    def identify(self, path: str) -> tuple[int, int] | None:
        """What the manager sees at `path`; None where there is no manager, or nothing there."""
        import ray

        actor = self.find()
        if actor is None:
            return None
        seen: tuple[int, int] | None = ray.get(ship(actor, in_manager.identify, path), timeout=LOOK_TIMEOUT)
        return seen

    def find(self) -> Any:
        """The manager's handle; None where there is none. Never creates one."""
        import ray

        try:
            return ray.get_actor(MANAGER, namespace=MANAGER_NAMESPACE)
        except ValueError:
            return None

    def status(self, workflow_id: str) -> tuple[str | None, bool]:
        """Ray's word for a workflow, from the manager, and whether there is one; it knows only if there is."""
        import ray
        from ray.workflow.exceptions import WorkflowNotFoundError

        actor = self.find()
        if actor is None:
            return None, False
        try:
            status = ray.get(actor.get_workflow_status.remote(workflow_id), timeout=CALL_TIMEOUT)
        except WorkflowNotFoundError:
            return None, True
        except ray.exceptions.RayActorError:
            return None, False
        return str(status.value), True

    def cancel(self, workflow_id: str) -> str:
        """Cancel a workflow if it runs; returns what `manager.cancel` says, "absent" where there is no manager."""
        import ray

        actor = self.find()
        if actor is None:
            return "absent"
        return str(
            ray.get(actor.__ray_call__.remote(in_manager.on_loop, in_manager.cancel, workflow_id), timeout=CALL_TIMEOUT)
        )

    def delete(self, workflow_id: str) -> None:
        """Delete a workflow that does not run, as `ray.workflow.delete` does; starts a manager where there is none."""
        from ray import workflow

        workflow.delete(workflow_id)

    def resume(self, workflow_id: str) -> None:
        """Resume a workflow, as `ray.workflow.resume_async` does: it starts a manager where there is none.

        The manager owns what it runs, so that it goes on when this process ends.
        """
        import ray
        from ray import workflow

        workflow.resume_async(workflow_id)
        # Calls arrive in order: once this one is answered, the manager has what it needs to go on without us.
        actor = ray.get_actor(MANAGER, namespace=MANAGER_NAMESPACE)
        ray.get(actor.ready.remote(), timeout=CALL_TIMEOUT)

    def _check_session(self) -> None:
        """Whether this is still the life of the cluster that we attached to.

        Raises:
            TargetGone: It is not, or does not answer.
        """
        attached = self._attached
        if attached is None:
            raise TargetGone("not attached")
        try:
            # Ray itself would wait a minute for a cluster that is not there, and then end this process.
            check_port(attached.address, attached.address)
            session = session_name()
        except Exception as error:  # noqa: BLE001 - each kind means the same here
            raise TargetGone(f"the Ray cluster at {attached.address} does not answer: {first_line(error)}") from None
        if session != attached.session:
            raise TargetGone(f"the Ray cluster at {attached.address} was started anew")


def ship(actor: Any, function: Callable[..., object], *arguments: object) -> Any:
    """Have the manager call a function of `manager.py`, which is sent along. Returns the reference to its answer."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(in_manager)
    return actor.__ray_call__.remote(in_manager.run, cloudpickle.dumps((function, arguments)))


def first_line(error: Exception) -> str:
    """What an error says, or else its name."""
    text = error.message if isinstance(error, TargetError) else str(error)
    return next((line.strip() for line in text.splitlines() if line.strip()), type(error).__name__)
