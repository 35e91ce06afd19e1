"""Short ways to make model objects for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wftui.model.status import Status, StatusSource
from wftui.model.task import Task, TaskKind
from wftui.model.workflow import WorkflowDetail, WorkflowKey, WorkflowSummary

if TYPE_CHECKING:
    from collections.abc import Iterable

START = 1_790_000_000.0


def key(workflow_id: str, target: str = "fake") -> WorkflowKey:
    return WorkflowKey(target, "ray", None, workflow_id)


def summary(workflow_id: str, status: Status = Status.SUCCESSFUL, **fields: Any) -> WorkflowSummary:
    target = fields.pop("target", "fake")
    fields = {"recorded_status": status.value, "complete": True, "started_at": START, **fields}
    return WorkflowSummary(key(workflow_id, target), status, StatusSource.CLUSTER, **fields)


def task(task_id: str, status: Status = Status.SUCCESSFUL, upstream: Iterable[str] = (), **fields: Any) -> Task:
    return Task(
        task_id, fields.pop("name", task_id), fields.pop("kind", TaskKind.TASK), status, tuple(upstream), **fields
    )


def detail(
    workflow_id: str, status: Status = Status.SUCCESSFUL, tasks: Iterable[Task] | None = None, **fields: Any
) -> WorkflowDetail:
    if tasks is None:
        tasks = (task("load"), task("train", status, ["load"]))
    return WorkflowDetail(summary(workflow_id, status, **fields), tuple(tasks))
