"""Logs of Ray's workers whose clock, or whose parts, are not what they were. No Ray: files as Ray writes them."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import pytest

from tests.sources.worker_writing import ERR, MOST, OUT, Worker, append, read, text_of
from wftui.sources.ray.cluster.near.log_chain import LogChain
from wftui.sources.ray.cluster.near.task_output import TaskOutput
from wftui.sources.ray.cluster.near.worker_logs import WorkerLogs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shell is in New York; the cluster's clocks are on UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _core_log(folder: Path, began: float, name: str = "a1") -> Path:
    """The worker's own log, as it writes it on a machine that is on UTC."""
    path = folder / f"python-core-worker-{name}_77.log"
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(began))
    path.write_text(f"[{stamp},123 I 77 77] core_worker_process.cc:214: Constructing\n")
    return path


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("ago", [600.0, 36_000.0])  # so long that five hours later is still before now
@pytest.mark.parametrize("goes_on", [False, True])
def test_a_cluster_in_another_timezone_has_its_running_attempt(tmp_path: Path, ago: float, goes_on: bool) -> None:
    began = time.time() - ago
    _core_log(tmp_path, began - 5)
    worker = Worker(tmp_path)
    worker.begin("a")
    worker.err("one\n")
    if goes_on:
        worker.begin("other")
    for attempt in (None, 1):
        part = TaskOutput(str(tmp_path)).read_here(("w", "a", attempt, began, True, 1, 77), "", MOST, False)
        assert (text_of(part, ERR), part.note) == ("one\n", "")


def test_a_log_whose_first_line_was_rotated_away_does_not_tell_when_its_worker_began(tmp_path: Path) -> None:
    now = time.time()
    for name in ("a1", "b2"):
        path = _core_log(tmp_path, now - 60, name)
        path.with_name(f"{path.name}.1").write_text(path.read_text())
        worker = Worker(tmp_path, name)
        worker.begin(name)
        worker.begin("other")
    logs = WorkerLogs(str(tmp_path))
    for task in (b"w@a1", b"w@b2"):
        [(_, section)] = logs.find(task).parts
        assert section.after == 0.0


@pytest.mark.usefixtures("in_new_york")
def test_a_time_that_is_later_than_the_file_it_stands_in_tells_nothing(tmp_path: Path) -> None:
    _core_log(tmp_path, time.time() - 5)
    worker = Worker(tmp_path)
    worker.begin("a")
    [(_, section)] = WorkerLogs(str(tmp_path)).find(b"w@a").parts
    assert section.after == 0.0


def _empty(path: Path, *, is_kept: bool = False) -> None:
    """As `logrotate` does with `copytruncate`; a copy that is compressed is as good as gone."""
    if is_kept:
        shutil.copy(path, f"{path}.1")
    with path.open("r+b") as file:
        file.truncate(0)


