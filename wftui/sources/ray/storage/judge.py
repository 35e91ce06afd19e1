"""The status of each task, by the rules of the command line's contract: the first that matches wins.

`output.pkl` → SUCCESSFUL; returned a continuation → the status of its output task; caught → SUCCESSFUL;
`exception.pkl` not older than the attempt → FAILED; ended without a checkpoint to write → SUCCESSFUL; ended with
neither output nor exception → UNKNOWN; started → by the workflow's status; else READY or PENDING.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.lineage import ancestors, find_ends, find_parents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.ray.storage.taskfiles import TaskRecord


@dataclass(slots=True)
class Judgement:
    """What the records say together.

    Attributes:
        parents: The continuation that returned a task, by task id.
        statuses: By task id.
        stale: Tasks whose exception belongs to an earlier attempt.
        caught: Tasks whose exception was returned instead of failing the workflow.
    """

    parents: dict[str, str]
    statuses: dict[str, Status] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    caught: set[str] = field(default_factory=set)


def has_ended(record: TaskRecord) -> bool:
    """Whether the latest attempt ended: a recorded end before its start is that of an earlier attempt."""
    if not record.post:
        return False
    if record.end is not None:
        return record.start is None or record.end >= record.start
    post, pre = record.mtime(layout.POST_TASK), record.mtime(layout.PRE_TASK)
    return post is None or pre is None or post >= pre


def is_stale(record: TaskRecord) -> bool:
    """Whether the exception was left by an attempt before the latest."""
    return _is_before(record.mtime(layout.EXCEPTION), record)


def _is_before(when: float | None, record: TaskRecord) -> bool:
    """Whether the time of a file is before the start of the latest attempt.

    The recorded start is the clock of a worker, the time of a file that of the file system, which ticks some
    milliseconds late, or of an archive, which may know whole seconds only: a file is older than the start only if it
    is older than the file that holds the start, too.
    """
    if when is None or record.start is None or when >= record.start:
        return False
    written = record.mtime(layout.PRE_TASK)
    return written is None or when < written


def _is_as_old(record: TaskRecord) -> bool:
    """Whether whole seconds, all that many archives keep, do not tell if the exception is older than the attempt.

    Ray starts the next attempt some milliseconds after an exception. One that is not caught and is not retried ends
    the workflow as soon; so in one that runs, the exception is that of the attempt before.
    """
    left = record.mtime(layout.EXCEPTION)
    if left is None or record.start is None or not _is_of_one_moment(record):
        return False
    # Some archives round up. Then only one that is retried can stand beside an attempt that still runs.
    return left < record.start or (left > record.start and bool(record.options.get("retry_exceptions")))


def _is_of_one_moment(record: TaskRecord) -> bool:
    """Whether exception and start were written in the same second, and nothing finer is known."""
    left = record.mtime(layout.EXCEPTION)
    return left is not None and left == record.mtime(layout.PRE_TASK) and left % 1 == 0


def is_doubtful(record: TaskRecord, found: Judgement) -> bool:
    """Whether the exception, shown as the latest attempt's, may as well be of the attempt before.

    Only a task whose exceptions are retried has two attempts within a second.
    """
    if record.exception is None or record.has_output or record.id in found.stale:
        return False
    return bool(record.options.get("retry_exceptions")) and record.start is not None and _is_of_one_moment(record)


def judge(
    records: Mapping[str, TaskRecord], entry: str | None, workflow: Status, since: float | None = None
) -> Judgement:
    """Judge the tasks of a workflow.

    Args:
        records: Every task.
        entry: The output task of the workflow.
        workflow: The workflow's status, as recorded.
        since: When it entered that status.
    """
    found = Judgement(find_parents(records, entry))
    catchers: set[str] = set()
    for record in records.values():
        if record.exception is None or record.has_output:
            continue
        catcher = _catcher(record, records, found.parents, workflow)
        if is_stale(record) or (catcher is None and workflow is Status.RUNNING and _is_as_old(record)):
            found.stale.add(record.id)
        elif not record.outputs.there and catcher is not None:
            found.caught.add(record.id)
            catchers.add(catcher)
    early = {i: _own_status(r, found, workflow, since) for i, r in records.items() if not _is_continuation(r)}
    done = {i for i, status in early.items() if status is Status.SUCCESSFUL}
    ends = find_ends(records)
    done.update(_done_continuations(ends, done, catchers))
    for task_id, record in records.items():
        if task_id in early:
            found.statuses[task_id] = early[task_id] or _waiting(record, done)
    for task_id in records.keys() - early.keys():
        end = ends.get(task_id, ())[1:]
        status = found.statuses.get(end[0], Status.UNKNOWN) if end and end[0] in early else Status.UNKNOWN
        found.statuses[task_id] = Status.SUCCESSFUL if task_id in done else status
    return found


def _done_continuations(ends: Mapping[str, tuple[str, ...]], done: set[str], catchers: set[str]) -> set[str]:
    """Continuations whose output is there, or that caught what was raised below them, and all that lead to these."""
    found = {task_id for task_id, (_, *end) in ends.items() if not done.isdisjoint(end)}
    before: dict[str, list[str]] = {}
    for task_id, (after, *_) in ends.items():
        before.setdefault(after, []).append(task_id)
    stack = [task_id for task_id in catchers if task_id in ends]
    while stack:
        task_id = stack.pop()
        if task_id not in found:
            found.add(task_id)
            stack.extend(before.get(task_id, ()))
    return found


def _is_continuation(record: TaskRecord) -> bool:
    return record.outputs.there and not record.has_output


def _catcher(
    record: TaskRecord, records: Mapping[str, TaskRecord], parents: Mapping[str, str], workflow: Status
) -> str | None:
    """The task that catches what this one raised: itself, or the nearest that returned it."""
    for task_id in ancestors(record.id, parents):
        above = records.get(task_id)
        if above is not None and above.options.get("catch_exceptions") is True:
            return task_id
    # Ray records no options under a continuation that is not checkpointed. A workflow that succeeded has no
    # uncaught exception, so there this one was caught by whoever returned the task.
    if not record.inputs.there and workflow is Status.SUCCESSFUL:
        return record.id
    return None


def _own_status(record: TaskRecord, found: Judgement, workflow: Status, since: float | None) -> Status | None:
    """The status of a task that returned no continuation; None when it did not start."""
    if record.has_output or record.id in found.caught:
        return Status.SUCCESSFUL
    if record.exception is not None and record.id not in found.stale:
        return Status.FAILED
    if has_ended(record):
        # Without inputs.json it ran under a continuation that is not checkpointed, and is not either.
        unchecked = not record.inputs.there or record.options.get("checkpoint") is False
        return Status.SUCCESSFUL if unchecked else Status.UNKNOWN
    if not record.started or workflow is Status.PENDING:
        return None
    if workflow is Status.RUNNING:
        return Status.RUNNING
    if workflow is Status.CANCELED and not _is_before(since, record):
        return Status.CANCELED
    return Status.UNKNOWN


def _waiting(record: TaskRecord, done: set[str]) -> Status:
    return Status.READY if all(other in done for other in record.upstream) else Status.PENDING
