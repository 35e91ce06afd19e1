"""The storage as a source: the contract, and what it tells when files change."""

from __future__ import annotations

import shutil
import sys
import threading
from typing import TYPE_CHECKING, cast

import pytest

from tests.sources.contract import SourceContract
from tests.sources.storage_making import NOW, MadeStorage, three_workflows
from wftui.cli.opening import OpeningSource
from wftui.errors import NotFoundError, TargetError, TargetGone
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.sources.base import Gradual, SourceOptions
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return three_workflows(tmp_path / "storage")


@pytest.fixture
def source(made: MadeStorage) -> Iterator[StorageSource]:
    source = StorageSource(str(made.path), SourceOptions())
    source.open()
    yield source
    source.close()


class TestContract(SourceContract):
    """The suite of every source."""


def listed(source: StorageSource) -> list[str]:
    return [row.key.id for row in source.page(None, 1000).workflows]


def settled(source: StorageSource) -> None:
    """List, fill in and look, until nothing is new."""
    source.summaries(listed(source))
    while source.changes().changes:
        pass


def row_of(change: Change) -> WorkflowSummary:
    assert not isinstance(change, Removed)
    return change.summary


def test_the_list_comes_from_the_index_alone(source: StorageSource) -> None:
    rows = source.page(None, 1000).workflows
    assert {(row.key.id, row.status, row.complete) for row in rows} == {
        ("done", Status.SUCCESSFUL, False),
        ("failed", Status.FAILED, False),
        ("running", Status.RUNNING, False),
    }
    assert {row.status_since for row in rows} == {None}


