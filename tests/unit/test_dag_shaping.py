"""What is drawn of a graph: nothing gets lost in groups and folds, and what is opened can be closed again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dag_making import graph as made_of
from tests.unit.dag_making import pairs, pen
from wftui.dag.board import arrange
from wftui.dag.cells import width_of
from wftui.dag.drawing import draw
from wftui.dag.graphs import Kind, clean, nodes_by_id, places, some_order
from wftui.dag.grouping import by_interest
from wftui.dag.opening import closing, openable, opening
from wftui.dag.picture import Folds, View
from wftui.dag.plan import Focus, Plan, Reach
from wftui.dag.shaping import shape
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from wftui.dag.graphs import Dag

STATUSES = (None, Status.SUCCESSFUL, Status.SUCCESSFUL, Status.FAILED, Status.PENDING, Status.RUNNING)


@dataclass(frozen=True)
class Shaped:
    """All of a layout that opening and closing look at."""

    dag: Dag


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Layers of nodes of few names, some in sub-DAGs, with chains between them and a missing node now and then."""
    n = draw(st.integers(1, 40))
    names = draw(st.lists(st.sampled_from(["a_{}", "b[{}]", "{}", "same", "x{}y"]), min_size=n, max_size=n))
    statuses = draw(st.lists(st.sampled_from(STATUSES), min_size=n, max_size=n))
    fan = draw(st.sampled_from([1, 3, 8]))
    edges: list[tuple[str, str]] = []
    parents: list[str | None] = [None] * n
    for i in range(1, n):
        above = (i - 1) // fan
        if draw(st.integers(0, 5)) == 0:
            parents[i] = str(above)
        else:
            edges.append((str(above), str(i)))
            parents[i] = parents[above] if draw(st.booleans()) else None
        if draw(st.integers(0, 6)) == 0:
            edges.append((str(draw(st.integers(0, i - 1))), str(i)))
    if draw(st.integers(0, 5)) == 0:
        edges.append(("gone", "0"))
    nodes = tuple(
        GraphNode(str(i), names[i].format(i), statuses[i], "", parents[i], float(i % 7) if i % 3 else None)
        for i in range(n)
    )
    return Graph(nodes, tuple(dict.fromkeys(edges)))


@st.composite
def plans(draw: st.DrawFn, *, closed: bool = True) -> Plan:
    some = st.frozensets(st.integers(0, 39).map(str), max_size=12)
    folds = Folds(draw(st.booleans()), draw(some) if closed else frozenset(), draw(some))
    return Plan(folds, draw(st.sampled_from([True, True, False, None])))


def held(dag: Dag) -> Counter[str]:
    """How often each node is in an item."""
    return Counter(
        node
        for item in dag.items
        if item.kind is not Kind.MISSING
        for node in ((item.members or (item.id,)) + item.hidden)
    )


def edges_of(dag: Dag) -> set[tuple[str, str]]:
    ids = [item.id for item in dag.items]
    return {(ids[at], ids[other]) for at in range(len(ids)) for other in dag.following(at)}


@given(graphs(), plans())
@settings(max_examples=150, deadline=None)
def test_every_node_is_in_one_item_and_nothing_goes_round(graph: Graph, plan: Plan) -> None:
    dag = shape(graph, ascii, plan)
    assert held(dag) == Counter({node.id: 1 for node in graph.nodes})
    assert len(some_order(dag)) == len(dag.items)
    assert len({item.id for item in dag.items}) == len(dag.items)
    for item in dag.items:
        assert (item.id == item.members[0]) if item.members else not openable(item)
        if item.kind is Kind.GROUP:
            assert item.name
        if item.kind is Kind.FOLD:
            assert len({nodes_by_id(graph)[member].status for member in item.members}) == 1
    place = places(dag)
    for node in plan.folds.kept & place.keys():
        item = dag.items[place[node]]
        assert node in item.hidden or (item.id == node and not item.members), "what is kept stands alone"


