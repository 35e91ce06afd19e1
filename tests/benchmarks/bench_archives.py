"""Opening archives beside the plain way: Python's own modules listing the same archive and reading the same members.

    python -m tests.benchmarks.bench_archives [--workflows N] [--tasks N] [--folder FOLDER]

Seconds are of the processor, each way in a process of its own; peaks are of memory above that of an interpreter
that imported the same modules and opened nothing. FOLDER keeps the archives for another run.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("tar", "tar.gz", "tar.xz", "tar.zst", "zip")
ROW = ("user_run_metadata.json", "pre_run_metadata.json", "post_run_metadata.json")


def members(workflows: int, tasks: int) -> Iterator[tuple[str, bytes]]:
    """The files of a storage as Ray writes it, folder by folder."""
    yield "storage/_valid", b""
    lead = "storage/workflows"
    for number in range(workflows):
        yield f"{lead}/__status__/SUCCESSFUL/pipeline.{number:06}", b""
    for number in range(workflows):
        folder, at = f"{lead}/pipeline.{number:06}", 1_700_000_000.123456 + number * 1.37
        yield f"{folder}/workflow_meta.json", b'{"status": "SUCCESSFUL"}'
        user = {"team": f"team {number % 17}", "run": number, "commit": f"{number * 2654435761 % 2**32:08x}"}
        yield f"{folder}/user_run_metadata.json", json.dumps(user).encode()
        yield f"{folder}/pre_run_metadata.json", json.dumps({"start_time": at}).encode()
        yield f"{folder}/post_run_metadata.json", json.dumps({"end_time": at + 61.5}).encode()
        yield f"{folder}/tasks/outputs.json", b'{"output_task_id": "step_0"}'
        for task in range(tasks):
            yield from task_members(f"{folder}/tasks/step_{task}", f"step_{task}", task, at)


def task_members(folder: str, name: str, task: int, at: float) -> Iterator[tuple[str, bytes]]:
    """The files of one task."""
    options = {"task_type": "FUNCTION", "max_retries": 3, "catch_exceptions": False, "retry_exceptions": False,
               "checkpoint": True, "ray_options": {}}  # fmt: skip
    inputs = {"task_id": name, "task_options": options, "user_metadata": {},
              "workflow_refs": [f"step_{task - 1}"] if task else []}  # fmt: skip
    yield f"{folder}/inputs.json", json.dumps(inputs).encode()
    yield f"{folder}/pre_task_metadata.json", json.dumps({"start_time": at + task}).encode()
    yield f"{folder}/post_task_metadata.json", json.dumps({"end_time": at + task + 0.9}).encode()
    yield f"{folder}/args.pkl", b"\x80\x05]\x94." * 20
    yield f"{folder}/func_body.pkl", b"\x80\x05\x95" + bytes(range(256)) * 6
    yield f"{folder}/output.pkl", b"\x80\x05K\x2a." + at.hex().encode() * 8


def make(kind: str, path: Path, workflows: int, tasks: int) -> None:
    """Write the archive."""
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in members(workflows, tasks):
                packed.writestr(name, content)
        return
    with open(path.with_suffix(".plain"), "w+b") as plain:
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for name, content in members(workflows, tasks):
                member = tarfile.TarInfo(name)
                member.size, member.mtime = len(content), 1_700_000_000
                tar.addfile(member, io.BytesIO(content))
        plain.flush()
        packer = {"tar": ["cat"], "tar.gz": ["gzip", "-c"], "tar.xz": ["xz", "-2c"], "tar.zst": ["zstd", "-qc"]}[kind]
        with open(path, "wb") as out:
            plain.seek(0)
            subprocess.run(packer, stdin=plain, stdout=out, check=True)
    path.with_suffix(".plain").unlink()


def plain_way(kind: str, path: str) -> int:
    """List with Python's own module, read and parse the three files of each workflow's row. Returns how many."""
    found = 0
    if kind == "zip":
        with zipfile.ZipFile(path) as packed:
            for info in packed.infolist():
                if info.filename.rpartition("/")[2] in ROW:
                    found += bool(json.loads(packed.read(info)))
        return found
    inner: Any = open(path, "rb")  # noqa: SIM115 - closed by the end of the process
    if kind == "tar.zst":
        name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        inner = importlib.import_module(name).ZstdFile(inner)
    mode = {"tar": "r:", "tar.gz": "r:gz", "tar.xz": "r:xz", "tar.zst": "r:"}[kind]
    with tarfile.open(fileobj=inner, mode=mode) as tar:  # type: ignore[call-overload]
        for member in tar:
            if member.name.rpartition("/")[2] in ROW:
                content = tar.extractfile(member)
                found += bool(json.loads(content.read()))
    return found


def ours(path: str, what: str) -> int:
    """Open, list, and read every row, or every workflow. Returns how many."""
    from wftui.sources.base import SourceOptions
    from wftui.sources.registry import make_source

    source = make_source(path, SourceOptions())
    source.open()
    ids: list[str] = []
    cursor: str | None = None
    while True:
        page = source.page(cursor, 5000)
        ids += [row.key.id for row in page.workflows]
        cursor = page.next
        if cursor is None:
            break
    source.changes()
    if what == "rows":
        return sum(len(source.summaries(ids[at : at + 500])) for at in range(0, len(ids), 500))
    return sum(bool(source.detail(workflow_id).tasks) for workflow_id in ids) if what == "all" else len(ids)


def run(way: str, kind: str, path: Path) -> tuple[float, float]:
    """Seconds and megabytes of one way, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_archives", "--one", way, kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def one(way: str, kind: str, path: str) -> None:
    """Measure this process."""
    importlib.import_module("wftui.sources.ray.archive_source")
    before = peak()
    begun = time.process_time()
    assert (plain_way(kind, path) if way == "plain" else ours(path, way)) > 0
    seconds = time.process_time() - begun
    print(seconds, peak() - before)


def peak() -> float:
    """Megabytes that this process had at most. Not `ru_maxrss`: that is also the parent's, as it was before `exec`."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workflows", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--all", action="store_true", help="read every workflow whole, too")
    parser.add_argument("--kinds", nargs="*", default=KINDS)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        one(*args.one)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"{args.workflows} workflows of {args.tasks} tasks")
        print("archive     MB   plain s  ids/plain  rows/plain  plain MB  rows MB" + ("  all/plain  all MB" * args.all))
        for kind in args.kinds:
            path = folder / f"{args.workflows}-{args.tasks}.{kind}"
            if not path.exists():
                make(kind, path, args.workflows, args.tasks)
            plain, plain_mb = run("plain", kind, path)
            ids, _ = run("ids", kind, path)
            rows, rows_mb = run("rows", kind, path)
            line = f"{kind:8}{path.stat().st_size / 1e6:7.1f} {plain:8.2f} {ids / plain:9.2f} {rows / plain:11.2f}"
            line += f" {plain_mb:9.0f} {rows_mb:8.0f}"
            if args.all:
                whole, whole_mb = run("all", kind, path)
                line += f" {whole / plain:9.2f} {whole_mb:8.0f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()
