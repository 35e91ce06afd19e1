"""Any mutation of a valid storage gives a result and problems, never an exception; and so do the commands on it."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.contract import listed
from tests.sources.storage_making import NOW, MadeStorage
from wftui.errors import NotFoundError, TargetError
from wftui.present.glyphs import UNICODE
from wftui.present.jsonview import detail_json, summary_json
from wftui.present.showpage import show_page
from wftui.present.values import values_json
from wftui.sources.base import SourceOptions
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

IDS = ("good", "failed", "runs", "nested/id", "")


def make(path: Path) -> MadeStorage:
    """A storage in which everything is as Ray leaves it."""
    made = MadeStorage(path)
    made.workflow("good", "SUCCESSFUL", start=NOW, end=NOW + 9, owner="ml", deep={"a": [1, {"b": None}]})
    made.entry("good", "b")
    made.task("good", "a", start=NOW, end=NOW + 1, output={"x": [1, 2]})
    made.task("good", "b", upstream=["a"], start=NOW + 1, end=NOW + 2, output=3)
    made.write("good/tasks/b/args.pkl", pickle.dumps([b"__RAY_DUMMY__", 1]))
    made.write("good/duplicate_name_counter/a", b"1")
    made.workflow("failed", "FAILED", start=NOW, end=NOW + 9)
    made.entry("failed", "out")
    made.task("failed", "bad", start=NOW, raised=ValueError("no"))
    made.task("failed", "out", upstream=["bad"], returned="inner")
    made.task("failed", "inner", start=NOW, end=NOW + 1, checkpoint=False)
    made.workflow("runs", "RUNNING", start=NOW)
    made.task("runs", "t", start=NOW)
    made.workflow("nested/id", "SUCCESSFUL", start=NOW)
    made.write("__status__/dirty/runs", b"")
    return made


JUNK = (
    b"", b"{", b'{"status":', b"[]", b"null", b"1", b'"x"', b"\xff\xfe\x00", b'{"status": 7}', b'{"status": "WHAT"}',
    b'{"start_time": "soon"}', b'{"start_time": NaN}', b'{"start_time": 1e400}', b'{"start_time": -1e300}',
    b'{"end_time": [1]}', b'{"output_task_id": 5}', b'{"output_task_id": "\\ud800"}', b'{"output_task_id": "../.."}',
    b'{"dynamic_output_task_id": "out", "output_task_id": "out"}', b'{"workflow_refs": [1, null, {}]}',
    b'{"workflow_refs": "abc"}', b'{"workflow_refs": ["b", "out", "t"], "task_options": 3, "user_metadata": []}',
    b'{"task_options": {"max_retries": 1e999, "checkpoint": "no", "catch_exceptions": {}}, "task_id": []}',
    b"[" * 100_000, b'{"a":' * 5_000, b"9" * 6_000, b'{"x": ' + b"9" * 6_000 + b"}", b"\x00" * 5_000,
    b'{"password": "\\u0000\\u001b]52;c;x\\u0007"}', "{\"\u202e\": \"é\"}".encode("utf-16"),
)  # fmt: skip
NAMES = ("x", "\x1b]0;t\x07", os.fsdecode(b"\xff\xfe"), "WHAT", "dirty", "__status__", "tasks", " ", "\n", "a" * 255)
HOWS = (
    "junk", "junk", "junk", "cut", "flip", "remove", "directory", "link to itself", "link out", "fifo", "socket",
    "move", "add", "time", "swap", "copy",
)  # fmt: skip


def mutate(root: Path, data: st.DataObject) -> None:
    """Do one thing to some file or directory of it."""
    everything = sorted(path for path in root.rglob("*") if path != root / "_valid")
    target = data.draw(st.sampled_from(everything))
    how = data.draw(st.sampled_from(HOWS))
    is_file = target.is_file() and not target.is_symlink()
    match how:
        case "junk" if is_file:
            target.write_bytes(data.draw(st.sampled_from(JUNK)))
        case "cut" if is_file:
            content = target.read_bytes()
            target.write_bytes(content[: data.draw(st.integers(0, len(content)))])
        case "flip" if is_file:
            flipped = bytearray(target.read_bytes() or b"x")
            flipped[data.draw(st.integers(0, len(flipped) - 1))] = data.draw(st.integers(0, 255))
            target.write_bytes(bytes(flipped))
        case "time":
            at = data.draw(st.sampled_from([0.0, 1.0, NOW * 9, 2.0**33, -1.0]))
            os.utime(target, (at, at), follow_symlinks=False)
        case "add":
            folder = target if target.is_dir() and not target.is_symlink() else target.parent
            name = data.draw(st.sampled_from(NAMES))
            if not (folder / name).exists() and not (folder / name).is_symlink():
                (folder / name).write_bytes(data.draw(st.sampled_from(JUNK)))
        case "swap" | "copy":
            other = data.draw(st.sampled_from(everything))
            if is_file and other.is_file():
                target.write_bytes(other.read_bytes())
        case "move":
            with suppress(OSError):
                target.rename(target.with_name(data.draw(st.sampled_from(NAMES))))
        case _:
            _replace(target, how)


def _replace(target: Path, how: str) -> None:
    shutil.rmtree(target) if target.is_dir() and not target.is_symlink() else target.unlink()
    if how == "directory":
        target.mkdir()
    elif how == "link to itself":
        target.symlink_to(target.name)
    elif how == "link out":
        target.symlink_to("../../../../../../../../../etc" if "." not in target.name else "/etc/passwd")
    elif how == "fifo":
        os.mkfifo(target)


def raw(metadata: Mapping[str, object]) -> Mapping[str, object]:
    return metadata


def look(path: Path) -> list[str]:
    """All that can be asked of a storage. Returns its problems, each told in one line of JSON."""
    source = StorageSource(str(path), SourceOptions(), target="T")
    told: list[str] = []
    try:
        source.open()
        ids = [row.key.id for row in listed(source, limit=2)]
        source.attend(frozenset(ids))
        for _ in range(2):
            told += [json.dumps([problem.path, problem.what]) for problem in source.changes().problems]
        for row in source.summaries(ids):
            json.dumps(summary_json(row, raw), allow_nan=False)
        for workflow_id in dict.fromkeys([*ids, *IDS, "..", "a\0b", "\ud800"]):
            try:
                detail = source.detail(workflow_id)
            except NotFoundError:
                continue
            json.dumps(detail_json(detail, raw), allow_nan=False)
            text = "\n".join("".join(cell for cell, _ in row) for row in show_page(detail, raw, NOW, UNICODE, 80))
            assert all(char.isprintable() or char == "\n" for char in text), [c for c in text if not c.isprintable()]
            for task_id, values in source.values(workflow_id, [task.id for task in detail.tasks]):
                assert isinstance(task_id, str)
                json.dumps(values_json(values, (), show=False), allow_nan=False)
            told += [json.dumps([problem.path, problem.what]) for problem in detail.problems]
    except TargetError as error:
        assert error.message  # noqa: PT017 - what it says is looked at, not that it is raised
        return [error.message]
    finally:
        source.close()
    return told


@contextmanager
def storage() -> Iterator[MadeStorage]:
    with tempfile.TemporaryDirectory() as folder:
        yield make(Path(folder) / "s")


def test_what_is_mutated_is_valid() -> None:
    with storage() as made:
        assert not [line for line in look(made.path) if "nested" not in line and "failed/tasks" not in line]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_mutation_gives_a_result_and_problems(data: st.DataObject) -> None:
    with storage() as made:
        for _ in range(data.draw(st.integers(1, 6))):
            if any(made.root.rglob("*")):
                mutate(made.path, data)
        look(made.path)


@pytest.mark.parametrize("seed", range(4))
def test_the_commands_survive_it_as_processes(tmp_path: Path, seed: int) -> None:
    made = make(tmp_path / "s")
    files = sorted(path for path in made.root.rglob("*.json"))
    for at, path in enumerate(files):
        if at % 4 != seed:
            path.write_bytes(JUNK[(at + seed * 7) % len(JUNK)])
    (made.root / "__status__" / "WHAT").mkdir()
    (made.root / "__status__" / "WHAT" / "w").touch()
    (made.root / "__status__" / "FAILED" / os.fsdecode(b"not utf-8 \xff")).touch()
    (made.root / "failed" / "tasks" / "loop").symlink_to("loop")
    for command in (["ls", "--json"], ["show", "--all", "--json", "--values"], ["ls"], ["show", "--all", "--values"]):
        done = subprocess.run(
            [sys.executable, "-m", "wftui", *command, "-t", str(made.path)],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        assert done.returncode == 0, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert b"\x1b" not in done.stdout + done.stderr
        assert command[0] != "ls" or b"__status__/WHAT" in done.stderr
        if "--json" in command:
            rows = json.loads(done.stdout)
            assert any("\udcff" in row["id"] for row in rows)


def test_what_may_not_be_read_is_named() -> None:
    """Root may read everything, so the reading is done by a process that is somebody else."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else, and anybody else is tested by the store's own tests")
    with storage() as made:
        made.path.parent.chmod(0o755)
        (made.root / "good" / "user_run_metadata.json").chmod(0)
        (made.root / "failed" / "tasks" / "bad" / "exception.pkl").chmod(0)
        (made.root / "runs" / "tasks").chmod(0)
        (made.root / "__status__" / "SUCCESSFUL").chmod(0o711)
        script = (
            "import os, sys, json; sys.setrecursionlimit(5000); from tests.sources.test_storage_mutated import look;"
            "from pathlib import Path; os.setgid(65534); os.setuid(65534); print('\\n'.join(look(Path(sys.argv[1]))))"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, str(made.path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        named = [line for line in done.stdout.splitlines() if "ermission denied" in line]
        for part in ("__status__/SUCCESSFUL", "runs/tasks"):
            assert any(part in line for line in named), done.stdout


def test_files_that_change_while_they_are_read() -> None:
    """A writer rewrites, cuts and replaces files all the time; whatever is seen in between is a result."""
    with storage() as made:
        script = (
            "import itertools, os, sys; from pathlib import Path\n"
            "files = sorted(p for p in Path(sys.argv[1]).rglob('*.json'))\n"
            "content = {p: p.read_bytes() for p in files}\n"
            "print('on', flush=True)\n"
            "for n in itertools.count():\n"
            "    p = files[n % len(files)]\n"
            "    p.unlink(missing_ok=True) if n % 5 == 4 else p.write_bytes(content[p][: n % (len(content[p]) + 1)])\n"
        )
        with subprocess.Popen([sys.executable, "-c", script, str(made.root)], stdout=subprocess.PIPE) as writer:
            try:
                assert writer.stdout is not None
                writer.stdout.readline()
                for _ in range(15):
                    look(made.path)
            finally:
                writer.kill()
