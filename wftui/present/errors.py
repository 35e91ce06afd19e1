"""Why a workflow failed, and what a resume would run again: told from its tasks. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource
from wftui.model.task import TaskKind

if TYPE_CHECKING:
    from wftui.model.task import ErrorInfo, Task
    from wftui.model.workflow import WorkflowDetail

NO_EXCEPTION = (
    "It failed, but no exception was recorded. That happens when a worker was killed (out of memory, a node lost), "
    "when the code ended its process (os._exit, SystemExit, KeyboardInterrupt), or when the exception or the value "
    "that a task returned cannot be pickled."
)


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """What a resume would do, by task id in the order of the tasks.

    Attributes:
        again: They run, whether or not they did before.
        keeps: They have a checkpoint, which is used or not even needed.
        unneeded: They have none and need none: what depends on them has one, or their sub-DAG takes their place.
        unknown: Why it cannot be told, in words; "" otherwise.
    """

    again: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    unneeded: tuple[str, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """What went wrong.

    Attributes:
        headline: The state of things in a sentence or two.
        failing: Tasks with an uncaught error of their latest attempt, the earliest first.
        error: The error to show first; None when there is none.
        caught: Tasks whose error was returned to a caller.
        stale: Tasks whose error was left by an earlier attempt.
        suspects: Where no error is recorded: what began and has no outcome.
        resume: What a resume would do; None where there is nothing to resume.
    """

    headline: str
    failing: tuple[Task, ...] = ()
    error: ErrorInfo | None = None
    caught: tuple[Task, ...] = ()
    stale: tuple[Task, ...] = ()
    suspects: tuple[Task, ...] = ()
    resume: ResumePlan | None = None


def report(detail: WorkflowDetail) -> ErrorReport:
    """Tell what went wrong."""
    row = detail.summary
    failing = sorted((task for task in detail.tasks if _fails(task)), key=_when)
    caught = tuple(task for task in detail.tasks if task.error is not None and task.error.caught)
    stale = tuple(t for t in detail.tasks if t.error is not None and t.error.stale and not t.error.caught)
    error = failing[0].error if failing else row.error
    silent = row.status is Status.FAILED and error is None
    return ErrorReport(
        NO_EXCEPTION if silent else _headline(detail, bool(failing) or error is not None),
        tuple(failing),
        error,
        caught,
        stale,
        tuple(task for task in detail.tasks if _is_suspect(task)) if silent else (),
        resume_plan(detail) if _may_resume(detail) else None,
    )


def failures(detail: WorkflowDetail) -> int:
    """How many tasks have an uncaught error of their latest attempt."""
    return sum(1 for task in detail.tasks if task.error is not None and _fails(task))


def _fails(task: Task) -> bool:
    error = task.error
    return task.status is Status.FAILED and error is not None and not error.caught and not error.stale


def _when(task: Task) -> tuple[float, float]:
    ended = task.ended_at if task.ended_at is not None else math.inf
    return (ended, task.started_at if task.started_at is not None else math.inf)


def _is_suspect(task: Task) -> bool:
    if task.kind is TaskKind.CONTINUATION:
        return False
    begun = task.started_at is not None
    return begun and task.status in (Status.FAILED, Status.UNKNOWN, Status.RUNNING)


def _headline(detail: WorkflowDetail, erred: bool) -> str:
    row = detail.summary
    status = row.status
    recorded = row.status_source is StatusSource.STORAGE
    if status is Status.FAILED:
        return ""
    if status is Status.SUCCESSFUL:
        return "Nothing failed: it ran to its end."
    if status is Status.CANCELED:
        return "It was canceled, after this error." if erred else "It was canceled. No task failed before that."
    if status is Status.RESUMABLE:
        remark = "Nothing runs it any more, though it has not ended: its cluster stopped, or was restarted."
        return remark + (" A task had failed before." if erred else " No task failed.")
    if status is Status.PENDING:
        return "It waits in the queue." + ("" if erred else " Nothing failed so far.")
    if status.is_active and recorded:
        told = "It is recorded as running; from its files alone nobody can tell whether anything still runs it."
        return told + (" A task failed." if erred else " No failure is recorded.")
    if status.is_active:
        return "It is running, though a task failed." if erred else "Nothing failed so far: it is running."
    return "Its state is not known." + ("" if erred else " No failure is recorded.")


# -- resume ----------------------------------------------------------------------------------------------------


def _may_resume(detail: WorkflowDetail) -> bool:
    row = detail.summary
    if row.status in (Status.FAILED, Status.RESUMABLE):
        return True
    return row.status is Status.RUNNING and row.status_source is StatusSource.STORAGE


def resume_plan(detail: WorkflowDetail) -> ResumePlan:
    """What a resume would run again, as Ray decides it.

    From the output task upstream: what has a checkpoint is kept, and nothing before it is looked at; where a task
    had returned a continuation, the output task of that sub-DAG takes its place; everything else runs.
    (`ray/workflow/workflow_state_from_storage.py`)
    """
    if detail.truncated is not None:
        shown, total = detail.truncated
        return ResumePlan(unknown=f"only {shown:,} of its {total:,} tasks are loaded")
    if detail.summary.status_source is StatusSource.DATABASE:
        return _retry_plan(detail)
    tasks = {task.id: task for task in detail.tasks}
    if detail.output_task is None or detail.output_task not in tasks:
        return ResumePlan(unknown="it is not recorded which task is its output")
    again: set[str] = set()
    seen: set[str] = set()
    todo = [detail.output_task]
    while todo:
        task = tasks.get(todo.pop())
        if task is None or task.id in seen:
            continue
        seen.add(task.id)
        if task.output_size is not None:
            continue
        if task.continuation is not None:
            todo.append(task.continuation)
            continue
        again.add(task.id)
        todo += task.upstream
    keeps = tuple(task.id for task in detail.tasks if task.output_size is not None)
    kept = set(keeps)
    return ResumePlan(
        tuple(task.id for task in detail.tasks if task.id in again),
        keeps,
        tuple(task.id for task in detail.tasks if task.id not in again and task.id not in kept),
    )


def _retry_plan(detail: WorkflowDetail) -> ResumePlan:
    """What a resume would run again, as Absurd does it: failed tasks get further attempts, their steps stay done."""
    again = {
        task.id
        for task in detail.tasks
        if task.status is Status.FAILED and task.kind is TaskKind.TASK and task.attempts is not None
    }
    keeps = tuple(
        task.id
        for task in detail.tasks
        if task.kind is TaskKind.CHECKPOINT and task.status is Status.SUCCESSFUL and task.parent in again
    )
    return ResumePlan(tuple(task.id for task in detail.tasks if task.id in again), keeps)
