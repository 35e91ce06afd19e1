"""Object stores in trouble: one line that says what is wrong, tries that are bounded, and recovery by itself."""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.contract import listed
from tests.sources.object_commands import one_line, three_running
from tests.sources.object_server import BUCKET, SECRET, start_server
from wftui.cli.main import main
from wftui.errors import TargetError
from wftui.model.workflow import WorkflowKey
from wftui.monitor.events import Health, SourceChanged
from wftui.monitor.monitor import Monitor
from wftui.sources.base import SourceOptions
from wftui.sources.ray.object_source import ObjectSource
from wftui.sources.stores.objects import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sources.object_server import ObjectServer
    from wftui.monitor.events import Event


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds a test can wait for."""
    monkeypatch.setattr(wire, "READ_TIMEOUT", 1.0)
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 1.0)
    monkeypatch.setattr(wire, "_LAST_DELAY", 0.2)


@pytest.fixture
def prefix(server: ObjectServer) -> Iterator[str]:
    with three_running(server, "trouble") as prefix:
        yield prefix


LONG = 60.0
FAULTS = {
    "expired": "the credentials have expired",
    "refused": "the credentials are refused (403 SignatureDoesNotMatch)",
    "403": "access is denied (403 AccessDenied)",
    "404": f"there is no bucket {BUCKET} (404 NoSuchBucket)",
    "503": "the store is throttling us (503 SlowDown)",
    "500": "the store has trouble (500 InternalError)",
    "garbage": "does not answer as an object store",
    "stall": "stalls: nothing came for 1 s",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
    server: ObjectServer,
    prefix: str,
    quick: None,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if fault != "stall":  # on a busy machine an answer takes a second now and then
        monkeypatch.setattr(wire, "READ_TIMEOUT", LONG)
    with server.fault(fault, seconds=2.0):
        assert FAULTS[fault] in one_line(capsys, "ls", "-t", server.target(prefix))
    monkeypatch.setattr(wire, "READ_TIMEOUT", LONG)
    assert main(["ls", "-t", server.target(prefix)]) == 0


def test_tries_are_few_and_apart(server: ObjectServer, prefix: str) -> None:
    source = ObjectSource(server.target(prefix), SourceOptions())
    started = time.monotonic()
    with server.fault("503"), pytest.raises(TargetError, match="throttling"):
        source.open()
    source.close()
    assert len(server.log()) == 4
    assert time.monotonic() - started > 0.2


def test_no_such_bucket_and_nothing_there(capsys: pytest.CaptureFixture[str], server: ObjectServer) -> None:
    elsewhere = server.target("x").replace(f"//{BUCKET}/", "//no-such-bucket/")
    assert "there is no bucket no-such-bucket" in one_line(capsys, "ls", "-t", elsewhere)
    assert "not a Ray workflow storage" in one_line(capsys, "ls", "-t", server.target("nothing/here"))


def test_names_and_ports_where_nobody_is(capsys: pytest.CaptureFixture[str], aws: None, quick: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = one_line(capsys, "ls", "-t", f"s3://b/x?endpoint_override=127.0.0.1:{port}&scheme=http")
    assert "refuses connections" in said
    said = one_line(capsys, "ls", "-t", "s3://b/x?endpoint_override=nowhere.invalid&scheme=http")
    assert "the name nowhere.invalid does not resolve" in said


def test_an_object_that_may_not_be_read_is_a_problem_of_its_own(server: ObjectServer, prefix: str) -> None:
    source = ObjectSource(server.target(prefix), SourceOptions())
    source.open()
    listed(source)
    with server.fault("403 object"):
        (row,) = source.summaries(["flow-000001"])
        assert row.started_at is None
        problems = source.detail("flow-000001").problems
        assert [p.what for p in problems if "pre_run" in p.path] == ["permission denied"]
    source.close()


def test_closing_wakes_whoever_waits_for_an_answer(
    server: ObjectServer, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that stalls holds the exit: neither a look nor one of the threads that read many things at once."""
    monkeypatch.setattr(wire, "READ_TIMEOUT", 500.0)
    source = ObjectSource(server.target(prefix), SourceOptions())
    source.open()
    ids = [row.key.id for row in listed(source)]
    ended: queue.SimpleQueue[Exception] = queue.SimpleQueue()

    def ask(what: Callable[[], object]) -> None:
        try:
            what()
        except Exception as error:
            ended.put(error)

    server.log()
    with server.fault("stall", seconds=120.0):
        for what in (lambda: source.summaries(ids), source.changes):
            threading.Thread(target=ask, args=(what,), daemon=True).start()
        until = time.monotonic() + 60
        while len(server.log()) == 0:
            assert time.monotonic() < until
        source.close()
        for _ in range(2):
            assert isinstance(ended.get(timeout=60), TargetError)
    assert not [t for t in threading.enumerate() if t.name.startswith(("wftui-objects", "wftui-rows")) and not t.daemon]


