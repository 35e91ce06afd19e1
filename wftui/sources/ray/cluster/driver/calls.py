"""Calls to the workflow manager, inside the driver process. None of them creates one, but `resume`."""

from __future__ import annotations

from wftui.errors import TargetError, TargetGone
from wftui.sources.ray.cluster.answers import first_line
from wftui.sources.ray.cluster.driver.attach import Attached, attach, check_port, session_name
from wftui.sources.ray.cluster.near import manager as in_manager
from wftui.sources.ray.cluster.near.looking import MANAGER, MANAGER_NAMESPACE, find_manager, ship

CALL_TIMEOUT = 20.0


class ManagerCalls:
    """The manager of the cluster that this process is attached to."""

    def __init__(self) -> None:
        self._attached: Attached | None = None

    @property
    def is_client(self) -> bool:
        """Whether we are attached through Ray Client."""
        return self._attached is not None and self._attached.client

    def attach(self, address: str) -> Attached:
        """Attach to a cluster; see `attach.attach`."""
        self._attached = attach(address)
        return self._attached

    def status(self, workflow_id: str) -> tuple[str | None, bool]:
        """Ray's word for a workflow, from the manager, and whether there is one; it knows only if there is."""
        import ray
        from ray.workflow.exceptions import WorkflowNotFoundError

        actor = find_manager()
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

        actor = find_manager()
        if actor is None:
            return "absent"
        return str(ray.get(ship(actor, in_manager.cancel, workflow_id), timeout=CALL_TIMEOUT))

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

    def check_port(self) -> None:
        """Whether something answers where the cluster was.

        Raises:
            TargetGone: Nothing does.
        """
        attached = self._attached
        if attached is None:
            raise TargetGone("not attached")
        try:
            check_port(attached.address, attached.address)
        except TargetError as error:
            raise TargetGone(f"the Ray cluster at {attached.address} does not answer: {error.message}") from None

    def check_session(self) -> None:
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
            text = error.message if isinstance(error, TargetError) else str(error)
            why = first_line(text) or type(error).__name__
            raise TargetGone(f"the Ray cluster at {attached.address} does not answer: {why}") from None
        if session != attached.session:
            raise TargetGone(f"the Ray cluster at {attached.address} was started anew")
