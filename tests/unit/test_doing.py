"""What a workflow is doing right now, in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.making import START, detail, task
from wftui.model.status import Status, StatusSource
from wftui.model.workflow import WorkflowDetail
from wftui.present.doing import doing_text

NOW = START + 130.0
GPU = task("gpu", Status.WAITING, waiting_for="resources: asks 1 GPU; no node has a GPU", waiting_since=START)
TALK = task("talk", Status.RUNNING, node="10.0.0.3", pid=123, started_at=START + 10)


def doing(*tasks: object, status: Status = Status.RUNNING) -> str:
    return doing_text(detail("w", status, tasks), NOW)  # type: ignore[arg-type]  # tasks, spelled short


def test_what_waits_in_vain_comes_first_then_what_runs_where() -> None:
    told = "waiting: gpu (asks 1 GPU; no node has a GPU)   running: talk (10.0.0.3, pid 123, 2m00)"
    assert doing(TALK, GPU, task("last", Status.PENDING, ["talk", "gpu"], waiting_for="talk, gpu")) == told


def test_many_of_a_kind_are_counted() -> None:
    short = "resources: asks 1 CPU; 0 of 4 free"
    waiting = [task(f"part_{i}", Status.READY, waiting_for=short) for i in range(40)]
    more = [replace(TALK, id=f"talk_{i}", pid=i) for i in range(3)]
    assert doing(*waiting, *more) == (
        "running: talk_0 (10.0.0.3, pid 0, 2m00), talk_1 (10.0.0.3, pid 1, 2m00) and 1 more   "
        "ready: part_0 (asks 1 CPU; 0 of 4 free) and 39 more"
    )


def test_a_queued_workflow_tells_what_the_whole_of_it_waits_for() -> None:
    queued = task("first", Status.PENDING, waiting_for="a place among the running workflows: 4 run, as many as may")
    told = "queued: first (a place among the running workflows: 4 run, as many as may)"
    assert doing(queued, task("last", Status.PENDING, ["first"]), status=Status.PENDING) == told


def test_a_continuation_is_told_by_what_it_returned() -> None:
    outer = task("outer", Status.RUNNING, continuation="inner", started_at=START)
    assert doing(outer, replace(TALK, id="inner", name="inner", parent="outer")).startswith("running: inner (")


def test_between_two_tasks_nothing_runs() -> None:
    assert doing(task("a"), task("b", Status.READY, ["a"])) == "no task runs just now"


@pytest.mark.parametrize("status", [Status.SUCCESSFUL, Status.FAILED, Status.RESUMABLE, Status.CANCELED])
def test_of_what_does_not_run_nothing_is_told(status: Status) -> None:
    assert doing(TALK, status=status) == ""


def test_a_bare_directory_does_not_know() -> None:
    known = detail("w", Status.RUNNING, [TALK])
    assert doing_text(replace(known, summary=replace(known.summary, status_source=StatusSource.STORAGE)), NOW) == ""


def test_foreign_text_is_harmless() -> None:
    evil = WorkflowDetail(
        detail("w", Status.RUNNING).summary, (task("\x1b[2J", Status.WAITING, waiting_for="\x1b]0;x\x07\nline"),)
    )
    told = doing_text(evil, NOW)
    assert told.isprintable()
