"""Ways through a laid-out graph: along its rows, its edges, its siblings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wftui.dag.siblings import parents, siblings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.drawing import Layout


class Walk:
    """Finds the next row to go to. Every answer is a row, the one given where there is nothing else.

    Args:
        layout: What is walked through.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._dag = layout.dag
        self._row = [0] * len(self._dag.items)
        for at, row in enumerate(layout.rows):
            if row.item >= 0:
                self._row[row.item] = at
        self.rows = tuple(sorted(self._row))
        self._parent = parents(self._dag)
        above = [max(sources, key=self._row.__getitem__, default=-1) for sources in self._dag.before]
        self._siblings = siblings(self._dag, above, sorted(range(len(self._dag.items)), key=self._row.__getitem__))

    def nearest(self, row: int) -> int:
        """The row of a node at `row`, else the next below, else the last."""
        if not self.rows:
            return 0
        return self.rows[min(bisect_left(self.rows, row), len(self.rows) - 1)]

    def step(self, row: int, by: int) -> int:
        """So many nodes further down, or up."""
        if not self.rows:
            return 0
        at = bisect_left(self.rows, row) if by < 0 else bisect_right(self.rows, row) - 1
        return self.rows[max(0, min(at + by, len(self.rows) - 1))]

    def downstream(self, row: int) -> int:
        """Along an edge to the nearest node that waits for this one, or that it returned."""
        item = self._layout.item_at(row)
        if item < 0:
            return row
        return min((self._row[other] for other in self._dag.following(item)), key=lambda at: abs(at - row), default=row)

    def upstream(self, row: int) -> int:
        """Along an edge to the nearest node that this one waits for, or that returned it."""
        item = self._layout.item_at(row)
        if item < 0:
            return row
        return min((self._row[other] for other in self._leading(item)), key=lambda at: abs(at - row), default=row)

    def sibling(self, row: int, by: int) -> int:
        """The next of the nodes that share what leads to them, round and round."""
        item = self._layout.item_at(row)
        if item < 0:
            return row
        beside = self._siblings[item]
        return self._row[beside[(beside.index(item) + by) % len(beside)]]

    def _leading(self, item: int) -> Sequence[int]:
        parent = self._parent[item]
        return self._dag.before[item] if parent < 0 else (*self._dag.before[item], parent)
