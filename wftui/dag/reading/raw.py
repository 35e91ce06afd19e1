"""A graph as it was read: nothing is made harmless or put right yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wftui.model.operator import Operator
    from wftui.model.status import Status


@dataclass(slots=True)
class RawNode:
    """A node.

    Attributes:
        id: Its id; raw, as all texts here.
        label: The text to show.
        status: Its status.
        duration: Seconds it took.
        kind: Of a workflow definition's operator what it does; None for plain nodes.
        detail: What that is about: a time to wait, an event, a condition; short.
        branch: Which way leads to it, as "true" or "on failure"; "" where there is but one.
        parent: The id of the operator that it is inside of: a loop, parallel branches.
    """

    id: str
    label: str
    status: Status | None = None
    duration: float | None = None
    kind: Operator | None = None
    detail: str = ""
    branch: str = ""
    parent: str | None = None


@dataclass(slots=True)
class Raw:
    """Nodes in the order in which they were first named, edges in theirs; ids and edges may come twice."""

    nodes: list[RawNode] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)


# Edges that a few lines may stand for, where each of a set is connected with each of another.
MOST_EDGES = 2_000_000


class Builder:
    """Collects nodes that are declared by being mentioned, as in DOT and Mermaid."""

    def __init__(self) -> None:
        self._nodes: dict[str, RawNode] = {}
        self._edges: dict[tuple[str, str], None] = {}
        self._left = MOST_EDGES

    def __contains__(self, name: str) -> bool:
        """Whether a node was mentioned."""
        return name in self._nodes

    def node(self, name: str, label: str | None = None) -> None:
        """Mention a node; a label given later replaces an earlier one."""
        found = self._nodes.get(name)
        if found is None:
            self._nodes[name] = RawNode(name, name if label is None else label)
        elif label is not None:
            found.label = label

    def edges(self, sources: Collection[str], targets: Collection[str]) -> None:
        """Connect each source with each target.

        Raises:
            TargetError: There are too many of them.
        """
        self._left -= len(sources) * len(targets)
        if self._left < 0:
            raise TargetError(f"the graph has more than {MOST_EDGES:,} edges", "draw a part of it")
        for source in sources:
            for target in targets:
                self._edges[source, target] = None

    def raw(self) -> Raw:
        """What was collected."""
        return Raw(list(self._nodes.values()), list(self._edges))
