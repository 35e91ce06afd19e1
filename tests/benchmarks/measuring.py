"""Both sides of a ratio, measured in turns in one run: what else the machine does hits both alike."""

from __future__ import annotations

import contextlib
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PYTHON = sys.executable
_TICK = os.sysconf("SC_CLK_TCK")


def ratio(ours: Callable[[], object], other: Callable[[], object], rounds: int = 5) -> float:
    """The median of the ratios of CPU time of this process, pair by pair."""
    return statistics.median(cpu(ours) / cpu(other) for _ in range(rounds))


def cpu(run: Callable[[], object]) -> float:
    """Seconds of CPU time of this process."""
    begun = time.process_time()
    run()
    return time.process_time() - begun


def wall(run: Callable[[], object]) -> float:
    """Seconds that pass."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def process(command: Sequence[str]) -> tuple[float, float]:
    """Seconds that pass while a command runs, and its CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([PYTHON, *command], check=True, capture_output=True)
    passed = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return passed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cpu_of(pid: int) -> float:
    """CPU time of a running process, its threads included, in seconds."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def memory_of(pid: int) -> float:
    """Resident memory of a running process in megabytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1000 for line in status if line.startswith("VmRSS"))


def watches_of(pid: int) -> int:
    """inotify watches of a running process."""
    count = 0
    for handle in os.listdir(f"/proc/{pid}/fdinfo"):
        # Files are opened and closed all the time.
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/fdinfo/{handle}", encoding="utf-8") as info:
            count += sum(line.startswith("inotify") for line in info)
    return count
