"""`show --values` tells the same of a directory, its archives, and its copy in an object store."""

from __future__ import annotations

import json
import pickle
import subprocess
from typing import TYPE_CHECKING, Any

from tests.sources.storage_making import NOW, MadeStorage
from tests.unit.array_pickles import ARRAYS
from tests.unit.hostile_pickles import HOSTILE
from wftui.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.sources.object_server import ObjectServer


def make(made: MadeStorage) -> None:
    made.workflow("w", "FAILED", end=NOW + 9)
    made.entry("w", "arrays")
    made.task("w", "first", start=NOW, end=NOW + 1, output={"password": "hunter2", "rows": list(range(500))})
    made.write("w/tasks/first/args.pkl", pickle.dumps([b"__RAY_DUMMY__", "s3://x", "api_key", "hunter2"]))
    made.task("w", "arrays", upstream=["first"], start=NOW, end=NOW + 1)
    made.write("w/tasks/arrays/output.pkl", ARRAYS["frame"][0])
    made.write("w/tasks/arrays/args.pkl", b"\x80\x05broken")
    made.task("w", "large", start=NOW, output=["x", b"\0" * (5 << 20)])
    made.task("w", "bomb", start=NOW)
    made.write("w/tasks/bomb/output.pkl", HOSTILE["os.system"])
    made.task("w", "none", start=NOW)


def shown(capsys: pytest.CaptureFixture[str], target: str, *options: str) -> dict[str, Any]:
    assert main(["show", "--json", "--values", "-t", target, *options, "--", "w"]) == 0
    return {task["id"]: {"args": task["args"], "output": task["output"]} for task in read(capsys)["tasks"]}


def read(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str], server: ObjectServer) -> None:
    made = MadeStorage(tmp_path / "s")
    make(made)
    here = shown(capsys, str(made.path))
    assert here["first"]["args"]["value"]["members"][1]["value"]["text"] == "******"
    assert here["first"]["output"]["value"]["members"][1]["value"]["more"] == 480
    assert here["arrays"]["output"]["value"]["text"] == "3 rows, 2 columns: a, b"
    assert here["arrays"]["args"]["problem"]
    assert here["large"]["output"]["problem"] == "only its first 4,194,304 bytes were read"
    assert here["large"]["output"]["value"]["members"] == []
    assert here["bomb"]["output"]["value"]["type"] == "os.system"
    assert here["none"] == {"args": None, "output": None}
    assert "hunter2" not in str(here)
    assert "hunter2" in str(shown(capsys, str(made.path), "--show-secrets"))
    for name, command in (("s.tar.gz", ["tar", "-czf"]), ("s.tar", ["tar", "-cf"])):
        subprocess.run([*command, str(tmp_path / name), "-C", str(tmp_path), "s"], check=True)
        assert shown(capsys, str(tmp_path / name)) == here
    server.load(made.path, "values")
    assert shown(capsys, server.target("values")) == here
    server.drop_below("values/")


def test_without_it_nothing_is_added(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = MadeStorage(tmp_path / "s")
    make(made)
    assert main(["show", "--json", "-t", str(made.path), "w"]) == 0
    assert not {"args", "output"} & set(read(capsys)["tasks"][0])
    assert main(["show", "--values", "-t", str(made.path), "w"]) == 0
    page = capsys.readouterr().out
    assert "password: ******" in page
    assert "… 480 more" in page
    assert "hunter2" not in page
