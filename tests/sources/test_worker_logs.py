"""Attempts of a task, rotated log files, and names in the folder that are no logs. No Ray: files as Ray writes them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.sources.worker_writing import ERR, MOST, OUT, Worker, read, text_of
from wftui.errors import NotFoundError, TargetError
from wftui.sources.ray.cluster.near import log_file
from wftui.sources.ray.cluster.near.task_output import TaskOutput
from wftui.sources.ray.cluster.near.worker_logs import WorkerLogs

if TYPE_CHECKING:
    from pathlib import Path


def test_attempts_are_numbered_and_the_next_one_is_followed(tmp_path: Path) -> None:
    first, second, output = Worker(tmp_path, "a1"), Worker(tmp_path, "b2"), TaskOutput(str(tmp_path))
    first.begin("a")
    first.err("one\n")
    os.utime(first.err_path, (1_000, 1_000))
    part = read(output, "a")
    assert text_of(part, ERR) == "one\n"
    second.begin("a")
    second.err("two\n")
    after = read(output, "a", part.position)
    assert text_of(after, ERR) == "two\n"
    second.err("more\n")
    assert text_of(read(output, "a", after.position), ERR) == "more\n"
    assert [text_of(read(output, "a", attempt=at), ERR) for at in (1, 2, None)] == [
        "one\n",
        "two\nmore\n",
        "two\nmore\n",
    ]
    assert not read(output, "a", part.position, attempt=1).pieces
    with pytest.raises(NotFoundError, match="no log of attempt 3"):
        read(output, "a", attempt=3)


def test_the_attempt_that_began_last_is_known_by_its_start(tmp_path: Path) -> None:
    first, second = Worker(tmp_path, "a1"), Worker(tmp_path, "b2")
    for number, worker in enumerate((first, second), 1):
        worker.begin("a")
        worker.err(f"{number}\n")
        os.utime(worker.err_path, (1_000 * number, 1_000 * number))
    output = TaskOutput(str(tmp_path))
    assert text_of(output.read_here(("w", "a", None, 1_999.99), "", MOST, False), ERR) == "2\n"
    assert text_of(output.read_here(("w", "a", None, 9_000.0), "", MOST, False), ERR) == "2\n"
    with pytest.raises(NotFoundError, match="earlier attempts"):
        output.read_here(("w", "a", None, 9_000.0, True), "", MOST, False)
    part = output.read_here(("w", "a", None, 9_000.0), "", MOST, False)
    assert part.note == "attempt unknown: there are only logs of earlier ones"
    with pytest.raises(NotFoundError, match="earlier attempts"):  # it was asked for by its number
        output.read_here(("w", "a", 3, 9_000.0, False, 3), "", MOST, False)
    first.begin("other")  # its worker goes on, and writes later than the latest attempt does
    os.utime(first.err_path, (3_000, 3_000))
    assert text_of(output.read_here(("w", "a", None, 1_999.99), "", MOST, False), ERR) == "2\n"


def test_attempts_in_files_that_others_wrote_to_are_told_apart_or_it_is_said(tmp_path: Path) -> None:
    """The first attempt's worker goes on to other tasks, and writes last: times of files tell nothing."""
    first, second = Worker(tmp_path, "a1"), Worker(tmp_path, "b2")
    first.begin("a")
    first.err("one\n")
    os.utime(first.err_path, (1_000, 1_000))
    followed = TaskOutput(str(tmp_path))
    read(followed, "a")
    began = time.time()
    second.begin("a")
    second.err("two\n")
    first.begin("other")
    for output in (followed, TaskOutput(str(tmp_path))):  # seen when it came; told by when the latest one began
        part = output.read_here(("w", "a", None, began), "", MOST, False)
        assert (text_of(part, ERR), part.note) == ("two\n", "")
        part = output.read_here(("w", "a", 1, began), "", MOST, False)
        assert (text_of(part, ERR), part.note) == ("one\n", "")
    for number in (1, 2, None):  # nothing tells
        part = read(TaskOutput(str(tmp_path)), "a", attempt=number)
        assert part.note.startswith("attempt unknown: this may")
    part = TaskOutput(str(tmp_path)).read_here(("w", "a", 2, began, False, 3), "", MOST, False)
    assert part.note == "attempt unknown: the task was begun 3 times, and here are logs of 2"
    part = TaskOutput(str(tmp_path)).read_here(("w", "a", 3, began, False, 3), "", MOST, False)
    assert (text_of(part, ERR), part.note) == ("two\n", "")
    part = TaskOutput(str(tmp_path)).read_here(("w", "a", 1, began, False, 1), "", MOST, False)  # a run that goes on
    assert (text_of(part, ERR), part.note) == ("one\n", "")


