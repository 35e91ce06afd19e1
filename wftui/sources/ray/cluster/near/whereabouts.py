"""Where Ray has its tasks, asked near the data: what state each is in and since when, on which node and worker.

Nodes and what they have come from Ray itself, tasks from the State API, which the dashboard on the head node serves as
JSON under `/api/v0/tasks`; `ray.util.state` asks there, too. We ask there ourselves: that needs nothing but the
standard library in this process, holds one connection for all questions, and keeps to its timeout.

Each task is asked for by its id: that costs the dashboard little, however many tasks there are, and is not cut off at
10,000 as a list of them is. What Ray tells of its own lags by about a second, in which workers collect it.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlencode

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from http.client import HTTPResponse

MOST_TASKS = 40
"""So many tasks are asked for in one call, and the dashboard is busy with them for a fraction of a second."""
IDLE_TOLD_FOR = 3600.0
"""Seconds for which it is told that a node was ended: others that ask may do so after a while."""
NODES_AGE = 1.0
"""Seconds for which what the nodes have is not asked for again."""
TIMEOUT = 2.0
"""Seconds that the dashboard has for an answer, and for all answers of one call."""
FIRST_REST, LONGEST_REST = 4.0, 60.0
"""Seconds for which a dashboard that did not answer is left alone: twice as long each time."""
_HEADERS = {"User-Agent": "wftui"}
"""The dashboard fails where a request has none."""
_PIECE = 65_536
_MOST_BYTES = 4_000_000
"""Longer is no answer about one task."""
_ODD = (TypeError, ValueError, LookupError, AttributeError, OverflowError)
"""What reading a row raises that is not as Ray's are."""
_DRAINED_IDLE = 4
"""`AUTOSCALER_DRAIN_IDLE` in Ray's gcs.proto."""
_SCALED_DOWN = "Terminated by autoscaler"
"""How the older of Ray's two autoscalers says so: its reason is that of a node that was told to end, busy or not."""
_JOB_ENDED = "as driver exits"
"""What Ray adds to the tasks of a driver that ended. Those of workflows run on: their manager outlives it."""
HOW_TO = "pip install 'ray[default]' on its head node, and start it with --include-dashboard=true"


class RayTask(NamedTuple):
    """One of Ray's own tasks. Times are Unix seconds.

    Attributes:
        state: Ray's word, as "RUNNING" or "PENDING_NODE_ASSIGNMENT".
        since: When it entered that state; None where Ray does not tell.
        running_since: When it began to run; None before.
        node: The id of its node; None before it has one.
        pid: The process id of its worker; None before it has one.
        asks: What it asks of a node, by Ray's names.
        group: The id of its placement group, as hex; None where it has none.
        failed: Ray's word for why it failed, as "NODE_DIED"; "" where it did not.
    """

    state: str
    since: float | None
    running_since: float | None
    node: str | None
    pid: int | None
    asks: Mapping[str, float]
    group: str | None
    failed: str = ""


class Node(NamedTuple):
    """A node of the cluster that is alive.

    Attributes:
        id: Ray's id of it, as hex.
        name: Its name, or else its address.
        total: What it has, by Ray's names.
        free: What of that is free; None where that is not told.
    """

    id: str
    name: str
    total: Mapping[str, float]
    free: Mapping[str, float] | None


class Told(NamedTuple):
    """What one call told.

    Attributes:
        tasks: By the id of Ray's task, as hex. None is what Ray knows nothing of (any more, or yet); for what is not
            there, there was no time.
        nodes: All that are alive.
        missing: Why the State API told nothing, one line; "" where it did, or was not asked.
        seconds: How long it took.
        lost: The names of nodes of these tasks that are lost, by Ray's ids of them.
        idle: The ids of nodes that were alive and then ended because nothing ran there.
    """

    tasks: dict[str, RayTask | None]
    nodes: tuple[Node, ...]
    missing: str
    seconds: float
    lost: Mapping[str, str] = MappingProxyType({})
    idle: frozenset[str] = frozenset()


