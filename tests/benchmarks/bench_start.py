"""What starting costs, beside what a user would use instead: `python -m tests.benchmarks.bench_start [WORKFLOWS]`.

Prints ratios, measured in one run; the best of several tries on each side, because other work on the machine only adds.
"""

from __future__ import annotations

import contextlib
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
    from collections.abc import Callable, Iterator

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
parts = int(sys.argv[3])
print("ready", flush=True)
for part in range(parts):
    sys.stdin.readline()
    start = time.perf_counter()
    listed = workflow.list_all()
    begun = time.perf_counter() - start
    rows = [(name, status, workflow.get_metadata(name)) for name, status in listed[part::parts]]
    passed = time.perf_counter() - start - begun
    print(json.dumps([len(listed), begun + passed * len(listed) / len(rows)]), flush=True)
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


@contextlib.contextmanager
def api(storage: Path, count: int, parts: int) -> Iterator[Callable[[], float]]:
    """Ids, statuses, times and user metadata through Ray's API, the start of Ray left out.

    Gives what may be called `parts` times. Each time all workflows are listed and the metadata of one part of them is
    asked for; the seconds are those that all of them would have taken. So both sides of a ratio can be measured in
    turns, though this one takes a quarter of a minute.
    """
    with tempfile.TemporaryDirectory(prefix="wf", dir="/tmp", ignore_cleanup_errors=True) as scratch:
        command = [PYTHON, "-c", API, str(storage), scratch, str(parts)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            lines = process.stdout
            while lines.readline().strip() != "ready":
                assert process.poll() is None, "Ray did not start"
            asked = process.stdin

            def seconds() -> float:
                asked.write("\n")
                asked.flush()
                listed, passed = json.loads(lines.readline())
                assert listed == count, f"Ray lists {listed} of {count}"
                return float(passed)

            try:
                yield seconds
            finally:
                asked.close()


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
        with api(storage, count, 1) as seconds:
            of_ray = seconds()
        textual = best(process("-c", "import textual.app, textual.widgets"))
        screen = min(first_rows(storage) for _ in range(3))
        rows = [
            ("wftui --help / python -c 'import argparse'", f"{help_ratio:.2f}"),
            (f"wftui ls --json of {count:,}, whole process / list_all + get_metadata", f"1/{of_ray / listing:.0f}"),
            (f"start to rows of {count:,} on screen / import of textual", f"{screen / textual:.2f}"),
            (f"bytes written by an idle app in {IDLE:.0f} s", f"{idle_bytes(storage)}"),
        ]
    for what, ratio in rows:
        print(f"{what:75} {ratio}")


if __name__ == "__main__":
    main()
