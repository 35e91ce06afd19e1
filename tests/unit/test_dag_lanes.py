"""Lanes, as `git log --graph` has them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dag_making import graph, lanes_of, pen
from tests.unit.dag_reading import Read, read
from wftui.dag.cells import width_of
from wftui.dag.drawing import draw, lay_out
from wftui.dag.graphs import clean
from wftui.dag.picture import Folds, View

if TYPE_CHECKING:
    from wftui.dag.graphs import Dag
    from wftui.model.graph import Graph

FLAT = Folds(chains=False)
BOTH = pytest.mark.parametrize("ascii_only", [False, True])
LABELS = ("plain", "", "a much longer label than fits", "日本語のラベル", "e\u0301" * 30, "👩‍👩‍👧 family", "x" * 10_000)


@st.composite
def graphs(draw_: st.DrawFn, most: int = 14) -> Graph:
    """Any graph: edges in both directions, cycles, doubles, missing ends, continuations in continuations."""
    count = draw_(st.integers(1, most))
    ids = [f"n{at}" for at in range(count)]
    ends = st.sampled_from([*ids, *ids, *ids, "gone"])
    edges = draw_(st.lists(st.tuples(ends, ends), max_size=3 * most))
    parents = draw_(st.lists(st.sampled_from([None, None, None, *ids]), min_size=count, max_size=count))
    labels = draw_(st.lists(st.sampled_from(LABELS), min_size=count, max_size=count))
    return graph(ids, edges, dict(zip(ids, parents, strict=True)), labels=dict(zip(ids, labels, strict=True)))


@st.composite
def layered(draw_: st.DrawFn) -> Graph:
    """Graphs as workflows have them: layers, most edges from one to the next, shared targets."""
    sizes = draw_(st.lists(st.integers(1, 5), min_size=2, max_size=6))
    layers = [[f"l{at}n{of}" for of in range(size)] for at, size in enumerate(sizes)]
    edges: list[tuple[str, str]] = []
    for above, below in pairwise(layers):
        if draw_(st.booleans()):
            edges += [(a, b) for a in above for b in below]
        else:
            pairs = st.tuples(st.sampled_from(above), st.sampled_from(below))
            edges += draw_(st.lists(pairs, min_size=1, max_size=8))
    return graph([node for layer in layers for node in layer], edges)


def expected(dag: Dag) -> Read:
    ids = [item.id for item in dag.items]
    return Read(
        frozenset((ids[a], ids[b]) for a, after in enumerate(dag.after) for b in after),
        frozenset((ids[a], ids[b]) for a, entries in enumerate(dag.returned) for b in entries),
    )


@BOTH
@given(drawn=st.one_of(graphs(), layered()))
@settings(max_examples=100, deadline=None)
def test_what_is_drawn_reads_back_as_the_edges(drawn: Graph, ascii_only: bool) -> None:
    layout = lay_out(drawn, pen(ascii_only), 200, View.LANES, FLAT)
    if layout.view is View.LANES:
        assert read(lanes_of(layout, ascii_only), ascii_only=ascii_only) == expected(clean(drawn, ascii))


@BOTH
@given(drawn=st.one_of(graphs(), layered()))
@settings(max_examples=100, deadline=None)
def test_a_tree_reads_back_as_the_edges_with_what_stands_beside(drawn: Graph, ascii_only: bool) -> None:
    layout = lay_out(drawn, pen(ascii_only), 200, View.TREE, FLAT)
    got, want = read(lanes_of(layout, ascii_only), ascii_only=ascii_only), expected(layout.dag)
    ids = [item.id for item in layout.dag.items]
    beside = {(ids[other], ids[at]) for at, others in enumerate(layout.also) for other in others}
    assert not beside & got.edges
    assert Read(got.edges | beside, got.returned) == want


@given(
    drawn=graphs(),
    width=st.integers(1, 130),
    ascii_only=st.booleans(),
    view=st.sampled_from(View),
    chains=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_no_line_is_wider_than_asked_for(drawn: Graph, width: int, ascii_only: bool, view: View, chains: bool) -> None:
    picture = draw(drawn, pen(ascii_only), width, view, Folds(chains))
    assert all(width_of(line.text) <= width for line in picture.lines)
    if ascii_only:
        lanes = (
            "".join(part.text for part in line.segments if part.style in ("edge", "return")) for line in picture.lines
        )
        assert all(text.isascii() for text in lanes)


@given(drawn=graphs(), closed=st.frozensets(st.integers(0, 13)), view=st.sampled_from([View.LANES, View.TREE]))
@settings(max_examples=100, deadline=None)
def test_every_node_is_somewhere_however_much_is_folded(drawn: Graph, closed: frozenset[int], view: View) -> None:
    folds = Folds(closed=frozenset(f"n{at}" for at in closed))
    picture = draw(drawn, pen(), 100, view, folds)
    assert {node.id for node in drawn.nodes} <= set(picture.rows)
    drawn_once = [line.node for line in picture.lines if line.node is not None]
    assert len(drawn_once) == len(set(drawn_once))
    layout = lay_out(drawn, pen(), 200, view, folds)
    if layout.view is View.LANES:
        assert read(lanes_of(layout)) == expected(layout.dag)


@given(drawn=graphs())
@settings(max_examples=100, deadline=None)
def test_what_comes_after_stands_below(drawn: Graph) -> None:
    layout = lay_out(drawn, pen(), 200, View.LANES, FLAT)
    if layout.view is View.LANES:
        got = expected(layout.dag)
        for upstream, downstream in got.edges | got.returned:
            assert layout.row_of[upstream] < layout.row_of[downstream]
