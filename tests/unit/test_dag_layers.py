"""The layered view: what is drawn can be read back, nothing overlaps or goes back, and it is always the same."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks import families
from tests.unit import flood
from wftui.dag.append import append
from wftui.dag.board import Board, arrange, draw_board
from wftui.dag.cells import width_of
from wftui.dag.graphs import nodes_by_id
from wftui.dag.layered import Wish, lay_out
from wftui.dag.picture import Pen, View
from wftui.dag.plan import Plan
from wftui.dag.straighten import pool, pool_many
from wftui.errors import TargetError
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status
from wftui.present.glyphs import ASCII, UNICODE

if TYPE_CHECKING:
    from wftui.dag.layout import Layout

PENS = (Pen(UNICODE.status), Pen(ASCII.status, ascii_only=True))


@st.composite
def graphs(draw: st.DrawFn, most: int = 14) -> Graph:
    """Any DAG, its nodes in any order, with labels that look like lines."""
    n = draw(st.integers(1, most))
    order = draw(st.permutations(range(n)))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3 * n)) if pairs else []
    labels = st.sampled_from(["a", "-", "+|+", "名前", "e\u0301", "long_name_of_a_task", "│", ""])
    statuses = st.sampled_from([None, Status.FAILED, Status.SUCCESSFUL])
    nodes = tuple(GraphNode(str(i), draw(labels), draw(statuses), draw(st.sampled_from(["", "42s"]))) for i in range(n))
    return Graph(nodes, tuple((str(order[i]), str(order[j])) for i, j in chosen))


def drawn(board: Board, graph: Graph, pen: Pen) -> list[str]:
    return [line.text for line in draw_board(board, graph, pen).lines]


def assert_sound(layout: Layout) -> None:
    cells: set[tuple[int, int]] = set()
    for box in layout.boxes.values():
        covered = {(x, box.y) for x in range(box.x, box.x + box.w)}
        assert not covered & cells, "two nodes overlap"
        cells |= covered
        assert box.y < layout.height
        assert box.x + box.w <= layout.width
    layer_of = {name: i for i, layer in enumerate(layout.layers) for name in layer}
    passing: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for layer in layout.layers:
        assert len({layout.boxes[name].x for name in layer}) == 1
    for wire in layout.wires:
        source, target = layout.boxes[wire.source], layout.boxes[wire.target]
        assert layer_of[wire.source] < layer_of[wire.target], "an edge goes backwards"
        assert wire.points[0] == (source.x + source.w, source.y)
        assert wire.points[-1] == (target.x - 1, target.y)
        for (x0, y0), (x1, y1) in pairwise(wire.points):
            assert (x0 == x1) != (y0 == y1) or (x0, y0) == (x1, y1)
            assert x1 >= x0
        for i in range(layer_of[wire.source] + 1, layer_of[wire.target]):
            left = layout.boxes[layout.layers[i][0]].x
            right = max(layout.boxes[name].x + layout.boxes[name].w for name in layout.layers[i]) - 1
            rows = [y0 for (x0, y0), (x1, y1) in pairwise(wire.points) if x0 <= left and right <= x1 and y0 == y1]
            assert len(rows) == 1, "not horizontal where it passes a layer"
            assert (left, rows[0]) not in cells
            passing.setdefault((i, rows[0]), []).append((wire.source, wire.target))
    for together in passing.values():
        one_source = len({source for source, _ in together}) == 1
        assert one_source or len({target for _, target in together}) == 1, "edges share a row that share no end"


@settings(max_examples=150, deadline=None)
@given(graphs(), st.booleans(), st.booleans())
def test_the_drawn_cells_tell_exactly_the_edges(graph: Graph, at_rest: bool, quick: bool) -> None:
    for pen in PENS:
        board = arrange(graph, pen, Plan(grouped=False, at_rest=at_rest, quick=quick))
        rows = drawn(board, graph, pen)
        assert flood.edges(rows, board.layout.boxes) == set(graph.edges)
        assert max(map(width_of, rows)) <= board.layout.width
        assert_sound(board.layout)


@pytest.mark.parametrize(
    "family",
    [
        families.chain(20), families.diamond(), families.fan(50), families.tree(127), families.continuations(50),
        families.etl(30), families.etl(100), families.etl(300), families.fan(1000),
    ],
)  # fmt: skip
def test_known_families_can_be_read_back(family: families.Family) -> None:
    graph = families.as_graph(family)
    for pen in PENS:
        board = arrange(graph, pen, Plan(grouped=False, quick=True))
        assert flood.edges(drawn(board, graph, pen), board.layout.boxes) == set(graph.edges)
        assert_sound(board.layout)


def test_a_thousand_side_by_side_share_one_line_on_each_side() -> None:
    layout = arrange(families.as_graph(families.fan(1000)), PENS[0], Plan(grouped=False)).layout
    assert layout.width <= 54
    assert layout.height == 1000


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_appending_below_moves_nothing(graph: Graph, data: st.DataObject) -> None:
    names = [node.id for node in graph.nodes]
    at = {name: i for i, name in enumerate(names)}
    edges = [(at[a], at[b]) for a, b in graph.edges]
    before = lay_out(names, edges, [5] * len(names), Wish(at_rest=False, quick=True, spare=12))
    count = data.draw(st.integers(1, 10))
    more = [f"new{i}" for i in range(count)]
    sources = [data.draw(st.integers(0, len(names) + i - 1)) for i in range(count)]
    all_edges = edges + [(source, len(names) + i) for i, source in enumerate(sources)]
    after = append(before, names + more, all_edges, [5] * (len(names) + count))
    assert after is not None
    assert {name: after.boxes[name] for name in names} == dict(before.boxes)
    assert_sound(after)


@given(st.lists(st.lists(st.integers(-9, 9), max_size=3).map(sorted), min_size=1, max_size=12))
def test_many_pools_are_as_near_to_the_wishes_as_few(wishes: list[list[int]]) -> None:
    def cost(values: list[int]) -> int:
        return sum(abs(value - vote) for value, votes in zip(values, wishes, strict=True) for vote in votes)

    few, many = pool(wishes, [0] * len(wishes)), pool_many(wishes, [0] * len(wishes))
    assert many == sorted(many)
    assert cost(many) <= cost(few)


def test_what_is_no_append_asks_for_a_new_layout() -> None:
    layout = lay_out(["a", "b"], [(0, 1)], [1, 1], Wish(at_rest=False))
    assert append(layout, ["a", "b", "c"], [(0, 1), (2, 1)], [1, 1, 1]) is None  # leads to what is there
    assert append(layout, ["a", "b", "c"], [(0, 2)], [1, 1, 1]) is None  # an edge went
    assert append(layout, ["b", "a"], [(0, 1)], [1, 1]) is None  # other nodes


def test_no_status_hidden_in_a_group() -> None:
    nodes = [GraphNode("plan", "plan", Status.SUCCESSFUL)]
    nodes += [GraphNode(f"e{i}", f"extract_{i}", Status.FAILED if i == 77 else Status.SUCCESSFUL) for i in range(200)]
    graph = Graph(tuple(nodes), tuple(("plan", f"e{i}") for i in range(200)))
    board = arrange(graph, PENS[0], Plan())
    (line,) = drawn(board, graph, PENS[0])
    assert line == "✔ plan──⊞ extract ×200 ▰▰▰▰▱ 199 ✘1"
    picture = draw_board(board, graph, PENS[0])
    assert picture.view is View.LAYERS
    assert picture.rows["e77"] == picture.rows["plan"] == 0


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_groups_never_hide_a_failure(graph: Graph) -> None:
    for pen in PENS:
        board = arrange(graph, pen, Plan(grouped=True))
        told, nodes = 0, nodes_by_id(graph)
        for item in board.dag.items:
            members = item.members or (item.id,)
            told += sum(nodes[member].status is Status.FAILED for member in members)
        assert told == sum(node.status is Status.FAILED for node in graph.nodes)
        text = "\n".join(drawn(board, graph, pen))
        assert (pen.marks[Status.FAILED] in text) >= (told > 0)
        assert_sound(board.layout)


def test_the_heavy_path_goes_on_through_joins() -> None:
    graph = families.named("a>b a>c b>d c>d")
    board = arrange(graph, PENS[0], Plan())
    heavy = frozenset({("a", "b"), ("b", "d")})
    assert [line.text for line in draw_board(board, graph, PENS[0], heavy).lines] == ["a━┯━b━┯━d", "  └─c─┘"]
    assert [line.text for line in draw_board(board, graph, PENS[1], heavy).lines] == ["a=+=b=+=d", "  +-c-+"]


def test_a_cycle_is_named() -> None:
    with pytest.raises(TargetError, match=r"cycle: c -> a -> b -> c|cycle: a -> b -> c -> a|cycle: b -> c -> a -> b"):
        lay_out(["a", "b", "c", "d"], [(0, 1), (1, 2), (2, 0), (0, 3)], [1] * 4)
    with pytest.raises(TargetError, match="cycle: a -> a"):
        lay_out(["a"], [(0, 0)], [1])


def test_nothing_and_one() -> None:
    assert arrange(Graph((), ()), PENS[0], Plan()).layout.height == 0
    one = Graph((GraphNode("a", "a"),), ())
    assert drawn(arrange(one, PENS[0], Plan()), one, PENS[0]) == ["a"]


def test_a_label_of_ten_thousand_characters_is_cut() -> None:
    graph = Graph((GraphNode("a", "x" * 10_000), GraphNode("b", "名" * 10_000)), (("a", "b"),))
    (line,) = drawn(arrange(graph, PENS[0], Plan()), graph, PENS[0])
    assert width_of(line) <= 2 * 40 + 2
    assert line.count("…") == 2


@pytest.mark.parametrize("side_by_side", [False, True])
def test_a_hundred_thousand_nodes_are_laid_out(side_by_side: bool) -> None:
    n = 100_000
    edges = [(i, i + 1) for i in range(n - 1) if i % 100] + [(0, i) for i in range(100, n, 100)]
    if side_by_side:
        edges = [(0, i) for i in range(1, n - 1)] + [(i, n - 1) for i in range(1, n - 1)]
    layout = lay_out([str(i) for i in range(n)], edges, [8] * n, Wish(quick=True))
    assert len(layout.boxes) == n


def test_the_diamond_of_the_study_takes_four_rows() -> None:
    graph = families.named(
        "start>eo start>ep start>ef start>ec eo>so ep>sp ef>sf ec>sc so>fct sp>fct sf>fct sc>fct sc>sales sc>mkt"
        " fct>sales fct>mkt sales>publish mkt>publish"
    )
    layout = arrange(graph, PENS[0], Plan()).layout
    assert layout.height == 4
    assert layout.crossings == 1


def test_what_is_alike_stands_in_input_order() -> None:
    # 0 feeds 1..6 in an order that the engine would not choose; 3, 5 and 1 go on to 7 in a second step each.
    edges = [(0, i) for i in (4, 2, 6, 1, 5, 3)] + [
        (1, 12),
        (3, 11),
        (5, 10),
        (12, 7),
        (11, 7),
        (10, 7),
        (8, 9),
        (0, 9),
    ]
    edges += [(2, 9), (4, 9), (6, 9)]
    layout = lay_out([str(i) for i in range(13)], edges, [3] * 13)
    row = {name: box.y for name, box in layout.boxes.items()}
    assert row["2"] < row["4"] < row["6"]
    assert row["1"] < row["3"] < row["5"]
    assert row["12"] < row["11"] < row["10"]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_same_neighbours_same_layer_means_input_order(graph: Graph) -> None:
    layout = arrange(graph, PENS[0], Plan(grouped=False, quick=True)).layout
    sides: dict[str, tuple[list[str], list[str]]] = {node.id: ([], []) for node in graph.nodes}
    for source, target in sorted(graph.edges):
        sides[source][1].append(target)
        sides[target][0].append(source)
    layer_of = {name: i for i, layer in enumerate(layout.layers) for name in layer}
    short = {
        name
        for name, ends in sides.items()
        if all(abs(layer_of[e] - layer_of[name]) == 1 for e in (*ends[0], *ends[1]))
    }
    places = {node.id: i for i, node in enumerate(graph.nodes)}
    for layer in layout.layers:
        for at, upper in enumerate(layer):
            for lower in layer[at + 1 :]:
                if sides[upper] == sides[lower] and upper in short:
                    assert places[upper] < places[lower]


def test_too_many_edges_are_said_to_be_ordered_roughly_or_refused() -> None:
    wide = 120
    edges = tuple((f"{level}.{a}", f"{level + 1}.{b}") for level in range(2) for a in range(wide) for b in range(wide))
    nodes = tuple(GraphNode(f"{level}.{a}", f"{a}") for level in range(3) for a in range(wide))
    board = arrange(Graph(nodes, edges), PENS[0], Plan(grouped=False))
    assert any("rough" in note for note in board.dag.notes)
    n = 2000
    long = [(a, a + 1) for a in range(n - 1)] + [(a, b) for a in range(n) for b in range(a + 900, a + 903) if b < n]
    with pytest.raises(TargetError, match="too large"):
        lay_out([str(i) for i in range(n)], long, [3] * n)


def test_one_that_feeds_everything_stays_one_line() -> None:
    n = 300
    edges = [(i, i + 1) for i in range(n)] + [(0, i) for i in range(2, n + 1)]
    layout = lay_out([str(i) for i in range(n + 1)], edges, [3] * (n + 1))
    assert layout.height <= 3
    assert_sound(layout)


def test_the_same_on_every_run() -> None:
    program = (
        "from tests.benchmarks import families as f\n"
        "from wftui.dag.layered import lay_out\n"
        "n, e = f.etl(100)\n"
        "print(lay_out([str(i) for i in range(n)], e, [9] * n))"
    )
    digests = set()
    for seed in ("0", "1", "4711"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=env)
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1


def test_what_is_certainly_too_large_is_refused_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("began to order what cannot be drawn")

    monkeypatch.setattr("wftui.dag.layered.Ordering", never)
    half = 4000
    edges = [(i, i + 1) for i in range(half)] + [(0, half + i) for i in range(1, half)]
    with pytest.raises(TargetError, match="the picture would be at least 40008 x 4000 cells"):
        lay_out([str(i) for i in range(2 * half)], edges, [8] * (2 * half), Wish(quick=True, at_rest=False))
