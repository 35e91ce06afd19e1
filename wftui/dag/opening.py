"""Opening groups and folds, a few members at a time, and closing them again: what to put into `Folds.kept`, or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wftui.dag.graphs import Kind, nodes_by_id, places
from wftui.dag.grouping import by_interest

if TYPE_CHECKING:
    from wftui.dag.graphs import Dag, Item
    from wftui.model.graph import Graph

# Of a chain more is shown at once: nobody looks for the slowest of it, but for what comes next.
_STEPS = 10


class Shaped(Protocol):
    """A layout of either kind."""

    @property
    def dag(self) -> Dag:
        """What is drawn."""
        ...


def openable(item: Item) -> bool:
    """Whether an item stands for several nodes that can be shown; a closed sub-DAG is `Folds.closed`'s matter."""
    return item.kind in (Kind.GROUP, Kind.FOLD)


def opening(board: Shaped, item_id: str, graph: Graph, count: int = 20) -> frozenset[str]:
    """The nodes to keep so that more of a group or a fold is seen: failed and slowest first; of a chain the next steps.

    Args:
        board: What is on screen.
        item_id: The group or the fold, or any node in it; with anything else there is nothing to open.
        graph: The graph with the statuses and times of now.
        count: How many members of a group.
    """
    at = places(board.dag).get(item_id)
    item = board.dag.items[at] if at is not None else None
    if item is None or not openable(item):
        return frozenset()
    if item.kind is Kind.FOLD:
        return frozenset(item.members[: _STEPS * count])
    return frozenset(by_interest(item.members, nodes_by_id(graph))[:count])


def closing(board: Shaped, node_id: str) -> frozenset[str]:
    """The nodes to keep no more so that the group or chain that a node was taken out of is whole again.

    Args:
        board: What is on screen.
        node_id: Any node; the rest of an opened group closes it as well.
    """
    at = places(board.dag).get(node_id)
    origin = board.dag.items[at].origin if at is not None else None
    if origin is None:
        return frozenset()
    return frozenset(item.id for item in board.dag.items if item.origin == origin and not openable(item))
