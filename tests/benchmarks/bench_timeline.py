"""What the timeline and the past of a large workflow cost, as ratios to what the same app does anyway.

    python -m tests.benchmarks.bench_timeline [TASKS] [--profile TAB]

The real widgets in a terminal of 160x50; Textual's driver writes to a counter. Opening: the first time that a tab of a
workflow is seen, until all of it is drawn, of the graph its first picture. A key: zoom, then pan, until the screen is
painted. A step: `,` in the past of a workflow that was seen there already, against news of the same workflow in which
one task ended. Held: thirty keys a second for two seconds. Told are seconds that pass and CPU time of the interface's
thread, the median of several.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import random
import statistics
import tempfile
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tests.benchmarks import families, measuring
from tests.benchmarks.bench_redraw import CountingDriver, words
from tests.ui.detail_app import DetailApp
from tests.unit.making import detail, task
from wftui.model.status import Status
from wftui.widgets.graph_view import GraphView
from wftui.widgets.timeline_view import TimelineView

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

SIZE = (160, 50)
TURNS = 7
PATIENCE = 300.0
# News of a graph is drawn four times a second at most: the turn before must not count.
PAUSE = 0.4
HELD, HELD_FOR = 30, 2.0
NOW = 1_790_100_000.0


@dataclass
class Cost:
    """Seconds of each turn: those that passed, and CPU time of the interface's thread."""

    passed: list[float] = field(default_factory=list)
    ui: list[float] = field(default_factory=list)

    def __truediv__(self, other: Cost) -> str:
        """Both as ratios of medians."""
        passed = statistics.median(self.passed) / statistics.median(other.passed)
        return f"{passed:5.2f}  {statistics.median(self.ui) / statistics.median(other.ui):5.2f}"

    def __str__(self) -> str:
        return f"{statistics.median(self.passed) * 1e3:7.0f} {statistics.median(self.ui) * 1e3:7.0f}"


def workflow(n: int, *, still: int, seed: int = 5) -> WorkflowDetail:
    """A layered pipeline with times, of which so many tasks still run."""
    rng = random.Random(seed)
    count, edges = families.etl(n)
    upstream: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        upstream[target].append(source)
    ends: list[float] = []
    tasks: list[Task] = []
    for at in range(count):
        began = max((ends[other] for other in upstream[at]), default=0.0) + rng.random() * 5
        ends.append(began + 1 + rng.random() * 30)
        waits = [words(other) for other in upstream[at]]
        tasks.append(task(words(at), Status.SUCCESSFUL, waits, started_at=began, ended_at=ends[at], output_size=5))
    latest = max(ends)
    last = sorted(range(count), key=lambda at: -ends[at])[:still]
    for at in last:
        tasks[at] = replace(tasks[at], status=Status.RUNNING, ended_at=None, output_size=None)
    moved = [_later(one, NOW - 60 - latest) for one in tasks]
    status = Status.RUNNING if still else Status.SUCCESSFUL
    over = {} if still else {"ended_at": NOW - 60}
    return detail(f"flow-{n}-{still}", status, moved, started_at=NOW - 60 - latest, **over)


def _later(one: Task, by: float) -> Task:
    ended = None if one.ended_at is None else one.ended_at + by
    return replace(one, started_at=None if one.started_at is None else one.started_at + by, ended_at=ended)


def one_ends(shown: WorkflowDetail) -> WorkflowDetail:
    """News: one of the tasks that run has ended."""
    at = next(at for at, one in enumerate(shown.tasks) if one.status is Status.RUNNING)
    done = replace(shown.tasks[at], status=Status.SUCCESSFUL, ended_at=NOW - 1, output_size=5)
    return replace(shown, tasks=(*shown.tasks[:at], done, *shown.tasks[at + 1 :]))


class Bench(DetailApp):
    """The tabs on a counter."""

    def __init__(self, shown: WorkflowDetail, tab: str) -> None:
        super().__init__(shown, tab)
        self.clock._now = NOW
        self.driver_class = CountingDriver

    @property
    def is_still(self) -> bool:
        """Whether all that was asked for is worked out."""
        return self.tabs.settled


async def still(app: Bench) -> None:
    """Wait until all is drawn."""
    deadline = time.monotonic() + PATIENCE
    while not app.is_still:
        if time.monotonic() > deadline:
            raise TimeoutError("the tab")
        await asyncio.sleep(0.005)
    painted = asyncio.Event()
    app.call_after_refresh(painted.set)
    await painted.wait()


async def first_picture(app: Bench) -> None:
    """Wait until there is a graph to be seen."""
    while app.tabs.query_one(GraphView).drawn is None:  # noqa: ASYNC110 - nothing tells of it but the picture
        await asyncio.sleep(0.005)


async def measured(app: Bench, act: Callable[[], object], into: Cost) -> None:
    """Do something, and wait for all of it to be drawn."""
    passed, ui = time.perf_counter(), time.thread_time()
    act()
    await still(app)
    into.passed.append(time.perf_counter() - passed)
    into.ui.append(time.thread_time() - ui)
    await asyncio.sleep(PAUSE)


