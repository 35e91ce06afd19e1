"""A Ray Workflows storage as a source: a directory that is read and never written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError, TargetGone
from wftui.model.change import Added, Delta, Page, Removed, Updated
from wftui.sources.base import SourceInfo
from wftui.sources.ray.listed_rows import ACTIVE_WORDS, RowsAgain, bare_row, page_of
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.orphans import OrphanFinder
from wftui.sources.ray.storage.reader import ENGINE_NAME, StorageReader
from wftui.sources.ray.storage_watch import StorageWatch
from wftui.sources.stores.local import LocalStore
from wftui.sources.stores.local_watch import LocalWatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wftui.model.change import Change
    from wftui.model.status import Status
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions, SourceOptions
    from wftui.sources.ray.storage.index import Index

INTERVAL = 2.0
"""Seconds between looks. Tasks of workflows that are not open are not watched, so looks go on beside a watch."""

_MOST_READ = 500
"""Rows read in one look; of more changed ones only the status is told, the rest follows when it is asked for."""
_BEGINNING = 300
"""Tasks of a large workflow that are told before all of them are read."""
_ACTIVE_READ = 20
"""Rows of running and queued workflows read in one look, in turn; those on screen are asked for beside that."""
_UNSETTLED = 3.0
"""Seconds for which a changed row is read again: Ray writes the times after the status, and no file atomically."""
_GLANCE = 500
"""A first page of at most so many rows is told before the whole index is read."""
_ALL = "0"
"""The cursor to the start of the whole index."""


class StorageSource:
    """A storage directory.

    Args:
        path: The storage, or its `workflows/` folder.
        options: How to open it.
        target: What it is called in keys; the path when not given.
    """

    def __init__(self, path: str, options: SourceOptions, *, target: str | None = None) -> None:
        self._target = path if target is None else target
        self._options = options
        self._watcher = LocalWatcher()
        self._store = LocalStore(path, target=self._target, watcher=self._watcher.start)
        self._reader = StorageReader(self._store, self._target)
        self._orphans = OrphanFinder(self._store)
        self._watch = StorageWatch(self._store, self._watcher, options.poll)
        self._lock = threading.Lock()  # guards the reader of the index, which remembers
        self._closed = False
        self._attended: frozenset[str] = frozenset()
        self._told_whole: frozenset[str] = frozenset()
        self._index: Index | None = None
        self._pages: tuple[str, ...] = ()
        self._glanced: tuple[str, ...] = ()
        self._again = RowsAgain(_UNSETTLED)
        self._active: list[str] = []
        self._turn = 0

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        return SourceInfo(
            target=self._target,
            engine=ENGINE_NAME,
            kind="storage",
            interval=self._options.poll or self._options.interval or INTERVAL,
            watches=self._watch.describe(self._options.poll or self._options.interval or INTERVAL),
        )

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
        self._store.check()
        with self._lock:
            self._reader.reset()
            _ = self._reader.root

    def close(self) -> None:
        """Stop watching."""
        self._closed = True
        self._watch.close()
        self._store.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGone(f"closed: {self._target}")

    # -- the list --------------------------------------------------------------------------------------------

    def page(self, cursor: str | None, limit: int) -> Page:
        """Rows out of the index alone: ids and statuses.

        The very first page, where it is small, comes before the index is read; its rows come again in their turn.
        """
        self._check_open()
        if cursor is None and self._index is None and limit <= _GLANCE:
            with self._lock:
                first = self._reader.status_index.first(limit)
            if len(first) == limit:
                self._glanced = tuple(first)
                return Page(tuple(self._bare(i, word) for i, word in first.items()), _ALL, None)
        if cursor in (None, _ALL) or self._index is None:
            with self._lock:
                self._index = self._reader.index()
            self._pages = tuple(self._index.words)
            self._active = [i for i, word in self._index.words.items() if word in ACTIVE_WORDS]
            self._again.clear()
        start = int(cursor or 0)
        words = self._index.words
        return page_of(self._pages, words, start, limit, self._bare)

    def statuses(self) -> dict[str, Status]:
        """Ids and statuses; see `Divisible`."""
        self._check_open()
        with self._lock:
            self._index = self._reader.index()
        return {workflow_id: layout.status_of(word) for workflow_id, word in self._index.words.items()}

    def _bare(self, workflow_id: str, word: str) -> WorkflowSummary:
        return bare_row(self._target, workflow_id, word)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows."""
        self._check_open()
        rows = self._reader.rows(ids, self._index.words if self._index is not None else None)
        for row, broken in rows:
            if broken:
                self._again.changed([row.key.id])
            if row.status.is_active or row.key.id in self._attended:
                self._again.keep(row)
        return tuple(row for row, _ in rows)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow."""
        self._check_open()
        try:
            return self._reader.detail(workflow_id)
        except NotFoundError:
            self._store.check()  # where the whole storage is away, its workflows may well still be
            raise

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back."""
        self._check_open()
        return self._reader.values(workflow_id, task_ids)

    def detail_steps(
        self, workflow_id: str, shown: Callable[[], Sequence[str] | None], *, again: bool
    ) -> Iterator[WorkflowDetail]:
        """The whole of one workflow; of a large one some tasks first, unless all were told since it was opened."""
        del shown  # all is read, whatever is looked at
        if again and workflow_id in self._told_whole:
            return
        if workflow_id not in self._told_whole:
            self._check_open()
            beginning = self._reader.beginning(workflow_id, _BEGINNING)
            if beginning is not None:
                yield beginning
        yield self.detail(workflow_id)
        if workflow_id in self._attended:
            self._told_whole |= {workflow_id}

    # -- what is new -----------------------------------------------------------------------------------------

    def changes(self) -> Delta:
        """What the index has moved, and what changed in rows that may change without it.

        Rows of running, open and just changed workflows are read again; the first in turn where they are many.
        """
        self._check_open()
        before = self._index
        with self._lock:
            now = self._reader.index()
        self._index = now
        if before is None:
            return Delta((), now.problems, relist=True)
        moved: list[str] = []
        gone: list[str] = []
        if now.words is not before.words:
            if now.suspects is None:
                suspects: Iterable[str] = {**before.words, **now.words}
            else:
                suspects = sorted(now.suspects)
            moved = [i for i in suspects if i in now.words and before.words.get(i) != now.words[i]]
            gone = [i for i in suspects if i in before.words and i not in now.words]
            self._active = self._still_active(now)
        gone += [i for i in self._glanced if i not in now.words and i not in before.words]
        self._glanced = ()
        self._again.drop(gone)
        self._again.changed([*moved, *(i for i in now.touched if i in now.words)][:_MOST_READ])
        changes: list[Change] = [Removed(self._reader.key(i)) for i in gone]
        changes += self._moved(moved, before.words, now.words)
        changes += self._reread(set(moved), now.words)
        words = now.words
        self._again.forget_settled(lambda i: i in self._attended or words.get(i) in ACTIVE_WORDS)
        problems = now.problems
        if not now.partial:
            left = None if before.partial else gone
            problems += self._orphans.find(self._reader.root, now.words, now.dropped, left)
        self._watch.follow(self._reader, self._attended, is_restless=bool(self._again.unsettled))
        return Delta(tuple(changes), problems)

    def _still_active(self, now: Index) -> list[str]:
        if now.suspects is None:
            return [i for i, word in now.words.items() if word in ACTIVE_WORDS]
        left = [i for i in self._active if i not in now.suspects]
        return left + [i for i in sorted(now.suspects) if now.words.get(i) in ACTIVE_WORDS]

    def _moved(self, moved: Sequence[str], before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
        """Workflows that are new, or stand in another directory of the index."""
        rows = [row for row, _ in self._reader.rows(moved[:_MOST_READ], now)]
        rows += [self._bare(i, now[i]) for i in moved[_MOST_READ:]]
        for row in rows:
            if row.complete:
                self._again.keep(row)
            yield Updated(row) if row.key.id in before else Added(row)

    def _reread(self, apart_from: set[str], words: Mapping[str, str]) -> Iterator[Change]:
        """Rows that may have changed although the index has not."""
        due = dict.fromkeys(self._again.unsettled[:_MOST_READ])
        due.update(dict.fromkeys(self._attended))
        # Only rows that were told in full: the others are still to be asked for, and are read then.
        active = [i for i in self._active if i in self._again]
        turn = self._turn if self._turn < len(active) else 0
        due.update(dict.fromkeys(active[turn : turn + _ACTIVE_READ]))
        self._turn = turn + _ACTIVE_READ
        ids = [i for i in due if i in words and i not in apart_from]
        for row, broken in self._reader.rows(ids, words):
            if broken and not self._again.is_unsettled(row.key.id):
                self._again.changed([row.key.id])
            if self._again.keep(row):
                yield Updated(row)

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open: read and watch them at every look."""
        self._attended = ids
        self._told_whole &= ids
        self._watch.hurry()

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` when the index or an open workflow changes, where the file system tells."""
        self._watch.start(wake)
