"""Which operator of a definition each task of a run is of. Pure.

A task's step is the part of its name behind "name__version__", else behind the last "__", else the whole name; a number
at its end, as in "load[3]", counts items. Engines that run a whole workflow as one task leave their steps as its
checkpoints: those of a task that is no operator stand for operators, too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.operator import Operator
from wftui.model.task import TaskKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftui.highway.definition import Definition
    from wftui.model.raw import RawNode
    from wftui.model.task import Task

_NUMBER = re.compile(r"[\s_.:#-]*[\[(]?\d{1,9}[\])]?$")
_BRANCH_KEYS = ("branch", "branch_name", "branch_id")
_WITHIN = " within "
_STEPS = (TaskKind.CHECKPOINT, TaskKind.WAIT)


@dataclass(frozen=True, slots=True)
class Placing:
    """What belongs where.

    Attributes:
        nodes: The operators by id; of those with one id the last.
        claims: Of an operator its tasks in order of time: the tasks of Absurd, or checkpoints and waits that stand for
            it. Operators without any are not in it.
        loose: Tasks that are of no operator.
        drivers: The ids of those of them that run the workflow itself.
        below: Of a task its checkpoints and waits, but for those that stand for operators.
        doubts: What may be otherwise.
    """

    nodes: Mapping[str, RawNode]
    claims: dict[str, list[Task]] = field(default_factory=dict)
    loose: list[Task] = field(default_factory=list)
    drivers: set[str] = field(default_factory=set)
    below: dict[str, list[Task]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def placed(tasks: Sequence[Task], definition: Definition, prefix: str, root: str | None) -> Placing:
    """Place the tasks of a run.

    Args:
        tasks: They, in order of time, each followed by its checkpoints and waits.
        definition: The run's.
        prefix: "name__version__" of the run, with which its shown names begin.
        root: The id of the attempt that the run itself is, if that is recorded.
    """
    return _Placer(definition, prefix, root).place(tasks)


class _Placer:
    def __init__(self, definition: Definition, prefix: str, root: str | None) -> None:
        self._prefix = prefix
        self._root = root
        self._found = Placing({node.id: node for node in definition.raw.nodes})
        self._ids: dict[str, list[str]] = defaultdict(list)
        for node in self._found.nodes.values():
            self._ids[node.label].append(node.id)
        self._flows = {
            inner: (branch, flow.name)
            for flows in definition.flows.values()
            for branch, flow in flows.items()
            for inner in flow.operators
        }
        self._several: dict[str, None] = {}

    def place(self, tasks: Sequence[Task]) -> Placing:
        found = self._found
        for task in tasks:
            if task.kind in _STEPS and task.parent is not None:
                found.below.setdefault(task.parent, []).append(task)
                continue
            node = self._node(task)
            if node is None:
                found.loose.append(task)
            else:
                found.claims.setdefault(node, []).append(task)
        named = set(found.claims)
        for task in found.loose:
            self._steps_of(task, named)
            if self._root is not None and task.options.get("run_id") == self._root:
                found.drivers.add(task.id)
        if self._several:
            told = ", ".join(list(self._several)[:3])
            found.doubts.append(f"several operators have one name ({told}): which task is whose is told by their order")
        return found

    def _steps_of(self, task: Task, named: set[str]) -> None:
        """Give the checkpoints of a task that is no operator to operators that have no task of their own."""
        kept: list[Task] = []
        for step in self._found.below.get(task.id, ()):
            node = self._node(step) or self._awaiting(step)
            if node is None or node in named:
                kept.append(step)
            else:
                self._found.claims.setdefault(node, []).append(step)
                self._found.drivers.add(task.id)
        self._found.below[task.id] = kept

    def _awaiting(self, step: Task) -> str | None:
        """The operator that waits for the event that a step waits for."""
        event = step.options.get("event")
        if event is None and step.name.startswith("$awaitEvent:"):
            event = step.name.removeprefix("$awaitEvent:")
        if not isinstance(event, str):
            return None
        ids = [
            node.id
            for node in self._found.nodes.values()
            if node.kind is Operator.AWAIT and (node.detail == event or node.detail.startswith(event + _WITHIN))
        ]
        return ids[0] if len(ids) == 1 else None

    def _node(self, task: Task) -> str | None:
        full = task.options.get("task_name")
        for name in self._names(full if isinstance(full, str) else task.name):
            if name in self._found.nodes and "/" in name:
                return name
            if ids := self._ids.get(name):
                return ids[0] if len(ids) == 1 else self._one_of(ids, name, task)
        return None

    def _names(self, full: str) -> Iterator[str]:
        """What the step of a task may be called, the likeliest first."""
        names = [full.removeprefix(self._prefix)] if self._prefix and full.startswith(self._prefix) else []
        names += [full.rpartition("__")[2], full]
        yield from names
        for name in names:
            stem = _NUMBER.sub("", name[-200:])
            if stem and len(name) <= 200:
                yield stem

    def _one_of(self, ids: Sequence[str], name: str, task: Task) -> str:
        """Which of several operators of one name: by its branch, by the workflow it names, else by who has fewest."""
        full = task.options.get("task_name")
        flow = full.partition("__")[0] if isinstance(full, str) else ""
        branches = set(_branches(task))
        told = [i for i in ids if i in self._flows and self._flows[i][0] in branches]
        told = told or [i for i in ids if i in self._flows and flow and self._flows[i][1] == flow]
        if not told and self._prefix.startswith(f"{flow}__"):
            told = [i for i in ids if i not in self._flows]
        if len(told) != 1:
            self._several[name] = None
        claims = self._found.claims
        return min(told or ids, key=lambda i: (len(claims.get(i, ())), ids.index(i)))


def _branches(task: Task) -> Iterator[str]:
    for mapping in (task.options.get("params"), task.user_metadata):
        if isinstance(mapping, dict):
            for key in _BRANCH_KEYS:
                if isinstance(value := mapping.get(key), str):
                    yield value
