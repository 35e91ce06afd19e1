"""The audit file: what was done is kept, whoever does it at once, and nothing that is wrong with it stops an action."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.commanding import Commands
from tests.unit.making import detail
from wftui.errors import TargetError
from wftui.model.action import NOTHING, ActionKind, Given
from wftui.model.audit import Deed
from wftui.model.status import Status
from wftui.monitor.audit import AuditFile
from wftui.monitor.deeds import Doer
from wftui.sources.fake import FakeClock, FakeSource

DEED = Deed(1.0, "ada", "h", 7, "fake", "ray", None, "a", "cancel", "done")

WRITER = """
import sys
from wftui.model.audit import Deed
from wftui.monitor.audit import AuditFile
audit = AuditFile({"XDG_STATE_HOME": sys.argv[1]})
for number in range(200):
    told = audit.append(Deed(float(number), "ada", "h", 1, "t", "ray", None, sys.argv[2] * 900, "cancel", "done"))
    assert told == "", told
"""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Commands:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return Commands(monkeypatch, capsys)


def lines(home: Path) -> list[dict[str, Any]]:
    path = home / "wftui" / "audit.jsonl"
    return [json.loads(line) for line in path.read_text("ascii").splitlines()] if path.exists() else []


def test_a_command_keeps_what_it_did_and_what_was_refused(commands: Commands, tmp_path: Path) -> None:
    commands.source("s", [detail("a", Status.RUNNING, target="s"), detail("b", Status.SUCCESSFUL, target="s")])
    commands("cancel", "a", "b", "--yes", "--json")
    done, refused = lines(tmp_path)
    assert (done["workflow"], done["action"], done["outcome"]) == ("a", "cancel", "done")
    assert (done["target"], done["engine"], done["status_before"], done["status_after"]) == (
        "s",
        "ray",
        "RUNNING",
        "CANCELED",
    )
    assert done["pid"] == os.getpid()
    assert done["user"]
    assert done["host"]
    assert (refused["workflow"], refused["outcome"]) == ("b", "refused")
    assert refused["why"]


def test_a_dry_run_and_what_is_not_confirmed_keep_nothing(commands: Commands, tmp_path: Path) -> None:
    commands.source("s", [detail("a", Status.RUNNING, target="s")])
    commands("cancel", "a", "--dry-run")
    commands("cancel", "a")
    assert lines(tmp_path) == []


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    audit = AuditFile({"XDG_STATE_HOME": str(tmp_path)})
    assert audit.append(DEED) == ""
    assert stat.S_IMODE(Path(audit.path).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(audit.path).parent.stat().st_mode) == 0o700


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), letter]) for letter in "xyz"]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    found = [line["workflow"] for line in lines(tmp_path)]
    assert sorted(found) == sorted(letter * 900 for letter in "xyz" for _ in range(200))


@pytest.mark.parametrize("trouble", ["full", "file", "pipe"])
def test_what_cannot_be_kept_is_said_once_and_stops_nothing(commands: Commands, tmp_path: Path, trouble: str) -> None:
    if trouble == "file":
        (tmp_path / "wftui").write_text("")
    else:
        (tmp_path / "wftui").mkdir()
        path = tmp_path / "wftui" / "audit.jsonl"
        path.symlink_to("/dev/full") if trouble == "full" else os.mkfifo(path)
    source = commands.source("s", [detail(name, Status.RUNNING, target="s") for name in "ab"])
    result = commands("cancel", "a", "b", "--yes", "--json")
    assert result.code == 0
    assert {item["done"] for item in result.json} == {True}
    assert source.detail("a").summary.status is Status.CANCELED
    if trouble != "pipe":  # a pipe that nobody reads takes a line: whoever put it there wants that
        assert result.err.count("is not kept in") == 1


def test_a_line_that_was_cut_costs_no_other(tmp_path: Path) -> None:
    audit = AuditFile({"XDG_STATE_HOME": str(tmp_path)})
    audit.append(DEED)
    with open(audit.path, "ab") as file:
        file.write(b'{"at": 2.0, "user": "a')
    audit.append(replace(DEED, at=3.0))
    with open(audit.path, "ab") as file:
        file.write(b'[1]\n{"at": "x"}\n\xff\n' + b"[" * 100_000 + b"\n")
    assert [deed.at for deed in audit.about(detail("a"))] == [1.0, 3.0]
    assert audit.about(detail("b")) == ()


def test_no_secret_is_kept(tmp_path: Path) -> None:
    source = FakeSource("s", [detail("a", Status.WAITING, target="s")], clock=FakeClock())
    source.fail("postgresql://ada:hunter2@db/x does not answer")
    doer = Doer(AuditFile({"XDG_STATE_HOME": str(tmp_path)}), lambda _: None)
    given = Given(event="paid", payload='{"password": "hunter2"}')
    assert source.actions is not None
    with pytest.raises(TargetError):
        doer.act(source, source.actions, ActionKind.EMIT, "a", arm=False, given=given)
    (line,) = lines(tmp_path)
    assert line["outcome"] == "failed"
    assert line["given"] == {"event": "paid", "payload_bytes": 23}
    assert "hunter2" not in json.dumps(line)


def test_an_action_that_is_broken_off_is_kept_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = FakeSource("s", [detail("a", Status.RUNNING, target="s")], clock=FakeClock())
    doer = Doer(AuditFile({"XDG_STATE_HOME": str(tmp_path)}), lambda _: None)
    actions = source.actions
    assert actions is not None

    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "act", broken_off)
    with pytest.raises(KeyboardInterrupt):
        doer.act(source, actions, ActionKind.CANCEL, "a", arm=False, given=NOTHING)
    assert [line["outcome"] for line in lines(tmp_path)] == ["interrupted"]


def test_an_armed_cancel_is_kept_and_so_is_taking_it_back(tmp_path: Path) -> None:
    source = FakeSource("s", [detail("a", Status.PENDING, target="s")], clock=FakeClock())
    doer = Doer(AuditFile({"XDG_STATE_HOME": str(tmp_path)}), lambda _: None)
    assert source.actions is not None
    doer.act(source, source.actions, ActionKind.CANCEL, "a", arm=True, given=NOTHING)
    doer.disarm(source, source.actions, "a")
    doer.disarm(source, source.actions, "a")
    assert [(line["action"], line["outcome"]) for line in lines(tmp_path)] == [("cancel", "armed"), ("disarm", "done")]
