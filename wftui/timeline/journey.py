"""What it takes to travel through the past of a workflow, worked out once for all its moments. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.past import Past, events_of, moments_of
from wftui.present.timing import Timing, Timings, extent_of, tries_of
from wftui.timeline.bars import gaps_of
from wftui.timeline.scale import Stretching

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.past import Event

# So many gaps of the slider are drawn short at most.
_GAPS = 6


@dataclass(frozen=True, slots=True)
class Journey:
    """The past of a workflow, ready to be travelled through.

    Attributes:
        detail: The workflow as it is.
        events: What happened, in order.
        moments: When, each moment once, in Unix seconds.
        time: From the first to the last of it, long gaps told; None where there is none.
        past: Knows how it was; for one thread.
    """

    detail: WorkflowDetail
    events: tuple[Event, ...]
    moments: tuple[float, ...]
    time: Stretching | None
    past: Past


def journey_of(detail: WorkflowDetail, now: float, moment: float | None = None) -> Journey:
    """Work out what it takes.

    Args:
        detail: The workflow as it is.
        now: Unix seconds.
        moment: What will be looked at first; the last event if not given.
    """
    events, extent, past = events_of(detail), extent_of(detail, now), Past(detail)
    moments = moments_of(events)
    time = None
    if extent is not None:
        timings = Timings({task.id: Timing(tries=tries_of(task)) for task in detail.tasks})
        time = Stretching(extent, gaps_of(detail, timings, extent, now, most=_GAPS))
    if moments:
        # The first moment is the one that costs; just before the last event nearly all is as at it.
        past.at(moments[max(0, len(moments) - 2)] if moment is None else moment)
    return Journey(detail, events, moments, time, past)
