"""The observer: a cluster whose storage cannot be read from here, and that has no wftui, through Ray Client."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.sources.contract import SourceContract, listed
from tests.sources.ray_clusters import TestCluster, TestDriver, becomes, eventually, open_as_the_monitor_does
from wftui.errors import NotFoundError, TargetError, TargetGone
from wftui.model.action import ActionKind
from wftui.model.output import Stream
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.places import UNTOLD
from wftui.sources.ray.cluster.source import ClusterSource
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.change import Change
    from wftui.model.output import OutputPart
    from wftui.sources.ray.cluster.observer.observer import Sent, Traffic

pytestmark = pytest.mark.ray

SOON = 120.0
"""Seconds; long enough for any machine."""


class HiddenCluster(TestCluster):
    """A cluster whose processes find its storage under a name that leads nowhere in ours: below their own folder."""

    def __init__(self, cpus: int) -> None:
        super().__init__(cpus)
        self.real_storage = self.storage
        self.storage = Path("/proc/self/cwd/storage")


@pytest.fixture(scope="module")
def cluster() -> Iterator[HiddenCluster]:
    with closing(HiddenCluster(cpus=2)) as started:
        started.start()
        yield started


@pytest.fixture(scope="module")
def user(cluster: HiddenCluster) -> Iterator[TestDriver]:
    """A user's process; what is of interest has ended before anybody looks."""
    with closing(cluster.driver()) as process:
        for kind in ("diamond", "fails", "continues", "retries"):
            (cluster.gates / f"{kind}-open").touch()
            gate = "closed" if kind == "fails" else f"{kind}-open"
            process.do("submit", kind=kind, gate=gate, id=kind, metadata={"of": kind})
        ends = {"diamond": "SUCCESSFUL", "fails": "FAILED", "continues": "SUCCESSFUL", "retries": "SUCCESSFUL"}
        eventually(lambda: dict(process.do("list")) == ends, SOON)
        yield process


@pytest.fixture(scope="module")
def source(cluster: HiddenCluster, user: TestDriver) -> Iterator[ClusterSource]:
    """Through Ray Client; the address that nodes of the cluster use leads to an observer, too."""
    with closing(ClusterSource(cluster.client_address, SourceOptions())) as opened:
        open_as_the_monitor_does(opened)
        yield opened


def observer_of(source: ClusterSource) -> Sent:
    connection = source._connection
    assert connection is not None
    assert connection.observer is not None
    return connection.observer


class Following:
    """Takes changes as the monitor does: when it is woken, and now and then."""

    def __init__(self, source: ClusterSource) -> None:
        self.source = source
        self.woken = threading.Event()
        self.changes: list[Change] = []
        self.relisted = 0
        self.reopened = 0
        self.notes: set[str] = set()
        listed(source)
        source.watch(self.woken.set)

    def status(self, workflow_id: str) -> Status | None:
        """The status of a workflow after the next changes."""
        self.woken.wait(0.2)
        self.woken.clear()
        try:
            delta = self.source.changes()
            self.changes += delta.changes
            self.notes |= set(self.source.info.notes)
            if delta.relist:
                self.relisted += 1
                listed(self.source)
            rows = self.source.summaries([workflow_id])
        except TargetGone:  # a machine that is very busy; the monitor begins anew, too
            open_as_the_monitor_does(self.source)
            listed(self.source)
            self.relisted += 1
            self.reopened += 1
            return None
        return rows[0].status if rows else None

    def is_told_of_another(self) -> bool:
        """Whether it was told that an observer took over."""
        return any("another took over" in note for note in self.notes)

    def calls_while_quiet(self) -> int:
        """How often the observer was asked in some seconds in which nothing came; 0 if something did."""
        self.woken.clear()
        self.source.changes()
        before = cast("Traffic", self.source.call("traffic"))
        if self.woken.wait(7.0):
            return 0
        return cast("Traffic", self.source.call("traffic")).calls - before.calls

    def becomes(self, workflow_id: str, status: Status) -> None:
        eventually(lambda: self.status(workflow_id) is status, SOON)


