"""The figures of "Size and speed" (issue 4): `python -m tests.benchmarks.bench_storage [ROW …]`.

Every figure but those of "rest" is a ratio of two sides that are measured in turns in one run, the median of several
pairs; beside it stands what is asked for. It takes a quarter of an hour, half of it to write the storages; FOLDER keeps
them for another run. With ROWs (words of the first column) only these are measured; one that fails says so, and the
others go on. Both sides run from compiled modules, as they do once they are installed.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import wftui
from tests.benchmarks.bench_start import api
from tests.benchmarks.measuring import PYTHON, cpu, cpu_of, memory_of, process, ratio, wall, watches_of
from tests.benchmarks.reading import beginning, plain_rows, plain_tasks, same_files, whole
from tests.benchmarks.reading import rows as read_rows
from tests.benchmarks.storages import make_tasks, make_workflows
from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS = 5
IDLE = 60.0
QUIET = 4.0
LISTED, TASKS = 10_000, 10_000
_IMPORT = ("-c", "import textual.app, textual.widgets")
_EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("pipeline")
Empty().run()
"""
_EVENT = """
import sys, threading
from textual.app import App
from textual.widgets import Static
class One(App):
    def compose(self):
        yield Static("pipeline")
    def on_mount(self):
        threading.Thread(target=self.wait, daemon=True).start()
    def wait(self):
        from watchfiles import watch
        for _ in watch(sys.argv[1], recursive=False, step=50, debounce=250, watch_filter=None):
            self.call_from_thread(self.query_one(Static).update, "pipeline9 RUNNING")
One().run()
"""


class Bench:
    """The storages, made when they are first asked for, and a measurement for every row of the table."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count

    def _storage(self, name: str, make: Callable[[Path], Path]) -> Path:
        path = self._folder / name
        return path if path.exists() else make(path)

    @property
    def listed(self) -> Path:
        """10,000 workflows of two tasks each."""
        return self._storage("listed", lambda path: make_workflows(path, LISTED))

    @property
    def large(self) -> Path:
        """Many workflows, nothing recorded as running."""
        return self._storage("large", lambda path: make_workflows(path, self._count, tasks=1, quiet=True, lean=True))

    @property
    def wide(self) -> Path:
        """One workflow of 10,000 tasks."""
        return self._storage("wide", lambda path: make_tasks(path, TASKS))

    def figure(self, row: str) -> str:
        """The figure of a row of the table."""
        if row in ("scroll", "order"):
            return ", ".join(f"{what} {value:.2f}" for what, value in _list_part(row).items())
        if row == "rest":
            return "; ".join(f"{what} {value}" for what, value in self.rest())
        measure: Callable[[], str] = getattr(self, row)
        return measure()

    def ls(self) -> str:
        """The whole process beside Ray's API."""
        command = ("-m", "wftui", "ls", "-t", str(self.listed), "--json")
        process(command)  # the files are read once before either side is measured
        with api(self.listed, LISTED, ROUNDS) as of_ray:
            pairs = [of_ray() / process(command)[0] for _ in range(ROUNDS)]
        return f"1/{statistics.median(pairs):.1f} (between 1/{min(pairs):.1f} and 1/{max(pairs):.1f})"

    def reading(self) -> str:
        """Index, times and metadata: of successful workflows; and all that a row tells, beside the same files."""
        root = self.listed / "workflows"
        done = ratio(lambda: read_rows(root, "SUCCESSFUL"), lambda: plain_rows(root, "SUCCESSFUL"))
        files = same_files(root)
        return f"{done:.2f}; with errors and progress of all {ratio(lambda: read_rows(root), files):.2f}"

    def start(self) -> str:
        """To the first rows, wall time; pairs of our start and the import of textual."""
        command = [PYTHON, "-m", "wftui", "-t", str(self.large)]
        self._first(command)
        pairs = [self._first(command) / process(_IMPORT)[0] for _ in range(2 * ROUNDS)]
        empty = [self._first([PYTHON, "-c", _EMPTY]) / process(_IMPORT)[0] for _ in range(ROUNDS)]
        told = f"between {min(pairs):.2f} and {max(pairs):.2f}; an empty app: {statistics.median(empty):.2f}"
        return f"{statistics.median(pairs):.2f} ({told})"

    @staticmethod
    def _first(command: list[str]) -> float:
        def show() -> None:
            while b"pipeline" not in terminal.written:
                terminal.read(5.0)

        begun = time.perf_counter()
        with Terminal(command) as terminal:
            show()
            return time.perf_counter() - begun

    def rest(self) -> Iterator[tuple[str, str]]:
        """Memory, idle and watches of one app on the large storage, once all of it is loaded."""
        with Terminal([PYTHON, "-c", _EMPTY]) as terminal:
            terminal.until("pipeline")
            _quiet(terminal)
            empty = memory_of(terminal.process.pid)
        with Terminal([PYTHON, "-m", "wftui", "-t", str(self.large)]) as terminal:
            terminal.until("pipeline")
            _quiet(terminal, 5 * QUIET)
            pid = terminal.process.pid
            yield "memory", f"{memory_of(pid) - empty:.0f} MB"
            written, used = len(terminal.written), cpu_of(pid)
            until = time.monotonic() + IDLE
            while time.monotonic() < until:
                terminal.read(1.0)
            share = (cpu_of(pid) - used) / IDLE
            yield "idle", f"{share:.1%} of a core, {len(terminal.written) - written} bytes in {IDLE:.0f} s"
            yield "watches", str(watches_of(pid))

    def change(self) -> str:
        """A status change to the screen, beside an event through an otherwise empty loop."""
        ours, empty = [], []
        index = self.large / "workflows" / "__status__"
        events = self._folder / "events"
        events.mkdir(exist_ok=True)
        with (
            Terminal([PYTHON, "-m", "wftui", "-t", str(self.large)]) as monitor,
            Terminal([PYTHON, "-c", _EVENT, str(events)]) as other,
        ):
            monitor.until("pipeline")
            _quiet(monitor, 5 * QUIET)
            _quiet(other)
            failed = sorted(path.name for path in (index / "FAILED").iterdir())[:ROUNDS]
            for turn, name in enumerate(failed):
                empty.append(wall(lambda turn=turn: _event(other, events / str(turn))))  # type: ignore[misc] # mypy cannot infer lambdas with defaults
                _quiet(other, 2.0)
                ours.append(wall(lambda name=name: _move(monitor, index, name)))  # type: ignore[misc]
                _quiet(monitor, QUIET)
            for name in failed:
                (index / "FAILED" / name).touch()
                (index / "RUNNING" / name).unlink()
        pairs = [one / other for one, other in zip(ours, empty, strict=True)]
        return f"{statistics.median(pairs):.2f} (between {min(pairs):.2f} and {max(pairs):.2f})"

    def opening(self) -> str:
        """A workflow of many tasks: all of it, and the first rows, beside a plain loop over its files."""
        root = self.wide
        every, first = [], []
        for _ in range(ROUNDS):
            plain = cpu(lambda: plain_tasks(root))
            every.append(cpu(lambda: whole(root)) / plain)
            first.append(cpu(lambda: beginning(root)) / plain)
        return f"{statistics.median(every):.2f}, first rows at {statistics.median(first):.2f}"


