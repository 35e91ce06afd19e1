"""The commands on storages made by hand: what a damaged or odd one must not change about their contract."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.cli.main import main

if TYPE_CHECKING:
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