@dataclass
class Found:
    """What was measured of one tab."""

    opening: Cost = field(default_factory=Cost)
    zoom: Cost = field(default_factory=Cost)
    pan: Cost = field(default_factory=Cost)
    first: Cost = field(default_factory=Cost)
    step: Cost = field(default_factory=Cost)
    news: Cost = field(default_factory=Cost)
    held: int = 0
    longest: float = 0.0


async def _held(app: Bench, found: Found) -> None:
    """Hold the key: how many pictures there are, and for how long no key is answered at most."""
    seen: set[float | None] = set()
    begun = time.perf_counter()
    last = begun
    while time.perf_counter() - begun < HELD_FOR:
        app.tabs.action_step(-1)
        await asyncio.sleep(1 / HELD)
        now = time.perf_counter()
        found.longest, last = max(found.longest, now - last - 1 / HELD), now
        shown = app.tabs.detail
        seen.add(shown.as_of if shown is not None else None)
    found.held = len(seen)
    await still(app)


async def bench(tab: str, n: int, profiled: bool) -> Found:
    """Measure one tab."""
    shown, found = workflow(n, still=60), Found()
    app = Bench(workflow(20, still=0), "metadata")
    profile = cProfile.Profile(time.thread_time)

    async def drive(pilot: Pilot[object]) -> None:
        bench = cast("Bench", pilot.app)
        tabs = bench.tabs
        await still(bench)
        # Opened once before, with a small workflow: imports are not counted.
        tabs.go_to(tab)
        await still(bench)
        tabs.go_to("metadata")
        tabs.show(shown)
        await still(bench)
        begun = time.perf_counter()
        tabs.go_to(tab)
        await (first_picture(bench) if tab == "graph" else still(bench))
        found.opening.passed.append(time.perf_counter() - begun)
        await still(bench)
        current = shown
        if tab == "timeline":
            view = tabs.query_one(TimelineView)
            for turn in range(2 * TURNS):
                zoom = partial(view.action_zoom, 0.5 if turn % 2 else 2.0)
                await measured(bench, zoom, found.zoom)
                await measured(bench, partial(view.action_pan, 0.25), found.pan)
        for _ in range(TURNS):
            current = one_ends(current)
            await measured(bench, partial(tabs.show, current), found.news)
        await measured(bench, partial(tabs.action_step, -1), found.first)
        if profiled:
            profile.enable()
        for _ in range(TURNS):
            await measured(bench, partial(tabs.action_step, -1), found.step)
        if profiled:
            profile.disable()
        await _held(bench, found)
        pilot.app.exit()

    await app.run_async(size=SIZE, auto_pilot=drive)
    if profiled:
        pstats.Stats(profile).sort_stats("cumtime").print_stats(50)
    return found


def printed(n: int, *, folder: Path) -> tuple[float, float]:
    """`wftui timeline` / `wftui dag` of a storage with such a workflow: CPU time, and seconds that pass."""
    from tests.sources.storage_making import MadeStorage

    shown = workflow(n, still=0)
    made = MadeStorage(folder)
    made.workflow("flow", "SUCCESSFUL", start=shown.summary.started_at, end=shown.summary.ended_at)
    for one in shown.tasks:
        made.task("flow", one.id, upstream=list(one.upstream), start=one.started_at, end=one.ended_at, output=b"N.")
    cpus, walls = [], []
    for _ in range(3):
        ours, other = (
            measuring.process(["-m", "wftui", what, "flow", "-t", str(folder)]) for what in ("timeline", "dag")
        )
        walls.append(ours[0] / other[0])
        cpus.append(ours[1] / other[1])
    return statistics.median(cpus), statistics.median(walls)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("tasks", type=int, nargs="?", default=10_000)
    parser.add_argument("--profile", choices=("graph", "tasks", "timeline", "events"), default="")
    args = parser.parse_args()
    n = args.tasks
    if args.profile:
        asyncio.run(bench(args.profile, n, profiled=True))
        return
    found: dict[str, Found] = {}
    for tab in ("timeline", "tasks", "events", "graph"):
        one = found[tab] = asyncio.run(bench(tab, n, profiled=False))
        print(
            f"{tab:<10} step / news {one.step / one.news}; ms passed, ui: first step {one.first}, step {one.step},"
            f" news {one.news}; held for {HELD_FOR:.0f} s: {one.held} pictures,"
            f" no answer for {one.longest * 1e3:.0f} ms at most",
            flush=True,
        )
    few = asyncio.run(bench("timeline", 100, profiled=False))
    print(f"{n:,} tasks at {SIZE[0]}x{SIZE[1]}; ratios of seconds that pass, and of CPU time of the interface's thread")
    opening = found["timeline"].opening.passed[0] / found["graph"].opening.passed[0]
    print(f"open the timeline / the graph                {opening:.2f}")
    print(f"zoom, at {n:,} rows / at 100              {found['timeline'].zoom / few.zoom}")
    print(f"pan, at {n:,} rows / at 100               {found['timeline'].pan / few.pan}")
    with tempfile.TemporaryDirectory() as folder:
        cpu, wall = printed(n, folder=Path(folder) / "storage")
    print(f"wftui timeline / wftui dag, the whole process: CPU time {cpu:.2f}, seconds that pass {wall:.2f}")


if __name__ == "__main__":
    main()
