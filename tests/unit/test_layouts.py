"""The layout service: a usable picture at once, then the best one; only what is still wanted, nothing moves in vain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import families, replays
from tests.unit.layout_hearing import PEN, SINGLE, Heard, etl, with_more
from wftui.dag.board import arrange
from wftui.dag.picture import Folds, View
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.layouts.passes import LayoutFailed
from wftui.layouts.request import Request
from wftui.layouts.service import LayoutService
from wftui.layouts.worth import Worth
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

LIVE = Plan(grouped=False, at_rest=False)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(heard: Heard) -> Iterator[LayoutService]:
    made = LayoutService(heard)
    yield made
    made.close()


def test_the_best_layout_comes_last_and_is_the_one_that_is_made_anywhere(service: LayoutService, heard: Heard) -> None:
    request = Request(etl(200), PEN, SINGLE)
    service.want(request)
    last = heard.last_of(request)
    assert last.board == arrange(request.graph, PEN, SINGLE)
    assert isinstance(last.drawn, Scene)
    assert not last.error
    assert [laid.final for laid in heard.answers] in ([True], [False, True])


def test_of_a_small_graph_only_the_best_layout_is_shown(service: LayoutService, heard: Heard) -> None:
    request = Request(families.named(families.ETL), PEN)
    service.want(request)
    heard.last_of(request)
    assert [laid.final for laid in heard.answers] == [True]


@pytest.mark.parametrize("view", [View.LANES, View.TREE, View.AUTO])
def test_lanes_and_trees_come_as_wide_as_asked(service: LayoutService, heard: Heard, view: View) -> None:
    request = Request(families.named(families.ML), PEN, view=view, width=60)
    service.want(request)
    laid = heard.last_of(request)
    assert laid.drawn is not None
    assert laid.board is None
    assert laid.drawn.width == 60
    assert laid.drawn.view in (View.LANES, View.TREE)


@pytest.mark.parametrize("view", [View.LAYERS, View.TREE])
def test_where_only_statuses_are_new_there_is_no_new_picture(service: LayoutService, heard: Heard, view: View) -> None:
    request = Request(families.named(families.ETL), PEN, view=view, width=80)
    service.want(request)
    heard.last_of(request)
    nodes = tuple(replace(node, status=Status.FAILED, time="3s") for node in request.graph.nodes)
    later = replace(request, graph=Graph(nodes, request.graph.edges))
    service.want(later)
    laid = heard.last_of(later)
    assert laid.drawn is None
    assert laid.kept


def test_what_is_appended_moves_nothing(service: LayoutService, heard: Heard) -> None:
    request = Request(families.named(families.ETL), PEN, LIVE)
    service.want(request)
    before = heard.last_of(request).board
    later = replace(request, graph=with_more(request.graph, ("notify", "mail"), ("notify", "chat")))
    service.want(later)
    laid = heard.last_of(later)
    assert laid.kept
    assert before is not None
    assert laid.board is not None
    assert {name: laid.board.layout.boxes[name] for name in before.layout.boxes} == dict(before.layout.boxes)
    assert isinstance(laid.drawn, Scene)
    assert laid.drawn.area_of("chat") is not None


def test_nothing_grows_out_of_the_picture_of_something_else(service: LayoutService, heard: Heard) -> None:
    request = Request(families.named("a>b a>c c>d"), PEN, LIVE, key="one")
    service.want(request)
    heard.last_of(request)
    other = replace(request, graph=with_more(request.graph, ("b", "e"), ("a", "f")), key="other")
    service.want(other)
    assert heard.last_of(other).board == arrange(other.graph, PEN, LIVE)
    anew = replace(other, graph=with_more(other.graph, ("b", "g")), anew=True)
    service.want(anew)
    assert heard.last_of(anew).board == arrange(anew.graph, PEN, LIVE)
    folded = replace(anew, plan=replace(LIVE, folds=Folds(closed=frozenset({"a"}))), anew=False)
    service.want(folded)
    assert heard.last_of(folded).board == arrange(folded.graph, PEN, folded.plan)


def test_a_new_edge_into_what_was_there_lays_out_anew(service: LayoutService, heard: Heard) -> None:
    request = Request(families.named("a>b a>c c>d"), PEN, LIVE)
    service.want(request)
    heard.last_of(request)
    later = replace(request, graph=with_more(request.graph, ("d", "b")))
    service.want(later)
    laid = heard.last_of(later)
    assert not laid.kept
    assert laid.board == arrange(later.graph, PEN, LIVE)


def test_a_layout_that_grew_much_worse_is_given_up_and_that_is_told(service: LayoutService, heard: Heard) -> None:
    # Each of the many waits for one of the first, crosswise, so that no place below them is good.
    first = Graph(tuple(GraphNode(f"a{i}", f"a{i}") for i in range(12)), ())
    request = Request(first, PEN, LIVE)
    service.want(request)
    heard.last_of(request)
    grown = first
    for i in range(12):
        grown = with_more(grown, (f"a{i}", f"x{i}"), (f"a{(i * 5 + 3) % 12}", f"x{i}"))
    later = replace(request, graph=grown)
    service.want(later)
    laid = heard.wait(lambda laid: bool(laid.anew))
    assert "crossings instead of" in laid.anew
    fresh = arrange(grown, PEN, LIVE)
    assert laid.board == fresh
    appended = next(one.board for one in heard.answers if one.request is later and one.board is not None)
    assert appended.layout.crossings + 2 > 1.5 * (fresh.layout.crossings + 2)


def test_worth_has_one_measure_for_both_questions() -> None:
    assert not Worth(10, 20).betters(Worth(16, 20))
    assert Worth(10, 20).betters(Worth(17, 20)) == "laid out anew: 10 crossings instead of 17"
    assert Worth(0, 31).betters(Worth(0, 47)) == "grouped and folded anew: 31 boxes instead of 47"
    assert not Worth(0, 1).betters(Worth(0, 30))
    assert not Worth(0, 1).may_be_bettered(Worth(1, 2))


def test_of_a_burst_the_newest_is_answered(service: LayoutService, heard: Heard) -> None:
    graph = etl(100)
    requests = [Request(graph, PEN, SINGLE, key=i) for i in range(40)]
    for request in requests:
        service.want(request)
    heard.last_of(requests[-1])
    assert len(heard.answers) < len(requests)
    numbers = [int(str(laid.request.key)) for laid in heard.answers]
    assert numbers == sorted(numbers)


def test_news_faster_than_layouts_do_not_put_off_the_best_one(service: LayoutService, heard: Heard) -> None:
    request = Request(etl(1500), PEN, LIVE)
    service.want(request)
    heard.wait(lambda laid: laid.drawn is not None)
    assert not heard.answers[-1].final
    pid = service.pid
    for i in range(6):
        request = replace(request, graph=with_more(request.graph, ("7", f"new{i}")))
        service.want(request)
        heard.wait(lambda laid, request=request: laid.request is request)  # type: ignore[misc]
    best = heard.wait(lambda laid: laid.final and laid.board is not None)
    assert service.pid == pid, "what was under way was not given up"
    assert best.board is not None
    heard.wait(lambda laid: laid.final and laid.board is not None and {"new0", "new1"} <= set(laid.board.layout.boxes))
    assert all(laid.board is not None for laid in heard.answers)


def test_a_request_that_is_overtaken_still_lays_out_anew(heard: Heard) -> None:
    service = LayoutService(heard)
    try:
        request = Request(families.named("a>b a>c"), PEN, LIVE)
        service.want(request)
        heard.last_of(request)
        service.want(replace(request, anew=True))
        last = replace(request, graph=with_more(request.graph, ("b", "d")))
        service.want(last)
        assert heard.last_of(last).board is not None
        assert sum(laid.drawn is not None for laid in heard.answers if not laid.kept) >= 2
    finally:
        service.close()


def failing_name(text: str) -> str:
    raise ZeroDivisionError(text)


@pytest.mark.parametrize("n", [4, 200, 600])
def test_what_goes_wrong_is_told_and_the_next_request_is_answered(service: LayoutService, heard: Heard, n: int) -> None:
    graph = etl(n)
    broken = Request(Graph(graph.nodes, (*graph.edges, ("0", "not there"))), replace(PEN, name=failing_name), SINGLE)
    service.want(broken)
    laid = heard.wait(lambda laid: laid.error is not None)
    assert isinstance(laid.error, (ZeroDivisionError, LayoutFailed))
    assert "not there" in str(laid.error)
    sound = Request(graph, PEN, replace(SINGLE, quick=True))
    service.want(sound)
    assert heard.last_of(sound).error is None


def test_replayed_workflows_never_need_a_new_layout() -> None:
    for graph in (replays.continued(50), families.as_graph(families.fan(50)), etl(100)):
        heard = Heard()
        service = LayoutService(heard)
        try:
            request = None
            for now in replays.in_order(graph):
                request = Request(now, PEN, LIVE)
                service.want(request)
                heard.wait(lambda laid, request=request: laid.request is request)  # type: ignore[misc]
            assert request is not None
            heard.last_of(request)
        finally:
            service.close()
        unasked = [laid for laid in heard.answers[1:] if laid.drawn is not None and not laid.kept and not laid.anew]
        # What is left are those where a channel ran out of columns.
        assert all(laid.board is not None for laid in unasked)
        assert len(unasked) <= len(graph.nodes) // 8
