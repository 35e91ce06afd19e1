"""A graph as the drawing engine takes it, whatever it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.status import Status


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node to draw.

    Attributes:
        id: Unique in its graph; raw.
        label: What is written: one line, already harmless for a terminal.
        status: The status to mark it with; None for plain drawings.
        time: A short text beside the label, as "42s" or "~1m"; "" for none.
        parent: The node that returned this one as part of a continuation's sub-DAG.
        duration: Seconds it took, for averages over folded nodes; None while that is not known.
        is_off: It is on a way that was not taken: drawn dim, with a mark of its own instead of a status's.
        is_item: One of several that do the same, as the items of a loop: they are one group, however few there are.
    """

    id: str
    label: str
    status: Status | None = None
    time: str = ""
    parent: str | None = None
    duration: float | None = None
    is_off: bool = False
    is_item: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in input order, and edges (from, to) by node id, duplicates removed by who builds it."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]
