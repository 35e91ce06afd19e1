"""Changes as lines of plain text. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.format import duration
from wftui.present.listtable import error_line, shown_id, status_cell
from wftui.present.operators import NOT_TAKEN, OFF
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.task import ErrorInfo, Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.present.glyphs import Glyphs
    from wftui.present.tables import Cell

_STATUS = max(len(status.value) for status in Status) + 2


def row_line(word: str, row: WorkflowSummary, glyphs: Glyphs, *, several: bool) -> list[Cell]:
    """What happened to a workflow: "added", "updated", "removed" or "listed", then its status and id."""
    line: list[Cell] = [(f"{word:<7}  ", "muted")]
    if several:
        line.append((f"{visible(row.key.target)}  ", "muted"))
    line += _state(row.status, shown_id(row.key.id), row.duration, row.error, glyphs)
    if row.progress is not None and row.status.is_active:
        line.append((f"  {row.progress.done}/{row.progress.total}", ""))
    if row.note and row.error is None:
        line.append((f"  {visible(row.note)}", "muted"))
    return line


def detail_lines(before: WorkflowDetail | None, now: WorkflowDetail, glyphs: Glyphs) -> Iterator[list[Cell]]:
    """A line for the workflow when its status is new, and one for every task whose status or error is."""
    row = now.summary
    if before is None or before.summary.status is not row.status:
        yield [("workflow  ", "muted"), *_state(row.status, shown_id(row.key.id), row.duration, row.error, glyphs)]
    told = now.deeds if before is None else before.deeds
    for deed in now.deeds:
        if deed not in told:
            by = f"{deed.outcome}, by {deed.user}@{deed.host}"
            yield [("action    ", "muted"), (deed.action, ""), (f"  {visible(by)}", "muted")]
    known = {} if before is None else {task.id: _told(task) for task in before.tasks}
    for task in now.tasks:
        if known.get(task.id) == _told(task):
            continue
        name = visible(task.label) or "(empty id)"
        if task.operator is not None and not task.operator.is_taken:
            off = f"{OFF[glyphs.mark.isascii()]} {NOT_TAKEN}"
            yield [("task      ", "muted"), (f"{off:<{_STATUS}}", "muted"), (f"  {name}", "")]
            continue
        error = task.error if task.status is Status.FAILED else None
        yield [("task      ", "muted"), *_state(task.status, name, task.duration, error, glyphs)]


def _told(task: Task) -> tuple[object, ...]:
    """What of a task is told once it is new."""
    return task.status, task.error, task.started_at, task.operator is None or task.operator.is_taken


def _state(status: Status, name: str, took: float | None, error: ErrorInfo | None, glyphs: Glyphs) -> list[Cell]:
    text, tone = status_cell(status, glyphs)
    line: list[Cell] = [(f"{text:<{_STATUS}}", tone), (f"  {name}", "")]
    if took is not None:
        line.append((f"  {duration(took)}", ""))
    if error is not None:
        line.append((f"  {error_line(error)}", "failed"))
    return line
