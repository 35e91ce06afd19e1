"""What the layered view looks like: sub-DAGs, times, groups and what failed in them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.benchmarks import families
from tests.unit.scene_making import PENS, columns, covered
from wftui.dag.board import Board, arrange
from wftui.dag.boxes import box_text
from wftui.dag.cells import width_of
from wftui.dag.drawn import Area, Drawn
from wftui.dag.graphs import Item, Kind
from wftui.dag.layout import MOST_CELLS, Layout
from wftui.dag.picture import Folds
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.errors import TargetError
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status


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