def test_who_reads_in_a_part_that_is_deleted_goes_on_with_what_is_left(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    worker.out("before\n" * 2_000)
    _empty(worker.out_path, is_kept=True)
    worker.out("after\n" * 300)
    part = read(output, "a", "", 2_048)
    assert part.is_open
    worker.out_path.with_name(f"{worker.out_path.name}.1").unlink()
    part = read(output, "a", part.position)
    assert (text_of(part, OUT), part.is_open) == ("after\n" * 300, False)
    assert "rotated away and deleted" in part.note
    worker.out("more\n")
    part = read(output, "a", part.position)
    assert (text_of(part, OUT), part.is_open, part.note) == ("more\n", False, "")


def test_who_had_read_all_of_a_part_that_is_deleted_misses_nothing(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    worker.out("a out\n")
    worker.begin("b")
    ended = read(output, "a")
    _empty(worker.out_path, is_kept=True)
    worker.out("b out\n")
    read(output, "b")
    worker.out_path.with_name(f"{worker.out_path.name}.1").unlink()
    part = read(output, "a", ended.position)
    assert (part.pieces, part.is_open, part.note) == ((), False, "")


@pytest.mark.parametrize("own", [True, False])
def test_a_stdout_that_is_emptied_in_place_is_read_on_and_the_next_task_has_its_own(tmp_path: Path, own: bool) -> None:
    worker, output = Worker(tmp_path, own=own), TaskOutput(str(tmp_path))
    for task in ("z", "a"):
        worker.begin(task)
        worker.out(f"{task} line\n" * 2_000)
        part = read(output, task)
    _empty(worker.out_path)
    worker.out("new of a\n")
    part = read(output, "a", part.position)
    assert (text_of(part, OUT), part.is_open) == ("new of a\n", False)
    assert "emptied" in part.note
    part = read(output, "a", part.position)
    assert (part.pieces, part.note) == ((), "")
    worker.begin("b")
    read(output, "b")
    worker.out("out of b\n")
    for task, text, is_cut in (("z", "", True), ("a", "new of a\n", True), ("b", "out of b\n", False)):
        part = read(output, task)
        assert text_of(part, OUT) == text
        assert ("deleted" in part.note, "may be of" in part.note) == (is_cut, False)


def test_both_files_of_a_worker_may_be_emptied_in_place(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    for task in ("z", "a"):
        worker.begin(task)
        worker.out(f"{task} line\n" * 2_000)
        read(output, task)
    _empty(worker.out_path)  # at first this one alone
    read(output, "a")
    for path in (worker.out_path, worker.err_path):
        _empty(path)
    worker.out("rest of a\n")
    for task in ("b", "c"):
        worker.begin(task)
        worker.out(f"{task} out\n")
    for task in ("b", "c"):
        part = read(output, task)
        assert (text_of(part, OUT), part.note) == (f"{task} out\n", "")


def test_a_fresh_reader_finds_tasks_in_a_stdout_that_was_emptied_in_place(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    for task in ("z", "a"):
        worker.begin(task)
        worker.out(f"{task} line\n")
    _empty(worker.out_path)
    worker.out("new of a\n")
    worker.begin("b")
    worker.out("out of b\n")
    for task, text in (("z", ""), ("a", "new of a\n"), ("b", "out of b\n")):
        assert text_of(read(TaskOutput(str(tmp_path)), task), OUT) == text


def test_samples_of_a_stdout_that_was_emptied_since_tell_nothing_of_what_is_there_now(tmp_path: Path) -> None:
    worker, logs = Worker(tmp_path, own=False), WorkerLogs(str(tmp_path))
    worker.begin("a")
    worker.out("a line\n" * 2_000)
    logs.sample()
    worker.begin("b")
    logs.sample()
    _empty(worker.out_path)
    worker.out("out of b\n")
    logs.sample()
    worker.begin("c")
    logs.sample()
    worker.out("out of c\n")
    logs.sample()
    output = TaskOutput(str(tmp_path))
    output._logs = logs
    for task in ("b", "c"):
        part = read(output, task)
        assert (text_of(part, OUT), "may be of" in part.note) == (f"out of {task}\n", False)


def test_a_copy_goes_on_where_the_file_was_that_was_emptied(tmp_path: Path) -> None:
    """Though something older was deleted before: offsets stay what they are."""
    path = tmp_path / "worker-a1-01000000-77.out"
    append(path, "0123456789")
    path.replace(f"{path}.1")
    append(path, "abc")
    chain = LogChain(str(path))
    chain.refresh()
    (tmp_path / f"{path.name}.1").unlink()
    chain.refresh()
    append(path, "de")
    _empty(path, is_kept=True)
    append(path, "fg")
    chain.refresh()
    assert (chain.age, chain.begins, chain.read(10, 99)) == (0, 10, b"abcdefg")
    _empty(path)
    chain.refresh()
    assert (chain.age, chain.begins) == (1, 0)
