"""Tasks out of hand-made files: the rules for their status, and damage that real Ray seldom leaves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.storage_making import NOW, MadeStorage, detail, tasks
from wftui.errors import NotFoundError
from wftui.model.status import Status, TimeSource
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return MadeStorage(tmp_path / "storage")


ERROR = ValueError("bad")
LATER = NOW + 100


class TestStatus:
    """The first rule that matches wins."""

    @pytest.mark.parametrize(
        ("workflow", "task", "status", "stale"),
        [
            ("FAILED", {"start": NOW, "end": NOW + 1, "output": 1, "raised": ERROR}, "SUCCESSFUL", None),
            ("FAILED", {"start": NOW, "raised": ERROR}, "FAILED", False),
            ("RUNNING", {"start": NOW, "raised": ERROR}, "FAILED", False),
            ("FAILED", {"start": NOW, "raised": b""}, "FAILED", False),
            ("FAILED", {"start": NOW, "raised": b"garbage"}, "FAILED", False),
            ("FAILED", {"raised": ERROR}, "FAILED", False),
            ("SUCCESSFUL", {"start": NOW, "raised": ERROR, "catch_exceptions": True}, "SUCCESSFUL", False),
            ("RUNNING", {"start": LATER, "raised": ERROR}, "RUNNING", True),
            ("RUNNING", {"start": LATER, "raised": ERROR, "catch_exceptions": True}, "RUNNING", True),
            ("FAILED", {"start": LATER, "raised": ERROR}, "UNKNOWN", True),
            ("SUCCESSFUL", {"start": NOW, "end": NOW + 1, "checkpoint": False}, "SUCCESSFUL", None),
            ("RUNNING", {"start": LATER, "end": NOW + 1, "checkpoint": False}, "RUNNING", None),
            ("SUCCESSFUL", {"start": LATER, "end": LATER, "raised": ERROR, "checkpoint": False}, "SUCCESSFUL", True),
            ("FAILED", {"start": NOW, "end": NOW + 1}, "UNKNOWN", None),
            ("RUNNING", {"start": NOW, "end": NOW + 1}, "UNKNOWN", None),
            ("RUNNING", {"start": NOW}, "RUNNING", None),
            ("FAILED", {"start": NOW}, "UNKNOWN", None),
            ("CANCELED", {"start": NOW}, "CANCELED", None),
            ("CANCELED", {"start": LATER}, "UNKNOWN", None),
            ("SUCCESSFUL", {"start": NOW}, "UNKNOWN", None),
            ("PENDING", {"start": NOW}, "READY", None),
            ("RUNNING", {}, "READY", None),
            ("FAILED", {}, "READY", None),
            ("SUCCESSFUL", {"start": NOW, "end": NOW + 1, "inputs": False}, "SUCCESSFUL", None),
            ("SUCCESSFUL", {"start": NOW, "raised": ERROR, "inputs": False}, "SUCCESSFUL", False),
            ("FAILED", {"start": NOW, "raised": ERROR, "inputs": False}, "FAILED", False),
        ],
    )
    def test_of_one_task(
        self, made: MadeStorage, workflow: str, task: dict[str, Any], status: str, stale: bool | None
    ) -> None:
        made.workflow("w", workflow)
        made.entry("w", "t")
        made.task("w", "t", **task)
        found = tasks(made)["t"]
        assert found.status.value == status
        assert (None if found.error is None else found.error.stale) == stale

    @pytest.mark.parametrize(
        ("task", "failed_at"),
        [
            ({"start": LATER, "end": LATER + 1, "output": 1, "raised": ERROR}, NOW + 5),
            ({"start": LATER, "raised": ERROR}, NOW + 5),
            ({"start": NOW, "output": 1, "raised": ERROR}, NOW),
            ({"start": NOW, "raised": ERROR}, None),
            ({"start": NOW, "output": 1}, None),
        ],
    )
    def test_when_the_attempt_before_failed(
        self, made: MadeStorage, task: dict[str, Any], failed_at: float | None
    ) -> None:
        made.workflow("w", "RUNNING")
        made.entry("w", "t")
        made.task("w", "t", **task)
        assert tasks(made)["t"].failed_at == failed_at

    def test_of_tasks_that_wait(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.task("w", "done", start=NOW, end=NOW + 1, output=1)
        made.task("w", "running", start=NOW)
        made.task("w", "ready", upstream=["done"])
        made.task("w", "pending", upstream=["done", "running"])
        made.task("w", "lost", upstream=["done", "nowhere"])
        assert {i: task.status.value for i, task in tasks(made).items() if i not in ("done", "running")} == {
            "ready": "READY",
            "pending": "PENDING",
            "lost": "PENDING",
        }
        assert ["'nowhere'" in problem.what for problem in detail(made).problems].count(True) == 1

    def test_the_clock_of_files_ticks_late(self, made: MadeStorage) -> None:
        """The exception of an attempt of one millisecond may be older than the start that the worker recorded."""
        made.workflow("w", "FAILED")
        made.task("w", "t", start=NOW + 0.004, raised=ERROR, raised_at=NOW)
        os.utime(made.root / "w/tasks/t/pre_task_metadata.json", (NOW, NOW))
        found = tasks(made)["t"]
        assert (found.status, found.ended_at) == (Status.FAILED, NOW + 0.004)

    @pytest.mark.parametrize(
        ("status", "retried", "began", "left", "written", "said"),
        [
            ("RUNNING", True, 10.5, 10, 10, (Status.RUNNING, True, False)),  # a tar rounds down
            ("RUNNING", True, 10.5, 12, 12, (Status.RUNNING, True, False)),  # a zip rounds up to even seconds
            ("RUNNING", False, 10.5, 12, 12, (Status.FAILED, False, False)),
            ("RUNNING", True, 10.0, 10, 10, (Status.FAILED, False, True)),
            ("FAILED", True, 10.5, 10, 10, (Status.FAILED, False, True)),  # two times that tell nothing: it is said
            ("FAILED", False, 10.5, 10, 10, (Status.FAILED, False, False)),  # one attempt, one error
            ("FAILED", True, 10.5, 10.25, 10.5, (Status.UNKNOWN, True, False)),  # finer times tell
            ("FAILED", True, 10.5, 10, 12, (Status.UNKNOWN, True, False)),
        ],
    )
    def test_whole_seconds_of_an_archive(
        self,
        made: MadeStorage,
        status: str,
        retried: bool,
        began: float,
        left: float,
        written: float,
        said: tuple[Status, bool, bool],
    ) -> None:
        made.workflow("w", status)
        made.task("w", "t", start=NOW + began, raised=OSError("x"), raised_at=NOW + left, retry_exceptions=retried)
        for name, at in (("pre_task_metadata.json", written), ("exception.pkl", left)):
            os.utime(made.root / "w/tasks/t" / name, (NOW + at, NOW + at))
        found = detail(made)
        (one,) = found.tasks
        assert one.error is not None
        doubts = [problem for problem in found.problems if "whole seconds" in problem.what]
        assert (one.status, one.error.stale, bool(doubts)) == said

    def test_of_continuations(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.entry("w", "after")
        made.task("w", "root", start=NOW, end=NOW + 1, returned="first", latest="last")
        made.task("w", "first", start=NOW, end=NOW + 1, returned="last")
        made.task("w", "last", upstream=["inside"], start=NOW)
        made.task("w", "inside", start=NOW, end=NOW + 1, output=1)
        made.task("w", "after", upstream=["root"])
        found = tasks(made)
        assert {i: task.status.value for i, task in found.items()} == {
            "root": "RUNNING",
            "first": "RUNNING",
            "last": "RUNNING",
            "inside": "SUCCESSFUL",
            "after": "PENDING",
        }
        assert {i: task.parent for i, task in found.items()} == {
            "root": None,
            "first": "root",
            "last": "first",
            "inside": "first",
            "after": None,
        }
        assert list(found) == ["root", "first", "inside", "last", "after"]

    def test_a_long_chain_and_a_circle(self, made: MadeStorage) -> None:
        made.workflow("w", "SUCCESSFUL")
        for number in range(1200):
            made.task("w", f"t{number}", inputs=False, returned=f"t{number + 1}")
        made.task("w", "t1200", output=1)
        made.task("w", "a", upstream=["b"], returned="b")
        made.task("w", "b", upstream=["a"], returned="a")
        found = tasks(made)
        assert found["t0"].status is Status.SUCCESSFUL
        assert found["t1200"].parent == "t1199"
        assert {found["a"].status, found["b"].status} == {Status.UNKNOWN}
        assert len(found) == 1203


class TestError:
    def test_of_a_workflow_is_the_earliest(self, made: MadeStorage) -> None:
        made.workflow("w", "FAILED")
        made.task("w", "caught", start=NOW, raised=KeyError("caught"), raised_at=NOW, catch_exceptions=True)
        made.task("w", "stale", start=LATER, raised=KeyError("stale"), raised_at=NOW + 1)
        made.task("w", "late", start=NOW, raised=KeyError("late"), raised_at=NOW + 9)
        made.task("w", "early", start=NOW, raised=KeyError("early"), raised_at=NOW + 3)
        reader = StorageReader(LocalStore(str(made.path)), "here")
        for row in (reader.detail("w").summary, reader.summaries(["w"])[0]):
            assert row.error is not None
            assert row.error.args == ("'early'",)

    def test_bytes_that_are_no_pickle(self, made: MadeStorage) -> None:
        made.workflow("w", "FAILED")
        made.task("w", "t", start=NOW, raised=b"not a pickle")
        error = tasks(made)["t"].error
        assert error is not None
        assert error.type is None
        assert error.message

    def test_a_directory_in_its_place(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.task("w", "t", start=NOW)
        (made.root / "w/tasks/t/exception.pkl").mkdir()
        assert tasks(made)["t"].status is Status.RUNNING
        assert [p.path for p in detail(made).problems] == ["workflows/w/tasks/t/exception.pkl"]


class TestTimes:
    @pytest.mark.parametrize(
        ("status", "start", "end", "expected"),
        [
            ("SUCCESSFUL", NOW, NOW + 9, (NOW + 9, TimeSource.RECORDED)),
            ("RUNNING", NOW, NOW - 9, (None, None)),
            ("PENDING", NOW, NOW + 9, (None, None)),
            ("RUNNING", NOW, NOW + 9, (None, None)),
            ("CANCELED", NOW, None, (NOW + 60, TimeSource.FILE)),
            ("CANCELED", NOW, NOW + 9, (NOW + 9, TimeSource.RECORDED)),
            ("CANCELED", NOW, NOW - 9, (NOW + 60, TimeSource.FILE)),
            ("FAILED", NOW, None, (NOW + 60, TimeSource.FILE)),
            ("RESUMABLE", NOW, NOW - 9, (None, None)),
        ],
    )
    def test_of_a_workflow(
        self, made: MadeStorage, status: str, start: float, end: float | None, expected: tuple[object, object]
    ) -> None:
        """Trap 8."""
        made.workflow("w", status, start=start, end=end)
        summary = detail(made).summary
        assert (summary.started_at, summary.status_since) == (start, NOW + 60)
        assert (summary.ended_at, summary.ended_at_source) == expected


class TestWhatIsNamed:
    """What could not be read is never left out in silence."""

    def test_an_unreadable_exception(self, made: MadeStorage) -> None:
        made.workflow("w", "FAILED")
        made.task("w", "t", start=NOW)
        (made.root / "w/tasks/t/exception.pkl").symlink_to("exception.pkl")
        assert tasks(made)["t"].status is Status.FAILED
        assert [p.path for p in detail(made).problems] == ["workflows/w/tasks/t/exception.pkl"]

    def test_a_file_in_the_place_of_the_tasks(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.write("w/tasks", b"stray")
        assert [(p.path, p.what) for p in detail(made).problems] == [("workflows/w/tasks", "not a directory")]

    @pytest.mark.parametrize("workflow_id", ["w/", "/w", "/", "a//b"])
    def test_an_id_is_not_a_path(self, made: MadeStorage, workflow_id: str) -> None:
        """`w/` would be read from the directory of `w`, as a second workflow with the same files."""
        made.workflow("w", "RUNNING")
        made.workflow("a/b", "RUNNING")
        made.write("workflow_meta.json", {"status": "FAILED"})
        reader = StorageReader(LocalStore(str(made.path)), "here")
        assert reader.summaries([workflow_id]) == ()
        with pytest.raises(NotFoundError):
            reader.detail(workflow_id)
