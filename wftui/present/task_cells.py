"""The columns of the table of tasks, and what stands in them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.columns import Column, Placed, Span
from wftui.present.doing import RESOURCES
from wftui.present.error_text import error_text
from wftui.present.format import clock_time, size, waiting_text
from wftui.present.operators import operator_words, state_words
from wftui.present.slow import slow_task, slow_words
from wftui.present.task_words import STATUS_WIDTH, attempts_text, place_text, task_status_spans
from wftui.present.text import one_line, visible
from wftui.present.time_lines import percent, slack_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import Task
    from wftui.present.glyphs import Glyphs
    from wftui.present.task_index import TaskIndex
    from wftui.present.task_rows import TaskRow
    from wftui.present.timing import Timings

# Deeper nesting is not indented any further: a chain of continuations may be thousands deep.
DEEPEST = 8


def task_columns(rows: Sequence[TaskRow], timings: Timings | None = None) -> tuple[Column, ...]:
    """The columns that have anything to show for these rows, and where the time went if that is known."""
    # Not made harmless, which is longer by a little at most: this is done for all rows at every update.
    longest = max([len(row.task.label) + 2 * min(row.depth, DEEPEST) for row in rows], default=8)
    columns = [
        Column("status", "STATUS", STATUS_WIDTH, STATUS_WIDTH, 0),
        Column("id", "TASK", max(12, min(longest, 20)), max(14, min(longest, 44)), 0),
        Column("duration", "TIME", 6, 6, 1, right=True, newest_first=True),
        Column("started", "STARTED", 8, 12, 3, right=True),
    ]
    places = [len(place_text(row.task)) for row in rows if row.task.node is not None or row.task.pid is not None]
    if places:
        width = min(max(*places, 9), 24)
        columns.append(Column("node", "NODE, PID", width, width, 9))
    if any(row.task.attempts for row in rows):
        retried = any(row.task.attempts and len(row.task.attempts) > 1 for row in rows)
        columns.append(Column("attempts", "TRIES", 5, 5, 4 if retried else 6, right=True))
    if any(row.task.output_size is not None for row in rows):
        columns.append(Column("output", "OUTPUT", 7, 7, 5, right=True, newest_first=True))
    if timings is not None and timings.path:
        columns.append(Column("share", "SHARE", 5, 5, 7, right=True, newest_first=True))
        columns.append(Column("slack", "SLACK", 6, 6, 8, right=True))
    title = "ERROR" if any(row.task.error is not None for row in rows) else "REMARK"
    # Why something waits is worth more than a slack or where something else runs.
    waits = any(row.task.status is Status.WAITING and row.task.waiting_for for row in rows)
    least = 34 if waits else 30 if places else 24 if title == "ERROR" else 14
    columns.append(Column("error", title, least, 400, 2))
    return tuple(columns)


def task_cell(placed: Placed, row: TaskRow, index: TaskIndex, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """What a column shows of a row, at time `now` (Unix seconds). May be longer than the column."""
    task, column = row.task, placed.column.id
    if column == "status":
        return task_status_spans(task, glyphs)
    if column == "id":
        nest = "  " * (min(row.depth, DEEPEST) - 1) + f"{glyphs.branch} " if row.depth else ""
        return (Span(nest, "faint"), Span(visible(task.label) or "(empty id)"))
    if column == "duration":
        return (Span(index.duration_text(task, now), "running" if row.ticks else "muted"),)
    if column == "started":
        return (Span(clock_time(task.started_at, now)[: placed.width].rstrip(), "muted"),)
    if column == "attempts":
        return (Span(attempts_text(task), "resumable" if task.attempts and len(task.attempts) > 1 else "muted"),)
    if column == "node":
        return (Span(place_text(task), "muted"),)
    if column == "output":
        return (Span(size(task.output_size), "muted"),)
    if column in ("share", "slack"):
        return _time_cell(task, column, index)
    slow = slow_task(task, index.usual, now) if index.live else None
    return _remark(task) if slow is None else (Span(slow_words(slow), "warning"),)


def _time_cell(task: Task, column: str, index: TaskIndex) -> tuple[Span, ...]:
    if index.timings is None:
        return (Span(""),)
    timing = index.timings[task.id]
    if column == "share":
        return (Span(percent(timing.share), "strong" if task.id in index.timings.worst else "muted"),)
    return (Span(slack_text(timing.slack), "waiting" if timing.slack == 0 else "muted"),)


def _remark(task: Task) -> tuple[Span, ...]:
    if task.error is not None and task.error.stale and task.waiting_for:
        return (*_waits(task), Span("  earlier attempt ", "muted"), Span(error_text(task.error), "muted"))
    if task.error is not None:
        if task.error.caught:
            return (Span("caught ", "muted"), Span(error_text(task.error), "muted"))
        if task.error.stale:
            return (Span("earlier attempt ", "muted"), Span(error_text(task.error), "muted"))
        return (Span(error_text(task.error), "error"),)
    if task.waiting_for:
        return _waits(task)
    if task.operator is not None:
        told = (operator_words(task.operator), state_words(task.operator))
        return (Span("; ".join(text for text in told if text), "muted"),)
    if task.kind in (TaskKind.TASK, TaskKind.CHECKPOINT):
        return (Span(""),)
    return (Span(task.kind.value, "faint"),)


def _waits(task: Task) -> tuple[Span, ...]:
    """What it waits for; what is not there yet stands out from what only has to come to its turn."""
    tone, words = "waiting" if task.status is Status.WAITING else "muted", one_line(task.waiting_for or "")
    short = words.removeprefix(RESOURCES)
    return (Span(short if short != words else waiting_text(words), tone),)