@given(graphs(), plans(closed=False))
@settings(max_examples=150, deadline=None)
def test_edges_are_those_between_what_the_ends_went_into(graph: Graph, plan: Plan) -> None:
    whole, dag = clean(graph, ascii), shape(graph, ascii, plan)
    item = {node: dag.items[at].id for node, at in places(dag).items()}
    assert edges_of(dag) == {(item[a], item[b]) for a, b in edges_of(whole) if item[a] != item[b]}
    assert dag.notes == whole.notes


@given(graphs(), plans(), st.randoms())
@settings(max_examples=150, deadline=None)
def test_groups_do_not_depend_on_statuses(graph: Graph, plan: Plan, rng: object) -> None:
    plan = replace(plan, grouped=True, folds=replace(plan.folds, chains=False))
    statuses = [node.status for node in graph.nodes]
    rng.shuffle(statuses)  # type: ignore[attr-defined]  # hypothesis calls a Random an object
    later = Graph(
        tuple(replace(node, status=status) for node, status in zip(graph.nodes, statuses, strict=True)), graph.edges
    )
    before, after = shape(graph, ascii, plan), shape(later, ascii, plan)
    assert set(before.items) == set(after.items)
    assert edges_of(before) == edges_of(after)


@given(graphs(), plans(closed=False), st.data())
@settings(max_examples=150, deadline=None)
def test_groups_stay_when_tasks_are_appended(graph: Graph, plan: Plan, data: st.DataObject) -> None:
    plan = replace(plan, grouped=True, folds=replace(plan.folds, chains=False))
    sources = data.draw(st.lists(st.sampled_from([node.id for node in graph.nodes]), min_size=1, max_size=8))
    more = tuple(GraphNode(f"new{i}", f"a_{100 + i}", Status.RUNNING) for i in range(len(sources)))
    grown = Graph(graph.nodes + more, graph.edges + tuple((source, f"new{i}") for i, source in enumerate(sources)))
    before, after = shape(graph, ascii, plan), shape(grown, ascii, plan)
    place = places(after)
    for item in before.items:
        if item.kind is Kind.GROUP:
            assert after.items[place[item.id]].id == item.id
            assert after.items[place[item.id]].members[: len(item.members)] == item.members


@given(graphs(), plans(), st.integers(1, 5), st.booleans())
@settings(max_examples=120, deadline=None)
def test_what_is_opened_can_be_closed(graph: Graph, plan: Plan, count: int, chains: bool) -> None:
    folds = replace(plan.folds, chains=chains, kept=frozenset())
    plan = Plan(folds, grouped=True)
    board = Shaped(shape(graph, ascii, plan))
    for item in board.dag.items:
        kept = opening(board, item.id, graph, count)
        assert bool(kept) == openable(item)
        if not kept:
            assert not closing(board, item.id)
            continue
        opened = Shaped(shape(graph, ascii, replace(plan, folds=replace(folds, kept=kept))))
        alone = [other.id for other in opened.dag.items if other.id in kept]
        if item.kind is Kind.GROUP:
            assert alone == by_interest(item.members, nodes_by_id(graph))[:count]
        for node in item.members:
            assert kept <= closing(opened, node), "any member closes it"
            assert kept - closing(opened, node) == frozenset()


@given(graphs(), st.integers(1, 120), st.booleans(), st.sampled_from([View.LANES, View.TREE, View.AUTO]), plans())
@settings(max_examples=120, deadline=None)
def test_lanes_and_trees_keep_to_their_width_and_hide_no_failure(
    graph: Graph, width: int, ascii_only: bool, view: View, plan: Plan
) -> None:
    glyphs = pen(ascii_only)
    picture = draw(graph, glyphs, width, view, plan.folds, plan.grouped)
    assert all(width_of(line.text) <= width for line in picture.lines)
    if width < 60:
        return
    for node in graph.nodes:
        if node.status is Status.FAILED:
            assert glyphs.marks[Status.FAILED] in picture.lines[picture.rows[node.id]].text
    assert {node.id for node in graph.nodes} <= picture.rows.keys()


