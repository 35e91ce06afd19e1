"""Tasks of one name and layer as one node, and chains that fold."""

from __future__ import annotations

import pytest

from tests.benchmarks import families
from wftui.dag.focus import focus
from wftui.dag.graphs import Kind, clean
from wftui.dag.grouping import by_interest, group, stem
from wftui.dag.plan import Focus, Reach
from wftui.dag.tallies import Tally
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("extract_07", "extract"), ("extract[7]", "extract"), ("step 12", "step"), ("a.b-3", "a.b"),
        ("v2_model", "v2_model"),
        ("7", "7"), ("task#4", "task"), ("x" * 100 + "_5", "x" * 100), ("", ""),
    ],
)  # fmt: skip
def test_a_stem_is_the_name_without_its_number(label: str, expected: str) -> None:
    assert stem(label) == expected


def fanned(status: Status | None = None) -> Graph:
    nodes = [GraphNode("a", "a"), *(GraphNode(f"t{i}", f"t_{i}", status) for i in range(5)), GraphNode("z", "z")]
    edges = [("a", f"t{i}") for i in range(5)] + [(f"t{i}", "z") for i in range(5)]
    return Graph(tuple(nodes), tuple(edges))


def test_alike_in_one_layer_become_one() -> None:
    graph = fanned()
    nodes = {node.id: node for node in graph.nodes}
    made = group(clean(graph, ascii), nodes)
    assert [(item.id, item.kind, len(item.members)) for item in made.items] == [
        ("a", Kind.NODE, 0), ("t0", Kind.GROUP, 5), ("z", Kind.NODE, 0),
    ]  # fmt: skip
    assert made.after == ((1,), (2,), ())


def test_what_is_kept_stands_alone_before_the_rest() -> None:
    graph = fanned()
    nodes = {node.id: node for node in graph.nodes}
    made = group(clean(graph, ascii), nodes, frozenset({"t3", "t0"}))
    assert [(item.id, item.kind, item.members, item.origin) for item in made.items] == [
        ("a", Kind.NODE, (), None), ("t0", Kind.NODE, (), "t0"), ("t3", Kind.NODE, (), "t0"),
        ("t1", Kind.GROUP, ("t1", "t2", "t4"), "t0"), ("z", Kind.NODE, (), None),
    ]  # fmt: skip
    assert made.after == ((1, 2, 3), (4,), (4,), (4,), ())


def test_the_rest_of_one_is_that_one() -> None:
    graph = fanned()
    nodes = {node.id: node for node in graph.nodes}
    made = group(clean(graph, ascii), nodes, frozenset({"t0", "t1", "t2", "t3"}))
    assert [(item.id, item.kind) for item in made.items] == [(node.id, Kind.NODE) for node in graph.nodes]
    assert {item.origin for item in made.items} == {None, "t0"}


def test_alike_in_different_layers_stay_apart() -> None:
    graph = families.as_graph(families.chain(6), [f"step_{i}" for i in range(6)])
    nodes = {node.id: node for node in graph.nodes}
    assert len(group(clean(graph, ascii), nodes).items) == 6


def test_what_failed_comes_first_then_the_slowest() -> None:
    nodes = {
        "a": GraphNode("a", "a", Status.SUCCESSFUL, duration=3.0),
        "b": GraphNode("b", "b", Status.FAILED, duration=1.0),
        "c": GraphNode("c", "c", Status.SUCCESSFUL, duration=9.0),
        "d": GraphNode("d", "d", Status.FAILED, duration=2.0),
        "e": GraphNode("e", "e"),
    }
    tally = Tally.of([*nodes, "gone"], nodes)
    assert tally.counts == {Status.SUCCESSFUL: 2, Status.FAILED: 2}
    assert tally.loudest is Status.FAILED
    assert Tally().loudest is None
    assert by_interest([*nodes, "gone"], nodes) == ["d", "b", "c", "a", "e", "gone"]


def test_focus() -> None:
    graph = families.named("a>b b>c c>d d>e b>x y>c")

    def ids(reach: Reach, hops: int = 2) -> str:
        return "".join(sorted(node.id for node in focus(graph, Focus("c", reach, hops)).nodes))

    assert ids(Reach.ANCESTORS) == "abcy"
    assert ids(Reach.DESCENDANTS) == "cde"
    assert ids(Reach.HOPS, 1) == "bcdy"
    assert ids(Reach.HOPS, 0) == "c"
    assert focus(graph, Focus("c", Reach.HOPS, 1)).edges == (("b", "c"), ("c", "d"), ("y", "c"))
    assert focus(graph, Focus("nobody")) is graph


def test_focus_follows_what_was_returned() -> None:
    graph = Graph((GraphNode("a", "a"), GraphNode("b", "b", parent="a"), GraphNode("c", "c")), ())
    assert [node.id for node in focus(graph, Focus("a", Reach.DESCENDANTS)).nodes] == ["a", "b"]