@pytest.mark.parametrize("form", ["address", "client_address"])
def test_all_is_as_it_is_on_the_directory(
    cluster: HiddenCluster, user: TestDriver, source: ClusterSource, form: str
) -> None:
    assert not cluster.storage.exists()
    target = getattr(cluster, form)
    with opened_near(cluster, source, form) as near:
        here = StorageSource(str(cluster.real_storage), SourceOptions(), target=target)
        with closing(here):
            here.open()
            ids = sorted(row.key.id for row in listed(here))
            assert ids == ["continues", "diamond", "fails", "retries"]
            assert {row.key: row.status for row in listed(near)} == {row.key: row.status for row in listed(here)}
            assert near.changes().problems == here.changes().problems
            assert near.summaries(ids) == here.summaries(ids)
            for workflow_id in ids:
                assert near.detail(workflow_id) == here.detail(workflow_id)
                tasks = [task.id for task in here.detail(workflow_id).tasks]
                assert list(near.values(workflow_id, tasks)) == list(here.values(workflow_id, tasks))
            with pytest.raises(NotFoundError):
                near.detail("nothing of that name")
        assert near.info.watches.startswith("an observer in the cluster")
        assert near.info.notes == ()


@contextmanager
def opened_near(cluster: HiddenCluster, source: ClusterSource, form: str) -> Iterator[ClusterSource]:
    """The one that is open, or another that closes."""
    if form == "client_address":
        yield source
        return
    with closing(ClusterSource(cluster.address, SourceOptions(read_only=True))) as other:
        other.open()
        pid = observer_of(other).pid
        assert Path(f"/proc/{pid}").exists()
        yield other
    eventually(lambda: not Path(f"/proc/{pid}").exists(), SOON)


class TestContract(SourceContract):
    @pytest.fixture(scope="class")
    def source(self, cluster: HiddenCluster, user: TestDriver) -> Iterator[ClusterSource]:
        with closing(ClusterSource(cluster.address, SourceOptions())) as opened:
            opened.open()
            yield opened


def test_where_none_is_wanted_nothing_is_started_and_what_is_missing_is_said(
    cluster: HiddenCluster, user: TestDriver, source: ClusterSource
) -> None:
    before = user.do("observers")
    assert len(before) == 1
    user.do("submit", kind="chain", gate="unseen", size=2, id="unseen")
    with closing(ClusterSource(cluster.client_address, SourceOptions(observer=False))) as without:
        open_as_the_monitor_does(without)
        eventually(lambda: [row.key.id for row in listed(without)] == ["unseen"], SOON)
        (note,) = without.info.notes
        assert "cannot be read from this machine" in note
        assert "--no-observer" in note
        with pytest.raises(TargetError, match="no observer"):
            eventually(lambda: without.output("unseen", "c1", ""), SOON)
        (missing,) = {task.untold for task in without.detail("unseen").tasks if task.status is Status.RUNNING}
        assert missing.startswith(UNTOLD)
        assert user.do("observers") == before
    cluster.open_gate("unseen")
    becomes(source, "unseen", Status.SUCCESSFUL)


def test_changes_come_by_themselves(cluster: HiddenCluster, user: TestDriver, source: ClusterSource) -> None:
    following = Following(source)
    user.do("submit", kind="diamond", gate="arrives", id="arrives")
    following.becomes("arrives", Status.RUNNING)
    eventually(lambda: following.status("arrives") and tasks_of(source, "arrives").get("c") is Status.SUCCESSFUL, SOON)
    eventually(lambda: tasks_of(source, "arrives").get("d") is Status.PENDING, SOON)
    # Nothing happens any more, and nobody asks but the call that is held.
    assert eventually(following.calls_while_quiet, SOON) <= 3
    cluster.open_gate("arrives")
    assert following.woken.wait(SOON)
    following.becomes("arrives", Status.SUCCESSFUL)
    seen = [c.summary.status for c in following.changes if c.key.id == "arrives" and hasattr(c, "summary")]
    assert set(seen) <= {Status.RUNNING, Status.SUCCESSFUL}