def _quiet(terminal: Terminal, seconds: float = QUIET) -> None:
    """Read until nothing came for so many seconds."""
    quiet = 0.0
    while quiet < seconds:
        quiet = 0.0 if terminal.read(0.5) else quiet + 0.5


def _until_written(terminal: Terminal) -> None:
    while not terminal.read(30.0):
        pass


def _event(terminal: Terminal, path: Path) -> None:
    path.touch()
    _until_written(terminal)


def _move(terminal: Terminal, index: Path, name: str) -> None:
    """What Ray does when a failed workflow is resumed: the new entry, then the old one goes."""
    (index / "RUNNING").mkdir(exist_ok=True)
    (index / "RUNNING" / name).touch()
    (index / "FAILED" / name).unlink()
    _until_written(terminal)


def _list_part(part: str) -> dict[str, float]:
    done = subprocess.run(
        [PYTHON, "-m", "tests.benchmarks.bench_list", part], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


TABLE = {
    "start": "<= 2.0",
    "reading": "<= 1.3",
    "ls": "<= 1/15",
    "rest": "memory <= 100 MB, idle <= 1% and 0 bytes, watches <= 200",
    "scroll": "<= 1.5",
    "order": "sort <= 3, filter <= 5",
    "change": "<= 2",
    "opening": "<= 1.5, first rows < 0.3",
}
"""What is measured, and the target."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these rows")
    parser.add_argument("--workflows", type=int, default=100_000, help="the size of the large storage")
    parser.add_argument("--no-ray", action="store_true", help="leave out what needs Ray")
    parser.add_argument("--folder", type=Path, help="where the storages are, or come to be and stay")
    args = parser.parse_args()
    failed = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for package in wftui.__path__:
        compileall.compile_dir(package, quiet=2)
    print(f"{'what':8} {'figure':80} asked", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, args.workflows)
        for row, target in TABLE.items():
            if (args.rows and row not in args.rows) or (row == "ls" and args.no_ray):
                continue
            try:
                figure = bench.figure(row)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                failed, figure = True, f"not measured: {error}"
            print(f"{row:8} {figure:80} {target}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
