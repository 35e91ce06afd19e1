"""Workflows that Ray does not list: directories without an entry in the status index.

A full queue rejects a workflow after its directory was made; an id with a slash nests directories, and hides from
the index; the empty id has its files in the root itself.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.stores.base import Nearby, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from wftui.sources.stores.base import Store

MOST = 1_000
"""Problems told at most."""
_MAX_DEPTH = 8
_SETTLED = 2.0
"""Seconds for which one time of a directory may still hide another write: clocks of file systems tick slowly."""
UNLISTED = "is not in the status index: Ray does not list it"
UNLISTED_SLASH = "is not in the status index: Ray does not list ids with a slash"
EMPTY_ID = "a workflow with the empty id has its files here: Ray does not list it"


class OrphanFinder:
    """Finds them again and again, at little cost while neither the index nor the folder changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: Mapping[str, str] = {}
        self._named: frozenset[str] = frozenset()
        self._mtime: float | None = None
        self._was_settled = False
        self._unlisted: frozenset[str] = frozenset()
        self._own: tuple[Problem, ...] = ()
        self._found: tuple[Problem, ...] = ()

    def find(
        self,
        root: str,
        words: Mapping[str, str],
        named: frozenset[str] = frozenset(),
        suspects: Iterable[str] | None = None,
    ) -> tuple[Problem, ...]:
        """A problem for each workflow under `root` that is neither among `words` nor `named`; the first 1,000.

        Args:
            root: Where.
            words: What the index lists.
            named: What other problems name.
            suspects: All that may have left `words` since the last time, where that is known.
        """
        mtime = self._store.read([Range(root, 0)])[0].mtime if root else self._store.scan([""], stat=True)[0].mtime
        same_folder = mtime is not None and mtime == self._mtime
        is_settled = mtime is not None and abs(time.time() - mtime) > _SETTLED
        if same_folder and words is self._words and named == self._named:
            return self._found
        if same_folder and self._was_settled:
            # The same directories as before: only what left the index can be new among those that are not in it.
            left = self._words if suspects is None else suspects
            unlisted = {i for i in (*self._unlisted, *self._named, *left) if i not in words and i not in named}
        else:
            unlisted = self._list(root, words.keys() | named)
            self._was_settled = is_settled
        self._words, self._named, self._mtime = words, named, mtime
        self._unlisted = frozenset(unlisted)
        # Below a listed workflow lie its own directories; another may be nested there only under a slash id.
        self._found = (*self._own, *self._below(root, unlisted))
        return self._found

    def _list(self, root: str, known: Set[str]) -> set[str]:
        """The directories that are not known, and what else is wrong with the folder itself."""
        self._own = ()
        if self._has_no_more(root, known):
            return set()
        listing = self._store.scan([root], stat=False)[0]
        if listing.error:
            self._own = () if listing.missing else (Problem(root, listing.error),)
            return set()
        own = {entry.name for entry in listing.entries if not entry.is_dir}
        if not own.isdisjoint(layout.WORKFLOW_FILES):
            self._own = (Problem(root, EMPTY_ID),)
        apart = {layout.STATUS_DIR, *(layout.WORKFLOW_DIRS if self._own else ())}
        return {e.name for e in listing.entries if e.is_dir and e.name not in known and e.name not in apart}

    def _has_no_more(self, root: str, known: Set[str]) -> bool:
        """Whether the folder holds nothing but what is known, where names alone tell that."""
        if not isinstance(self._store, Nearby):
            return False
        found = self._store.names(root)
        others = set(found.names) - known
        return not found.error and others <= {layout.STATUS_DIR} and layout.WORKFLOW_FILES.isdisjoint(found.names)

    def _below(self, root: str, names: Iterable[str]) -> list[Problem]:
        problems: list[Problem] = []
        level = sorted(names)
        for _ in range(_MAX_DEPTH):
            deeper: list[str] = []
            for name in level[:MOST]:
                listing = self._store.scan([layout.join(root, name)], stat=False)[0]
                kinds = {entry.name: entry.is_dir for entry in listing.entries}
                if any(
                    kind == (own in layout.WORKFLOW_DIRS)
                    for own, kind in kinds.items()
                    if own in layout.WORKFLOW_DIRS | layout.WORKFLOW_FILES
                ):
                    problems.append(Problem(layout.join(root, name), UNLISTED_SLASH if "/" in name else UNLISTED))
                elif not kinds and "/" not in name and not listing.error:
                    problems.append(Problem(layout.join(root, name), "an empty directory, not in the status index"))
                elif listing.error and not listing.missing:
                    problems.append(Problem(layout.join(root, name), listing.error))
                deeper += [
                    f"{name}/{own}" for own, is_dir in kinds.items() if is_dir and own not in layout.WORKFLOW_DIRS
                ]
            if not deeper or len(problems) >= MOST:
                break
            level = deeper
        return problems[:MOST]
