"""What is said of a task wherever it is named: its status, its attempts, where it runs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.glyphs import status_spans
from wftui.present.operators import NOT_TAKEN, OFF
from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.task import Task
    from wftui.present.glyphs import Glyphs

STATUS_WIDTH = 12
# The same before a name in a list.
STATUS_CELLS = STATUS_WIDTH + 2


def place_text(task: Task) -> str:
    """The node that a task runs on, or ran on, and its process there, harmless; "" where neither is known."""
    node = visible(task.node) if task.node else ""
    return f"{node or '?'} {task.pid}" if task.pid is not None else node


def task_status_spans(task: Task, glyphs: Glyphs, width: int = 0) -> tuple[Span, Span]:
    """The status of a task; of one on a way that was not taken that it is on such a one."""
    if task.operator is None or task.operator.is_taken:
        return status_spans(task.status, glyphs, width)
    return (Span(f"{OFF[glyphs.mark.isascii()]} ", "muted"), Span(NOT_TAKEN.ljust(width - 2), "muted"))


def attempts_text(task: Task) -> str:
    """Which attempt of how many, as "2/4"; "" where the engine does not tell."""
    if not task.attempts:
        return ""
    if task.max_retries is None:
        return str(len(task.attempts))
    if task.max_retries < 0:
        return f"{len(task.attempts)}/any"
    return f"{len(task.attempts)}/{task.max_retries + 1}"
