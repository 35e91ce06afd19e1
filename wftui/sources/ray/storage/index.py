"""The status index of a storage: which workflows there are, and the status each is recorded with.

Rules, as `WorkflowIndexingStorage.list_workflow` has them, but without its failures: the name of a file under
`__status__/<STATUS>/` is a workflow of that status; for every name under `__status__/dirty/` the word in
`workflow_meta.json` is the truth, and without one the workflow is not listed.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from wftui.errors import TargetError, TargetGone
from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.index_directories import (
    SETTLED_AFTER,
    UNSEEN,
    Directory,
    forget_moves,
    merged_anew,
    merged_on,
    moved,
)
from wftui.sources.ray.storage.jsonread import MAX_JSON, parse_object
from wftui.sources.stores.base import Nearby, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.sources.stores.base import Listing, Store

_FEW_STATS, _MOST_STATS = 1_000, 20_000
"""Directories with more names than the one are asked for the time of each only where nothing else explains why they
changed; with more than the other never."""
_LOUDEST_FIRST = ("FAILED", "RUNNING", "RESUMABLE", "PENDING", "CANCELED", "SUCCESSFUL")
"""The order in which a list shows them."""


@dataclass(frozen=True, slots=True)
class Index:
    """What the index says.

    Attributes:
        words: Ray's status word of each workflow, by id; a dict of its own, which nobody changes.
        problems: What does not fit.
        touched: Ids put into a directory again since the last look, with the same word as before.
        dropped: Ids that are not listed because of an unfinished status update; `problems` names them.
        suspects: All whose word may differ from that of the last look; None where that may be any.
        partial: Something of it could not be read, so that what it does not list may be listed all the same.
    """

    words: dict[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    touched: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    partial: bool = False
    suspects: frozenset[str] | None = None


class Recorded(NamedTuple):
    """What `workflow_meta.json` says: a status word, or why there is none ("" when it just holds none)."""

    word: str | None
    what: str = ""
    fresh: bool = False


class _Listed(NamedTuple):
    """What one directory of the index holds, as `Listing` has it; `times` and `subdirectories` only where asked for."""

    names: tuple[str, ...]
    error: str
    missing: bool
    mtime: float | None
    times: tuple[tuple[str, float | None], ...] = ()
    subdirectories: frozenset[str] = frozenset()


class IndexReader:
    """Reads the index again and again, each directory only when it may have changed.

    Args:
        store: Where.
        prefix: Under which prefix `__status__` lies; see `layout.find_root`.
        monotonic: Seconds that never go back.
    """

    def __init__(self, store: Store, prefix: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._prefix = prefix
        self._monotonic = monotonic
        self._directories: dict[str, Directory] = {}
        self._last = Index()
        self._vanished: set[str] = set()  # what directories held that are no more
        self._is_plain = False  # no name was in several directories, and no update was under way
        self._unclear: frozenset[str] = frozenset()  # what the directories alone do not tell the word of

    @property
    def directories(self) -> tuple[str, ...]:
        """The prefixes of the directories that exist, `__status__` itself first; for watching."""
        base = layout.join(self._prefix, layout.STATUS_DIR)
        return (base, *(f"{base}/{name}" for name in self._directories))

    def read(self) -> Index:
        """What the index says now.

        Raises:
            TargetGone: The storage itself is not there any more.
            TargetError: The index cannot be read, and never could: an empty list would be a lie.
        """
        base = layout.join(self._prefix, layout.STATUS_DIR)
        top = self._store.scan([base], stat=True)[0]
        if top.missing and self._store.scan([""], stat=False)[0].missing:
            raise TargetGone(f"no such directory: {self._store.target}")
        if top.error and not top.missing:
            if not self._last.words:
                raise TargetError(f"cannot read {self._store.target}: {base}: {top.error}")
            return Index(self._last.words, (Problem(base, top.error),), dropped=self._last.dropped, partial=True)
        problems, touched, changed = self._refresh(base, top)
        if not changed and not self._directories.get(layout.DIRTY, Directory()).names and self._last.words:
            return replace(self._last, touched=frozenset(touched), suspects=frozenset())
        unclear = self._unclear
        words, more = self._merge(base)
        others = {*self._vanished, *unclear, *self._unclear, *moved(self._directories)}
        suspects = frozenset(others) if self._last.words else None
        forget_moves(self._directories)
        self._vanished = set()
        dirty = self._directories.get(layout.DIRTY, Directory())
        dropped = frozenset(i for i in dirty.names if i not in words and i not in dirty.subdirectories)
        partial = any(directory.error for directory in self._directories.values())
        self._last = Index(words, tuple(problems + more), frozenset(touched), dropped, partial, suspects)
        return self._last

    def first(self, most: int) -> dict[str, str]:
        """The status words of the first workflows of a list, by status and id, without reading all of the index.

        For a first screen: the whole index follows. Nothing while a status update is under way, because then the
        directories alone do not tell.
        """
        base = layout.join(self._prefix, layout.STATUS_DIR)
        found: dict[str, str] = {}
        if not self._store.scan([f"{base}/{layout.DIRTY}"], stat=False)[0].entries:
            for word in _LOUDEST_FIRST:
                names = self._listed(f"{base}/{word}").names
                for name in heapq.nsmallest(most - len(found), names):
                    found.setdefault(name, word)
                if len(found) >= most:
                    break
        return found

    def _refresh(self, base: str, top: Listing) -> tuple[list[Problem], set[str], bool]:
        problems: list[Problem] = []
        there: dict[str, float | None] = {}
        for entry in top.entries:
            known = entry.name in layout.STATUSES or entry.name == layout.DIRTY
            if known and entry.is_dir:
                there[entry.name] = entry.mtime
            elif known:
                what = "is a file where a directory of the index belongs: left by a workflow with the empty id"
                problems.append(Problem(f"{base}/{entry.name}", what))
            elif entry.name not in layout.WORKFLOW_FILES | layout.WORKFLOW_DIRS:
                problems.append(Problem(f"{base}/{entry.name}", "not a status that Ray lists"))
        gone = [name for name in self._directories if name not in there]
        for name in gone:
            vanished = self._directories.pop(name)
            self._vanished.update(vanished.names, vanished.went)
        stale = [n for n in (*layout.STATUSES, layout.DIRTY) if n in there and not self._known(n).is_current(there[n])]
        touched, changed = self._scan(base, stale)
        # What came back into a directory that was already walked, as a resumed workflow does: look once more.
        changed |= self._scan(base, [name for name in ("PENDING", "RUNNING") if name in stale])[1]
        problems += [Problem(f"{base}/{n}", d.error) for n, d in self._directories.items() if d.error]
        return problems, touched, changed or bool(gone) or tuple(problems) != self._last.problems

    def _known(self, name: str) -> Directory:
        return self._directories.setdefault(name, Directory())

    def _scan(self, base: str, names: Iterable[str]) -> tuple[set[str], bool]:
        touched: set[str] = set()
        changed = False
        notes = self._is_plain or bool(self._last.words)
        for name in names:
            known = self._known(name)
            knows_times = known.mtime != UNSEEN and name != "SUCCESSFUL"
            with_times = knows_times and len(known.names) <= _FEW_STATS
            listing = self._listed(f"{base}/{name}", stat=with_times, kinds=name == layout.DIRTY)
            if knows_times and not with_times and _is_unexplained(known, listing):
                with_times = True
                listing = self._listed(f"{base}/{name}", stat=True)
            if listing.error:  # keep the names: one failing read must not empty the list
                if listing.missing:
                    known.take((), None, self._monotonic(), notes=notes)
                else:
                    known.error = listing.error
                changed = True
                continue
            if with_times and known.mtime is not None:
                since = known.mtime
                touched.update(i for i, mtime in listing.times if mtime is not None and mtime >= since)
            mtime = listing.mtime
            if mtime is None:
                mtime = self._store.read([Range(f"{base}/{name}", 0)])[0].mtime
            known.subdirectories = listing.subdirectories
            changed |= known.take(listing.names, mtime, self._monotonic(), notes=notes)
        return touched, changed

    def _listed(self, prefix: str, *, stat: bool = False, kinds: bool = False) -> _Listed:
        """What a directory of the index holds; by names alone where the store has that, and nothing else is wanted."""
        if isinstance(self._store, Nearby) and not (stat or kinds):
            found = self._store.names(prefix)
            return _Listed(found.names, found.error, found.missing, found.mtime)
        listing = self._store.scan([prefix], stat=stat)[0]
        names = tuple([entry.name for entry in listing.entries])
        times = tuple([(entry.name, entry.mtime) for entry in listing.entries]) if stat else ()
        below = frozenset(entry.name for entry in listing.entries if entry.is_dir)
        return _Listed(names, listing.error, listing.missing, listing.mtime, times, below)

    def _merge(self, base: str) -> tuple[dict[str, str], list[Problem]]:
        dirty = self._known(layout.DIRTY).names if layout.DIRTY in self._directories else ()
        problems: list[Problem] = []
        words = None
        if self._is_plain and not dirty and not self._vanished:
            words = merged_on(self._last.words, self._directories)
        has_doubles = False
        if words is None:
            words, has_doubles = merged_anew(self._directories)
        self._is_plain = not dirty and not has_doubles
        self._unclear = frozenset(dirty)
        if dirty:
            problems += self._resolve_dirty(base, dirty, words)
        if has_doubles:
            problems += self._resolve_doubles(base, dirty, words)
        return words, problems

    def _resolve_dirty(self, base: str, dirty: Sequence[str], words: dict[str, str]) -> list[Problem]:
        problems: list[Problem] = []
        for workflow_id, recorded in zip(dirty, self.recorded(dirty), strict=True):
            before = self._last.words.get(workflow_id) or words.get(workflow_id)
            words.pop(workflow_id, None)
            path = f"{base}/{layout.DIRTY}/{workflow_id}"
            if recorded.word is not None:
                words[workflow_id] = recorded.word
                if recorded.word not in layout.STATUSES:
                    problems.append(Problem(path, f"workflow_meta.json holds an unknown status: {recorded.word}"))
            elif recorded.what and recorded.fresh and before is not None:
                words[workflow_id] = before  # it is being written at this moment
            elif workflow_id not in self._directories[layout.DIRTY].subdirectories:
                why = recorded.what or "holds no status"
                problems.append(Problem(path, f"not listed: its status update is unfinished, workflow_meta.json {why}"))
        return problems

    def _resolve_doubles(self, base: str, dirty: Sequence[str], words: dict[str, str]) -> list[Problem]:
        where: dict[str, list[str]] = {}
        for word in layout.STATUSES:
            for workflow_id in self._directories[word].names if word in self._directories else ():
                where.setdefault(workflow_id, []).append(word)
        unsettled = frozenset(dirty)
        doubles = [i for i, found in where.items() if len(found) > 1 and i not in unsettled]
        self._unclear |= frozenset(doubles)
        problems: list[Problem] = []
        for workflow_id, recorded in zip(doubles, self.recorded(doubles), strict=True):
            found = where[workflow_id]
            word = recorded.word if recorded.word is not None else self._newest(base, workflow_id, found)
            words[workflow_id] = word
            decided = "workflow_meta.json decides" if recorded.word is not None else "the newest entry decides"
            what = f"is in the index as {' and '.join(found)}; {decided}: {word}"
            problems.append(Problem(layout.join(base, found[-1], workflow_id), what))
        return problems

    def _newest(self, base: str, workflow_id: str, words: Sequence[str]) -> str:
        blobs = self._store.read([Range(f"{base}/{word}/{workflow_id}", 0) for word in words])
        return max(zip((blob.mtime or 0.0 for blob in blobs), words, strict=True))[1]

    def recorded(self, ids: Sequence[str]) -> list[Recorded]:
        """The status word in `workflow_meta.json` of each workflow."""
        return read_recorded(self._store, self._prefix, ids)

    def lookup(self, workflow_id: str) -> str | None:
        """The status word of one workflow, read afresh; None when the index does not list it."""
        base = layout.join(self._prefix, layout.STATUS_DIR)
        words = (*layout.STATUSES, layout.DIRTY)
        if not workflow_id or not layout.is_id(workflow_id):
            return None
        blobs = self._store.read([Range(f"{base}/{word}/{workflow_id}", 0) for word in words])
        found = [word for word, blob in zip(words, blobs, strict=True) if not blob.missing]
        if not found:
            return None
        if layout.DIRTY not in found and len(found) == 1:
            return found[0]
        recorded = self.recorded([workflow_id])[0]
        if recorded.word is not None:
            return recorded.word
        if layout.DIRTY in found:
            return found[0] if recorded.fresh and found[0] != layout.DIRTY else None
        return self._newest(base, workflow_id, found)


def _is_unexplained(known: Directory, listing: _Listed) -> bool:
    """Whether the directory was written to although it holds what it held: something left it and came back."""
    if listing.error or listing.mtime == known.mtime or len(listing.names) > _MOST_STATS:
        return False
    return listing.names == known.names or set(listing.names) == set(known.names)


def read_recorded(store: Store, prefix: str, ids: Sequence[str]) -> list[Recorded]:
    """The status word in `workflow_meta.json` of each workflow below a prefix."""
    names = [layout.join(prefix, workflow_id, layout.META) for workflow_id in ids]
    now = time.time()
    found = []
    for blob in store.read([Range(name, MAX_JSON) for name in names]):
        parsed = parse_object(blob)
        word = parsed.value.get("status")
        fresh = parsed.retry and blob.mtime is not None and abs(now - blob.mtime) < SETTLED_AFTER
        what = "is missing" if not parsed.there else f"is unreadable: {parsed.what}" if parsed.what else ""
        found.append(Recorded(word if type(word) is str and word != "NONE" else None, what, fresh))
    return found
