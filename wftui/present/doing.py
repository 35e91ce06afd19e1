"""What a workflow is doing right now, in one line: what waits for what is not there, what runs and where. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource
from wftui.present.columns import Span
from wftui.present.format import seconds
from wftui.present.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

_NAMED = 2
"""So many tasks of a kind are named."""
RESOURCES = "resources: "
"""Begins what a task waits for, where that is something that its engine has to find for it."""


def doing_spans(detail: WorkflowDetail, now: float) -> tuple[Span, ...]:
    """What it is doing: "waiting: gpu (asks 1 GPU; no node has a GPU)  running: talk (10.0.0.3, pid 123, 2m03)".

    Empty where nobody knows, and where its engine tells each task's part itself.

    Args:
        detail: The workflow.
        now: Unix seconds.
    """
    row = detail.summary
    if row.key.engine != "ray" or not row.status.is_active or row.status_source is StatusSource.STORAGE:
        return ()
    tasks = [task for task in detail.tasks if task.continuation is None]
    stuck = [task for task in tasks if task.status is Status.WAITING]
    running = [task for task in tasks if task.status is Status.RUNNING]
    ready = [task for task in tasks if task.status is Status.READY and task.waiting_for]
    if row.status is Status.PENDING:
        ready += [task for task in tasks if task.status is Status.PENDING and task.waiting_for and not task.upstream][
            :1
        ]
    parts = (
        ("waiting: ", "waiting", stuck, waiting_short),
        ("running: ", "running", running, lambda task: _where(task, now)),
        ("queued: " if row.status is Status.PENDING else "ready: ", "ready", ready, waiting_short),
    )
    spans: list[Span] = []
    for word, tone, some, told in parts:
        if some:
            spans += [Span("   ")] if spans else []
            spans += [Span(word, tone), *_named(some, told)]
    return tuple(spans) or ((Span("no task runs just now", "muted"),) if tasks else ())


def doing_text(detail: WorkflowDetail, now: float) -> str:
    """The same as plain text."""
    return "".join(span.text for span in doing_spans(detail, now))


def waiting_short(task: Task) -> str:
    """What a task waits for, in as few words as tell it."""
    return one_line(task.waiting_for or "").removeprefix(RESOURCES)


def _named(tasks: Sequence[Task], told: Callable[[Task], str]) -> list[Span]:
    """The first ones with what is told of each; of more that say the same only how many they are."""
    spans: list[Span] = []
    for at, task in enumerate(tasks[:_NAMED]):
        if at and told(task) == told(tasks[0]):
            break
        why = told(task)
        spans.append(Span((", " if at else "") + (visible(task.label) or "(empty id)")))
        spans.append(Span(f" ({why})" if why else "", "muted"))
    named = sum(span.tone == "" for span in spans)
    if more := len(tasks) - named:
        spans.append(Span(f" and {more:,} more", "muted"))
    return spans


def _where(task: Task, now: float) -> str:
    parts = [visible(task.node)] if task.node else []
    parts += [f"pid {task.pid}"] if task.pid is not None else []
    parts += [seconds(now - task.started_at)] if task.started_at is not None else []
    return ", ".join(parts)
