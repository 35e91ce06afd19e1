"""Large layouts are made in a process: what happens to it is told, and it is gone when it should be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.layout_hearing import PEN, SINGLE, Heard, etl, is_gone, waited_for
from wftui.dag.board import arrange
from wftui.layouts import service as services
from wftui.layouts.request import Request
from wftui.layouts.service import LayoutService

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(heard: Heard) -> Iterator[LayoutService]:
    with closing(LayoutService(heard)) as made:
        yield made


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
    # Large enough to be at work still, however late this thread hears of its first layout; else a larger one.
    pid = None
    for count in (8_000, 12_000, 18_000):
        large = Request(etl(count), PEN, SINGLE, key=f"large {count}")
        service.want(large)
        heard.wait(lambda laid, large=large: laid.request is large and laid.drawn is not None)  # type: ignore[misc]
        pid = service.pid
        other = Request(etl(600), PEN, SINGLE, key=f"other {count}")
        service.want(other)
        heard.last_of(other)
        if not any(laid.final for laid in heard.answers if laid.request is large):
            break
    assert pid is not None
    before = pid
    assert waited_for(lambda: is_gone(before))
    assert service.pid != before
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
