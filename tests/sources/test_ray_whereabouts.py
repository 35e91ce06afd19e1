"""Where a live cluster has each task and why it waits, compared with the task itself and with Ray's State API."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.ray_clusters import TestCluster, TestDriver, eventually
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.places import UNTOLD
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftui.model.task import Task

pytestmark = pytest.mark.ray

CPUS = 2
PATIENCE = 120.0
STUCK = "resources: asks 1 GPU, 0.2 CPU; no node has a GPU"


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with closing(TestCluster(CPUS, dashboard=True, client=False)) as started:
        # Ray gives the tasks of a driver that ended 15 seconds before it marks them.
        started.environment["RAY_gcs_mark_task_failed_on_job_done_delay_ms"] = "1000"
        started.start()
        yield started


@pytest.fixture(scope="module")
def user(cluster: TestCluster) -> Iterator[TestDriver]:
    with closing(cluster.driver()) as process:
        process.do("init")
        yield process


def tasks_of(source: ClusterSource, workflow_id: str) -> dict[str, Task]:
    source.changes()
    return {task.id: task for task in source.detail(workflow_id).tasks}


def becomes(
    source: ClusterSource, workflow_id: str, is_so: Callable[[dict[str, Task]], bool], *, is_open: bool = True
) -> dict[str, Task]:
    """Look at a workflow that is open on screen, or is not, until it is so."""
    source.attend(frozenset({workflow_id} if is_open else ()))
    seen: dict[str, Task] = {}

    def look() -> bool:
        if any(row.key.id == workflow_id for row in source.summaries([workflow_id])):
            seen.update(tasks_of(source, workflow_id))
        return bool(seen) and is_so(seen)

    eventually(look, PATIENCE)
    return seen


def told_by_ray(source: ClusterSource, cluster: TestCluster, user: TestDriver, workflow_id: str, task: str) -> Any:
    """What Ray's own State API says of a task, which it learns of with a delay."""
    ray_id, dashboard = source._looks.memory.ray_task_id(workflow_id, task), f"127.0.0.1:{cluster.dashboard_port}"
    return eventually(lambda: user.do("ray task", id=ray_id, dashboard=dashboard), PATIENCE)


