"""What is alike stands in input order: chains from the same vertices to the same vertices change places at no cost.

Whoever gives the graph can so choose the order of what is side by side, such as failed tasks first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.proper import Proper


def put_in_order(graph: Proper, layers: list[list[int]]) -> None:
    """Permute chains that are alike into input order, in place.

    A chain is a vertex, or several that only lead to one another, one in each layer. Alike are those that start in one
    layer at the same vertices and end in one layer at the same ones. They take the places that they have together, the
    first of the input the first in each layer: lines that cross do not become more.
    """
    classes: dict[tuple[int, int, tuple[int, ...], tuple[int, ...]], list[list[int]]] = {}
    for vertex, sources in enumerate(graph.before):
        if _is_link(graph, sources, vertex):
            continue
        chain = [vertex]
        while _is_link(graph, chain[-1:], after := _only(graph.after[chain[-1]])):
            chain.append(after)
        ends = graph.after[chain[-1]]
        key = (graph.rank[vertex], len(chain), _weighed(graph, sources, vertex), _weighed(graph, ends, chain[-1]))
        classes.setdefault(key, []).append(chain)
    place = {vertex: at for layer in layers for at, vertex in enumerate(layer)}
    for chains in classes.values():
        if len(chains) < 2:
            continue
        for members in zip(*sorted(chains), strict=True):
            layer = layers[graph.rank[members[0]]]
            for at, vertex in zip(sorted([place[vertex] for vertex in members]), members, strict=True):
                layer[at] = vertex


def _only(vertices: Sequence[int]) -> int:
    return vertices[0] if len(vertices) == 1 else -1


def _is_link(graph: Proper, sources: Sequence[int], vertex: int) -> bool:
    """Whether a vertex continues a chain: it has one source, which has no other target."""
    return vertex >= 0 and len(sources) == 1 and len(graph.before[vertex]) == 1 and len(graph.after[sources[0]]) == 1


def _weighed(graph: Proper, others: Sequence[int], vertex: int) -> tuple[int, ...]:
    """The neighbours in order, each followed by how many edges lead there."""
    both = sorted((other, graph.weight.get((other, vertex), graph.weight.get((vertex, other), 1))) for other in others)
    return tuple([number for pair in both for number in pair])
