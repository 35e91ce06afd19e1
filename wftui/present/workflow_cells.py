"""The columns of the list of workflows, and what stands in them. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.model.secrets import MASK_ASCII
from wftui.model.status import Status, StatusSource
from wftui.present.columns import UNASKED, Column, Placed, Span
from wftui.present.error_text import error_text
from wftui.present.format import clock_time, duration, seconds
from wftui.present.glyphs import status_spans
from wftui.present.naming import short_id, title
from wftui.present.secrets import MASK, mask_value
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftui.model.workflow import WorkflowSummary
    from wftui.present.glyphs import Glyphs

METADATA = "meta:"
EXTRAS: Mapping[str, str] = MappingProxyType({"created_by": "BY", "tags": "TAGS"})
"""What an engine records of every workflow beside what the user attached: the keys, and their titles."""
BAR = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """Which columns to show.

    Attributes:
        metadata: Keys of user metadata, in order; a dotted key reaches into nested mappings.
        several_sources: Whether rows come from more than one target.
        names: Whether any row has a name beside its id.
        longest_id: Cells of the longest name, or id where there is none.
        show_secrets: Show values that look like secrets.
        namespaces: Cells of the longest namespace; 0 where no row has one.
        engines: Whether there are rows of several engines.
        extras: Keys of metadata that are shown unasked, where there is room for them.
    """

    metadata: tuple[str, ...] = ()
    several_sources: bool = False
    names: bool = False
    longest_id: int = 20
    show_secrets: bool = False
    namespaces: int = 0
    engines: bool = False
    extras: tuple[str, ...] = ()


def columns_for(choice: Choice) -> tuple[Column, ...]:
    """All columns, in the order they stand."""
    columns = [
        Column("status", "STATUS", 12, 12, 0),
        Column("id", "WORKFLOW", max(12, min(choice.longest_id, 24)), max(16, min(choice.longest_id, 44)), 0),
    ]
    if choice.names:
        columns.append(Column("key", "ID", 9, 13, 6))
    if choice.namespaces:
        queue = max(5, min(choice.namespaces, 16))
        columns.append(Column("namespace", "QUEUE", min(queue, 8), queue, 5))
    if choice.engines:
        columns.append(Column("engine", "ENGINE", 6, 6, 5))
    if choice.several_sources:
        columns.append(Column("source", "SOURCE", 8, 22, 5))
    columns.append(Column("progress", "PROGRESS", 9, BAR + 6, 3))
    columns.append(Column("started", "STARTED", 8, 12, 4, right=True, newest_first=True))
    columns.append(Column("duration", "TIME", 6, 6, 1, right=True, newest_first=True))
    columns += [
        Column(METADATA + key, visible(key).upper(), 6, 16, 6 + at, reveals=choice.show_secrets)
        for at, key in enumerate(choice.metadata)
    ]
    columns += [
        Column(METADATA + key, EXTRAS[key], 6, 22, UNASKED + at, reveals=choice.show_secrets)
        for at, key in enumerate(choice.extras)
        if key not in choice.metadata
    ]
    # Of what has a name the id is behind it, which can be left out for more of the error.
    columns.append(Column("error", "ERROR", 24 if choice.names else 14, 400, 2))
    return tuple(columns)


def ticks(row: WorkflowSummary) -> bool:
    """Whether the row's duration grows by itself.

    A bare directory cannot tell "running" from "crashed", so there nothing is counted that nobody knows.
    """
    return (
        row.status in (Status.RUNNING, Status.WAITING)
        and row.status_source is not StatusSource.STORAGE
        and row.started_at is not None
    )


def cell(placed: Placed, row: WorkflowSummary, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """What a column shows of a row, at time `now` (Unix seconds). May be longer than the column."""
    column = placed.column
    if column.id == "status":
        return status_spans(row.status, glyphs)
    if column.id == "id":
        return (Span(title(row)),)
    if column.id == "key":
        return (Span("" if row.name is None else short_id(row.key.id, placed.width, glyphs.ellipsis), "muted"),)
    if column.id == "progress":
        return _progress(row, glyphs, placed.width)
    if column.id == "started":
        text = clock_time(row.started_at, now)
        # "Nov 03 14:02" where only eight cells are: the day says more than half of both.
        return (Span(text if len(text) <= placed.width else text[:6], "muted"),)
    if column.id == "duration":
        return (Span(duration_text(row, now), "running" if ticks(row) else "muted"),)
    if column.id == "error":
        return _remark(row, now, glyphs)
    if column.id.startswith(METADATA):
        key = column.id[len(METADATA) :]
        value = metadata_value(row.user_metadata, key)
        if not column.reveals:
            value = mask_value(key, value, MASK_ASCII if glyphs.ellipsis.isascii() else MASK)
        text = _in_short(value) if key in EXTRAS else as_text(value)
        return (Span("" if value is None else visible(text), "muted"),)
    return (Span(visible(_PLAIN[column.id](row)), "muted"),)


_PLAIN: Mapping[str, Callable[[WorkflowSummary], str]] = MappingProxyType(
    {
        "namespace": lambda row: row.key.namespace or "",
        "engine": lambda row: row.key.engine,
        "source": lambda row: row.key.target,
    }
)


def _in_short(value: object) -> str:
    """What an engine records unasked: tags as "team=sales env=prod"."""
    if isinstance(value, dict):
        return " ".join(f"{key}={as_text(item)}" for key, item in value.items())
    return " ".join(map(as_text, value)) if isinstance(value, list) else as_text(value)


def duration_text(row: WorkflowSummary, now: float) -> str:
    """How long it took, or takes so far; ">2h07" where only the last write is known."""
    if row.duration is not None:
        return duration(row.duration)
    if row.started_at is None:
        return ""
    if ticks(row):
        return seconds(now - row.started_at)
    if row.status.is_active and row.last_write is not None and row.last_write >= row.started_at:
        return f">{duration(row.last_write - row.started_at)}"
    return ""


def _progress(row: WorkflowSummary, glyphs: Glyphs, width: int) -> tuple[Span, ...]:
    progress = row.progress
    if progress is None or progress.total <= 0:
        # What succeeded is done, even where nobody counted its tasks: that would cost a look into each of them.
        if row.status is Status.SUCCESSFUL and progress is None and row.complete:
            return (Span(glyphs.bar_full * min(BAR, width), "quiet"),)
        return (Span(""),)
    count = f"{progress.done}/{progress.total}"
    # The bar leaves room for "12/34", so that counts stand below each other; a longer one shortens its bar.
    bar = min(BAR, width - 1 - max(5, len(count)))
    if bar < 3:
        return (Span(count, "muted"),)
    # Full only when all is done, and not empty once something is.
    full = progress.done * bar // progress.total
    full = max(full, 1) if progress.done else 0
    tone = "quiet" if row.status is Status.SUCCESSFUL else row.status.value.lower()
    return (
        Span(glyphs.bar_full * full, tone),
        Span(glyphs.bar_empty * (bar - full), "faint"),
        Span(f" {count}", "muted"),
    )


def _remark(row: WorkflowSummary, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    spans: list[Span] = []
    if row.note:
        spans.append(Span(visible(row.note), "resumable"))
    if row.error is not None:
        spans.append(Span(error_text(row.error), "error"))
    if row.status.is_active and row.status_source is StatusSource.STORAGE:
        age = f", last write {clock_time(row.last_write, now)}" if row.last_write is not None else ""
        spans.append(Span(f"as recorded{age}", "muted"))
    joined: list[Span] = []
    for span in spans:
        joined += [Span(f" {glyphs.dot} ", "faint"), span] if joined else [span]
    return tuple(joined) or (Span(""),)


def metadata_value(metadata: Mapping[str, object], key: str) -> object:
    """The value of a key, dots reaching into nested mappings; None when there is none."""
    if key in metadata:
        return metadata[key]
    value: object = metadata
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def as_text(value: object) -> str:
    """A metadata value as people write it: strings bare, everything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
