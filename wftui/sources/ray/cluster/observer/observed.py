"""What an observer in the cluster tells, as it comes: a thread keeps one held call going, and `take` never blocks.

Where nobody follows (a command that reads once), it is asked for at the moment.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from wftui.errors import TargetError, WftuiError
from wftui.model.change import Delta
from wftui.sources.ray.cluster.answers import DriverRaised
from wftui.sources.ray.cluster.near.observing import Asked, News
from wftui.sources.ray.cluster.observer.observers import CALL_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.ray.cluster.looks import ManagerLooks
    from wftui.sources.ray.cluster.observer.observers import Observers

HOLD = 5.0
"""Seconds for which the observer holds a call while there is nothing to tell."""


class Observed:
    """Takes in what is new. Every method may be called from any thread.

    Args:
        observers: Who is asked.
        looks: Gets what is told of the manager.
        interval: Seconds between looks at the manager; None for the usual.
    """

    def __init__(self, observers: Observers, looks: ManagerLooks, interval: float | None) -> None:
        self._observers = observers
        self._looks = looks
        self._interval = interval
        self._attended: frozenset[str] = frozenset()
        self._lock = threading.Lock()  # guards what came
        self._name = ""
        self._number = 0
        self._listed = 0
        self._deltas: list[Delta] = []
        self._problems = Delta().problems
        self._error: WftuiError | None = None
        self._is_taken = threading.Event()
        self._closed = threading.Event()
        self._wake: Callable[[], None] | None = None
        self.watches = ""

    @property
    def is_followed(self) -> bool:
        """Whether what is new comes by itself."""
        return self._wake is not None

    def follow(self, wake: Callable[[], None]) -> None:
        """Keep a held call going from now on, and call `wake` when something came."""
        if self._wake is None:
            self._wake = wake
            threading.Thread(target=self._run, name="wftui-observed", daemon=True).start()

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open on screen. Never blocks."""
        if ids == self._attended:
            return
        self._attended = ids
        if self._wake is not None:
            # The call that is held would tell it some seconds later.
            threading.Thread(target=self._tell_attended, name="wftui-attend", daemon=True).start()

    def freshen(self, *, storage: bool) -> None:
        """Have the manager looked at now, and the storage where that is asked for; take in what is new.

        Raises:
            TargetError: The cluster, the manager or the storage does not answer.
        """
        self._observe(0.0, storage=storage)

    def check(self) -> None:
        """Whether what is new still comes.

        Raises:
            TargetError: It does not, and why.
        """
        error = self._error
        if error is not None:
            raise error

    def take(self) -> Delta:
        """What came of the storage since the last call of this.

        Raises:
            TargetError: Nothing comes any more, and why.
        """
        self.check()
        with self._lock:
            deltas, self._deltas = self._deltas, []
            self._is_taken.set()
            changes = tuple(change for delta in deltas for change in delta.changes)
            return Delta(changes, self._problems, any(delta.relist for delta in deltas))

    def listed(self, number: int) -> None:
        """The storage was listed after the item of that number came: what came before is in the list."""
        with self._lock:
            self._listed = number
            self._deltas.clear()

    def close(self) -> None:
        """Ask for nothing any more."""
        self._closed.set()
        self._is_taken.set()

    # -- asking ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        """One held call after the other. The next one waits until somebody took what came: he may have paused."""
        while not self._closed.is_set():
            try:
                came = self._observe(HOLD)
            except WftuiError as error:
                self._end(error)
                return
            except Exception as error:  # noqa: BLE001 - a defect must not end the watching unseen: it is told
                self._end(TargetError(f"what the observer told cannot be taken in: {type(error).__name__}: {error}"))
                return
            if came and self._wake is not None and not self._closed.is_set():
                self._wake()
                self._is_taken.wait()

    def _tell_attended(self) -> None:
        try:
            self.freshen(storage=True)
        except WftuiError as error:
            self._end(error)
        if self._wake is not None:
            self._wake()

    def _end(self, error: WftuiError) -> None:
        """Nothing comes any more: told to who takes, who then begins anew."""
        with self._lock:
            self._error = error
        if self._wake is not None and not self._closed.is_set():
            self._wake()

    def _observe(self, hold: float, *, storage: bool = False) -> bool:
        """One call; whether it told anything new."""
        with self._lock:
            name, number = self._name, self._number
        asked = Asked(name, number, hold, self._attended, manager=not hold, storage=storage)
        try:
            news = self._observers.ask("observe", asked, self._interval, timeout=hold + CALL_TIMEOUT)
        except DriverRaised as raised:
            raise TargetError(f"the observer in the cluster failed: {raised}") from None
        return self._take_in(cast("News", news))

    def _take_in(self, news: News) -> bool:
        with self._lock:
            is_other = news.name != self._name
            if is_other:
                # What the storage had when the one before looked last, this one does not know.
                if self._name:
                    self._deltas.append(Delta(relist=True))
                self._name, self._number, self._listed = news.name, 0, 0
            came = [item for item in news.items if item.number > self._number]
            if came or is_other:
                self._is_taken.clear()
            for item in came:
                self._number = item.number
                if not isinstance(item.value, Delta):
                    self._looks.take_in(item.value)
                elif item.number > self._listed:
                    self._deltas.append(item.value)
                    self._problems = item.value.problems
            self._looks.interval = news.interval
            self.watches = news.watches
            return bool(came) or is_other
