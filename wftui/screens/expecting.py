"""When the workflow that is shown will be done: earlier runs are read in a thread. Belongs to the main screen."""

from __future__ import annotations

import threading
import time
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from wftui.messages import Expected

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.timer import Timer

    from wftui.estimates.estimate import Estimate
    from wftui.estimates.reader import HistoryReader
    from wftui.model.clock import Clock
    from wftui.model.history import History
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.monitor.monitor import Monitor
    from wftui.present.rows import RowModel

# What runs on is estimated anew after so many seconds, news or not.
_AGAIN = 5.0
# With so many tasks news wait for that, too.
_LARGE = 1_000
# Earlier runs are looked for no longer than that, in seconds.
_LONGEST = 10.0
# Tasks times earlier runs that are played on at most, so that a large workflow does not take the processor.
_PLAYED = 20_000
_FEWEST = 5


class Expecting:
    """Estimates for the workflow that is open, while it runs; of those read before what was learnt is kept.

    Where reading a workflow costs requests that are paid for, nothing is read by itself: `wftui eta` does.

    Args:
        screen: Gets what was worked out as a message, `Expected`.
        monitor: Reads workflows.
        model: Knows what else there is.
        clock: The clock.
    """

    def __init__(self, screen: Screen[None], monitor: Monitor, model: RowModel, clock: Clock) -> None:
        self._screen = screen
        self._monitor = monitor
        self._model = model
        self._clock = clock
        self._readers: dict[str, HistoryReader] = {}
        self._open: WorkflowKey | None = None
        self._history: History | None = None
        self._estimate: Estimate | None = None
        self._latest: WorkflowDetail | None = None
        self._is_working = False
        self._timer: Timer | None = None

    @property
    def estimate(self) -> Estimate | None:
        """When the open workflow will be done, as far as that was worked out."""
        return self._estimate

    def known(self, detail: WorkflowDetail) -> WorkflowDetail:
        """The workflow with the earlier runs of it that were read."""
        if detail.summary.key != self._open or self._history is None:
            return detail
        return replace(detail, history=self._history)

    def shown(self, detail: WorkflowDetail) -> None:
        """This workflow is shown, or there are news of it."""
        row = detail.summary
        if row.key != self._open:
            self._open, self._history, self._estimate = row.key, None, None
            self._stop()
        self._latest = detail
        is_wanted = row.status.is_active and row.started_at is not None and detail.live and detail.read is None
        if not is_wanted:
            self._estimate = None
        elif self._timer is not None and len(detail.tasks) > _LARGE:
            return  # its time comes
        elif not self._is_working and not self._monitor.is_costly(row.key):
            self._stop()
            self._is_working = True
            self._work(detail)

    def arrived(self, message: Expected) -> bool:
        """It was worked out. Returns whether it is about what is open, and earlier runs of it are known just now."""
        self._is_working = False
        latest, is_it = self._latest, message.key == self._open
        is_new = is_it and message.history is not self._history
        if is_it:
            self._history, self._estimate = message.history, message.estimate
        has_news = latest is not None and latest is not message.detail
        can_wait = is_it and len(message.detail.tasks) > _LARGE
        if latest is not None and has_news and not can_wait:
            self.shown(latest)
        elif is_it and (has_news or (message.estimate is not None and message.estimate.likely is not None)):
            self._timer = self._screen.set_timer(_AGAIN, self._once_more)
        return is_new

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _once_more(self) -> None:
        self._stop()
        if self._latest is not None:
            self.shown(self._latest)

    def _work(self, detail: WorkflowDetail) -> None:
        from wftui.estimates.reader import HistoryReader
        from wftui.model.status import Status

        key = detail.summary.key
        reader = self._readers.setdefault(key.target, HistoryReader(partial(self._monitor.read, key.target)))
        others = () if self._history is not None else self._model.with_status(Status.SUCCESSFUL)
        job = partial(self._in_thread, reader, detail, others, self._history)
        # A daemon: a source that never answers cannot hold the exit. Its context tells which app it belongs to.
        threading.Thread(target=copy_context().run, args=(job,), name="wftui-expecting", daemon=True).start()

    def _in_thread(
        self, reader: HistoryReader, detail: WorkflowDetail, others: tuple[WorkflowKey, ...], history: History | None
    ) -> None:
        from wftui.errors import WftuiError
        from wftui.estimates.estimate import estimate

        until = time.monotonic() + _LONGEST
        if history is None:
            rows = [row for row in map(self._model.get, others) if row is not None]
            try:
                history = reader.history(detail, rows, stop=lambda: time.monotonic() > until)
            except WftuiError:
                history = None  # the source's state tells; it is tried again with the next news
        told = None
        if history is not None:
            most = max(_FEWEST, _PLAYED // max(1, len(detail.tasks)))
            told = estimate(detail, replace(history, runs=history.runs[:most]), self._clock.time())
        self._screen.post_message(Expected(detail.summary.key, detail, history, told))
