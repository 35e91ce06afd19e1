"""Lanes and trees offer what every view does: windows, areas that changed, ways."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from tests.unit.dag_making import drawn_by, pen
from tests.unit.scene_making import DURATIONS, TIMES, cells, columns, covered, differing, graphs
from wftui.dag.drawing import Drawing, lay_out
from wftui.dag.drawn import Area, Way
from wftui.dag.listing import Listing
from wftui.dag.picture import Folds, View
from wftui.model.status import Status

if TYPE_CHECKING:
    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph


@st.composite
def listings(draw: st.DrawFn) -> tuple[Graph, Drawn]:
    graph = draw(graphs())
    closed = frozenset(draw(st.lists(st.sampled_from([node.id for node in graph.nodes]), max_size=2)))
    made, width = pen(draw(st.booleans())), draw(st.integers(20, 90))
    layout = lay_out(graph, made, width, draw(st.sampled_from(View)), Folds(closed=closed))
    return graph, Listing(Drawing(layout, graph, made, width))


@settings(max_examples=100, deadline=None)
@given(listings(), st.data())
def test_any_window_shows_the_same_columns_as_the_whole(case: tuple[Graph, Drawn], data: st.DataObject) -> None:
    _, drawn = case
    x0 = data.draw(st.integers(0, drawn.width - 1))
    x1 = data.draw(st.integers(x0 + 1, drawn.width + 3))
    for y, whole in enumerate(cells(drawn)):
        wanted = whole[x0 : min(x1, drawn.width)]
        seen = columns(drawn.line(y, x0, x1), len(wanted))
        assert len(seen) == len(wanted)
        if wanted[0][0] == "":
            wanted[0] = (" ", "")
        if wcswidth(wanted[-1][0]) == 2:
            wanted[-1] = (" ", "")
        assert [text[:1] for text, _ in seen] == [text[:1] for text, _ in wanted]


@settings(max_examples=100, deadline=None)
@given(listings(), st.data())
def test_only_the_areas_told_look_different(case: tuple[Graph, Drawn], data: st.DataObject) -> None:
    graph, drawn = case
    before = cells(drawn)
    statuses, times = st.sampled_from(list(Status)), st.sampled_from(TIMES)
    later = [
        replace(node, status=data.draw(statuses), time=data.draw(times), duration=data.draw(DURATIONS))
        for node in data.draw(st.lists(st.sampled_from(graph.nodes), unique_by=lambda node: node.id))
    ]
    areas = drawn.update(later)
    assert differing(before, cells(drawn)) <= covered(areas)
    assert drawn.light(graph.nodes[0].id) == drawn.stress(graph.edges) == []
    assert drawn.update(later) == []


@settings(max_examples=100, deadline=None)
@given(listings())
def test_places_and_ways_agree(case: tuple[Graph, Drawn]) -> None:
    graph, drawn = case
    order = list(drawn.order())
    assert len(set(order)) == len(order)
    for node in graph.nodes:
        item, area = drawn.item_of(node.id), drawn.area_of(node.id)
        assert item is not None
        assert area == Area(0, area.y if area else -1, drawn.width)
        assert drawn.item_at(area.x, area.y) is item
        assert drawn.nearest(5, area.y) == item.id
    for at, name in enumerate(order):
        assert drawn.move(name, Way.DOWN) == order[min(at + 1, len(order) - 1)]
        assert drawn.move(name, Way.UP) == order[max(at - 1, 0)]
        assert {drawn.move(name, Way.RIGHT), drawn.move(name, Way.LEFT)} <= set(order)
        around = [name]
        while (following := drawn.sibling(around[-1], 1)) != name:
            assert drawn.sibling(following, -1) == around[-1]
            around.append(following)
            assert len(around) <= len(order)
    assert drawn.item_at(-1, 0) is drawn.item_at(0, drawn.height) is drawn.item_of("nobody") is None


def test_right_and_left_go_along_edges() -> None:
    graph = drawn_by("a>b>d a>c>d")
    drawn = Listing(Drawing(lay_out(graph, pen(), 60, View.LANES), graph, pen(), 60))
    assert drawn.view is View.LANES
    assert drawn.move("b", Way.RIGHT) == drawn.move("c", Way.RIGHT) == "d"
    assert drawn.move("b", Way.LEFT) == "a"
    assert drawn.move("d", Way.RIGHT) == "d"
    assert drawn.sibling("b", 1) == drawn.sibling("b", -1) == "c"
