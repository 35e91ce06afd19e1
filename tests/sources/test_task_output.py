"""What tasks printed, read from log files as Ray's workers write them. Pure, no Ray: see `test_ray_output`."""

from __future__ import annotations

import pickle
import sys
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sources.worker_writing import ERR, OUT, Worker, append, read, text_of
from wftui.errors import NotFoundError, TargetError
from wftui.sources.ray.cluster.near import log_file, other_nodes
from wftui.sources.ray.cluster.near.task_output import TaskOutput
from wftui.sources.ray.cluster.near.worker_logs import WorkerLogs
from wftui.sources.ray.cluster.observer.actor import FromMemory
from wftui.sources.ray.cluster.observer.shipping import packed_sources

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("own", [True, False])
def test_tasks_in_one_worker_do_not_mix_while_they_are_followed(tmp_path: Path, own: bool) -> None:
    worker, output = Worker(tmp_path, own=own), TaskOutput(str(tmp_path))
    worker.begin("a")
    first = read(output, "a")
    worker.out("a out, no end of line")
    worker.err("a err\n")
    second = read(output, "a", first.position)
    assert (text_of(second, OUT), text_of(second, ERR)) == ("a out, no end of line", "a err\n")
    worker.begin("b")
    read(output, "a", second.position)  # seen before the other one printed
    worker.out("b out\n")
    worker.err("b err\n")
    third = read(output, "a", second.position)
    assert not third.pieces
    other = read(output, "b")
    assert (text_of(other, OUT), text_of(other, ERR), other.note) == ("b out\n", "b err\n", "")
    whole = read(output, "a")
    assert (text_of(whole, OUT), text_of(whole, ERR), whole.note) == ("a out, no end of line", "a err\n", "")


