"""Tasks out of hand-made files: the rules for their status, and damage that real Ray seldom leaves."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.errors import NotFoundError
from wftui.model.status import Status, TimeSource
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.stores.base import Blob, Listing, Names, Range


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return MadeStorage(tmp_path / "storage")


def detail(made: MadeStorage, workflow_id: str = "w") -> WorkflowDetail:
    return StorageReader(LocalStore(str(made.path)), "here").detail(workflow_id)


def tasks(made: MadeStorage) -> dict[str, Task]:
    return {task.id: task for task in detail(made).tasks}


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


class TestDamage:
    @pytest.mark.parametrize("data", [b"", b'{"task_id": "t", "task_o', b"[1]", b"\xff", b"null", b"[" * 100_000])
    def test_one_unreadable_file_is_one_problem(self, made: MadeStorage, data: bytes) -> None:
        """Trap 14."""
        made.workflow("w", "RUNNING", team="a")
        made.task("w", "good", start=NOW, end=NOW + 1, output=1)
        made.task("w", "t", start=NOW)
        for name in ("w/tasks/t/inputs.json", "w/pre_run_metadata.json", "w/user_run_metadata.json"):
            made.write(name, data, NOW)
        found = detail(made)
        assert {problem.path for problem in found.problems} == {
            "workflows/w/tasks/t/inputs.json",
            "workflows/w/pre_run_metadata.json",
            "workflows/w/user_run_metadata.json",
        }
        assert {task.id: task.status.value for task in found.tasks} == {"good": "SUCCESSFUL", "t": "RUNNING"}
        assert (found.summary.started_at, found.summary.user_metadata) == (None, {})

    @pytest.mark.parametrize("start", [10**400, "soon", True, [], float("inf")])
    def test_times_that_are_none(self, made: MadeStorage, start: object) -> None:
        made.workflow("w", "RUNNING")
        made.write("w/pre_run_metadata.json", {"start_time": start})
        found = detail(made)
        assert (found.summary.started_at, len(found.problems)) == (None, 1)

    def test_integers_of_any_length(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.write("w/user_run_metadata.json", b'{"n": ' + b"9" * 5000 + b', "m": 12}')
        found = detail(made)
        assert found.summary.user_metadata["m"] == 12
        assert str(found.summary.user_metadata["n"]).startswith("999")

    def test_a_half_written_file_is_read_again(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        made.write("w/user_run_metadata.json", b'{"te')
        made.write("w/whole", {"team": "b"})
        naps: list[float] = []

        def finish(seconds: float) -> None:
            naps.append(seconds)
            (made.root / "w/whole").replace(made.root / "w/user_run_metadata.json")

        reader = StorageReader(LocalStore(str(made.path)), "here", sleep=finish)
        assert reader.summaries(["w"])[0].user_metadata == {"team": "b"}
        assert len(naps) == 1

    def test_strays_are_no_tasks(self, made: MadeStorage) -> None:
        """Trap 15: files among the directories, directories that are only a parent, or both."""
        made.workflow("w", "RUNNING")
        made.entry("w", "a/b")
        made.task("w", "a/b", start=NOW, end=NOW + 1, output=1)
        made.task("w", "both", upstream=["a/b"], start=NOW)
        made.task("w", "both/below")
        made.write("w/tasks/.DS_Store", b"x")
        made.write("w/tasks/both/._output.pkl", b"x")
        made.write("w/objects/abc", b"x")
        (made.root / "w/tasks/nothing yet").mkdir()
        found = detail(made)
        assert ({task.id for task in found.tasks}, found.output_task) == ({"a/b", "both", "both/below"}, "a/b")
        assert found.problems == ()

    def test_names(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        for task_id in ("load", "load_1", "load_2", "load_9", "load_01", "x_1", "n/a_1", "broken_1"):
            made.task("w", task_id)
        made.write("w/duplicate_name_counter/load", 2)
        made.write("w/duplicate_name_counter/load_2", 0)
        made.write("w/duplicate_name_counter/n/a", 1)
        made.write("w/duplicate_name_counter/broken", b"")
        assert {task.id: task.name for task in tasks(made).values() if task.id != task.name} == {
            "load_1": "load",
            "n/a_1": "n/a",
            "broken_1": "broken",
        }


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


class ActingStore(LocalStore):
    """A storage in which something happens right before one of the calls."""

    def __init__(self, made: MadeStorage, call: int, act: Callable[[], None]) -> None:
        super().__init__(str(made.path))
        self._left = call
        self._act = act

    @property
    def acted(self) -> bool:
        return self._left <= 0

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._act()

    def names(self, prefix: str) -> Names:
        self._count()
        return super().names(prefix)

    def time(self, name: str) -> float | None:
        self._count()
        return super().time(name)

    def small(self, name: str) -> bytes | None:
        self._count()
        return super().small(name)

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        self._count()
        return super().scan(prefixes, stat=stat)

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        self._count()
        return super().read(ranges)


@pytest.mark.parametrize("call", range(1, 12))
class TestBetweenTwoReads:
    """Trap 14: whatever is read when, the answer is what was there before or after, never half of each."""

    def test_it_is_deleted(self, made: MadeStorage, call: int) -> None:
        made.workflow("w", "RUNNING")
        made.entry("w", "t")
        made.task("w", "t", start=NOW)

        def delete() -> None:
            (made.root / "__status__/RUNNING/w").unlink()
            shutil.rmtree(made.root / "w")

        store = ActingStore(made, call, delete)
        try:
            found = StorageReader(store, "here", sleep=lambda _: None).detail("w")
        except NotFoundError:
            assert store.acted
        else:
            assert (found.summary.started_at, [t.status for t in found.tasks]) == (NOW, [Status.RUNNING])
            assert found.problems == ()

    def test_it_ends(self, made: MadeStorage, call: int) -> None:
        made.workflow("w", "RUNNING")
        made.entry("w", "t")
        made.task("w", "t", start=NOW)

        def end() -> None:
            made.task("w", "t", start=NOW, end=NOW + 1, output=1)
            made.write("w/post_run_metadata.json", {"end_time": NOW + 2})
            made.write("w/workflow_meta.json", {"status": "SUCCESSFUL"})
            (made.root / "__status__/RUNNING/w").unlink()
            made.index("SUCCESSFUL", "w")

        reader = StorageReader(ActingStore(made, call, end), "here", sleep=lambda _: None)
        found = reader.detail("w")
        shown = (found.summary.status.value, found.summary.ended_at, found.tasks[0].status.value)
        assert shown in (("RUNNING", None, "RUNNING"), ("SUCCESSFUL", NOW + 2, "SUCCESSFUL"))
        assert found.problems == ()
