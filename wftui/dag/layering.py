"""Which layer each node stands in: longest path while things still grow, network simplex once they are at rest.

Graphs here are lists of successors by node number; edges are distinct and never from a node to itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.simplex import shorten
from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Sequence


def reverse(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The predecessors of every node, each list in ascending order."""
    before: list[list[int]] = [[] for _ in successors]
    for node, targets in enumerate(successors):
        for target in targets:
            before[target].append(node)
    return before


def longest_path(successors: Sequence[Sequence[int]], names: Sequence[str]) -> list[int]:
    """The layer of every node: the number of edges on the longest way to it.

    A new node without successors never moves one that is there.

    Args:
        successors: The graph.
        names: What to call each node in an error.

    Raises:
        TargetError: There is a cycle; it is named.
    """
    waiting = [0] * len(successors)
    for targets in successors:
        for target in targets:
            waiting[target] += 1
    ranks = [0] * len(successors)
    ready = [node for node, count in enumerate(waiting) if not count]
    for node in ready:  # it grows while we walk it
        rank = ranks[node] + 1
        for target in successors[node]:
            ranks[target] = max(ranks[target], rank)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    if len(ready) < len(successors):
        raise cycle_error([names[i] for i in _cycle(successors, waiting)])
    return ranks


def cycle_error(names: list[str]) -> TargetError:
    """The error that names a cycle; the first node stands at its end again."""
    cut = [name if len(name) <= 40 else name[:39] + "…" for name in names]
    shown = cut if len(cut) <= 9 else [*cut[:4], "…", *cut[-4:]]
    return TargetError(
        f"the graph has a cycle: {' -> '.join(shown)}", "only graphs without cycles can be drawn in layers"
    )


def _cycle(successors: Sequence[Sequence[int]], waiting: Sequence[int]) -> list[int]:
    """One cycle, its first node again at the end. Every node that still waits has a predecessor that waits."""
    before = reverse(successors)
    node = next(i for i, count in enumerate(waiting) if count)
    seen: dict[int, int] = {}
    path: list[int] = []
    while node not in seen:
        seen[node] = len(path)
        path.append(node)
        node = next(i for i in before[node] if waiting[i])
    return [*path[seen[node] :], node][::-1]


def compact(successors: Sequence[Sequence[int]], ranks: Sequence[int], pivots: int) -> list[int]:
    """Ranks of least total edge length, from feasible ones, within a number of pivots.

    Emden Gansner et al., "A Technique for Drawing Directed Graphs" (1993), section 2.
    """
    before = reverse(successors)
    result = list(ranks)
    for component in _components(successors, before):
        if len(component) > 2:
            _compact_component(successors, component, result, pivots)
    return result


def _compact_component(
    successors: Sequence[Sequence[int]], component: list[int], ranks: list[int], pivots: int
) -> None:
    number = {node: i for i, node in enumerate(component)}
    tails: list[int] = []
    heads: list[int] = []
    for node in component:
        for target in successors[node]:
            tails.append(number[node])
            heads.append(number[target])
    made = shorten(len(component), tails, heads, [ranks[node] for node in component], pivots)
    low = min(made)
    for node, rank in zip(component, made, strict=True):
        ranks[node] = rank - low


def _components(successors: Sequence[Sequence[int]], before: Sequence[Sequence[int]]) -> list[list[int]]:
    """The nodes of each weakly connected part, ascending."""
    seen = [False] * len(successors)
    parts: list[list[int]] = []
    for start in range(len(successors)):
        if seen[start]:
            continue
        seen[start] = True
        part = [start]
        for node in part:  # it grows while we walk it
            for other in (*successors[node], *before[node]):
                if not seen[other]:
                    seen[other] = True
                    part.append(other)
        parts.append(sorted(part))
    return parts


def pull(successors: Sequence[Sequence[int]], ranks: Sequence[int]) -> list[int]:
    """Ranks of less total edge length: a node with more edges ahead than behind moves up to what follows it."""
    before = reverse(successors)
    result = list(ranks)
    order = sorted(range(len(result)), key=lambda node: (-result[node], node))
    for _ in range(4):
        moved = False
        for node in order:
            if len(before[node]) < len(successors[node]):
                rank = min(result[target] for target in successors[node]) - 1
                moved = moved or rank > result[node]
                result[node] = rank
        if not moved:
            break
    return result
