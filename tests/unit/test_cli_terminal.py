"""What is different where a person sits: colours, widths, questions."""

from __future__ import annotations

import io
import shutil
import sys
import threading
from os import terminal_size
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import detail
from wftui.cli.opening import Opening
from wftui.errors import TargetError
from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.present.tables import cells
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftui.sources.base import Source


class Tty(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def __init__(self, text: str = "") -> None:
        super().__init__(io.BytesIO(text.encode()), encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return True

    @property
    def written(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode()


class Desk:
    """Commands with a person in front of them, who answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, commands: Commands) -> None:
        self._monkeypatch = monkeypatch
        self.commands = commands

    def __call__(self, *argv: str, answer: str = "") -> tuple[int, str, str]:
        out, err = Tty(), Tty()
        self._monkeypatch.setattr(sys, "stdin", Tty(answer))
        self._monkeypatch.setattr(sys, "stdout", out)
        self._monkeypatch.setattr(sys, "stderr", err)
        code = self.commands(*argv).code
        return code, out.written, err.written


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: terminal_size((60, 24)))
    return Desk(monkeypatch, Commands(monkeypatch, capsys))


def test_colour_repeats_the_word_and_can_be_turned_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.commands.source("fake", [detail("a", Status.FAILED)])
    _, coloured, _ = desk("ls")
    assert "\x1b[31m✘ FAILED\x1b[0m" in coloured
    assert "\x1b" not in desk("ls", "--no-color")[1]
    assert "✘ FAILED" in desk("ls", "--no-color")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in desk("ls")[1]
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in desk("ls")[1]


def test_a_table_fits_the_terminal(desk: Desk) -> None:
    desk.commands.source("fake", [detail("night" * 20, Status.FAILED, error=ErrorInfo("ValueError", "x" * 200))])
    _, out, _ = desk("ls", "--no-color")
    assert all(cells(line) <= 60 for line in out.splitlines())
    assert "…" in out
    _, page, _ = desk("show", "night" * 20, "--no-color")
    assert "night" * 20 in page


def test_json_is_the_same_data_for_a_person(desk: Desk) -> None:
    desk.commands.source("fake", [detail("a")])
    _, out, _ = desk("show", "a", "--json")
    assert out.startswith('{\n  "id": "a",\n')
    assert "\x1b" not in out


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_a_yes_is_asked_for_and_the_plan_named_first(desk: Desk, answer: str) -> None:
    source = desk.commands.source("fake", [detail("a\x1b", Status.RUNNING)])
    code, out, err = desk("cancel", "a\x1b", "--no-color", answer=answer)
    assert code == 0
    assert "canceled  a␛" in out
    assert "a␛ (RUNNING) would be canceled: its running tasks are stopped" in err
    assert err.endswith("cancel it? [y/N] ")
    assert source.detail("a\x1b").summary.status is Status.CANCELED


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yep\n"])
def test_anything_else_is_no(desk: Desk, answer: str) -> None:
    source = desk.commands.source("fake", [detail("a", Status.RUNNING), detail("b", Status.RUNNING)])
    code, out, err = desk("cancel", "a", "b", answer=answer)
    assert (code, out) == (5, "")
    assert "cancel these 2 workflows? [y/N]" in err
    assert "not confirmed" in err
    assert source.detail("a").summary.status is Status.RUNNING


def test_nothing_is_asked_when_nothing_can_be_done(desk: Desk) -> None:
    desk.commands.source("fake", [detail("done")])
    code, _, err = desk("cancel", "done")
    assert code == 5
    assert "[y/N]" not in err
    assert "not canceled: it is SUCCESSFUL" in err


def test_a_bad_target_is_told_before_the_monitor_takes_the_screen(desk: Desk) -> None:
    desk.commands.source("fake", []).fail("nobody answers")
    assert desk("fake") == (3, "", "wftui: nobody answers\n")


@pytest.mark.parametrize(("content", "said"), [('{"main.fly": "x"}', "'main.fly'"), ("[", "is not JSON")])
def test_a_broken_key_map_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, said: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "wftui").mkdir()
    (tmp_path / "wftui" / "keys.json").write_text(content)
    desk.commands.source("fake", [])
    code, out, err = desk("fake")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


class Counting(FakeSource):
    """Counts how often it was opened."""

    opened = 0

    def open(self) -> None:
        self.opened += 1
        super().open()


def test_what_is_open_is_not_opened_again_until_it_fails() -> None:
    source = Counting("fake", [detail("a")], clock=FakeClock())
    sources: Sequence[Source] = [source]
    (opened,) = Opening(sources).opened(60)
    opened.open()
    assert source.opened == 1
    opened.open()
    assert source.opened == 2
    assert opened.info == source.info
    assert opened.page(None, 10).total == 1


def test_the_first_target_is_told_when_none_opens() -> None:
    bad, worse = (FakeSource(name, [], clock=FakeClock()) for name in ("bad", "worse"))
    bad.fail("bad is down")
    worse.fail("worse is down")
    with pytest.raises(TargetError, match="bad is down"):
        Opening([bad, worse]).opened(60)


def test_a_target_that_is_down_does_not_hold_the_others() -> None:
    good, bad = (FakeSource(name, [], clock=FakeClock()) for name in ("good", "bad"))
    bad.fail("bad is down")
    first, second = Opening([bad, good]).opened(60)
    second.open()
    with pytest.raises(TargetError, match="bad is down"):
        first.open()
    bad.recover()
    first.open()


def test_a_target_that_takes_its_time_does_not_hold_the_others() -> None:
    answer = threading.Event()

    class Slow(FakeSource):
        def open(self) -> None:
            assert answer.wait(120)

    good, slow = FakeSource("good", [], clock=FakeClock()), Slow("slow", [], clock=FakeClock())
    waiting, _ = Opening([slow, good]).opened(60)
    answer.set()
    waiting.open()


class Slow(FakeSource):
    """Opens, or fails, when it is told to."""

    def __init__(self, target: str) -> None:
        super().__init__(target, [], clock=FakeClock())
        self.answer = threading.Event()

    def open(self) -> None:
        assert self.answer.wait(60)
        super().open()


def test_a_target_that_takes_long_does_not_hold_the_app() -> None:
    slow = Slow("s3://slow")
    opening = Opening([slow])
    told: list[BaseException] = []
    (opened,) = opening.opened(0.01)
    opening.when_hopeless(told.append)
    slow.answer.set()
    opened.open()
    assert not told


def test_what_takes_long_and_then_cannot_be_opened_is_told_once_all_are_known() -> None:
    slow, bad = Slow("ray://slow"), FakeSource("bad", [], clock=FakeClock())
    slow.fail("nobody answers")
    bad.fail("bad is down")
    opening = Opening([slow, bad])
    opening.opened(0.01)
    told: SimpleQueue[BaseException] = SimpleQueue()
    opening.when_hopeless(told.put)
    assert told.empty()
    slow.answer.set()
    assert str(told.get(timeout=60)) == "nobody answers"


def test_a_password_in_a_target_is_not_repeated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    code, _, err = desk("ls", "-t", "mysql://maria:hunter2@db/x")
    assert code == 2
    assert "hunter2" not in err
