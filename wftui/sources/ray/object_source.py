"""A Ray Workflows storage in an object store as a source: polled, every look counted in requests, nothing written."""

from __future__ import annotations

import threading
import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from wftui.errors import TargetError, TargetGone
from wftui.model.change import Added, Delta, Page, Removed, Updated
from wftui.sources.base import SourceInfo
from wftui.sources.ray.listed_rows import ACTIVE_WORDS, RowsAgain, bare_row, page_of
from wftui.sources.ray.storage.object_index import RELIST
from wftui.sources.ray.storage.object_orphans import ObjectOrphans
from wftui.sources.ray.storage.object_reader import ObjectReader
from wftui.sources.ray.storage.reader import ENGINE_NAME
from wftui.sources.stores.objects.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftui.model.change import Change
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions, SourceOptions
    from wftui.sources.ray.storage.index import Index

INTERVAL = 5.0
"""Seconds between looks while something runs or is open."""
QUIET_INTERVAL = 15.0
"""Seconds between looks otherwise."""
_SPARE = 5
"""Requests of one look for what is not pressing: with the three for what moves, eight in all."""
_MOST_READ = 24
"""Rows read again in one look."""
_UNSETTLED = 12.0
"""Seconds for which a changed row is read again: Ray writes the times after the status."""
_LIBRARIES = {"s3": "botocore", "gs": "google.auth", "az": "azure.identity"}
"""Who finds the credentials of each kind of store."""
_LISTING = "listing"
_STEP = 1.0
"""Seconds for which one call lists on in an index that is large; then it says how far it is."""


