"""What the tasks of a run tell of their order themselves, where no definition does. Pure.

Times say what had ended when a task was spawned, no more. Parameters say more where they name other tasks: under a key
for that ("depends_on"), or by a task's id. Names say which tasks do the same: items of a loop, drawn as one group.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.operator import Placed
from wftui.model.task import TaskKind
from wftui.sources.absurd.values import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.task import Task

KEYS = frozenset({
    "after", "depends_on", "dependencies", "join_tasks", "parent_task_id", "requires", "upstream", "wait_for",
    "waits_for",
})  # fmt: skip
"""The keys of parameters and headers under which tasks are named."""
FEWEST_ITEMS = 3
MOST_UPSTREAM = 64
_DEEPEST = 4
_MOST_VALUES = 500


def hinted(tasks: Sequence[Task]) -> tuple[tuple[Task, ...], int]:
    """The tasks of a run in the order that they tell themselves, where they do; and how many do.

    Args:
        tasks: They, in order of time, each followed by its steps, waiting for what had ended before.
    """
    own = [task for task in tasks if task.kind is TaskKind.TASK and task.parent is None]
    known = _Known(own)
    counts = Counter(task.name for task in own)
    result: list[Task] = []
    number = 0
    for task in tasks:
        found = task
        if task.id in known.place:
            named = known.named_by(task)
            number += bool(named)
            if named:
                found = replace(found, upstream=named)
            if counts[task.name] >= FEWEST_ITEMS:
                found = replace(found, operator=Placed(is_item=True))
        result.append(found)
    return tuple(result), number


class _Known:
    """The tasks that may be named.

    Attributes:
        place: Of each task, by its id, its place in the order of time.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.place = {task.id: at for at, task in enumerate(tasks)}
        self._ids = {task.id: task.id for task in tasks}
        self._ids |= {str(task.options["run_id"]): task.id for task in tasks if "run_id" in task.options}
        self._names: dict[str, list[str]] = defaultdict(list)
        for task in tasks:
            for name in {task.name, str(task.options.get("task_name", task.name))}:
                self._names[name].append(task.id)

    def named_by(self, task: Task) -> tuple[str, ...]:
        """The tasks that a task names. Only what was spawned before it can be waited for: so there is no circle."""
        found: dict[str, None] = {}
        left = _MOST_VALUES
        for mapping in (task.options.get("params"), dict(task.user_metadata)):
            for text, is_named in _texts(mapping, _DEEPEST, is_named=False):
                left -= 1
                if left < 0:
                    break
                if is_named:
                    found.update(dict.fromkeys(self._names.get(text, ())))
                if is_named or uuid_or_none(text) is not None:
                    found.update(dict.fromkeys([self._ids[text]] if text in self._ids else ()))
        before = [other for other in found if self.place[other] < self.place[task.id]]
        return tuple(before[-MOST_UPSTREAM:])


def _texts(value: object, left: int, *, is_named: bool) -> Iterator[tuple[str, bool]]:
    """The texts in a value, each with whether it stands under a key that names tasks."""
    if isinstance(value, str):
        yield value, is_named
    elif left and isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, left - 1, is_named=is_named or key in KEYS)
    elif left and isinstance(value, list):
        for inner in value:
            yield from _texts(inner, left - 1, is_named=is_named)
