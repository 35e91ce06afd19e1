"""The layout service: a usable picture at once, then the best one; only what is still wanted, nothing moves in vain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import families, replays
from wftui.dag.board import arrange
from wftui.dag.picture import Folds, Pen, View
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.layouts import service as services
from wftui.layouts.passes import LayoutFailed
from wftui.layouts.request import Laid, Request
from wftui.layouts.service import LayoutService
from wftui.layouts.worth import Worth
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEN = Pen(UNICODE.status)
SINGLE = Plan(grouped=False)
LIVE = Plan(grouped=False, at_rest=False)
# No test waits so long unless something hangs.
LONG = 120.0


class Heard:
    """Every answer so far, in order, with a way to wait for one."""

    def __init__(self) -> None:
        self.answers: list[Laid] = []
        self._more = threading.Condition()

    def __call__(self, laid: Laid) -> None:
        with self._more:
            self.answers.append(laid)
            self._more.notify_all()

    def wait(self, true: Callable[[Laid], bool]) -> Laid:
        """The first answer of which this is true."""
        with self._more:
            assert self._more.wait_for(lambda: any(map(true, self.answers)), LONG), self.answers
        return next(filter(true, self.answers))

    def last_of(self, request: Request) -> Laid:
        """The final answer to a request."""
        return self.wait(lambda laid: laid.request is request and laid.final)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(heard: Heard) -> Iterator[LayoutService]:
    made = LayoutService(heard)
    yield made
    made.close()


def etl(n: int) -> Graph:
    return families.as_graph(families.etl(n))


def with_more(graph: Graph, *edges: tuple[str, str]) -> Graph:
    """The graph with new nodes: the targets of the edges."""
    known = {node.id for node in graph.nodes}
    new = dict.fromkeys(target for _, target in edges if target not in known)
    return Graph((*graph.nodes, *(GraphNode(one, one) for one in new)), (*graph.edges, *edges))


def waited_for(true: Callable[[], bool]) -> bool:
    """Poll what tells of itself by no event."""
    end = time.monotonic() + LONG
    while not true():
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.01)
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


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


# -- the process ---------------------------------------------------------------------------------------------------


def test_a_large_layout_is_made_in_a_process_without_terminal(service: LayoutService, heard: Heard) -> None:
    request = Request(etl(700), PEN, SINGLE)
    service.want(request)
    heard.wait(lambda laid: laid.drawn is not None)
    pid = service.pid
    assert pid is not None
    assert os.getsid(pid) == pid, "the terminal's Ctrl-C reaches it"
    streams = [str(Path(f"/proc/{pid}/fd/{number}").readlink()) for number in range(3)]
    assert streams[2] == os.devnull
    assert all(stream.startswith("pipe:") for stream in streams[:2])
    laid = heard.last_of(request)
    assert laid.board == arrange(request.graph, PEN, SINGLE)
    assert not laid.note
    assert service.pid == pid, "it stays for the next"
    service.close()
    assert waited_for(lambda: is_gone(pid))


def test_a_process_that_is_killed_is_told_and_made_up_for(service: LayoutService, heard: Heard) -> None:
    request = Request(etl(700), PEN, SINGLE)
    service.want(request)
    assert waited_for(lambda: service.pid is not None)
    pid = service.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    laid = heard.last_of(request)
    assert "ended" in laid.note
    assert laid.board == arrange(request.graph, PEN, SINGLE)


def test_what_is_not_wanted_any_more_is_killed(service: LayoutService, heard: Heard) -> None:
    large = Request(etl(2000), PEN, SINGLE, key="large")
    service.want(large)
    heard.wait(lambda laid: laid.drawn is not None)
    pid = service.pid
    assert pid is not None
    other = Request(etl(600), PEN, SINGLE, key="other")
    service.want(other)
    heard.last_of(other)
    assert waited_for(lambda: is_gone(pid))
    assert service.pid != pid
    assert not any(laid.final for laid in heard.answers if laid.request is large)


def test_closing_ends_the_process_at_work(service: LayoutService, heard: Heard) -> None:
    service.want(Request(etl(2000), PEN, SINGLE))
    heard.wait(lambda laid: laid.drawn is not None)
    pid = service.pid
    assert pid is not None
    service.close()
    assert waited_for(lambda: is_gone(pid))
    count = len(heard.answers)
    service.want(Request(etl(10), PEN))
    assert len(heard.answers) == count


def test_where_no_process_can_be_started_a_thread_makes_it(
    service: LayoutService, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    request = Request(etl(600), PEN, SINGLE)
    service.want(request)
    laid = heard.last_of(request)
    assert "could not be started" in laid.note or "no process" in laid.note
    assert laid.board is not None


def test_what_cannot_be_sent_is_made_in_a_thread(service: LayoutService, heard: Heard) -> None:
    pen = replace(PEN, name=lambda text: text)
    request = Request(etl(600), pen, SINGLE)
    service.want(request)
    laid = heard.last_of(request)
    assert "could not be sent" in laid.note
    assert laid.board is not None


ORPHAN = """
import sys, time
from tests.benchmarks import families
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.layouts.request import Request
from wftui.layouts.service import LayoutService
from wftui.present.glyphs import UNICODE
service = LayoutService(lambda laid: None)
service.want(Request(families.as_graph(families.etl(6000)), Pen(UNICODE.status), Plan(grouped=False)))
while service.pid is None:
    time.sleep(0.01)
print(service.pid, flush=True)
sys.stdin.read()
"""


def test_the_process_is_gone_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(services.__file__).parents[2],
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not is_gone(pid)
        parent.kill()
    assert waited_for(lambda: is_gone(pid))


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
