"""What layouts cost besides themselves, and what growing task by task does to a picture.

Run `python -m tests.benchmarks.bench_growth`.

The first table has the start of the process for large layouts and the way to it and back, as ratios to the layout
itself in the same run. The second replays workflows through `grow` as the layout service does.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from tests.benchmarks import families, replays
from wftui.dag.append import grow
from wftui.dag.board import Board, arrange
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.layouts.passes import InProcess, Job
from wftui.layouts.worth import Worth
from wftui.present.glyphs import UNICODE
from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.graph import Graph

PEN = Pen(UNICODE.status, visible)
SINGLE = Plan(grouped=False)
LIVE = Plan(grouped=False, at_rest=False)


class _Passes:
    """Waits for what a process makes."""

    def __init__(self) -> None:
        self._made = threading.Event()
        self.process = InProcess(self._done)
        self.outcome: Board | Exception | None = None

    def _done(self, job: Job, outcome: Board | Exception) -> None:
        del job
        self.outcome = outcome
        self._made.set()

    def seconds(self, graph: Graph, plan: Plan) -> float:
        self._made.clear()
        begun = time.perf_counter()
        self.process.start(Job(0, graph, PEN, plan))
        self._made.wait()
        assert isinstance(self.outcome, Board), self.outcome
        return time.perf_counter() - begun


def process_costs(sizes: tuple[int, ...] = (1_000, 10_000)) -> None:
    """Print what the process costs beside the layouts that it makes."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import wftui.layouts.process"], check=True)
    bare = time.perf_counter() - begun
    print("nodes   layout here   start/layout   round trip/layout (warm)   same board")
    for n in sizes:
        graph = families.as_graph(families.etl(n))
        begun = time.perf_counter()
        board = arrange(graph, PEN, SINGLE)
        here = time.perf_counter() - begun
        passes = _Passes()
        passes.seconds(families.named("a>b"), SINGLE)
        there = passes.seconds(graph, SINGLE)
        same = passes.outcome == board
        passes.process.close()
        print(f"{n:6,}  {here:10.2f}s  {bare / here:12.2f}   {there / here:24.2f}   {same}")


def replay(graph: Graph, plan: Plan) -> str:
    """Let a workflow grow task by task; returns what happened."""
    board: Board | None = None
    worth = Worth(0, 0)
    refused = given_up = shifts = moved = steps = 0
    for now in replays.in_order(graph):
        steps += 1
        grown = grow(board, now, PEN) if board is not None else None
        if board is None or grown is None:
            refused += board is not None
            board = arrange(now, PEN, plan)
            worth = Worth.of(board)
            continue
        boxes = grown.layout.boxes
        shifted = sum(boxes[name] != box for name, box in board.layout.boxes.items())
        shifts += shifted > 0
        moved += shifted
        board = grown
        if worth.may_be_bettered(Worth.of(board)):
            fresh = arrange(now, PEN, plan)
            worth = Worth.of(fresh)
            if worth.betters(Worth.of(board)):
                given_up += 1
                board = fresh
    fresh = arrange(graph, PEN, plan)
    assert board is not None
    crossings = (board.layout.crossings + 2) / (fresh.layout.crossings + 2)
    cells = board.layout.width * board.layout.height / max(1, fresh.layout.width * fresh.layout.height)
    return f"{steps:5}  {refused:7}  {given_up:8}  {shifts:6}  {moved:5}   {crossings:8.2f}  {cells:5.2f}"


def main() -> None:
    """Print both tables."""
    process_costs()
    etl, dag = families.as_graph(families.etl(300)), replays.random_dag(100, 1)
    print("\nworkflow               steps  refused  given up  shifts  moved  crossings  cells (grown / made anew)")
    for name, graph, plan in (
        ("ETL 300", etl, LIVE),
        ("ETL 300, shuffled", replays.shuffled(etl, 1), LIVE),
        ("ETL 300, grouped", etl, Plan(at_rest=False)),
        ("map-reduce 50", families.as_graph(families.fan(50)), LIVE),
        ("continuation chain 50", replays.continued(50), LIVE),
        ("the same, folded", replays.continued(50), Plan(at_rest=False)),
        ("random 100", dag, LIVE),
        ("random 100, shuffled", replays.shuffled(dag, 2), LIVE),
        ("ETL pipeline", replays.shuffled(families.named(families.ETL), 1), LIVE),
        ("ML pipeline", replays.shuffled(families.named(families.ML), 1), LIVE),
    ):
        print(f"{name:22} {replay(graph, plan)}", flush=True)


if __name__ == "__main__":
    main()
