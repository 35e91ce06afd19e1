"""The columns of what happened, and what each shows. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.columns import Column, Placed, Span
from wftui.present.format import clock_time, duration
from wftui.present.happenings import Origin
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.present.glyphs import Glyphs
    from wftui.present.happenings import Happening

# The status whose glyph stands before a word, and the tone of it: what is fine stays quiet.
_LOOKS: Mapping[str, tuple[Status, str]] = MappingProxyType(
    {
        "submitted": (Status.PENDING, "muted"),
        "started": (Status.RUNNING, "running"),
        "resumed": (Status.RESUMABLE, "resumable"),
        "retried": (Status.RESUMABLE, "resumable"),
        "continued": (Status.SUCCESSFUL, "muted"),
        "checkpoint": (Status.SUCCESSFUL, "muted"),
        "waiting": (Status.WAITING, "waiting"),
        "woken": (Status.READY, "muted"),
        "event": (Status.READY, "waiting"),
        "finished": (Status.SUCCESSFUL, "muted"),
        "failed": (Status.FAILED, "failed"),
        "cancelled": (Status.CANCELED, "canceled"),
        "ended": (Status.UNKNOWN, "unknown"),
    }
)
_WIDEST_WORD = 12
WHOLE = "the workflow"
_ROOM = MappingProxyType({"at": 8, "since": 7, "what": _WIDEST_WORD, "id": 28, "origin": 9})


def event_columns(rows: Sequence[Happening]) -> tuple[Column, ...]:
    """The columns for these rows."""
    longest = max((len(row.name) for row in rows[-2_000:]), default=0)  # the latest are those that are seen first
    tries = 7 if any(row.attempt for row in rows) else 0
    task = max(len(WHOLE), min(longest + tries, 44))
    return (
        Column("at", "TIME", 8, 12, 3),
        Column("since", "SINCE", 7, 7, 2, right=True),
        Column("what", "EVENT", _WIDEST_WORD, _WIDEST_WORD, 0),
        Column("id", "TASK", min(task, 16), task, 0),
        Column("origin", "KNOWN BY", 9, 9, 4),
        Column("error", "", 24, 400, 1),
    )


def event_cell(placed: Placed, row: Happening, start: float, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """What a column shows of a row; may be longer than the column.

    Args:
        placed: The column.
        row: What happened.
        start: When the first of all happened, in Unix seconds.
        now: Unix seconds.
        glyphs: The characters to draw with.
    """
    column = placed.column.id
    if column == "at":
        return (Span(clock_time(row.at, now)[: placed.width].rstrip(), "muted"),)
    if column == "since":
        return (Span(f"+{duration(row.at - start)}", "faint"),)
    if column == "what":
        return event_word(row, glyphs)
    if column == "id":
        if row.task_id is None:
            return (Span(WHOLE, "strong"),)
        tries = (Span(f"  try {row.attempt}", "faint"),) if row.attempt else ()
        return (Span(visible(row.name) or "(empty id)"), *tries)
    if column == "origin":
        return (Span(row.origin.value, "muted" if row.origin is Origin.AUDIT else "faint"),)
    return (Span(row.told, "error" if row.what == "failed" else "muted"),)


def event_spans(row: Happening, start: float, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """All of a row in one line of text, for what has no columns; as for `event_cell`."""
    spans: list[Span] = []
    for column in event_columns([row]):
        cell = event_cell(Placed(column, column.ideal), row, start, now, glyphs)
        room = " " * max(0, _ROOM.get(column.id, 0) - sum(len(span.text) for span in cell))
        spans += [Span(room), *cell, Span("  ")] if column.right else [*cell, Span(f"{room}  ")]
    return tuple(spans)


def event_word(row: Happening, glyphs: Glyphs) -> tuple[Span, ...]:
    """Glyph and word; what was done here has the cursor's sign."""
    if row.what not in _LOOKS:
        return (Span(f"{glyphs.mark} ", "strong"), Span(row.what, "strong"))
    status, tone = _LOOKS[row.what]
    return (Span(f"{glyphs.status[status]} ", tone), Span(row.what, tone))


def matching(rows: Sequence[Happening], text: str) -> tuple[Happening, ...]:
    """The rows that hold all words of `text` somewhere: in what happened, the task, who says so, or what is told."""
    words = text.casefold().split()
    if not words:
        return tuple(rows)
    return tuple(row for row in rows if all(word in _text(row) for word in words))


def _text(row: Happening) -> str:
    name = WHOLE if row.task_id is None else f"{row.task_id} {row.name}"
    return f"{row.what} {name} {row.origin.value} {row.told}".casefold()
