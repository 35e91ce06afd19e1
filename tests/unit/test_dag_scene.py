"""The layered view on a screen: any window of it, what changes in it, and the ways through it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from tests.unit import flood
from tests.unit.scene_making import DURATIONS, TIMES, boards, cells, columns, covered, differing, edges_of
from wftui.dag.drawn import Area, Way
from wftui.dag.graphs import nodes_by_id
from wftui.dag.scene import Scene
from wftui.model.graph import Graph
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.dag.board import Board
    from wftui.dag.layout import Box, Wire


@settings(max_examples=100, deadline=None)
@given(boards())
def test_the_drawn_cells_tell_exactly_the_edges(case: tuple[Board, Graph, Scene]) -> None:
    board, _, scene = case
    inside = covered(Area(box.x, box.y, box.w) for box in board.layout.boxes.values())
    rows = [
        "".join("x" if (x, y) in inside else text for x, (text, _) in enumerate(row))
        for y, row in enumerate(cells(scene))
    ]
    assert flood.edges(rows, board.layout.boxes) == edges_of(board)


@settings(max_examples=100, deadline=None)
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


@settings(max_examples=100, deadline=None)
@given(boards(), st.data())
def test_only_the_areas_told_look_different(case: tuple[Board, Graph, Scene], data: st.DataObject) -> None:
    board, graph, scene = case
    heavy = data.draw(st.lists(st.sampled_from(graph.edges), max_size=4)) if graph.edges else []
    scene.stress(heavy)
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
    fresh.stress(heavy)
    fresh.light(scene.lit)
    assert cells(fresh) == after


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=60, deadline=None)
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


@settings(max_examples=60, deadline=None)
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
