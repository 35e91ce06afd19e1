"""How often the lines of a finished drawing cross, whoever made it: pairs that swap sides between two layers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def inversions(segments: Sequence[tuple[float, float]]) -> int:
    """Pairs of segments between two layers, (from, to) each, that swap sides; pairs that share an end do not."""
    ordered = sorted(segments)
    ranks = {value: rank for rank, value in enumerate(sorted({b for _, b in ordered}), start=1)}
    tree = [0] * (len(ranks) + 1)
    total = seen = at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        for _, b in ordered[at:end]:
            rank, below = ranks[b], 0
            while rank:
                below += tree[rank]
                rank &= rank - 1
            total += seen - below
        for _, b in ordered[at:end]:
            rank = ranks[b]
            while rank < len(tree):
                tree[rank] += 1
                rank += rank & -rank
            seen += 1
        at = end
    return total


def _height_at(points: Sequence[tuple[float, float]], x: float) -> float:
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if x < points[0][0] else points[-1][1]


def bezier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A Bézier curve as a polyline of eight pieces each."""
    drawn = [points[0]]
    for i in range(0, len(points) - 3, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[i : i + 4]
        for step in range(1, 9):
            t = step / 8
            s = 1 - t
            drawn.append(
                (
                    s**3 * ax + 3 * s * s * t * bx + 3 * s * t * t * cx + t**3 * dx,
                    s**3 * ay + 3 * s * s * t * by + 3 * s * t * t * cy + t**3 * dy,
                )
            )
    return drawn


def count_by_layers(
    places: dict[int, tuple[float, float]], lines: dict[tuple[int, int], list[tuple[float, float]]], tolerance: float
) -> int:
    """Crossings between layers; a layer is where nodes have the same x, and an edge has a height at each it passes."""
    columns: list[float] = []
    for x in sorted({x for x, _ in places.values()}):
        if not columns or x - columns[-1] > tolerance:
            columns.append(x)
    rank = {node: min(range(len(columns)), key=lambda i: abs(columns[i] - x)) for node, (x, _) in places.items()}
    channels: list[list[tuple[float, float]]] = [[] for _ in columns]
    for (a, b), points in lines.items():
        first, last = rank[a], rank[b]
        heights = [places[a][1], *(_height_at(points, columns[i]) for i in range(first + 1, last)), places[b][1]]
        for i, pair in enumerate(itertools.pairwise(heights)):
            channels[first + i].append(pair)
    return sum(inversions(channel) for channel in channels)
