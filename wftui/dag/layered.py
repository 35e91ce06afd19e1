"""From a graph to a layered layout: layers, their order, rows, tracks, cells."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.columns import place
from wftui.dag.crossings import exact
from wftui.dag.layering import compact, cycle_error, longest_path, pull
from wftui.dag.layout import Box, Layout, Wire
from wftui.dag.nets import STEP, connect
from wftui.dag.ordering import Ordering, first_effort, full_effort
from wftui.dag.proper import make_proper
from wftui.dag.straighten import straighten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.nets import Channel, Track
    from wftui.dag.proper import Proper

# Network simplex takes time that grows with the square of the size; beyond this the simple pull is nearly as good.
_SIMPLEX_NODES = 1500
# More waypoints than this are more than a person could follow, and more than is worth waiting for.
MOST_VERTICES = 400_000
# Blank cells beside the tracks of a channel, where every line runs straight.
_MARGIN = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of layout is wanted.

    Attributes:
        at_rest: The graph does not grow any more, so that layers may be chosen for short edges.
        quick: The first usable layout instead of the best.
        even: Boxes that become as wide as the widest of their layer, by position.
    """

    at_rest: bool = True
    quick: bool = False
    even: tuple[bool, ...] = ()


_BEST = Wish()


def lay_out(
    names: Sequence[str], edges: Sequence[tuple[int, int]], widths: Sequence[int], wish: Wish = _BEST
) -> Layout:
    """Lay a graph out in layers, left to right.

    Args:
        names: What each node is called, uniquely.
        edges: Each once, as (source, target) by position in `names`.
        widths: The cells that each node's box takes.
        wish: What kind of layout is wanted.

    Raises:
        TargetError: The graph has a cycle, or is too large for this.
    """
    if not names:
        return Layout(0, 0, {}, (), (), 0)
    proper = make_proper(_ranks(names, edges, wish), edges, MOST_VERTICES)
    ordering = Ordering(proper)
    vertices = len(proper.rank)
    layers = ordering.run(first_effort(vertices) if wish.quick else full_effort(vertices))
    return _Drawing(proper, layers, names, widths, wish.even).layout(edges)


def _ranks(names: Sequence[str], edges: Sequence[tuple[int, int]], wish: Wish) -> list[int]:
    successors: list[list[int]] = [[] for _ in names]
    for tail, head in edges:
        if tail == head:
            raise cycle_error([names[tail], names[tail]])
        successors[tail].append(head)
    ranks = longest_path(successors, names)
    if wish.at_rest:
        ranks = pull(successors, ranks)
        if len(names) <= _SIMPLEX_NODES and not wish.quick:
            ranks = compact(successors, ranks, pivots=4 * len(names))
    dense = {rank: i for i, rank in enumerate(sorted(set(ranks)))}
    return [dense[rank] for rank in ranks]


class _Drawing:
    """Turns ordered layers into cells."""

    def __init__(
        self, proper: Proper, layers: list[list[int]], names: Sequence[str], widths: Sequence[int], even: Sequence[bool]
    ) -> None:
        self.proper = proper
        self.layers = layers
        self.names = names
        turns = 8 if len(proper.rank) < 4000 else 4
        self.rows = [row * STEP for row in straighten(proper, layers, turns)]
        height = max(self.rows) // STEP + 1
        self.channels = [connect(layer, self.rows, proper.after, height) for layer in layers[:-1]]
        columns = [place(channel) for channel in self.channels]
        widest = [max((widths[v] for v in layer if v < proper.n), default=1) for layer in layers]
        self.widths = [
            widest[rank] if evened else width
            for rank, width, evened in zip(proper.rank[: proper.n], widths, even or (False,) * proper.n, strict=True)
        ]
        self.left: list[int] = []
        self.first_column: list[int] = []
        x = 0
        for wide, count in zip(widest, [*columns, None], strict=True):
            self.left.append(x)
            self.first_column.append(x + wide + _MARGIN)
            x += wide if count is None else wide + count + 2 * _MARGIN
        self.width = x
        used = set(range(0, height * STEP, STEP))
        for channel in self.channels:
            for track in channel.tracks:
                used.update(track.west, track.east)
        self.y = {row: i for i, row in enumerate(sorted(used))}

    def layout(self, edges: Sequence[tuple[int, int]]) -> Layout:
        proper, names = self.proper, self.names
        place_in_layer = [0] * len(proper.rank)
        for layer in self.layers:
            for i, vertex in enumerate(layer):
                place_in_layer[vertex] = i
        boxes = {
            names[v]: Box(self.left[proper.rank[v]], self.y[self.rows[v]], self.widths[v]) for v in range(proper.n)
        }
        wires = tuple(
            Wire(names[tail], names[head], self._points(path))
            for (tail, head), path in zip(edges, proper.paths, strict=True)
        )
        return Layout(
            width=self.width,
            height=len(self.y),
            boxes=boxes,
            layers=tuple(tuple(names[v] for v in layer if v < proper.n) for layer in self.layers),
            wires=wires,
            crossings=exact(proper, self.layers, place_in_layer),
        )

    def _points(self, path: Sequence[int]) -> tuple[tuple[int, int], ...]:
        tail, head = path[0], path[-1]
        rank = self.proper.rank[tail]
        y = self.y[self.rows[tail]]
        points = [(self.left[rank] + self.widths[tail], y)]
        for source, target in itertools.pairwise(path):
            first = self.first_column[self.proper.rank[source]]
            for track, row in _hops(self.channels[self.proper.rank[source]], source, target):
                to = self.y[row]
                if to != y:
                    points += [(first + track.column, y), (first + track.column, to)]
                    y = to
        points.append((self.left[self.proper.rank[head]] - 1, y))
        return tuple(points)


def _hops(channel: Channel, source: int, target: int) -> list[tuple[Track, int]]:
    hops: list[tuple[Track, int]] = []
    for start, row in channel.routes[source, target]:
        track = start
        while row in track.moved:
            via, other = track.moved[row]
            hops.append((track, via))
            track = other
        hops.append((track, row))
    return hops
