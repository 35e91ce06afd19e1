"""One connection to a cluster: the driver, the observer where there is one, and the storage, wherever it is read."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wftui.errors import TargetError, TargetGone
from wftui.model.change import Delta
from wftui.sources.ray.cluster.driver.link import Link
from wftui.sources.ray.cluster.near.operations import NEAR
from wftui.sources.ray.cluster.observer.observed import Observed
from wftui.sources.ray.cluster.observer.observers import Observers, Reads
from wftui.sources.ray.cluster.observer.storage import ObservedStorage
from wftui.sources.ray.cluster.place import find_place
from wftui.sources.ray.cluster.stored import BUCKETS, open_storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.base import Source, SourceOptions
    from wftui.sources.ray.cluster.driver.attach import Attached
    from wftui.sources.ray.cluster.looks import ManagerLooks
    from wftui.sources.ray.cluster.observer.observer import Sent
    from wftui.sources.ray.cluster.place import Place

CALL_TIMEOUT = 10.0
ATTACH_TIMEOUT = 30.0
CLIENT_TIMEOUT = 90.0
"""Seconds; the head node starts a process for each of Ray's clients first."""
_BY_CLIENT = "the head node starts a process for us"
LEFT_OUT = "not started (--no-observer or WFTUI_NO_OBSERVER)"
_SENDING = "starting an observer there"


