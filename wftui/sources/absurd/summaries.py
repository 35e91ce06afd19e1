"""Rows of a list, from rows of the database. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.workflow import Progress, WorkflowKey, WorkflowSummary
from wftui.sources.absurd.queries import SHORT_JSON
from wftui.sources.absurd.values import error_of, mapping_of, seconds, status_of, value_of

if TYPE_CHECKING:
    from wftui.sources.absurd.connection import Row

ENGINE = "absurd"


def task_summary(row: Row, target: str, queue: str) -> WorkflowSummary:
    """A task that is a workflow of its own."""
    status = status_of(row["state"])
    ended = task_end(row)
    return WorkflowSummary(
        WorkflowKey(target, ENGINE, queue, row["task_id"]),
        status,
        StatusSource.DATABASE,
        row["state"] or "",
        name=row["task_name"],
        status_since=_since(row, status),
        started_at=seconds(row["first_started"]),
        ended_at=ended,
        ended_at_source=None if ended is None else TimeSource.RECORDED,
        user_metadata=mapping_of(row["headers"], SHORT_JSON, "headers"),
        error=error_of(row["reason"], SHORT_JSON) if status is Status.FAILED else None,
        complete=True,
    )


def task_end(row: Row) -> float | None:
    """When a task ended; None while it has not."""
    by_state = {"completed": "completed", "failed": "failed", "cancelled": "cancelled"}
    name = by_state.get(row["state"])
    return None if name is None else seconds(row[name])


def run_summary(row: Row, target: str, done: int = 0, known: int = 0) -> WorkflowSummary:
    """A workflow run.

    Args:
        row: Of the table of workflow runs.
        target: For its key.
        done: How many of its tasks are known to have succeeded.
        known: How many of its tasks are known.
    """
    status = status_of(row["status"])
    started, ended = seconds(row["started_at"]), seconds(row["completed_at"])
    return WorkflowSummary(
        WorkflowKey(target, ENGINE, row["absurd_queue"], row["workflow_run_id"]),
        status,
        StatusSource.DATABASE,
        row["status"] or "",
        name=row["workflow_name"],
        version=row["workflow_version"],
        status_since=ended if ended is not None else started if status is not Status.PENDING else None,
        started_at=started,
        ended_at=ended,
        ended_at_source=None if ended is None else TimeSource.RECORDED,
        progress=_progress(row, done, known),
        user_metadata=_run_metadata(row),
        error=error_of(row["error"], SHORT_JSON),
        complete=True,
    )


def _progress(row: Row, done: int, known: int) -> Progress | None:
    """Of what is completed all is done; else what of it was seen, of as many as its row tells or as were seen."""
    count = row["task_count"]
    total = max(known, count if isinstance(count, int) else 0)
    if row["status"] == "completed":
        done = total
    return Progress(done, total) if total else None


def _run_metadata(row: Row) -> dict[str, object]:
    """What a run was given and gave back, under the names of its columns; what is null is left out."""
    found: dict[str, object] = {
        name: row[name] for name in ("workflow_version", "workflow_hash", "created_by", "absurd_run_id", "task_count")
    }
    found |= {name: value_of(row[name], SHORT_JSON) for name in ("inputs", "result", "tags")}
    error = value_of(row["error"], SHORT_JSON)
    if isinstance(error, dict):
        # Type and message are the error's own; the rest has no other place.
        found["error"] = {key: value for key, value in error.items() if key not in ("type", "message")} or None
    return {name: value for name, value in found.items() if value is not None}


def _since(row: Row, status: Status) -> float | None:
    """When a task entered its state, where that is recorded."""
    if status.is_terminal:
        return task_end(row)
    if status is Status.RUNNING:
        return seconds(row["started"])
    return seconds(row["enqueued"]) if status is Status.PENDING and row["first_started"] is None else None
