"""Tasks that run for longer than usual. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.format import duration
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.history import Usual
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

# Earlier runs that it takes to say so; and what nobody would call slow, in seconds.
ENOUGH, _BRIEF = 5, 1.0


@dataclass(frozen=True, slots=True)
class Slow:
    """A running task that takes longer than usual.

    Attributes:
        task_id: Which.
        name: What it is called; raw.
        since: It runs for so many seconds.
        usual: How long tasks of its name usually run.
    """

    task_id: str
    name: str
    since: float
    usual: Usual


def slow_task(task: Task, usual: Mapping[str, Usual], now: float) -> Slow | None:
    """Whether a task runs for longer at `now` (Unix seconds) than 95 of 100 did; None also where nobody knows."""
    known, began = usual.get(task.name), when(task.started_at)
    if task.status is not Status.RUNNING or task.ended_at is not None or began is None:
        return None
    if known is None or known.runs < ENOUGH or now - began <= max(known.most, _BRIEF):
        return None
    return Slow(task.id, task.label, now - began, known)


def slow_tasks(detail: WorkflowDetail, usual: Mapping[str, Usual], now: float) -> tuple[Slow, ...]:
    """All of a workflow, the slowest by far first."""
    if not detail.live:
        return ()
    found = [slow for task in detail.tasks if (slow := slow_task(task, usual, now)) is not None]
    return tuple(sorted(found, key=lambda slow: -slow.since / max(slow.usual.most, 1e-3)))


def slow_words(slow: Slow) -> str:
    """In words, for a list."""
    return f"slower than usual (p95 {duration(slow.usual.most)})"


def usual_words(usual: Usual) -> str:
    """How long it usually takes."""
    runs = f"{usual.runs:,} earlier run{'' if usual.runs == 1 else 's'}"
    return f"{duration(usual.median)}, 95 of 100 took {duration(usual.most)} at most, in {runs}"
