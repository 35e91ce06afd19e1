"""The texts of many rows as one, searched as one. Pure.

A loop over a hundred thousand rows waits for memory at every row; a search through one text does not.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate, compress, repeat
from operator import contains
from typing import TYPE_CHECKING

from wftui.present.filters import BETWEEN, haystack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowSummary


_MANY = 10_000
"""From so many hits on, looking at each text is faster than looking for the next hit."""


class _Texts:
    """Texts as one, folded."""

    def __init__(self, texts: Sequence[str]) -> None:
        text = BETWEEN.join(texts)
        self._text = text.casefold()
        if self._text != text:  # most ids are lower case: then no second copy of them is made
            texts = [text.casefold() for text in texts]
        self._apart = texts
        # Where each begins, and where the next would.
        self._starts = array("Q", accumulate(map((1).__add__, map(len, texts)), initial=0))

    def find(self, needle: str) -> list[int]:
        """The places of those that hold the needle, in order."""
        text, starts = self._text, self._starts
        if text.count(needle) >= _MANY:
            return list(compress(range(len(self._apart)), map(contains, self._apart, repeat(needle))))
        found: list[int] = []
        at = text.find(needle)
        row = 0
        while at >= 0:
            row = bisect_right(starts, at, row) - 1
            found.append(row)
            at = text.find(needle, starts[row + 1])
        return found


class Haystack:
    """The texts of rows, in their order: their ids, and of the few that have more to be searched that.

    Args:
        rows: Which.
    """

    def __init__(self, rows: Sequence[WorkflowSummary]) -> None:
        self._count = len(rows)
        self._ids = _Texts([row.key.id for row in rows])
        self._at = [at for at, row in enumerate(rows) if row.error is not None or row.note or row.name is not None]
        self._more = _Texts([haystack(rows[at]) for at in self._at])

    def find(self, needle: str) -> Sequence[int]:
        """The places of the rows whose texts hold the needle, in order. It must hold no `BETWEEN`, and not be empty."""
        found = self._ids.find(needle)
        more = self._more.find(needle) if self._at else []
        return sorted({*found, *(self._at[one] for one in more)}) if more else found

    def others(self, needle: str) -> Sequence[int]:
        """The places of all the other rows."""
        found = set(self.find(needle))
        return [at for at in range(self._count) if at not in found]
