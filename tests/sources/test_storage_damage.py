"""Tasks out of damaged files, and out of files that change between two reads."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.sources.storage_making import NOW, MadeStorage, detail, tasks
from wftui.errors import NotFoundError
from wftui.model.status import Status
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wftui.sources.stores.base import Blob, Listing, Names, Range


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return MadeStorage(tmp_path / "storage")


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
