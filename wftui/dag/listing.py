"""Lanes and trees as everything else that is drawn: a window at a time, by item."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.cells import window
from wftui.dag.drawn import Area, Way
from wftui.dag.picture import Line, View
from wftui.dag.walking import Walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wftui.dag.drawing import Drawing
    from wftui.dag.graphs import Item
    from wftui.model.graph import GraphNode


class Listing:
    """A drawing with a node a row; implements `Drawn`. Its whole rows belong to their items.

    Args:
        drawing: The lanes or the tree.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.width, self.height = drawing.width, len(drawing.layout.rows)
        self.view: View = drawing.layout.view
        self.notes: Sequence[str] = drawing.layout.notes
        self._walk = Walk(drawing.layout)

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The cells from `x0` up to `x1` of a row: never more of them, and fewer only where the rest is blank."""
        if not 0 <= y < self.height or x0 >= x1:
            return Line()
        line = self.drawing.line(y)
        if x0 <= 0 and x1 >= self.width:
            return line
        return Line(tuple(window(line.segments, max(0, x0), x1)), line.node)

    def update(self, nodes: Iterable[GraphNode]) -> list[Area]:
        """Take other statuses and times. Returns the cells that look different."""
        return [Area(0, row, self.width) for row in self.drawing.update(nodes)]

    def light(self, item: str | None) -> list[Area]:
        """Lanes stand beside their node: nothing has to stand out."""
        del item
        return []

    def stress(self, edges: Collection[tuple[str, str]]) -> list[Area]:
        """Lanes have one weight only."""
        del edges
        return []

    def item_at(self, x: int, y: int) -> Item | None:
        """What stands in a row."""
        at = self.drawing.layout.item_at(y) if 0 <= x < self.width else -1
        return self.drawing.layout.dag.items[at] if at >= 0 else None

    def item_of(self, node: str) -> Item | None:
        """The item that a node is, or is folded into."""
        row = self.drawing.layout.row_of.get(node)
        return self.item_at(0, row) if row is not None else None

    def area_of(self, node: str) -> Area | None:
        """Where a node is, or what it is folded into."""
        row = self.drawing.layout.row_of.get(node)
        return Area(0, row, self.width) if row is not None else None

    def move(self, item: str, way: Way) -> str:
        """The item that a key leads to: up and down along the rows, right and left along edges."""
        row = self._row(item)
        if way is Way.RIGHT:
            return self._id(self._walk.downstream(row))
        if way is Way.LEFT:
            return self._id(self._walk.upstream(row))
        return self._id(self._walk.step(row, 1 if way is Way.DOWN else -1))

    def sibling(self, item: str, by: int) -> str:
        """The next of the items that share what leads to them, round and round."""
        return self._id(self._walk.sibling(self._row(item), by))

    def nearest(self, x: int, y: int) -> str | None:
        """The item of a row, or of the next below, or the last; None in an empty picture."""
        del x
        return self._id(self._walk.nearest(y)) if self._walk.rows else None

    def order(self) -> Sequence[str]:
        """All items, row by row."""
        return [self._id(row) for row in self._walk.rows]

    def _row(self, item: str) -> int:
        return self.drawing.layout.row_of[item]

    def _id(self, row: int) -> str:
        layout = self.drawing.layout
        return layout.dag.items[layout.item_at(row)].id
