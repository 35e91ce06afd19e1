"""Symbolic links in a storage: they lead in circles, or to what is no part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.ray.storage.taskfiles import scan_tasks
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftui.sources.stores.base import Listing


@pytest.mark.parametrize("to", [".", "..", "../..", "/"])
def test_links_to_directories_are_named_and_not_followed(tmp_path: Path, to: str) -> None:
    made = MadeStorage(tmp_path / "storage")
    made.workflow("w", "SUCCESSFUL")
    made.task("w", "a", start=NOW, end=NOW + 1, output=1)
    for name in ("one", "a/two"):
        (made.root / "w/tasks" / name).symlink_to(to)
    detail = StorageReader(LocalStore(str(made.path)), "here").detail("w")
    assert [task.id for task in detail.tasks] == ["a"]
    named = [problem.path for problem in detail.problems if problem.what == "a link to a directory: not followed"]
    assert sorted(named) == ["workflows/w/tasks/a/two", "workflows/w/tasks/one"]


def test_a_whole_disk_in_place_of_the_tasks_is_looked_into_within_bounds(tmp_path: Path) -> None:
    made = MadeStorage(tmp_path / "storage")
    made.workflow("w", "SUCCESSFUL")
    for number in range(30):
        (tmp_path / "disk" / f"{number}" / "below" / "deeper").mkdir(parents=True)
    (made.root / "w/tasks").symlink_to(tmp_path / "disk")
    looked_into: list[str] = []

    class Counting(LocalStore):
        def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
            looked_into.extend(prefixes)
            return super().scan(prefixes, stat=stat)

    scan = scan_tasks(Counting(str(made.root)), "w", stat=False, most=40)
    assert len(looked_into) <= 40 + 2
    assert (len(scan.files), scan.total > 0) == (0, True)


def test_a_workflow_and_a_file_may_be_links(tmp_path: Path) -> None:
    """An administrator may have moved a workflow to another disk."""
    made = MadeStorage(tmp_path / "storage")
    made.workflow("w", "SUCCESSFUL")
    made.task("w", "a", start=NOW, end=NOW + 1, output=1)
    (made.root / "w").rename(tmp_path / "elsewhere")
    (made.root / "w").symlink_to(tmp_path / "elsewhere")
    output = tmp_path / "elsewhere/tasks/a/output.pkl"
    output.rename(tmp_path / "output")
    output.symlink_to(tmp_path / "output")
    detail = StorageReader(LocalStore(str(made.path)), "here").detail("w")
    assert [(task.id, task.status.value, task.output_size) for task in detail.tasks] == [
        ("a", "SUCCESSFUL", (tmp_path / "output").stat().st_size)
    ]
