"""A small map of a graph: which status is where, as far as a cell of it can tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.glyphs import STATUS_RANK

if TYPE_CHECKING:
    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph
    from wftui.model.status import Status


@dataclass(frozen=True, slots=True)
class GraphMap:
    """A picture, made smaller.

    Attributes:
        width: Cells of a row.
        height: Rows.
        statuses: The loudest status of what stands in each cell that holds anything, by (x, y).
        picture: Cells of the picture, across and down.
    """

    width: int
    height: int
    statuses: dict[tuple[int, int], Status | None]
    picture: tuple[int, int]

    def cell(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the map in which a cell of the picture lies."""
        across, down = self.picture
        return (
            max(0, min(x * self.width // across, self.width - 1)),
            max(0, min(y * self.height // down, self.height - 1)),
        )

    def place(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the picture in the middle of a cell of the map."""
        across, down = self.picture
        return ((2 * x + 1) * across // (2 * self.width), (2 * y + 1) * down // (2 * self.height))


def graph_map(drawn: Drawn, graph: Graph, width: int, height: int) -> GraphMap:
    """Make a map of a picture in so many cells at most, with the statuses of a graph."""
    across, down = max(1, drawn.width), max(1, drawn.height)
    made = GraphMap(max(1, min(width, across)), max(1, min(height, down)), {}, (across, down))
    for node in graph.nodes:
        area = drawn.area_of(node.id)
        if area is None:
            continue
        # Where lines hold one node each the map is read from its middle, not from an edge.
        x, y = made.cell(area.x + (0 if area.w < across else area.w // 2), area.y)
        there = made.statuses.get((x, y))
        if (x, y) not in made.statuses or _rank(node.status) < _rank(there):
            made.statuses[x, y] = node.status
    return made


def _rank(status: Status | None) -> int:
    return len(STATUS_RANK) if status is None else STATUS_RANK[status]