class ObjectSource:
    """A storage under a prefix of a bucket.

    Args:
        url: `s3://…`, `gs://…` or `az://…`; see `wftui.sources.stores.objects.url`.
        options: How to open it.
        target: What it is called in keys; the URL, credentials masked, when not given.

    Raises:
        TargetError: The extra `cloud` is not installed.
        UsageError: The URL is malformed.
    """

    def __init__(self, url: str, options: SourceOptions, *, target: str | None = None) -> None:
        place = parse_url(url)
        self._relist = place.seconds("relist", RELIST)
        try:
            from wftui.sources.stores.objects.store import ObjectStore

            is_there = find_spec(_LIBRARIES[place.kind]) is not None
        except ImportError:
            is_there = False
        if not is_there:
            raise TargetError(f"{place.shown} needs the extra cloud", "pip install 'wftui[cloud]'")
        self._target = place.shown if target is None else target
        self._options = options
        self._store = ObjectStore(place)
        self._lock = threading.Lock()  # guards the reader and its index, which remember
        self._reader: ObjectReader | None = None
        self._orphans = ObjectOrphans(self._store)
        self._closed = False
        self._attended: frozenset[str] = frozenset()
        self._index: Index | None = None
        self._is_listed = False
        self._is_listing = False
        self._pages: tuple[str, ...] = ()
        self._again = RowsAgain(_UNSETTLED)
        self._listed_at: float | None = None
        self._wake: Callable[[], None] | None = None

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._store.requests

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        interval = self._interval
        notes: tuple[str, ...] = ()
        reader = self._reader
        if self._is_listing and reader is not None:
            notes = (f"listing: {reader.status_index.came:,} entries so far",)
        elif self._listed_at is not None:
            at, again = _clock(self._listed_at), _clock(self._listed_at + self._relist)
            notes = (f"everything listed at {at}, next by {again} or ctrl+r; between, only what runs or waits",)
        return SourceInfo(
            target=self._target,
            engine=ENGINE_NAME,
            kind="storage",
            interval=interval,
            notes=notes,
            watches=f"polling every {interval:g} s",
            is_costly=True,
        )

    @property
    def _interval(self) -> float:
        chosen = self._options.poll or self._options.interval
        if chosen:
            return chosen
        words = self._index.words.values() if self._index is not None else ()
        return INTERVAL if self._attended or not ACTIVE_WORDS.isdisjoint(words) else QUIET_INTERVAL

    @property
    def actions(self) -> Actions | None:
        """None: whatever runs the workflows must write this, not we."""
        return None

    def open(self) -> None:
        """See that it is a storage.

        Raises:
            TargetError: It is not, or cannot be read.
        """
        self._check_open()
        self._store.renew()
        with self._lock:
            if self._reader is not None:
                self._reader.close()
            self._reader = ObjectReader(self._store, self._target, relist=self._relist)
            _ = self._reader.root

    def close(self) -> None:
        """Let go of the connections."""
        self._closed = True
        self._store.close()
        if self._reader is not None:
            self._reader.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGone(f"closed: {self._target}")

    def _reading(self) -> ObjectReader:
        self._check_open()
        if self._reader is None:
            raise TargetGone(f"not opened: {self._target}")
        return self._reader

    # -- the list --------------------------------------------------------------------------------------------

    def page(self, cursor: str | None, limit: int) -> Page:
        """Rows out of the index alone: ids, statuses, and since when. While that is listed: none, and a cursor."""
        reader = self._reading()
        if cursor in (None, _LISTING) or self._index is None:
            with self._lock:
                self._is_listing = not reader.status_index.list_on(_STEP, anew=cursor != _LISTING)
                if self._is_listing:
                    return Page((), _LISTING, None)
                reader.status_index.relist_soon()
                self._read_index(reader)
            self._is_listed = True
            self._again.clear()
            self._pages = tuple(self._index.words) if self._index is not None else ()
        words = self._index.words if self._index is not None else {}
        start = 0 if cursor in (None, _LISTING) else int(cursor or 0)
        return page_of(self._pages, words, start, limit, lambda i, word: self._bare(reader, i, word))

    def _read_index(self, reader: ObjectReader) -> Index:
        is_full = reader.status_index.is_due
        self._index = reader.index()
        if is_full:
            self._listed_at = time.time()
            self._orphans.start(reader.root)
        return self._index

    def _bare(self, reader: ObjectReader, workflow_id: str, word: str) -> WorkflowSummary:
        return bare_row(self._target, workflow_id, word, reader.status_index.since(workflow_id, word))

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows."""
        rows = self._reading().rows(ids)
        for row, broken in rows:
            if broken:
                self._again.changed([row.key.id])
            if self._again.is_unsettled(row.key.id) or row.key.id in self._attended:
                self._again.keep(row)
        return tuple(row for row, _ in rows)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow."""
        return self._reading().detail(workflow_id)

    def detail_steps(
        self, workflow_id: str, shown: Callable[[], Sequence[str] | None], *, again: bool
    ) -> Iterator[WorkflowDetail]:
        """The whole of one workflow, in steps where it is large."""
        return self._reading().detail_steps(workflow_id, shown, again=again)

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back."""
        return self._reading().values(workflow_id, task_ids)

    # -- what is new -----------------------------------------------------------------------------------------

    def changes(self) -> Delta:
        """What moved: looked at cheaply between two full listings; see `ObjectIndex`."""
        reader = self._reading()
        before = self._index
        with self._lock:
            # Right after a listing there is nothing to look for.
            now = before if self._is_listed and before is not None else self._read_index(reader)
        self._is_listed = False
        if before is None:
            return Delta((), now.problems, relist=True)
        changes: list[Change] = []
        moved: list[str] = []
        if now.words is not before.words:
            moved = [i for i, word in now.words.items() if before.words.get(i) != word]
            gone = [i for i in before.words if i not in now.words]
            self._again.drop(gone)
            changes += [Removed(reader.key(i)) for i in gone]
            rows = [self._bare(reader, i, now.words[i]) for i in moved]
            changes += [Updated(row) if row.key.id in before.words else Added(row) for row in rows]
        if now is not before:
            self._again.changed([*(i for i in moved if i in before.words), *now.touched])
        changes += self._reread(reader, set(moved), now.words)
        self._again.forget_settled(lambda i: i in self._attended)
        problems = now.problems + self._orphans.find(now.words, now.dropped, _SPARE)
        return Delta(tuple(changes), problems)

    def _reread(self, reader: ObjectReader, apart_from: set[str], words: Mapping[str, str]) -> Iterator[Change]:
        """Rows that may have changed although the index has not: those just changed, and open ones at work."""
        due = dict.fromkeys(i for i in self._attended if words.get(i) in ACTIVE_WORDS)
        due.update(dict.fromkeys(self._again.unsettled))
        ids = [i for i in due if i in words and i not in apart_from][:_MOST_READ]
        for row, _ in reader.rows(ids):
            if self._again.keep(row):
                yield Updated(row)

    def relist_soon(self) -> None:
        """List everything with the next look."""
        reader = self._reader
        if reader is not None and not self._closed:
            reader.status_index.relist_soon()

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open: look at them at every look."""
        self._attended = ids
        if self._wake is not None and not self._closed:
            self._wake()

    def watch(self, wake: Callable[[], None]) -> None:
        """Nothing tells of changes; `wake` is called when a workflow is opened."""
        self._wake = wake


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
