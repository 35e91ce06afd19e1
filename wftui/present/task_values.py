"""What a task was given and gave back, as a block of its pane that is read only when it is opened. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.document import Line, fold_line
from wftui.present.text import visible
from wftui.present.values import values_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import Task
    from wftui.model.values import TaskValues
    from wftui.present.metadata import JsonLook
    from wftui.present.tables import Cell

VALUES = "values"
"""The block's name among the folds."""
_TONES = {"heading": "strong"}


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of the values of the task that is shown.

    Attributes:
        values: They; None while they are read, or where they cannot be.
        error: Why they cannot, one line.
    """

    values: TaskValues | None = None
    error: str = ""


def value_block(task: Task, known: Known, look: JsonLook, *, is_past: bool = False) -> list[Line]:
    """The block, closed at first: opening it costs a reading.

    Args:
        task: Whose values.
        known: What was read of them.
        look: How to draw, what is open, whether secrets are shown.
        is_past: Whether it is a moment in its past that is looked at: nobody keeps what its values were then.
    """
    is_open = look.folds.is_open(VALUES, by_default=False)
    told = "looked into without executing anything" if is_open else "V reads it"
    when = (Span("  as they are now, not at the moment looked at", "warning"),) if is_past else ()
    title = (Span("Arguments and output", "strong"), *when, Span(f"  {told}", "muted"))
    lines = [fold_line(VALUES, title, is_open=is_open, glyphs=look.glyphs)]
    if not is_open:
        return lines
    if known.values is not None:
        _, *cells = values_lines(task.id, known.values, task.upstream, show=look.show_secrets)
        return lines + [_line(row) for row in cells]
    if known.error:
        return [*lines, Line((Span("  "), Span(visible(known.error), "warning")), hang=2)]
    return [*lines, Line((Span("  reading", "muted"),))]


def _line(row: Sequence[Cell]) -> Line:
    """A row of cells, continued under its own beginning."""
    spans = tuple(Span(text, _TONES.get(tone, tone)) for text, tone in row)
    start = len(row[0][0]) if row else 0
    return Line(spans, hang=min(start + 2, 24))
