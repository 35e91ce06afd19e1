"""Which task of a workflow an action can take alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.task import TaskKind
from wftui.present.naming import is_uuid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowKey

_STEPS = frozenset({TaskKind.CHECKPOINT, TaskKind.WAIT})


def alone(key: WorkflowKey, tasks: Mapping[str, Task], task_id: str | None) -> WorkflowKey | None:
    """The key under which an action takes this task, or the one whose step it is; None where there is no such thing.

    Ray's tasks are part of their workflow. Absurd's stand on their own; where one is drawn as an operator of a
    definition its own id is among its options.

    Args:
        key: The workflow.
        tasks: Its tasks by their ids.
        task_id: The one that is selected.
    """
    task = tasks.get(task_id) if task_id is not None and key.engine == "absurd" else None
    for _ in range(len(tasks)):
        if task is None or task.kind not in _STEPS or task.parent is None or "task_id" in task.options:
            break
        task = tasks.get(task.parent)
    if task is None:
        return None
    found = task.options.get("task_id", task.id)
    return key._replace(id=found) if isinstance(found, str) and found != key.id and is_uuid(found) else None
