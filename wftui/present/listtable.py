"""The list of workflows as a plain table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource
from wftui.present.format import clock_time, duration
from wftui.present.naming import title
from wftui.present.tables import Column, render
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import ErrorInfo
    from wftui.model.workflow import WorkflowSummary
    from wftui.present.glyphs import Glyphs
    from wftui.present.tables import Cell

_COLUMNS = (
    Column("STATUS"),
    Column("WORKFLOW", shrinks=1),
    Column("NAME", shrinks=3),
    Column("QUEUE", shrinks=4),
    Column("TARGET", shrinks=4),
    Column("TASKS", right=True),
    Column("STARTED", right=True),
    Column("TIME", right=True),
    Column("ERROR", shrinks=5),
)


def list_table(
    rows: Sequence[WorkflowSummary], now: float, glyphs: Glyphs, width: int | None, *, several: bool
) -> list[list[Cell]]:
    """The lines of the table; columns without anything in them are left out."""
    body = [_row(row, now, glyphs, several) for row in rows]
    return render(_COLUMNS, body, width, glyphs.ellipsis)


def status_cell(status: Status, glyphs: Glyphs) -> Cell:
    """Glyph and word."""
    return (f"{glyphs.status[status]} {status.value}", status.value.lower())


def shown_id(raw: str) -> str:
    """An id on a terminal; the empty one, which Ray accepts, as a pair of quotes."""
    return visible(raw) or '""'


def error_line(error: ErrorInfo) -> str:
    """An error in one line, harmless."""
    message = error.message.strip().split("\n", 1)[0]
    if error.type is None:
        return visible(message)
    return visible(f"{error.type}: {message}" if message else error.type)


def took(row: WorkflowSummary, now: float) -> str:
    """How long it took, or takes so far where somebody knows that it runs."""
    if row.duration is None and row.started_at is not None and row.status is Status.RUNNING:
        return duration(max(0.0, now - row.started_at)) if row.status_source is StatusSource.CLUSTER else ""
    return duration(row.duration)


def _row(row: WorkflowSummary, now: float, glyphs: Glyphs, several: bool) -> list[Cell]:
    progress = f"{row.progress.done}/{row.progress.total}" if row.progress else ""
    return [
        status_cell(row.status, glyphs),
        (shown_id(row.key.id), ""),
        (title(row) if row.name is not None else "", ""),
        (visible(row.key.namespace or ""), "muted"),
        (visible(row.key.target) if several else "", "muted"),
        (progress, ""),
        (clock_time(row.started_at, now), ""),
        (took(row, now), ""),
        _remark(row, now),
    ]


def _remark(row: WorkflowSummary, now: float) -> Cell:
    if row.error is not None:
        return (error_line(row.error), "failed")
    if row.note:
        return (visible(row.note), "muted")
    if row.status.is_active and row.status_source is StatusSource.STORAGE:
        age = f", last write {clock_time(row.last_write, now)}" if row.last_write is not None else ""
        return (f"as recorded{age}", "muted")
    return ("", "")
