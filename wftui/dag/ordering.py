"""The order of the vertices in every layer, so that few lines cross.

Barycenter and median sweeps give a start, sifting the rest: each vertex in turn is moved to the place in its layer
where it costs least. Budgets count iterations, never time, and chance comes from fixed seeds, so that a graph gives
the same picture on any machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.crossings import crossings
from wftui.dag.sifting import sift

if TYPE_CHECKING:
    from wftui.dag.proper import Proper

Layers = list[list[int]]

# Additions that all sifting rounds together may take.
_MOST_WORK = 40_000_000


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work to spend.

    Attributes:
        starts: From how many different orders to begin.
        sweeps: Barycenter or median sweeps from each.
        rounds: Sifting rounds over all layers from each, at most.
        kicks: How often to shake the best one and sift again.
    """

    starts: int
    sweeps: int
    rounds: int
    kicks: int


def first_effort(vertices: int) -> Effort:
    """What gives a usable picture at once."""
    return Effort(1, 6, 1 if vertices < 3000 else 0, 0)


def full_effort(vertices: int) -> Effort:
    """What gives the final one; the more vertices, the less for each."""
    if vertices <= 80:
        return Effort(16, 12, 16, 40)
    if vertices <= 200:
        return Effort(12, 12, 20, 60)
    if vertices <= 600:
        return Effort(4, 16, 24, 40)
    if vertices <= 2000:
        return Effort(1, 16, 20, 0)
    if vertices <= 6000:
        return Effort(1, 16, 12, 0)
    return Effort(1, 8, 4 if vertices <= 20000 else 1, 0)


def affordable(graph: Proper, effort: Effort) -> Effort:
    """The effort, or less where layers are so dense that it would take too many additions."""
    work = 1
    for layer in graph.layers:
        work += len(layer) * sum([len(graph.up[vertex]) + len(graph.down[vertex]) for vertex in layer])
    rounds = effort.starts * effort.rounds + effort.kicks * (effort.rounds // 2)
    if work * rounds <= _MOST_WORK:
        return effort
    return Effort(1, min(effort.sweeps, 8), min(effort.rounds, max(1, _MOST_WORK // work)), 0)


class Ordering:
    """Works on one layered graph; `layers` is the current order, `best` the one with the fewest crossings so far."""

    def __init__(self, graph: Proper) -> None:
        self.graph = graph
        self.layers: Layers = [list(layer) for layer in graph.layers]
        self.place = [0] * len(graph.rank)
        self.best: Layers = []
        self.fewest = -1
        self.rough = False

    def run(self, effort: Effort) -> Layers:
        """The best order that the effort finds; `rough` tells whether only a part of it could be afforded."""
        wanted, effort = effort, affordable(self.graph, effort)
        self.rough = effort != wanted
        for seed in range(effort.starts):
            rng = random.Random(seed)  # noqa: S311 - a fixed seed on purpose, nothing secret
            self._use(_depth_first(self.graph, rng if seed else None))
            self._sweeps(effort.sweeps, median=bool(seed & 1))
            self._sift(effort.rounds, rng)
            if not self.fewest:
                return self.best
        for kick in range(effort.kicks):
            rng = random.Random(1000 + kick)  # noqa: S311 - the same
            self._use(self.best)
            self._shake(rng)
            self._sift(effort.rounds // 2, rng)
            if not self.fewest:
                break
        return self.best

    def _use(self, layers: Layers) -> None:
        self.layers = [list(layer) for layer in layers]
        for layer in self.layers:
            for i, vertex in enumerate(layer):
                self.place[vertex] = i

    def _note(self, count: int) -> bool:
        if 0 <= self.fewest <= count:
            return False
        self.fewest = count
        self.best = [list(layer) for layer in self.layers]
        return True

    def _sweeps(self, sweeps: int, *, median: bool) -> None:
        """Sweep down and up; leaves the best order of these sweeps as the current one."""
        fewest = crossings(self.layers, self.graph.down, self.place)
        kept = [list(layer) for layer in self.layers]
        idle = 0
        for sweep in range(sweeps):
            self._sweep(down=not sweep & 1, median=median and sweep & 2 == 0)
            count = crossings(self.layers, self.graph.down, self.place)
            if count < fewest:
                fewest, idle = count, 0
                kept = [list(layer) for layer in self.layers]
            else:
                idle += 1
                if idle > 5:
                    break
        self._use(kept)
        self._note(fewest)

    def _sweep(self, *, down: bool, median: bool) -> None:
        place, layers = self.place, self.layers
        neighbours = self.graph.up if down else self.graph.down
        for at in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            layer = layers[at]
            keys: dict[int, float] = {}
            for vertex in layer:
                ends = neighbours[vertex]
                if len(ends) == 1:
                    keys[vertex] = place[ends[0]]
                elif ends and median:
                    places = sorted([place[end] for end in ends])
                    middle = len(places) >> 1
                    keys[vertex] = (places[middle] + places[~middle]) / 2
                elif ends:
                    keys[vertex] = sum([place[end] for end in ends]) / len(ends)
            if len(keys) < len(layer):  # those without neighbours keep their places
                movable = iter(sorted(keys, key=keys.__getitem__))
                layers[at] = layer = [next(movable) if vertex in keys else vertex for vertex in layer]
            else:
                layer.sort(key=keys.__getitem__)
            for i, vertex in enumerate(layer):
                place[vertex] = i

    def _sift(self, rounds: int, rng: random.Random) -> None:
        """Sift all layers, down and up by turns, until two rounds gain nothing."""
        if not rounds:
            return
        count = crossings(self.layers, self.graph.down, self.place)
        idle = 0
        for turn in range(rounds):
            gain = 0
            order = range(len(self.layers))
            for at in reversed(order) if turn & 1 else order:
                gain += sift(self.graph, self.layers, at, self.place, rng)
            count -= gain
            idle = 0 if gain else idle + 1
            if idle > 3 or not count:
                break
        self._note(count)

    def _shake(self, rng: random.Random) -> None:
        """Shuffle a stretch of a few neighbouring layers."""
        first = int(rng.random() * len(self.layers))
        for layer in self.layers[first : first + 3]:
            size = min(len(layer), 3 + int(rng.random() * 6))
            start = int(rng.random() * (len(layer) - size + 1))
            stretch = layer[start : start + size]
            stretch.sort(key=lambda _: rng.random())
            layer[start : start + size] = stretch
            for i, vertex in enumerate(layer):
                self.place[vertex] = i


def _depth_first(graph: Proper, rng: random.Random | None) -> Layers:
    """The order of a depth-first walk from the sources, children in input order or shuffled."""
    seen = [False] * len(graph.rank)
    layers: Layers = [[] for _ in graph.layers]
    roots = [vertex for vertex, sources in enumerate(graph.before) if not sources]
    if rng:
        roots.sort(key=lambda _: rng.random())
    for root in roots:
        stack = [root]
        while stack:
            vertex = stack.pop()
            if seen[vertex]:
                continue
            seen[vertex] = True
            layers[graph.rank[vertex]].append(vertex)
            children = graph.after[vertex][::-1]
            if rng:
                children.sort(key=lambda _: rng.random())
            stack += children
    return layers
