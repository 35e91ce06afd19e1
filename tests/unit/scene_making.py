"""Any graph on a screen, for properties of scenes; and the cells of what is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from tests.unit.dag_making import pen as pen_of
from wftui.dag.board import Board, arrange
from wftui.dag.picture import Folds
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.dag.drawn import Area, Drawn
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
