"""A journey through the past of a workflow: which moment is looked at, and what happened there. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wftui.timeline.scale import Scale

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.past import Event
    from wftui.timeline.journey import Journey
    from wftui.timeline.scale import Stretching

# Steps in which all of it is played, whatever it took; gaps are passed over quickly.
PLAYED_IN = 80
# With more tasks the journey is worked out by whoever has a thread for it.
LARGE = 500


class Travel:
    """Where one is in the time of a workflow: in the present, at first.

    Attributes:
        detail: The workflow as it is.
        moment: The moment that is looked at, in Unix seconds; None for the present.
        journey: What it takes to travel; known once somebody does, and of a large workflow a little later.
    """

    def __init__(self) -> None:
        self.detail: WorkflowDetail | None = None
        self.moment: float | None = None
        self.journey: Journey | None = None

    def take(self, detail: WorkflowDetail, now: float) -> None:
        """There are news; of another workflow they lead back to the present."""
        if self.detail is None or self.detail.summary.key != detail.summary.key:
            self.moment = self.journey = None
        self.detail = detail
        if self.moment is not None:
            self.prepare(now)

    def arrived(self, journey: Journey) -> bool:
        """What it takes was worked out. Returns whether it is of this workflow."""
        is_it = self.detail is not None and journey.detail.summary.key == self.detail.summary.key
        if is_it:
            self.journey = journey
        return is_it

    def prepare(self, now: float) -> bool:
        """Whether one can travel at once; else the journey has to be worked out first, see `wanted`."""
        wanted = self.wanted
        if wanted is not None and len(wanted.tasks) <= LARGE:
            from wftui.timeline.journey import journey_of  # nothing that the first rows of a list should wait for

            self.journey = journey_of(wanted, now, self.moment)
        return self.journey is not None

    @property
    def wanted(self) -> WorkflowDetail | None:
        """The workflow that the journey is to be worked out of; None where that is done."""
        is_old = self.journey is None or self.journey.detail is not self.detail
        return self.detail if is_old else None

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened, in order."""
        return self.journey.events if self.journey is not None else ()

    @property
    def moments(self) -> tuple[float, ...]:
        """When it happened."""
        return self.journey.moments if self.journey is not None else ()

    @property
    def time(self) -> Stretching | None:
        """The time from the first to the last of it; None where there is none."""
        return self.journey.time if self.journey is not None else None

    @property
    def seen(self) -> WorkflowDetail | None:
        """The workflow as it was at the moment; of news that are not worked out yet as it was known before."""
        if self.journey is None or self.moment is None:
            return self.detail
        return self.journey.past.at(self.moment)

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
        if not (self.prepare(now) and self.moments):
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
        if self.prepare(now) and self.moments:
            self.moment = max(self.moments[0], moment)

    def play(self, now: float) -> bool:
        """A little further; from the present to the start. Returns whether that is not the end yet."""
        if not self.prepare(now) or self.time is None or not self.moments:
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