def test_tasks_of_sub_dags_are_grouped_by_what_returned_them() -> None:
    ids = ["map_0", "map_1", "map_2", *(f"part_{i}_{j}" for i in range(3) for j in range(4))]
    parents = {f"part_{i}_{j}": f"map_{i}" for i in range(3) for j in range(4)}
    labels = {node: f"part_{at}" for at, node in enumerate(parents)}
    drawn = made_of(ids, [], parents, labels=labels)

    def seen(kept: frozenset[str] = frozenset()) -> list[tuple[str, int]]:
        dag = shape(drawn, ascii, Plan(Folds(kept=kept), grouped=True))
        return [(item.id, len(item.members)) for item in dag.items]

    assert seen() == [("map_0", 3), ("part_0_0", 12)]
    assert seen(frozenset({"map_1"})) == [("map_1", 0), ("map_0", 2), ("part_0_0", 8), ("part_1_0", 4)]


def test_many_of_different_names_with_the_same_neighbours_are_one() -> None:
    words = [f"{a}{b}" for a in "abcdefg" for b in ("pple", "anana", "herry")]
    nodes = ["go", *words, "end"]
    edges = [("go", word) for word in words] + [(word, "end") for word in words]
    dag = shape(made_of(nodes, edges), ascii, Plan(grouped=True))
    assert [(item.id, item.name, len(item.members)) for item in dag.items] == [
        ("go", "", 0), ("apple", "tasks", 21), ("end", "", 0),
    ]  # fmt: skip
    fewer = shape(made_of([*nodes[:21], "end"], edges[:20] + edges[21:41]), ascii, Plan(grouped=True))
    assert len(fewer.items) == 22
    named = made_of(nodes, edges, labels={word: f"extract_{word}" for word in words})
    assert shape(named, ascii, Plan(grouped=True)).items[1].name == "extract*"


@pytest.mark.parametrize("status", [Status.SUCCESSFUL, Status.RUNNING, Status.FAILED])
def test_a_chain_of_continuations_is_one_node_whatever_became_of_the_last(status: Status) -> None:
    ids = [f"fib_{i}" for i in range(50)]
    parents = {b: a for a, b in pairwise(ids)}
    graph = made_of(ids, [], parents, dict.fromkeys(ids, status))
    dag = shape(graph, ascii, Plan())
    assert [(item.id, item.kind, len(item.members)) for item in dag.items] == [
        ("fib_0", Kind.NODE, 0), ("fib_1", Kind.FOLD, 48), ("fib_49", Kind.NODE, 0),
    ]  # fmt: skip
    board = Shaped(dag)
    kept = opening(board, "fib_1", graph)
    assert len(kept) == 48
    opened = Shaped(shape(graph, ascii, Plan(Folds(kept=kept))))
    assert len(opened.dag.items) == 50
    assert closing(opened, "fib_7") == kept


def test_no_chain_is_folded_across_what_failed_or_runs() -> None:
    ids = [f"s{i}" for i in range(40)]
    statuses = {"s10": Status.FAILED, "s20": Status.RUNNING, **{f"s{i}": Status.PENDING for i in range(21, 40)}}
    graph = made_of(ids, pairwise(ids), statuses=statuses)
    folded = [item.members for item in shape(graph, ascii, Plan(grouped=True)).items if item.kind is Kind.FOLD]
    assert [(members[0], members[-1]) for members in folded] == [("s1", "s9"), ("s11", "s19"), ("s21", "s38")]
    well = [item.members for item in shape(graph, ascii, Plan()).items if item.kind is Kind.FOLD]
    assert [(members[0], members[-1]) for members in well] == [("s1", "s9"), ("s11", "s19")]


