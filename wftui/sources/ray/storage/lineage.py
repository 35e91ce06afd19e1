"""Which task returned which: the sub-DAGs of continuations, and an order in which to show tasks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wftui.sources.ray.storage.taskfiles import TaskRecord


def find_parents(records: Mapping[str, TaskRecord], entry: str | None) -> dict[str, str]:
    """The continuation task that returned each task; tasks of the workflow's own DAG are left out.

    A sub-DAG is its output task, which `outputs.json` names, and everything upstream of that. The latest link of a
    chain is used only for tasks that nothing else claims: its direct parent did not checkpoint what it returned.
    """
    claimed: set[str] = set()
    if entry is not None:
        claimed.update(_with_upstream(records, entry, claimed))
    parents: dict[str, str] = {}
    for key in ("output_task_id", "dynamic_output_task_id"):
        for task_id, record in records.items():
            link = record.link(key)
            if link is None or link == task_id:
                continue
            for member in list(_with_upstream(records, link, claimed)):
                claimed.add(member)
                if member != task_id:
                    parents[member] = task_id
    return parents


def _with_upstream(records: Mapping[str, TaskRecord], start: str, claimed: set[str]) -> Iterator[str]:
    seen = {start}
    stack = [start]
    while stack:
        task_id = stack.pop()
        if task_id in claimed:
            continue
        yield task_id
        record = records.get(task_id)
        for other in record.upstream if record is not None else ():
            if other not in seen:
                seen.add(other)
                stack.append(other)


def ancestors(task_id: str, parents: Mapping[str, str]) -> Iterator[str]:
    """The task itself, the one that returned it, and so on up; ends also where damaged links go in circles."""
    seen: set[str] = set()
    current: str | None = task_id
    while current is not None and current not in seen:
        seen.add(current)
        yield current
        current = parents.get(current)


def find_ends(records: Mapping[str, TaskRecord]) -> dict[str, tuple[str, ...]]:
    """For each continuation, (the next of its chain, the task that stands for its output in the end).

    Just (next,) where the chain leads in a circle, which no real one does.
    """
    ends: dict[str, tuple[str, ...]] = {}
    for start in records:
        path: list[str] = []
        on_path: set[str] = set()
        current = start
        while current not in ends and current not in on_path:
            after = _next(records.get(current))
            if after is None:
                break
            path.append(current)
            on_path.add(current)
            current = after
        if current in on_path:
            end: tuple[str, ...] = ()
        else:
            end = ends[current][1:] if current in ends else (current,)
        for task_id in reversed(path):
            ends[task_id] = (current, *end)
            current = task_id
    return ends


def _next(record: TaskRecord | None) -> str | None:
    return None if record is None or record.has_output else record.continuation


def in_order(
    ids: Iterable[str], upstream: Mapping[str, Sequence[str]], parents: Mapping[str, str], rank: Mapping[str, float]
) -> list[str]:
    """The ids, upstream before downstream, a continuation right before its sub-DAG; ties by rank, then id.

    Where the links go in circles, which no real DAG does, the rest follows by rank.
    """
    levels: dict[str | None, list[str]] = defaultdict(list)
    known = set(ids)
    for task_id in known:
        parent = parents.get(task_id)
        levels[parent if parent in known else None].append(task_id)
    sort_key = {task_id: (rank.get(task_id, float("inf")), task_id) for task_id in known}
    ordered: list[str] = []
    done: set[str] = set()
    stack = list(reversed(_topological(levels[None], upstream, sort_key)))
    while stack:
        task_id = stack.pop()
        if task_id in done:
            continue
        done.add(task_id)
        ordered.append(task_id)
        if task_id in levels:
            stack.extend(reversed(_topological(levels[task_id], upstream, sort_key)))
    ordered += sorted(known - done, key=lambda task_id: sort_key[task_id])
    return ordered


def _topological(
    members: Sequence[str], upstream: Mapping[str, Sequence[str]], sort_key: Mapping[str, tuple[float, str]]
) -> list[str]:
    """Depth first along the upstream links, so that what a task waits for stands close before it."""
    inside = set(members)
    ordered: list[str] = []
    state: dict[str, bool] = {}
    for start in sorted(members, key=lambda member: sort_key[member]):
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            task_id, expanded = stack.pop()
            if expanded:
                if not state[task_id]:
                    state[task_id] = True
                    ordered.append(task_id)
                continue
            if task_id in state:
                continue
            state[task_id] = False
            stack.append((task_id, True))
            before = [other for other in upstream.get(task_id, ()) if other in inside and other not in state]
            stack.extend((other, False) for other in sorted(before, key=lambda o: sort_key[o], reverse=True))
    return ordered