def test_a_new_workflow_is_added_in_full(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    made.workflow("new", "RUNNING", team="b")
    (change,) = source.changes().changes
    assert isinstance(change, Added)
    assert (change.key.id, change.summary.complete, change.summary.user_metadata) == ("new", True, {"team": "b"})


def test_one_that_ends_is_updated(source: StorageSource, made: MadeStorage) -> None:
    """Ray writes the status first and the end after it: both come."""
    settled(source)
    (made.root / "__status__/RUNNING/running").unlink()
    made.index("SUCCESSFUL", "running")
    (change,) = source.changes().changes
    assert isinstance(change, Updated)
    assert change.summary.status is Status.SUCCESSFUL
    made.write("running/post_run_metadata.json", {"end_time": NOW + 7})
    (after,) = source.changes().changes
    assert row_of(after).ended_at == NOW + 7


def test_one_that_is_deleted_is_removed(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    (made.root / "__status__/FAILED/failed").unlink()
    assert [type(change) for change in source.changes().changes] == [Removed]
    assert "failed" not in listed(source)


def test_progress_of_running_rows_is_followed(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    made.write("running/tasks/t1/output.pkl", b"x")
    (change,) = source.changes().changes
    progress = row_of(change).progress
    assert progress is not None
    assert (progress.done, progress.total) == (1, 2)
    assert source.changes().changes == ()


def test_one_that_fails_again_is_updated(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    (made.root / "__status__/FAILED/failed").unlink()
    made.index("FAILED", "failed", None)
    made.write("failed/pre_run_metadata.json", {"start_time": NOW + 50})
    (change,) = source.changes().changes
    assert (change.key.id, row_of(change).started_at) == ("failed", NOW + 50)


def test_metadata_that_is_half_written_comes_later(source: StorageSource, made: MadeStorage) -> None:
    made.write("running/user_run_metadata.json", b'{"te')
    settled(source)
    made.write("running/user_run_metadata.json", {"team": "c"})
    (change,) = source.changes().changes
    assert row_of(change).user_metadata == {"team": "c"}


def test_a_workflow_that_vanishes_while_it_is_read(source: StorageSource, made: MadeStorage) -> None:
    listed(source)
    (made.root / "__status__/RUNNING/running").unlink()
    for path in sorted((made.root / "running").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (made.root / "running").rmdir()
    assert [row.key.id for row in source.summaries(["done", "running"])] == ["done"]
    with pytest.raises(NotFoundError):
        source.detail("running")
    assert {type(change) for change in source.changes().changes} == {Removed}


def test_problems_come_with_changes_and_go(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    made.write("orphan/user_run_metadata.json", {})
    assert [problem.path for problem in source.changes().problems] == ["workflows/orphan"]
    made.index("PENDING", "orphan")
    assert source.changes().problems == ()


def test_a_storage_that_goes_away_and_comes_back(source: StorageSource, made: MadeStorage) -> None:
    settled(source)
    away = made.path.rename(made.path.with_name("away"))
    with pytest.raises(TargetGone):
        source.changes()
    with pytest.raises(TargetGone):
        source.open()
    away.rename(made.path)
    source.open()
    assert set(listed(source)) == {"done", "failed", "running"}


@pytest.mark.parametrize("what", ["nothing", "file", "stray"])
def test_what_is_no_storage(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "stray").mkdir()
    source = StorageSource(str(tmp_path / what), SourceOptions())
    with pytest.raises(TargetError):
        source.open()


def test_nothing_can_be_written_to_it(source: StorageSource) -> None:
    assert source.actions is None
    assert (source.info.kind, source.info.engine) == ("storage", "ray")


class TestWatching:
    def woken_by(self, source: StorageSource, change: object, tries: int = 900) -> bool:
        """Whether a change wakes; it is made again until the watch, which begins a moment later, has begun."""
        assert callable(change)
        woken = threading.Event()
        source.watch(woken.set)
        source.changes()
        woken.clear()
        for number in range(tries):
            change(number)
            if woken.wait(0.1):
                return True
        return False

    def test_of_the_index(self, source: StorageSource, made: MadeStorage) -> None:
        settled(source)
        assert self.woken_by(source, lambda number: made.index("RUNNING", f"new {number}"))
        if sys.platform.startswith("linux"):
            assert source.info.watches == "inotify"

    def test_of_the_tasks_of_an_open_workflow(self, source: StorageSource, made: MadeStorage) -> None:
        settled(source)
        source.attend(frozenset({"running"}))
        assert self.woken_by(source, lambda number: made.write("running/tasks/t1/output.pkl", str(number).encode()))

    def test_of_an_empty_storage(self, tmp_path: Path) -> None:
        (tmp_path / "_valid").touch()
        source = StorageSource(str(tmp_path), SourceOptions())
        source.open()
        assert listed(source) == []

        def begin(_number: int) -> None:
            # Made anew each time: only the storage itself is watched, so what comes deeper in it tells nothing.
            shutil.rmtree(tmp_path / "workflows", ignore_errors=True)
            (tmp_path / "workflows" / "__status__").mkdir(parents=True)

        try:
            assert self.woken_by(source, begin)
        finally:
            source.close()

    def test_polling_by_request_watches_nothing(self, made: MadeStorage) -> None:
        source = StorageSource(str(made.path), SourceOptions(poll=7))
        source.open()
        settled(source)
        assert not self.woken_by(source, lambda number: made.index("RUNNING", f"new {number}"), tries=5)
        assert (source.info.interval, source.info.watches) == (7, "polling every 7 s")
        source.close()

    def test_reading_wakes_nobody(self, source: StorageSource, made: MadeStorage) -> None:
        settled(source)
        source.attend(frozenset({"running"}))
        assert self.woken_by(source, lambda number: made.write("running/tasks/t1/output.pkl", str(number).encode()))
        woken = threading.Event()
        source.watch(woken.set)
        while woken.wait(1.0):  # until what was written before has been told
            woken.clear()
        source.changes()
        source.detail("running")
        source.summaries(listed(source))
        assert not woken.wait(1.0)


def test_a_storage_that_is_away_does_not_say_that_its_workflows_are_gone(
    made: MadeStorage, source: StorageSource
) -> None:
    settled(source)
    made.path.rename(made.path.with_name("away"))
    with pytest.raises(TargetGone, match="no such directory"):
        source.detail("failed")
    made.path.with_name("away").rename(made.path)
    with pytest.raises(NotFoundError):
        source.detail("nothing")


def test_while_it_is_opened_a_source_can_all_that_it_can(tmp_path: Path) -> None:
    """Protocols are asked for the class and the instance alone from Python 3.12 on."""
    (tmp_path / "workflows").mkdir()
    source = StorageSource(str(tmp_path), SourceOptions())
    opening = OpeningSource(source, threading.Condition())
    assert isinstance(source, Gradual)
    assert isinstance(opening, Gradual)
    assert "detail_steps" in vars(opening)
    opening.open()
    assert cast("StorageSource", opening).page(None, 10).workflows == ()