def test_the_rest_of_a_chain_folds_on_either_side_of_what_is_kept() -> None:
    ids = [f"s{i}" for i in range(30)]
    dag = shape(made_of(ids, pairwise(ids)), ascii, Plan(Folds(kept=frozenset({"s2", "s15"})), grouped=True))
    assert [(item.id, len(item.members), item.origin) for item in dag.items] == [
        ("s0", 0, None), ("s1", 0, "s1"), ("s2", 0, "s1"), ("s3", 12, "s1"), ("s15", 0, "s1"), ("s16", 13, "s1"),
        ("s29", 0, None),
    ]  # fmt: skip


def test_a_focus_says_what_is_left_out_and_its_node_stands_alone() -> None:
    ids = ["plan", *(f"part_{i}" for i in range(300)), "sum", "more"]
    edges = [("plan", node) for node in ids[1:301]] + [(node, "sum") for node in ids[1:301]] + [("sum", "more")]
    graph = made_of(ids, edges)
    dag = shape(graph, ascii, Plan(focus=Focus("part_7", hops=2)))
    assert [(item.id, len(item.members)) for item in dag.items] == [
        ("plan", 0), ("part_7", 0), ("part_0", 299), ("sum", 0), ("more", 0),
    ]  # fmt: skip
    assert dag.notes == ("303 of 303 tasks: 2 hops around part_7",)
    assert shape(graph, ascii, Plan(focus=Focus("part_7", hops=1))).notes == ("3 of 303 tasks: 1 hop around part_7",)
    up = shape(graph, ascii, Plan(focus=Focus("sum", Reach.ANCESTORS)))
    assert up.notes == ("302 of 303 tasks: what leads to sum",)
    assert len(up.items) == 3
    down = shape(graph, ascii, Plan(focus=Focus("sum", Reach.DESCENDANTS)))
    assert (down.notes, len(down.items)) == (("2 of 303 tasks: what follows from sum",), 2)
    lost = shape(graph, ascii, Plan(focus=Focus("nobody")))
    assert lost.notes == ("'nobody' is not there to look at: everything is drawn",)
    assert places(lost).keys() == set(ids)


def test_a_focus_on_what_is_hidden_in_a_closed_node() -> None:
    graph = made_of(
        ["outer", "in_1", "in_2", "next"], pairs("outer>next in_1>in_2"), {"in_1": "outer", "in_2": "outer"}
    )
    folds = Folds(closed=frozenset({"outer"}))
    around = shape(graph, ascii, Plan(folds, focus=Focus("in_2", hops=2)))
    assert [(item.id, item.hidden) for item in around.items] == [("outer", ("in_1", "in_2"))]
    assert around.notes == ("3 of 4 tasks: 2 hops around in_2",)
    below = shape(graph, ascii, Plan(folds, focus=Focus("in_1", Reach.DESCENDANTS)))
    assert [item.id for item in below.items] == ["in_1", "in_2"]


def test_the_empty_id_is_nobodys_parent() -> None:
    graph = Graph((GraphNode("", "(empty id)"), GraphNode("a", "a")), ())
    assert len(shape(graph, ascii, Plan(Folds(closed=frozenset({""})))).items) == 2


