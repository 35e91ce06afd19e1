"""A look at the workflow manager from a process that is attached to its cluster: the driver, or the observer."""

from __future__ import annotations

import pickle
import threading
import time
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any

from wftui.sources.ray.cluster.near import manager as in_manager

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MANAGER = "WorkflowManagementActor"
MANAGER_NAMESPACE = "workflow"
LOOK_TIMEOUT = 3.0


class ManagerLooking:
    """Looks at the manager, and never creates one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: Any = None  # a look that has not been answered: never more than one

    def look(self, known: Mapping[str, object], budget: int) -> tuple[str, object, float]:
        """One look at the manager's memory.

        Returns:
            How it is, what `manager.look` gave, and the seconds it took: "none" where there is no manager, "busy"
            where it has not answered in time (the next look waits for the same answer), else "ok".
        """
        with self._lock:
            return self._look(known, budget)

    def _look(self, known: Mapping[str, object], budget: int) -> tuple[str, object, float]:
        import ray

        started = time.monotonic()
        if self._pending is None:
            actor = find_manager()
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
        """What the manager sees at `path`, or we where there is none; None where nothing is there."""
        import ray

        actor = find_manager()
        if actor is None:
            return in_manager.identify(None, path)
        seen: tuple[int, int] | None = ray.get(ship(actor, in_manager.identify, path), timeout=LOOK_TIMEOUT)
        return seen


def find_manager() -> Any:
    """The manager's handle; None where there is none. Never creates one."""
    import ray

    try:
        return ray.get_actor(MANAGER, namespace=MANAGER_NAMESPACE)
    except ValueError:
        return None


def ship(actor: Any, function: Callable[..., object], *arguments: object) -> Any:
    """Have the manager call a function of `manager.py`, which is sent along. Returns the reference to its answer."""
    from ray import cloudpickle

    cloudpickle.register_pickle_by_value(in_manager)
    return actor.__ray_call__.remote(in_manager.run, cloudpickle.dumps((function, arguments)))
