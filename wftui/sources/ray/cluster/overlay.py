"""The manager's memory laid over what the storage holds: rows and details of a live cluster.

Who is right: the manager about the workflows it runs, the storage about all others. RESUMABLE is told of a workflow
that the storage holds as RUNNING or PENDING and the manager does not run, as Ray's own `get_status` does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource
from wftui.model.task import Attempt, Task, TaskKind
from wftui.model.workflow import Progress, WorkflowDetail, WorkflowSummary

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowKey
    from wftui.sources.ray.cluster.memory import LiveTask, LiveWorkflow

ARMED = "cancel armed"
NO_WORKER_YET = "a free worker: given to Ray, not started"


def lay_over_row(
    row: WorkflowSummary, live: LiveWorkflow | None, *, armed: bool = False, infer: bool = True
) -> WorkflowSummary:
    """The row as the cluster sees it.

    Args:
        row: As the storage holds it.
        live: The same workflow in the manager's memory; None if the manager does not run it.
        armed: Whether a cancel waits for it.
        infer: Whether RESUMABLE may be inferred: not before the manager was heard.
    """
    note = ARMED if armed else row.note
    if live is not None:
        return replace(
            row,
            status=live.status,
            status_source=StatusSource.CLUSTER,
            ended_at=None,
            ended_at_source=None,
            error=None,
            progress=_progress(row, live),
            note=note,
        )
    if infer and row.recorded_status in (Status.RUNNING.value, Status.PENDING.value):
        return replace(row, status=Status.RESUMABLE, status_source=StatusSource.CLUSTER, note=note)
    return replace(row, note=note) if note != row.note else row


def row_from_memory(key: WorkflowKey, live: LiveWorkflow, *, armed: bool = False) -> WorkflowSummary:
    """The row of a workflow of which only the manager tells (so far)."""
    return WorkflowSummary(
        key,
        live.status,
        StatusSource.CLUSTER,
        "",
        started_at=live.submitted,
        progress=live.progress,
        note=ARMED if armed else "",
        complete=True,
    )


def lay_over_detail(
    summary: WorkflowSummary, detail: WorkflowDetail, live: LiveWorkflow | None, tasks: tuple[LiveTask, ...]
) -> WorkflowDetail:
    """The whole of a workflow as the cluster sees it.

    Args:
        summary: Its row as the cluster sees it.
        detail: As the storage holds it.
        live: The same workflow in the manager's memory; None if the manager does not run it.
        tasks: Its tasks there.
    """
    if live is None:
        if summary.status is Status.RESUMABLE:
            detail = replace(detail, tasks=tuple(map(_interrupted, detail.tasks)))
        return replace(detail, summary=summary)
    in_memory = {task.id: task for task in tasks}
    merged = [lay_over_task(task, in_memory.pop(task.id)) if task.id in in_memory else task for task in detail.tasks]
    merged += [task_from_memory(task) for task in in_memory.values()]
    return replace(detail, summary=summary, tasks=tuple(merged), output_task=detail.output_task or live.output_task)


def lay_over_task(task: Task, live: LiveTask) -> Task:
    """A task of a running workflow: the storage knows its files, the manager where it is."""
    kept = task.status is Status.SUCCESSFUL and not _runs_again(task, live)
    status = Status.SUCCESSFUL if kept else live.status
    waiting_for = task.waiting_for
    if status is Status.RUNNING and live.retries == 0 and task.started_at is None and live.continuation is None:
        status, waiting_for = Status.READY, NO_WORKER_YET
    ended_at, ended_at_source = task.ended_at, task.ended_at_source
    if not status.is_terminal:
        ended_at, ended_at_source = None, None
    elif ended_at is None and live.finished is not None:
        ended_at = live.finished
    error = task.error
    if error is not None and status.is_active:
        error = replace(error, stale=True)
    return replace(
        task,
        status=status,
        kind=TaskKind.CONTINUATION if live.continuation and task.kind is TaskKind.TASK else task.kind,
        parent=task.parent or live.parent,
        continuation=task.continuation or live.continuation,
        ended_at=ended_at,
        ended_at_source=ended_at_source,
        attempts=_attempts(task, live, status) if live.retries else task.attempts,
        max_retries=task.max_retries if task.max_retries is not None else live.max_retries,
        error=error,
        waiting_for=waiting_for,
    )


def task_from_memory(live: LiveTask) -> Task:
    """A task of which only the manager tells: the storage has no files of it, or cannot be read."""
    options: dict[str, object] = {}
    if live.checkpoint is not None:
        options["checkpoint"] = live.checkpoint
    if live.catches is not None:
        options["catch_exceptions"] = live.catches
    return Task(
        id=live.id,
        name=live.id,
        kind=TaskKind.CONTINUATION if live.continuation else TaskKind.TASK,
        status=live.status,
        upstream=live.upstream,
        parent=live.parent,
        continuation=live.continuation,
        started_at=live.submitted,
        ended_at=live.finished,
        max_retries=live.max_retries,
        options=options,
    )


def _progress(row: WorkflowSummary, live: LiveWorkflow) -> Progress:
    """After a resume, the manager knows only what runs again: all else was done before."""
    done, total = live.progress.done, live.progress.total
    if live.resumed and row.progress is not None and row.progress.total > total:
        return Progress(done + row.progress.total - total, row.progress.total)
    return live.progress


def _runs_again(task: Task, live: LiveTask) -> bool:
    """Whether what the storage holds of the task is of an earlier run: nothing of it was kept."""
    if live.status is Status.SUCCESSFUL or task.output_size is not None or live.submitted is None:
        return False
    return task.ended_at is not None and live.submitted > task.ended_at


def _attempts(task: Task, live: LiveTask, status: Status) -> tuple[Attempt, ...]:
    """The manager counts attempts but keeps the times of the latest only; the storage keeps the latest error."""
    before = tuple(
        Attempt(number, Status.FAILED, error=task.error if number == live.retries else None)
        for number in range(1, live.retries + 1)
    )
    return (*before, Attempt(live.retries + 1, status, live.submitted, live.finished))


def _interrupted(task: Task) -> Task:
    """A task of a workflow that nothing runs: what storage holds as running was cut off, how far nobody knows."""
    return replace(task, status=Status.UNKNOWN) if task.status is Status.RUNNING else task
