"""Workflows in an object store that Ray does not list, looked for a few requests at a time.

The directories beside the index are listed a thousand to a request, as many requests again as for the index itself;
so they are looked through little by little between other looks, once after each full listing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.orphans import EMPTY_ID, MOST, UNLISTED, UNLISTED_SLASH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftui.sources.stores.base import Entry, KeyStore

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
        level = [name for name in level if name not in apart]
        for _ in range(_MAX_DEPTH):
            deeper: list[str] = []
            for name in level[:MOST]:
                if name in self._words:
                    continue  # listed since
                for page in self._store.walk(f"{lead}{name}/", shallow=True, most=1000):
                    problems += _judge(root, name, page)
                    deeper += [
                        f"{name}/{e.name}" for e in page if e.is_dir and e.name and e.name not in layout.WORKFLOW_DIRS
                    ]
                    yield
                    break
            if not deeper or len(problems) >= MOST:
                break
            level = deeper
        self._found = tuple(problems[:MOST])


def _judge(root: str, name: str, page: list[Entry]) -> list[Problem]:
    kinds = {entry.name: entry.is_dir for entry in page if entry.name}
    path = layout.join(root, name)
    places = layout.WORKFLOW_DIRS | layout.WORKFLOW_FILES
    if any(kind == (own in layout.WORKFLOW_DIRS) for own, kind in kinds.items() if own in places):
        return [Problem(path, UNLISTED_SLASH if "/" in name else UNLISTED)]
    if not kinds and "/" not in name:
        return [Problem(path, "an empty directory, not in the status index")]
    return []
