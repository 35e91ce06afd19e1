"""`wftui watch`: a line for every change."""

from __future__ import annotations

import json
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import START, detail, task
from wftui.cli.output import Output
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = 120.0


class Watching:
    """A `wftui watch --json` in this process: each line it prints may trigger the next step; the last interrupts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wftui: Commands) -> None:
        self._wftui = wftui
        self._steps: list[Callable[[], None]] = []
        self.lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
        plain = Output.json_line

        def seen(out: Output, value: object) -> None:
            plain(out, value)
            if not self._steps:
                raise KeyboardInterrupt
            self._steps.pop(0)()

        monkeypatch.setattr(Output, "json_line", seen)

    def run(self, *argv: str, steps: list[Callable[[], None]]) -> tuple[int, list[Any], str]:
        self._steps = steps
        timer = threading.Timer(PATIENCE, lambda: self._steps.clear())
        timer.start()
        result = self._wftui("watch", "--json", *argv)
        timer.cancel()
        return result.code, [json.loads(line) for line in result.lines], result.err


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch, wftui: Commands) -> Watching:
    return Watching(monkeypatch, wftui)


def nothing() -> None:
    pass


def test_a_line_for_what_there_is_and_one_for_every_change(wftui: Commands, watching: Watching) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    code, lines, err = watching.run(
        steps=[
            lambda: source.put(detail("a", Status.FAILED)),
            lambda: source.put(detail("b")),
            lambda: source.remove("a"),
        ]
    )
    assert code == 130
    assert err == ""
    assert [(line["change"], line["id"], line["status"]) for line in lines] == [
        ("listed", "a", "RUNNING"),
        ("updated", "a", "FAILED"),
        ("added", "b", "SUCCESSFUL"),
        ("removed", "a", "FAILED"),
    ]
    (row,) = wftui("ls", "--json").json
    assert list(lines[0]) == ["change", "at", *row]


def test_what_was_there_is_listed_also_when_its_times_come_later(wftui: Commands, watching: Watching) -> None:
    wftui.source("fake", [detail("a", complete=False), detail("b", complete=False)])
    _, lines, _ = watching.run(steps=[nothing])
    assert [(line["change"], line["id"]) for line in lines] == [("listed", "a"), ("listed", "b")]


def test_one_workflow_with_its_tasks(wftui: Commands, watching: Watching) -> None:
    running = detail("a", Status.RUNNING, [task("load", Status.RUNNING)])
    source = wftui.source("fake", [running, detail("b")])
    code, lines, _ = watching.run(
        "a",
        steps=[lambda: source.put(detail("a", Status.RUNNING, [task("load"), task("train", Status.RUNNING)]))],
    )
    assert code == 130
    assert [[t["status"] for t in line["tasks"]] for line in lines] == [["RUNNING"], ["SUCCESSFUL", "RUNNING"]]
    assert list(lines[0]) == ["change", "at", *wftui("show", "a", "--json").json]


def test_an_unknown_id(wftui: Commands) -> None:
    wftui.source("fake", [detail("a")])
    result = wftui("watch", "nope", "--json")
    assert (result.code, result.out) == (4, "")


def test_an_id_in_two_targets(wftui: Commands) -> None:
    wftui.source("one", [detail("a", target="one")])
    wftui.source("two", [detail("a", target="two")])
    result = wftui("watch", "a", "-t", "one", "-t", "two")
    assert result.code == 2
    assert "is in two targets" in result.err


def test_a_target_that_cannot_be_read_at_all(wftui: Commands) -> None:
    wftui.source("fake", []).fail("no answer")
    result = wftui("watch")
    assert (result.code, result.err) == (3, "wftui: no answer\n")


def test_a_target_that_is_down_does_not_hold_the_others(wftui: Commands, watching: Watching) -> None:
    bad = wftui.source("bad", [detail("a", target="bad")])
    bad.fail("no answer")
    good = wftui.source("good", [detail("b", target="good")])
    targets = ("-t", "bad", "-t", "good")
    code, lines, err = watching.run(*targets, steps=[lambda: good.put(detail("c", target="good"))])
    assert code == 130
    assert [(line["change"], line["id"]) for line in lines] == [("listed", "b"), ("added", "c")]
    assert err in ("", "wftui: bad: no answer; trying again\n")
    assert wftui("watch", "b", *targets)[0::2] == (3, "wftui: no answer\n")
    good.fail("nor here")
    assert wftui("watch", *targets).code == 3


def test_a_target_that_goes_and_comes_back(wftui: Commands, watching: Watching) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])

    def down() -> None:
        source.fail("head is gone")
        threading.Timer(0.3, source.recover).start()
        threading.Timer(0.4, lambda: source.put(detail("a"))).start()

    def once_more() -> None:
        threading.Timer(0.3, lambda: source.put(detail("b"))).start()

    code, lines, err = watching.run(steps=[down, once_more])
    assert code == 130
    assert [line["status"] for line in lines] == ["RUNNING", "SUCCESSFUL", "SUCCESSFUL"]
    assert err.splitlines() == ["wftui: fake: head is gone; trying again", "wftui: fake: back"]


def test_lines_for_people(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    source = wftui.source("fake", [detail("a\x1b", Status.RUNNING)])
    flush = Output.flush
    seen = []

    def flushed(out: Output) -> None:
        flush(out)
        seen.append(1)
        if len(seen) == 1:
            source.put(detail("a\x1b", Status.FAILED))
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr(Output, "flush", flushed)
    result = wftui("watch")
    assert result.code == 130
    assert [line.split()[1:] for line in result.lines] == [
        ["listed", "▶", "RUNNING", "a␛"],
        ["updated", "✘", "FAILED", "a␛"],
    ]


def test_what_happens_to_one_workflow(
    wftui: Commands, watching: Watching, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    first = task("load", started_at=START, ended_at=START + 1)
    source = wftui.source("fake", [detail("a", Status.RUNNING, [first])])
    code, lines, _ = watching.run(
        "a",
        "--events",
        steps=[
            nothing,
            nothing,
            lambda: source.put(
                detail("a", Status.RUNNING, [first, task("train", Status.RUNNING, started_at=START + 2)])
            ),
        ],
    )
    assert code == 130
    assert [(line["event"], line["task"]) for line in lines] == [
        ("started", None),
        ("started", "load"),
        ("finished", "load"),
        ("started", "train"),
    ]
    assert {line["id"] for line in lines} == {"a"}


def test_events_as_text_tell_what_was_done_here(
    wftui: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    wftui.source("fake", [detail("a", Status.RUNNING, [task("load\x1b", Status.RUNNING, started_at=START)])])
    wftui("cancel", "a", "--yes")

    def flushed(_: Output) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Output, "flush", flushed)
    result = wftui("watch", "a", "--events")
    assert result.code == 130
    words = [line.split() for line in result.lines]
    assert "started" in words[0]
    assert any("load␛" in line for line in result.lines)
    (deed,) = (line for line in result.lines if "cancel " in line)
    assert "audit" in deed
    assert "done, by" in deed


def test_events_need_an_id(wftui: Commands) -> None:
    wftui.source("fake", [detail("a")])
    assert wftui("watch", "--events").code == 2
