"""A storage in an object store as a source: the contract, what it tells, and what it costs, counted by the server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import SourceContract, listed
from tests.sources.storage_making import NOW, MadeStorage, three_workflows
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray import object_source
from wftui.sources.ray.object_source import ObjectSource
from wftui.sources.ray.storage import object_index, object_reader, object_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.object_server import ObjectServer
    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary

    Open = Callable[..., ObjectSource]


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return three_workflows(tmp_path / "storage")


@pytest.fixture
def prefix(server: ObjectServer, made: MadeStorage, request: pytest.FixtureRequest) -> Iterator[str]:
    prefix = f"{request.node.name}/a b%+ü"
    server.load(made.path, prefix)
    yield prefix
    server.drop_below(prefix)


@pytest.fixture
def opened(server: ObjectServer) -> Iterator[Open]:
    sources: list[ObjectSource] = []

    def make(prefix: str, **more: str) -> ObjectSource:
        source = ObjectSource(server.target(prefix.replace("%", "%25").replace(" ", "%20"), **more), SourceOptions())
        sources.append(source)
        source.open()
        return source

    yield make
    for source in sources:
        source.close()


@pytest.fixture
def source(prefix: str, opened: Open) -> ObjectSource:
    return opened(prefix)


class TestContract(SourceContract):
    """The suite of every source."""


def settled(source: ObjectSource) -> None:
    source.summaries([row.key.id for row in listed(source)])
    source.changes()
    source.changes()


def row_of(change: Change) -> WorkflowSummary:
    assert not isinstance(change, Removed)
    return change.summary


class Mover:
    """Moves a workflow in the index as Ray does it."""

    def __init__(self, server: ObjectServer, prefix: str) -> None:
        self.server, self.index = server, f"{prefix}/workflows/__status__"
        self.root = f"{prefix}/workflows"

    def move(self, workflow_id: str, before: str, after: str) -> None:
        self.server.put(f"{self.root}/{workflow_id}/workflow_meta.json", b'{"status": "%s"}' % after.encode())
        self.server.put(f"{self.index}/{after}/{workflow_id}")
        if before:
            self.server.delete(f"{self.index}/{before}/{workflow_id}")


@pytest.fixture
def mover(server: ObjectServer, prefix: str) -> Mover:
    return Mover(server, prefix)


class TestChanges:
    def test_a_new_one_that_runs_is_added(self, source: ObjectSource, mover: Mover) -> None:
        settled(source)
        mover.move("new", "", "RUNNING")
        (change,) = source.changes().changes
        assert isinstance(change, Added)
        assert (change.key.id, change.summary.status) == ("new", Status.RUNNING)
        assert change.summary.status_since is not None

    @pytest.mark.parametrize("status", ["SUCCESSFUL", "FAILED", "CANCELED", "PENDING"])
    def test_one_that_ends_is_updated(self, source: ObjectSource, mover: Mover, status: str) -> None:
        settled(source)
        mover.move("running", "RUNNING", status)
        (change,) = source.changes().changes
        assert isinstance(change, Updated)
        assert (change.summary.recorded_status, change.key.id) == (status, "running")
        assert change.summary.status_since is not None

    def test_the_end_of_one_that_ended_comes_with_a_later_look(
        self, source: ObjectSource, mover: Mover, server: ObjectServer
    ) -> None:
        settled(source)
        mover.move("running", "RUNNING", "SUCCESSFUL")
        source.changes()
        server.put(f"{mover.root}/running/post_run_metadata.json", b'{"end_time": %d}' % (NOW + 9))
        (change,) = source.changes().changes
        assert row_of(change).ended_at == NOW + 9

    def test_one_that_is_resumed_leaves_its_old_place(self, source: ObjectSource, mover: Mover) -> None:
        settled(source)
        mover.move("failed", "FAILED", "RUNNING")
        (change,) = source.changes().changes
        assert (change.key.id, row_of(change).status) == ("failed", Status.RUNNING)

    def test_one_that_is_deleted_while_it_runs_is_removed(
        self, source: ObjectSource, server: ObjectServer, mover: Mover
    ) -> None:
        settled(source)
        server.delete(f"{mover.index}/RUNNING/running")
        server.drop_below(f"{mover.root}/running/")
        assert [(type(c), c.key.id) for c in source.changes().changes] == [(Removed, "running")]

    def test_what_only_a_full_listing_sees_comes_with_it(self, source: ObjectSource, mover: Mover) -> None:
        settled(source)
        mover.move("quick", "", "SUCCESSFUL")
        assert source.changes().changes == ()
        source.relist_soon()
        assert [(type(c), c.key.id) for c in source.changes().changes] == [(Added, "quick")]

    def test_everything_is_listed_again_after_a_while(self, prefix: str, opened: Open, mover: Mover) -> None:
        source = opened(prefix, relist="0.001")
        settled(source)
        mover.move("quick", "", "SUCCESSFUL")
        assert [c.key.id for c in source.changes().changes] == ["quick"]

    def test_a_marker_makes_the_meta_win(self, source: ObjectSource, server: ObjectServer, mover: Mover) -> None:
        settled(source)
        server.put(f"{mover.index}/dirty/running")
        server.put(f"{mover.root}/running/workflow_meta.json", b'{"status": "FAILED"}')
        (change,) = source.changes().changes
        assert row_of(change).recorded_status == "FAILED"
        server.put(f"{mover.index}/FAILED/running")
        server.delete(f"{mover.index}/RUNNING/running")
        server.delete(f"{mover.index}/dirty/running")
        source.changes()
        assert {row.key.id: row.recorded_status for row in source.summaries(["running"])} == {"running": "FAILED"}

    def test_an_open_one_at_work_is_read_at_every_look(
        self, source: ObjectSource, server: ObjectServer, mover: Mover
    ) -> None:
        settled(source)
        source.attend(frozenset({"running"}))
        source.changes()
        server.put(f"{mover.root}/running/tasks/t1/output.pkl", b"x")
        (change,) = source.changes().changes
        progress = row_of(change).progress
        assert progress is not None
        assert (progress.done, progress.total) == (1, 2)

    def test_what_ray_does_not_list_is_named(self, server: ObjectServer, source: ObjectSource, mover: Mover) -> None:
        server.put(f"{mover.root}/rejected/workflow_meta.json", b"{}")
        server.put(f"{mover.root}/team/etl/1/workflow_meta.json", b"{}")
        listed(source)
        for _ in range(4):
            problems = source.changes().problems
        assert [problem.path for problem in problems] == ["workflows/rejected", "workflows/team/etl/1"]


class TestBudget:
    """Of issue 4; what the server counted."""

    @pytest.fixture(scope="class")
    def many(self, object_server_process: ObjectServer) -> Iterator[str]:
        server, prefix = object_server_process, "many"
        server.put(f"{prefix}/_valid")
        for name in ("", "SUCCESSFUL/", "FAILED/", "RUNNING/", "dirty/"):
            server.put(f"{prefix}/workflows/__status__/{name}")
        server.fill(prefix, "SUCCESSFUL", 2400)
        server.fill(prefix, "FAILED", 80, first=5000)
        server.fill(prefix, "RUNNING", 20, first=6000)
        yield prefix
        server.drop_below(prefix)

    def test_a_listing_and_an_idle_look(self, server: ObjectServer, opened: Open, many: str) -> None:
        source = opened(many)
        rows = listed(source, limit=5000)
        source.changes()
        cost = len(server.log())
        assert len(rows) == 2500
        assert cost <= math.ceil(2500 / 1000) + 8
        for _ in range(3):
            assert source.changes().changes == ()
            assert len(server.log()) <= 8
        source.relist_soon()
        source.changes()
        assert len(server.log()) <= math.ceil(2500 / 1000) + 8

    def test_a_small_storage_and_an_idle_look(self, server: ObjectServer, opened: Open, prefix: str) -> None:
        source = opened(prefix)
        assert len(listed(source)) == 3
        source.changes()
        assert len(server.log()) <= 1 + 8
        for _ in range(5):
            source.changes()
            assert len(server.log()) <= 8

    def test_a_long_listing_says_how_far_it_is(
        self, server: ObjectServer, opened: Open, many: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(object_source, "_STEP", 0.0)
        source = opened(many)
        server.log()
        notes, rows, cursor = [], 0, None
        while True:
            page = source.page(cursor, 5000)
            rows, cursor = rows + len(page.workflows), page.next
            if cursor is None:
                break
            notes.append(source.info.notes)
        assert rows == 2500
        assert notes[:2] == [("listing: 1,000 entries so far",), ("listing: 2,000 entries so far",)]
        assert "everything listed" in source.info.notes[0]
        assert sum(request.is_listing for request in server.log()) == math.ceil(2505 / 1000)  # none anew for going on

    def test_many_that_wait_do_not_make_a_look_dear(
        self, server: ObjectServer, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where one look is not enough for all that can move, the next goes on."""
        monkeypatch.setattr(object_index, "PAGES_OF_A_LOOK", 1)
        server.put("waiting/_valid")
        server.fill("waiting", "PENDING", 1200)
        source = opened("waiting")
        listed(source, limit=10_000)
        source.changes()
        server.log()
        Mover(server, "waiting").move("flow-001100", "PENDING", "RUNNING")
        found: list[Change] = []
        for _ in range(5):
            found += source.changes().changes
            assert len(server.log()) <= 1 + 4  # what else is asked once: the row that moved
        assert {(c.key.id, row_of(c).recorded_status) for c in found} == {("flow-001100", "RUNNING")}
        server.drop_below("waiting")

    def test_opening_a_workflow(self, server: ObjectServer, opened: Open, tmp_path: Path) -> None:
        made = MadeStorage(tmp_path / "wide")
        made.workflow("wide", "SUCCESSFUL", end=NOW + 9)
        made.entry("wide", "step_0")
        count = 250
        for n in range(count):
            made.task("wide", f"step_{n}", start=NOW, end=NOW + 1, output=n)
        made.write("wide/duplicate_name_counter/step", b"249")
        made.task("wide", "failing", start=NOW, raised=ValueError("x"))
        made.task("wide", "returning", start=NOW, end=NOW + 1, returned="step_1")
        server.load(made.path, "wide")
        keys = sum(1 for _ in made.root.joinpath("wide").rglob("*"))
        source = opened("wide")
        listed(source)
        source.changes()
        server.log()
        detail = source.detail("wide")
        log = server.log()
        assert len(detail.tasks) == count + 2
        assert len([r for r in log if r.is_listing]) <= math.ceil(keys / 1000)
        reads = [r for r in log if not r.is_listing]
        assert len([r for r in reads if "/tasks/" in r.path]) <= 3 * (count + 2) + 2 + 1
        assert len([r for r in reads if "/tasks/" not in r.path]) <= 5
        assert source.detail("wide") == detail
        again = server.log()
        assert len([r for r in again if r.is_listing]) <= math.ceil(keys / 1000)
        assert len(again) <= math.ceil(keys / 1000) + 1
        server.drop_below("wide")

    def test_opening_a_large_workflow_step_by_step(
        self, server: ObjectServer, opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Names come with the listing, the graph by one read a task, times for what is looked at."""
        monkeypatch.setattr(object_reader, "SMALL", 20)
        monkeypatch.setattr(object_steps, "_STEPS", (0, 30))
        made = MadeStorage(tmp_path / "large")
        made.workflow("large", "SUCCESSFUL", end=NOW + 9)
        for n in range(90):
            made.task("large", f"t{n}", start=NOW, end=NOW + 1, output=n, upstream=[f"t{n - 1}"] if n else [])
        made.task("large", "cut", start=NOW)
        server.load(made.path, "large")
        source = opened("large")
        listed(source)
        source.changes()
        server.log()
        visible = [f"t{n}" for n in range(10)]
        seen = []
        for step in source.detail_steps("large", lambda: visible, again=False):
            log = server.log()
            seen.append((step, sum("/inputs.json" in r.path for r in log), sum("_task_m" in r.path for r in log)))
            assert sum(r.is_listing for r in log) <= 1
            assert not [problem for problem in step.problems if problem.what == object_steps.NOT_READ]
        assert [(step.read, graph, times) for step, graph, times in seen] == [
            ((0, 91), 0, 0),
            ((30, 91), 30, 0),
            ((91, 91), 61, 0),
            (None, 0, 2 * 10 + 1),
        ]
        last = seen[-1][0]
        assert {task.status for task in seen[0][0].tasks} == {Status.SUCCESSFUL, Status.UNKNOWN}
        assert [task.id for task in last.tasks if task.started_at is not None] == ["cut", *visible]
        visible[:] = ["t20", "t21"]
        *_, last = source.detail_steps("large", lambda: visible, again=True)
        assert len(server.log()) == 4
        *_, last = source.detail_steps("large", lambda: None, again=True)
        assert last == source.detail("large")
        server.drop_below("large/")

    def test_a_row_of_one_that_succeeded_is_three_reads(self, server: ObjectServer, source: ObjectSource) -> None:
        listed(source)
        server.log()
        source.summaries(["done"])
        assert len(server.log()) <= 3


def test_the_folder_with_the_workflows_is_a_target_too(prefix: str, opened: Open, server: ObjectServer) -> None:
    whole, inner = opened(prefix), opened(f"{prefix}/workflows")
    ids = [row.key.id for row in listed(whole)]
    assert [row.key.id for row in listed(inner)] == ids
    for one, other in zip(whole.summaries(ids), inner.summaries(ids), strict=True):
        assert one.user_metadata == other.user_metadata
        assert one.error == other.error


def test_the_age_of_both_is_told(source: ObjectSource) -> None:
    listed(source)
    info = source.info
    assert info.kind == "storage"
    assert info.watches == "polling every 5 s"
    assert "everything listed at" in info.notes[0]
    assert info.is_costly
