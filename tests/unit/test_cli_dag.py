"""`wftui dag`: graphs of workflows as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import START, detail, task
from wftui.model.status import Status
from wftui.model.task import TaskKind

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail

OK, FAIL = Status.SUCCESSFUL, Status.FAILED


@pytest.fixture
def wftui(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(monkeypatch, capsys)


def shop() -> WorkflowDetail:
    times: dict[str, Any] = {"started_at": START, "ended_at": START + 63}
    return detail(
        "shop",
        FAIL,
        [
            task("load", OK, **times),
            task("train\x1b[31m", OK, ["load"], kind=TaskKind.CONTINUATION, **times),
            task("fold", OK, parent="train\x1b[31m", **times),
            task("check", FAIL, ["load"], **times),
            task("report", Status.PENDING, ["train\x1b[31m", "check"]),
        ],
    )


def test_the_graph_as_text(wftui: Commands) -> None:
    wftui.source("fake", [shop()])
    result = wftui("dag", "shop", "--width", "60")
    assert result.code == 0
    assert result.lines == [
        "✔     load             1m03",
        "├─✔─╮ train␛[31m       1m03",
        "│ ╎ │",
        "│ ✔ │ fold             1m03",
        "╰─✘─┤ check            1m03  FAILED",
        "╭───╯",
        "◌     report",
        "",
        "✘ FAILED 1   ◌ PENDING 1   ✔ SUCCESSFUL 3",
    ]


def test_ascii_and_the_tree(wftui: Commands) -> None:
    wftui.source("fake", [shop()])
    result = wftui("dag", "shop", "--view", "tree", "--ascii")
    assert result.out.isascii()
    assert "also after: " in result.out
    assert "X check" in result.out


def test_no_line_is_wider_than_asked_for(wftui: Commands) -> None:
    wftui.source("fake", [shop()])
    for width in (1, 10, 30):
        lines = wftui("dag", "shop", "--width", str(width)).lines
        assert all(len(line) <= width for line in lines[: lines.index("")])


def test_long_chains_are_folded_unless_not_to(wftui: Commands) -> None:
    wftui.source("fake", [detail("long", OK, [task(f"t{at}", OK, [f"t{at - 1}"] if at else []) for at in range(40)])])
    assert "38 folded: t1..38" in wftui("dag", "long").out
    assert "folded" not in wftui("dag", "long", "--no-group").out


def wide() -> WorkflowDetail:
    times: dict[str, Any] = {"started_at": START, "ended_at": START + 9}
    parts = [f"part_{at}" for at in range(200)]
    tasks = [
        task("plan", OK, **times),
        *(task(part, FAIL if part == "part_7" else OK, ["plan"], **times) for part in parts),
    ]
    return detail("wide", FAIL, [*tasks, task("sum", OK, parts, **times)])


@pytest.mark.parametrize("options", [["--width", "60"], ["--width", "120"], ["--view", "tree"], ["--view", "layers"]])
def test_many_tasks_that_are_alike_are_one_and_what_failed_is_told(wftui: Commands, options: list[str]) -> None:
    wftui.source("fake", [wide()])
    for more in ([], ["--ascii"]):
        lines = wftui("dag", "wide", *options, *more).lines
        drawn = "\n".join(lines[: lines.index("")])
        assert len(drawn.splitlines()) <= 3
        assert "part x200" in drawn if more else "part ×200" in drawn
        assert ("X1" in drawn or "1X" in drawn) if more else ("✘1" in drawn or "1✘" in drawn)
    assert len(wftui("dag", "wide", *options, "--no-group").lines) > 200


def test_what_does_not_fit_in_layers_is_drawn_in_lanes(wftui: Commands) -> None:
    steps = [task(f"step_{at}", FAIL, [f"step_{at - 1}"] if at else []) for at in range(30)]
    wftui.source("fake", [detail("long", FAIL, steps)])
    lines = wftui("dag", "long", "--width", "120").lines
    assert len(lines) == 32
    assert all(len(line) <= 120 for line in lines)
    assert len(wftui("dag", "long", "--width", "120", "--view", "layers").lines) == 3


def test_the_critical_path_is_heavy_through_groups(wftui: Commands) -> None:
    wftui.source("fake", [wide()])
    assert "━" in wftui("dag", "wide", "--width", "120").lines[0]
    assert "=" in wftui("dag", "wide", "--width", "120", "--ascii").lines[0]


@pytest.mark.parametrize("view", ["round", ""])
def test_views_that_are_not_there(wftui: Commands, view: str) -> None:
    wftui.source("fake", [shop()])
    result = wftui("dag", "shop", "--view", view)
    assert result.code == 2
    assert result.out == ""
    assert "--view lanes" in result.err or "lanes, tree" in result.err


def test_no_such_workflow(wftui: Commands) -> None:
    wftui.source("fake", [shop()])
    assert wftui("dag", "nope").code == 4


def test_a_workflow_without_tasks(wftui: Commands) -> None:
    wftui.source("fake", [detail("empty", OK, [])])
    result = wftui("dag", "empty")
    assert (result.code, result.out) == (0, "")
    assert "no tasks" in result.err
