"""The row of every vertex: lines as straight as the order in the layers allows.

Each layer by turns moves to where its neighbours are. That is an isotonic regression, solved by pooling adjacent
violators: rows less positions may not decrease, and a pool stands at the median of what its members want, so that
most lines become straight and not all of them a little bent.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.proper import Proper

# How often a wish counts: lines that pass layers must not zigzag, so their waypoints hold each other firmly.
_TRUNK, _HALF, _PLAIN = 6, 2, 1
# Pools of more members take time that grows with the square of their number.
_MANY = 2000


def straighten(graph: Proper, layers: Sequence[Sequence[int]], turns: int) -> list[int]:
    """The row of every vertex: from 0, ascending in every layer, no row without a vertex.

    Args:
        graph: The layered graph.
        layers: The order of every layer.
        turns: How often to go over all layers, down and up by turns.
    """
    size = max((len(layer) for layer in layers), default=0)
    height = size + (size // 4 if size < 40 else 0)
    rows = [0] * len(graph.rank)
    for layer in layers:
        offset = (height - len(layer)) // 2
        for i, vertex in enumerate(layer):
            rows[vertex] = offset + i
    for turn in range(turns):
        last = turn >= turns - 2
        order = range(len(layers))
        for at in reversed(order) if turn & 1 else order:
            _settle(graph, layers[at], rows, height, up=last or not turn & 1, down=last or bool(turn & 1))
    dense = {row: i for i, row in enumerate(sorted(set(rows)))}
    return [dense[row] for row in rows]


def _settle(graph: Proper, layer: Sequence[int], rows: list[int], height: int, *, up: bool, down: bool) -> None:
    wishes: list[list[int]] = []
    for i, vertex in enumerate(layer):
        above = _wanted(graph, vertex, graph.before[vertex], rows) if up else []
        wanted = sorted(above + (_wanted(graph, vertex, graph.after[vertex], rows) if down else []))
        if wanted:
            low, high = wanted[~(len(wanted) >> 1)], wanted[len(wanted) >> 1]
            # Between the two a line would bend twice: it goes straight on from where it comes, and bends late.
            middle = low if low in above else high if high in above else low + high >> 1
            wishes.append([middle - i] * (1 if vertex < graph.n else 2))
        else:
            wishes.append([])
    most = height - len(layer)
    for i, (vertex, shift) in enumerate(
        zip(layer, pool(wishes, [rows[vertex] - i for i, vertex in enumerate(layer)]), strict=True)
    ):
        rows[vertex] = i + min(max(shift, 0), most)


def _wanted(graph: Proper, vertex: int, others: Sequence[int], rows: Sequence[int]) -> list[int]:
    """The rows of neighbours, the trunk's several times."""
    real = graph.n
    if vertex < real:
        return [row for other in others for row in [rows[other]] * (_PLAIN if other < real else _HALF)]
    return [row for other in others for row in [rows[other]] * (_HALF if other < real else _TRUNK)]


def pool(wishes: Sequence[Sequence[int]], current: Sequence[int]) -> list[int]:
    """A non-decreasing sequence nearest to the wishes, in the sum of absolute differences.

    Args:
        wishes: What each member wants, every wish one vote, ascending; members without any follow the others.
        current: Where a member without wishes stands now, for a pool of such alone.
    """
    if len(wishes) > _MANY:
        return pool_many(wishes, current)
    pools: list[tuple[int, list[int], int]] = []  # its value, its votes, how many members
    for votes, here in zip(wishes, current, strict=True):
        value = votes[len(votes) >> 1] if votes else max(here, pools[-1][0]) if pools else here
        members, all_votes = 1, list(votes)
        while pools and pools[-1][0] > value:
            _, more, count = pools.pop()
            members += count
            all_votes += more
            all_votes.sort()
            value = all_votes[(len(all_votes) - 1) >> 1] if all_votes else value
        pools.append((value, all_votes, members))
    made: list[int] = []
    for value, _, count in pools:
        made += [value] * count
    return made


def pool_many(wishes: Sequence[Sequence[int]], current: Sequence[int]) -> list[int]:
    """The same in n log n steps; of several sequences that are as near it takes the lowest.

    The heap holds the slopes of the least cost as a function of the last value: every vote adds two, and what leads
    up again is cut off.
    """
    heap: list[int] = []
    made: list[int] = []
    for votes, here in zip(wishes, current, strict=True):
        for vote in votes:
            heappush(heap, -vote)
            heappush(heap, -vote)
        for _ in votes:
            heappop(heap)
        made.append(-heap[0] if heap else here)
    for i in range(len(made) - 2, -1, -1):
        made[i] = min(made[i], made[i + 1])
    return made
