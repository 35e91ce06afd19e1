"""Orders within layers: tiny layers take the best of all, neighbours change places only where it pays."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import families
from wftui.dag.crossings import crossings
from wftui.dag.ordering import Effort, Ordering
from wftui.dag.proper import Proper, make_proper
from wftui.dag.switching import settle, switch


@st.composite
def layered(draw: st.DrawFn, most: int = 6) -> Proper:
    """Three layers, edges between neighbouring ones."""
    sizes = [draw(st.integers(1, most)) for _ in range(3)]
    ranks = [rank for rank, size in enumerate(sizes) for _ in range(size)]
    pairs = [(a, b) for a in range(len(ranks)) for b in range(a, len(ranks)) if ranks[b] == ranks[a] + 1]
    return make_proper(ranks, draw(st.lists(st.sampled_from(pairs), unique=True, max_size=24)), 1000)


def counted(graph: Proper, layers: list[list[int]]) -> int:
    place = [0] * len(graph.rank)
    for layer in layers:
        for i, vertex in enumerate(layer):
            place[vertex] = i
    return crossings(layers, graph.down, place)


@settings(max_examples=60, deadline=None)
@given(layered())
def test_a_tiny_layer_takes_the_best_of_all_orders(graph: Proper) -> None:
    layers = [list(layer) for layer in graph.layers]
    place = [graph.layers[graph.rank[v]].index(v) for v in range(len(graph.rank))]
    before = counted(graph, layers)
    gain = settle(graph, layers, 1, place)
    first, middle, last = layers
    assert counted(graph, layers) == before - gain
    assert counted(graph, layers) == min(counted(graph, [first, list(o), last]) for o in permutations(middle))
    assert [place[vertex] for vertex in middle] == list(range(len(middle)))
    assert settle(graph, layers, 1, place) == 0


@settings(max_examples=100, deadline=None)
@given(layered(most=12))
def test_neighbours_change_places_where_that_gains_what_is_told(graph: Proper) -> None:
    layers = [list(layer) for layer in graph.layers]
    place = [graph.layers[graph.rank[v]].index(v) for v in range(len(graph.rank))]
    before = counted(graph, layers)
    gain = switch(graph, layers, 1, place)
    assert gain >= 0
    assert counted(graph, layers) == before - gain
    assert [place[vertex] for vertex in layers[1]] == list(range(len(layers[1])))


def test_shaking_never_loses_what_was_found() -> None:
    n, edges = families.etl(100, 2)
    ranks = [0] * n
    for tail, head in edges:
        ranks[head] = max(ranks[head], ranks[tail] + 1)
    graph = make_proper(ranks, edges, 10_000)
    counts = []
    for kicks in (0, 10, 40):
        ordering = Ordering(graph)
        layers = ordering.run(Effort(1, 6, 2, kicks))
        counts.append(ordering.fewest)
        assert counted(graph, layers) == ordering.fewest
        assert [sorted(layer) for layer in layers] == graph.layers
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0]
