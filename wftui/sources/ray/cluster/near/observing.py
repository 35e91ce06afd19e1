"""What the observer watches: the workflow manager and the storage, both looked at only while somebody asks.

What is new goes into a log of numbered items, which keeps them until the app says that it has them: an answer that is
lost loses nothing. Several calls may be under way; they share the log, and one looks at a time.
"""

from __future__ import annotations

import hashlib
import math
import pickle
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wftui.errors import TargetError, TargetGone
from wftui.model.change import Delta
from wftui.sources.ray.cluster.answers import attempt, value_of
from wftui.sources.ray.cluster.looks import ManagerLooks
from wftui.sources.ray.cluster.near.looking import ManagerLooking
from wftui.sources.ray.cluster.stored import open_storage

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.model.change import Page
    from wftui.model.workflow import Problem, WorkflowDetail
    from wftui.sources.base import Source, SourceOptions

MOST_HOLD = 20.0
"""Seconds that a call is held at most, whatever is asked for."""
SHORTEST_REST = 0.25
"""Seconds between two looks at the storage at least."""
_SHARE = 4
"""Looks at the storage that take t seconds are repeated every 4 t at most."""
ENOUGH_BYTES = 500_000
"""Pickled items in one answer, about; an item more, and what is left comes with the next."""
_CHANGES = 1_000
"""Rows in one item."""
_METHODS = frozenset({"page", "summaries", "detail", "values"})
"""What is asked of the storage beside what is new."""


