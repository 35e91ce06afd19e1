"""One storage with everything in it gives the same answers as a directory, an archive of each kind, and in S3."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.sources.archive_making import EXACT, by_tool
from tests.sources.storage_making import NOW, MadeStorage
from tests.sources.test_objects_same import make_odd, plain, printed, to_seconds

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.object_server import ObjectServer

WORDS = ("PENDING", "RUNNING", "SUCCESSFUL", "FAILED", "RESUMABLE", "CANCELED", "NONE", "EXPLODED")
ODD = {"nan": float("nan"), "huge": 2**70, "deep": [[[{"a": None}]]], "api_key": "s3cret", "ünï": "\x1b[31m\u202e"}


def everything(place: Path) -> MadeStorage:
    """Each status with and without times, tasks in every state, ids of every kind, and all that is broken."""
    made = MadeStorage(place)
    make_odd(made)
    for word in WORDS:
        for ended in (False, True):
            name = f"{word} {'ended' if ended else 'open'}"
            made.workflow(name, word, start=NOW if ended else None, end=NOW + 7 if ended else None, **ODD)
            made.entry(name, "join")
            made.task(name, "ok", start=NOW, end=NOW + 1, output={"x": 1})
            made.task(name, "caught", start=NOW, raised=KeyError("k"), raised_at=NOW + 1, catch_exceptions=True)
            made.task(name, "bad", start=NOW + 1, raised=OSError(2, "gone"), raised_at=NOW + 2)
            made.task(name, "again", start=NOW + 5, raised=ValueError("old"), raised_at=NOW + 2, retry_exceptions=True)
            made.task(name, "kept not", start=NOW, end=NOW + 2, checkpoint=False)
            made.task(name, "lost", start=NOW, end=NOW + 2)
            made.task(name, "more", start=NOW, end=NOW + 1, returned="inner")
            made.task(name, "inner", start=NOW + 1, end=NOW + 3, output=2)
            made.task(name, "join", upstream=["ok", "bad", "more", "nobody"])
            made.write(f"{name}/tasks/ok/user_task_metadata.json", ODD)
    for slashed in ("team/etl/1", "team/etl", "a/b"):
        made.write(f"{slashed}/workflow_meta.json", {"status": "SUCCESSFUL"})
        made.write(f"{slashed}/user_run_metadata.json", {"of": slashed})
        made.task(slashed, "t", start=NOW, end=NOW + 1, output=slashed)
    for broken, content in (("list", b"[]"), ("text", b'"x"'), ("cut", b'{"start_time": 17'), ("bytes", b"\xff\xfe{}")):
        made.workflow(f"broken {broken}", "FAILED")
        for name in ("user_run_metadata.json", "pre_run_metadata.json", "post_run_metadata.json"):
            made.write(f"broken {broken}/{name}", content)
        made.task(f"broken {broken}", "t", start=NOW, raised=b"\x80\x04" + content)
        made.write(f"broken {broken}/tasks/t/pre_task_metadata.json", content)
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeStorage:
    made = everything(tmp_path_factory.mktemp("everywhere") / "storage")
    to_seconds(made.path)
    for path in made.path.rglob("*"):  # folders, too: an archive tells theirs, S3 has none
        if path.is_dir():
            os.utime(path, (NOW, NOW))
    return made


ARCHIVES = {**EXACT, "tool.zip": by_tool("zip", "-qr", "{}")}


@pytest.mark.parametrize("kind", [*ARCHIVES, "s3", "s3 without markers"])
def test_everything(
    capsys: pytest.CaptureFixture[str], server: ObjectServer, made: MadeStorage, tmp_path: Path, kind: str
) -> None:
    if kind.startswith("s3"):
        server.load(made.path, "everywhere", markers=kind == "s3")
        there = server.target("everywhere")
    else:
        there = str(tmp_path / kind)
        ARCHIVES[kind](made.path, tmp_path / kind)
    for words in (["ls"], ["show", "--all"], ["show", "--all", "--values"], ["show", "team/etl/1", "a/b"]):
        one, other = (printed(capsys, *words, "-t", target) for target in (str(made.path), there))
        assert (one.code, other.code) == (0, 0), other.err
        assert plain(other.json) == plain(one.json), words
        if kind.startswith("s3") and words == ["ls"]:
            # Each folder beside the index costs a request to look into, and a listing has only so many.
            assert set(other.err) < set(one.err)
        else:
            assert other.err == one.err
        if words == ["ls"]:
            statuses = {row["recorded_status"] for row in one.json}
            assert statuses >= {"PENDING", "RUNNING", "SUCCESSFUL", "FAILED", "CANCELED", "RESUMABLE"}
            assert len(one.err) > 3
        elif words == ["show", "--all"]:
            assert {task["status"] for row in one.json for task in row["tasks"]} >= {
                "PENDING", "READY", "RUNNING", "SUCCESSFUL", "FAILED", "CANCELED", "UNKNOWN",
            }  # fmt: skip
            assert sum(len(row["problems"]) for row in one.json) > 20
    server.drop_below("everywhere/")
