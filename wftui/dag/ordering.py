"""The order of the vertices in every layer, so that few lines cross.

Barycenter and median sweeps give a start, sifting the rest: each vertex in turn is moved to the place in its layer
where it costs least; tiny layers take the best of all orders. Where sifting is too dear neighbours change places.
Then small graphs are shaken in a few layers at a time, and what was not worse for it is kept. Budgets count
iterations, never time, and chance comes from fixed seeds, so that a graph gives the same picture on any machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.crossings import between, crossings
from wftui.dag.sifting import sift
from wftui.dag.switching import TINY, settle, switch

if TYPE_CHECKING:
    from wftui.dag.proper import Proper

Layers = list[list[int]]

# Additions that all sifting rounds together may take.
_MOST_WORK = 40_000_000
# A kick shakes so many layers, and sifts so many more on both sides of them, so many times at most.
_SHAKEN, _AROUND, _KICKED = 3, 1, 4
# Rounds in which neighbours change places, and in which tiny layers are put in their best order.
_SWITCHES, _SETTLES = 4, 8


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work to spend.

    Attributes:
        starts: From how many different orders to begin.
        sweeps: Barycenter or median sweeps from each.
        rounds: Sifting rounds over all layers from each, at most.
        kicks: How often to shake the best one and sift again.
        switches: Rounds in which neighbours change places, at most: where sifting is too dear.
    """

    starts: int
    sweeps: int
    rounds: int
    kicks: int
    switches: int = 0


def first_effort(vertices: int) -> Effort:
    """What gives a usable picture at once."""
    return Effort(1, 6, 1, 0) if vertices < 3000 else Effort(1, 6, 0, 0, _SWITCHES)


def full_effort(vertices: int) -> Effort:
    """What gives the final one; the more vertices, the less for each."""
    if vertices <= 80:
        return Effort(4, 12, 8, 60)
    if vertices <= 200:
        return Effort(3, 12, 6, 90)
    if vertices <= 600:
        return Effort(2, 16, 6, 100)
    if vertices <= 2000:
        return Effort(1, 16, 20, 0)
    if vertices <= 6000:
        return Effort(1, 16, 12, 0)
    return Effort(1, 8, 4, 0) if vertices <= 20000 else Effort(1, 8, 1, 0, _SWITCHES)


def affordable(graph: Proper, effort: Effort) -> Effort:
    """The effort, or less where layers are so dense that it would take too many additions."""
    work = 1
    for layer in graph.layers:
        work += len(layer) * sum([len(graph.up[vertex]) + len(graph.down[vertex]) for vertex in layer])
    rounds = effort.starts * effort.rounds + effort.kicks * (effort.rounds // 2)
    if work * rounds <= _MOST_WORK:
        return effort
    return Effort(1, min(effort.sweeps, 8), min(effort.rounds, max(1, _MOST_WORK // work)), 0, _SWITCHES)


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
            self._finish(effort.switches)
            if not self.fewest:
                return self.best
        self._use(self.best)
        for kick in range(effort.kicks):
            if not self.fewest:
                break
            self._kick(random.Random(1000 + kick), _KICKED)  # noqa: S311 - the same
        if effort.kicks:
            self._finish(0)
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
        for sweep in range(sweeps if fewest else 0):
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
        if not rounds or not self.fewest:
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

    def _finish(self, switches: int) -> None:
        """Put tiny layers in their best order until none changes, and let neighbours in the others change places."""
        count = crossings(self.layers, self.graph.down, self.place)
        for turn in range(max(switches, _SETTLES)):
            gain = 0
            for at, layer in enumerate(self.layers):
                if len(layer) <= TINY:
                    gain += settle(self.graph, self.layers, at, self.place)
                elif turn < switches:
                    gain += switch(self.graph, self.layers, at, self.place)
            count -= gain
            if not gain:
                break
        self._note(count)

    def _kick(self, rng: random.Random, rounds: int) -> None:
        """Shuffle a stretch of a few neighbouring layers; sift these and those around; undone where that is worse."""
        size = len(self.layers)
        first = int(rng.random() * size)
        low, high = max(0, first - _AROUND), min(size, first + _SHAKEN + _AROUND)
        window = range(low, high)
        kept = self.layers[low:high]
        before = self._within(low, high)
        for at in range(first, min(first + _SHAKEN, size)):
            layer = self.layers[at][:]
            many = min(len(layer), 3 + int(rng.random() * 6))
            start = int(rng.random() * (len(layer) - many + 1))
            stretch = layer[start : start + many]
            stretch.sort(key=lambda _: rng.random())
            layer[start : start + many] = stretch
            self._put(at, layer)
        worse = self._within(low, high) - before
        for turn in range(rounds):
            gain = 0
            for at in reversed(window) if turn & 1 else window:
                gain += sift(self.graph, self.layers, at, self.place, rng)
            worse -= gain
            if not gain and turn > 1:
                break
        if worse > 0:
            for at, layer in zip(window, kept, strict=True):
                self._put(at, layer)
        elif worse < 0:
            self._note(self.fewest + worse)

    def _within(self, low: int, high: int) -> int:
        """The crossings that the layers from `low` up to `high` have among them and with those beside them."""
        layers = self.layers[max(0, low - 1) : min(high, len(self.layers) - 1)]
        return sum([between(layer, self.graph.down, self.place) for layer in layers])

    def _put(self, at: int, layer: list[int]) -> None:
        self.layers[at] = layer
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
