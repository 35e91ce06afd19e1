"""The texts of many rows as one, searched as one. Pure.

A loop over a hundred thousand rows waits for memory at every row; a search through one text does not.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from wftui.present.filters import BETWEEN, haystack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.workflow import WorkflowSummary


class Haystack:
    """The texts of rows, in their order.

    Args:
        rows: Which.
    """

    def __init__(self, rows: Sequence[WorkflowSummary]) -> None:
        texts = [haystack(row) for row in rows]
        self._text = BETWEEN.join(texts)
        self._starts = array("Q", [0])
        start = 0
        for text in texts:
            start += len(text) + 1
            self._starts.append(start)

    def find(self, needle: str) -> Iterator[int]:
        """The places of the rows whose texts hold the needle, in order. It must hold no `BETWEEN`, and not be empty."""
        text, starts = self._text, self._starts
        at = text.find(needle)
        row = 0
        while at >= 0:
            row = bisect_right(starts, at, row) - 1
            yield row
            at = text.find(needle, starts[row + 1])
