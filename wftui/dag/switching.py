"""The cheapest and the dearest way to order one layer: neighbours that change places, and all orders of a few.

Both look at a layer between the two beside it, whose orders stay, and at how often the lines of two vertices cross
when one stands before the other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.proper import Proper

# A layer of no more vertices is put in the best of all orders: 2^7 sets of them are looked at.
TINY = 7


def switch(graph: Proper, layers: Sequence[list[int]], at: int, place: list[int]) -> int:
    """Let neighbours in a layer change places where that crosses less, once along it. Returns what it gained.

    Peter Eades and David Kelly, "Heuristics for Reducing Crossings in 2-Layered Networks" (1986).
    """
    layer = layers[at]
    gained = 0
    above, below = _ends(graph.up, layer[0], place), _ends(graph.down, layer[0], place)
    for i in range(1, len(layer)):
        vertex = layer[i]
        up, down = _ends(graph.up, vertex, place), _ends(graph.down, vertex, place)
        gain = _swapped(above, up) + _swapped(below, down)
        if gain > 0:
            layer[i], layer[i - 1] = layer[i - 1], vertex
            place[vertex], place[layer[i]] = i - 1, i
            gained += gain
        else:
            above, below = up, down
    return gained


def settle(graph: Proper, layers: Sequence[list[int]], at: int, place: list[int]) -> int:
    """Put a tiny layer in an order of least crossings; it stays as it is when none is better. Returns the gain."""
    layer = layers[at]
    size = len(layer)
    if not 1 < size <= TINY:
        return 0
    sides = [(_ends(graph.up, vertex, place), _ends(graph.down, vertex, place)) for vertex in layer]
    costs = [[_crossed(a, x) + _crossed(b, y) for x, y in sides] for a, b in sides]
    # By the set of those that stand first: the least cost, and who stands last among them.
    best: list[tuple[int, int]] = [(0, -1)]
    for members in range(1, 1 << size):
        inside = [i for i in range(size) if members >> i & 1]
        best.append(min((best[members ^ 1 << i][0] + sum([costs[j][i] for j in inside if j != i]), -i) for i in inside))
    current = sum(costs[i][j] for j in range(size) for i in range(j))
    members = (1 << size) - 1
    least = best[members][0]
    if least == current:
        return 0
    order: list[int] = []
    while members:
        last = -best[members][1]
        order.append(layer[last])
        members ^= 1 << last
    layer[:] = order[::-1]
    for i, vertex in enumerate(layer):
        place[vertex] = i
    return current - least


def _ends(neighbours: Sequence[Sequence[int]], vertex: int, place: Sequence[int]) -> list[int]:
    ends = neighbours[vertex]
    if len(ends) < 2:
        return [place[ends[0]]] if ends else []
    return sorted([place[end] for end in ends])


def _swapped(first: Sequence[int], second: Sequence[int]) -> int:
    """By how much crossings fall when what ends at `second` goes before what ends at `first`; both ascending."""
    return _crossed(first, second) - _crossed(second, first)


def _crossed(first: Sequence[int], second: Sequence[int]) -> int:
    """How many pairs cross when `first` stands before: those where it ends farther on; both ascending."""
    if not first or not second or first[-1] <= second[0]:
        return 0
    if len(first) > len(second):
        return sum([len(first) - bisect_right(first, end) for end in second])
    return sum([bisect_left(second, end) for end in first])
