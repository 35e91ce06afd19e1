"""What a task did when: waiting, running, tried before, gone on in a sub-DAG. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.timing import failed_before, grows, is_wait, tried_before, when

if TYPE_CHECKING:
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.timing import Extent, Stretch, Timing, Timings


class Phase(Enum):
    """What goes on; the value is the word in the legend."""

    QUEUED = "waiting"
    RUNNING = "running"
    TRIED = "earlier attempt"
    BEFORE = "waiting or earlier attempts"
    INSIDE = "its sub-DAG"
    ASLEEP = "sleep or event"
    UNKNOWN = "end unknown"


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one phase. Unix seconds.

    Attributes:
        phase: What goes on.
        start: From when.
        end: To when; of what goes on, to the moment that was asked for.
        goes_on: Whether it does.
    """

    phase: Phase
    start: float
    end: float
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A long time in which nothing ran, drawn short. Unix seconds."""

    start: float
    end: float


def bars_of(task: Task, timings: Timings, *, live: bool, now: float, ends: float | None = None) -> tuple[Bar, ...]:
    """The bars of a task, from left to right.

    Args:
        task: The task.
        timings: The times of its workflow.
        live: Whether somebody knows what runs now.
        now: To when what goes on is drawn, in Unix seconds.
        ends: When the sub-DAG that it returned was over; None where it returned none, or that is not over.
    """
    timing = timings[task.id]
    tries = timing.tries
    ready = timing.ready_at
    bars: list[Bar] = []
    if not tries:
        failed = failed_before(task)
        if failed is not None and live and task.status is Status.WAITING:
            return (*_before(task, timing, failed), Bar(Phase.QUEUED, failed, max(now, failed), goes_on=True))
        if ready is not None and live and task.status is Status.READY and now > ready:
            bars.append(Bar(Phase.QUEUED, ready, now, goes_on=True))
        return tuple(bars)
    bars += _before(task, timing, tries[0].start)
    for at, one in enumerate(tries):
        last = at == len(tries) - 1
        bars.append(_bar(task, one, last=last, live=live, now=now))
        if not last and one.end is not None and one.end < tries[at + 1].start:
            bars.append(Bar(Phase.QUEUED, one.end, tries[at + 1].start))
    bars += _after(task, tries[-1], bars[-1], live=live, now=now, ends=ends)
    return tuple(bars)


def _before(task: Task, timing: Timing, began: float) -> list[Bar]:
    """What came before the first try that is known."""
    ready, failed = timing.ready_at, failed_before(task)
    if tried_before(task):
        if failed is None or failed > began:
            return []
        waited = [Bar(Phase.QUEUED, failed, began)] if failed < began else []
        return [Bar(Phase.BEFORE, ready, failed), *waited] if ready is not None and ready < failed else waited
    return [Bar(Phase.QUEUED, ready, began)] if ready is not None and timing.queued else []


def _bar(task: Task, one: Stretch, *, last: bool, live: bool, now: float) -> Bar:
    phase = Phase.ASLEEP if is_wait(task) else Phase.RUNNING if last else Phase.TRIED
    if one.end is not None:
        return Bar(phase, one.start, one.end)
    if live and task.status in (Status.RUNNING, Status.WAITING):
        return Bar(phase, one.start, max(now, one.start), goes_on=True)
    return Bar(Phase.UNKNOWN, one.start, one.start)


def _after(task: Task, last: Stretch, bar: Bar, *, live: bool, now: float, ends: float | None) -> list[Bar]:
    """What went on when a task itself was done: its sub-DAG, or the wait to be tried again."""
    if last.end is None or bar.goes_on:
        return []
    if task.continuation is not None:
        over = when(ends)
        if over is not None:
            return [Bar(Phase.INSIDE, last.end, over)] if over > last.end else []
        if live and not task.status.is_terminal and now > last.end:
            return [Bar(Phase.INSIDE, last.end, now, goes_on=True)]
    elif live and task.status is Status.WAITING and now > last.end:
        return [Bar(Phase.QUEUED, last.end, now, goes_on=True)]
    return []


# Nobody minds to see that nothing ran for so many seconds.
_SHORT = 60.0


def gaps_of(detail: WorkflowDetail, timings: Timings, extent: Extent, now: float, *, most: int) -> tuple[Gap, ...]:
    """The idle times that are drawn short: those as long as all the work, and so many that idle never rules.

    Args:
        detail: The workflow.
        timings: Its times.
        extent: What is drawn.
        now: Unix seconds.
        most: So many at most.
    """
    busy = _busy(detail, timings, now)
    if not busy or most < 1:
        return ()
    worked = max(sum(end - start for start, end in busy), extent.length / 50)
    edges = [extent.start, *(moment for one in busy for moment in one), extent.end]
    idle = [Gap(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]
    idle.sort(key=lambda gap: gap.start - gap.end)
    rest = sum(gap.end - gap.start for gap in idle)
    chosen: list[Gap] = []
    for gap in idle[:most]:
        length = gap.end - gap.start
        if length < _SHORT or (length < worked and rest <= 2 * worked):
            break
        chosen.append(gap)
        rest -= length
    return tuple(sorted(chosen, key=lambda gap: gap.start))


def _busy(detail: WorkflowDetail, timings: Timings, now: float) -> list[tuple[float, float]]:
    """When anything ran, merged, ascending."""
    found: list[tuple[float, float]] = []
    for task in detail.tasks:
        if is_wait(task):
            continue
        for one in timings[task.id].tries:
            end = one.end
            if end is None:
                end = max(now, one.start) if grows(detail) and task.status is Status.RUNNING else one.start
            found.append((one.start, end))
    found.sort()
    merged: list[tuple[float, float]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
