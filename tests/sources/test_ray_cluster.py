"""A live Ray cluster as a source: what runs, what is resumable and may be done, against what Ray itself says."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.contract import SourceContract, listed
from tests.sources.ray_clusters import TestCluster, TestDriver, becomes, eventually, open_as_the_monitor_does, row_of
from wftui.model.action import ActionKind
from wftui.model.change import Removed
from wftui.model.status import Status, StatusSource
from wftui.model.task import TaskKind
from wftui.model.workflow import Progress
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.looks import NO_MANAGER
from wftui.sources.ray.cluster.overlay import ARMED
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Iterator


pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with closing(TestCluster()) as started:
        started.start()
        yield started


@pytest.fixture(scope="module")
def driver(cluster: TestCluster) -> Iterator[TestDriver]:
    """A user's process. The first use of `before_any_manager` must come before it submits."""
    with closing(cluster.driver()) as process:
        yield process


@pytest.fixture(scope="module")
def before_any_manager(cluster: TestCluster, driver: TestDriver) -> dict[str, Any]:
    """What the source says while the cluster has no manager, and whether looking made one."""
    (cluster.storage / "workflows" / "__status__" / "RUNNING").mkdir(parents=True)
    (cluster.storage / "workflows" / "__status__" / "RUNNING" / "orphan").touch()
    (cluster.storage / "workflows" / "orphan").mkdir()
    (cluster.storage / "workflows" / "orphan" / "workflow_meta.json").write_text('{"status": "RUNNING"}')
    with closing(ClusterSource(cluster.address, SourceOptions())) as source:
        source.open()
        rows = listed(source)
        source.changes()
        detail = source.detail("orphan")
        plan = source.actions.plan(ActionKind.RESUME, "orphan") if source.actions else None
        refused = source.actions.act(ActionKind.CANCEL, "orphan") if source.actions else None
        found = {"rows": rows, "detail": detail, "notes": source.info.notes, "plan": plan, "refused": refused}
    return {**found, "made one": driver.do("has manager"), "actors": driver.do("actors")}


@pytest.fixture(scope="module")
def user(before_any_manager: dict[str, Any], cluster: TestCluster, driver: TestDriver) -> TestDriver:
    """The user's process, with a manager that runs at most three at a time."""
    subprocess.run(["rm", "-r", cluster.storage / "workflows"], check=True)
    driver.do("init", max_running_workflows=3)
    return driver


@pytest.fixture
def source(cluster: TestCluster, user: TestDriver) -> Iterator[ClusterSource]:
    with closing(ClusterSource(cluster.address, SourceOptions())) as opened:
        opened.open()
        yield opened


# -- no manager ----------------------------------------------------------------------------------------------


def test_without_a_manager_the_storage_is_shown_and_none_is_made(before_any_manager: dict[str, Any]) -> None:
    assert before_any_manager["notes"] == (NO_MANAGER,)
    assert before_any_manager["made one"] is False
    assert before_any_manager["actors"] == []


def test_without_a_manager_what_is_recorded_as_running_is_resumable(before_any_manager: dict[str, Any]) -> None:
    (row,) = before_any_manager["rows"]
    assert (row.key.id, row.status, row.status_source) == ("orphan", Status.RESUMABLE, StatusSource.CLUSTER)
    assert row.recorded_status == "RUNNING"


def test_a_plan_says_that_it_would_start_the_manager(before_any_manager: dict[str, Any]) -> None:
    plan, refused = before_any_manager["plan"], before_any_manager["refused"]
    assert plan.allowed
    assert any("starts the workflow manager" in effect for effect in plan.effects)
    assert not refused.done


# -- what runs -----------------------------------------------------------------------------------------------


def test_wftui_is_really_missing_where_our_function_runs(user: TestDriver) -> None:
    assert user.do("manager imports wftui") == "No module named 'wftui'"


