"""The tree view: each node once, under one of those it comes after; the others are named beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.graphs import build, chain_order, some_order
from wftui.dag.lanes import route

if TYPE_CHECKING:
    from wftui.dag.graphs import Dag
    from wftui.dag.lanes import Row

# Each step to the side at least halves what follows, so that even 100,000 nodes stay far below this.
_LIMIT = 1000


def route_tree(dag: Dag) -> tuple[tuple[Row, ...], tuple[tuple[int, ...], ...]]:
    """The rows of a tree, and of each item the other items that it comes after."""
    depth = [0] * len(dag.items)
    order = some_order(dag)
    for item in order:
        for other in dag.following(item):
            depth[other] = max(depth[other], depth[item] + 1)
    after: list[list[int]] = [[] for _ in dag.items]
    also: list[tuple[int, ...]] = []
    for item, sources in enumerate(dag.before):
        if not sources:
            also.append(())
            continue
        # Under the one that is furthest down, because it is likely the last that it waits for.
        above = max(sources, key=lambda source: (depth[source], source))
        after[above].append(item)
        also.append(tuple(source for source in sources if source != above))
    forest = build(dag.items, after, dag.returned)
    size = [1] * len(dag.items)
    for item in reversed(some_order(forest)):
        size[item] += sum(size[other] for other in forest.following(item))
    return route(forest, chain_order(forest, size), size, _LIMIT), tuple(also)
