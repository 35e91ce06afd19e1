"""The observers of one connection, from the app's side: starts one, asks it, and replaces one that died."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from wftui.errors import TargetError, TargetGone
from wftui.sources.ray.cluster.answers import DriverRaised, ObserverLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.base import SourceOptions
    from wftui.sources.ray.cluster.observer.observer import Sent

CALL_TIMEOUT = 60.0
SEND_TIMEOUT = 75.0
_PAUSES = (0.0, 1.0, 3.0)
"""Seconds before each try to start another observer."""
_OFTEN, _IN = 3, 60.0
"""So many in so many seconds: then something kills them, and the whole connection is made anew, less and less often."""
_TOLD_FOR = 60.0
"""Seconds for which it is told that an observer was replaced."""

if TYPE_CHECKING:

    class _Call(Protocol):
        def __call__(self, operation: str, *arguments: object, timeout: float) -> object: ...


class Reads(NamedTuple):
    """The storage that the observer reads.

    Attributes:
        path: A directory there, or the URL of an object store.
        options: How it is opened.
        target: What it is called in keys.
    """

    path: str
    options: SourceOptions
    target: str


class Observers:
    """Never more than one at a time. Every method may be called from any thread.

    Args:
        call: Has the driver do something.
        changed: Called when the note is another one.
    """

    def __init__(self, call: _Call, changed: Callable[[], None]) -> None:
        self._call = call
        self._changed = changed
        self._lock = threading.Lock()
        self._count = 0
        self._lost_at: list[float] = []
        self._reads: Reads | None = None
        self._note = ""
        self._closed = threading.Event()
        self._sent: Sent | None = None

    @property
    def sent(self) -> Sent | None:
        """The one that runs; None before the first."""
        return self._sent

    @property
    def note(self) -> str:
        """That one died, and what is done; "" when all is well, or has been for a while."""
        is_old = bool(self._lost_at) and time.monotonic() - self._lost_at[-1] > _TOLD_FOR
        return "" if is_old else self._note

    def send(self) -> None:
        """Start one.

        Raises:
            TargetError: It does not start.
        """
        with self._lock:
            self._send()

    def read(self, reads: Reads) -> bool:
        """Have it, and every other one after it, read that storage. Returns whether requests to it cost.

        Raises:
            TargetError: It cannot be read there.
        """
        is_costly = bool(self.ask("open", *reads))
        self._reads = reads
        return is_costly

    def ask(self, operation: str, *arguments: object, timeout: float = CALL_TIMEOUT) -> object:
        """Have it carry out a near operation. One that is gone is replaced first, once.

        Raises:
            TargetError: It cannot be done, or there is no observer any more.
            NotFoundError: The operation raised it.
            DriverRaised: It raised anything else.
        """
        with self._lock:  # what is being started is asked when it can answer
            count = self._count
        try:
            return self._call(operation, *arguments, timeout=timeout)
        except ObserverLost as lost:
            self._replace(count, lost.message)
        return self._call(operation, *arguments, timeout=timeout)

    def close(self) -> None:
        """Start no other. The one that is there ends with the driver."""
        self._closed.set()

    def _send(self) -> None:
        try:
            sent = cast("Sent", self._call("send", timeout=SEND_TIMEOUT))
            if self._reads is not None:
                self._call("open", *self._reads, timeout=CALL_TIMEOUT)
        except DriverRaised as raised:
            raise TargetError(f"no observer starts in the cluster: {raised}") from None
        self._sent = sent
        self._count += 1

    def _replace(self, count: int, why: str) -> None:
        """Start another in the place of that one, unless somebody else did."""
        with self._lock:
            if self._count != count:
                return
            now = time.monotonic()
            self._lost_at = [*(at for at in self._lost_at if now - at < _IN), now]
            if len(self._lost_at) > _OFTEN:
                raise TargetGone(f"{why}, as {_OFTEN} before it within a minute")
            self._tell(f"{why}: starting another")
            for pause in _PAUSES:
                if self._closed.wait(pause):
                    raise TargetGone("closed")
                try:
                    self._send()
                except ObserverLost:
                    continue
                self._tell(f"{why}; another took over at {time.strftime('%H:%M:%S')}")
                return
            raise TargetGone(f"{why}, and no other starts")

    def _tell(self, note: str) -> None:
        self._note = note
        self._changed()