def test_a_running_workflow_is_seen_with_its_tasks(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    listed(source)
    user.do("submit", kind="diamond", gate="seen", id="seen", metadata={"team": "data"})
    row = becomes(source, "seen", Status.RUNNING)
    assert row.status_source is StatusSource.CLUSTER
    assert row.recorded_status == "RUNNING"
    assert row.user_metadata == {"team": "data"}
    row = eventually(lambda: (r := row_of(source, "seen")) and r.progress == Progress(2, 4) and r)

    def statuses() -> dict[str, Status]:
        source.changes()
        return {task.id: task.status for task in source.detail("seen").tasks}

    running = {"a": Status.SUCCESSFUL, "b": Status.RUNNING, "c": Status.SUCCESSFUL, "d": Status.PENDING}
    eventually(lambda: statuses() == running)
    detail = source.detail("seen")
    assert {task.id: set(task.upstream) for task in detail.tasks}["d"] == {"b", "c"}
    assert detail.output_task == "d"
    cluster.open_gate("seen")
    row = becomes(source, "seen", Status.SUCCESSFUL)
    assert row.status_source is StatusSource.STORAGE
    assert row.ended_at is not None
    assert set(statuses().values()) == {Status.SUCCESSFUL}


def test_it_never_shows_a_workflow_as_resumable_that_just_ends(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    listed(source)
    for number in range(6):
        user.do("submit", kind="chain", gate="", size=2, id=f"quick-{number}")
    seen = set()
    ended: set[str] = set()
    until = time.monotonic() + 60
    while len(ended) < 6 and time.monotonic() < until:
        for change in source.changes().changes:
            if change.key.id.startswith("quick-") and not isinstance(change, Removed):
                seen.add(change.summary.status)
                if change.summary.status is Status.SUCCESSFUL:
                    ended.add(change.key.id)
    assert len(ended) == 6
    assert seen <= {Status.PENDING, Status.RUNNING, Status.SUCCESSFUL}


def test_attempts_of_a_retried_task_are_counted(source: ClusterSource, user: TestDriver, cluster: TestCluster) -> None:
    user.do("submit", kind="retries", gate="retried", id="retried")

    def third_attempt() -> bool:
        source.changes()
        (task,) = source.detail("retried").tasks
        return task.attempts is not None and len(task.attempts) == 3 and task.status is Status.RUNNING

    listed(source)
    eventually(third_attempt)
    (task,) = source.detail("retried").tasks
    assert task.max_retries == 5
    assert task.error is not None
    assert task.error.stale
    assert task.attempts is not None
    assert task.attempts[0].status is Status.FAILED
    cluster.open_gate("retried")
    becomes(source, "retried", Status.SUCCESSFUL)


def test_a_running_continuation(source: ClusterSource, user: TestDriver, cluster: TestCluster) -> None:
    user.do("submit", kind="continues", gate="continued", id="continued")
    listed(source)

    def tasks() -> dict[str, tuple[Status, str | None]]:
        source.changes()
        return {task.id: (task.status, task.parent) for task in source.detail("continued").tasks}

    eventually(
        lambda: (
            tasks()
            == {
                "outer": (Status.RUNNING, None),
                "outer_last": (Status.PENDING, None),
                "inner_first": (Status.SUCCESSFUL, "outer"),
                "inner_last": (Status.RUNNING, "outer"),
            }
        )
    )
    outer = next(task for task in source.detail("continued").tasks if task.id == "outer")
    assert (outer.kind, outer.continuation) == (TaskKind.CONTINUATION, "inner_last")
    cluster.open_gate("continued")
    becomes(source, "continued", Status.SUCCESSFUL)


# -- actions -------------------------------------------------------------------------------------------------


def test_cancel_and_its_guards(source: ClusterSource, user: TestDriver) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    user.do("submit", kind="diamond", gate="never", id="to-cancel")
    becomes(source, "to-cancel", Status.RUNNING)
    eventually(lambda: source.detail("to-cancel").tasks)
    plan = actions.plan(ActionKind.CANCEL, "to-cancel")
    assert plan.allowed
    assert plan.effects
    outcome = actions.act(ActionKind.CANCEL, "to-cancel")
    assert outcome.done, outcome.why
    assert (outcome.status_before, outcome.status_after) == (Status.RUNNING, Status.CANCELED)
    assert user.do("status", id="to-cancel") == "CANCELED"
    assert becomes(source, "to-cancel", Status.CANCELED).recorded_status == "CANCELED"
    # Canceled: neither cancelled again, nor resumed.
    for kind in (ActionKind.CANCEL, ActionKind.RESUME):
        assert not actions.plan(kind, "to-cancel").allowed
        refused = actions.act(kind, "to-cancel")
        assert not refused.done
        assert refused.why
        assert refused.status_after is Status.CANCELED


def test_a_finished_workflow_is_neither_cancelled_nor_resumed(source: ClusterSource, user: TestDriver) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    user.do("submit", kind="chain", gate="", size=1, id="finished")
    before = becomes(source, "finished", Status.SUCCESSFUL)
    for kind in (ActionKind.CANCEL, ActionKind.RESUME):
        outcome = actions.act(kind, "finished")
        assert not outcome.done
        assert outcome.status_before is outcome.status_after is Status.SUCCESSFUL
    assert user.do("status", id="finished") == "SUCCESSFUL"
    after = row_of(source, "finished")
    assert after is not None
    assert (after.started_at, after.ended_at) == (before.started_at, before.ended_at)


def test_resume_runs_what_failed_again_and_only_that(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    user.do("submit", kind="fails", gate="refilled", id="to-resume")
    row = becomes(source, "to-resume", Status.FAILED)
    assert row.error is not None
    assert row.error.message == "the shelf is empty"
    plan = actions.plan(ActionKind.RESUME, "to-resume")
    assert plan.allowed
    assert (plan.keeps, set(plan.runs_again)) == (("first",), {"sell", "last"})
    cluster.open_gate("refilled")
    outcome = actions.act(ActionKind.RESUME, "to-resume")
    assert outcome.done, outcome.why
    assert outcome.status_before is Status.FAILED
    becomes(source, "to-resume", Status.SUCCESSFUL)
    assert user.do("output", id="to-resume") == "done"


def test_what_was_resumed_goes_on_when_we_are_gone(cluster: TestCluster, user: TestDriver) -> None:
    user.do("submit", kind="fails", gate="later", id="left-alone")
    eventually(lambda: user.do("status", id="left-alone") == "FAILED")
    (cluster.gates / "later").touch()
    with closing(ClusterSource(cluster.address, SourceOptions())) as source:
        source.open()
        assert source.actions is not None
        assert source.actions.act(ActionKind.RESUME, "left-alone").done
    eventually(lambda: user.do("status", id="left-alone") == "SUCCESSFUL")


def test_delete_and_its_guards(source: ClusterSource, user: TestDriver, cluster: TestCluster) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    user.do("submit", kind="diamond", gate="deleted", id="to-delete")
    becomes(source, "to-delete", Status.RUNNING)
    refused = actions.act(ActionKind.DELETE, "to-delete")
    assert not refused.done
    assert refused.status_after is Status.RUNNING
    cluster.open_gate("deleted")
    becomes(source, "to-delete", Status.SUCCESSFUL)
    outcome = actions.act(ActionKind.DELETE, "to-delete")
    assert outcome.done, outcome.why
    assert outcome.status_after is None
    changes = source.changes().changes
    assert [change.key.id for change in changes if isinstance(change, Removed)] == ["to-delete"]
    assert not (cluster.storage / "workflows" / "to-delete").exists()
    assert "to-delete" not in [workflow_id for workflow_id, _ in user.do("list")]


def test_a_workflow_named_as_the_index_is_not_deleted_with_all_others(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    user.do("submit", kind="fails", gate="never", id="__status__")
    eventually(lambda: user.do("status", id="__status__") == "FAILED")
    outcome = actions.act(ActionKind.DELETE, "__status__")
    assert not outcome.done
    assert "index" in outcome.why
    assert outcome.status_after is Status.FAILED
    assert (cluster.storage / "workflows" / "__status__" / "FAILED" / "__status__").exists()
    # The other tests compare whole lists: it leaves as it should, which Ray cannot do.
    (cluster.storage / "workflows" / "__status__" / "FAILED" / "__status__").unlink()
    for name in ("tasks", "duplicate_name_counter"):
        shutil.rmtree(cluster.storage / "workflows" / "__status__" / name)
    for path in (cluster.storage / "workflows" / "__status__").glob("*.json"):
        path.unlink()


def test_a_queued_workflow_is_cancelled_when_its_turn_comes(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    listed(source)
    actions = source.actions
    assert actions is not None
    for number in range(3):
        user.do("submit", kind="chain", gate=f"slot-{number}", size=2, id=f"slot-{number}")
    for name in ("queued-1", "queued-2"):
        user.do("submit", kind="chain", gate="never", size=2, id=name)
    assert becomes(source, "queued-1", Status.PENDING).status_source is StatusSource.CLUSTER
    plan = actions.plan(ActionKind.CANCEL, "queued-1")
    assert plan.arms
    assert not plan.allowed
    assert not actions.act(ActionKind.CANCEL, "queued-1").done
    for name in ("queued-1", "queued-2"):
        armed = actions.act(ActionKind.CANCEL, name, arm=True)
        assert armed.armed
        assert not armed.done
    # Others move meanwhile: the tasks of the workflows that hold the slots.
    changes = [change for change in source.changes().changes if not isinstance(change, Removed)]
    noted = {change.key.id: change.summary.note for change in changes if change.key.id.startswith("queued-")}
    assert noted == {"queued-1": ARMED, "queued-2": ARMED}
    assert actions.disarm("queued-2")
    assert not actions.disarm("queued-2")
    assert (row := row_of(source, "queued-2")) is not None
    assert row.note == ""
    cluster.open_gate("slot-0")
    row = becomes(source, "queued-1", Status.CANCELED)
    eventually(lambda: (r := row_of(source, "queued-1")) is not None and r.note == "")
    # The disarmed one runs in its turn, and goes on running.
    becomes(source, "queued-2", Status.RUNNING)
    assert user.do("status", id="queued-2") == "RUNNING"
    cluster.open_gate("slot-1")
    cluster.open_gate("slot-2")
    outcome = actions.act(ActionKind.CANCEL, "queued-2")
    assert outcome.done, outcome.why
    for number in range(3):
        becomes(source, f"slot-{number}", Status.SUCCESSFUL)


def test_a_read_only_source_has_no_actions(cluster: TestCluster) -> None:
    assert ClusterSource(cluster.address, SourceOptions(read_only=True)).actions is None


# -- the whole against Ray's own word ------------------------------------------------------------------------


class TestContract(SourceContract):
    @pytest.fixture(scope="class")
    def source(self, cluster: TestCluster, user: TestDriver) -> Iterator[ClusterSource]:
        """One for all of them: each is a process of its own that joins the cluster."""
        with closing(ClusterSource(cluster.address, SourceOptions())) as opened:
            opened.open()
            yield opened

    @pytest.fixture(scope="class", autouse=True)
    def something(self, user: TestDriver) -> None:
        user.do("submit", kind="chain", gate="", size=3, id="contract")
        eventually(lambda: user.do("status", id="contract") == "SUCCESSFUL")


def test_the_list_agrees_with_rays_own(source: ClusterSource, user: TestDriver) -> None:
    user.do("submit", kind="diamond", gate="agrees", id="agrees")
    becomes(source, "agrees", Status.RUNNING)
    ours = sorted([row.key.id, row.status.value] for row in listed(source))
    assert ours == [list(entry) for entry in user.do("list")]
    for row in source.summaries([workflow_id for workflow_id, _ in ours]):
        theirs = user.do("metadata", id=row.key.id)
        assert row.recorded_status == theirs["status"]
        assert row.user_metadata == theirs["user_metadata"]
        assert row.started_at == theirs["stats"].get("start_time")
    assert source.actions is not None
    assert source.actions.act(ActionKind.CANCEL, "agrees").done


def test_through_ray_client(cluster: TestCluster, user: TestDriver, source: ClusterSource) -> None:
    user.do("submit", kind="diamond", gate="never", id="by-client")
    with closing(ClusterSource(cluster.client_address, SourceOptions())) as client:
        open_as_the_monitor_does(client)
        assert client.info.target == cluster.client_address
        assert [row.key.id for row in listed(client)] == [row.key.id for row in listed(source)]
        becomes(client, "by-client", Status.RUNNING)
        assert client.actions is not None
        assert client.actions.act(ActionKind.CANCEL, "by-client").done
        assert becomes(client, "by-client", Status.CANCELED).key.target == cluster.client_address
