"""A cluster of two nodes: what runs on the other one is told as what runs here, and that it is lost when it is.

The other node has a folder of its own for its logs, as another machine has.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import listed
from tests.sources.ray_clusters import TestCluster, TestDriver, eventually, open_as_the_monitor_does
from tests.sources.test_ray_observer import observer_of
from wftui.errors import TargetError, TargetGone
from wftui.model.output import Stream
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.near.other_nodes import GONE
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowSummary

pytestmark = pytest.mark.ray

PATIENCE = 180.0
THERE = {"resources": {"far": 1}}
RETRY = "a retry (attempt 2 of 4; resources: asks 1 far, 0.2 CPU; no node has far)"
NOWHERE = {"resources": {"far": 5}}


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with closing(TestCluster(cpus=2, dashboard=True)) as started:
        started.start()
        yield started


@pytest.fixture(scope="module")
def user(cluster: TestCluster) -> Iterator[TestDriver]:
    """Its manager runs on the head node: the other one is not there yet."""
    with closing(cluster.driver()) as process:
        process.do("init")
        cluster.add_node("second", cpus=1, far=4)
        yield process


@pytest.fixture(scope="module")
def near(cluster: TestCluster, user: TestDriver) -> Iterator[ClusterSource]:
    """From the head node."""
    with closing(ClusterSource(cluster.address, SourceOptions())) as opened:
        opened.open()
        listed(opened)
        yield opened


@pytest.fixture(scope="module")
def far(cluster: TestCluster, user: TestDriver) -> Iterator[ClusterSource]:
    """Through Ray Client."""
    with closing(ClusterSource(cluster.client_address, SourceOptions())) as opened:
        open_as_the_monitor_does(opened)
        listed(opened)
        opened.watch(lambda: None)  # as the app does: what is new comes by itself
        yield opened


def task_of(source: ClusterSource, workflow_id: str, is_so: Callable[[Task], bool]) -> Task:
    """The task of that workflow, once it is so."""

    def look() -> Task | None:
        try:
            source.changes()
            if not source.summaries([workflow_id]):
                return None
            found = [task for task in source.detail(workflow_id).tasks if is_so(task)]
        except TargetGone:  # a machine that is very busy; the monitor begins anew, too
            open_as_the_monitor_does(source)
            listed(source)
            return None
        return found[0] if found else None

    task: Task = eventually(look, PATIENCE, every=0.5)
    return task


def runs_as(pid: int, task: Task) -> bool:
    return task.pid == pid


def lines(name: str, pid: int) -> dict[Stream, str]:
    """What a task prints that tells where it runs."""
    return {stream: f"{name}.asks {word} pid {pid}\n" for stream, word in ((Stream.OUT, "out"), (Stream.ERR, "err"))}


def has_printed(source: ClusterSource, workflow_id: str, wanted: dict[Stream, str]) -> bool:
    pieces = source.output(workflow_id, "asks", "").pieces
    return {piece.stream: piece.text for piece in pieces} == wanted


def test_what_runs_on_another_node_is_told_as_what_runs_here(
    cluster: TestCluster, user: TestDriver, near: ClusterSource, far: ClusterSource
) -> None:
    for name, asks in (("there", THERE), ("nowhere", NOWHERE), ("gpu", {"num_gpus": 1})):
        user.do("submit", kind="asks", gate=name, id=name, asks=asks)
    eventually((cluster.gates / "there.asks.pid").exists, PATIENCE)
    pid = int((cluster.gates / "there.asks.pid").read_text())
    said = lines("there", pid)
    for source in (near, far):
        task = task_of(source, "there", lambda task: task.pid is not None)
        assert (task.status, task.node, task.pid) == (Status.RUNNING, "second", pid)
        waits = task_of(source, "nowhere", lambda task: task.status is Status.WAITING).waiting_for
        assert waits == "resources: asks 5 far, 0.2 CPU; no node has more than 4 far"
        waits = task_of(source, "gpu", lambda task: task.status is Status.WAITING).waiting_for
        assert waits == "resources: asks 1 GPU, 0.2 CPU; no node has a GPU"
        eventually(partial(has_printed, source, "there", said), PATIENCE, every=0.5)
    ray_id = near._looks.memory.ray_task_id("there", "asks")
    theirs = user.do("ray task", id=ray_id, dashboard=f"127.0.0.1:{cluster.dashboard_port}")
    assert (theirs["state"], theirs["pid"]) == ("RUNNING", pid)
    nodes = {node.id: node.name for node in near._places.nodes()}
    assert nodes[theirs["node"]] == "second"
    # The observer is where the storage is, always.
    head = next(name for name in nodes.values() if name != "second")
    assert observer_of(far).node == head
    with closing(ClusterSource(cluster.address, SourceOptions(observer=False))) as alone:
        alone.open()
        listed(alone)
        before = len(user.do("observers"))
        assert "--no-observer" in alone.output("there", "asks", "").note
        assert len(user.do("observers")) == before


def test_a_node_that_is_lost_is_told_and_what_becomes_of_its_tasks(
    cluster: TestCluster, user: TestDriver, near: ClusterSource, far: ClusterSource
) -> None:
    for name, retries in (("again", 3), ("once", 0)):
        user.do("submit", kind="asks", gate=name, id=name, asks={**THERE, "max_retries": retries})
    pids = {}
    for name in ("again", "once"):
        eventually((cluster.gates / f"{name}.asks.pid").exists, PATIENCE)
        pids[name] = int((cluster.gates / f"{name}.asks.pid").read_text())
        for source in (near, far):
            task_of(source, name, partial(runs_as, pids[name]))
    position = {source: source.output("again", "asks", "").position for source in (near, far)}
    cluster.kill_node("second")
    for source in (near, far):
        lost = task_of(source, "again", lambda task: bool(task.attempts and task.attempts[0].error))
        assert lost.attempts is not None
        first = lost.attempts[0]
        assert first.error is not None
        assert (first.number, first.status, first.worker) == (1, Status.FAILED, f"second, pid {pids['again']}")
        assert (first.error.type, first.error.message) == ("NODE_DIED", "its node second was lost")
        task_of(source, "again", lambda task: task.waiting_for == RETRY)
        row = row_once(source, "once", lambda row: row.note != "" and row.status is Status.FAILED, "was lost")
        assert row.note == "asks: its node second was lost"
        failed = task_of(source, "once", lambda task: task.error is not None)
        assert (failed.status, failed.node, failed.pid) == (Status.FAILED, "second", pids["once"])
        assert "node second is lost: what ran there is tried again, or failed" in source.info.notes
        # Its log is gone; that of the next attempt is waited for, that of none is not.
        part = source.output("again", "asks", position[source] or "")
        assert (part.pieces, part.is_open) == ((), True)
        assert part.note == GONE
        with pytest.raises(TargetError):
            source.output("once", "asks", "")
    # Another node comes up, and the retry runs there.
    (cluster.gates / "again.asks.pid").unlink()
    cluster.add_node("third", cpus=1, far=4)
    eventually((cluster.gates / "again.asks.pid").exists, PATIENCE)
    pid = int((cluster.gates / "again.asks.pid").read_text())
    for source in (near, far):
        task = task_of(source, "again", partial(runs_as, pid))
        assert (task.status, task.node) == (Status.RUNNING, "third")
        eventually(partial(has_printed, source, "again", lines("again", pid)), PATIENCE, every=0.5)
    # A node does not outlive the dashboard's agent on it.
    cluster.kill_node("third", agent=True)
    for source in (near, far):
        task_of(source, "again", lambda task: task.waiting_for == RETRY.replace("2 of", "3 of"))
        assert any("third" in note and "lost" in note for note in source.info.notes)


def row_once(
    source: ClusterSource, workflow_id: str, is_so: Callable[[WorkflowSummary], bool], words: str
) -> WorkflowSummary:
    """The row of that workflow, once it is so and has these words in its note."""

    def look() -> WorkflowSummary | None:
        source.changes()
        rows = [row for row in source.summaries([workflow_id]) if is_so(row) and words in row.note]
        return rows[0] if rows else None

    row: WorkflowSummary = eventually(look, PATIENCE, every=0.5)
    return row
