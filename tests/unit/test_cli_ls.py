"""`wftui ls`: the list as a table and as JSON."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import START, detail
from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import ErrorInfo
from wftui.model.workflow import Problem, Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowSummary

KEYS = [
    "id",
    "engine",
    "target",
    "namespace",
    "name",
    "status",
    "status_source",
    "recorded_status",
    "started_at",
    "ended_at",
    "ended_at_source",
    "duration",
    "user_metadata",
    "error",
]


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def ids(rows: list[dict[str, object]]) -> list[object]:
    return [row["id"] for row in rows]


def test_every_key_is_there_in_order(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", started_at=None, recorded_status="")])
    (row,) = wftui("ls", "--json").json
    assert list(row) == KEYS
    assert row["started_at"] is None
    assert row["recorded_status"] is None
    assert row["user_metadata"] == {}
    assert row["namespace"] is None
    assert row["error"] is None


def test_values(wftui: Commands) -> None:
    failed = detail(
        "a",
        Status.FAILED,
        ended_at=START + 5,
        ended_at_source=TimeSource.FILE,
        user_metadata={"team": "ml"},
        error=ErrorInfo("shop.NoStock", "none left", args=("x",), traceback="…"),
    )
    wftui.source("fake", [replace(failed, summary=replace(failed.summary, status_source=StatusSource.STORAGE))])
    (row,) = wftui("ls", "--json").json
    assert row == {
        "id": "a",
        "engine": "ray",
        "target": "fake",
        "namespace": None,
        "name": None,
        "status": "FAILED",
        "status_source": "storage",
        "recorded_status": "FAILED",
        "started_at": START,
        "ended_at": START + 5,
        "ended_at_source": "file",
        "duration": 5.0,
        "user_metadata": {"team": "ml"},
        "error": {"type": "shop.NoStock", "message": "none left"},
    }


def test_failed_then_running_then_others_each_newest_first_then_by_id(wftui: Commands) -> None:
    wftui.source(
        "fake",
        [
            detail("old success", started_at=START),
            detail("new cancel", Status.CANCELED, started_at=START + 9),
            detail("queued", Status.PENDING, started_at=None),
            detail("run", Status.RUNNING, started_at=START + 1),
            detail("fail b", Status.FAILED, started_at=START + 1),
            detail("fail a", Status.FAILED, started_at=START + 1),
            detail("fail new", Status.FAILED, started_at=START + 2),
        ],
    )
    rows = wftui("ls", "--json").json
    assert ids(rows) == ["fail new", "fail a", "fail b", "run", "new cancel", "old success", "queued"]
    assert ids(wftui("ls", "--json", "--limit", "2").json) == ["fail new", "fail a"]
    assert wftui("ls", "--json", "--limit", "0").json == []


def test_a_status_that_changes_while_it_is_read_stands_where_it_belongs(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("f", Status.FAILED), detail("r", Status.RUNNING, complete=False)])
    plain = source.summaries

    def changed(found: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        return tuple(replace(row, status=Status.FAILED, started_at=START + 9) for row in plain(found))

    source.summaries = changed  # type: ignore[method-assign,assignment]
    assert ids(wftui("ls", "--json").json) == ["r", "f"]
    assert ids(wftui("ls", "--json", "--status", "running").json) == []


def test_status_ignores_case_and_may_be_given_twice(wftui: Commands) -> None:
    wftui.source("fake", [detail("a"), detail("b", Status.FAILED), detail("c", Status.CANCELED)])
    assert ids(wftui("ls", "--json", "--status", "faiLED", "--status", "Canceled").json) == ["b", "c"]
    wrong = wftui("ls", "--status", "broken")
    assert wrong.code == 2
    assert wrong.err.count("\n") == 1
    assert "failed, running" in wrong.err


def test_name_is_a_glob_on_the_id_or_the_name(wftui: Commands) -> None:
    wftui.source("fake", [detail("night.1"), detail("day.1", name="nightly"), detail("day\n2")])
    assert ids(wftui("ls", "--json", "--name", "night*").json) == ["day.1", "night.1"]
    assert ids(wftui("ls", "--json", "--name", "day*").json) == ["day\n2", "day.1"]


def test_since_takes_what_started_or_entered_its_status_in_time(wftui: Commands) -> None:
    now = time.time()
    wftui.source(
        "fake",
        [
            detail("just started", started_at=now - 60),
            detail("just ended", started_at=now - 90_000, status_since=now - 60),
            detail("long over", started_at=now - 90_000, status_since=now - 90_000),
            detail("only index", started_at=now - 60, complete=False),
        ],
    )
    wanted = ["just started", "only index", "just ended"]
    assert sorted(map(str, ids(wftui("ls", "--json", "--since", "2h").json))) == sorted(wanted)
    assert sorted(map(str, ids(wftui("ls", "--json", "--since", "2h", "--quick").json))) == sorted(wanted)
    assert len(wftui("ls", "--json", "--since", "3d").json) == 4
    assert wftui("ls", "--since", "soon").code == 2


@pytest.mark.parametrize("age", ["90s", "90", "1.5m", "2h", "3d", "1w"])
def test_ages(wftui: Commands, age: str) -> None:
    wftui.source("fake", [])
    assert wftui("ls", "--since", age).code == 0


def test_quick_reads_the_index_only(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a", complete=False)])
    source.summaries = None  # type: ignore[assignment,method-assign] # calling it fails
    assert ids(wftui("ls", "--json", "--quick").json) == ["a"]


def test_ids_are_raw_and_ascii_in_json(wftui: Commands) -> None:
    strange = ["\x1b[31mred", "a\nb", "ünï", "bytes \udcff", "", "-dash", "🦆"]
    wftui.source("fake", [detail(workflow_id) for workflow_id in strange])
    result = wftui("ls", "--json")
    assert sorted(map(str, ids(result.json))) == sorted(strange)
    assert '"bytes \\udcff"' in result.out


def test_text_is_harmless(wftui: Commands) -> None:
    wftui.source("fake", [detail("\x1b[31mred\nline", error=ErrorInfo("E", "bad\x07\nsecond"), name="n\u202e")])
    result = wftui("ls")
    assert "\x1b" not in result.out
    assert "\x07" not in result.out
    assert "\u202e" not in result.out
    assert len(result.lines) == 2


def test_a_table_for_people(wftui: Commands) -> None:
    wftui.source(
        "fake",
        [
            detail("a" * 70, Status.FAILED, error=ErrorInfo("ValueError", "no such column"), progress=Progress(1, 3)),
            detail("b", Status.RUNNING),
        ],
    )
    result = wftui("ls")
    assert result.lines[0].split() == ["STATUS", "WORKFLOW", "TASKS", "STARTED", "TIME", "ERROR"]
    assert "✘ FAILED" in result.lines[1]
    assert "a" * 70 in result.lines[1]  # nothing is cut where no terminal is
    assert "ValueError: no such column" in result.lines[1]
    assert "1/3" in result.lines[1]
    assert "▶ RUNNING" in result.lines[2]
    assert "\x1b" not in result.out
    assert "X FAILED" in wftui("ls", "--ascii").out
    assert wftui("ls", "--ascii").out.isascii()


def test_an_empty_list_is_no_error(wftui: Commands) -> None:
    wftui.source("fake", [])
    assert wftui("ls", "--json") == (0, "[]\n", "")
    assert wftui("ls") == (0, "", "")


def test_several_targets_are_one_list(wftui: Commands) -> None:
    wftui.source("one", [detail("a", target="one")])
    wftui.source("two", [detail("a", target="two"), detail("b", Status.FAILED, target="two")])
    rows = wftui("ls", "-t", "one", "--target", "two", "-t", "one", "--json").json
    assert [(row["target"], row["id"]) for row in rows] == [("two", "b"), ("one", "a"), ("two", "a")]
    assert "TARGET" in wftui("ls", "one", "two").out


def test_problems_go_to_stderr_a_line_each_and_do_not_change_the_exit(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a")])
    source.set_problems(Problem(f"workflows/x{at}\x1b", "has no\nentry") for at in range(25))
    result = wftui("ls", "--json")
    assert result.code == 0
    assert len(result.json) == 1
    lines = result.err.splitlines()
    assert lines[0] == "problem: workflows/x0␛: has no␊entry"
    assert sum(line.startswith("problem: ") for line in lines) == 20
    assert len(lines) == 21
    assert "5 more" in lines[-1]
    assert "25" in lines[-1]
    source.set_problems([Problem("p", "w")] * 20)
    assert len(wftui("ls").err.splitlines()) == 20


def test_secrets_are_masked_unless_asked_for(wftui: Commands) -> None:
    wftui.source("fake", [detail("a", user_metadata={"db": {"password": "hunter2"}, "n": 1})])
    assert "hunter2" not in wftui("ls", "--json").out
    (row,) = wftui("ls", "--json", "--show-secrets").json
    assert row["user_metadata"] == {"db": {"password": "hunter2"}, "n": 1}


def test_what_strict_json_cannot_hold_becomes_text(wftui: Commands) -> None:
    metadata = {"nan": float("nan"), "inf": [float("-inf")], "big": 2**70, "fits": -(2**63)}
    wftui.source("fake", [detail("a", user_metadata=metadata)])
    (row,) = wftui("ls", "--json").json
    assert row["user_metadata"] == {"nan": "NaN", "inf": ["-Infinity"], "big": str(2**70), "fits": -(2**63)}


def test_a_target_that_fails_is_one_line_and_exit_3(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a")])
    source.fail("no answer from \x1b[31mhead")
    assert wftui("ls", "--json") == (3, "", "wftui: no answer from ␛[31mhead\n")


def test_a_target_that_is_down_does_not_hold_the_others_and_is_told_of(wftui: Commands) -> None:
    wftui.source("fake", [detail("a")]).fail("no answer")
    wftui.source("other", [detail("b", target="other")])
    for order in (("fake", "other"), ("other", "fake")):
        result = wftui("ls", *order, "--json")
        assert (result.code, ids(result.json), result.err) == (3, ["b"], "wftui: no answer\n")
    assert "TARGET" in wftui("ls", "fake", "other").out
    wftui.source("third", []).fail("nor here")
    assert wftui("ls", "third", "fake", "--json") == (3, "", "wftui: nor here\n")


def test_rows_that_vanish_while_they_are_read_are_left_out(wftui: Commands) -> None:
    source = wftui.source("fake", [detail("a", complete=False), detail("b")])
    source.summaries = lambda ids: ()  # type: ignore[method-assign]
    assert ids(wftui("ls", "--json").json) == ["b"]
