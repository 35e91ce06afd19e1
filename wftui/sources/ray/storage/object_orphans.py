"""Workflows in an object store that Ray does not list, looked for a few requests at a time.

The directories beside the index are listed a thousand to a request, as many requests again as for the index itself;
so they are looked through little by little between other looks, once after each full listing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.orphans import EMPTY_ID, MOST, UNLISTED, UNLISTED_SLASH
from wftui.sources.stores.listed import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftui.sources.stores.base import KeyStore

_MAX_DEPTH = 8


class ObjectOrphans:
    """Finds them.

    Args:
        store: Where.
    """

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._hunt: Iterator[None] | None = None
        self._found: tuple[Problem, ...] = ()
        self._words: Mapping[str, str] = {}
        self._named: frozenset[str] = frozenset()

    def start(self, root: str) -> None:
        """Look through everything once more."""
        self._hunt = self._look(root)

    def find(self, words: Mapping[str, str], named: frozenset[str], requests: int) -> tuple[Problem, ...]:
        """What was found so far, after at most so many more requests.

        Args:
            words: The workflows that are listed.
            named: Those of which a problem was told already.
            requests: To spend now.
        """
        self._words, self._named = words, named
        if self._hunt is not None:
            for _ in range(requests):
                if next(self._hunt, self) is self:
                    self._hunt = None
                    break
        return self._found

    def _look(self, root: str) -> Iterator[None]:
        """One request between two stops."""
        lead = f"{root}/" if root else ""
        level: list[str] = []
        problems: list[Problem] = []
        own: set[str] = set()
        for page in self._store.walk(lead, shallow=True):
            own.update(entry.name for entry in page if not entry.is_dir)
            level += [e.name for e in page if e.is_dir and e.name not in self._words and e.name not in self._named]
            yield
        if not own.isdisjoint(layout.WORKFLOW_FILES):
            problems.append(Problem(root, EMPTY_ID))
        apart = {layout.STATUS_DIR, "", *(layout.WORKFLOW_DIRS if problems else ())}
        by_depth: list[list[Problem]] = [[] for _ in range(_MAX_DEPTH)]
        for name in [name for name in level if name not in apart][:MOST]:
            if name not in self._words:  # listed since
                # One request tells of a small one with all that nests below it.
                folder = Folder(next(self._store.walk(f"{lead}{name}/", most=1000)))
                yield
                _judge(root, name, folder, by_depth)
        problems += [problem for found in by_depth for problem in found]
        self._found = tuple(problems[:MOST])


def _judge(root: str, name: str, folder: Folder, by_depth: list[list[Problem]]) -> None:
    """Tell what a directory is that the index does not know, and those below it."""
    places = layout.WORKFLOW_DIRS | layout.WORKFLOW_FILES
    level = [""]
    for found in by_depth:
        deeper: list[str] = []
        for below in level:
            path = layout.join(root, name, below)
            kinds = {entry.name: entry.is_dir for entry in folder.scan(below).entries}
            if any(kind == (own in layout.WORKFLOW_DIRS) for own, kind in kinds.items() if own in places):
                found.append(Problem(path, UNLISTED_SLASH if below else UNLISTED))
            elif not kinds and not below:
                found.append(Problem(path, "an empty directory, not in the status index"))
            deeper += [
                layout.join(below, own) for own, is_dir in kinds.items() if is_dir and own not in layout.WORKFLOW_DIRS
            ]
        level = deeper
