"""The status index, its damage, and what it does not list (traps 1 to 3 and 15)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.errors import NotFoundError, TargetError, TargetGone
from wftui.model.status import Status
from wftui.sources.ray.storage.orphans import OrphanFinder
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftui.sources.stores.base import Listing, Names


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return MadeStorage(tmp_path / "storage")


class _Listed(LocalStore):
    """Notes what is listed."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.listed: list[str] = []

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        self.listed += prefixes
        return super().scan(prefixes, stat=stat)

    def names(self, prefix: str) -> Names:
        self.listed.append(prefix)
        return super().names(prefix)


def reader(made: MadeStorage) -> StorageReader:
    return StorageReader(LocalStore(str(made.path)), "here")


class TestRoot:
    def test_without_workflows_it_is_an_empty_list(self, tmp_path: Path) -> None:
        (tmp_path / "_valid").touch()
        found = StorageReader(LocalStore(str(tmp_path)), "here")
        assert (found.index().words, found.root) == ({}, "workflows")

    def test_any_other_directory_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "stray").touch()
        with pytest.raises(TargetError, match="not a Ray workflow storage"):
            _ = StorageReader(LocalStore(str(tmp_path)), "here").root

    def test_a_workflow_of_the_name_of_the_folder(self, made: MadeStorage) -> None:
        made.workflow("workflows", "FAILED")
        assert reader(made).index().words == {"workflows": "FAILED"}
        inside = StorageReader(LocalStore(str(made.root)), "here")
        assert inside.index().words == {"workflows": "FAILED"}

    def test_it_may_vanish(self, made: MadeStorage) -> None:
        made.workflow("a", "FAILED")
        found = reader(made)
        found.index()
        made.path.rename(made.path.with_name("elsewhere"))
        with pytest.raises(TargetGone):
            found.index()