class Connection:
    """Made for each attempt to attach; a closed or broken one stays so.

    Args:
        target: What the cluster is called in keys.
        options: How it is opened.
        looks: Gets what is told of the manager.
        changed: Called when something may have changed.
        before: The connection in whose place this one comes. It must be told so by `replaced`; what reads the storage
            is taken over from it, so that it can be read meanwhile.
    """

    def __init__(
        self,
        target: str,
        options: SourceOptions,
        looks: ManagerLooks,
        changed: Callable[[], None],
        before: Connection | None = None,
    ) -> None:
        self._target = target
        self._options = options
        self._looks = looks
        self._changed = changed
        self._link = Link()
        self._observers: Observers | None = None
        self._observed: Observed | None = None
        self._storage: Source | None = None
        self._storage_path: str | None = None
        if before is not None:
            self._storage, self._storage_path = before._storage, before._storage_path
        looks.look_through(None)
        self._due = 0.0
        self._problems = Delta().problems
        self._note = ""
        self._phase = ""  # what takes long while it is opened

    # -- what it is ------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The driver's process id."""
        return self._link.pid

    @property
    def observer(self) -> Sent | None:
        """The observer that runs; None without one."""
        return self._observers.sent if self._observers is not None else None

    @property
    def storage(self) -> Source | None:
        """What reads the storage; None where it cannot be read."""
        return self._storage

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of it."""
        observers = self._observers
        notes = (self._phase, observers.note if observers is not None else "", self._note)
        return tuple(filter(None, notes))

    def watches(self, interval: float) -> str:
        """How changes are seen, in words."""
        observer = self.observer
        if observer is None:
            return f"asking every {interval:.3g} s"
        return f"an observer in the cluster ({observer.node}) asks every {interval:.3g} s"

    # -- opening and closing ---------------------------------------------------------------------------------

    def open(self, address: str) -> None:
        """Attach, start an observer where it is needed, and open the storage.

        Args:
            address: `auto`, `host:port` or `ray://host:port`.

        Raises:
            TargetError: The cluster cannot be reached or used, and why.
        """
        is_client = address.startswith("ray://")
        self._phase = _BY_CLIENT if is_client else ""
        try:
            timeout = CLIENT_TIMEOUT if is_client else ATTACH_TIMEOUT
            attached = cast("Attached", self._link.call("attach", address, timeout=timeout))
            self._open(attached)
        finally:
            self._phase = ""

    def _open(self, attached: Attached) -> None:
        if attached.client and self._options.observer:
            self._try_observer()
        place = find_place(attached.storage, lambda path: cast("tuple[int, int] | None", self.call("identify", path)))
        if place.path is not None and place.path == self._storage_path and self._storage is not None:
            return
        old, self._storage, self._storage_path = self._storage, None, place.path
        if old is not None:
            old.close()
        self._storage = self._opened(place)

    def _opened(self, place: Place) -> Source | None:
        """The storage, read from here or else by an observer; None, and a note, where neither can."""
        options = replace(self._options, interval=None)
        if place.path is not None:
            return open_storage(place.path, options, self._target)
        if place.there is None:
            self._note = place.why
            return None
        why = place.why
        if place.there.lower().startswith(BUCKETS):
            try:
                return open_storage(place.there, options, self._target)
            except TargetError as error:
                why = f"{why}: {error}"
        return self._observed_storage(Reads(place.there, options, self._target), why)

    def _observed_storage(self, reads: Reads, why: str) -> Source | None:
        """The storage as the observer reads it.

        Args:
            reads: What it is to read.
            why: Why it is not read from here.
        """
        if not self._options.observer:
            self._note = f"{why}; an observer in the cluster would read it: {LEFT_OUT}"
            return None
        try:
            if self._observers is None:
                self._send_observer()
            observers, observed = cast("Observers", self._observers), cast("Observed", self._observed)
            is_costly = observers.read(reads)
        except TargetGone:
            raise
        except TargetError as error:
            self._note = f"{why}; nor by an observer in the cluster: {error.message}"
            return None
        return ObservedStorage(self._target, observers, observed, is_costly=is_costly)

    def _try_observer(self) -> None:
        """Start one; without, the manager is asked through Ray Client, call by call."""
        try:
            self._send_observer()
        except TargetGone:
            raise
        except TargetError as error:
            self._note = error.message

    def call(self, operation: str, *arguments: object, timeout: float = CALL_TIMEOUT) -> object:
        """Have the driver do something, or the observer if it is to be done near the data.

        Raises:
            TargetError: It cannot be done.
            TargetGone: The driver ended, or does not answer.
            NotFoundError: The operation raised it.
            DriverRaised: It raised anything else.
        """
        if self._observers is not None and operation in NEAR:
            return self._observers.ask(operation, *arguments, timeout=timeout)
        return self._link.call(operation, *arguments, timeout=timeout)

    def _send_observer(self) -> None:
        self._phase = _SENDING
        observers = Observers(self._link.call, self._changed)
        observers.send()
        observed = Observed(observers, self._looks, self._options.interval)
        self._observers, self._observed = observers, observed
        self._looks.look_through(lambda: observed.freshen(storage=False))

    # -- what is new -----------------------------------------------------------------------------------------

    def follow(self, wake: Callable[[], None]) -> None:
        """Have changes come by themselves, as far as they can, and call `wake`."""
        if self._storage is not None:
            self._storage.watch(wake)
        if self._observed is not None:
            self._observed.follow(wake)

    def changes(self) -> Delta:
        """What is new in the storage; one whose requests cost is looked at when it is due, or something is new.

        Raises:
            TargetError: It cannot be read.
        """
        storage = self._storage
        if storage is None:
            return Delta()
        if storage.info.is_costly and not isinstance(storage, ObservedStorage):
            now = time.monotonic()
            if now < self._due:
                return Delta((), self._problems)
            self._due = now + storage.info.interval
        delta = storage.changes()
        self._problems = delta.problems
        return delta

    def hear(self) -> None:
        """Take in what is new of the manager: asked for, where it does not come by itself.

        Raises:
            TargetError: The cluster does not answer, or the manager cannot be read.
        """
        observed = self._observed
        if observed is None or not observed.is_followed:
            self._looks.look()
        elif isinstance(self._storage, ObservedStorage):
            observed.check()
        else:
            observed.take()  # it reads no storage: all that came went to the looks, and the next call may begin

    def look_again(self) -> None:
        """Have all that does not come by itself at the next call of `hear` and `changes` looked at now.

        Raises:
            TargetError: The cluster does not answer, or the manager or the storage cannot be read.
        """
        self._due = 0.0
        if self._observed is not None:
            self._observed.freshen(storage=isinstance(self._storage, ObservedStorage))

    # -- the end ---------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of all of it; the driver process ends."""
        self.leave()
        storage, self._storage = self._storage, None
        if storage is not None:
            storage.close()

    def leave(self) -> None:
        """Let go of the cluster; what reads the storage stays."""
        self._stop_asking()
        self._link.close()

    def replaced(self) -> None:
        """Another one has the storage now. The driver ends at once: it has nobody to take leave of."""
        self._storage = None
        self._stop_asking()
        self._link.kill()

    def _stop_asking(self) -> None:
        for one in (self._observers, self._observed):
            if one is not None:
                one.close()
