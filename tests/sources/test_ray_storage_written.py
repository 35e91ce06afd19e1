"""What real Ray wrote, against what its own API says of it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.contract import SourceContract
from tests.sources.ray_written import MOVING
from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import TaskKind
from wftui.sources.base import SourceOptions
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sources.ray_written import WrittenStorage
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

pytestmark = pytest.mark.ray


@pytest.fixture
def source(ray_storage: WrittenStorage) -> Iterator[StorageSource]:
    source = StorageSource(str(ray_storage.path), SourceOptions())
    source.open()
    yield source
    source.close()


class TestContract(SourceContract):
    """The suite of every source."""


def rows_of(source: StorageSource) -> dict[str, WorkflowSummary]:
    page = source.page(None, 10_000)
    assert page.next is None
    return {row.key.id: row for row in source.summaries([row.key.id for row in page.workflows])}


def task_of(detail: WorkflowDetail, name: str) -> Task:
    return next(task for task in detail.tasks if task.id == name)


def same(ours: Any, theirs: Any) -> bool:
    """Equality for which NaN is NaN."""
    return json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


class TestAgainstTheApi:
    def test_the_list_is_that_of_list_all(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        """Files cannot tell a crash (trap 1): where Ray infers RESUMABLE, they say RUNNING, as does get_metadata."""
        rows = rows_of(source)
        expected = {
            workflow_id: ray_storage.workflows[workflow_id]["status"] if status == "RESUMABLE" else status
            for workflow_id, status in ray_storage.list_all.items()
        }
        assert {workflow_id: row.recorded_status for workflow_id, row in rows.items()} == expected
        assert {row.status.value for row in rows.values()} == set(expected.values())
        assert {row.status_source for row in rows.values()} == {StatusSource.STORAGE}

    def test_rows_agree_with_get_metadata(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        for workflow_id, row in rows_of(source).items():
            said = ray_storage.workflows[workflow_id]
            stats = said["stats"]
            assert row.recorded_status == said["status"]
            assert same(dict(row.user_metadata), said["user_metadata"])
            assert row.started_at == stats.get("start_time")
            if row.ended_at_source is TimeSource.RECORDED:
                assert row.ended_at == stats["end_time"]

    def test_details_agree_with_get_metadata(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        for workflow_id, tasks in ray_storage.tasks.items():
            detail = source.detail(workflow_id)
            assert {task.id for task in detail.tasks} == set(tasks), workflow_id
            for task in detail.tasks:
                said = tasks[task.id]
                assert list(task.upstream) == said.get("workflow_refs", []), (workflow_id, task.id)
                assert same(dict(task.options), said.get("task_options", {}))
                assert same(dict(task.user_metadata), said.get("user_metadata", {}))
                assert task.started_at == said["stats"].get("start_time")
                if task.ended_at_source is TimeSource.RECORDED:
                    assert task.ended_at == said["stats"]["end_time"]

    def test_a_row_is_the_summary_of_its_detail(self, source: StorageSource) -> None:
        for workflow_id, row in rows_of(source).items():
            summary = source.detail(workflow_id).summary
            assert (row.status, row.started_at, row.ended_at, row.ended_at_source, row.error, row.note) == (
                summary.status,
                summary.started_at,
                summary.ended_at,
                summary.ended_at_source,
                summary.error,
                summary.note,
            )
            assert row.progress in (None, summary.progress)

    def test_output_sizes_are_those_of_the_files(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        for workflow_id in ray_storage.list_all:
            for task in source.detail(workflow_id).tasks:
                output = ray_storage.root / workflow_id / "tasks" / task.id / "output.pkl"
                assert task.output_size == (output.stat().st_size if output.exists() else None)


class TestProblems:
    def test_what_ray_does_not_list_is_named(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        """Trap 2: a full queue rejected one after its directory was made; slashes hide another."""
        source.page(None, 10)
        problems = {problem.path for problem in source.changes().problems}
        assert problems == {"workflows/rejected", "workflows/team/etl/1"}
        assert not {"rejected", "team/etl/1", "team"} & set(rows_of(source))

    def test_what_is_hidden_can_still_be_opened(self, source: StorageSource) -> None:
        detail = source.detail("team/etl/1")
        assert (detail.summary.status, detail.summary.progress is not None) == (Status.SUCCESSFUL, True)
        assert [problem.what for problem in detail.problems] == ["Ray does not list ids with a slash"]

    def test_an_interrupted_status_update(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        """Trap 3: the index says RUNNING, the marker makes the meta win."""
        assert (ray_storage.root / "__status__/RUNNING" / MOVING).exists()
        assert source.detail(MOVING).summary.status is Status.SUCCESSFUL
        assert rows_of(source)[MOVING].recorded_status == "SUCCESSFUL"

    def test_metadata_that_strict_json_cannot_hold_is_named(self, source: StorageSource) -> None:
        """Trap 17."""
        detail = source.detail("odd metadata")
        loss = detail.summary.user_metadata["loss"]
        assert isinstance(loss, float)
        assert math.isnan(loss)
        assert {problem.what.split(",")[0] for problem in detail.problems} == {
            "holds NaN",
            "holds Infinity",
            "holds an integer beyond 64 bits",
        }

    def test_nothing_else_is_a_problem(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        for workflow_id in ray_storage.list_all:
            if workflow_id != "odd metadata":
                assert source.detail(workflow_id).problems == ()


class TestTimes:
    def test_a_resumed_workflow_waits_with_its_old_times(self, source: StorageSource) -> None:
        """Trap 8."""
        rows = rows_of(source)
        assert rows["queued again"].started_at is not None
        assert rows["queued again"].ended_at is None
        assert rows["queued"].started_at is None

    def test_the_end_of_a_canceled_one(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        rows = rows_of(source)
        entry = ray_storage.root / "__status__/CANCELED/canceled"
        assert (rows["canceled"].ended_at, rows["canceled"].ended_at_source) == (
            entry.stat().st_mtime,
            TimeSource.FILE,
        )
        assert rows["canceled after"].ended_at_source is TimeSource.RECORDED

    def test_a_failed_attempt_ends_with_its_exception(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        """Trap 9."""
        task = task_of(source.detail("failed"), "__main__.fail")
        file = ray_storage.root / "failed/tasks/__main__.fail/exception.pkl"
        assert task.ended_at == pytest.approx(file.stat().st_mtime, abs=0.05)
        assert task.ended_at_source is TimeSource.FILE

    def test_running_rows_tell_the_age_of_the_last_write(self, source: StorageSource) -> None:
        """Trap 1."""
        row = rows_of(source)["crashed"]
        assert row.started_at is not None
        assert row.last_write is not None
        assert row.last_write >= row.started_at


class TestErrors:
    def test_of_a_failed_workflow(self, source: StorageSource) -> None:
        rows = rows_of(source)
        error = rows["failed"].error
        assert error is not None
        assert (error.type, error.args, error.caught, error.stale) == ("ValueError", ("'bad row'", "7"), False, False)
        custom = rows["failed custom"].error
        assert custom is not None
        assert custom.type is not None
        assert custom.type.endswith("NoStock")

    def test_an_output_beside_it_wins(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        """Trap 10: retried, and resumed after its cause was gone."""
        for workflow_id, task_id in (("retried", "__main__.fail_first"), ("resumed", "__main__.fail_unless")):
            assert (ray_storage.root / workflow_id / "tasks" / task_id / "exception.pkl").exists()
            task = task_of(source.detail(workflow_id), task_id)
            assert (task.status, task.error) == (Status.SUCCESSFUL, None)

    def test_a_running_retry_carries_the_old_one(self, source: StorageSource) -> None:
        task = task_of(source.detail("crashed retry"), "__main__.fail_first")
        assert task.status is Status.RUNNING
        assert task.error is not None
        assert (task.error.type, task.error.stale) == ("ConnectionError", True)
        assert task.ended_at is None

    def test_the_recorded_one_need_not_be_the_cause(self, source: StorageSource) -> None:
        detail = source.detail("killed retry")
        task = task_of(detail, "__main__.fail_first")
        assert task.status is Status.UNKNOWN
        assert task.error is not None
        assert task.error.stale
        assert detail.summary.error is None
        assert detail.summary.note == "only an earlier attempt left an exception"

    @pytest.mark.parametrize("workflow_id", ["exit", "sys.exit", "unpicklable", "unpicklable return"])
    def test_none_was_recorded(self, source: StorageSource, workflow_id: str) -> None:
        """Trap 11."""
        detail = source.detail(workflow_id)
        assert (detail.summary.status, detail.summary.error) == (Status.FAILED, None)
        assert detail.summary.note == "no exception was recorded"
        assert [task.status for task in detail.tasks] == [Status.UNKNOWN]

    @pytest.mark.parametrize(
        ("workflow_id", "task_id"),
        [("caught", "__main__.fail"), ("caught above", "__main__.fail"), ("caught inside", "__main__.fail")],
    )
    def test_caught(self, source: StorageSource, workflow_id: str, task_id: str) -> None:
        """Trap 12."""
        detail = source.detail(workflow_id)
        task = task_of(detail, task_id)
        assert (task.status, task.output_size) == (Status.SUCCESSFUL, None)
        assert task.error is not None
        assert task.error.caught
        assert (detail.summary.status, detail.summary.error) == (Status.SUCCESSFUL, None)
        assert detail.tasks[0].status is Status.SUCCESSFUL

    def test_siblings_of_a_failure_go_on(self, source: StorageSource) -> None:
        """Trap 7: started, no end, and nobody knows any more."""
        task = task_of(source.detail("failed"), "__main__.wait_at")
        assert (task.status, task.started_at is None, task.ended_at) == (Status.UNKNOWN, False, None)
        assert task_of(source.detail("canceled"), "__main__.wait_at").status is Status.CANCELED


class TestLayout:
    def test_a_chain_of_continuations(self, source: StorageSource) -> None:
        """Trap 16: the latest link stands only beside the root's."""
        tasks = {task.id.removeprefix("__main__."): task for task in source.detail("chain").tasks}
        assert [tasks[i].parent for i in ("count_down", "count_down_1", "count_down_2")] == [
            None,
            "__main__.count_down",
            "__main__.count_down_1",
        ]
        assert tasks["count_down"].kind is TaskKind.CONTINUATION
        assert tasks["count_down"].continuation == "__main__.count_down_2"
        assert tasks["count_down_2"].kind is TaskKind.TASK

    def test_nested_continuations(self, source: StorageSource) -> None:
        parents = {task.id: task.parent for task in source.detail("nested").tasks}
        assert parents == {
            "__main__.outer": None,
            "__main__.inner": "__main__.outer",
            "__main__.load": "__main__.outer",
            "__main__.add": "__main__.outer",
            "__main__.load_1": "__main__.inner",
            "__main__.load_2": "__main__.inner",
            "__main__.add_1": "__main__.inner",
        }

    def test_under_an_unchecked_continuation_there_are_no_inputs(
        self, source: StorageSource, ray_storage: WrittenStorage
    ) -> None:
        """Traps 16 and 18."""
        assert not (ray_storage.root / "unchecked continuation/tasks/__main__.add/inputs.json").exists()
        detail = source.detail("unchecked continuation")
        assert {task.status for task in detail.tasks} == {Status.SUCCESSFUL}
        assert {task.output_size for task in detail.tasks} == {None}

    def test_the_latest_link_without_a_first(self, source: StorageSource) -> None:
        tasks = {task.id: task for task in source.detail("unchecked link").tasks}
        assert tasks["root"].continuation == "checked end"
        assert tasks["checked end"].parent == "root"
        assert tasks["root"].status is Status.SUCCESSFUL

    def test_tasks_with_slashes(self, source: StorageSource) -> None:
        """Trap 15."""
        assert [task.id for task in source.detail("slashes").tasks][-1] == "a/end"
        assert {task.id for task in source.detail("slashes").tasks} == {"a/b/c", "a/d", "a/end"}

    def test_names_are_without_the_suffix_that_ray_appended(self, source: StorageSource) -> None:
        names = {task.id: task.name for task in source.detail("names").tasks}
        assert names == {"part": "part", "part_1": "part", "part_7": "part_7", "__main__.add": "__main__.add"}

    def test_upstream_comes_before_downstream(self, source: StorageSource, ray_storage: WrittenStorage) -> None:
        for workflow_id in ray_storage.list_all:
            seen: set[str] = set()
            for task in source.detail(workflow_id).tasks:
                assert seen.issuperset(task.upstream)
                assert task.parent is None or task.parent in seen
                seen.add(task.id)

    def test_the_folder_of_workflows_is_a_target_too(self, ray_storage: WrittenStorage, tmp_path: Path) -> None:
        inside = StorageSource(str(ray_storage.root), SourceOptions())
        inside.open()
        assert set(rows_of(inside)) == set(ray_storage.list_all)
