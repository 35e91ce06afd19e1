"""The small map, and the search: what is where in a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dag_making import pen
from tests.unit.scene_making import graphs
from wftui.dag.board import arrange
from wftui.dag.drawing import Drawing, lay_out
from wftui.dag.listing import Listing
from wftui.dag.minimap import Minimap, Window
from wftui.dag.picture import Folds, View
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.dag.search import find, reading_order
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from wftui.dag.drawn import Drawn


def drawn_as(graph: Graph, view: View, ascii_only: bool = False, grouped: bool = False) -> Drawn:
    if view is View.LAYERS:
        return Scene(arrange(graph, pen(ascii_only), Plan(grouped=grouped, quick=True)), graph, pen(ascii_only))
    return Listing(Drawing(lay_out(graph, pen(ascii_only), 80, view), graph, pen(ascii_only), 80))


VIEWS = st.sampled_from([View.LAYERS, View.LANES, View.TREE])


def text_of(found: Minimap, window: Window | None = None) -> list[str]:
    return ["".join(segment.text for segment in line.segments) for line in found.lines(window)]


def numbered(n: int, status: Status) -> Graph:
    return Graph(tuple(GraphNode(f"n{i:02}", f"n{i:02}", status) for i in range(n)), ())


@settings(max_examples=100, deadline=None)
@given(graphs(), VIEWS, st.booleans(), st.integers(1, 9), st.integers(1, 4), st.data())
def test_every_item_is_on_the_map_in_its_loudest_status(
    graph: Graph, view: View, ascii_only: bool, width: int, height: int, data: st.DataObject
) -> None:
    drawn = drawn_as(graph, view, ascii_only)
    found = Minimap(drawn, graph.nodes, pen(ascii_only), width, height)
    assert found.width <= width
    assert found.height <= height
    before = text_of(found)
    statuses = st.sampled_from(list(Status))
    later = [replace(node, status=data.draw(statuses)) for node in graph.nodes]
    told = found.update(later)
    assert told >= (text_of(found) != before)
    fresh = Minimap(drawn, later, pen(ascii_only), width, height)
    assert list(fresh.lines()) == list(found.lines())
    for node in later:
        area = drawn.area_of(node.id)
        assert area is not None
        x, y = found.cell(area.x, area.y)
        segment = found.lines()[y].segments[x]
        assert segment.text != " "
        if node.status is Status.FAILED:
            assert (segment.text, segment.style) == (pen(ascii_only).marks[Status.FAILED], "failed")
    for line in found.lines(Window(0, 0, 7, 2)):
        assert len(line.segments) == found.width
        assert all(len(segment.text) == 1 for segment in line.segments)


@settings(max_examples=100, deadline=None)
@given(graphs(), VIEWS, st.integers(1, 9), st.integers(1, 4))
def test_a_cell_of_the_map_leads_to_what_it_shows(graph: Graph, view: View, width: int, height: int) -> None:
    drawn = drawn_as(graph, view)
    found = Minimap(drawn, graph.nodes, pen(), width, height)
    for y in range(found.height):
        for x in range(found.width):
            at = found.place(x, y)
            assert found.cell(*at) == (x, y)
            assert 0 <= at[0] < drawn.width
            assert 0 <= at[1] < drawn.height


def test_density_failures_and_what_is_on_screen() -> None:
    graph = numbered(40, Status.SUCCESSFUL)
    nodes = (*graph.nodes[:9], replace(graph.nodes[9], status=Status.FAILED), *graph.nodes[10:])
    drawn = drawn_as(graph, View.LAYERS)
    found = Minimap(drawn, nodes, pen(), 4, 5)
    assert (drawn.width, drawn.height) == (5, 40)
    assert text_of(found) == ["⣿⣿⡇", "✘✘✘", "⣿⣿⡇", "⣿⣿⡇", "⣿⣿⡇"]
    assert text_of(found, Window(0, 0, 5, 40)) == text_of(found)
    assert found.update([replace(nodes[9], status=Status.SUCCESSFUL)])
    assert not found.update([nodes[3]])
    assert text_of(found)[1] == "⣿⣿⡇"
    ascii_map = Minimap(drawn, nodes, pen(ascii_only=True), 4, 5)
    assert text_of(ascii_map)[:2] == ["##:", "XXX"]


def test_the_frame_of_what_is_on_screen() -> None:
    drawn = drawn_as(numbered(40, Status.SUCCESSFUL), View.LAYERS)
    found = Minimap(drawn, (), pen(), 4, 5)
    assert text_of(found, Window(0, 8, 6, 24)) == ["⣿⣿⡇", "┌─┐", "│⣿│", "└─┘", "⣿⣿⡇"]
    assert text_of(found, Window(0, 8, 6, 3))[1] == "[─]"
    assert text_of(found, Window(0, 8, 1, 3))[1] == "□⣿⡇"
    assert text_of(found, Window(900, 8, 1, 3)) == text_of(found)


def test_a_search_follows_the_picture_and_finds_what_is_hidden() -> None:
    nodes = (
        GraphNode("z", "Load", Status.SUCCESSFUL), GraphNode("a", "extract", Status.SUCCESSFUL),
        GraphNode("in", "preload", Status.FAILED, parent="a"), GraphNode("LOADER", "x", Status.PENDING),
    )  # fmt: skip
    graph = Graph(nodes, (("a", "z"),))
    board = arrange(graph, pen(), Plan(Folds(closed=frozenset({"a"}))))
    order = reading_order(Scene(board, graph, pen()))
    assert sorted(order) == sorted(node.id for node in nodes)
    assert order.index("in") == order.index("a") + 1
    assert find(graph, "load", order) == tuple(node for node in order if node != "a")
    assert find(graph, "Load", order) == ("z",)
    assert find(graph, "load") == ("z", "in", "LOADER")
    assert find(graph, "LOADER ") == ("LOADER",)
    assert find(graph, "  ") == find(graph, "nowhere") == ()


@settings(max_examples=60, deadline=None)
@given(graphs(), VIEWS, st.booleans())
def test_every_node_is_read_once(graph: Graph, view: View, grouped: bool) -> None:
    assert sorted(reading_order(drawn_as(graph, view, grouped=grouped))) == sorted(node.id for node in graph.nodes)
