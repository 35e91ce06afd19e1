"""`wftui show`: all of one workflow, as a page and as JSON."""

from __future__ import annotations

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import START, detail, task
from wftui.model.status import Status, TimeSource
from wftui.model.task import Attempt, ErrorInfo, TaskKind
from wftui.model.workflow import Problem, WorkflowDetail

TASK_KEYS = [
    "id",
    "name",
    "kind",
    "status",
    "upstream",
    "parent",
    "started_at",
    "ended_at",
    "ended_at_source",
    "duration",
    "attempts",
    "max_retries",
    "error",
    "output_size",
    "options",
    "user_metadata",
    "node",
    "pid",
    "waiting_for",
    "queued",
    "ran",
    "share",
    "slack",
]


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def failed() -> WorkflowDetail:
    error = ErrorInfo("ValueError", "bad\x1b[31m row", traceback="Traceback\n  line 1")
    tasks = (
        task("load", started_at=START, ended_at=START + 2, ended_at_source=TimeSource.RECORDED, output_size=17),
        task(
            "train_1",
            Status.FAILED,
            ["load"],
            name="train",
            kind=TaskKind.CONTINUATION,
            parent="load",
            started_at=START + 2,
            ended_at=START + 5,
            ended_at_source=TimeSource.FILE,
            attempts=(Attempt(1, Status.FAILED), Attempt(2, Status.FAILED)),
            max_retries=1,
            error=error,
            options={"num_cpus": 1},
            user_metadata={"api_key": "s3cret"},
            node="10.0.0.1",
            pid=7,
            waiting_for="a worker",
        ),
    )
    found = detail("night.1", Status.FAILED, tasks, error=error, user_metadata={"team": "ml"})
    return WorkflowDetail(found.summary, found.tasks, "train_1", (Problem("tasks/x", "unreadable"),))


def test_one_id_gives_an_object_with_every_key(wftui: Commands) -> None:
    wftui.source("fake", [failed()])
    shown = wftui("show", "night.1", "--json").json
    assert list(shown)[-5:] == ["time", "output_task", "tasks", "critical_path", "problems"]
    (listed,) = wftui("ls", "--json").json
    assert {key: shown[key] for key in listed} == listed
    assert shown["output_task"] == "train_1"
    assert shown["critical_path"] == ["load", "train_1"]
    assert shown["problems"] == [{"path": "tasks/x", "what": "unreadable"}]
    load, train = shown["tasks"]
    assert list(load) == TASK_KEYS
    assert load["attempts"] is None
    assert load["error"] is None
    assert load["options"] == {}
    assert load["duration"] == 2.0
    assert train == {
        "id": "train_1",
        "name": "train",
        "kind": "continuation",
        "status": "FAILED",
        "upstream": ["load"],
        "parent": "load",
        "started_at": START + 2,
        "ended_at": START + 5,
        "ended_at_source": "file",
        "duration": 3.0,
        "attempts": 2,
        "max_retries": 1,
        "error": {
            "type": "ValueError",
            "message": "bad\x1b[31m row",
            "caught": False,
            "stale": False,
            "traceback": "Traceback\n  line 1",
        },
        "output_size": None,
        "options": {"num_cpus": 1},
        "user_metadata": {"api_key": "******"},
        "node": "10.0.0.1",
        "pid": 7,
        "waiting_for": "a worker",
        "queued": None,  # nobody wrote down when the attempt before began
        "ran": 3.0,
        "share": 0.6,
        "slack": 0.0,
    }
    assert shown["time"] == {
        "as_of": None,
        "wall": 5.0,
        "ran": 5.0,
        "queued": 0.0,
        "at_once": {"most": 1, "average": 1.0},
        "worst": ["train_1", "load"],
    }


def test_several_ids_and_all_give_a_list(wftui: Commands) -> None:
    wftui.source("fake", [detail("a"), detail("b", Status.FAILED)])
    assert [w["id"] for w in wftui("show", "a", "b", "--json").json] == ["a", "b"]
    assert [w["id"] for w in wftui("show", "--all", "--json").json] == ["b", "a"]
    wftui.source("empty", [])
    assert wftui("show", "--all", "--json", "-t", "empty").json == []


