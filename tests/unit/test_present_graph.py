"""Tasks as nodes of a graph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.making import START, detail, task
from wftui.model.status import Status, StatusSource
from wftui.model.task import TaskKind
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.graph import graph_of, heavy_edges, legend, ticking

OK, RUN = Status.SUCCESSFUL, Status.RUNNING


def test_labels_are_harmless_and_ids_raw() -> None:
    graph = graph_of(detail("w", OK, [task("a\x1b[2J"), task("", OK, ["a\x1b[2J"])]), START)
    assert [(node.id, node.label) for node in graph.nodes] == [("a\x1b[2J", "a␛[2J"), ("", "(empty id)")]
    assert graph.edges == (("a\x1b[2J", ""),)


def test_an_edge_that_is_recorded_twice_is_one() -> None:
    assert graph_of(detail("w", OK, [task("a"), task("b", OK, ["a", "a"])]), START).edges == (("a", "b"),)


def test_times_grow_only_where_somebody_knows_that_it_runs() -> None:
    running = detail("w", RUN, [task("a", OK, started_at=START, ended_at=START + 63), task("b", RUN, started_at=START)])
    assert [node.time for node in graph_of(running, START + 90).nodes] == ["1m03", "1m30"]
    assert ticking(running) == {"b"}
    bare = replace(running, summary=replace(running.summary, status_source=StatusSource.STORAGE))
    assert [node.time for node in graph_of(bare, START + 90).nodes] == ["1m03", ""]
    assert not ticking(bare)


@pytest.mark.parametrize("status", [Status.PENDING, Status.READY])
def test_what_did_not_begin_has_no_time(status: Status) -> None:
    stale = task("a", status, started_at=START - 90, ended_at=START - 30)
    node = graph_of(detail("w", RUN, [stale]), START).nodes[0]
    assert (node.time, node.duration) == ("", None)


def test_what_a_bound_cut_off_is_not_missing() -> None:
    whole = detail("w", OK, [task("b", OK, ["a"]), task("c", OK, ["b"])])
    assert graph_of(whole, START).edges == (("a", "b"), ("b", "c"))
    assert graph_of(replace(whole, truncated=(2, 3)), START).edges == (("b", "c"),)


def test_heavy_lines_are_those_that_are_drawn() -> None:
    tasks = [
        task("a"), task("outer", OK, ["a"], kind=TaskKind.CONTINUATION), task("in", parent="outer"),
        task("deep", parent="in"), task("z", OK, ["outer"]),
    ]  # fmt: skip
    graph = graph_of(detail("w", OK, tasks), START)
    assert heavy_edges(["a", "outer", "in", "deep", "z"], graph) == {
        ("a", "outer"), ("outer", "in"), ("in", "deep"), ("outer", "z"),
    }  # fmt: skip
    assert heavy_edges(["a", "z", "nobody"], graph) == frozenset()
    assert heavy_edges([], graph) == frozenset()


def test_a_continuation_is_the_parent_of_what_it_returned() -> None:
    graph = graph_of(detail("w", OK, [task("outer"), task("inner", parent="outer")]), START)
    assert [node.parent for node in graph.nodes] == [None, "outer"]


def test_the_legend_tells_what_occurs_and_wraps() -> None:
    tasks = [task("a"), task("b"), task("c", Status.FAILED), task("d", Status.PENDING)]
    graph = graph_of(detail("w", OK, tasks), START)
    assert ["".join(span.text for span in line) for line in legend(graph, UNICODE, 80)] == [
        "✘ FAILED 1   ◌ PENDING 1   ✔ SUCCESSFUL 2"
    ]
    assert ["".join(span.text for span in line) for line in legend(graph, ASCII, 26)] == [
        "X FAILED 1   . PENDING 1",
        "+ SUCCESSFUL 2",
    ]
    assert legend(graph_of(detail("w", OK, []), START), UNICODE, 80) == ()