BAD: dict[str, tuple[Graph, str]] = {
    "a cycle": (made_of("abcd", pairs("a>b>c>a c>d")), "a cycle: a > b > c > a; the edge c > a is not drawn"),
    "a self loop": (made_of("ab", pairs("a>a a>b")), "a cycle: a > a; the edge a > a is not drawn"),
    "a missing upstream": (made_of("ab", pairs("gone>a a>b")), "'gone' is waited for but missing"),
    "an id that is there twice": (made_of("aab", pairs("a>b")), "'a' is there twice: the first is drawn"),
    "a cycle of parents": (made_of("ab", [], {"a": "b", "b": "a"}), "a cycle: a > b > a; the edge b > a is not drawn"),
    "its own parent": (made_of("a", [], {"a": "a"}), "a cycle: a > a; the edge a > a is not drawn"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_and_the_rest_drawn(name: str) -> None:
    bad, told = BAD[name]
    for plan in (Plan(), Plan(grouped=True), Plan(Folds(closed=frozenset("ab"))), Plan(focus=Focus("a"))):
        board = arrange(bad, pen(), plan)
        assert any(told in note for note in board.dag.notes)
        assert places(board.dag).keys() >= {node.id for node in bad.nodes}
        assert board.layout.boxes.keys() == {item.id for item in board.dag.items}


def test_problems_without_end_are_counted() -> None:
    graph = made_of(["a"], [(f"gone{at}", "a") for at in range(5000)])
    dag = shape(graph, ascii, Plan(grouped=True))
    assert [(item.name, len(item.members)) for item in dag.items] == [("", 0), ("missing", 5000)]
    kept = opening(Shaped(dag), "gone0", graph)
    assert len(kept) == 20
    opened = shape(graph, ascii, Plan(Folds(kept=kept), grouped=True))
    assert Counter(item.kind for item in opened.items) == {Kind.NODE: 1, Kind.MISSING: 20, Kind.GROUP: 1}
    notes = dag.notes
    assert len(notes) == 21
    assert notes[-1] == "and 4980 more"


def test_nothing_at_all() -> None:
    for plan in (Plan(), Plan(grouped=True), Plan(focus=Focus("a")), Plan(Folds(closed=frozenset("a")))):
        board = arrange(Graph((), ()), pen(), plan)
        assert (board.dag.items, board.layout.height) == ((), 0)
        assert opening(board, "a", Graph((), ())) == closing(board, "a") == frozenset()


@pytest.mark.parametrize("deep", ["chain", "continuations"])
def test_however_deep_it_is_one_fold(deep: str) -> None:
    ids = [f"s{at}" for at in range(10_000)]
    links = list(pairwise(ids))
    graph = made_of(ids, links) if deep == "chain" else made_of(ids, [], {b: a for a, b in links})
    assert [len(item.members) for item in shape(graph, ascii, Plan()).items] == [0, 9998, 0]
    if deep == "continuations":
        dag = shape(graph, ascii, Plan(Folds(closed=frozenset(ids))))
        assert [(item.id, len(item.hidden)) for item in dag.items] == [("s0", 9999)]


def test_a_hundred_thousand_nodes_are_a_few() -> None:
    n = 100_000
    ids = [f"{'abcd'[at * 4 // n]}_{at}" for at in range(n)]
    edges = [(ids[at], ids[at + n // 4]) for at in range(3 * n // 4)]
    board = arrange(made_of(ids, edges), pen(), Plan())
    assert [len(item.members) for item in board.dag.items] == [n // 4] * 4
    assert board.layout.height == 1


def test_the_same_shape_whatever_the_hash_seed() -> None:
    program = (
        "from tests.unit.dag_making import graph\n"
        "from wftui.dag.picture import Folds\nfrom wftui.dag.plan import Focus, Plan\n"
        "from wftui.dag.shaping import shape\n"
        "ids = [f'n_{a}' if a % 3 else f'{chr(97 + a % 26)}{a}x' for a in range(200)]\n"
        "edges = [(ids[a // 30], ids[a]) for a in range(1, 200)]\n"
        "parents = {ids[a]: ids[a - 90] for a in range(150, 200)}\n"
        "kept = frozenset(ids[40:60])\n"
        "for focus in (None, Focus(ids[2])):\n"
        "    print(shape(graph(ids, edges, parents), ascii, Plan(Folds(kept=kept), True, focus)))\n"
    )
    shapes = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(shapes) == 1
    assert b"Kind.GROUP" in shapes.pop()
