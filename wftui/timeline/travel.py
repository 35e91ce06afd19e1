"""A journey through the past of a workflow: which moment is looked at, and what happened there. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wftui.present.past import Past, events_of, moments_of
from wftui.present.timing import extent_of, timings_of
from wftui.timeline.bars import gaps_of
from wftui.timeline.scale import Scale, Stretching

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.past import Event

# Steps in which all of it is played, whatever it took; gaps are passed over quickly.
PLAYED_IN = 80


class Travel:
    """Where one is in the time of a workflow: in the present, at first.

    Attributes:
        detail: The workflow as it is.
        moment: The moment that is looked at, in Unix seconds; None for the present.
        events: What happened, in order; known once somebody travels.
        moments: When it happened.
        time: The time from the first to the last of it; None where there is none.
    """

    def __init__(self) -> None:
        self.detail: WorkflowDetail | None = None
        self.moment: float | None = None
        self.events: tuple[Event, ...] = ()
        self.moments: tuple[float, ...] = ()
        self.time: Stretching | None = None
        self._of: WorkflowDetail | None = None
        self._past: Past | None = None

    def take(self, detail: WorkflowDetail, now: float) -> None:
        """There are news; of another workflow they lead back to the present."""
        if self.detail is None or self.detail.summary.key != detail.summary.key:
            self.moment = None
        self.detail = detail
        if self.moment is not None:
            self._look_up(now)

    @property
    def seen(self) -> WorkflowDetail | None:
        """The workflow as it was at the moment."""
        if self.detail is None or self.moment is None:
            return self.detail
        if self._past is None or self._past.detail is not self.detail:
            self._past = Past(self.detail)
        return self._past.at(self.moment)

    @property
    def event(self) -> Event | None:
        """What happened last at the moment or before it; None before anything happened."""
        if self.moment is None:
            return None
        at = self.number
        return self.events[at - 1] if at else None

    @property
    def number(self) -> int:
        """How many events had happened by the moment."""
        if self.moment is None:
            return len(self.events)
        return bisect_right(self.events, self.moment, key=lambda event: event.at)

    def step(self, by: int, now: float) -> bool:
        """To another event; beyond the last into the present. Returns whether there is anything to travel through."""
        self._look_up(now)
        if not self.moments:
            return False
        if by < 0:
            here = len(self.moments) if self.moment is None else bisect_left(self.moments, self.moment)
            self.moment = self.moments[max(0, here + by)]
        elif self.moment is not None:
            there = bisect_right(self.moments, self.moment) + by - 1
            last = len(self.moments) - 1
            # To the end and no further, unless one is there already.
            at_end = self.moment >= self.moments[-1]
            self.moment = None if at_end else self.moments[min(there, last)]
        return True

    def go_to(self, moment: float, now: float) -> None:
        """To a moment, no earlier than the first event."""
        self._look_up(now)
        if self.moments:
            self.moment = max(self.moments[0], moment)

    def play(self, now: float) -> bool:
        """A little further; from the present to the start. Returns whether that is not the end yet."""
        self._look_up(now)
        if self.time is None or not self.moments:
            return False
        scale = Scale(self.time, self.time.whole, PLAYED_IN)
        if self.moment is None:
            self.moment = self.moments[0]
            return len(self.moments) > 1
        if self.moment >= self.moments[-1]:
            return False
        further = scale.moment(scale.x(self.moment) + 1)
        self.moment = max(further, self.moment + scale.per_cell * 1e-3)
        if self.moment >= self.moments[-1]:
            self.moment = self.moments[-1]
            return False
        return True

    @property
    def at_end(self) -> bool:
        """Whether it is the last event, or later, in the past."""
        return self.moment is not None and self.moment >= self.moments[-1]

    def leave(self) -> None:
        """Back to the present."""
        self.moment = None

    def _look_up(self, now: float) -> None:
        detail = self.detail
        if detail is None or self._of is detail:
            return
        self._of = detail
        self.events = events_of(detail)
        self.moments = moments_of(self.events)
        extent = extent_of(detail, now)
        timings = timings_of(detail, now)
        self.time = None if extent is None else Stretching(extent, gaps_of(detail, timings, extent, now, most=6))
