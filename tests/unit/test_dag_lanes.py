from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dag_making import graph, lanes_of, pen
from tests.unit.dag_reading import Read, read
from wftui.dag.drawing import lay_out
from wftui.dag.graphs import clean
from wftui.dag.picture import Folds, View

if TYPE_CHECKING:
    from wftui.model.graph import Graph

FLAT = Folds(chains=False)


@st.composite
def graphs(draw_: st.DrawFn, most: int = 14, *, nested: bool = True) -> Graph:
    """Any graph: edges in both directions, cycles, doubles, missing ends, continuations in continuations."""
    count = draw_(st.integers(0, most))
    ids = [f"n{at}" for at in range(count)]
    ends = st.sampled_from([*ids, *ids, *ids, "gone"]) if ids else st.just("gone")
    edges = draw_(st.lists(st.tuples(ends, ends), max_size=3 * most if ids else 0))
    parents = draw_(st.lists(st.sampled_from([None, None, None, *ids]), min_size=count, max_size=count))
    return graph(ids, edges, dict(zip(ids, parents, strict=True)) if nested else {})


@pytest.mark.parametrize("ascii_only", [False, True])
@given(drawn=graphs())
@settings(max_examples=300, deadline=None)
def test_what_is_drawn_reads_back_as_the_edges(drawn: Graph, ascii_only: bool) -> None:
    layout = lay_out(drawn, pen(ascii_only), 200, View.LANES, FLAT)
    if layout.view is not View.LANES:
        return
    dag = clean(drawn, repr)
    ids = [item.id for item in dag.items]
    expected = Read(
        frozenset((ids[a], ids[b]) for a, after in enumerate(dag.after) for b in after),
        frozenset((ids[a], ids[b]) for a, entries in enumerate(dag.returned) for b in entries),
    )
    assert read(lanes_of(layout, ascii_only), ascii_only=ascii_only) == expected


@pytest.mark.parametrize("ascii_only", [False, True])
@given(drawn=graphs())
@settings(max_examples=150, deadline=None)
def test_a_tree_reads_back_as_the_edges_with_what_stands_beside(drawn: Graph, ascii_only: bool) -> None:
    layout = lay_out(drawn, pen(ascii_only), 200, View.TREE, FLAT)
    dag = clean(drawn, repr)
    ids = [item.id for item in dag.items]
    got = read(lanes_of(layout, ascii_only), ascii_only=ascii_only)
    beside = {(ids[other], ids[at]) for at, others in enumerate(layout.also) for other in others}
    assert not beside & got.edges
    assert beside | got.edges == {(ids[a], ids[b]) for a, after in enumerate(dag.after) for b in after}
    assert got.returned == {(ids[a], ids[b]) for a, entries in enumerate(dag.returned) for b in entries}
