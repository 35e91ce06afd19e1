"""Appending: nothing that was there moves, and what is drawn then can be read back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import families, replays
from tests.unit import flood
from tests.unit.test_dag_layers import PENS, assert_sound, drawn, graphs
from wftui.dag.append import grow
from wftui.dag.board import Board, arrange
from wftui.dag.graphs import Kind, places
from wftui.dag.picture import Folds
from wftui.dag.plan import Focus, Plan
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.picture import Pen

LIVE = Plan(grouped=False, at_rest=False, quick=True)


def named(nodes: Sequence[str], edges: str, parents: dict[str, str] | None = None) -> Graph:
    """A graph of these nodes and edges written as "a>b b>c"."""
    pairs = [(a, b) for a, _, b in (word.partition(">") for word in edges.split())]
    up = parents or {}
    return Graph(tuple(GraphNode(one, one, Status.PENDING, parent=up.get(one)) for one in nodes), tuple(pairs))


def moved(before: Board, after: Board) -> dict[str, tuple[int, int]]:
    """The boxes that moved, each with how far."""
    boxes = after.layout.boxes
    assert all(boxes[name].w == box.w for name, box in before.layout.boxes.items())
    ways = {name: (boxes[name].x - box.x, boxes[name].y - box.y) for name, box in before.layout.boxes.items()}
    return {name: way for name, way in ways.items() if way != (0, 0)}


def assert_pushed(before: Board, after: Board) -> bool:
    """What moved, moved to the right together with all that is right of it; tells whether anything did."""
    ways = moved(before, after)
    far = sorted((box.x, *ways.get(name, (0, 0))) for name, box in before.layout.boxes.items())
    assert all(dy == 0 for _, _, dy in far)
    assert [dx for _, dx, _ in far] == sorted(dx for _, dx, _ in far)
    assert len({(x, dx) for x, dx, _ in far}) == len({x for x, _, _ in far}), "layers stay together"
    return bool(ways)


def assert_read_back(board: Board, graph: Graph, pen: Pen) -> None:
    """The drawn cells tell exactly the edges, also those that were returned."""
    ids = [item.id for item in board.dag.items]
    edges = {(ids[at], ids[other]) for at in range(len(ids)) for other in board.dag.following(at)}
    assert flood.edges(drawn(board, graph, pen), board.layout.boxes) == edges
    assert_sound(board.layout)


@settings(max_examples=120, deadline=None)
@given(graphs(), st.data())
def test_what_is_appended_is_drawn_and_nothing_else_moves(graph: Graph, data: st.DataObject) -> None:
    pen = data.draw(st.sampled_from(PENS))
    board = arrange(graph, pen, LIVE)
    grown = graph
    for step in range(data.draw(st.integers(1, 3))):
        ids = [node.id for node in grown.nodes]
        nodes, edges = list(grown.nodes), list(grown.edges)
        for i in range(data.draw(st.integers(1, 5))):
            new = f"new{step}_{i}"
            sources = data.draw(st.lists(st.sampled_from(ids), unique=True, max_size=3))
            edges += [(source, new) for source in sources]
            nodes.append(GraphNode(new, data.draw(st.sampled_from(["a", "名前", "long_name"])), Status.PENDING))
            ids.append(new)
        grown = Graph(tuple(nodes), tuple(edges))
        after = grow(board, grown, pen)
        assert after is not None
        assert after == grow(board, grown, pen)
        assert_pushed(board, after)
        assert_read_back(after, grown, pen)
        board = after


@pytest.mark.parametrize("pen", PENS, ids=["unicode", "ascii"])
def test_ten_tasks_appended_to_a_pipeline_move_nothing(pen: Pen) -> None:
    graph = families.named(families.ETL)
    board = arrange(graph, pen, LIVE)
    ends = [node.id for node in graph.nodes if all(source != node.id for source, _ in graph.edges)]
    nodes = (*graph.nodes, *(GraphNode(f"new{i}", f"new{i}") for i in range(10)))
    edges = (*graph.edges, *((ends[i % len(ends)], f"new{i}") for i in range(10)))
    after = grow(board, Graph(nodes, edges), pen)
    assert after is not None
    assert not moved(board, after)


@pytest.mark.parametrize("many", [1, 4, 10])
@pytest.mark.parametrize(
    "graph",
    [
        families.diamond(), families.chain(20), families.fan(50), families.continuations(50), families.etl(100),
        families.numbered(families.ETL), families.numbered(families.ML),
    ],
    ids=["diamond", "chain", "map-reduce", "continuations", "etl", "pipeline", "ml"],
)  # fmt: skip
def test_what_follows_one_task_or_two_finds_room_behind_shared_lines(graph: families.Family, many: int) -> None:
    before = families.as_graph(graph)
    board = arrange(before, PENS[0], LIVE)
    for seed in range(3):
        rng = random.Random(seed)
        nodes, edges = list(before.nodes), list(before.edges)
        # Ten of fifty that share one line, each with another, are too many for the columns that are kept.
        for i in range(min(many, 4) if graph == families.fan(50) else many):
            nodes.append(GraphNode(f"new{i}", f"new{i}"))
            edges += [(str(at), f"new{i}") for at in sorted(rng.sample(range(graph[0]), rng.randint(1, 2)))]
        after = Graph(tuple(nodes), tuple(edges))
        grown = grow(board, after, PENS[0])
        assert grown is not None
        assert not moved(board, grown)
        assert_read_back(grown, after, PENS[0])


@pytest.mark.parametrize(
    ("graph", "most_shifts"),
    [
        (families.as_graph(families.fan(50)), 0),
        (replays.continued(50), 0),
        (families.as_graph(families.etl(100)), 9),
        (replays.random_dag(60, 3), 9),
        (replays.shuffled(families.named(families.ETL), 1), 3),
    ],
    ids=["map-reduce", "continuations", "etl", "random", "pipeline"],
)
@pytest.mark.parametrize("pen", PENS, ids=["unicode", "ascii"])
def test_a_workflow_replayed_task_by_task_never_needs_a_new_layout(graph: Graph, most_shifts: int, pen: Pen) -> None:
    board: Board | None = None
    shifts = 0
    for now in replays.in_order(graph):
        if board is None:
            board = arrange(now, pen, LIVE)
            continue
        grown = grow(board, now, pen)
        assert grown is not None
        shifts += assert_pushed(board, grown)
        board = grown
    assert board is not None
    assert len(board.dag.items) == len(graph.nodes)
    assert_read_back(board, graph, pen)
    assert shifts <= most_shifts


@settings(max_examples=40, deadline=None)
@given(graphs(most=20), st.booleans())
def test_any_graph_replayed_is_drawn_right(graph: Graph, grouped: bool) -> None:
    plan = Plan(grouped=grouped, at_rest=False, quick=True)
    board: Board | None = None
    for now in replays.in_order(replays.shuffled(graph, 1)):
        grown = grow(board, now, PENS[0]) if board is not None else None
        if grown is None:
            board = arrange(now, PENS[0], plan)
        else:
            assert board is not None
            assert_pushed(board, grown)
            board = grown
        assert set(places(board.dag)) == {node.id for node in now.nodes}
        assert_read_back(board, now, PENS[0])


def test_what_follows_a_box_wider_than_its_layer_has_a_line_to_be_seen() -> None:
    nodes = [GraphNode("a", "", Status.FAILED), GraphNode("b", "b")]
    nodes.append(GraphNode("wide", "long_name_of_a_task", Status.FAILED))
    graph = Graph(tuple(nodes[:2]), (("a", "b"),))
    board = arrange(graph, PENS[0], LIVE)
    for grown in (
        Graph(tuple(nodes), (("a", "b"),)),
        Graph((*nodes, GraphNode("next", "n")), (("a", "b"), ("wide", "next"))),
    ):
        after = grow(board, grown, PENS[0])
        assert after is not None
        assert_pushed(board, after)
        assert_read_back(after, grown, PENS[0])
        board = after


def test_what_a_continuation_returned_hangs_behind_it_and_its_own_edges_stay() -> None:
    before = named(["start", "train", "publish", "audit"], "start>train train>publish start>audit")
    board = arrange(before, PENS[0], LIVE)
    more = [*[node.id for node in before.nodes], "epoch_1", "epoch_2", "checkpoint"]
    inside = dict.fromkeys(more[4:], "train")
    after = named(more, "start>train train>publish start>audit epoch_1>epoch_2 epoch_1>checkpoint", inside)
    grown = grow(board, after, PENS[0])
    assert grown is not None
    assert not moved(board, grown)
    told = flood.edges(drawn(grown, after, PENS[0]), grown.layout.boxes)
    assert told == {*after.edges, ("train", "epoch_1")}
    assert grown.layout.boxes["epoch_1"].x == grown.layout.boxes["publish"].x


@pytest.mark.parametrize(
    ("nodes", "edges"),
    [
        ("a b c d e", "a>b b>c e>c"),  # a new edge into what was there
        ("a b c d", "a>b a>c"),  # other edges
        ("a b c d", "a>b b>c a>c"),  # one more between old nodes
        ("a b c", "a>b b>c"),  # a node went
        ("a b c x", "a>b b>c"),  # another node
        ("a b c d e", "a>b b>c d>e e>a"),  # a new way round to what was there
    ],
)
def test_anything_else_asks_for_a_new_layout(nodes: str, edges: str) -> None:
    board = arrange(named(["a", "b", "c", "d"], "a>b b>c"), PENS[0], LIVE)
    assert grow(board, named(nodes.split(), edges), PENS[0]) is None


def test_the_same_graph_keeps_its_board_and_an_empty_one_is_laid_out() -> None:
    graph = named(["a", "b", "c"], "a>b b>c")
    board = arrange(graph, PENS[0], LIVE)
    assert grow(board, graph, PENS[0]) == board
    assert grow(arrange(Graph((), ()), PENS[0], LIVE), graph, PENS[0]) is None


def mapped(count: int, *, merged: bool = True) -> Graph:
    """One task, many of a kind behind it, and one behind all of these."""
    many = [f"extract_{i}" for i in range(count)]
    edges = " ".join([f"plan>{one}" for one in many] + ([f"{one}>merge" for one in many] if merged else []))
    return named(["plan", *(["merge"] if merged else []), *many], edges)


@pytest.mark.parametrize("merged", [True, False])
def test_a_new_member_of_a_group_changes_its_count_only(merged: bool) -> None:
    board = arrange(mapped(200, merged=merged), PENS[0], Plan(at_rest=False))
    grown = grow(board, mapped(230, merged=merged), PENS[0])
    assert grown is not None
    assert grown.layout == board.layout
    (group,) = (item for item in grown.dag.items if item.kind is Kind.GROUP)
    assert len(group.members) == 230
    assert "extract ×230" in "\n".join(drawn(grown, mapped(230, merged=merged), PENS[0]))


def test_many_that_come_at_once_are_a_group() -> None:
    plan = Plan(grouped=True, at_rest=False)
    first = named(["plan", "audit"], "plan>audit")
    many = [f"load_{i}" for i in range(40)]
    later = named(["plan", "audit", *many], "plan>audit " + " ".join(f"plan>{one}" for one in many))
    board = arrange(first, PENS[0], plan)
    grown = grow(board, later, PENS[0])
    assert grown is not None
    assert not moved(board, grown)
    assert [item.kind for item in grown.dag.items] == [Kind.NODE, Kind.NODE, Kind.GROUP]


def test_what_is_returned_into_a_closed_task_is_hidden_there() -> None:
    plan = Plan(Folds(closed=frozenset({"train"})), grouped=False, at_rest=False)
    before = named(["start", "train", "e1"], "start>train", {"e1": "train"})
    after = named(["start", "train", "e1", "e2", "e3"], "start>train e1>e2", {"e1": "train", "e2": "train", "e3": "e2"})
    board = arrange(before, PENS[0], plan)
    grown = grow(board, after, PENS[0])
    assert grown is not None
    assert grown.layout == board.layout
    assert [set(item.hidden) for item in grown.dag.items] == [set(), {"e1", "e2", "e3"}]


def test_a_focus_takes_in_what_is_appended_within_it_only() -> None:
    plan = Plan(focus=Focus("b", hops=1), grouped=False, at_rest=False)
    board = arrange(named(["a", "b", "c", "d"], "a>b b>c c>d"), PENS[0], plan)
    after = named(["a", "b", "c", "d", "e", "f"], "a>b b>c c>d b>e d>f")
    grown = grow(board, after, PENS[0])
    assert grown is not None
    assert [item.id for item in grown.dag.items] == ["a", "b", "c", "e"]
    assert not moved(board, grown)


def test_a_long_line_follows_those_that_its_task_has_already() -> None:
    # "config" feeds the end of the chain already: what else it feeds there joins that line.
    before = named(["config", "a", "b", "c", "d", "e"], "a>b b>c c>d d>e config>a config>e")
    board = arrange(before, PENS[0], LIVE)
    after = named(["config", "a", "b", "c", "d", "e", "f"], "a>b b>c c>d d>e config>a config>e d>f config>f")
    grown = grow(board, after, PENS[0])
    assert grown is not None
    assert grown.layout.height <= board.layout.height + 1
    assert not moved(board, grown)
    assert_read_back(grown, after, PENS[0])


@pytest.mark.parametrize("pen", PENS, ids=["unicode", "ascii"])
def test_a_name_that_is_too_long_for_its_layer_is_cut_or_gets_room(pen: Pen) -> None:
    before = Graph(
        (GraphNode("a", "extract"), GraphNode("b", "transform"), GraphNode("c", "load")), (("a", "b"), ("b", "c"))
    )
    board = arrange(before, pen, LIVE)
    for label in ("transformation", "a_name_much_longer_than_any_other"):
        after = Graph((*before.nodes, GraphNode("d", label)), (*before.edges, ("a", "d")))
        grown = grow(board, after, pen)
        assert grown is not None
        assert grown.layout.boxes["d"].w * 2 >= len(label)
        assert bool(moved(board, grown)) is (len(label) > 2 * len("transform"))
        assert_read_back(grown, after, pen)
