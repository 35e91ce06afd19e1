"""The driver's end of the observer: an actor of ours, without CPUs, that is gone when we are.

It runs where the storage lies most likely: on the head node. What it is asked and what it answers is counted.
"""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wftui.errors import TargetError, TargetGone
from wftui.sources.ray.cluster.answers import ObserverLost, first_line, value_of
from wftui.sources.ray.cluster.observer import actor as observer_actor
from wftui.sources.ray.cluster.observer.carrier import unpacked
from wftui.sources.ray.cluster.observer.shipping import packed_sources

if TYPE_CHECKING:
    from collections.abc import Callable

START_TIMEOUT = 60.0
"""Seconds until it answers: the cluster starts a process for it."""
CALL_TIMEOUT = 60.0
_THREADS = 8
"""Calls that it carries out at once."""
_PULSE = 2.0
"""Seconds between looks at whether the cluster is still there while an answer is waited for."""
_MISSES = 4
"""So many of them in a row that find nothing."""
_HEAD = "node:__internal_head__"


class Sent(NamedTuple):
    """An observer that runs.

    Attributes:
        node: The address of its node.
        pid: Its process there.
        size: Bytes of our sources that were sent along.
    """

    node: str
    pid: int
    size: int


class Traffic(NamedTuple):
    """What went to and came from observers so far.

    Attributes:
        calls: How often an observer was asked.
        sent: Bytes of the requests.
        received: Bytes of the answers.
    """

    calls: int = 0
    sent: int = 0
    received: int = 0


class ObserverCalls:
    """The observer of the cluster that this process is attached to.

    Args:
        check: Raises `TargetGone` where nothing answers at the cluster's address; quick.
        check_session: Raises it also where it is another life of the cluster.
    """

    def __init__(self, check: Callable[[], None], check_session: Callable[[], None]) -> None:
        self._check = check
        self._check_session = check_session
        self._lock = threading.Lock()
        self._actor: Any = None
        self._was_sent = False
        self._traffic = Traffic()

    @property
    def was_sent(self) -> bool:
        """Whether one came up once: then it is asked, and if it is gone that is told, so that another one comes."""
        return self._was_sent

    def send(self) -> Sent:
        """Start an observer in the cluster, in the place of one that was there.

        Raises:
            TargetError: It does not start.
            TargetGone: The cluster does not answer.
        """
        self.recall()
        sources = packed_sources()
        try:
            actor = _start(sources)
        except OSError as error:  # what Ray runs for us on the head node has lost its node
            self._check_session()
            raise TargetGone(f"no node of the cluster takes an observer: {error.strerror or error}") from None
        with self._lock:
            self._actor = actor
        node, pid = cast("tuple[str, int]", self._ask("hello", (), START_TIMEOUT))
        self._was_sent = True
        return Sent(node, pid, len(sources))

    def recall(self) -> None:
        """End it, if there is one."""
        import ray

        with self._lock:
            actor, self._actor = self._actor, None
        if actor is not None:
            ray.kill(actor, no_restart=True)

    def carry_out(self, operation: str, *arguments: object) -> object:
        """Have the observer carry out a near operation.

        Raises:
            ObserverLost: It is gone; the cluster is not.
            TargetGone: The cluster does not answer.
            Exception: Whatever the operation raises, see `answers.py`.
        """
        return self._ask(operation, arguments, CALL_TIMEOUT)

    def traffic(self) -> Traffic:
        """What was asked and answered so far."""
        return self._traffic

    def _ask(self, operation: str, arguments: tuple[object, ...], timeout: float) -> object:
        with self._lock:
            actor = self._actor
        if actor is None:
            raise ObserverLost("there is no observer in the cluster")
        request = pickle.dumps((operation, arguments), protocol=5)
        ticket, size, data = cast("tuple[int, int, bytes]", self._get(actor.carry_out, (request,), timeout))
        parts, got = [data], len(data)
        self._count(len(request), len(data))
        while got < size:
            data = cast("bytes", self._get(actor.rest, (ticket, got), timeout))
            self._count(0, len(data))
            if not data:
                break
            parts.append(data)
            got += len(data)
        return value_of(*unpacked(b"".join(parts)))

    def _count(self, sent: int, received: int) -> None:
        with self._lock:
            was = self._traffic
            self._traffic = Traffic(was.calls + 1, was.sent + sent, was.received + received)

    def _get(self, method: Any, arguments: tuple[object, ...], timeout: float) -> object:
        """Call a method of the actor in a thread of its own, and see that the cluster is there while it takes."""
        calling = _Calling(method, arguments, timeout)
        missed = 0
        while not calling.done.wait(_PULSE):
            try:
                self._check()
                missed = 0
            except TargetGone:
                missed += 1  # a busy machine may take its time
                if missed >= _MISSES:
                    raise
        if calling.error is None:
            return calling.value
        raise self._explained(calling.error)

    def _explained(self, error: Exception) -> Exception:
        import ray

        if isinstance(error, (ray.exceptions.RayActorError, ray.exceptions.GetTimeoutError)):
            self._check_session()  # gone with the whole cluster?
        if isinstance(error, ray.exceptions.RayActorError):
            return ObserverLost(f"the observer in the cluster is gone: {_why(error)}")
        if isinstance(error, ray.exceptions.GetTimeoutError):
            return ObserverLost("the observer in the cluster does not answer")
        if isinstance(error, ray.exceptions.RayTaskError):
            return TargetError(f"the observer in the cluster failed: {first_line(str(error.cause))}")
        return TargetGone(f"the connection to the cluster is lost: {first_line(str(error)) or type(error).__name__}")


class _Calling:
    """One call of the actor, in a thread that is left alone where the cluster is gone."""

    def __init__(self, method: Any, arguments: tuple[object, ...], timeout: float) -> None:
        self.done = threading.Event()
        self.value: object = None
        self.error: Exception | None = None
        self._work = (method, arguments, timeout)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        import ray

        method, arguments, timeout = self._work
        try:
            self.value = ray.get(method.remote(*arguments), timeout=timeout)
        except Exception as error:  # noqa: BLE001 - told to who waits
            self.error = error
        self.done.set()


def _start(sources: bytes) -> Any:
    """The actor, on the head node where that is known and up, else anywhere."""
    import ray
    from ray import cloudpickle
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    cloudpickle.register_pickle_by_value(observer_actor)
    options: dict[str, Any] = {"num_cpus": 0, "max_restarts": 0, "max_task_retries": 0, "max_concurrency": _THREADS}
    if (head := _head()) is not None:
        # Softly, Ray puts it anywhere now and then, though the node is up; the storage may lie on the head node only.
        options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(head, soft=False)
    return ray.remote(observer_actor.Observer).options(**options).remote(sources)


def _head() -> str | None:
    """The id of the head node; None where this Ray does not tell which one that is."""
    import ray

    nodes = [node for node in ray.nodes() if node.get("Alive")]
    return next((str(node["NodeID"]) for node in nodes if _HEAD in node.get("Resources", {})), None)


def _why(error: Exception) -> str:
    """Why an actor died, in few words; Ray tells it in a dozen lines."""
    text = str(error)
    if "ray.kill" in text:
        return "it was killed"
    if "node" in text.lower() and "died" in text.lower() and "worker" not in text.lower():
        return "its node died"
    return "its process ended"