def tasks_of(source: ClusterSource, workflow_id: str) -> dict[str, Status]:
    """How its tasks are; none where the machine is so busy that the cluster does not answer."""
    try:
        return {task.id: task.status for task in source.detail(workflow_id).tasks}
    except TargetGone:
        return {}


def test_what_tasks_print_is_followed_near_them(
    cluster: HiddenCluster, user: TestDriver, source: ClusterSource
) -> None:
    """The log files are read by the observer; so are those of what ended."""
    user.do("submit", kind="talks", id="talks", gate="talks-open")
    parts: list[OutputPart] = []

    def told(task: str) -> str:
        position = parts[-1].position if parts else ""
        parts.append(source.output("talks", task, position))
        return "".join(piece.text for part in parts for piece in part.pieces if piece.stream is Stream.OUT)

    eventually(lambda: "three out first" in told("three"), SOON)
    assert parts[-1].is_open
    cluster.open_gate("talks-open")
    eventually(lambda: told("three").endswith("three out last\nthree end"), SOON)
    eventually(lambda: told("three") and not parts[-1].is_open, SOON)
    parts.clear()
    assert told("one").endswith("one out last\none end")
    with pytest.raises(NotFoundError, match="no task 'nobody'"):
        source.output("talks", "nobody", None)


def test_it_is_acted_on_as_any_other(source: ClusterSource, user: TestDriver) -> None:
    user.do("submit", kind="diamond", gate="never", id="to-cancel")
    following = Following(source)
    following.becomes("to-cancel", Status.RUNNING)
    eventually(lambda: tasks_of(source, "to-cancel").get("b") is Status.RUNNING, SOON)
    assert source.actions is not None
    assert source.actions.act(ActionKind.CANCEL, "to-cancel").done
    following.becomes("to-cancel", Status.CANCELED)


def test_one_that_is_killed_is_replaced_though_all_cpus_are_taken(
    cluster: HiddenCluster, user: TestDriver, source: ClusterSource
) -> None:
    following = Following(source)
    user.do("submit", kind="fan", gate="full", size=10, id="full")  # ten times 0.2 of two CPUs
    eventually(lambda: following.status("full") and user.do("free cpus") < 0.1, SOON)
    killed = observer_of(source).pid
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: following.status("full") and observer_of(source).pid != killed, SOON)
    # On a very busy machine the connection may be made anew, and with it the observer.
    eventually(lambda: following.status("full") and (following.is_told_of_another() or following.reopened), SOON)
    eventually(lambda: following.status("full") and following.relisted, SOON)
    cluster.open_gate("full")
    following.becomes("full", Status.SUCCESSFUL)
    eventually(lambda: tasks_of(source, "full").get("p9") is Status.SUCCESSFUL, SOON)


def test_the_head_node_dies_and_comes_back(cluster: HiddenCluster, user: TestDriver, source: ClusterSource) -> None:
    following = Following(source)
    user.do("submit", kind="diamond", gate="never", id="cut-off")
    following.becomes("cut-off", Status.RUNNING)
    eventually(lambda: tasks_of(source, "cut-off").get("c") is Status.SUCCESSFUL, SOON)
    cluster.kill()

    def why_gone() -> str:
        try:
            source.changes()
        except TargetError as error:
            return str(error)
        return ""

    why = eventually(why_gone, SOON)
    assert "\n" not in why
    # Ray's client, our driver or the observer notices first.
    assert any(words in why for words in ("does not answer", "connection", "is gone"))
    cluster.start()
    open_as_the_monitor_does(source)
    assert {row.key.id: row.status for row in listed(source)}["cut-off"] is Status.RESUMABLE
    assert source.info.watches.startswith("an observer in the cluster")


def test_closing_is_quick_and_leaves_nothing(cluster: HiddenCluster, source: ClusterSource) -> None:
    pid = observer_of(source).pid
    assert Path(f"/proc/{pid}").exists()
    source.close()
    eventually(lambda: not Path(f"/proc/{pid}").exists(), SOON)
    with closing(cluster.driver()) as user:
        eventually(lambda: not user.do("observers"), SOON)
