"""`wftui cancel`, `resume`, `delete` and `emit`: plans, questions, outcomes and exit codes."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import detail, task
from wftui.cli import act
from wftui.model.status import Status

if TYPE_CHECKING:
    from wftui.model.action import ActionKind

KEYS = ["id", "action", "done", "status_before", "status_after", "why"]


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def test_cancel(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    result = wftui("cancel", "a", "--yes", "--json")
    assert result.code == 0
    (row,) = result.json
    assert list(row) == KEYS
    assert row == {
        "id": "a",
        "action": "cancel",
        "done": True,
        "status_before": "RUNNING",
        "status_after": "CANCELED",
        "why": None,
    }
    assert source.detail("a").summary.status is Status.CANCELED


def test_in_words(wftui: Commands) -> None:
    wftui.source("fake", [detail("a\x1b", Status.RUNNING), detail("b")])
    assert wftui("cancel", "a\x1b", "--yes") == (0, "canceled  a␛  · RUNNING -> CANCELED\n", "")
    assert wftui("delete", "b", "--yes") == (0, "deleted  b  · was SUCCESSFUL\n", "")


@pytest.mark.parametrize("command", ["cancel", "resume", "delete"])
def test_without_a_yes_nothing_is_done_where_nobody_can_answer(wftui: Commands, command: str) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    result = wftui(command, "a", "--json")
    assert (result.code, result.out) == (5, "")
    assert result.err.count("\n") == 1
    assert "--yes" in result.err
    assert source.detail("a").summary.status is Status.RUNNING


@pytest.mark.parametrize("command", ["cancel", "resume", "delete"])
@pytest.mark.parametrize("how", ["option", "environment"])
def test_read_only_refuses(wftui: Commands, monkeypatch: pytest.MonkeyPatch, command: str, how: str) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING)])
    if how == "environment":
        monkeypatch.setenv("WFTUI_READ_ONLY", "1")
    result = wftui(command, "a", "--yes", *(["--read-only"] if how == "option" else []))
    assert (result.code, result.out) == (5, "")
    assert "read-only" in result.err
    assert wftui.engine.made == []  # not even opened
    assert source.detail("a").summary.status is Status.RUNNING


def test_a_target_without_actions_refuses_and_unknown_ids_are_told_apart(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", Status.RUNNING)], read_only=True)
    result = wftui("cancel", "a", "--yes", "--json")
    assert result.code == 5
    assert result.json[0]["status_before"] == "RUNNING"
    assert "fake is a cluster" in result.err
    assert wftui("cancel", "x", "--yes").code == 4
    assert wftui("resume", "--all", "--yes").code == 5


def test_exit_codes_of_mixed_outcomes(wftui: Commands) -> None:
    def fresh() -> None:
        wftui.source("fake", [detail("runs", Status.RUNNING), detail("failed", Status.FAILED), detail("done")])

    fresh()
    wrong = wftui("cancel", "done", "--yes", "--json")
    assert wrong.code == 5
    assert wrong.json[0]["why"] == "it is SUCCESSFUL"
    assert wftui("cancel", "done", "failed", "--yes").code == 5
    mixed = wftui("cancel", "done", "runs", "--yes", "--json")
    assert mixed.code == 1
    assert [row["done"] for row in mixed.json] == [False, True]
    fresh()
    missing = wftui("cancel", "nope", "runs", "--yes", "--json")
    assert missing.code == 4
    assert [(row["id"], row["done"]) for row in missing.json] == [("nope", False), ("runs", True)]
    assert missing.json[0]["status_before"] is None
    assert wftui("cancel", "nope", "--yes").code == 4
    assert wftui("cancel", "--yes").code == 2


def test_the_same_id_twice_is_one_action(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", Status.RUNNING)])
    assert len(wftui("cancel", "a", "a", "--yes", "--json").json) == 1


def test_a_dry_run_says_what_a_resume_keeps_and_runs_and_does_nothing(wftui: Commands) -> None:
    tasks = [task("load", output_size=4), task("train", Status.FAILED, ["load"])]
    source = wftui.source("fake", [detail("a", Status.FAILED, tasks)])
    result = wftui("resume", "a", "--dry-run")
    assert result.code == 0
    assert "would be resumed" in result.out
    assert "checkpoints kept: load" in result.out
    assert "runs again: train" in result.out
    (row,) = wftui("resume", "a", "--dry-run", "--json").json
    assert list(row) == KEYS
    assert (row["done"], row["status_before"], row["status_after"]) == (False, "FAILED", "FAILED")
    assert "checkpoints kept: load; runs again: train" in row["why"]
    assert source.detail("a").summary.status is Status.FAILED
    assert wftui("cancel", "a", "--dry-run").code == 5
    assert wftui("cancel", "nope", "--dry-run").code == 4


def test_resume_all_takes_the_resumable_and_the_failed_where_asked(wftui: Commands) -> None:
    def fresh() -> None:
        rows = [detail("r", Status.RESUMABLE), detail("f", Status.FAILED), detail("c", Status.CANCELED), detail("s")]
        wftui.source("fake", rows)

    fresh()
    assert [row["id"] for row in wftui("resume", "--all", "--yes", "--json").json] == ["r"]
    assert wftui("resume", "--all", "--yes", "--json") == (0, "[]\n", "")
    fresh()
    both = wftui("resume", "--all", "--include-failed", "--yes", "--json")
    assert both.code == 0
    assert [(row["id"], row["status_after"]) for row in both.json] == [("f", "RUNNING"), ("r", "RUNNING")]
    assert wftui("resume", "--all", "a", "--yes").code == 2
    assert wftui("resume", "a", "--include-failed", "--yes").code == 2
    assert wftui("resume", "--yes").code == 2


def test_an_id_in_two_targets_is_not_guessed(wftui: Commands) -> None:
    wftui.source("one", [detail("a", Status.RUNNING, target="one")])
    wftui.source("two", [detail("a", Status.RUNNING, target="two"), detail("b", Status.RUNNING, target="two")])
    result = wftui("cancel", "a", "-t", "one", "-t", "two", "--yes")
    assert (result.code, result.out) == (2, "")
    assert "one and two" in result.err
    assert wftui("cancel", "b", "-t", "one", "-t", "two", "--yes").code == 0


def test_cancel_of_a_queued_workflow_is_refused_with_the_reason(wftui: Commands) -> None:
    wftui.source("fake", [detail("q", Status.PENDING)])
    result = wftui("cancel", "q", "--yes", "--json")
    assert result.code == 5
    assert result.json[0]["done"] is False
    assert "queued" in result.json[0]["why"]
    assert "--wait" in result.err
    assert "once it runs" in wftui("cancel", "q", "--dry-run", "--wait").out


def test_an_armed_cancel_blocks_until_it_has_fired(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "_BETWEEN", 0.01)
    source = wftui.source("fake", [detail("q", Status.PENDING)])
    plan = source.actions.plan if source.actions else None
    assert plan is not None
    looks = []

    def and_then_it_is_canceled(kind: ActionKind, workflow_id: str, *rest: Any) -> object:
        looks.append(workflow_id)
        if len(looks) == 3:
            queued = source.detail("q")
            source.put(replace(queued, summary=replace(queued.summary, status=Status.CANCELED)))
        return plan(kind, workflow_id, *rest)

    monkeypatch.setattr(source.actions, "plan", and_then_it_is_canceled)
    result = wftui("cancel", "q", "--yes", "--wait", "--json")
    assert result.code == 0
    assert "armed" in result.err
    (row,) = result.json
    assert (row["done"], row["status_before"], row["status_after"]) == (True, "PENDING", "CANCELED")


def test_an_interrupt_disarms(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    source = wftui.source("fake", [detail("q", Status.PENDING)])

    def interrupted(seconds: float) -> None:
        assert source.actions is not None
        assert source.actions.armed == {"q"}
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    result = wftui("cancel", "q", "--yes", "--wait")
    assert result.code == 130
    assert source.actions is not None
    assert source.actions.armed == set()
    assert "disarmed" in result.err


def test_what_was_done_is_told_also_when_the_target_goes_away(wftui: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    source = wftui.source("fake", [detail("a", Status.RUNNING), detail("b", Status.RUNNING)])
    assert source.actions is not None
    do = source.actions.act

    def once(kind: ActionKind, workflow_id: str, **rest: Any) -> object:
        outcome = do(kind, workflow_id, **rest)
        source.fail("the head is gone")
        return outcome

    monkeypatch.setattr(source.actions, "act", once)
    result = wftui("cancel", "a", "b", "--yes", "--json")
    assert result.code == 3
    assert [row["id"] for row in result.json] == ["a"]
    assert result.err == "wftui: the head is gone\n"