def test_of_several_ids_the_others_are_printed(wftui: Commands) -> None:
    wftui.source("fake", [detail("a")])
    result = wftui("show", "nope", "a", "--json")
    assert result.code == 4
    assert [w["id"] for w in result.json] == ["a"]
    assert result.err.count("\n") == 1
    assert "'nope'" in result.err
    alone = wftui("show", "nope", "--json")
    assert (alone.code, alone.out) == (4, "")
    assert alone.err.startswith("wftui: no workflow 'nope'")


def test_ids_or_all_are_needed(wftui: Commands) -> None:
    wftui.source("fake", [detail("a")])
    assert wftui("show").code == 2
    assert wftui("show", "a", "--all").code == 2


def test_an_id_in_two_targets_is_refused_naming_both(wftui: Commands) -> None:
    wftui.source("one", [detail("a", target="one")])
    wftui.source("two", [detail("a", target="two"), detail("b", target="two")])
    result = wftui("show", "a", "-t", "one", "-t", "two", "--json")
    assert (result.code, result.out) == (2, "")
    assert "one and two" in result.err
    assert wftui("show", "b", "-t", "one", "-t", "two", "--json").json["target"] == "two"
    assert wftui("show", "a", "-t", "two", "--json").json["target"] == "two"
    assert wftui("show", "x", "-t", "one", "-t", "two").code == 4


def test_what_json_cannot_hold_is_named_in_problems(wftui: Commands) -> None:
    tasks = [task("load", user_metadata={"loss": float("nan")}, options={"n": 2**64})]
    wftui.source("fake", [detail("a", Status.SUCCESSFUL, tasks, user_metadata={"x": float("inf")})])
    shown = wftui("show", "a", "--json").json
    assert shown["user_metadata"] == {"x": "Infinity"}
    assert shown["tasks"][0]["user_metadata"] == {"loss": "NaN"}
    assert shown["tasks"][0]["options"] == {"n": str(2**64)}
    said = {problem["path"]: problem["what"] for problem in shown["problems"]}
    assert "Infinity" in said["user_metadata"]
    assert "NaN" in said["tasks/load/user_metadata"]
    assert "64 bits" in said["tasks/load/options"]


def test_a_page_for_people_says_what_is_wrong_first(wftui: Commands) -> None:
    wftui.source("fake", [failed()])
    result = wftui("show", "night.1")
    assert "✘ FAILED" in result.lines[0]
    assert "night.1" in result.lines[0]
    assert result.out.index("ValueError: bad") < result.out.index("started")
    assert "ERROR in train_1" in result.out
    assert "from the cluster" in result.out
    assert "tasks/x: unreadable" in result.out
    assert '"team": "ml"' in result.out
    assert "\x1b" not in result.out
    assert "● load" in result.out
    assert wftui("show", "night.1", "--ascii").out.isascii()


def test_ids_that_look_like_options_follow_two_dashes(wftui: Commands) -> None:
    wftui.source("fake", [detail("--all"), detail("-t"), detail("")])
    assert wftui("show", "--json", "--", "--all").json["id"] == "--all"
    assert [w["id"] for w in wftui("show", "--json", "--", "-t", "").json] == ["-t", ""]
    assert wftui("show", "", "--json").json["id"] == ""


def test_options_and_ids_in_any_order(wftui: Commands) -> None:
    wftui.source("fake", [detail("a"), detail("b")])
    wftui.engine.default = None
    for argv in (
        ("-t", "fake", "show", "a", "--json", "b"),
        ("--target=fake", "show", "--json", "a", "b"),
        ("show", "a", "-t", "fake", "b", "--json"),
        ("show", "a", "-tfake", "--json", "--", "b"),
    ):
        assert [w["id"] for w in wftui(*argv).json] == ["a", "b"], argv
