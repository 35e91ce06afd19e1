"""The commands on storages made by hand: what a damaged or odd one must not change about their contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.cli.main import main
from wftui.sources.ray import storage_source
from wftui.sources.stores.base import Listing, Names
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Printed(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out.isascii()
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is not strict JSON"))


class Run(Protocol):
    def __call__(self, *argv: str) -> Printed: ...


@pytest.fixture
def made(tmp_path: Path) -> MadeStorage:
    return MadeStorage(tmp_path / "storage")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, made: MadeStorage) -> Run:
    monkeypatch.setenv("WFTUI_TARGET", str(made.path))
    monkeypatch.setenv("WFTUI_DEBUG", "1")

    def call(*argv: str) -> Printed:
        code = main(list(argv))
        return Printed(code, *capsys.readouterr())

    return call


@pytest.mark.parametrize("command", [["ls"], ["show", "w"], ["show", "w", "--json"], ["dag", "w"]])
def test_times_of_a_damaged_record(made: MadeStorage, run: Run, command: list[str]) -> None:
    made.workflow("w", "SUCCESSFUL", start=-1e308, end=1e308)
    made.task("w", "t", start=NOW)
    made.write("w/tasks/t/post_task_metadata.json", {"end_time": 1e308})
    assert run(*command).code == 0


class TestUnlisted:
    """Workflows that Ray does not list exist for every command, or for none."""

    @pytest.mark.parametrize("workflow_id", ["", "rejected"])
    def test_everywhere(self, made: MadeStorage, run: Run, tmp_path: Path, workflow_id: str) -> None:
        made.write(f"{workflow_id}/workflow_meta.json", {"status": "FAILED"})
        other = MadeStorage(tmp_path / "other")
        assert run("show", workflow_id, "--json").json["status"] == "FAILED"
        both = ("-t", str(made.path), "-t", str(other.path))
        assert run(*both, "show", workflow_id, "--json").json["status"] == "FAILED"
        assert run("wait", workflow_id).code == 1
        assert run("cancel", workflow_id, "--yes").code == 5
        other.write(f"{workflow_id}/workflow_meta.json", {"status": "FAILED"})
        twice = run(*both, "show", workflow_id)
        assert (twice.code, twice.err.count("\n")) == (2, 1)
        assert str(made.path) in twice.err
        assert str(other.path) in twice.err

    def test_waiting_for_one_that_does_not_end(self, made: MadeStorage, run: Run) -> None:
        made.write("rejected/workflow_meta.json", {"status": "PENDING"})
        waited = run("wait", "rejected", "--timeout", "0.5", "--poll", "0.1")
        assert (waited.code, "still PENDING" in waited.err, "deleted" in waited.err) == (1, True, False)


class TestOneObject:
    """A workflow in `show` is the object of `ls`, and more."""

    @pytest.mark.parametrize(
        "status", ["SUCCESSFUL", "FAILED", "RUNNING", "PENDING", "CANCELED", "RESUMABLE", "MADE UP"]
    )
    def test_with_a_failed_task(self, made: MadeStorage, run: Run, status: str) -> None:
        """Resuming what returned a sub-DAG and is not checkpointed returns it anew: the tasks of the old one stay."""
        made.workflow("w", status, end=NOW + 9)
        if status == "MADE UP":
            (made.root / "__status__" / status / "w").unlink()
            made.index("dirty", "w")
        made.entry("w", "top")
        made.task("w", "top", start=NOW, returned="t_1", checkpoint=False)
        made.task("w", "t", start=NOW, raised=ValueError("of the first run"))
        made.task("w", "t_1", start=NOW + 7, end=NOW + 8, output=1)
        (listed,) = run("ls", "--json").json
        shown = run("show", "w", "--json").json
        assert listed == {key: shown[key] for key in listed}
        assert {task["id"]: task["status"] for task in shown["tasks"]}["t"] == "FAILED"
        assert (listed["error"] is None) == (status == "SUCCESSFUL")


class DenyingStore(LocalStore):
    """A storage with a directory that may not be listed; its mode would not keep root out of it."""

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        found = super().scan(prefixes, stat=stat)
        denied = Listing(error="permission denied")
        return [denied if p.endswith("/FAILED") else listing for p, listing in zip(prefixes, found, strict=True)]

    def names(self, prefix: str) -> Names:
        return Names(error="permission denied") if prefix.endswith("/FAILED") else super().names(prefix)


def test_a_part_of_the_index_that_cannot_be_read(made: MadeStorage, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is listed there must not be called a workflow that Ray does not list."""
    made.workflow("failed", "FAILED")
    made.workflow("running", "RUNNING")
    monkeypatch.setattr(storage_source, "LocalStore", DenyingStore)
    listed = run("ls", "--json")
    assert (listed.code, [row["id"] for row in listed.json]) == (0, ["running"])
    assert listed.err == "problem: workflows/__status__/FAILED: permission denied\n"
