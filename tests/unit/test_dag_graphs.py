"""Graphs as they come: cycles and doubles are taken out and named, what is missing is shown as missing."""

from __future__ import annotations

import time

import pytest

from tests.unit.dag_making import graph, pairs, pen
from wftui.dag.drawing import Drawing, draw, lay_out
from wftui.dag.graphs import Kind, clean
from wftui.dag.walking import Walk
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status


def test_a_cycle_is_broken_and_named() -> None:
    dag = clean(graph("abcd", pairs("a>b>c>a c>d")), ascii)
    assert dag.after == ((1,), (2,), (3,), ())
    assert dag.notes == ("a cycle: a > b > c > a; the edge c > a is not drawn",)


def test_a_loop_of_one_is_a_cycle() -> None:
    assert clean(graph("a", [("a", "a")]), ascii).notes == ("a cycle: a > a; the edge a > a is not drawn",)


def test_a_loop_of_parents_is_broken() -> None:
    dag = clean(graph("ab", [], {"a": "b", "b": "a"}), ascii)
    assert dag.returned == ((1,), ())
    assert "a cycle" in dag.notes[0]


def test_what_is_missing_is_shown_as_missing() -> None:
    picture = draw(graph("b", [("a\x1b", "b")]), pen(), 60)
    assert picture.lines[0].text == r"? 'a\x1b'  (missing)"
    assert picture.notes == (r"'a\x1b' is waited for but missing",)
    assert clean(graph("b", [("a", "b")]), ascii).items[1].kind is Kind.MISSING


def test_doubles_are_drawn_once() -> None:
    drawn = Graph(tuple(GraphNode(one, one) for one in "aab"), (("a", "b"), ("a", "b")))
    dag = clean(drawn, ascii)
    assert [item.id for item in dag.items] == ["a", "b"]
    assert dag.after == ((1,), ())
    assert dag.notes == ("'a' is there twice: the first is drawn",)


def test_only_so_many_problems_are_named() -> None:
    notes = clean(Graph((), tuple((f"a{at}", f"b{at}") for at in range(50))), ascii).notes
    assert len(notes) == 21
    assert notes[-1] == "and 80 more"


def test_a_sub_dag_fed_from_outside_names_its_parent() -> None:
    # No line can tell that b is of p's sub-DAG: it hangs below a.
    picture = draw(graph(["a", "p", "b"], [("a", "b")], {"b": "p"}), pen(), 60)
    assert any("b  in p" in line.text for line in picture.lines), picture.lines


def test_walking_along_edges_and_siblings() -> None:
    layout = lay_out(graph("abcd", pairs("a>b a>c b>d c>d")), pen(), 60)
    walk, row = Walk(layout), layout.row_of
    assert walk.downstream(row["a"]) == row["b"]
    assert walk.upstream(row["d"]) == row["c"]
    assert walk.sibling(row["b"], 1) == row["c"]
    assert walk.sibling(row["c"], 1) == row["b"]
    assert walk.step(row["a"], -1) == row["a"]
    assert walk.step(row["c"], 1) == row["d"], "the line between is passed over"
    assert walk.upstream(row["a"]) == row["a"]


N = 20_000
LARGE = {
    "chain": [(at, at + 1) for at in range(N - 1)],
    "fan": [(0, at) for at in range(1, N - 1)] + [(at, N - 1) for at in range(1, N - 1)],
    "tree": [((at - 1) // 2, at) for at in range(1, N)],
    "caterpillar": [(at, at + 2) for at in range(0, N - 2, 2)] + [(at, at + 1) for at in range(0, N - 1, 2)],
    "cycles": [(at, (at + 1) % N) for at in range(N)] + [(at, at // 2) for at in range(N)],
    "isolated": [],
    "wide": [(at, at + 50) for at in range(N - 50)] + [(at, at + 51) for at in range(N - 51)],
}


def _cpu(edges: list[tuple[int, int]], count: int) -> float:
    nodes = tuple(GraphNode(str(at), f"task_{at}", Status.PENDING) for at in range(count))
    large = Graph(nodes, tuple((str(a), str(b)) for a, b in edges if a < count and b < count))
    started = time.process_time()
    for grouped in (False, True):
        drawing = Drawing(lay_out(large, pen(), 120, grouped=grouped), large, pen(), 120)
        for at in range(min(50, len(drawing.layout.rows))):
            drawing.line(at)
    return time.process_time() - started


@pytest.mark.parametrize("name", LARGE)
def test_time_grows_with_the_graph_not_with_its_square(name: str) -> None:
    small = _cpu(LARGE[name], N // 8)
    assert _cpu(LARGE[name], N) < 8 * 3.5 * (small + 0.02)
