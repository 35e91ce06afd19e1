"""What every view of a graph offers to whoever shows it: cells, a window at a time, and ways through them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wftui.dag.graphs import Item
    from wftui.dag.picture import Line, View
    from wftui.model.graph import GraphNode


class Area(NamedTuple):
    """Cells of one row: the first one, the row, how many; from the top left corner of the picture."""

    x: int
    y: int
    w: int


class Way(Enum):
    """Where a key leads."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"


class Drawn(Protocol):
    """A laid-out graph with the statuses and times of a moment. Items are named by their ids."""

    @property
    def view(self) -> View:
        """Layers, lanes or tree."""
        ...

    @property
    def width(self) -> int:
        """Cells of the whole picture."""
        ...

    @property
    def height(self) -> int:
        """Rows of the whole picture."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What is wrong with the graph, or could not be drawn as asked, a sentence each."""
        ...

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The cells from `x0` up to `x1` of a row: never more of them, and fewer only where the rest is blank."""
        ...

    def update(self, nodes: Iterable[GraphNode]) -> list[Area]:
        """Take other statuses and times. Returns the cells that look different."""
        ...

    def light(self, item: str | None) -> list[Area]:
        """Draw the edges of an item so that they stand out, and no others. Returns the cells that look different."""
        ...

    def stress(self, edges: Collection[tuple[str, str]]) -> list[Area]:
        """Draw these edges, by node ids, heavy: the critical path. Returns the cells that look different."""
        ...

    def item_at(self, x: int, y: int) -> Item | None:
        """What stands in a cell."""
        ...

    def item_of(self, node: str) -> Item | None:
        """The item that a node is, or is folded or grouped into."""
        ...

    def area_of(self, node: str) -> Area | None:
        """Where a node is, or what it is folded or grouped into."""
        ...

    def move(self, item: str, way: Way) -> str:
        """The item that a key leads to; the same one where there is nothing.

        In layers right and left follow edges, up and down go to what stands above and below; in lanes and trees up
        and down go along the rows.
        """
        ...

    def sibling(self, item: str, by: int) -> str:
        """The next of the items that share what leads to them, round and round."""
        ...

    def nearest(self, x: int, y: int) -> str | None:
        """The item nearest to a cell; None in an empty picture."""
        ...

    def order(self) -> Sequence[str]:
        """All items as they are read: layer by layer, each from the top; or row by row."""
        ...
