"""Sifting: every vertex of a layer, in turn, moves to the place where it crosses least.

What a vertex `v` costs less by standing after `w` instead of before it depends on their neighbours alone, not on
where the others of the layer stand. So the gains are made once for a layer, from one row for each place of the
neighbouring layers, and a move is a running sum over a row in the current order: all of it list work in C.
Christian Matuszewski et al., "Using Sifting for k-Layer Straightline Crossing Minimization" (1999), is the idea.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from wftui.dag.proper import Proper

# A layer is left as it is when its gains would take more additions than this.
_MOST_WORK = 4_000_000


def sift(graph: Proper, layers: list[list[int]], at: int, place: list[int], rng: random.Random) -> int:
    """Sift one layer in place. Returns by how much the crossings fell; `place` follows."""
    layer = layers[at]
    size = len(layer)
    ends = sum([len(graph.up[v]) + len(graph.down[v]) for v in layer])
    if size < 2 or size * ends > _MOST_WORK:
        return 0
    above = layers[at - 1] if at else ()
    below = layers[at + 1] if at + 1 < len(layers) else ()
    rows: list[list[int] | None] = [None] * size
    _add_gains(layer, above, graph.up, graph.down, place, rows)
    _add_gains(layer, below, graph.down, graph.up, place, rows)
    order = list(range(size))
    gained = 0
    turns = order[:]
    turns.sort(key=lambda _: rng.random())
    for i in turns:
        row = rows[i]
        if row is None:
            continue
        current = order.index(i)
        del order[current]
        costs = list(accumulate(map(row.__getitem__, order), initial=0))
        least = min(costs)
        gained += costs[current] - least
        # Among places of the same cost one by chance: that walks along plateaus instead of staying on them.
        count = costs.count(least)
        target = costs.index(least)
        for _ in range(int(rng.random() * count) if count > 1 else 0):
            target = costs.index(least, target + 1)
        order.insert(target, i)
    layers[at] = [layer[i] for i in order]
    for i, vertex in enumerate(layers[at]):
        place[vertex] = i
    return gained


def _add_gains(
    layer: Sequence[int],
    other: Sequence[int],
    neighbours: Sequence[Sequence[int]],
    back: Sequence[Sequence[int]],
    place: Sequence[int],
    rows: list[list[int] | None],
) -> None:
    """Add to `rows[i][j]` what it costs that i stands after j instead of before, towards the layer `other`.

    For a neighbour of i at place p that is: neighbours of j behind p, less those before p.
    """
    if not other:
        return
    gains = [len(neighbours[vertex]) for vertex in layer]
    at_place: list[list[int]] = [[] for _ in other]
    previous: list[int] = []
    by_place: list[list[int]] = [[] for _ in other]
    for vertex in other:
        by_place[place[vertex]] = [place[end] for end in back[vertex]]
    for p, touching in enumerate(by_place):
        for j in previous:
            gains[j] -= 1
        for j in touching:
            gains[j] -= 1
        if touching:
            at_place[p] = gains[:]
        previous = touching
    for i, vertex in enumerate(layer):
        row = rows[i]
        for end in neighbours[vertex]:
            more = at_place[place[end]]
            row = more if row is None else list(map(add, row, more))
        rows[i] = row