def test_what_ended_before_anybody_looked_is_exact_in_the_workers_own_job(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    for task in ("a", "b", "c"):
        worker.begin(task)
        worker.out(f"{task} out")
        worker.err(f"{task} err")
    for task in ("a", "b", "c"):
        part = read(TaskOutput(str(tmp_path)), task)
        assert (text_of(part, OUT), text_of(part, ERR), part.note) == (f"{task} out", f"{task} err", "")


def test_a_file_that_was_empty_at_the_first_look_has_marks_later(tmp_path: Path) -> None:
    output = TaskOutput(str(tmp_path))
    for name in ("worker-a1-01000000-77.out", "worker-a1-01000000-77.err"):
        (tmp_path / name).touch()
    with pytest.raises(NotFoundError, match="no log"):
        read(output, "a")
    worker = Worker(tmp_path)
    for task in ("a", "b"):
        worker.begin(task)
        worker.out(f"{task} out")
    for task in ("a", "b"):
        part = read(output, task)
        assert (text_of(part, OUT), part.note) == (f"{task} out", "")


def test_samples_tell_apart_what_nobody_looked_at(tmp_path: Path) -> None:
    worker, logs = Worker(tmp_path, own=False), WorkerLogs(str(tmp_path))
    worker.begin("a")
    worker.out("a out\n")
    logs.sample()
    for task in ("b", "c"):
        worker.begin(task)
        logs.sample()
        worker.out(f"{task} out\n")
        logs.sample()
    output = TaskOutput(str(tmp_path))
    output._logs = logs
    for task in ("a", "b", "c"):
        part = read(output, task)
        assert (text_of(part, OUT), part.note) == (f"{task} out\n", "")


def test_a_stdout_that_cannot_be_told_apart_is_shown_and_said(tmp_path: Path) -> None:
    worker = Worker(tmp_path, own=False)
    for task in ("a", "b"):
        worker.begin(task)
        worker.out(f"{task} out\n")
        worker.err(f"{task} err\n")
    part = read(TaskOutput(str(tmp_path)), "b")
    assert (text_of(part, OUT), text_of(part, ERR)) == ("a out\nb out\n", "b err\n")
    assert part.note.endswith("ran in the same worker: the first 12 bytes may be of w@a")
    part = read(TaskOutput(str(tmp_path)), "a")
    assert part.note.endswith("the last 12 bytes may be of w@b")
    alone = Worker(tmp_path, "b2", own=False)
    alone.begin("alone")
    alone.out("mine\n")
    part = read(TaskOutput(str(tmp_path)), "alone")
    assert (text_of(part, OUT), part.note) == ("mine\n", "")


def test_only_what_is_asked_for_comes_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    lines = "".join(f"line {at}\n" for at in range(10_000))
    worker.out(lines)
    part = read(output, "a", None, 4_096)
    tail = text_of(part, OUT)
    assert lines.endswith(tail)
    assert tail.startswith("line ")
    assert len(tail) <= 4_096
    assert part.skipped == len(lines) - len(tail)
    assert not part.is_open
    position, got = "", ""
    while not got or part.pieces:
        part = read(output, "a", position, 8_192)
        assert len(text_of(part, OUT)) <= 8_192
        got, position = got + text_of(part, OUT), part.position
    assert got == lines
    worker.out(lines)
    part = read(output, "a", position, 8_192, latest=True)
    assert part.skipped + len(text_of(part, OUT)) == len(lines)
    assert not read(output, "a", part.position).pieces


def test_no_character_is_torn_and_bytes_that_are_no_text_stay_what_they_are(tmp_path: Path) -> None:
    worker, output = Worker(tmp_path), TaskOutput(str(tmp_path))
    worker.begin("a")
    text = "漢字é🙂\n".encode() * 400 + b"\xff\xfe\n"
    position, got = "", b""
    for at in range(0, len(text), 61):
        worker.out(text[at : at + 61])
        part = read(output, "a", position, 1)
        piece = text_of(part, OUT)
        assert not any("\udc80" <= char <= "\udcff" for char in piece) or at > len(text) - 100
        got, position = got + piece.encode("utf-8", "surrogateescape"), part.position
    assert got == text
    worker.begin("b")
    torn = read(output, "a", None, 1)
    assert text_of(torn, OUT).encode("utf-8", "surrogateescape") in text


@pytest.mark.parametrize("name", ["x y", "a@b", "[red]", "ünï", "new\nline", "a]b", ":task_name:x"])
def test_ids_are_what_they_are(tmp_path: Path, name: str) -> None:
    worker = Worker(tmp_path)
    worker.begin(name)
    worker.err("mine\n")
    worker.begin("other")
    assert text_of(read(TaskOutput(str(tmp_path)), name), ERR) == "mine\n"


def test_a_log_that_is_not_there_and_one_that_went(tmp_path: Path) -> None:
    output = TaskOutput(str(tmp_path))
    with pytest.raises(NotFoundError, match="no log"):
        read(output, "a")
    worker = Worker(tmp_path)
    worker.begin("a")
    part = read(output, "a")
    worker.err_path.unlink()
    with pytest.raises(TargetError, match="gone"):
        read(output, "a", part.position)
    worker.err("another file of that name\n")
    with pytest.raises(TargetError, match="gone"):
        read(output, "a", part.position)
    with pytest.raises(TargetError, match="gone"):
        read(TaskOutput(str(tmp_path / "nowhere")), "a")


def test_a_logger_may_put_its_own_words_before_the_mark(tmp_path: Path) -> None:
    worker = Worker(tmp_path, own=False)
    worker.begin("a")
    worker.err("a err, no end")
    worker.err("2026-11-21 17:55:41,084\tINFO task_executor.py:78 -- Task status [RUNNING]\t[w@b]\nb err\n")
    assert text_of(read(TaskOutput(str(tmp_path)), "a"), ERR) == "a err, no end"
    assert text_of(read(TaskOutput(str(tmp_path)), "b"), ERR) == "b err\n"


def test_an_observer_sends_on_what_it_was_sent_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = {"wftui": ("", True), "wftui.errors": ("x = 1\n", False)}
    assert other_nodes._sources() == packed_sources()
    monkeypatch.setattr(sys, "meta_path", [FromMemory(sources), *sys.meta_path])
    assert pickle.loads(zlib.decompress(other_nodes._sources())) == sources


WRITTEN = b"".join(
    b":task_name:_workflow_task_executor_remote\nTask status [RUNNING]\t[w@%d]\nsome :task_name text [w@1]\n" % at
    for at in range(9)
)


@given(st.lists(st.integers(1, len(WRITTEN)), max_size=30), st.integers(30, 200))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_however_a_file_grows_its_sections_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], block: int
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    path = folder / "worker-a1-01000000-7.err"
    logs, at = WorkerLogs(str(folder)), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_file, "BLOCK", block)
        for cut in (*sorted(cuts), len(WRITTEN)):
            append(path, WRITTEN[at:cut])
            at = max(at, cut)
            logs.file(str(path))
    file = logs.file(str(path))
    whole = WorkerLogs(str(folder)).file(str(path))
    assert file.sections == whole.sections
    assert [section.name for section in file.sections] == [b"w@%d" % at for at in range(9)]
    assert file.magics == whole.magics
    assert len(file.magics) == 9
