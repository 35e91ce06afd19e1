"""How often lines cross: pairs of segments between two layers that swap sides."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.proper import Proper


def between(upper: Sequence[int], down: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """Crossings between a layer in its order and the next, a segment counted as often as it is listed.

    Args:
        upper: The vertices of the first layer, in order.
        down: The neighbours of every vertex in the next layer.
        place: The position of every vertex in its layer.
    """
    seen: list[int] = []
    total = count = 0
    insert = seen.insert
    for vertex in upper:
        ends = down[vertex]
        if len(ends) == 1:
            end = place[ends[0]]
            at = bisect_right(seen, end)
            total += count - at
            insert(at, end)
            count += 1
        elif ends:
            places = sorted([place[other] for other in ends])
            for end in places:
                total += count - bisect_right(seen, end)
            for end in places:
                insert(bisect_right(seen, end), end)
            count += len(places)
    return total


def crossings(layers: Sequence[Sequence[int]], down: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """All crossings of a drawing."""
    return sum(between(layer, down, place) for layer in layers[:-1])


def exact(graph: Proper, layers: Sequence[Sequence[int]], place: Sequence[int]) -> int:
    """All crossings between edges: a bundle of two that crosses a line counts as two."""
    if not graph.weight:
        return crossings(layers, graph.after, place)
    total = 0
    for upper, lower in itertools.pairwise(layers):
        total += _weighted(graph, upper, len(lower), place)
    return total


def _weighted(graph: Proper, upper: Sequence[int], size: int, place: Sequence[int]) -> int:
    tree = [0] * (size + 1)
    total = carried = 0
    for vertex in upper:
        ends = [(place[other] + 1, graph.weight.get((vertex, other), 1)) for other in graph.after[vertex]]
        for at, weight in ends:
            below = 0
            while at:
                below += tree[at]
                at &= at - 1
            total += weight * (carried - below)
        for at, weight in ends:
            while at <= size:
                tree[at] += weight
                at += at & -at
            carried += weight
    return total
