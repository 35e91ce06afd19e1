"""`ls --json` and `show --json` of a storage in an object store are those of the directory it was copied from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.sources.object_server import BUCKET
from tests.sources.storage_making import NOW, MadeStorage
from wftui.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.object_server import ObjectServer
    from tests.sources.ray_written import WrittenStorage


class Printed(NamedTuple):
    code: int
    json: Any
    err: list[str]


def printed(capsys: pytest.CaptureFixture[str], *argv: str) -> Printed:
    code = main([argv[0], "--json", "--show-secrets", *argv[1:]])
    out, err = capsys.readouterr()
    return Printed(code, json.loads(out) if out else None, sorted(err.splitlines()))


def plain(value: Any) -> Any:
    """Without the target."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key != "target"}
    return value


def to_seconds(directory: Path) -> None:
    """Give every file the time that an object store would tell: whole seconds."""
    for path in directory.rglob("*"):
        if path.is_file():
            whole = int(path.stat().st_mtime)
            os.utime(path, (whole, whole))


def assert_same(
    capsys: pytest.CaptureFixture[str], server: ObjectServer, directory: Path, prefix: str, *, markers: bool = True
) -> None:
    to_seconds(directory)
    server.load(directory, prefix, markers=markers)
    there, here = server.target(prefix), str(directory)
    listed, said = printed(capsys, "ls", "-t", there), printed(capsys, "ls", "-t", here)
    assert (listed.code, said.code) == (0, 0)
    assert plain(listed.json) == plain(said.json)
    assert listed.err == said.err
    shown, said = printed(capsys, "show", "--all", "-t", there), printed(capsys, "show", "--all", "-t", here)
    assert (shown.code, said.code) == (0, 0)
    assert plain(shown.json) == plain(said.json)
    for workflow in said.json[:4]:
        one = printed(capsys, "show", "-t", there, "--", workflow["id"])
        assert plain(one.json) == plain(workflow)
    server.drop_below(f"{prefix}/")


@pytest.mark.ray
def test_what_ray_wrote(
    capsys: pytest.CaptureFixture[str], server: ObjectServer, ray_storage: WrittenStorage, tmp_path: Path
) -> None:
    assert_same(capsys, server, ray_storage.copy(tmp_path / "storage"), "written")


def make_odd(made: MadeStorage) -> None:
    names = (
        "two words",
        "50%25",
        "a+b=c&d",
        "ünï✓",
        "esc\x1b[2Jline\nbreak",
        "#h?q",
        "~tilde'\"<x>",
        "RUNNING",
        "dirty",
    )
    for odd in names:
        made.workflow(odd, "SUCCESSFUL", end=NOW + 5, name=odd)
        made.task(odd, odd, start=NOW, end=NOW + 1, output=odd, upstream=["x y"])
        made.task(odd, "x y", start=NOW, end=NOW + 1, output=1)
    made.workflow("empty files", "FAILED")
    for name in ("user_run_metadata.json", "pre_run_metadata.json", "workflow_meta.json", "tasks/t/inputs.json"):
        made.write(f"empty files/{name}", b"")
    made.write("empty files/tasks/t/exception.pkl", b"")
    made.workflow("half", "RUNNING")
    made.write("half/user_run_metadata.json", b'{"a": ')
    made.write("half/tasks/t/inputs.json", b"[]")
    made.workflow("nested", "SUCCESSFUL", end=NOW + 1)
    made.task("nested", "a", start=NOW, end=NOW + 1, output=1)
    made.task("nested", "a/b", start=NOW, end=NOW + 1, output=1, upstream=["a"])
    made.write("nested/tasks/d/inputs.json/odd", b"a directory in place of a file")
    made.workflow("canceled", "CANCELED")
    made.task("canceled", "t", start=NOW + 3)
    made.workflow("many names", "SUCCESSFUL", end=NOW + 1)
    for task_id in ("load", "load_1", "load_2", "own_1"):
        made.task("many names", task_id, start=NOW, end=NOW + 1, output=1)
    made.write("many names/duplicate_name_counter/load", b"2")
    made.write("many names/duplicate_name_counter/own_1", b"0")
    made.index("FAILED", "half")
    made.index("dirty", "gone")
    made.write("rejected/workflow_meta.json", {"status": "PENDING"})
    made.write("team/etl/1/workflow_meta.json", {"status": "PENDING"})
    made.write("__status__/ODD/x", b"")


@pytest.mark.parametrize("markers", [True, False])
def test_odd_names_and_damage(
    capsys: pytest.CaptureFixture[str], server: ObjectServer, tmp_path: Path, markers: bool
) -> None:
    made = MadeStorage(tmp_path / "storage")
    make_odd(made)
    assert_same(capsys, server, made.path, f"odd {markers}".replace(" ", "-"), markers=markers)


def test_what_no_directory_can_hold(capsys: pytest.CaptureFixture[str], server: ObjectServer, tmp_path: Path) -> None:
    """Names with empty parts or dots for parts, and an object with more below its name, hurt nothing beside them."""
    made = MadeStorage(tmp_path / "storage")
    made.workflow("w", "SUCCESSFUL", end=NOW + 5)
    made.task("w", "t", start=NOW, end=NOW + 1, output=1)
    server.load(made.path, "strange")
    root = "strange/workflows"
    keys = (
        "__status__/SUCCESSFUL//x", "__status__/FAILED/../y", "__status__//", "__status__/SUCCESSFUL/./z", "w//tasks",
        "w/tasks//t/inputs.json", "w/tasks/../u/inputs.json", "w/tasks/t/output.pkl/below", "w", "/", "//w",
    )  # fmt: skip
    for key in keys:
        server.put(f"{root}/{key}", b"{}")
    there = printed(capsys, "show", "w", "-t", server.target("strange"))
    here = printed(capsys, "show", "w", "-t", str(made.path))
    listed = printed(capsys, "ls", "-t", server.target("strange"))
    assert [row["id"] for row in listed.json] == ["w"]
    odd = [problem for problem in there.json["problems"] if problem not in here.json["problems"]]
    there.json["problems"] = here.json["problems"]
    assert plain(there.json) == plain(here.json)
    assert {problem["path"] for problem in odd} == {
        "workflows/w//tasks", "workflows/w/tasks//t/inputs.json", "workflows/w/tasks/../u/inputs.json",
        "workflows/w/tasks/t/output.pkl",
    }  # fmt: skip
    server.drop_below("strange/")


def test_googles_way_of_speaking_s3(capsys: pytest.CaptureFixture[str], server: ObjectServer, tmp_path: Path) -> None:
    """`gs://` asks as `s3://` does, signed with an HMAC key."""
    made = MadeStorage(tmp_path / "storage")
    made.workflow("two words", "SUCCESSFUL", end=NOW + 5)
    made.task("two words", "t", start=NOW, end=NOW + 1, output=1)
    to_seconds(made.path)
    server.load(made.path, "google")
    target = f"gs://KEY:SECRET@{BUCKET}/google?endpoint_override=127.0.0.1:{server.port}&scheme=http"
    there, here = (printed(capsys, "show", "--all", "-t", one) for one in (target, str(made.path)))
    assert there.code == 0
    assert plain(there.json) == plain(here.json)
    assert not server.written
    server.drop_below("google/")
