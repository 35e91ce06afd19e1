"""Logs of Ray's workers whose clock, or whose parts, are not what they were. No Ray: files as Ray writes them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.sources.worker_writing import ERR, MOST, Worker, text_of
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
