"""Large storages for the benchmarks, with workflows of all statuses as Ray leaves them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from tests.sources.storage_making import NOW, MadeStorage

if TYPE_CHECKING:
    from pathlib import Path

# Of a hundred workflows: 80 fine, 10 failed, 5 canceled, 4 running, 1 queued.
_OF_A_HUNDRED = {**dict.fromkeys(range(80), "SUCCESSFUL"), **dict.fromkeys(range(80, 90), "FAILED")}
_OF_A_HUNDRED |= {**dict.fromkeys(range(90, 95), "CANCELED"), **dict.fromkeys(range(95, 99), "RUNNING"), 99: "PENDING"}
_RAISED = pickle.dumps(ValueError("bad row"))


def status_of(number: int) -> str:
    """The status of the workflow of that number."""
    return _OF_A_HUNDRED[number * 37 % 100]


def make_workflows(path: Path, count: int, *, tasks: int = 2, quiet: bool = False, lean: bool = False) -> Path:
    """So many workflows with so many tasks each. Returns the storage.

    Args:
        path: Where.
        count: How many.
        tasks: Of each; 0 leaves them out.
        quiet: Nothing is recorded as running or queued.
        lean: Leave out the tasks of what succeeded, half of all files: a list looks at none of them.
    """
    made = MadeStorage(path)
    for number in range(count):
        name, status = f"pipeline.{number:06}", status_of(number)
        status = "SUCCESSFUL" if quiet and status in ("RUNNING", "PENDING") else status
        end = NOW + number if status in ("SUCCESSFUL", "FAILED") else None
        start = None if status == "PENDING" else NOW + number - 10.0
        made.workflow(name, status, start=start, end=end, team="abc"[number % 3], run=number)
        for task in range(0 if lean and status == "SUCCESSFUL" else tasks):
            last = task == tasks - 1
            done = status == "SUCCESSFUL" or (not last and status != "PENDING")
            made.task(
                name,
                f"task_{task}",
                upstream=[f"task_{task - 1}"] if task else [],
                start=NOW + number if done or status in ("FAILED", "RUNNING") else None,
                end=NOW + number + 1 if done else None,
                output=task if done else None,
                raised=_RAISED if status == "FAILED" and last else None,
                raised_at=NOW + number + 2,
            )
    return path


def make_tasks(path: Path, count: int) -> Path:
    """One workflow "wide" of so many tasks. Returns the storage."""
    made = MadeStorage(path)
    made.workflow("wide", "SUCCESSFUL", end=NOW + count)
    made.entry("wide", f"task_{count - 1}")
    for task in range(count):
        upstream = sorted({f"task_{task * 7 // 11}", f"task_{max(0, task - 3)}"}) if task else []
        made.task("wide", f"task_{task}", upstream=upstream, start=NOW + task, end=NOW + task + 1, output=task)
    return path
