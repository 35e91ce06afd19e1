"""Where the time went, in words: running against queueing, how many at once, the five worst offenders. Pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.format import duration, full_time
from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.timing import Timings

Steps = tuple[tuple[float, int], ...]

_TOLD = 0.0005
"""Seconds of queueing that are told: what does not round to 0 ms."""


def percent(share: float | None) -> str:
    """A share in at most four cells: "31%", "<1%"; "" for None."""
    if share is None:
        return ""
    return "<1%" if 0 < share < 0.01 else f"{share * 100:.0f}%"


def slack_text(slack: float | None) -> str:
    """Slack in at most six cells; "none" where there is none: the critical path."""
    if slack is None:
        return ""
    return duration(slack) if slack > 0 else "none"


def average_of(steps: Steps, seconds: float) -> float:
    """How many ran at once on average over so many seconds."""
    return math.fsum(count * (after - at) for (at, count), (after, _) in pairwise(steps)) / seconds if seconds else 0.0


def when_line(detail: WorkflowDetail) -> tuple[Span, ...]:
    """That it is a moment in the past, where it is one."""
    if detail.as_of is None:
        return ()
    began = detail.summary.started_at
    since = f", {duration(detail.as_of - began)} after its start" if began is not None else ""
    return (Span(f"as of {full_time(detail.as_of)}{since}", "warning"),)


def sums_line(timings: Timings, steps: Steps, glyphs: Glyphs) -> tuple[Span, ...]:
    """As: wall 10m03 · ran 42m11 · queued 3m10 (7%) · at once 12 at most, 4.2 on average. Empty without times."""
    extent = timings.extent
    if extent is None or not timings.ran:
        return ()
    dot = Span(f" {glyphs.dot} ", "faint")
    ran, queued = timings.ran, timings.queued
    spans = [Span("wall ", "muted"), Span(duration(extent.length)), dot, Span("ran ", "muted"), Span(duration(ran))]
    part = f" ({percent(queued / (queued + ran))})" if queued else ""
    spans += [dot, Span("queued ", "muted"), Span(duration(queued)), Span(part, "muted")]
    most = max((count for _, count in steps), default=0)
    if most:
        average = average_of(steps, extent.length)
        spans += [
            dot,
            Span("at once ", "muted"),
            Span(f"{most:,}"),
            Span(f" at most, {average:.1f} on average", "muted"),
        ]
    return tuple(spans)


def worst_lines(detail: WorkflowDetail, timings: Timings) -> tuple[tuple[Span, ...], ...]:
    """The worst offenders of the critical path, a line each: "most time   50s  50%  train, 30s queued before it"."""
    tasks = {task.id: task for task in detail.tasks}
    lines: list[tuple[Span, ...]] = []
    for task_id in timings.worst:
        timing = timings[task_id]
        queued = f", {duration(timing.queued)} queued before it" if timing.queued and timing.queued >= _TOLD else ""
        lines.append(
            (
                Span("most time " if not lines else " " * 10, "muted"),
                Span(duration(timing.ran).rjust(6), "strong"),
                Span(f" {percent(timing.share):>4}  ", "muted"),
                Span(visible(tasks[task_id].label) or "(empty id)"),
                Span(queued, "muted"),
            )
        )
    return tuple(lines)


def worst_line(detail: WorkflowDetail, timings: Timings, glyphs: Glyphs) -> tuple[Span, ...]:
    """The same in one line: "most time: train 50s 50%, 30s queued · load 10s 10%"; little queueing is left out."""
    tasks = {task.id: task for task in detail.tasks}
    spans: list[Span] = []
    for task_id in timings.worst:
        timing = timings[task_id]
        spans += [Span(f" {glyphs.dot} ", "faint")] if spans else [Span("most time: ", "muted")]
        spans.append(Span(f"{visible(tasks[task_id].label) or '(empty id)'} "))
        waited = timing.queued or 0.0
        queued = f", {duration(waited)} queued" if waited >= max(_TOLD, (timing.ran or 0.0) / 10) else ""
        spans += [Span(duration(timing.ran), "strong"), Span(f" {percent(timing.share)}{queued}", "muted")]
    return tuple(spans)
