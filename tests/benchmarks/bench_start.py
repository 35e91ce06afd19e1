"""What starting costs, beside what a user would use instead: `python -m tests.benchmarks.bench_start [WORKFLOWS]`.

Prints ratios, measured in one run; the best of several tries on each side, because other work on the machine only adds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.terminal import Terminal
from tests.sources.storage_making import NOW, MadeStorage

if TYPE_CHECKING:
    from collections.abc import Callable

PYTHON = sys.executable
TRIES = 5
IDLE = 20.0
API = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import ray
from ray import workflow
ray.init(address="local", num_cpus=1, include_dashboard=False, storage=sys.argv[1], logging_level="ERROR",
         log_to_driver=False, _temp_dir=sys.argv[2])
workflow.init()
start = time.perf_counter()
rows = [(name, status, workflow.get_metadata(name)) for name, status in workflow.list_all()]
print(json.dumps([len(rows), time.perf_counter() - start]))
"""


def best(run: Callable[[], object], tries: int = TRIES) -> float:
    """The shortest of several runs, in seconds."""
    times = []
    for _ in range(tries):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def process(*command: str) -> Callable[[], object]:
    """A run of a whole process."""
    return lambda: subprocess.run([PYTHON, *command], check=True, capture_output=True)


def first_rows(storage: Path) -> float:
    """Seconds from the start of the app to rows on screen."""
    start = time.perf_counter()
    with Terminal([PYTHON, "-m", "wftui", "-t", str(storage)]) as terminal:
        terminal.until("pipeline.00000")
        seconds = time.perf_counter() - start
        terminal.press("q")
        terminal.wait()
    return seconds


def idle_bytes(storage: Path) -> int:
    """What an app at rest writes to the terminal in `IDLE` seconds, once everything is loaded."""
    with Terminal([PYTHON, "-m", "wftui", "-t", str(storage)]) as terminal:
        terminal.until("pipeline.00000")
        quiet = 0.0
        while quiet < 3.0:
            quiet = 0.0 if terminal.read(0.5) else quiet + 0.5
        before = len(terminal.written)
        until = time.monotonic() + IDLE
        while time.monotonic() < until:
            terminal.read(0.5)
        return len(terminal.written) - before


def api_seconds(storage: Path, count: int) -> float:
    """Ids, statuses, times and user metadata through Ray's API, the start of Ray left out."""
    with tempfile.TemporaryDirectory(prefix="wf", dir="/tmp", ignore_cleanup_errors=True) as scratch:
        done = subprocess.run([PYTHON, "-c", API, str(storage), scratch], check=True, capture_output=True, text=True)
    listed, seconds = json.loads(done.stdout.splitlines()[-1])
    assert listed == count, f"Ray lists {listed} of {count}"
    return float(seconds)


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as folder:
        made = MadeStorage(Path(folder, "storage"))
        for number in range(count):
            made.workflow(f"pipeline.{number:05}", "SUCCESSFUL", end=NOW + number, team="a", run=number)
        storage = Path(folder, "storage")
        help_ratio = best(process("-m", "wftui", "--help")) / best(process("-c", "import argparse"))
        listing = best(process("-m", "wftui", "ls", "-t", str(storage), "--json"), 3)
        api = api_seconds(storage, count)
        textual = best(process("-c", "import textual.app, textual.widgets"))
        screen = min(first_rows(storage) for _ in range(3))
        rows = [
            ("wftui --help / python -c 'import argparse'", f"{help_ratio:.2f}"),
            (f"wftui ls --json of {count:,}, whole process / list_all + get_metadata", f"1/{api / listing:.0f}"),
            (f"start to rows of {count:,} on screen / import of textual", f"{screen / textual:.2f}"),
            (f"bytes written by an idle app in {IDLE:.0f} s", f"{idle_bytes(storage)}"),
        ]
    for what, ratio in rows:
        print(f"{what:75} {ratio}")


if __name__ == "__main__":
    main()
