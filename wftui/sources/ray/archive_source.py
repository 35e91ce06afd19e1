"""An archive of a Ray Workflows storage as a source: a snapshot, read in place."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from wftui.errors import TargetGone
from wftui.model.change import Delta, Page, Updated
from wftui.sources.base import SourceInfo
from wftui.sources.ray.archive_root import enter_storage
from wftui.sources.ray.listed_rows import bare_row, page_of
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.jsonread import MAX_JSON
from wftui.sources.ray.storage.orphans import OrphanFinder
from wftui.sources.ray.storage.reader import ENGINE_NAME, StorageReader
from wftui.sources.ray.storage.taskfiles import MAX_EXCEPTION
from wftui.sources.stores.archive.store import ArchiveStore, identity_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.values import TaskValues
    from wftui.model.workflow import Problem, WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions, SourceOptions
    from wftui.sources.ray.storage.index import Index
    from wftui.sources.stores.archive.bounds import Bounds

INTERVAL = 2.0
"""Seconds between looks at whether the archive is still the same: one `stat` each."""
_STEP = 1.0
"""Seconds for which one call reads on in an archive that is large; then it says how far it is."""
_BEING_WRITTEN = 1.5
"""Seconds since its last write for which an archive that changed is taken to be changing still."""
_CUT_FOR = 10.0
"""Seconds since its last write for which an archive without an end is taken to be on its way."""
_READING = "reading"
_KEPT = {
    name.encode(): MAX_JSON
    for name in (
        layout.META,
        layout.USER_RUN,
        layout.PRE_RUN,
        layout.POST_RUN,
        layout.INPUTS,
        layout.PRE_TASK,
        layout.POST_TASK,
        layout.OUTPUTS,
    )
}
_KEPT[layout.EXCEPTION.encode()] = MAX_EXCEPTION
_VALUES = frozenset({layout.OUTPUT.encode(), b"args.pkl", b"func_body.pkl", b"class_body.pkl"})
_COUNTER = 32  # bytes


def keep(name: bytes, size: int) -> int:
    """How many bytes of a file of a storage are read again and again."""
    most = 0 if name in _VALUES else _KEPT.get(name, _COUNTER)
    return min(size, most)


class _View(NamedTuple):
    """One state of the archive, indexed."""

    store: ArchiveStore
    reader: StorageReader
    folder: str
    problems: tuple[Problem, ...]


class ArchiveSource:
    """An archive of a storage.

    Args:
        path: Where it is.
        options: How to open it.
        target: What it is called in keys; the path when not given.
        bounds: How much of it is looked at.
    """

    def __init__(self, path: str, options: SourceOptions, bounds: Bounds, *, target: str | None = None) -> None:
        self._path = path
        self._target = path if target is None else target
        self._options = options
        self._bounds = bounds
        self._lock = threading.Lock()  # guards the making of views
        self._closed = False
        self._store: ArchiveStore | None = None  # the one being indexed, or shown
        self._view: _View | None = None
        self._index: Index | None = None
        self._pages: tuple[str, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._listed = False
        self._told: _View | None = None  # of which `changes` told everything

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        interval = self._options.poll or self._options.interval or INTERVAL
        store, view = self._store, self._view
        reading = store is not None and (view is None or view.store is not store)
        notes = (f"reading the archive: {store.progress:.0%}",) if store is not None and reading else ()
        return SourceInfo(
            target=self._target,
            engine=ENGINE_NAME,
            kind="archive",
            interval=interval,
            notes=notes,
            watches=f"polling every {interval:g} s",
        )

    @property
    def actions(self) -> Actions | None:
        """None: a snapshot is never written."""
        return None

    def open(self) -> None:
        """See that it is there. When it was open before: take what lies there now.

        Raises:
            TargetError: It cannot be read, or is being written.
        """
        self._check_open()
        with self._lock:
            if self._store is None:
                self._store = self._new_store()
            elif self._store.identity != identity_now(self._path, self._target):
                self._replace()

    def close(self) -> None:
        """Leave it; a pass that is under way ends soon."""
        self._closed = True
        if self._store is not None:
            self._store.close()

    def _check_open(self) -> None:
        if self._closed:
            raise TargetGone(f"closed: {self._target}")

    def _new_store(self) -> ArchiveStore:
        return ArchiveStore(self._path, target=self._target, bounds=self._bounds, keep=keep)

    def _replace(self) -> None:
        """Take the file that has the archive's name now, unless it is still being written.

        Raises:
            TargetGone: It is, or nothing is there: what was read stays.
        """
        before = self._view
        now = time.time()
        store = self._new_store()
        age = now - store.identity.mtime_ns / 1e9
        if before is not None and 0 <= age < _BEING_WRITTEN:
            raise TargetGone(f"being written: {self._target}", "what is shown was read before")
        if before is not None and 0 <= age < _CUT_FOR and store.index() and not store.is_whole:
            raise TargetGone(f"only a part of it is written: {self._target}", "what is shown was read before")
        self._store = store

    def _current(self) -> _View:
        """What is shown: of the archive as it was when it was opened last, indexed to its end.

        Raises:
            TargetError: There is not exactly one storage in it.
        """
        self._check_open()
        with self._lock:
            store = self._store
            if store is None:
                store = self._store = self._new_store()
            view = self._view
            if view is None or view.store is not store:
                folder = enter_storage(store)
                view = self._view = _View(store, StorageReader(store, self._target), folder, store.problems)
                self._index = None
        return view

    # -- the list --------------------------------------------------------------------------------------------

    def page(self, cursor: str | None, limit: int) -> Page:
        """Rows out of the index alone: ids and statuses. While the archive is being read: an empty page and a cursor.

        Raises:
            TargetError: It cannot be read, or there is not exactly one storage in it.
        """
        self._check_open()
        store = self._store
        if store is not None and not store.index(_STEP):
            return Page((), _READING, None)
        view = self._current()
        if cursor in (None, _READING) or self._index is None:
            self._index = view.reader.index()
            self._pages = tuple(self._index.words)
            self._listed = True
        start = int(cursor) if cursor not in (None, _READING) else 0
        words = self._index.words
        return page_of(self._pages, words, start, limit, partial(bare_row, self._target))

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows."""
        view, index = self._current(), self._index
        return view.reader.summaries(ids, index.words if index is not None else None)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow, with the archive's problems in its folder."""
        view = self._current()
        detail = view.reader.detail(workflow_id)
        lead = layout.join(view.folder, view.reader.root, workflow_id) + "/"
        here = tuple(problem for problem in view.problems if problem.path.startswith(lead))
        return replace(detail, problems=(*detail.problems, *here)) if here else detail

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back."""
        return self._current().reader.values(workflow_id, task_ids)

    # -- what is new -----------------------------------------------------------------------------------------

    def changes(self) -> Delta:
        """Nothing, as long as the archive is the same file; else what another one holds.

        Raises:
            TargetGone: It is away, or is being written.
        """
        self._check_open()
        with self._lock:
            if self._view is not None and self._view.store.identity != identity_now(self._path, self._target):
                self._replace()
                return Delta((), self._problems, relist=True)
        view = self._current()
        if self._index is None:
            self._index = view.reader.index()
        if view is self._told:
            return Delta((), self._problems)
        orphans = OrphanFinder(view.store).find(view.reader.root, self._index.words, self._index.dropped)
        self._problems = (*view.problems, *self._index.problems, *orphans)
        # A row may say the same as in the archive before, and what it does not say yet may differ.
        words = self._index.words if self._told is not None else {}
        rows = [bare_row(self._target, i, word) for i, word in words.items()]
        self._told = view
        return Delta(tuple(Updated(row) for row in rows), self._problems, relist=not self._listed)

    def attend(self, ids: frozenset[str]) -> None:
        """Nothing moves in an archive."""

    def watch(self, wake: Callable[[], None]) -> None:
        """Nothing to watch: `changes` looks at the file."""