def test_who_waits_in_a_terminal_is_told_for_what(server: ObjectServer, prefix: str) -> None:
    target = server.target(prefix)
    with server.fault("stall", seconds=30.0):
        with Terminal([sys.executable, "-m", "wftui", "ls", "-t", target], rows=6) as terminal:
            terminal.until(f"waiting for s3://{BUCKET}/{prefix}")
            terminal.press("\x03")
            assert terminal.wait() == 130
        words = [sys.executable, "-m", "wftui", "ls", "-t", target]
        quiet = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = quiet.communicate(timeout=120)
    assert (out, err.count("\n"), quiet.returncode) == ("", 1, 3)
    assert "stalls: nothing came" in err


class Told:
    """What a monitor tells."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._states: list[SourceChanged] = []

    def __call__(self, event: Event) -> None:
        with self._condition:
            if isinstance(event, SourceChanged):
                self._states.append(event)
                self._condition.notify_all()

    def wait_for(self, what: Callable[[SourceChanged], bool]) -> SourceChanged:
        with self._condition:
            assert self._condition.wait_for(lambda: any(map(what, self._states)), 2 * LONG)
            found = next(event for event in self._states if what(event))
            self._states.clear()
            return found


@pytest.fixture
def watching(server: ObjectServer, prefix: str, quick: None) -> Iterator[tuple[Monitor, Told]]:
    told = Told()
    monitor = Monitor([ObjectSource(server.target(prefix), SourceOptions(poll=0.1))], told)
    monitor.start()
    told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.loaded == 3)
    yield monitor, told
    monitor.stop()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_monitor_recovers_by_itself(server: ObjectServer, watching: tuple[Monitor, Told], fault: str) -> None:
    _, told = watching
    with server.fault(fault, seconds=2.0):
        down = told.wait_for(lambda e: e.state.health is Health.DOWN and bool(e.state.error))
        assert FAULTS[fault] in down.state.error
        assert "\n" not in down.state.error
        assert SECRET not in down.state.error
        assert down.state.loaded == 3
    told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.error == "")


def test_rows_are_read_only_when_they_come_into_view(server: ObjectServer, watching: tuple[Monitor, Told]) -> None:
    monitor, told = watching
    (state,) = monitor.states()
    assert state.enriched == 0
    assert not [request for request in server.log() if "/flow-" in request.path]
    monitor.show_rows([WorkflowKey(state.info.target, "ray", None, "flow-000001")])
    told.wait_for(lambda e: e.state.enriched == 1)
    assert {request.path.split("/")[4] for request in server.log() if "/flow-" in request.path} == {"flow-000001"}


def test_a_refresh_that_is_asked_for_lists_everything(server: ObjectServer, watching: tuple[Monitor, Told]) -> None:
    """What ended between two looks is in no directory that an idle look reads; ctrl+r finds it."""
    monitor, told = watching
    server.fill("trouble", "SUCCESSFUL", 2, first=100)
    monitor.refresh()
    told.wait_for(lambda e: e.state.loaded == 5)
    (state,) = monitor.states()
    assert state.info.notes[0].startswith("everything listed at")


def test_a_server_that_goes_and_comes_back(aws: None, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "READ_TIMEOUT", LONG)  # it refuses, and does not stall
    server = start_server()
    told = Told()
    try:
        server.put("p/_valid")
        server.fill("p", "RUNNING", 2)
        monitor = Monitor([ObjectSource(server.target("p"), SourceOptions(poll=0.1))], told)
        monitor.start()
        told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.loaded == 2)
        server.close()
        told.wait_for(lambda e: e.state.health is Health.DOWN and "refuses connections" in e.state.error)
        server = start_server(server.port)
        server.put("p/_valid")
        server.fill("p", "RUNNING", 1)
        told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.total == 1)
        monitor.stop()
        assert not server.written
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.close()
