"""Rows are tidied up where lines would climb above their goal to come down again; nothing else changes for it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import families
from tests.unit.test_dag_layers import PENS, drawn, graphs
from wftui.dag.board import arrange
from wftui.dag.ordering import Ordering, first_effort
from wftui.dag.plan import Plan
from wftui.dag.proper import make_proper
from wftui.dag.straighten import straighten
from wftui.dag.tidying import tidy

if TYPE_CHECKING:
    from wftui.model.graph import Graph

DIAMOND = families.named(
    "start>eo start>ep start>ef start>ec eo>so ep>sp ef>sf ec>sc so>fct sp>fct sf>fct sc>fct sc>sales sc>mkt"
    " fct>sales fct>mkt sales>publish mkt>publish"
)


@pytest.mark.parametrize(
    "graph", [DIAMOND, families.named(families.ML), families.named(families.ETL)], ids=["diamond", "ml", "etl"]
)
def test_no_line_climbs_to_come_down_again(graph: Graph) -> None:
    layout = arrange(graph, PENS[0], Plan(grouped=False)).layout
    columns = {name: at for at, layer in enumerate(layout.layers) for name in layer}
    left = [layout.boxes[layer[0]].x for layer in layout.layers]
    for wire in layout.wires:
        for at in range(columns[wire.source], columns[wire.target]):
            rows = [y for x, y in wire.points if left[at] <= x < left[at + 1]]
            ways = [b - a for a, b in pairwise(rows) if a != b]
            assert all(way > 0 for way in ways) or all(way < 0 for way in ways), (wire, drawn_text(graph))


def drawn_text(graph: Graph) -> str:
    return "\n".join(drawn(arrange(graph, PENS[0], Plan(grouped=False)), graph, PENS[0]))


@settings(max_examples=60, deadline=None)
@given(graphs(most=20), st.integers(0, 200))
def test_orders_and_heights_stay(graph: Graph, most: int) -> None:
    at = {node.id: i for i, node in enumerate(graph.nodes)}
    ranks = [0] * len(at)
    for _ in at:
        for tail, head in graph.edges:
            ranks[at[head]] = max(ranks[at[head]], ranks[at[tail]] + 1)
    used = {rank: i for i, rank in enumerate(sorted(set(ranks)))}
    proper = make_proper([used[rank] for rank in ranks], [(at[a], at[b]) for a, b in graph.edges], 10_000)
    layers = Ordering(proper).run(first_effort(len(proper.rank)))
    rows = straighten(proper, layers, turns=4)
    tidier = tidy(proper, layers, rows, corners=True, most=most)
    assert tidier == tidy(proper, layers, rows, corners=True, most=most)
    assert set(tidier) == set(range(max(tidier) + 1))
    assert max(tidier) <= max(rows)
    for layer in layers:
        assert all(tidier[a] < tidier[b] for a, b in pairwise(layer))