class Whereabouts:
    """Asks Ray where tasks are, with a rest after each time that nobody answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rest = FIRST_REST
        self._not_before = 0.0
        self._missing = ""
        self._nodes: tuple[float, tuple[Node, ...]] = (0.0, ())
        self._lost: dict[str, str] = {}
        self._idle: dict[str, float] = {}

    def where(self, ids: Sequence[str]) -> Told:
        """Where these tasks are, the first `MOST_TASKS` of them, and what the nodes have.

        Args:
            ids: Of Ray's tasks, as hex.
        """
        started = time.monotonic()
        with self._lock:
            nodes = self._ask_nodes(started)
            tasks = self._ask_tasks(ids[:MOST_TASKS], started) if ids else {}
            on = {task.node for task in tasks.values() if task is not None}
            lost = {node: name for node, name in self._lost.items() if node in on}
            missing = self._missing if ids else ""
            return Told(tasks, nodes, missing, time.monotonic() - started, lost, frozenset(self._idle))

    def _ask_nodes(self, now: float) -> tuple[Node, ...]:
        asked, nodes = self._nodes
        if not nodes or now - asked >= NODES_AGE:
            import ray

            told = ray.nodes()
            ended = {node.id for node in nodes}.intersection(one["NodeID"] for one in told if _was_idle(one))
            recent = {node: at for node, at in self._idle.items() if now - at < IDLE_TOLD_FOR}
            self._idle = {**recent, **dict.fromkeys(ended, now)}
            nodes = tuple(_node(one, free) for one, free in _with_free(told))
            self._nodes = now, nodes
            self._lost = {one["NodeID"]: _name(one) for one in told if not one.get("Alive")}
        return nodes

    def _ask_tasks(self, ids: Sequence[str], now: float) -> dict[str, RayTask | None]:
        if now < self._not_before:
            return {}
        try:
            found = _ask(dashboard_address(), ids, now + TIMEOUT)
        except TargetError as missing:
            self._missing = str(missing)
            self._not_before = time.monotonic() + self._rest
            self._rest = min(2 * self._rest, LONGEST_REST)
            return {}
        self._missing, self._rest = "", FIRST_REST
        return found


def dashboard_address() -> tuple[str, int]:
    """The host and port of the dashboard.

    Raises:
        TargetError: The cluster has none.
    """
    from ray._private import ray_constants
    from ray.experimental import internal_kv

    told = internal_kv._internal_kv_get(ray_constants.DASHBOARD_ADDRESS, namespace=ray_constants.KV_NAMESPACE_DASHBOARD)
    host, _, port = (told or b"").decode().rpartition(":")
    if not host or not port.isdigit():
        raise TargetError(f"the cluster has no State API ({HOW_TO})")
    return host.strip("[]"), int(port)


def _ask(address: tuple[str, int], ids: Iterable[str], until: float) -> dict[str, RayTask | None]:
    found: dict[str, RayTask | None] = {}
    try:
        with closing(HTTPConnection(*address, timeout=TIMEOUT)) as connection:
            for task_id in ids:
                if time.monotonic() > until:
                    break
                found[task_id] = _ask_one(connection, task_id, until)
    except TimeoutError:
        if found:
            return found
        raise TargetError(f"the dashboard at {address[0]}:{address[1]} does not answer") from None
    except (OSError, HTTPException) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise TargetError(
            f"nothing answers at the dashboard's address {address[0]}:{address[1]} ({why}): {HOW_TO}"
        ) from None
    return found


def _ask_one(connection: HTTPConnection, task_id: str, until: float) -> RayTask | None:
    """The latest attempt of one task, as the State API has it (`TaskState` in ray/util/state/common.py).

    None, too, where what it has cannot be read: the other tasks are told all the same.
    """
    asked = {
        "filter_keys": "task_id",
        "filter_predicates": "=",
        "filter_values": task_id,
        "limit": 10,
        "timeout": 2,
        "detail": "True",
        "exclude_driver": "True",
    }
    connection.request("GET", f"/api/v0/tasks?{urlencode(asked)}", headers=_HEADERS)
    with connection.getresponse() as response:
        body = _read(response, until)
    if response.status != 200:
        raise TargetError(f"the dashboard does not serve the State API ({response.status}): {HOW_TO}")
    if body is None:
        connection.close()  # what it still sends is not read; the next request connects anew
        return None
    try:
        rows = json.loads(body)["data"]["result"]["result"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise TargetError("the dashboard's answer is not that of a State API") from None
    try:
        return _task(max(rows, key=lambda row: row.get("attempt_number") or 0)) if rows else None
    except _ODD:
        return None


def _read(response: HTTPResponse, until: float) -> bytes | None:
    """All of an answer; None where it is too long. The connection's own timeout is for each piece of it."""
    body = bytearray()
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > _MOST_BYTES:
            return None
        if response.length != 0 and time.monotonic() > until:
            raise TimeoutError
    return bytes(body)


def _task(row: Mapping[str, Any]) -> RayTask:
    events = {event["state"]: event["created_ms"] / 1000 for event in row.get("events") or () if "created_ms" in event}
    state, failed = str(row.get("state") or ""), ""
    if state == "FAILED" and _JOB_ENDED in str(row.get("error_message") or ""):
        # How far it came is the last of the others, among which is what came later: Ray puts them in the order of its
        # states, not of their times, which are of several clocks and can be the same.
        state = next((one for one in reversed(events) if one != "FAILED"), "")
    elif state == "FAILED":
        failed = str(row.get("error_type") or "")
    asks = {name: float(amount) for name, amount in (row.get("required_resources") or {}).items() if amount}
    node, pid, group = row.get("node_id"), row.get("worker_pid"), row.get("placement_group_id")
    return RayTask(
        state,
        events.get(state),
        events.get("RUNNING"),
        node if isinstance(node, str) else None,
        pid if isinstance(pid, int) else None,
        asks,
        group if isinstance(group, str) else None,
        failed,
    )


def _was_idle(told: Mapping[str, Any]) -> bool:
    """Whether a node was ended because nothing ran there, where this Ray tells."""
    if told.get("Alive"):
        return False
    by_autoscaler = str(told.get("DeathReasonMessage") or "").startswith(_SCALED_DOWN)
    return told.get("DeathReason") == _DRAINED_IDLE or by_autoscaler


def _with_free(nodes: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Mapping[str, float] | None]]:
    """Each node that is alive, with what is free on it where this Ray can tell."""
    from ray._private import state

    alive = [node for node in nodes if node.get("Alive")]
    ask = getattr(state, "available_resources_per_node", None)
    free = cast("Mapping[str, Mapping[str, float]]", ask()) if ask is not None else {}
    return [(node, free.get(node["NodeID"])) for node in alive]


def _node(told: Mapping[str, Any], free: Mapping[str, float] | None) -> Node:
    return Node(told["NodeID"], _name(told), _plain(told.get("Resources")), None if free is None else _plain(free))


def _name(told: Mapping[str, Any]) -> str:
    return str(told.get("NodeName") or told.get("NodeManagerAddress") or told["NodeID"])


def _plain(resources: Mapping[str, Any] | None) -> dict[str, float]:
    return {str(name): float(amount) for name, amount in (resources or {}).items()}
