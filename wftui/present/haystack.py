"""The texts of many rows as one, searched as one. Pure.

A loop over a hundred thousand rows waits for memory at every row; a search through one text does not.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from wftui.present.filters import BETWEEN, haystack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.model.workflow import WorkflowSummary


_MANY = 10_000
"""From so many hits on, looking at each row is faster than looking for the next hit."""


class Haystack:
    """The texts of rows, in their order.

    Args:
        rows: Which.
    """

    def __init__(self, rows: Sequence[WorkflowSummary]) -> None:
        self._text, self._starts = _plain_texts(rows) or _texts(rows)

    def find(self, needle: str) -> Sequence[int]:
        """The places of the rows whose texts hold the needle, in order. It must hold no `BETWEEN`, and not be empty."""
        text, starts = self._text, self._starts
        if text.count(needle) >= _MANY:
            look = text.find
            ends = islice(starts, 1, None)
            return [at for at, (a, b) in enumerate(zip(starts, ends, strict=False)) if look(needle, a, b) >= 0]
        found = []
        at = text.find(needle)
        row = 0
        while at >= 0:
            row = bisect_right(starts, at, row) - 1
            found.append(row)
            at = text.find(needle, starts[row + 1])
        return found

    def others(self, needle: str) -> Sequence[int]:
        """The places of all the other rows."""
        found = set(self.find(needle))
        return [row for row in range(len(self._starts) - 1) if row not in found]


def _plain_texts(rows: Sequence[WorkflowSummary]) -> tuple[str, array[int]] | None:
    """The texts where all are ids in ASCII, folded at one go, which does not change their lengths; else None."""
    ids = [row.key.id for row in rows if row.error is None and not row.note and row.name is None]
    text = BETWEEN.join(ids)
    if len(ids) < len(rows) or not text.isascii():
        return None
    return text.casefold(), _starts(map(len, ids))


def _texts(rows: Sequence[WorkflowSummary]) -> tuple[str, array[int]]:
    texts = [haystack(row) for row in rows]
    return BETWEEN.join(texts), _starts(map(len, texts))


def _starts(lengths: Iterable[int]) -> array[int]:
    """Where each text begins; one more, where the next would."""
    return array("Q", accumulate(map((1).__add__, lengths), initial=0))
