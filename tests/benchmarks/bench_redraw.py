"""What a status tick and a scrolled page of the Graph tab cost, to the last byte written to the terminal.

    python -m tests.benchmarks.bench_redraw [TASKS…] [--grouped] [--profile tick|page]

The real widgets in a terminal of 160x50; Textual's driver writes to a counter instead. A tick is news of the workflow
in which a tenth of the tasks on screen have another status, a page is one screen further. Told is the best of several,
in milliseconds of the interface's thread and (all) of the process, so that other work on the machine counts little; as
ratios to painting the whole screen again, and to joining the text of the same strips.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.drivers.headless_driver import HeadlessDriver

from tests.benchmarks import families
from tests.ui.graph_app import NOW, GraphApp
from tests.unit.making import detail, task
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail
    from wftui.widgets.graph_view import GraphView

SIZE = (160, 50)
TURNS = 8
# News is drawn four times a second at most; nothing polls meanwhile, so that nothing else is measured.
PAUSE = 0.7
PATIENCE = 600.0


class CountingDriver(HeadlessDriver):
    """Draws to nowhere, but draws: a headless app would not."""

    written = 0

    @property
    def is_headless(self) -> bool:
        """No."""
        return False

    def write(self, data: str) -> None:
        """Count the bytes."""
        CountingDriver.written += len(data.encode())


class Bench(GraphApp):
    """The Graph tab on a counter."""

    def __init__(self, shown: WorkflowDetail) -> None:
        super().__init__(shown)
        self.driver_class = CountingDriver


@dataclass
class Cost:
    """Of several turns the least milliseconds of the interface's thread and of the process, and the bytes of each."""

    ui: float = float("inf")
    everything: float = float("inf")
    bytes_of: list[int] = field(default_factory=list)

    def add(self, ui: float, everything: float, written: int) -> None:
        """Another turn."""
        self.ui, self.everything = min(self.ui, ui * 1e3), min(self.everything, everything * 1e3)
        self.bytes_of.append(written)

    @property
    def written(self) -> int:
        """Bytes of the turn in the middle."""
        return sorted(self.bytes_of)[len(self.bytes_of) // 2]


def words(index: int) -> str:
    """A name that has no stem in common with others, so that nothing is grouped."""
    letters = ""
    while index or len(letters) < 5:
        index, at = divmod(index, 20)
        letters += "bcdfghklmnpqrstvwxyz"[at] + "aeiou"[at % 5]
    return letters


def workflow(n: int, *, grouped: bool) -> WorkflowDetail:
    """A layered pipeline that runs."""
    count, edges = families.etl(n)
    names = [families.label(i) if grouped else words(i) for i in range(count)]
    upstream: list[list[str]] = [[] for _ in range(count)]
    for source, target in edges:
        upstream[target].append(names[source])
    tasks = [
        task(name, Status.SUCCESSFUL, waits, started_at=NOW - 60, ended_at=NOW - 20)
        for name, waits in zip(names, upstream, strict=True)
    ]
    return detail("flow", Status.RUNNING, tasks)


def changed(shown: WorkflowDetail, graph: GraphView, turn: int) -> WorkflowDetail:
    """A tenth of what is on screen has another status."""
    seen = [at for at, one in enumerate(shown.tasks) if graph.sees(one.id)]
    picked = set(seen[turn % 10 :: 10])
    tasks = tuple(
        replace(one, status=Status.FAILED if one.status is Status.SUCCESSFUL else Status.SUCCESSFUL)
        if at in picked
        else one
        for at, one in enumerate(shown.tasks)
    )
    return replace(shown, tasks=tasks)


async def measured(act: Callable[[], object], into: Cost, profile: cProfile.Profile | None = None) -> None:
    """Do something, and wait long enough for all of it to be drawn."""
    before, ui, everything = CountingDriver.written, time.thread_time(), time.process_time()
    if profile is not None:
        profile.enable()
    act()
    await asyncio.sleep(PAUSE)
    if profile is not None:
        profile.disable()
    into.add(time.thread_time() - ui, time.process_time() - everything, CountingDriver.written - before)


async def settled(graph: GraphView) -> None:
    """Wait for the final layout."""
    deadline = time.monotonic() + PATIENCE
    while not (graph.drawn is not None and graph.settled):
        if time.monotonic() > deadline:
            raise TimeoutError("the layout")
        await asyncio.sleep(0.05)
    await asyncio.sleep(PAUSE)


async def bench(n: int, *, grouped: bool, profiled: str) -> str:
    """A line of the table."""
    shown = workflow(n, grouped=grouped)
    app = Bench(shown)
    costs = {name: Cost() for name in ("tick", "page", "whole", "none")}
    profile = cProfile.Profile(time.thread_time)
    joined: list[float] = []
    pictures: list[str] = []

    async def drive(pilot: Pilot[object]) -> None:
        graph = cast("Bench", pilot.app).graph
        await settled(graph)
        pictures.append(f"{graph.drawn.width}x{graph.drawn.height}" if graph.drawn is not None else "-")
        current = shown
        for turn in range(TURNS):
            current = changed(current, graph, turn)
            await measured(partial(app.show, current), costs["tick"], profile if profiled == "tick" else None)
        await settled(graph)
        for turn in range(TURNS):
            by = (0, SIZE[1] - 2) if graph.max_scroll_y > SIZE[1] else (SIZE[0] // 2, 0)
            sign = 1 if turn % 4 < 2 else -1
            page = (by[0] * sign, by[1] * sign)
            await measured(partial(graph.pan, *page), costs["page"], profile if profiled == "page" else None)
            await measured(lambda: app.screen.refresh(), costs["whole"])
            await measured(lambda: None, costs["none"])
            strips = [graph.render_line(y) for y in range(graph.size.height)]
            start = time.thread_time()
            "\n".join("".join(segment.text for segment in strip) for strip in strips)
            joined.append((time.thread_time() - start) * 1e3)
        pilot.app.exit()

    await app.run_async(size=SIZE, auto_pilot=drive)
    if profiled:
        pstats.Stats(profile).sort_stats("cumtime").print_stats(60)
    tick, page, whole, idle = (costs[name] for name in ("tick", "page", "whole", "none"))
    for cost in (tick, page, whole):
        cost.ui, cost.everything = max(0.0, cost.ui - idle.ui), max(0.0, cost.everything - idle.everything)
    plain = min(joined)
    return (
        f"{n:6d} {pictures[0]:>12s} {tick.ui:8.2f} {tick.everything:8.2f} {tick.written:7d}"
        f" {tick.ui / whole.ui:7.2f} {tick.written / whole.written:7.2f}"
        f" {page.ui:8.2f} {page.written:7d} {page.ui / whole.ui:7.2f} {page.ui / plain:8.0f}"
        f" {whole.ui:8.2f} {whole.written:7d}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("tasks", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--grouped", action="store_true", help="names with common stems: above 150 tasks they group")
    parser.add_argument("--profile", choices=("tick", "page"), default="", help="say where the time goes")
    args = parser.parse_args()
    print(f"at {SIZE[0]}x{SIZE[1]}; ms of the interface's thread; whole: the whole screen painted again")
    print(
        " tasks      picture  tick ms      all   bytes  /whole  b/whole"
        "  page ms   bytes  /whole    /join whole ms   bytes"
    )
    for n in args.tasks:
        print(asyncio.run(bench(n, grouped=args.grouped, profiled=args.profile)), flush=True)


if __name__ == "__main__":
    main()
