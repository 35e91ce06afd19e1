"""Looking at the manager: one call at a time, less often where answers take long."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Protocol, cast

from wftui.errors import TargetError
from wftui.sources.ray.cluster.answers import DriverRaised
from wftui.sources.ray.cluster.memory import Memory

INTERVAL = 1.0
"""Seconds between looks, if nothing else is asked for."""
SLOWEST_INTERVAL = 10.0
LOOK_TIMEOUT = 8.0
"""Seconds; the driver itself gives up sooner, and says how it is."""
BUDGET = 120
"""Tasks in one answer of the manager, which does nothing else meanwhile; more come in several."""
MOST_LOOKS = 200
"""Answers taken at once, with 24,000 tasks."""
_SHARE = 10
"""Looks that take t seconds are repeated every 10 t at most."""
NO_MANAGER = "no workflow manager yet: showing the storage"
MANAGER_GONE = "the workflow manager is gone: what it ran can be resumed, which starts another"
BUSY = "the workflow manager is busy: showing what it told before"

if TYPE_CHECKING:
    from collections.abc import Callable

    class _Call(Protocol):
        def __call__(self, operation: str, *arguments: object, timeout: float) -> object: ...


class ManagerLooks:
    """Keeps a `Memory` up to date.

    Args:
        call: Has the driver do something.
        interval: Seconds between looks that were asked for; None for the usual.
    """

    def __init__(self, call: _Call, interval: float | None) -> None:
        self.memory = Memory()
        self._call = call
        self._asked = interval or INTERVAL
        self._lock = threading.Lock()
        self._changed: set[str] = set()
        self._seconds: tuple[float, ...] = (0.0,)
        self._told = False
        self._busy = False
        self._was_there = False
        self._through: Callable[[], None] | None = None
        self.interval = self._asked
        self.note = ""

    @property
    def is_told(self) -> bool:
        """Whether the manager (or that there is none) was seen since `forget`: before, nothing may be inferred."""
        return self._told

    @property
    def is_current(self) -> bool:
        """Whether the last look was answered: a manager that is busy may run what came since it told something."""
        return self._told and not self._busy

    def forget(self) -> None:
        """Begin anew: the driver is another one."""
        with self._lock:
            self.memory.clear()
            self._changed.clear()
            self._told = self._busy = self._was_there = False

    def take_changed(self) -> set[str]:
        """The workflows that changed, came or went since the last call of this."""
        with self._lock:
            changed, self._changed = self._changed, set()
        return changed

    def look_through(self, somebody: Callable[[], None] | None) -> None:
        """From now on somebody else looks when `look` is called, and gives what he is told to `take_in`."""
        self._through = somebody

    def look(self) -> None:
        """Ask the manager what is new. From any thread; only one asks at a time.

        Raises:
            TargetError: The cluster does not answer, or the manager cannot be read.
        """
        through = self._through
        if through is not None:
            through()
            return
        with self._lock:
            for _ in range(MOST_LOOKS):
                if not self._look_once() or not self.memory.is_behind:
                    return

    def _look_once(self) -> bool:
        """One call; whether it was answered."""
        try:
            answer = self._call("look", self.memory.known(), BUDGET, timeout=LOOK_TIMEOUT)
        except DriverRaised as raised:
            raise TargetError(f"the workflow manager cannot be read: {raised}") from None
        return self._take_in(cast("tuple[str, object, float]", answer))

    def take_in(self, answer: tuple[str, object, float]) -> None:
        """Take in what a look gave that somebody else made; see `ManagerLooking.look`."""
        with self._lock:
            self._take_in(answer)

    def ask_every(self, seconds: float | None) -> None:
        """The seconds between looks that are asked for; None for the usual."""
        if (seconds or INTERVAL) != self._asked:
            self._asked = self.interval = seconds or INTERVAL

    def _take_in(self, answer: tuple[str, object, float]) -> bool:
        """Take it in; whether the manager was asked and answered."""
        how, told, seconds = answer
        self._adapt(seconds)
        self._busy = how == "busy"
        if self._busy:
            self.note = BUSY
            return False
        if how == "none":
            self.note = MANAGER_GONE if self._was_there else NO_MANAGER
            self._changed |= self.memory.clear()
        else:
            self.note = ""
            self._was_there = True
            self._changed |= self.memory.merge(told)
        self._told = True
        return how == "ok"

    def _adapt(self, seconds: float) -> None:
        """Ask less often where answers take long; a single slow one does not count. Whole seconds: it is shown."""
        self._seconds = (*self._seconds[-2:], seconds)
        wanted = _SHARE * min(self._seconds)
        slowest = max(self._asked, SLOWEST_INTERVAL)
        self.interval = self._asked if wanted <= self._asked else min(float(math.ceil(wanted)), slowest)