def test_a_worker_that_began_later_has_the_later_attempt(tmp_path: Path) -> None:
    for name, began, number in (("b1", "2026-11-21 10:00:00", "one"), ("a2", "2026-11-21 10:05:00", "two")):
        worker = Worker(tmp_path, name)
        own_log = tmp_path / f"python-core-worker-{name}_77.log"
        own_log.write_text(f"[{began},123 I 77 77] core_worker_process.cc:214: Constructing\n")
        worker.begin("a")
        worker.err(f"{number}\n")
        if number == "one":
            died = time.mktime(time.strptime("2026-11-21 10:04:00", "%Y-%m-%d %H:%M:%S"))
            os.utime(worker.err_path, (died, died))
        else:
            worker.begin("other")
    for attempt, text in ((1, "one\n"), (2, "two\n")):
        part = read(TaskOutput(str(tmp_path)), "a", attempt=attempt)
        assert (text_of(part, ERR), part.note) == (text, "")


def _rotate(path: Path, most: int) -> None:
    """As Ray does: what is oldest goes."""
    for number in range(most, 0, -1):
        older = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))


def test_what_was_rotated_away_is_read_in_order_and_what_was_deleted_is_said(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    lines, position, got = [f"line {at}\n" for at in range(60)], "", ""
    for at, line in enumerate(lines):
        worker.out(line)
        if at % 10 == 9:
            part = read(output, "a", position)
            got, position = got + text_of(part, OUT), part.position
            _rotate(worker.out_path, 3)
    assert got == "".join(lines)
    part = read(TaskOutput(str(tmp_path)), "a")
    assert text_of(part, OUT) == "".join(lines[30:])
    assert "rotated away and deleted" in part.note
    worker.begin("b")
    worker.out("b out\n")
    for reader in (output, TaskOutput(str(tmp_path))):
        part = read(reader, "b")
        assert (text_of(part, OUT), part.note) == ("b out\n", "")
    assert text_of(read(output, "a", position), OUT) == ""


def test_magic_lines_that_were_rotated_away_do_not_shift_the_others(tmp_path: Path) -> None:
    """Ray rotates what plain tasks print, until the first task of a workflow runs in the worker."""
    worker = Worker(tmp_path)
    for _ in range(6):
        for stream in (worker.out, worker.err):
            stream(":task_name:plain\n")
        worker.out("plain\n")
        _rotate(worker.out_path, 2)
    for task in ("a", "b"):
        worker.begin(task)
        worker.out(f"{task} out\n")
    output = TaskOutput(str(tmp_path))
    for task in ("a", "b"):
        part = read(output, task)
        assert (text_of(part, OUT), part.note) == (f"{task} out\n", "")


def test_a_file_that_is_copied_and_emptied_while_it_is_followed_is_read_on_or_said_to_be_gone(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    worker.out("before\n")
    part = read(output, "a")
    for path in (worker.out_path, worker.err_path):
        path.with_name(f"{path.name}.1").write_bytes(path.read_bytes())
        path.write_bytes(b"")
    worker.out("after\n")
    assert text_of(read(output, "a", part.position), OUT) == "after\n"
    assert text_of(read(TaskOutput(str(tmp_path)), "a"), OUT) == "before\nafter\n"
    worker.err_path.with_name(f"{worker.err_path.name}.1").unlink()
    assert text_of(read(output, "a", part.position), OUT) == "after\n"
    with pytest.raises(NotFoundError, match="no log"):
        read(TaskOutput(str(tmp_path)), "a")


@pytest.mark.parametrize("what", ["link", "pipe", "folder", "dangling"])
def test_only_ordinary_files_are_read_and_nothing_waits(tmp_path: Path, what: str) -> None:
    secret, logs = tmp_path / "secret", tmp_path / "logs"
    logs.mkdir()
    secret.write_text("Task status [RUNNING]\t[w@a]\nsecret\n")

    def replace(path: Path) -> None:
        path.unlink(missing_ok=True)
        if what == "pipe":
            os.mkfifo(path)
        elif what == "folder":
            path.mkdir()
        else:
            path.symlink_to(secret if what == "link" else tmp_path / "nowhere")

    replace(logs / "worker-c3-01000000-77.err")
    output = TaskOutput(str(logs))
    with pytest.raises(NotFoundError, match="no log"):
        read(output, "a")
    worker = Worker(logs)
    worker.begin("a")
    worker.out("mine\n")
    part = read(output, "a")
    assert text_of(part, OUT) == "mine\n"
    replace(worker.out_path)
    for reader, position in ((output, ""), (output, part.position), (TaskOutput(str(logs)), "")):
        with pytest.raises(TargetError, match="no ordinary file"):
            read(reader, "a", position)
    worker.out_path.rmdir() if what == "folder" else worker.out_path.unlink()
    replace(worker.err_path)
    with pytest.raises(TargetError, match="no ordinary file"):
        read(output, "a", part.position)
    WorkerLogs(str(logs)).sample()


def test_a_task_that_prints_marks_itself_takes_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "MOST_SECTIONS", 50)
    worker = Worker(tmp_path)
    for at in range(99):
        worker.begin(f"t{at}")
    file = WorkerLogs(str(tmp_path)).file(str(worker.err_path))
    assert (len(file.sections), len(file.magics)) == (50, 50)
