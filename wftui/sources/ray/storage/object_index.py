"""The status index of a storage in an object store, where every look is paid for by the request.

All of it is listed now and then, a thousand entries to a request. In between only what can move is looked at: the
directories of the statuses that are no end, and the markers of unfinished updates. What left these is looked up by
itself. So a workflow that was started, ended or deleted between two looks is missed until the next full listing.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.index import Index, IndexReader
from wftui.sources.stores.base import Entry, Range
from wftui.sources.stores.listed import Folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.sources.ray.storage.index import Recorded
    from wftui.sources.stores.base import KeyStore

RELIST = 300.0
"""Seconds between full listings."""
PAGES_OF_A_LOOK = 5
"""Requests for pages in one look between; where what can move fills more, the next look goes on."""
_MOVING = ("PENDING", "RESUMABLE", "RUNNING", layout.DIRTY)
# RESUMABLE and RUNNING come by one request.
_PREFIXES = ("PENDING/", "R", f"{layout.DIRTY}/")
_FRESH_MARKER = 60.0
"""Seconds for which `workflow_meta.json` beside a marker is read at every look, and not only with full listings."""

_Files = dict[str, dict[str, Entry]]


class ObjectIndex(IndexReader):
    """Reads the index of a key store.

    Args:
        store: Where.
        prefix: Under which prefix `__status__` lies.
        relist: Seconds between full listings.
        monotonic: Seconds that never go back.
    """

    def __init__(
        self,
        store: KeyStore,
        prefix: str,
        *,
        relist: float = RELIST,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(store, prefix, monotonic=monotonic)
        self._keys = store
        self._relist = relist
        self._base = layout.join(prefix, layout.STATUS_DIR)
        self._folder = Folder()
        self._listed_at: float | None = None
        self._is_due = False
        self._look: Iterator[_Files | None] | None = None
        self._coming: tuple[Folder, Iterator[list[Entry]]] | None = None
        self.came = 0
        """Entries of a listing of all of it that is under way, or was the last."""
        self._metas: dict[str, tuple[float, Recorded]] = {}

    @property
    def folder(self) -> Folder | None:
        """All of the index as last seen; None before it was listed."""
        return None if self._listed_at is None else self._folder

    def relist_soon(self) -> None:
        """List all of it with the next look."""
        self._is_due = True

    @property
    def is_due(self) -> bool:
        """Whether the next look lists all of it."""
        return self._is_due or self._listed_at is None or self._monotonic() - self._listed_at >= self._relist

    def read(self) -> Index:
        """What the index says now: all of it where that is due, else what moved.

        Raises:
            TargetError: The store does not answer.
        """
        if self.is_due:
            touched = self._list_all()
        else:
            found = self._look_between()
            moved = None if found is None else self._take(found)
            if moved is None or not (moved or self._folder.files.get(layout.DIRTY)):
                return replace(self._last, touched=frozenset())
            touched = moved
        problems = self._take_over()
        words, more = self._merge(self._base)
        dirty = self._known_names(layout.DIRTY)
        dropped = frozenset(i for i in dirty if i not in words)
        kept = self._last.words if words == self._last.words else words  # the same object tells that nothing moved
        self._last = Index(kept, tuple(problems + more), frozenset(i for i in touched if i in words), dropped)
        return self._last

    def _known_names(self, name: str) -> dict[str, Entry]:
        return self._folder.files.get(name, {})

    def since(self, workflow_id: str, word: str) -> float | None:
        """When it entered that status, as far as the listing tells."""
        entry = self._folder.files.get(word, {}).get(workflow_id)
        return None if entry is None else entry.mtime

    # -- everything ------------------------------------------------------------------------------------------

    def list_on(self, seconds: float, *, anew: bool = False) -> bool:
        """Go on with listing all of it. Returns whether that is done; then `read` takes it over.

        Args:
            seconds: For about so long.
            anew: Begin again, whatever was listed so far.

        Raises:
            TargetError: The store does not answer.
        """
        if anew or self._coming is None:
            self._coming = (Folder(), self._keys.walk(f"{self._base}/"))
            self.came = 0
        folder, pages = self._coming
        until = self._monotonic() + seconds
        try:
            for page in pages:
                for entry in page:
                    folder.add(entry._replace(tag=None))
                self.came += len(page)
                if self._monotonic() >= until:
                    return False
        except BaseException:
            self._coming = None  # begun anew, the next time
            raise
        return True

    def _list_all(self) -> set[str]:
        before = self._folder.files
        while not self.list_on(math.inf):
            pass
        is_first = self._listed_at is None
        if self._coming is not None:
            self._folder, self._coming = self._coming[0], None
        self._listed_at, self._is_due, self._look = self._monotonic(), False, None
        self._metas.clear()
        return set() if is_first else _touched(before, self._folder.files)

    def _take_over(self) -> list[Problem]:
        """Hand the listing to the rules that all stores share. Returns what does not fit in it."""
        problems: list[Problem] = []
        self._directories.clear()
        self._is_plain = False  # handed over whole: nothing notes what moved, so that the words are merged anew
        for name in self._folder.files.get("", {}):
            if name in layout.STATUSES or name == layout.DIRTY:
                what = "is a file where a directory of the index belongs: left by a workflow with the empty id"
                problems.append(Problem(f"{self._base}/{name}", what))
            elif name not in layout.WORKFLOW_FILES | layout.WORKFLOW_DIRS:
                problems.append(Problem(f"{self._base}/{name}", "not a status that Ray lists"))
        for name in self._folder.directories.get("", {}):
            if name in layout.STATUSES or name == layout.DIRTY:
                known = self._known(name)
                below = self._folder.directories.get(name, {})
                known.names = tuple(dict.fromkeys([*self._folder.files[name], *below]))
                known.subdirectories = frozenset(below)
            elif name not in layout.WORKFLOW_FILES | layout.WORKFLOW_DIRS:
                problems.append(Problem(f"{self._base}/{name}", "not a status that Ray lists"))
        return problems

    # -- what moves ------------------------------------------------------------------------------------------

    def _look_between(self) -> _Files | None:
        """Go on with the look at what moves. Returns what it found when it is done."""
        if self._look is None:
            self._look = self._pages()
        for _ in range(PAGES_OF_A_LOOK):
            found = next(self._look)
            if found is not None:
                self._look = None
                return found
        return None

    def _pages(self) -> Iterator[_Files | None]:
        """One request each, None as long as there may be more."""
        found: _Files = {word: {} for word in _MOVING}
        for prefix in _PREFIXES:
            for page in self._keys.walk(f"{self._base}/{prefix}"):
                for entry in page:
                    word, _, name = f"{prefix}{entry.name}".partition("/")
                    if word in found and name:
                        found[word][name] = entry._replace(name=name, tag=None)
                yield None
        yield found

    def _take(self, found: _Files) -> set[str]:
        """Take over a look at what moves. Returns the ids that did, or whose entry was written anew."""
        files = self._folder.files
        before = {word: files.get(word, {}) for word in _MOVING}
        for word in _MOVING:
            self._folder.put(word, found[word])
        after = {word: files.get(word, {}) for word in _MOVING}
        came = {i for word in _MOVING for i in after[word].keys() - before[word].keys()}
        left = {i for word in _MOVING for i in before[word].keys() - after[word].keys()}
        now_moving = {i for word in _MOVING if word in layout.STATUSES for i in after[word]}
        for word in layout.STATUSES:
            if word not in _MOVING:
                for workflow_id in (came & now_moving) | (left - now_moving):
                    files.get(word, {}).pop(workflow_id, None)
        self._look_up([i for i in left if i not in now_moving])
        for workflow_id in left:
            self._metas.pop(workflow_id, None)
        return _touched(before, after) | came | left

    def _look_up(self, ids: Sequence[str]) -> None:
        """Find where workflows went that are in none of the directories that were looked at."""
        metas = super().recorded(ids)
        where = [(i, meta.word) for i, meta in zip(ids, metas, strict=True) if meta.word in layout.STATUSES]
        blobs = self._store.read([Range(f"{self._base}/{word}/{i}", 0) for i, word in where])
        for (workflow_id, word), blob in zip(where, blobs, strict=True):
            if not blob.missing and word is not None:
                entry = Entry(workflow_id, False, blob.size, blob.mtime)
                self._folder.put(word, {**self._folder.files.get(word, {}), workflow_id: entry})

    def recorded(self, ids: Sequence[str]) -> list[Recorded]:
        """As of any store; what stands beside an old marker is not read at every look."""
        now = self._monotonic()
        dirty = self._folder.files.get(layout.DIRTY, {})
        kept = {i: self._metas[i] for i in ids if i in self._metas and now - self._metas[i][0] > _FRESH_MARKER}
        asked = [i for i in ids if i not in kept]
        fresh = dict(zip(asked, super().recorded(asked), strict=True))
        for workflow_id, found in fresh.items():
            if workflow_id in dirty:
                first = self._metas[workflow_id][0] if workflow_id in self._metas else now
                self._metas[workflow_id] = (first, found)
        return [kept[i][1] if i in kept else fresh[i] for i in ids]

    def lookup(self, workflow_id: str) -> str | None:
        """The status word of one workflow; out of the listing where there is one, else read with few requests."""
        if self._listed_at is not None:
            return self._last.words.get(workflow_id)
        if not workflow_id or not layout.is_id(workflow_id):
            return None
        word = super().recorded([workflow_id])[0].word
        if word in layout.STATUSES:
            asked = [Range(f"{self._base}/{place}/{workflow_id}", 0) for place in (word, layout.DIRTY)]
            entry, marker = self._store.read(asked)
            if marker.missing and not entry.missing:
                return word
        return super().lookup(workflow_id)


def _touched(before: _Files, after: _Files) -> set[str]:
    """Ids that are in the same directory as before, but were put there anew."""
    return {
        workflow_id
        for word, entries in after.items()
        for workflow_id, entry in entries.items()
        if (old := before.get(word, {}).get(workflow_id)) is not None and old.mtime != entry.mtime
    }
