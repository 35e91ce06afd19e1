"""The texts of many rows as one, searched as one. Pure.

A loop over a hundred thousand rows waits for memory at every row; a search through one text does not.
"""

from __future__ import annotations

from itertools import compress, repeat
from operator import contains, not_
from typing import TYPE_CHECKING

from wftui.present.filters import BETWEEN, more_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowSummary


_MANY = 10_000
"""From so many hits on, looking at each text is faster than looking for the next hit."""


class _Texts:
    """Texts as one, folded."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._text = BETWEEN.join(texts).casefold()
        apart = self._text.split(BETWEEN)
        # A text that holds what stands between texts: then only one by one it is clear which one it is.
        self._is_one = len(apart) == len(texts)
        # Texts that were made one after the other are gone through four times as fast as those that lie about.
        self._apart = apart if self._is_one else [text.casefold() for text in texts]

    def holds_many(self, needle: str) -> bool:
        """Whether looking at each is the way."""
        return not self._is_one or self._text.count(needle) >= _MANY

    def flags(self, needle: str) -> list[bool]:
        """Of each, whether it holds the needle."""
        return list(map(contains, self._apart, repeat(needle)))

    def places(self, needle: str) -> list[int]:
        """The places of those that hold the needle, in order."""
        if self.holds_many(needle):
            return list(compress(range(len(self._apart)), self.flags(needle)))
        text = self._text
        found: list[int] = []
        row = begin = 0
        at = text.find(needle)
        while at >= 0:
            row += text.count(BETWEEN, begin, at)
            found.append(row)
            begin = text.find(BETWEEN, at)
            at = text.find(needle, begin) if begin >= 0 else -1
        return found


class Haystack:
    """The texts of rows, in their order: their ids, and of the few that have more to be searched that.

    Args:
        rows: Which.
    """

    def __init__(self, rows: Sequence[WorkflowSummary]) -> None:
        ids: list[str] = []
        self._at: list[int] = []
        for at, row in enumerate(rows):  # once: where a row lies in memory it is slow to get to
            ids.append(row.key.id)
            if row.error is not None or row.note or row.name is not None:
                self._at.append(at)
        self._ids = _Texts(ids)
        self._more = _Texts([more_text(rows[at]) for at in self._at])

    def chosen(self, rows: Sequence[WorkflowSummary], needle: str, *, others: bool = False) -> list[WorkflowSummary]:
        """The rows whose texts hold the needle, in order; or all the others.

        Args:
            rows: In the order in which they were given, though each may be a newer one of the same texts.
            needle: It must hold no `BETWEEN`, and not be empty.
            others: Whether those that do not hold it are wanted.
        """
        more = [self._at[at] for at in self._more.places(needle)] if self._at else []
        if not others and not self._ids.holds_many(needle) and len(more) < _MANY:
            found = self._ids.places(needle)
            return [rows[at] for at in (sorted({*found, *more}) if more else found)]
        flags = self._ids.flags(needle)
        for at in more:
            flags[at] = True
        return list(compress(rows, map(not_, flags) if others else flags))