class Item(NamedTuple):
    """Something new.

    Attributes:
        number: Counts from 1; a later item tells of a later look.
        value: An answer of `ManagerLooking.look`, or a `Delta` of the storage.
        size: Bytes of it, pickled.
    """

    number: int
    value: tuple[str, object, float] | Delta
    size: int


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        name: Which observer told last; "" for any.
        since: The number of the last item that has come.
        hold: Seconds to wait for something new; 0 answers at once.
        attended: The workflows that are open on screen.
        manager: Look at the manager now, whatever is due.
        storage: Likewise at the storage.
    """

    name: str
    since: int
    hold: float = 0.0
    attended: frozenset[str] = frozenset()
    manager: bool = False
    storage: bool = False


class News(NamedTuple):
    """What is told.

    Attributes:
        name: Of this observer: another one knows nothing of what that one told.
        items: What is new, in order.
        interval: Seconds between looks at the manager, now.
        watches: How the storage is watched there; "" without one.
    """

    name: str
    items: tuple[Item, ...]
    interval: float
    watches: str


class Observing:
    """Looks at the manager and the storage for who asks; from several threads.

    Args:
        look: Looks at the manager; that of this cluster when not given.
    """

    def __init__(self, look: Callable[..., tuple[str, object, float]] | None = None) -> None:
        self._name = uuid.uuid4().hex
        self._condition = threading.Condition()  # guards the log
        self._log: list[Item] = []
        self._number = 0
        self._woken = False
        self._looking = threading.Lock()  # one looks at a time; guards all below
        self._ask = look if look is not None else ManagerLooking().look
        self._looks = ManagerLooks(self._ask_manager, None)
        self._answers: list[tuple[str, object, float]] = []
        self._manager_note: str | None = None
        self._manager_due = 0.0
        self._storage: Source | None = None
        self._problems: tuple[Problem, ...] = ()
        self._attended: frozenset[str] = frozenset()
        self._storage_due = math.inf
        self._soonest = 0.0

    def open(self, place: str, options: SourceOptions, target: str) -> bool:
        """Read a storage from now on.

        Args:
            place: A directory of this machine, or the URL of an object store.
            options: How to open it.
            target: What it is called in keys.

        Returns:
            Whether requests to it cost.

        Raises:
            TargetError: It cannot be read from here.
        """
        storage = open_storage(place, options, target)
        storage.watch(self._wake)
        with self._looking:
            self._storage, self._storage_due = storage, math.inf
        return storage.info.is_costly

    def storage(self, method: str, *arguments: Any) -> tuple[int, object]:
        """Ask the storage something.

        Args:
            method: `page`, `summaries`, `detail` or `values`.
            arguments: Of that.

        Returns:
            The number of the last item that came before, and the answer.

        Raises:
            TargetError: It cannot be read.
            NotFoundError: There is no such workflow.
        """
        if method not in _METHODS or self._storage is None:
            raise TargetGone("the observer in the cluster reads no storage")
        if method == "page":
            return self._page(self._storage, *arguments)
        if method == "detail":
            return self._number, self._detail(self._storage, *arguments)
        answer = getattr(self._storage, method)(*arguments)
        return self._number, list(answer) if method == "values" else answer

    def _page(self, storage: Source, cursor: str | None, limit: int) -> tuple[int, Page]:
        with self._looking:  # a listing and a look for changes remember in the same place
            page = storage.page(cursor, limit)
            if page.next is None:
                self._storage_due = 0.0  # before, there is nothing that changes could be told from
            return self._number, page

    def _detail(self, storage: Source, workflow_id: str, digest: bytes) -> tuple[bytes, WorkflowDetail | None]:
        """The whole of a workflow and its digest; None for the whole where who asks has it already."""
        detail = storage.detail(workflow_id)
        now = hashlib.blake2b(pickle.dumps(detail, protocol=5), digest_size=16).digest()
        return now, None if now == digest else detail

    # -- what is new -----------------------------------------------------------------------------------------

    def observe(self, asked: Asked, interval: float | None) -> News:
        """Wait until there is something new, but not for long.

        Args:
            asked: For what.
            interval: Seconds between looks at the manager; None for the usual.

        Raises:
            TargetError: The manager or the storage cannot be read.
        """
        until = time.monotonic() + min(asked.hold, MOST_HOLD)
        since = self._begin(asked)
        self._look(asked.attended, interval, manager=asked.manager, storage=asked.storage)
        while not (items := self._after(since)) and time.monotonic() < until:
            self._wait(until)
            self._look(asked.attended, interval)
        storage = self._storage
        return News(self._name, items, self._looks.interval, storage.info.watches if storage is not None else "")

    def _begin(self, asked: Asked) -> int:
        """Drop what has come. Returns after which number to tell: for who knows nothing of us, all that there is."""
        if asked.name != self._name:
            with self._looking:
                self._looks.forget()
                self._manager_note, self._manager_due = None, 0.0
            with self._condition:
                self._log.clear()
                return self._number
        with self._condition:
            self._log = [item for item in self._log if item.number > asked.since]
        return asked.since

    def _after(self, since: int) -> tuple[Item, ...]:
        items, size = [], 0
        with self._condition:
            for item in self._log:
                if item.number > since and size < ENOUGH_BYTES:
                    items.append(item)
                    size += item.size
        return tuple(items)

    def _wait(self, until: float) -> None:
        """Wait until a look is due."""
        with self._condition:
            due = min(until, self._manager_due, self._storage_due if self._storage is not None else until)
            self._condition.wait_for(lambda: self._woken, max(0.0, due - time.monotonic()))
            if self._woken:
                # What wakes us may do so many times a second.
                self._woken = False
                self._storage_due = min(self._storage_due, self._soonest)

    def _wake(self) -> None:
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    # -- looking ---------------------------------------------------------------------------------------------

    def _look(
        self, attended: frozenset[str], interval: float | None, *, manager: bool = False, storage: bool = False
    ) -> None:
        """Look at what is due. Where something is new, at the storage once more.

        A workflow that ended or began between two looks would be told as half of each: as RESUMABLE.
        """
        with self._looking:
            self._attend(attended)
            self._looks.ask_every(interval)
            now = time.monotonic()
            storage = storage or now >= self._storage_due
            moved = storage and self._look_at_storage()
            if manager or moved or now >= self._manager_due:
                moved = self._look_at_manager() or moved
            if moved:
                self._look_at_storage()

    def _attend(self, attended: frozenset[str]) -> None:
        if attended != self._attended:
            self._attended = attended
            if self._storage is not None:
                self._storage.attend(attended)

    def _look_at_storage(self) -> bool:
        storage = self._storage
        if storage is None:
            return False
        started = time.monotonic()
        delta = storage.changes()
        now = time.monotonic()
        self._soonest = now + max(SHORTEST_REST, _SHARE * (now - started))
        self._storage_due = max(self._soonest, started + storage.info.interval)
        is_new = bool(delta.changes or delta.relist or delta.problems != self._problems)
        self._problems = delta.problems
        if is_new:
            for start in range(0, max(1, len(delta.changes)), _CHANGES):
                part = delta.changes[start : start + _CHANGES]
                self._tell(Delta(part, delta.problems, delta.relist and not start))
        return bool(delta.changes)

    def _look_at_manager(self) -> bool:
        self._answers.clear()
        try:
            self._looks.look()
        except TargetError:
            self._looks.forget()  # what was told so far gets nowhere
            raise
        self._manager_due = time.monotonic() + self._looks.interval
        changed, note = self._looks.take_changed(), self._looks.note
        if changed or note != self._manager_note:
            self._manager_note = note
            for answer in self._answers:
                self._tell(answer)
        return bool(changed)

    def _ask_manager(self, operation: str, *arguments: object, timeout: float) -> object:
        del operation, timeout  # it is asked for nothing else, and gives up by itself
        answer = value_of(*attempt(self._ask, *arguments))
        self._answers.append(cast("tuple[str, object, float]", answer))
        return answer

    def _tell(self, value: tuple[str, object, float] | Delta) -> None:
        size = len(pickle.dumps(value, protocol=5))
        with self._condition:
            self._number += 1
            self._log.append(Item(self._number, value, size))
