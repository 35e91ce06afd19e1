"""Workflows that Ray does not list: directories without an entry in the status index.

A full queue rejects a workflow after its directory was made; an id with a slash nests directories, and hides from
the index; the empty id has its files in the root itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.stores.base import Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Set

    from wftui.sources.stores.base import Listing, Store

MOST = 1_000
"""Problems told at most."""
_MAX_DEPTH = 8
UNLISTED = "is not in the status index: Ray does not list it"
UNLISTED_SLASH = "is not in the status index: Ray does not list ids with a slash"
EMPTY_ID = "a workflow with the empty id has its files here: Ray does not list it"


class OrphanFinder:
    """Finds them again and again, at little cost while neither the index nor the folder changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._words: Mapping[str, str] | None = None
        self._mtime: float | None = None
        self._found: tuple[Problem, ...] = ()

    def find(self, root: str, words: Mapping[str, str], named: frozenset[str] = frozenset()) -> tuple[Problem, ...]:
        """A problem for each workflow under `root` that is neither among `words` nor `named`; the first 1,000."""
        mtime = self._store.read([Range(root, 0)])[0].mtime if root else self._store.scan([""], stat=True)[0].mtime
        if words is self._words and mtime is not None and mtime == self._mtime:
            return self._found
        listing = self._store.scan([root], stat=False)[0]
        self._words, self._mtime = words, mtime
        self._found = tuple(self._look(root, listing, words.keys() | named))
        return self._found

    def _look(self, root: str, listing: Listing, known: Set[str]) -> list[Problem]:
        if listing.error:
            return [] if listing.missing else [Problem(root, listing.error)]
        problems: list[Problem] = []
        own = {entry.name for entry in listing.entries if not entry.is_dir}
        if not own.isdisjoint(layout.WORKFLOW_FILES):
            problems.append(Problem(root, EMPTY_ID))
        apart = {layout.STATUS_DIR, *(layout.WORKFLOW_DIRS if problems else ())}
        unlisted = [e.name for e in listing.entries if e.is_dir and e.name not in known and e.name not in apart]
        # Below a listed workflow lie its own directories; another may be nested there only under a slash id.
        return problems + self._below(root, unlisted)

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
