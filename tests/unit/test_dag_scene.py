"""The layered view on a screen: any window of it, what changes in it, and the ways through it."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from tests.benchmarks import families
from tests.unit import flood
from tests.unit.dag_making import pen as pen_of
from wftui.dag.board import Board, arrange
from wftui.dag.boxes import box_text
from wftui.dag.cells import width_of
from wftui.dag.drawn import Area, Drawn, Way
from wftui.dag.graphs import Item, Kind, nodes_by_id
from wftui.dag.layout import MOST_CELLS, Box, Layout
from wftui.dag.picture import Folds
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.errors import TargetError
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wftui.dag.layout import Wire
    from wftui.dag.picture import Line

PENS = (pen_of(), pen_of(ascii_only=True))
LABELS = ("a", "-", "+|+", "名前", "e\u0301", "\u0301", "\u200b", "👩\u200d👩\u200d👧", "long_name_of_a_task", "│", "")
TIMES = ("", "42s", "340ms", "~1m03")
Cell = tuple[str, str]


@st.composite
def graphs(draw: st.DrawFn, most: int = 14) -> Graph:
    """Any DAG, with continuations; its names look like lines, or like each other."""
    n = draw(st.integers(1, most))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=2 * n)) if pairs else []
    nodes = []
    for i in range(n):
        parent = draw(st.one_of(st.none(), st.none(), st.integers(0, i - 1))) if i else None
        label = draw(st.one_of(st.sampled_from(LABELS), st.just(f"step_{i}")))
        status = draw(st.sampled_from(list(Status)))
        name = None if parent is None else str(parent)
        nodes.append(GraphNode(str(i), label, status, draw(st.sampled_from(TIMES)), name, draw(DURATIONS)))
    return Graph(tuple(nodes), tuple((str(i), str(j)) for i, j in chosen))


DURATIONS = st.one_of(st.none(), st.floats(0, 1e6))


@st.composite
def boards(draw: st.DrawFn) -> tuple[Board, Graph, Scene]:
    """A graph, arranged and drawn in any way."""
    graph = draw(graphs())
    closed = frozenset(draw(st.lists(st.sampled_from([node.id for node in graph.nodes]), max_size=3)))
    plan = Plan(Folds(closed=closed), draw(st.booleans()), None, draw(st.booleans()), draw(st.booleans()))
    pen = draw(st.sampled_from(PENS))
    board = arrange(graph, pen, plan)
    scene = Scene(board, graph, pen)
    if draw(st.booleans()):
        scene.stress(draw(st.lists(st.sampled_from(graph.edges), max_size=4)) if graph.edges else [])
    if draw(st.booleans()):
        scene.light(draw(st.sampled_from(scene.order())))
    return board, graph, scene


def columns(line: Line, width: int) -> list[Cell]:
    """The cells of a line: text and style; of a wide character the second one is empty, blanks have no style."""
    found: list[Cell] = []
    for segment in line.segments:
        for cluster in iter_graphemes(segment.text):
            size = max(0, wcswidth(cluster))
            if not size and found:
                found[-1] = (found[-1][0] + cluster, found[-1][1])
            elif size:
                found.append((cluster, segment.style if cluster != " " else ""))
                found += [("", segment.style)] * (size - 1)
    return found + [(" ", "")] * (width - len(found))


def cells(scene: Drawn) -> list[list[Cell]]:
    return [columns(scene.line(y, 0, scene.width), scene.width) for y in range(scene.height)]


def covered(areas: Iterable[Area]) -> set[tuple[int, int]]:
    return {(x, area.y) for area in areas for x in range(area.x, area.x + area.w)}


def differing(before: list[list[Cell]], after: list[list[Cell]]) -> set[tuple[int, int]]:
    return {
        (x, y)
        for y, (old, new) in enumerate(zip(before, after, strict=True))
        for x, (a, b) in enumerate(zip(old, new, strict=True))
        if a != b
    }


def edges_of(board: Board) -> set[tuple[str, str]]:
    items = board.dag.items
    return {(item.id, items[other].id) for at, item in enumerate(items) for other in board.dag.following(at)}


@settings(max_examples=200, deadline=None)
@given(boards())
def test_the_drawn_cells_tell_exactly_the_edges(case: tuple[Board, Graph, Scene]) -> None:
    board, _, scene = case
    inside = covered(Area(box.x, box.y, box.w) for box in board.layout.boxes.values())
    rows = [
        "".join("x" if (x, y) in inside else text for x, (text, _) in enumerate(row))
        for y, row in enumerate(cells(scene))
    ]
    assert flood.edges(rows, board.layout.boxes) == edges_of(board)


@settings(max_examples=200, deadline=None)
@given(boards(), st.data())
def test_any_window_shows_the_same_columns_as_the_whole(case: tuple[Board, Graph, Scene], data: st.DataObject) -> None:
    _, _, scene = case
    x0 = data.draw(st.integers(-2, scene.width + 1))
    x1 = data.draw(st.integers(x0, scene.width + 3))
    for y, whole in enumerate(cells(scene)):
        line = scene.line(y, x0, x1)
        first, last = max(0, x0), min(x1, scene.width)
        if first >= last:
            assert not line.segments
            continue
        seen, wanted = columns(line, last - first), whole[first:last]
        assert len(seen) == last - first
        if wanted[0][0] == "":  # the second half of a wide character
            wanted[0] = (" ", "")
        if wcswidth(wanted[-1][0]) == 2:
            wanted[-1] = (" ", "")
        # What takes no cell may hang on to another character, or be left out.
        assert [(text[:1], style) for text, style in seen] == [(text[:1], style) for text, style in wanted]


@settings(max_examples=200, deadline=None)
@given(boards(), st.data())
def test_only_the_areas_told_look_different(case: tuple[Board, Graph, Scene], data: st.DataObject) -> None:
    board, graph, scene = case
    before = cells(scene)
    changed = data.draw(st.lists(st.sampled_from(graph.nodes), unique_by=lambda node: node.id))
    later = [
        replace(
            node,
            status=data.draw(st.sampled_from(list(Status))),
            time=data.draw(st.sampled_from(TIMES)),
            duration=data.draw(DURATIONS),
        )
        for node in changed
    ]
    areas = scene.update(later)
    after = cells(scene)
    assert differing(before, after) <= covered(areas)
    for area in areas:
        assert covered([area]) & differing(before, after), "an area in which nothing changed"
    nodes = {**nodes_by_id(graph), **{node.id: node for node in later}}
    fresh = Scene(board, Graph(tuple(nodes.values()), graph.edges), scene.pen)
    fresh.stress(scene.stressed)
    fresh.light(scene.lit)
    assert cells(fresh) == after


@settings(max_examples=100, deadline=None)
@given(boards(), st.data())
def test_light_and_stress_tell_what_they_change(case: tuple[Board, Graph, Scene], data: st.DataObject) -> None:
    board, graph, scene = case
    assume(graph.edges)
    for _ in range(3):
        before = cells(scene)
        item = data.draw(st.one_of(st.none(), st.sampled_from(scene.order())))
        areas = scene.light(item)
        middle = cells(scene)
        assert differing(before, middle) <= covered(areas)
        assert [[text for text, _ in row] for row in before] == [[text for text, _ in row] for row in middle]
        areas = scene.stress(data.draw(st.lists(st.sampled_from(graph.edges), max_size=3)))
        assert differing(middle, cells(scene)) <= covered(areas)
    scene.light(None)
    scene.stress(())
    assert cells(scene) == cells(Scene(board, graph, scene.pen))


@settings(max_examples=100, deadline=None)
@given(boards())
def test_lit_cells_lead_from_and_to_the_item_only(case: tuple[Board, Graph, Scene]) -> None:
    board, _, scene = case
    for item in scene.order():
        scene.light(item)
        now = cells(scene)
        lit = {(x, y) for y, row in enumerate(now) for x, (_, style) in enumerate(row) if style == "lit"}
        wires = [wire for wire in board.layout.wires if item in (wire.source, wire.target)]
        ways = {cell for wire in wires for cell in _way(wire)}
        boxes = [board.layout.boxes[name] for name in {wire.source for wire in wires}]
        assert lit <= ways | covered(Area(box.x, box.y, box.w) for box in boxes)
        assert all(now[y][x][0] in "│┃┆|:" for x, y in ways - lit), "not lit, and no other line in front of it"


def _way(wire: Wire) -> Iterator[tuple[int, int]]:
    for (x0, y0), (x1, y1) in pairwise(wire.points):
        for y in range(min(y0, y1), max(y0, y1) + 1):
            yield from ((x, y) for x in range(x0, x1 + 1))


@settings(max_examples=100, deadline=None)
@given(boards())
def test_places_agree(case: tuple[Board, Graph, Scene]) -> None:
    board, graph, scene = case
    names = {member: item for item in board.dag.items for member in (*item.members, *item.hidden, item.id)}
    for node in graph.nodes:
        area = scene.area_of(node.id)
        assert area is not None
        for x in range(area.x, area.x + area.w):
            assert scene.item_at(x, area.y) is scene.item_of(node.id) is names[node.id]
            assert scene.nearest(x, area.y) == names[node.id].id
    in_boxes = covered(Area(box.x, box.y, box.w) for box in board.layout.boxes.values())
    for y in range(-1, scene.height + 1):
        for x in range(-1, scene.width + 1):
            assert (scene.item_at(x, y) is not None) == ((x, y) in in_boxes)
            near = scene.nearest(x, y)
            assert near is not None
            assert _far(board.layout.boxes[near], x, y) == min(_far(b, x, y) for b in board.layout.boxes.values())
    assert scene.item_of("nobody") is None
    assert scene.area_of("nobody") is None


def _far(box: Box, x: int, y: int) -> int:
    return 2 * abs(box.y - y) + max(box.x - x, x - box.x - box.w + 1, 0)


@settings(max_examples=100, deadline=None)
@given(boards())
def test_ways_lead_along_edges_and_layers(case: tuple[Board, Graph, Scene]) -> None:
    board, _, scene = case
    boxes, edges = board.layout.boxes, edges_of(board)
    assert sorted(scene.order()) == sorted(boxes)
    ranks = [boxes[name].x for name in scene.order()]
    assert ranks == sorted(ranks)
    for item in scene.order():
        right, left = scene.move(item, Way.RIGHT), scene.move(item, Way.LEFT)
        ahead = [b for a, b in edges if a == item]
        behind = [a for a, b in edges if b == item]
        assert right in (ahead or [item])
        assert left in (behind or [item])
        for to, there in ((right, ahead), (left, behind)):
            near = min((abs(boxes[other].y - boxes[item].y) for other in there), default=0)
            assert abs(boxes[to].y - boxes[item].y) == near
        for way, sign in ((Way.DOWN, 1), (Way.UP, -1)):
            to = scene.move(item, way)
            layer = [name for name in boxes if boxes[name].x == boxes[item].x]
            same = [name for name in layer if sign * (boxes[name].y - boxes[item].y) > 0]
            beyond = [name for name in boxes if sign * (boxes[name].y - boxes[item].y) > 0]
            if same:
                assert to == min(same, key=lambda name: sign * boxes[name].y)
            else:
                assert to in (beyond or [item])
        around = [item]
        while (following := scene.sibling(around[-1], 1)) != item:
            assert scene.sibling(following, -1) == around[-1]
            around.append(following)
            assert len(around) <= len(boxes)


@settings(max_examples=60, deadline=None)
@given(boards())
def test_a_scene_made_elsewhere_is_the_same(case: tuple[Board, Graph, Scene]) -> None:
    board, _, scene = case
    there: Scene = pickle.loads(pickle.dumps(scene))
    assert cells(there) == cells(scene)
    assert there.order() == scene.order()
    assert board.layout == there.board.layout


def scene_of(graph: Graph, plan: Plan = Plan(), ascii_only: bool = False) -> Scene:  # noqa: B008 - frozen
    pen = PENS[ascii_only]
    return Scene(arrange(graph, pen, plan), graph, pen)


def text_of(scene: Drawn) -> list[str]:
    return [scene.line(y, 0, scene.width).text for y in range(scene.height)]


def spared(scene: Drawn) -> list[str]:
    """Without the columns that channels of a live graph keep free."""
    return [re.sub("(──|━━)[─━]+(?=◌)", r"\1", line) for line in text_of(scene)]


def test_what_was_returned_hangs_on_dashed_lines() -> None:
    nodes = (
        GraphNode("a", "a", Status.SUCCESSFUL), GraphNode("in1", "in1", Status.SUCCESSFUL, parent="a"),
        GraphNode("in2", "in2", Status.FAILED, parent="a"), GraphNode("b", "b", Status.PENDING),
    )  # fmt: skip
    graph = Graph(nodes, (("a", "b"), ("in1", "in2")))
    scene = scene_of(graph)
    assert text_of(scene) == ["✔ a─┬┄✔ in1──✘ in2", "    └─◌ b"]
    styles = {segment.text: segment.style for segment in scene.line(0, 0, scene.width).segments}
    assert styles["┄"] == "return"
    assert text_of(scene_of(graph, ascii_only=True)) == ["[+] a-+_[+] in1--[X] in2", "      +-[.] b"]
    scene.stress([("a", "in1")])
    assert text_of(scene)[0] == "✔ a━┯━✔ in1──✘ in2"
    scene.stress([])
    assert text_of(scene)[0] == "✔ a─┬┄✔ in1──✘ in2"


def test_a_closed_sub_dag_tells_what_failed_in_it() -> None:
    inner = tuple(
        GraphNode(f"in{i}", f"in{i}", Status.FAILED if i == 2 else Status.SUCCESSFUL, parent="a") for i in range(5)
    )
    graph = Graph((GraphNode("a", "a", Status.SUCCESSFUL), *inner), ())
    plan = Plan(Folds(closed=frozenset({"a"})))
    scene = scene_of(graph, plan)
    assert text_of(scene) == ["✔ a ▸5 ✘1"]
    assert scene.update([replace(inner[2], status=Status.SUCCESSFUL)]) == [Area(0, 0, scene.width)]
    assert text_of(scene) == ["✔ a ▸5 ✔"]
    assert text_of(scene_of(graph, plan, ascii_only=True)) == ["[+] a >5 X1"]


def test_times_to_come_have_room_and_move_nothing() -> None:
    graph = Graph((GraphNode("a", "a", Status.RUNNING, "9s"), GraphNode("b", "longer", Status.PENDING)), (("a", "b"),))
    scene = scene_of(graph, Plan(at_rest=False))
    assert spared(scene) == ["▶ a     9s──◌ longer"]
    width, there = scene.width, scene.area_of("b")
    assert there is not None
    areas = scene.update([replace(graph.nodes[0], time="1m03"), replace(graph.nodes[1], time="3d04h")])
    assert spared(scene) == ["▶ a   1m03──◌ longer  3d04h"]
    assert areas == [Area(0, 0, 10), there]
    assert (scene.width, scene.area_of("b")) == (width, there)


def test_where_no_time_stands_the_line_begins_behind_the_label() -> None:
    graph = families.named("a>b")
    nodes = tuple(replace(node, status=Status.PENDING) for node in graph.nodes)
    scene = scene_of(Graph(nodes, graph.edges), Plan(at_rest=False))
    (line,) = text_of(scene)
    assert re.fullmatch("◌ a ─{8,}◌ b", line)
    assert scene.stress([("a", "b")])
    (line,) = text_of(scene)
    assert re.fullmatch("◌ a ━{8,}◌ b", line)
    assert covered(scene.light("b")) >= {(x, 0) for x in range(4, 12)}
    assert columns(scene.line(0, 0, 20), 20)[5] == ("━", "lit")


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_group_that_runs_has_room_for_its_numbers(ascii_only: bool) -> None:
    nodes = [GraphNode(f"e{i}", f"extract_{i}", Status.PENDING) for i in range(1000)]
    graph = Graph((GraphNode("plan", "plan", Status.RUNNING), *nodes), tuple(("plan", node.id) for node in nodes))
    scene = scene_of(graph, Plan(at_rest=False), ascii_only)
    width = scene.width
    statuses = [Status.SUCCESSFUL] * 812 + [Status.FAILED] * 100 + [Status.RUNNING] * 88
    scene.update([replace(node, status=status) for node, status in zip(nodes, statuses, strict=True)])
    assert scene.width == width
    (line,) = text_of(scene)
    wanted = "[#] extract x1000 ####. 812 X100 >88" if ascii_only else "⊞ extract ×1000 ▰▰▰▰▱ 812 ✘100 ▶88"
    assert line.endswith(wanted)


def test_one_of_a_thousand_is_counted_alone() -> None:
    """The cost of a change does not grow with the group: nobody looks at the other members."""
    seen: list[str] = []

    class Watched(dict[str, GraphNode]):
        def __getitem__(self, key: str) -> GraphNode:
            seen.append(key)
            return super().__getitem__(key)

        def get(self, key: str, default: object = None) -> GraphNode | None:  # type: ignore[override]
            seen.append(key)
            return super().get(key)

    nodes = [GraphNode(f"e{i}", f"extract_{i}", Status.PENDING) for i in range(1000)]
    scene = scene_of(Graph(tuple(nodes), ()), Plan(grouped=True, at_rest=False))
    scene._nodes = Watched(scene._nodes)
    assert len(scene.update([replace(nodes[77], status=Status.FAILED)])) == 1
    assert text_of(scene) == ["⊞ extract ×1000 ▱▱▱▱▱ 0 ✘1"]
    assert len(seen) < 20


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_failure_in_a_group_is_told_in_any_room(ascii_only: bool) -> None:
    pen = PENS[ascii_only]
    failed = pen.marks[Status.FAILED]
    nodes = {
        f"e{i}": GraphNode(f"e{i}", f"extract_{i}", Status.FAILED if i < 12 else Status.RUNNING) for i in range(99)
    }
    for item in (Item("e0", Kind.GROUP, tuple(nodes), name="extract"), Item("e0", Kind.FOLD, tuple(nodes))):
        text = box_text(item, nodes, pen)
        for width in range(1, text.width + 3):
            segments = text.segments(width)
            assert sum(width_of(segment.text) for segment in segments) == width
            assert any(failed in segment.text and segment.style == "failed" for segment in segments) or width < 3


def test_a_failed_node_stands_out() -> None:
    scene = scene_of(Graph((GraphNode("a", "load", Status.FAILED, "2s"),), ()))
    styles = {segment.text: segment.style for segment in scene.line(0, 0, 80).segments}
    assert styles["load"] == styles["✘"] == "failed"


def test_nothing_and_too_much() -> None:
    scene = scene_of(Graph((), ()))
    assert (scene.width, scene.height, scene.line(0, 0, 10).segments) == (0, 0, ())
    assert scene.nearest(3, 3) is None
    assert list(scene.order()) == []
    assert scene.light(None) == scene.stress([]) == scene.update([]) == []
    huge = Layout(MOST_CELLS, 2, {}, (), (), 0)
    board = arrange(Graph((), ()), PENS[0], Plan())
    with pytest.raises(TargetError, match="x 2 cells"):
        Scene(Board(board.plan, board.dag, huge), Graph((), ()), PENS[0])
