"""Near operations on other machines of the cluster: a small actor of ours on each that is asked, gone when we are."""

from __future__ import annotations

import pickle
import sys
import threading
import time
import zlib
from typing import Any, cast

from wftui.errors import NotFoundError, TargetError, TargetGone
from wftui.sources.ray.cluster.answers import first_line, value_of
from wftui.sources.ray.cluster.observer import actor as observer_actor
from wftui.sources.ray.cluster.observer.carrier import unpacked
from wftui.sources.ray.cluster.observer.shipping import packed_sources

MOST_NODES = 16
"""Machines that are asked for something of which nobody knows where it is."""
TIMEOUT = 25.0
"""Seconds; a machine starts a process for the first question."""
VERDICT = 15.0
"""Seconds in which Ray gets to notice that a node is lost which does not answer."""
_PULSE = 0.5
GONE = "the node where it ran is lost, and its log with it"


class OtherNodes:
    """Asks actors of ours on other machines.

    Args:
        even_here: Ask the machine that this runs on, too: for tests on one machine.
    """

    def __init__(self, *, even_here: bool = False) -> None:
        self._even_here = even_here
        self._lock = threading.Lock()
        self._actors: dict[str, Any] = {}
        self._held: set[str] = set()

    def ask(self, node: str, operation: str, *arguments: object) -> object:
        """Have the actor on a node, by Ray's id of it, carry out a near operation.

        Raises:
            NotFoundError: The node is lost.
            TargetGone: It is not, but the actor is gone, or does not answer.
            Exception: Whatever the operation raises.
        """
        import ray

        if not _is_alive(node):
            self._drop(node)
            raise NotFoundError(GONE)
        request = _request(operation, arguments)
        try:
            try:
                answer = self._ask(node, request)
            except ray.exceptions.RayActorError:  # what ended may be our process alone
                answer = self._ask(node, request)
        except (ray.exceptions.RayError, TimeoutError) as error:
            if isinstance(error, ray.exceptions.RayActorError) and _is_lost(node):
                raise NotFoundError(GONE) from None
            raise TargetGone(f"the node where it ran does not answer: {_why(error)}") from None
        return value_of(*answer)

    def _ask(self, node: str, request: bytes) -> tuple[str, object]:
        """The outcome. An actor that does not answer is let go."""
        import ray

        actor = self._actor(node)
        try:
            ticket, size, data = ray.get(actor.carry_out.remote(request), timeout=TIMEOUT)
            return _whole(actor, ticket, size, data)
        except (ray.exceptions.RayError, TimeoutError):
            self._drop(node)
            raise

    def find(self, operation: str, *arguments: object) -> tuple[str, object]:
        """Ask all other machines at once. Returns the id of the first whose operation has something, and that.

        Raises:
            NotFoundError: None has.
            TargetError: There are too many, or some do not answer, and none of the others has anything.
        """
        import ray

        nodes = self._nodes()
        if not nodes:
            raise NotFoundError("there is no other machine")
        request = _request(operation, arguments)
        asked = {self._actor(node).carry_out.remote(request): node for node in nodes[:MOST_NODES]}
        waiting, silent, until = list(asked), 0, time.monotonic() + TIMEOUT
        while waiting and (left := until - time.monotonic()) > 0:
            ready, waiting = ray.wait(waiting, num_returns=1, timeout=left)
            for one in ready:
                node = asked[one]
                try:
                    answer = value_of(*_whole(self._actor(node), *ray.get(one)))
                except ray.exceptions.RayError:
                    silent += 1
                except NotFoundError:
                    pass
                else:
                    self._held.add(node)
                    for other in waiting:
                        self._let_go(asked[other])
                    return node, answer
                self._let_go(node)
        for one in waiting:
            self._let_go(asked[one])
        silent += len(waiting) + max(0, len(nodes) - MOST_NODES)
        if silent:
            raise TargetError(f"no log of it is found; {silent} of {len(nodes)} other nodes were not heard")
        raise NotFoundError("nothing is found on any machine of the cluster")

    def _nodes(self) -> list[str]:
        import ray

        here = None if self._even_here else ray.get_runtime_context().get_node_id()
        alive = [str(node["NodeID"]) for node in ray.nodes() if node.get("Alive")]
        return [node for node in alive if node != here]

    def _actor(self, node: str) -> Any:
        with self._lock:
            if node not in self._actors:
                self._actors[node] = _start(node)
            return self._actors[node]

    def _let_go(self, node: str) -> None:
        """Only what had something once stays: each actor is a process."""
        if node not in self._held:
            self._drop(node)

    def _drop(self, node: str) -> None:
        import ray

        with self._lock:
            actor = self._actors.pop(node, None)
        if actor is not None:
            ray.kill(actor, no_restart=True)


def _is_alive(node: str) -> bool:
    import ray

    return any(one.get("Alive") and one["NodeID"] == node for one in ray.nodes())


def _is_lost(node: str) -> bool:
    """Whether a node whose actor died is lost, too; Ray takes some seconds to know."""
    until = time.monotonic() + VERDICT
    while is_alive := _is_alive(node):
        if time.monotonic() >= until:
            break
        time.sleep(_PULSE)
    return not is_alive


def _why(error: Exception) -> str:
    """In few words; Ray tells it in a dozen lines."""
    import ray

    if isinstance(error, ray.exceptions.RayActorError):
        return "our process there ended"
    if isinstance(error, (ray.exceptions.GetTimeoutError, TimeoutError)):
        return f"no word for {TIMEOUT:.0f} s"
    return first_line(str(error)) or type(error).__name__


def _request(operation: str, arguments: tuple[object, ...]) -> bytes:
    return pickle.dumps((operation, arguments), protocol=5)


def _whole(actor: Any, ticket: int, size: int, data: bytes) -> tuple[str, object]:
    """An outcome that may come in several parts."""
    import ray

    parts, got = [data], len(data)
    while got < size:
        data = cast("bytes", ray.get(actor.rest.remote(ticket, got), timeout=TIMEOUT))
        if not data:
            break
        parts.append(data)
        got += len(data)
    return unpacked(b"".join(parts))


def _start(node: str) -> Any:
    import ray
    from ray import cloudpickle
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    cloudpickle.register_pickle_by_value(observer_actor)
    there = NodeAffinitySchedulingStrategy(node, soft=False)
    options = {"num_cpus": 0, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": there}
    return ray.remote(observer_actor.Observer).options(**options).remote(_sources())


def _sources() -> bytes:
    """What is sent along: in an observer, what it was sent itself."""
    for finder in sys.meta_path:
        if type(finder).__name__ == observer_actor.FromMemory.__name__:
            return zlib.compress(pickle.dumps(vars(finder)["_sources"], protocol=5), 9)
    return packed_sources()
