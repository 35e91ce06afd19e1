"""`wftui wait`: when it ends, and with which exit code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import START, detail
from wftui.errors import TargetError
from wftui.model.status import Status
from wftui.model.task import ErrorInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.fake import FakeSource


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def after_looks(source: FakeSource, looks: int, then: Callable[[], None]) -> None:
    """Do something when the rows were looked at so often."""
    plain = source.summaries
    count = []

    def counting(ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        count.append(1)
        if len(count) == looks:
            then()
        return plain(ids)

    source.summaries = counting  # type: ignore[method-assign]


def test_what_has_ended_is_answered_at_once(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", ended_at=START + 5), detail("b", Status.FAILED, error=ErrorInfo("E", "no"))])
    good = wftui("wait", "a")
    assert (good.code, good.err) == (0, "")
    assert good.out.split() == ["✔", "SUCCESSFUL", "a", "5.0s"]
    bad = wftui("wait", "a", "b")
    assert bad.code == 1
    assert "E: no" in bad.out
    assert [row["id"] for row in wftui("wait", "b", "a", "--json").json] == ["b", "a"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.SUCCESSFUL, 0), (Status.FAILED, 1), (Status.CANCELED, 1), (Status.RESUMABLE, 1)],
)
def test_it_blocks_until_the_end(wftui: Commands, status: Status, code: int) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING), detail("b", Status.PENDING), detail("c")])
    after_looks(source, 3, lambda: source.put(detail("a")))
    after_looks(source, 5, lambda: source.put(detail("b", status)))
    result = wftui("wait", "a", "b", "c", "--timeout", "60", "--json")
    assert result.code == code
    assert [row["status"] for row in result.json] == ["SUCCESSFUL", status.value, "SUCCESSFUL"]


def test_the_time_is_up(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", Status.RUNNING), detail("b")])
    result = wftui("wait", "a", "b", "--timeout", "0.2", "--json")
    assert result.code == 1
    assert [row["status"] for row in result.json] == ["RUNNING", "SUCCESSFUL"]
    assert result.err == "wftui: timeout: workflow 'a' is still RUNNING\n"


def test_what_does_not_exist(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a"), detail("b", Status.RUNNING)])
    result = wftui("wait", "nope", "a")
    assert result.code == 4
    assert "SUCCESSFUL" in result.out
    assert "'nope'" in result.err
    after_looks(source, 3, lambda: source.remove("b"))
    gone = wftui("wait", "b", "--timeout", "60")
    assert gone.code == 4
    assert "deleted" in gone.err
    assert wftui("wait").code == 2
    assert wftui("wait", "a", "--timeout", "0").code == 2


def test_a_target_that_comes_back_is_waited_for(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])

    def down() -> None:
        source.put(detail("a"))
        source.fail("head is gone")
        threading.Timer(0.1, source.recover).start()

    after_looks(source, 3, down)
    result = wftui("wait", "a", "--timeout", "60")
    assert result.code == 0
    assert result.err == "wftui: head is gone; trying again\n"


def test_a_target_that_stays_away(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    after_looks(source, 2, lambda: source.fail("head is gone"))
    result = wftui("wait", "a", "--timeout", "1.2")
    assert result.code == 3
    assert result.err.splitlines()[-1] == "wftui: head is gone"


def test_a_target_that_cannot_be_opened_again_at_once_is_tried_again(
    wftui: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    plain, times = source.open, []

    def opened() -> None:
        times.append(1)
        if len(times) == 2:  # the first time is the command's beginning
            raise TargetError("no Ray cluster at 127.0.0.1:1: Connection refused")
        if len(times) == 3:
            source.put(detail("a"))
            source.recover()
        plain()

    monkeypatch.setattr(source, "open", opened)
    after_looks(source, 2, lambda: source.fail("the cluster is gone"))
    result = wftui("wait", "a", "--timeout", "60", "--json")
    assert result.code == 0
    assert [row["status"] for row in result.json] == ["SUCCESSFUL"]
    assert result.err.count("trying again") == 1
