"""Why a task that was given to Ray does not run yet, in words. Pure.

The words stand after "waits for": "resources: asks 1 GPU; no node has a GPU". Names of resources are foreign and raw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wftui.sources.ray.cluster.near.whereabouts import Node, RayTask

A_WORKER = "a worker to start"
NOT_STARTED = "a free worker: given to Ray, not started"
_FEW = 3
"""So many of the tasks that one waits for are named."""
_EPSILON = 1e-6
_STEP = 1000.0
_MEMORY = frozenset({"memory", "object_store_memory"})
_OF_GROUP = "_group_"
_NODE = "node:"
_STATES: Mapping[str, str] = {
    "PENDING_ARGS_AVAIL": "its arguments",
    "PENDING_ARGS_FETCH": "its arguments, which are on their way to its node",
    "PENDING_OBJ_STORE_MEM_AVAIL": "room in the object store of its node",
    "SUBMITTED_TO_WORKER": "a worker that it was given to",
}


class Waiting(NamedTuple):
    """Why a task waits.

    Attributes:
        words: What for.
        is_stuck: The cluster, as it is, does not have it: however long the task waits, it will not run.
    """

    words: str
    is_stuck: bool = False


def why_waiting(task: RayTask | None, asks: Mapping[str, float] | None, nodes: Sequence[Node]) -> Waiting:
    """What a task that was given to Ray, and does not run, waits for.

    Args:
        task: What Ray tells of it; None where that is not known.
        asks: What it asks of a node, where Ray does not tell; None where nobody does.
        nodes: All that are alive; none where they are not known.
    """
    if task is not None and task.state in _STATES:
        return Waiting(_STATES[task.state])
    if task is not None:
        asks = task.asks
    if asks is None or not nodes:
        return Waiting(NOT_STARTED)
    where = f" of placement group {task.group[:8]}" if task is not None and task.group else ""
    short = shortage(asks, nodes)
    if short is None:
        return Waiting(A_WORKER if task is not None else NOT_STARTED)
    return Waiting(f"resources: asks {asks_words(asks)}{where}; {short.words}", short.is_stuck)


def shortage(asks: Mapping[str, float], nodes: Sequence[Node]) -> Waiting | None:
    """Which of the resources asked for the nodes do not have, or not free; None where one of them has all.

    A task runs on one node: what several have together is of no use to it.
    """
    wanted = {name: amount for name, amount in asks.items() if amount > 0}
    able = [node for node in nodes if _has(node.total, wanted)]
    if not able:
        return Waiting(_never(wanted, nodes), is_stuck=True)
    if any(node.free is None or _has(node.free, wanted) for node in able):
        return None
    is_one = len(wanted) == 1
    told = [_taken(name, able, is_one) for name, amount in wanted.items() if _is_short(name, amount, able)]
    if not told:
        return Waiting(f"no node has {asks_words(wanted)} free at once")
    return Waiting(", ".join(told))


def asks_words(asks: Mapping[str, float]) -> str:
    """What is asked for: "1 GPU, 0.5 CPU, 4 GB memory"; "nothing" for nothing."""
    named = sorted(asks.items(), key=lambda one: (one[0] == "CPU", one[0] in _MEMORY))
    return ", ".join(_amount(name, amount) for name, amount in named if amount > 0) or "nothing"


def upstream_words(ids: Iterable[str]) -> str:
    """The tasks that one waits for, the first few by their ids; "" for none."""
    names = list(ids)
    rest = f" and {len(names) - _FEW:,} more" if len(names) > _FEW else ""
    return ", ".join(names[:_FEW]) + rest


def attempt_words(number: int, most: int | None) -> str:
    """Which attempt, as "attempt 2 of 4"; how many there may be is not told for None and for any number (-1)."""
    return f"attempt {number}" + (f" of {most + 1}" if most is not None and most >= 0 else "")


def _never(wanted: Mapping[str, float], nodes: Sequence[Node]) -> str:
    """What no node has, even with nothing on it."""
    told = []
    for name, amount in wanted.items():
        most = max((node.total.get(name, 0.0) for node in nodes), default=0.0)
        if _OF_GROUP in name and most <= 0:
            return "the placement group has no place yet"
        if name.startswith(_NODE) and most <= 0:
            told.append("that node is not there")
        elif most <= 0:
            told.append(f"no node has {_one_of(name)}")
        elif most < amount - _EPSILON:
            told.append(f"no node has more than {_amount(name, most)}")
    return ", ".join(told) or "no node has all of it"


def _taken(name: str, able: Sequence[Node], is_one: bool) -> str:
    """How much of a resource is free, on the node where it is most."""
    free, total = max((_free(node, name), node.total[name]) for node in able)
    of = f"{_number(name, free)} of {_number(name, total) if is_one else _amount(name, total)} free"
    return of if len(able) == 1 else f"at most {of} on one node"


def _is_short(name: str, amount: float, able: Sequence[Node]) -> bool:
    return all(_free(node, name) < amount - _EPSILON for node in able)


def _free(node: Node, name: str) -> float:
    return node.free.get(name, 0.0) if node.free is not None else node.total.get(name, 0.0)


def _has(resources: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(resources.get(name, 0.0) >= amount - _EPSILON for name, amount in wanted.items())


def _one_of(name: str) -> str:
    if name in _MEMORY:
        return name.replace("_", " ")
    return f"a {_plain_name(name)}" if name in ("CPU", "GPU") else _plain_name(name)


def _amount(name: str, amount: float) -> str:
    if name.startswith(_NODE):
        return f"node {name[len(_NODE) :]}"
    return f"{_number(name, amount)} {_plain_name(name)}"


def _plain_name(name: str) -> str:
    """Within a placement group resources are called `CPU_group_0_` and the group's id."""
    return name.split(_OF_GROUP)[0].replace("_", " ") if _OF_GROUP in name or name in _MEMORY else name


def _number(name: str, amount: float) -> str:
    if name not in _MEMORY:
        return f"{amount:g}" if amount < 1e6 else f"{amount:.0f}"
    value, units = amount, ("B", "kB", "MB", "GB", "TB", "PB")
    for unit in units:
        if value < _STEP or unit == units[-1]:
            return f"{value:.3g} {unit}"
        value /= _STEP
    raise AssertionError("unreachable: the last unit always returns")
