"""What happened to a workflow, in order: from its record, and what was done to it with wftui here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import TaskKind
from wftui.present.error_text import error_text
from wftui.present.past import events_of
from wftui.present.text import one_line, visible
from wftui.present.timing import tried_before, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.audit import Deed
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.past import Event


class Origin(Enum):
    """Who says that it happened then; the value is the word on screen and in JSON."""

    RECORDED = "recorded"
    FILE = "file time"
    CLUSTER = "cluster"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    Attributes:
        at: When, in Unix seconds.
        what: One of `WORDS`; of what was done here the action: "cancel", "resume", "delete", "emit", "disarm".
        origin: Who says so.
        task_id: The task; None for the workflow.
        name: What the task is called; raw; "" for the workflow.
        attempt: Which try it was, where there were several; 0 else.
        told: More of it in a few words; harmless.
    """

    at: float
    what: str
    origin: Origin
    task_id: str | None = None
    name: str = ""
    attempt: int = 0
    told: str = ""


WORDS = (
    "submitted",
    "started",
    "resumed",
    "retried",
    "continued",
    "checkpoint",
    "waiting",
    "woken",
    "event",
    "finished",
    "failed",
    "cancelled",
    "ended",
)
# At one moment what ends comes before what it lets begin, and the workflow embraces its tasks.
_FIRST, _LAST = -1, 1


def happenings_of(detail: WorkflowDetail) -> tuple[Happening, ...]:
    """What happened to a workflow and its tasks, oldest first, as far as anybody wrote down when.

    Args:
        detail: The workflow; of a moment in its past only what had happened by then.
    """
    tasks = {task.id: task for task in detail.tasks}
    firsts = [when(task.started_at) for task in detail.tasks]
    firsts += [when(one.started_at) for task in detail.tasks for one in task.attempts or ()]
    earliest = min((first for first in firsts if first is not None), default=None)
    found = [*_submitted(detail), *_events(detail)]
    for event in events_of(detail):
        task = tasks.get(event.task_id) if event.task_id is not None else None
        found.append(_of_workflow(event, detail, earliest) if task is None else _of_task(event, task, detail))
    found += [_deed(deed, tasks) for deed in detail.deeds]
    if detail.as_of is not None:
        found = [one for one in found if one.at <= detail.as_of]
    found.sort(key=_order)
    return tuple(found)


def _order(one: Happening) -> tuple[float, int]:
    if one.task_id is not None or one.origin is Origin.AUDIT:
        return (one.at, 0)
    return (one.at, _FIRST if one.what in ("submitted", "started", "resumed", "event") else _LAST)


def _submitted(detail: WorkflowDetail) -> Iterator[Happening]:
    """When it was queued: known of a workflow that is, and of tasks whose engine writes it down."""
    row = detail.summary
    since = when(row.status_since)
    if row.status is Status.PENDING and since is not None and row.started_at is None:
        by_file = row.status_source is not StatusSource.DATABASE
        yield Happening(since, "submitted", Origin.FILE if by_file else Origin.RECORDED)
    for task in detail.tasks:
        queued = task.options.get("enqueued_at")
        if isinstance(queued, (int, float)) and (moment := when(queued)) is not None:
            yield Happening(moment, "submitted", Origin.RECORDED, task.id, task.label)


def _events(detail: WorkflowDetail) -> Iterator[Happening]:
    for event in detail.events:
        moment = when(event.emitted_at)
        if event.happened and moment is not None:
            yield Happening(moment, "event", Origin.RECORDED, told=one_line(event.name))


def _of_workflow(event: Event, detail: WorkflowDetail, earliest: float | None) -> Happening:
    row = detail.summary
    if event.what == "started":
        # Ray's resume writes its own time over that of the first start.
        again = row.key.engine == "ray" and earliest is not None and earliest < event.at
        return Happening(event.at, "resumed" if again else "started", Origin.RECORDED)
    told = error_text(row.error) if event.what == "failed" and row.error is not None else ""
    return Happening(event.at, _ended(event, row.status), _origin(row.ended_at_source, detail), told=told)


def _of_task(event: Event, task: Task, detail: WorkflowDetail) -> Happening:
    number = event.attempt if event.attempt > 0 else 0
    shown = number if len(task.attempts or ()) > 1 else 0
    if event.what == "started":
        is_known = task.ended_at_source is not None or task.attempts is not None or not task.status.is_active
        began = Origin.RECORDED if is_known else _origin(None, detail)
        return Happening(event.at, _began(task, number), began, task.id, task.label, shown, _waits(task))
    if event.at == task.failed_at and task.attempts is None and event.what == "failed":
        told = error_text(task.error) if task.error is not None and task.error.stale else "an attempt before"
        return Happening(event.at, "failed", Origin.FILE, task.id, task.label, told=told)
    status, error = task.status, task.error
    for one in task.attempts or ():
        if one.number == number:
            status, error = one.status, one.error if one.error is not None else error
    what, told = _ended(event, status), ""
    if what == "failed" and error is not None:
        told = error_text(error)
    elif error is not None and error.caught:
        told = f"caught {error_text(error)}"
    if task.continuation is not None and what not in ("failed", "cancelled"):
        what, told = "continued", f"goes on with {visible(task.continuation)}"
    elif what == "finished" and task.kind is TaskKind.WAIT:
        what = "woken"
    elif what == "finished" and task.kind is TaskKind.CHECKPOINT:
        what = "checkpoint"
    origin = _origin(task.ended_at_source, detail) if event.at == task.ended_at else Origin.RECORDED
    return Happening(event.at, what, origin, task.id, task.label, shown, told)


def _began(task: Task, number: int) -> str:
    if task.kind is TaskKind.WAIT:
        return "waiting"
    return "retried" if number > 1 or tried_before(task) else "started"


def _waits(task: Task) -> str:
    return one_line(task.waiting_for) if task.kind is TaskKind.WAIT and task.waiting_for else ""


def _ended(event: Event, status: Status) -> str:
    if event.what == "canceled":
        return "cancelled"
    if event.what == "failed":
        return "failed"
    return "finished" if status is Status.SUCCESSFUL else "ended"


def _origin(source: TimeSource | None, detail: WorkflowDetail) -> Origin:
    """Who tells a time; what no record tells is known from the manager in the cluster."""
    if source is TimeSource.FILE:
        return Origin.FILE
    by_cluster = source is None and detail.summary.status_source is StatusSource.CLUSTER
    return Origin.CLUSTER if by_cluster else Origin.RECORDED


def _deed(deed: Deed, tasks: dict[str, Task]) -> Happening:
    by = f"by {visible(deed.user)}@{visible(deed.host)}"
    words = [deed.outcome, by]
    if event := deed.given.get("event"):
        words.append(f"event {one_line(str(event))}")
    if deed.why:
        words.append(one_line(deed.why))
    task = tasks.get(deed.workflow)
    told = ", ".join(words)
    if task is None:
        return Happening(deed.at, deed.action, Origin.AUDIT, told=told)
    return Happening(deed.at, deed.action, Origin.AUDIT, task.id, task.label, told=told)


def happening_json(one: Happening) -> dict[str, object]:
    """As an object of JSON: ids raw."""
    return {
        "at": one.at,
        "event": one.what,
        "task": one.task_id,
        "name": one.name or None,
        "attempt": one.attempt or None,
        "told": one.told,
        "source": one.origin.value,
    }
