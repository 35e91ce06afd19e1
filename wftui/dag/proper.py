"""A layered graph in which every segment spans one layer: long edges pass the layers between through waypoints.

Long edges from one node share waypoints, or those to one node do, so that a task that feeds every later one is one
line and not a thousand, and the number of waypoints stays below nodes x layers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Layers that all edges together may pass. More take longer to follow, for the machine too, than anyone waits.
_MOST_STEPS = 1_000_000
# A bundle pulls as much as this many single edges at most when vertices are ordered.
_HEAVIEST = 4


@dataclass(slots=True)
class Proper:
    """Vertices 0..n-1 are the nodes, the rest are waypoints.

    Attributes:
        n: Number of nodes.
        rank: The layer of every vertex.
        layers: The vertices of every layer, ascending.
        up: The neighbours of every vertex in the layer before; a bundle's neighbour occurs several times.
        down: The same for the layer after.
        weight: Segments (from, to) that carry more than one edge, with how many.
        paths: For every edge in input order, the vertices that it passes, its ends included.
        before: The distinct neighbours of every vertex in the layer before.
        after: The same for the layer after.
    """

    n: int
    rank: list[int]
    layers: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    weight: dict[tuple[int, int], int]
    paths: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]


def make_proper(ranks: Sequence[int], edges: Sequence[tuple[int, int]], most: int) -> Proper:
    """Split long edges at every layer that they pass.

    Raises:
        TargetError: That would be more than `most` vertices, or all edges together would be too long.
    """
    n = len(ranks)
    rank = list(ranks)
    if sum([rank[head] - rank[tail] for tail, head in edges]) > _MOST_STEPS:
        raise too_large(ranks, edges)
    out, into = [0] * n, [0] * n
    for tail, head in edges:
        if rank[head] - rank[tail] > 1:
            out[tail] += 1
            into[head] += 1
    chains: dict[tuple[int, bool, int], int] = {}
    paths: list[list[int]] = []
    for tail, head in edges:
        if rank[head] - rank[tail] == 1:
            paths.append([tail, head])
            continue
        by_target = into[head] > out[tail]
        anchor = head if by_target else tail
        path = [tail]
        for level in range(rank[tail] + 1, rank[head]):
            vertex = chains.get((anchor, by_target, level))
            if vertex is None:
                vertex = chains[anchor, by_target, level] = len(rank)
                rank.append(level)
            path.append(vertex)
        path.append(head)
        if len(rank) > most:
            raise too_large(ranks, edges)
        paths.append(path)
    return join(n, rank, paths)


def too_large(ranks: Sequence[int], edges: Sequence[tuple[int, int]]) -> TargetError:
    """The error that says so."""
    return TargetError(
        f"the graph is too large to draw in full: {len(ranks)} nodes in {max(ranks) + 1} layers, {len(edges)} edges",
        "draw it grouped (--group)",
    )


def join(n: int, rank: list[int], paths: list[list[int]]) -> Proper:
    """A layered graph from the layer of every vertex and the vertices that every edge passes."""
    layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for vertex, level in enumerate(rank):
        layers[level].append(vertex)
    load: dict[tuple[int, int], int] = {}
    for path in paths:
        for segment in itertools.pairwise(path):
            load[segment] = load.get(segment, 0) + 1
    up: list[list[int]] = [[] for _ in rank]
    down: list[list[int]] = [[] for _ in rank]
    before: list[list[int]] = [[] for _ in rank]
    after: list[list[int]] = [[] for _ in rank]
    for (tail, head), count in load.items():
        after[tail].append(head)
        before[head].append(tail)
        times = count if count < _HEAVIEST else _HEAVIEST
        down[tail] += [head] * times
        up[head] += [tail] * times
    weight = {segment: count for segment, count in load.items() if count > 1}
    return Proper(n, rank, layers, up, down, weight, paths, before, after)
