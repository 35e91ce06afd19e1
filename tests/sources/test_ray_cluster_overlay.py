"""What is laid over the storage from the manager's memory, and what may be done then: pure, no Ray."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.sources.manager_making import KEY, ROW, T0, Manager, State, chain, look
from wftui.model.action import ActionKind
from wftui.model.status import Status, StatusSource
from wftui.model.task import ErrorInfo, Task, TaskKind
from wftui.model.workflow import Progress, WorkflowDetail
from wftui.sources.ray.cluster.acting.guards import make_plan, split_tasks, why_not
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.overlay import ARMED, lay_over_detail, lay_over_row, lay_over_task, task_from_memory
from wftui.sources.ray.cluster.place import find_place


@pytest.mark.parametrize("word", ["RUNNING", "PENDING"])
def test_recorded_as_active_but_not_run_by_the_manager_is_resumable(word: str) -> None:
    row = lay_over_row(replace(ROW, recorded_status=word), None)
    assert row.status is Status.RESUMABLE
    assert row.status_source is StatusSource.CLUSTER
    assert row.recorded_status == word


def test_nothing_is_inferred_before_the_manager_was_heard() -> None:
    assert lay_over_row(ROW, None, infer=False) is ROW


@pytest.mark.parametrize("status", [Status.SUCCESSFUL, Status.FAILED, Status.CANCELED])
def test_what_ended_is_told_by_the_storage(status: Status) -> None:
    row = replace(ROW, status=status, recorded_status=status.value)
    assert lay_over_row(row, None) is row


def test_the_manager_overrules_the_storage_about_what_it_runs() -> None:
    state, memory = chain(), Memory()
    look(Manager(w=state), memory)
    row = replace(ROW, status=Status.FAILED, recorded_status="FAILED", ended_at=9.0, error=ErrorInfo("E", "e"))
    over = lay_over_row(row, memory.workflow("w"), armed=True)
    assert (over.status, over.status_source) == (Status.RUNNING, StatusSource.CLUSTER)
    assert (over.ended_at, over.error, over.recorded_status) == (None, None, "FAILED")
    assert over.progress == Progress(0, 3)
    assert over.note == ARMED


def test_progress_after_a_resume_counts_what_was_done_before() -> None:
    again, memory = State("c", {"c": ["b"], "b": ["a"]}), Memory()
    for task in again.tasks.values():
        task.task_id = ""
    look(Manager(w=again), memory)
    row = lay_over_row(replace(ROW, progress=Progress(1, 3)), memory.workflow("w"))
    assert row.progress == Progress(1, 3)


def test_a_task_in_a_retry_carries_its_old_error_as_stale() -> None:
    state, memory = chain(), Memory()
    manager = Manager(w=state)
    state.task_retries["a"] = 2
    state.submit("a", T0 + 50.0)
    look(manager, memory)
    stored = Task("a", "a", TaskKind.TASK, Status.FAILED, started_at=49.0, ended_at=49.5, error=ErrorInfo("E", "e"))
    task = lay_over_task(stored, memory.tasks("w")[0])
    assert (task.status, task.ended_at, task.max_retries) == (Status.RUNNING, None, 3)
    assert task.error is not None
    assert task.error.stale
    assert task.attempts is not None
    assert [(a.number, a.status) for a in task.attempts] == [
        (1, Status.FAILED),
        (2, Status.FAILED),
        (3, Status.RUNNING),
    ]
    failed = task.attempts[1]
    assert (failed.error, failed.started_at, failed.ended_at) == (stored.error, 49.0, 49.5)
    again = replace(stored, status=Status.RUNNING, started_at=51.0, ended_at=None, failed_at=49.5)
    attempts = lay_over_task(again, memory.tasks("w")[0]).attempts or ()
    assert [(a.started_at, a.ended_at) for a in attempts] == [(None, None), (None, 49.5), (51.0, None)]


def test_given_to_ray_but_not_started_waits_for_a_worker() -> None:
    state, memory = chain(), Memory()
    state.submit("a", T0 + 50.0)
    look(Manager(w=state), memory)
    task = lay_over_task(Task("a", "a", TaskKind.TASK, Status.READY), memory.tasks("w")[0])
    assert task.status is Status.READY
    assert task.waiting_for
    begun = Task("a", "a", TaskKind.TASK, Status.RUNNING, started_at=T0 + 51.0)
    started = lay_over_task(begun, memory.tasks("w")[0])
    assert (started.status, started.waiting_for) == (Status.RUNNING, None)


def test_a_detail_holds_the_tasks_of_both() -> None:
    state, memory = chain(), Memory()
    state.submit("a", T0 + 1.0)
    look(Manager(w=state), memory)
    stored = WorkflowDetail(ROW, (Task("before", "before", TaskKind.TASK, Status.SUCCESSFUL),), None)
    detail = lay_over_detail(ROW, stored, memory.workflow("w"), memory.tasks("w"))
    assert [task.id for task in detail.tasks] == ["before", "a", "b", "c"]
    assert detail.output_task == "c"
    assert detail.tasks[1] == task_from_memory(memory.tasks("w")[0])


def test_what_was_cut_off_does_not_run_any_more() -> None:
    """Nothing runs a RESUMABLE workflow: a task of it that ticks on would contradict its own workflow."""
    done = Task("load", "load", TaskKind.TASK, Status.SUCCESSFUL)
    cut_off = Task("train", "train", TaskKind.TASK, Status.RUNNING, started_at=12.0)
    row = replace(ROW, status=Status.RESUMABLE, status_source=StatusSource.CLUSTER)
    detail = lay_over_detail(row, WorkflowDetail(ROW, (done, cut_off), None), None, ())
    assert [task.status for task in detail.tasks] == [Status.SUCCESSFUL, Status.UNKNOWN]


def test_the_guards() -> None:
    allowed = {kind: {status for status in Status if not why_not(kind, status)} for kind in ActionKind}
    assert allowed[ActionKind.CANCEL] == {Status.RUNNING}
    assert allowed[ActionKind.RESUME] == {Status.FAILED, Status.RESUMABLE}
    assert not allowed[ActionKind.DELETE] & {Status.RUNNING, Status.PENDING}
    assert not allowed[ActionKind.EMIT]
    assert all(why_not(kind, None) for kind in ActionKind)
    queued = make_plan(KEY, ActionKind.CANCEL, Status.PENDING, (), has_manager=True)
    assert queued.arms
    assert not queued.allowed
    assert not make_plan(KEY, ActionKind.CANCEL, Status.SUCCESSFUL, (), has_manager=True).arms


@pytest.mark.parametrize(
    "workflow_id", ["", ".", "..", "../x", "a/../b", "a//b", "/a", "a/", "__status__", "__status__/FAILED"]
)
def test_an_id_that_is_the_place_of_other_workflows_is_not_deleted(workflow_id: str) -> None:
    key = KEY._replace(id=workflow_id)
    plan = make_plan(key, ActionKind.DELETE, Status.FAILED, (), has_manager=True)
    assert not plan.allowed
    assert "by its id" in plan.why
    assert make_plan(key, ActionKind.RESUME, Status.FAILED, (), has_manager=True).allowed
    assert make_plan(KEY._replace(id="a/__status__"), ActionKind.DELETE, Status.FAILED, (), has_manager=True).allowed


def test_a_resume_keeps_checkpoints_and_runs_the_rest_again() -> None:
    def task(task_id: str, *upstream: str, size: int | None = None, **more: Any) -> Task:
        return Task(task_id, task_id, TaskKind.TASK, Status.UNKNOWN, upstream, output_size=size, **more)

    tasks = (
        task("a", size=5),
        task("unkept"),  # checkpoint=False, and only a kept task needs it: it stays done
        task("b", "unkept", size=5),
        task("loose", "a"),  # checkpoint=False, needed again
        task("fails", "loose", "b"),
        task("last", "fails"),
    )
    keeps, again = split_tasks(tasks)
    assert keeps == ("a", "b")
    assert again == ("loose", "fails", "last")


def test_a_resume_goes_on_inside_a_continuation() -> None:
    tasks = (
        Task("root", "root", TaskKind.CONTINUATION, Status.FAILED, continuation="in2"),
        Task("in1", "in1", TaskKind.TASK, Status.SUCCESSFUL, parent="root", output_size=3),
        Task("in2", "in2", TaskKind.TASK, Status.FAILED, ("in1",), parent="root"),
        Task("last", "last", TaskKind.TASK, Status.PENDING, ("root",)),
    )
    assert split_tasks(tasks) == (("in1",), ("in2", "last"))


def test_places(tmp_path: Any) -> None:
    assert "secret" not in find_place("s3://key:secret@bucket/x?token=secret2", lambda _: None).shown
    assert find_place("s3://bucket/x", lambda _: None).path is None
    assert "no workflow storage" in find_place("", lambda _: None).why
    assert "cannot be read" in find_place(str(tmp_path), lambda _: None).why
    (tmp_path / "_valid").touch()
    seen = (tmp_path / "_valid").stat()
    for uri in (str(tmp_path), f"file://{tmp_path}"):
        assert find_place(uri, lambda _: None).path == str(tmp_path)
        assert find_place(uri, lambda _: (seen.st_ino, seen.st_mtime_ns)).path == str(tmp_path)
        assert find_place(uri, lambda _: (seen.st_ino + 1, seen.st_mtime_ns)).path is None
