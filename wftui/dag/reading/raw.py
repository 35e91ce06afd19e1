"""Collects graphs of formats in which nodes need not be declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.model.raw import Raw, RawNode

if TYPE_CHECKING:
    from collections.abc import Collection

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
