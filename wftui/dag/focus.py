"""Focus: a part of a graph around one node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.graphs import short
from wftui.dag.plan import Focus, Reach
from wftui.model.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def focus(graph: Graph, wanted: Focus) -> Graph:
    """The nodes that belong to the part, in input order, and the edges between them.

    What a continuation returned follows it: the first tasks of its sub-DAG, and those that are fed from outside only.

    Args:
        graph: The whole.
        wanted: The part; with an unknown node the whole graph.
    """
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    parents = {node.id: node.parent for node in graph.nodes}
    inside = {target for source, target in graph.edges if parents.get(source) == parents.get(target)}
    returned = [(parent, child) for child, parent in parents.items() if parent is not None and child not in inside]
    for source, target in (*graph.edges, *returned):
        after.setdefault(source, []).append(target)
        before.setdefault(target, []).append(source)
    if all(node.id != wanted.node for node in graph.nodes):
        return graph
    if wanted.reach is Reach.ANCESTORS:
        kept = _spread(wanted.node, (before,), len(graph.nodes))
    elif wanted.reach is Reach.DESCENDANTS:
        kept = _spread(wanted.node, (after,), len(graph.nodes))
    else:
        kept = _spread(wanted.node, (before, after), wanted.hops)
    return Graph(
        tuple(node for node in graph.nodes if node.id in kept),
        tuple((source, target) for source, target in graph.edges if source in kept and target in kept),
    )


def told(graph: Graph, part: Graph, wanted: Focus, name: Callable[[str], str]) -> str:
    """A sentence on what is left out."""
    node = next((node for node in graph.nodes if node.id == wanted.node), None)
    called = short(name(wanted.node) if node is None else node.label)
    if node is None:
        return f"{called} is not there to look at: everything is drawn"
    around = {
        Reach.HOPS: f"{wanted.hops} hop{'' if wanted.hops == 1 else 's'} around {called}",
        Reach.ANCESTORS: f"what leads to {called}",
        Reach.DESCENDANTS: f"what follows from {called}",
    }[wanted.reach]
    return f"{len(part.nodes):,} of {len(graph.nodes):,} tasks: {around}"


def _spread(start: str, ways: Iterable[Mapping[str, list[str]]], steps: int) -> set[str]:
    kept = {start}
    edge = [start]
    tables = tuple(ways)
    for _ in range(steps):
        edge = [other for node in edge for table in tables for other in table.get(node, ())]
        edge = [other for other in dict.fromkeys(edge) if other not in kept]
        if not edge:
            break
        kept.update(edge)
    return kept
