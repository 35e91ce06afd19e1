"""A workflow as a page of plain text: what is wrong first. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import TaskKind
from wftui.present.doing import doing_text
from wftui.present.format import clock_time, duration, full_time, size, waiting_text
from wftui.present.jsonview import strict
from wftui.present.listtable import error_line, shown_id, status_cell, took
from wftui.present.operators import NOT_TAKEN, OFF, operator_words, state_words
from wftui.present.tables import Column, render
from wftui.present.task_words import place_text
from wftui.present.text import visible, visible_lines
from wftui.present.time_lines import sums_line, when_line, worst_lines
from wftui.present.timing import concurrency, timings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wftui.model.task import ErrorInfo, Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.present.glyphs import Glyphs
    from wftui.present.jsonview import Mask
    from wftui.present.tables import Cell
    from wftui.present.timing import Timings

    Lines = Iterator[Sequence[Cell]]

_TASK_COLUMNS = (
    Column("STATUS"),
    Column("TASK", shrinks=1),
    Column("STARTED", right=True),
    Column("TIME", right=True),
    Column("TRIES", right=True),
    Column("OUTPUT", right=True),
    Column("AFTER", shrinks=3),
    Column("REMARK", shrinks=4),
)
_PROVENANCE = {
    StatusSource.CLUSTER: "from the cluster",
    StatusSource.STORAGE: "as recorded in storage",
    StatusSource.DATABASE: "from the database",
}
_LABEL = 14
_BLANK: tuple[Cell, ...] = (("", ""),)


def show_page(detail: WorkflowDetail, mask: Mask, now: float, glyphs: Glyphs, width: int | None) -> Lines:
    """The lines of the page. Foreign text in them is harmless.

    Args:
        detail: The workflow.
        mask: What metadata goes through first.
        now: Unix seconds, for times of today.
        glyphs: The characters that may be used.
        width: Cells of the terminal; None cuts nothing.
    """
    row = detail.summary
    status, tone = status_cell(row.status, glyphs)
    yield [(status, tone), (f" {glyphs.dot} ", "muted"), (shown_id(row.key.id), "heading")]
    yield _BLANK
    if row.error is not None:
        yield from _error(detail, row.error)
    yield from _facts(detail, now)
    timings = timings_of(detail, now)
    yield from _times(detail, timings, now, glyphs)
    metadata = mask(row.user_metadata)
    if metadata:
        yield _BLANK
        yield [("METADATA", "heading")]
        text = json.dumps(strict(metadata, {}), ensure_ascii=False, indent=2)
        yield from ([(f"  {line}", "")] for line in visible_lines(text))
    if detail.tasks:
        yield _BLANK
        path = frozenset(timings.path)
        labels = {task.id: task.label for task in detail.tasks}
        rows = [_task_row(task, labels, now, glyphs, task.id in path, detail.live) for task in detail.tasks]
        yield from render(_TASK_COLUMNS, rows, width, glyphs.ellipsis)
        if path:
            yield [(f"{glyphs.mark} on the critical path", "muted")]
    for title, told in (("PROBLEMS", detail.problems), ("REMARKS", detail.remarks)):
        if told:
            yield _BLANK
            yield [(title, "heading")]
            yield from ([(f"  {visible(one.path)}: {visible(one.what)}", "")] for one in told)


def _error(detail: WorkflowDetail, error: ErrorInfo) -> Lines:
    failing = next((task for task in detail.tasks if task.error == error and task.status is Status.FAILED), None)
    where = f" in {visible(failing.label)}" if failing is not None else ""
    yield [(f"ERROR{where}", "heading")]
    for line in visible_lines(f"{error.type}: {error.message}" if error.type else error.message):
        yield [(f"  {line}", "failed")]
    for cause in error.causes:
        yield [(f"  caused by {error_line(cause)}", "failed")]
    if error.traceback:
        yield from ([(f"  {line}", "muted")] for line in visible_lines(error.traceback.rstrip()))
    yield _BLANK


def _facts(detail: WorkflowDetail, now: float) -> Lines:
    row = detail.summary
    word = visible(row.recorded_status)
    recorded = f", recorded as {word}" if word and row.recorded_status != row.status.value else ""
    facts = [
        ("status", f"{row.status.value} {_PROVENANCE[row.status_source]}{recorded}"),
        ("does now", doing_text(detail, now)),
        ("note", visible(row.note)),
        ("missing", visible(next((task.untold for task in detail.tasks if task.untold), ""))),
        ("name", visible(row.name or "")),
        ("target", visible(row.key.target)),
        ("namespace", visible(row.key.namespace or "")),
        ("started", full_time(row.started_at)),
        ("ended", _ended(row)),
        ("took" if row.duration is not None else "takes so far", took(row, now)),
        ("last write", _age(row.last_write, now) if row.status.is_active else ""),
        ("tasks done", f"{row.progress.done} of {row.progress.total}" if row.progress else ""),
        ("output task", visible(detail.output_task or "")),
    ]
    for label, value in facts:
        if value:
            yield [(f"{label:<{_LABEL}}", "muted"), (value, "")]


def _times(detail: WorkflowDetail, timings: Timings, now: float, glyphs: Glyphs) -> Lines:
    """Where the time went."""
    steps = concurrency(detail, timings, now)
    for label, spans in (
        ("moment", when_line(detail)),
        ("time", sums_line(timings, steps, glyphs)),
        *(("", spans) for spans in worst_lines(detail, timings)),
    ):
        if spans:
            yield [(f"{label:<{_LABEL}}", "muted"), *((span.text, span.tone) for span in spans)]


def _ended(row: WorkflowSummary) -> str:
    by = " (time of a file)" if row.ended_at_source is TimeSource.FILE else ""
    return full_time(row.ended_at) + by if row.ended_at is not None else ""


def _age(when: float | None, now: float) -> str:
    return "" if when is None else f"{full_time(when)}, {duration(max(0.0, now - when))} ago"


def _task_row(
    task: Task, labels: Mapping[str, str], now: float, glyphs: Glyphs, is_critical: bool, is_live: bool
) -> list[Cell]:
    mark = f"{glyphs.mark} " if is_critical else "  "
    seconds = task.duration
    if is_live and seconds is None and task.status is Status.RUNNING and task.started_at is not None:
        seconds = max(0.0, now - task.started_at)
    off = task.operator is not None and not task.operator.is_taken
    return [
        (f"{OFF[glyphs.mark.isascii()]} {NOT_TAKEN}", "muted") if off else status_cell(task.status, glyphs),
        (f"{mark}{visible(task.label)}", ""),
        (clock_time(task.started_at, now), ""),
        (duration(seconds), ""),
        ("" if task.attempts is None else str(len(task.attempts)), ""),
        (size(task.output_size), ""),
        (" ".join(visible(labels.get(other, other)) for other in task.upstream), "muted"),
        (_remark(task, labels), "failed" if task.status is Status.FAILED else "muted"),
    ]


def _remark(task: Task, labels: Mapping[str, str]) -> str:
    parts = []
    if task.kind is not TaskKind.TASK:
        parts.append(task.kind.value)
    if task.parent is not None:
        parts.append(f"in {visible(labels.get(task.parent, task.parent))}")
    if task.operator is not None:
        words = operator_words(task.operator), state_words(task.operator) if task.operator.is_taken else ""
        parts += [text for text in words if text]
    if task.waiting_for:
        parts.append(waiting_text(visible(task.waiting_for)))
    if place := place_text(task):
        parts.append(f"on {place}")
    if task.error is not None:
        how = "caught " if task.error.caught else "earlier attempt: " if task.error.stale else ""
        parts.append(how + error_line(task.error))
    return "; ".join(parts)
