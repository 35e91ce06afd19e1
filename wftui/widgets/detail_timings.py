"""Where the time of the workflow went, for all tabs: of large workflows worked out in a thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from wftui.present.large import MANY, is_partial
from wftui.widgets.travelling import Travelling

if TYPE_CHECKING:
    from textual.timer import Timer

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.task_index import TaskIndex
    from wftui.present.timing import Timings


# How long one stays at a moment of the past until its times are worked out, in seconds.
_REST = 0.3


class DetailTimings(Travelling):
    """Adds the times to the tasks; those of a large workflow come when they are worked out."""

    @dataclass
    class Timed(Message):
        """Times were worked out; it comes from a thread."""

        detail: WorkflowDetail
        timings: Timings

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._timing = False
        self._rest: Timer | None = None
        self._timed: tuple[WorkflowDetail, Timings] | None = None
        self._to_time: tuple[WorkflowDetail, float] | None = None

    def timed(self, index: TaskIndex, detail: WorkflowDetail, now: float) -> TaskIndex:
        """The tasks with their times at `now` (Unix seconds), or with those that were known last."""
        from wftui.present.timing import timings_of  # nothing that the first rows of the list should wait for

        if len(detail.tasks) <= MANY:
            return replace(index, timings=timings_of(detail, now))
        known = self._timed
        if known is None or known[0] is not detail:
            self._to_time = (detail, now)
            self._work_out_soon(is_past=detail.as_of is not None)
        same = known is not None and known[0].summary.key == detail.summary.key
        # From one moment in the past to the next those of the one before stand in, so that no column comes and goes.
        same = same and known is not None and (known[0].as_of is None) is (detail.as_of is None)
        return replace(index, timings=known[1] if known is not None and same else None)

    def timings_arrived(self) -> None:
        """Show them."""
        raise NotImplementedError

    @property
    def is_timed(self) -> bool:
        """Whether no times are awaited."""
        return not self._timing and self._rest is None

    def _work_out_soon(self, *, is_past: bool) -> None:
        """Work them out; of the past once nobody goes on to another moment, for it slows the keys down."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if is_past:
            self._rest = self.set_timer(_REST, self._work_out)
        else:
            self._work_out()

    def _work_out(self) -> None:
        self._rest = None
        if not self._timing and self._to_time is not None and not is_partial(self._to_time[0]):
            self._timing = True
            self._work(*self._to_time)

    # Described: Textual would write the whole workflow out as the description, at each look.
    @work(thread=True, group="timings", description="work out where the time went")
    def _work(self, detail: WorkflowDetail, now: float) -> None:
        from wftui.present.timing import timings_of

        self.post_message(self.Timed(detail, timings_of(detail, now)))

    def on_detail_timings_timed(self, message: Timed) -> None:
        """Take them, and work out those of what came meanwhile."""
        message.stop()
        self._timing = False
        self._timed = (message.detail, message.timings)
        if self._to_time is not None and self._to_time[0] is message.detail:
            self._to_time = None
            self.timings_arrived()
        else:
            self._work_out()
