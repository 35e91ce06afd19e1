"""The tasks of a workflow as the model has them, out of what its files say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from wftui.model.status import Status, TimeSource
from wftui.model.task import ErrorInfo, Task, TaskKind
from wftui.model.workflow import Progress, no_metadata
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.jsonread import mapping
from wftui.sources.ray.storage.judge import Judgement, has_ended
from wftui.sources.ray.storage.lineage import in_order
from wftui.sources.ray.storage.runs import Ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.ray.storage.taskfiles import TaskRecord

_SHORT = 8_192
"""Bytes of an `exception.pkl` that is remembered together with what it says."""
_WAITS_FOR_EVENT = "ray.workflow.api.wait_for_event.locals.get_message"
"""The name that Ray gives to the task behind `workflow.wait_for_event` and `workflow.sleep`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the tasks of one workflow share.

    Attributes:
        status: The workflow's status, as recorded.
        since: When it entered it.
        names: The name of each task, by id.
    """

    status: Status
    since: float | None
    names: Mapping[str, str]


def task_error(record: TaskRecord, found: Judgement) -> ErrorInfo | None:
    """What its `exception.pkl` holds; None without one, or with an output beside it."""
    blob = record.exception
    if blob is None or record.has_output:
        return None
    if blob.error:
        return ErrorInfo(None, f"exception.pkl could not be read: {blob.error}", stale=record.id in found.stale)
    truncated = blob.size is not None and blob.size > len(blob.data)
    error = _read_again(blob.data) if len(blob.data) <= _SHORT and not truncated else _read(blob.data, truncated)
    caught, stale = record.id in found.caught, record.id in found.stale
    return replace(error, caught=caught, stale=stale) if caught or stale else error


def _read(data: bytes, truncated: bool = False) -> ErrorInfo:
    from wftui.sources.ray.storage.exceptions import read_exception  # a third of what importing a reader costs

    return read_exception(data, truncated=truncated)


# What fails many workflows of a storage is often the very same: read once, and held once.
_read_again = lru_cache(256)(_read)


def task_ending(record: TaskRecord, found: Judgement, setting: Setting) -> Ending:
    """When the latest attempt ended: as recorded, else by the time of the file that tells of it."""
    if record.end is not None and has_ended(record):
        return Ending(record.end, TimeSource.RECORDED)
    status = found.statuses[record.id]
    at: float | None = None
    if record.exception is not None and record.id not in found.stale and not record.outputs.there:
        at = record.mtime(layout.EXCEPTION)
    elif record.has_output:
        at = record.mtime(layout.OUTPUT)
    elif record.outputs.there:
        at = record.mtime(layout.OUTPUTS)
    elif has_ended(record):
        at = record.mtime(layout.POST_TASK)
    elif status is Status.CANCELED:
        at = setting.since
    if at is None:
        return Ending()
    return Ending(at if record.start is None else max(at, record.start), TimeSource.FILE)


def failed_before(record: TaskRecord, found: Judgement) -> float | None:
    """When the attempt before the latest failed: what it raised is still there, and Ray keeps nothing else of it."""
    if layout.EXCEPTION not in record.files or record.start is None:
        return None
    if not (record.has_output or record.id in found.stale):
        return None
    left = record.mtime(layout.EXCEPTION)
    return None if left is None else min(left, record.start)


def make_tasks(records: Mapping[str, TaskRecord], found: Judgement, setting: Setting) -> tuple[Task, ...]:
    """Every task, upstream before downstream, a continuation before what it returned."""
    upstream = {task_id: record.upstream for task_id, record in records.items()}
    rank = {task_id: record.start for task_id, record in records.items() if record.start is not None}
    order = in_order(records, upstream, found.parents, rank)
    return tuple(_task(records[task_id], found, setting) for task_id in order)


def _task(record: TaskRecord, found: Judgement, setting: Setting) -> Task:
    end = task_ending(record, found, setting)
    options = record.options
    retries = options.get("max_retries")
    output = record.files.get(layout.OUTPUT)
    status = found.statuses[record.id]
    name = setting.names.get(record.id, record.id)
    return Task(
        id=record.id,
        name=name,
        kind=TaskKind.CONTINUATION if record.outputs.there else TaskKind.TASK,
        status=status,
        upstream=record.upstream,
        parent=found.parents.get(record.id),
        continuation=record.continuation,
        started_at=record.start,
        ended_at=end.at,
        ended_at_source=end.source,
        max_retries=retries if type(retries) is int else None,
        error=task_error(record, found),
        output_size=None if output is None else output.size,
        options=options or no_metadata(),
        user_metadata=mapping(record.inputs.value.get("user_metadata")) or no_metadata(),
        waiting_for="an event" if status is Status.RUNNING and name == _WAITS_FOR_EVENT else None,
        failed_at=failed_before(record, found),
    )


def first_failure(records: Mapping[str, TaskRecord], found: Judgement) -> ErrorInfo | None:
    """The error of the earliest failed task: the workflow's own, where it failed."""
    failed = [
        (record.mtime(layout.EXCEPTION) or record.start or 0.0, record.id)
        for record in records.values()
        if found.statuses[record.id] is Status.FAILED and record.exception is not None and not record.outputs.there
    ]
    return task_error(records[min(failed)[1]], found) if failed else None


def progress_of(found: Judgement) -> Progress | None:
    """Tasks done of tasks known; None where none are known."""
    done = sum(status is Status.SUCCESSFUL for status in found.statuses.values())
    return Progress(done, len(found.statuses)) if found.statuses else None