def test_each_task_tells_where_it_runs_or_why_it_waits(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    user.do("submit", kind="half stuck", gate="half", id="half")
    tasks = becomes(
        source, "half", lambda seen: seen["told"].pid is not None and seen["stuck"].status is Status.WAITING
    )
    told, stuck, last = tasks["told"], tasks["stuck"], tasks["last"]
    assert told.status is Status.RUNNING
    assert told.pid == int((cluster.gates / "half.told.pid").read_text())
    assert told.node
    assert told.started_at is not None
    assert (told.waiting_for, told.untold) == (None, "")
    assert (stuck.waiting_for, stuck.node, stuck.pid, stuck.started_at) == (STUCK, None, None, None)
    assert stuck.waiting_since is not None
    assert (last.status, set((last.waiting_for or "").split(", "))) == (Status.PENDING, {"told", "stuck"})
    of_told, of_stuck = (told_by_ray(source, cluster, user, "half", task) for task in ("told", "stuck"))
    assert (of_told["state"], of_told["pid"]) == ("RUNNING", told.pid)
    assert (of_stuck["state"], of_stuck["asks"]) == ("PENDING_NODE_ASSIGNMENT", {"CPU": 0.2, "GPU": 1.0})
    assert not source.info.notes
    # Where one of its tasks runs the workflow as a whole is not stuck; where none does, its row says so.
    (row,) = source.summaries(["half"])
    assert row.note == ""
    cluster.open_gate("half")
    tasks = becomes(source, "half", lambda seen: seen["told"].status is Status.SUCCESSFUL)
    assert tasks["told"].pid == told.pid
    eventually(lambda: tasks_of(source, "half") and source.summaries(["half"])[0].note, PATIENCE)
    (row,) = source.summaries(["half"])
    assert (row.status, row.note) == (Status.RUNNING, "waits: asks 1 GPU, 0.2 CPU; no node has a GPU")


def test_a_command_that_asks_once_is_told_at_once(cluster: TestCluster, user: TestDriver) -> None:
    user.do("submit", kind="asks", gate="once", id="once")
    eventually((cluster.gates / "once.asks.pid").exists, PATIENCE)

    def told() -> Task | None:
        with closing(ClusterSource(cluster.address, SourceOptions(read_only=True))) as fresh:
            fresh.open()
            (task,) = fresh.detail("once").tasks
            return task if task.pid is not None else None

    task = eventually(told, PATIENCE, every=1.0)  # Ray itself learns of it with a delay
    assert task.pid == int((cluster.gates / "once.asks.pid").read_text())
    cluster.open_gate("once")


def test_a_shortage_is_told_and_passes(source: ClusterSource, user: TestDriver, cluster: TestCluster) -> None:
    user.do("submit", kind="asks", gate="holds", id="holds", asks={"num_cpus": CPUS})
    becomes(source, "holds", lambda seen: seen["asks"].pid is not None)
    user.do("submit", kind="asks", gate="short", id="short", asks={"num_cpus": 1.5})
    words = "resources: asks 1.5 CPU; 0 of 2 free"
    tasks = becomes(source, "short", lambda seen: seen["asks"].waiting_for == words)
    assert (tasks["asks"].status, tasks["asks"].started_at) == (Status.READY, None)
    assert told_by_ray(source, cluster, user, "short", "asks")["state"] == "PENDING_NODE_ASSIGNMENT"
    cluster.open_gate("holds")
    tasks = becomes(source, "short", lambda seen: seen["asks"].pid is not None)
    assert (tasks["asks"].status, tasks["asks"].waiting_for) == (Status.RUNNING, None)
    assert tasks["asks"].pid == int((cluster.gates / "short.asks.pid").read_text())
    cluster.open_gate("short")


def test_a_retry_tells_which_attempt_runs_where(source: ClusterSource, user: TestDriver, cluster: TestCluster) -> None:
    user.do("submit", kind="retries", gate="again", id="again")
    tasks = becomes(source, "again", lambda seen: seen["flaky"].pid is not None and len(_numbers(seen["flaky"])) == 3)
    flaky = tasks["flaky"]
    assert (flaky.status, _numbers(flaky), flaky.max_retries) == (Status.RUNNING, [1, 2, 3], 5)
    assert flaky.error is not None
    assert flaky.error.stale
    assert told_by_ray(source, cluster, user, "again", "flaky")["pid"] == flaky.pid
    cluster.open_gate("again")


def _numbers(task: Task) -> list[int]:
    return [attempt.number for attempt in task.attempts or ()]


def test_without_a_dashboard_the_live_view_goes_on_and_says_what_is_missing(
    source: ClusterSource, user: TestDriver, cluster: TestCluster
) -> None:
    cluster.kill_dashboard()
    user.do("submit", kind="half stuck", gate="dead", id="dead")
    tasks = becomes(source, "dead", lambda seen: seen["told"].status is Status.RUNNING and seen["told"].untold != "")
    assert (tasks["told"].node, tasks["told"].pid) == (None, None)
    assert tasks["told"].untold.startswith(UNTOLD)
    assert "include-dashboard" in tasks["told"].untold
    assert any(note.startswith(UNTOLD) for note in source.info.notes)
    # What the nodes have is known all the same, and what the task asks the manager knows.
    assert (tasks["stuck"].status, tasks["stuck"].waiting_for) == (Status.WAITING, STUCK)
    cluster.open_gate("dead")
    becomes(source, "dead", lambda seen: seen["told"].status is Status.SUCCESSFUL)
    # It comes back, elsewhere.
    cluster.start_dashboard()
    user.do("submit", kind="asks", gate="back", id="back")
    becomes(source, "back", lambda seen: seen["asks"].pid is not None)
    assert not source.info.notes
    cluster.open_gate("back")


def test_what_outlives_the_script_that_submitted_it_is_told_as_before(user: TestDriver, cluster: TestCluster) -> None:
    """The last test here: the manager was started by that script, which is gone then."""
    user.do("submit", kind="half stuck", gate="left", id="left")
    eventually((cluster.gates / "left.told.pid").exists, PATIENCE)
    pid = int((cluster.gates / "left.told.pid").read_text())
    with (
        closing(ClusterSource(cluster.address, SourceOptions())) as source,
        closing(cluster.driver()) as other,
    ):
        source.open()
        becomes(source, "left", lambda seen: seen["told"].pid == pid)

        def is_marked(asking: TestDriver, task: str) -> bool:
            return bool(told_by_ray(source, cluster, asking, "left", task)["state"] == "FAILED")

        user.close()
        for name in ("told", "stuck"):
            eventually(partial(is_marked, other, name), PATIENCE)
        with closing(ClusterSource(cluster.address, SourceOptions(read_only=True))) as fresh:
            fresh.open()
            tasks = {task.id: task for task in fresh.detail("left").tasks}
    told, stuck = tasks["told"], tasks["stuck"]
    assert (told.status, told.pid, told.error) == (Status.RUNNING, pid, None)
    assert (stuck.status, stuck.waiting_for, stuck.started_at) == (Status.WAITING, STUCK, None)
    cluster.open_gate("left")