class TestIndex:
    def test_a_file_in_the_place_of_a_directory(self, made: MadeStorage) -> None:
        """Seen after a workflow with the empty id; Ray's own list_all raises there."""
        made.workflow("a", "RUNNING")
        made.write("__status__/SUCCESSFUL", b"")
        index = reader(made).index()
        assert index.words == {"a": "RUNNING"}
        assert [problem.path for problem in index.problems] == ["workflows/__status__/SUCCESSFUL"]

    def test_unknown_directories_are_named(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.index("PAUSED", "b")
        index = reader(made).index()
        assert (index.words, [p.path for p in index.problems]) == ({"a": "RUNNING"}, ["workflows/__status__/PAUSED"])

    def test_a_dirty_marker_makes_the_meta_win(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.index("dirty", "a")
        made.write("a/workflow_meta.json", {"status": "FAILED"})
        assert reader(made).index().words == {"a": "FAILED"}

    @pytest.mark.parametrize("meta", [{}, b"", b'{"sta', {"status": 5}, {"status": "NONE"}, []])
    def test_without_a_status_in_it_the_entry_is_dropped(self, made: MadeStorage, meta: object) -> None:
        made.workflow("a", "RUNNING")
        made.workflow("b", "FAILED")
        made.index("dirty", "a")
        made.write("a/workflow_meta.json", meta, NOW)
        index = reader(made).index()
        assert index.words == {"b": "FAILED"}
        assert [problem.path for problem in index.problems] == ["workflows/__status__/dirty/a"]

    def test_a_meta_that_is_being_written_keeps_the_entry(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.index("dirty", "a")
        made.write("a/workflow_meta.json", b"")
        assert reader(made).index().words == {"a": "RUNNING"}
        assert reader(made).detail("a").summary.recorded_status == "RUNNING"

    def test_an_unknown_status_leaves_the_rest(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.workflow("b", "FAILED")
        made.index("dirty", "a")
        made.write("a/workflow_meta.json", {"status": "EXPLODED"})
        found = reader(made)
        index = found.index()
        assert index.words == {"a": "EXPLODED", "b": "FAILED"}
        assert "EXPLODED" in index.problems[0].what
        row = found.summaries(["a"], index.words)[0]
        assert (row.status, row.recorded_status) == (Status.UNKNOWN, "EXPLODED")

    def test_in_two_directories_the_meta_decides(self, made: MadeStorage) -> None:
        made.workflow("a", "SUCCESSFUL", end=NOW + 1)
        made.index("RUNNING", "a", NOW + 100)
        index = reader(made).index()
        assert index.words == {"a": "SUCCESSFUL"}
        assert "RUNNING and SUCCESSFUL" in index.problems[0].what
        assert reader(made).detail("a").summary.status is Status.SUCCESSFUL

    def test_in_two_directories_without_a_meta_the_newest_decides(self, made: MadeStorage) -> None:
        made.index("RUNNING", "a", NOW)
        made.index("FAILED", "a", NOW + 5)
        assert reader(made).index().words == {"a": "FAILED"}

    def test_an_entry_without_a_directory_is_listed(self, made: MadeStorage) -> None:
        made.index("FAILED", "gone")
        found = reader(made)
        assert [row.key.id for row in found.summaries(list(found.index().words))] == ["gone"]
        detail = found.detail("gone")
        assert (detail.tasks, detail.summary.user_metadata) == ((), {})
        assert [problem.what for problem in detail.problems] == ["is missing"]

    def test_another_look_sees_what_moved(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.workflow("b", "RUNNING")
        found = reader(made)
        assert found.index().words == {"a": "RUNNING", "b": "RUNNING"}
        made.index("FAILED", "a", None)
        (made.root / "__status__/RUNNING/a").unlink()
        assert found.index().words == {"a": "FAILED", "b": "RUNNING"}
        (made.root / "__status__/FAILED/a").unlink()
        (made.root / "__status__/FAILED").rmdir()
        assert found.index().words == {"b": "RUNNING"}

    def test_failing_again_is_seen(self, made: MadeStorage) -> None:
        """Resumed and failed between two looks: the same name in the same directory, written anew."""
        made.workflow("a", "FAILED")
        made.workflow("b", "FAILED")
        found = reader(made)
        found.index()
        (made.root / "__status__/FAILED/a").unlink()
        made.index("FAILED", "a", None)
        assert found.index().touched == {"a"}

    def test_the_same_among_many(self, made: MadeStorage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wftui.sources.ray.storage.index._FEW_STATS", 1)
        for workflow_id in "abc":
            made.workflow(workflow_id, "FAILED")
        found = reader(made)
        before = found.index()
        (made.root / "__status__/FAILED/a").unlink()
        made.index("FAILED", "a", None)
        index = found.index()
        assert index.touched == {"a"}
        assert (index.suspects, index.words) == (frozenset(), before.words)

    def test_only_what_came_or_went_is_suspect(self, made: MadeStorage) -> None:
        for workflow_id in "abcd":
            made.workflow(workflow_id, "RUNNING")
        made.index("dirty", "d")
        found = reader(made)
        assert found.index().suspects is None
        made.index("FAILED", "a", None)
        (made.root / "__status__/RUNNING/a").unlink()
        made.workflow("e", "PENDING")
        made.index("FAILED", "b", None)  # in two directories: its own record decides
        index = found.index()
        assert index.suspects == frozenset("abde")
        assert index.words == {"a": "FAILED", "b": "RUNNING", "c": "RUNNING", "d": "RUNNING", "e": "PENDING"}

    def test_ids_are_raw(self, made: MadeStorage) -> None:
        odd = ["dirty", "RUNNING", "__status__", "new\nline", "\x1b[31m", "[b]", "x" * 255, "...", "\udcff"]
        for workflow_id in odd:
            made.workflow(workflow_id, "SUCCESSFUL", end=NOW + 1, id=ascii(workflow_id))
        found = reader(made)
        index = found.index()
        assert (set(index.words), index.problems) == (set(odd), ())
        for row in found.summaries(odd, index.words):
            assert row.user_metadata == {"id": ascii(row.key.id)}
        assert OrphanFinder(LocalStore(str(made.path))).find(found.root, index.words) == ()


class TestUnlisted:
    def test_what_left_the_index_is_found_without_listing_the_folder_again(self, made: MadeStorage) -> None:
        for workflow_id in "abc":
            made.workflow(workflow_id, "SUCCESSFUL")
        os.utime(made.root, (NOW, NOW))  # nothing was written there lately
        store = _Listed(str(made.path))
        finder, found = OrphanFinder(store), reader(made)
        assert finder.find(found.root, found.index().words) == ()
        (made.root / "__status__/SUCCESSFUL/b").unlink()
        (problem,) = finder.find(found.root, found.index().words)
        assert problem.path == "workflows/b"
        made.index("SUCCESSFUL", "b")
        assert finder.find(found.root, found.index().words) == ()
        assert store.listed.count("workflows") == 1
        made.write("d/workflow_meta.json", {"status": "FAILED"})
        (problem,) = finder.find(found.root, found.index().words)
        assert problem.path == "workflows/d"

    def test_they_are_named(self, made: MadeStorage) -> None:
        made.workflow("a", "RUNNING")
        made.write("orphan/user_run_metadata.json", {})
        made.write("deep/er/id/workflow_meta.json", {"status": "FAILED"})
        made.write("stray file", b"x")
        (made.root / "left empty").mkdir()
        found = reader(made)
        problems = OrphanFinder(LocalStore(str(made.path))).find(found.root, found.index().words)
        assert {problem.path for problem in problems} == {
            "workflows/orphan",
            "workflows/deep/er/id",
            "workflows/left empty",
        }

    def test_an_unfinished_update_is_named_once(self, made: MadeStorage) -> None:
        """It has entries in the index, so it must not be called a workflow without one as well."""
        made.workflow("w", "RUNNING")
        made.index("dirty", "w")
        made.write("w/workflow_meta.json", {})
        found = reader(made)
        for index in (found.index(), found.index()):  # the second look is answered from memory
            assert [p.path for p in index.problems] == ["workflows/__status__/dirty/w"]
            assert OrphanFinder(LocalStore(str(made.path))).find(found.root, index.words, index.dropped) == ()

    def test_an_index_that_cannot_be_read(self, made: MadeStorage) -> None:
        """An empty list and an exit code of 0 would say that there is nothing."""
        (made.root / "__status__").symlink_to("__status__")
        with pytest.raises(TargetError, match="workflows/__status__: too many symbolic links"):
            reader(made).index()

    def test_an_index_that_cannot_be_read_any_more(self, made: MadeStorage) -> None:
        made.workflow("w", "RUNNING")
        found = reader(made)
        found.index()
        (made.root / "__status__").rename(made.root / "kept")
        (made.root / "__status__").symlink_to("__status__")
        index = found.index()
        assert (index.words, [p.what for p in index.problems]) == ({"w": "RUNNING"}, ["too many symbolic links"])

    def test_the_empty_id(self, made: MadeStorage) -> None:
        made.write("workflow_meta.json", {"status": "SUCCESSFUL"})
        made.task("", "only", start=NOW, end=NOW + 1, output=5)
        found = reader(made)
        problems = OrphanFinder(LocalStore(str(made.path))).find(found.root, found.index().words)
        assert [problem.path for problem in problems] == ["workflows"]
        detail = found.detail("")
        assert (detail.summary.status, [task.id for task in detail.tasks]) == (Status.SUCCESSFUL, ["only"])

    @pytest.mark.parametrize("workflow_id", ["nothing", "", "..", "../..", "a/../b", "__status__", "nul\0"])
    def test_no_such_workflow(self, made: MadeStorage, workflow_id: str) -> None:
        made.workflow("a", "RUNNING")
        with pytest.raises(NotFoundError):
            reader(made).detail(workflow_id)
