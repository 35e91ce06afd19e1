"""What a page and a status tick of the layered view cost, before any terminal.

Run: python -m tests.benchmarks.bench_scene

A page is 160x50 cells in the middle of the board; its cost is told as times that of joining the same ready strings. An
update changes a tenth of all nodes; its cost is told as times that of putting as many nodes into a dictionary.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.benchmarks import families
from wftui.dag.board import arrange
from wftui.dag.minimap import Minimap, Window
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.dag.scene import Scene
from wftui.model.graph import Graph
from wftui.model.status import Status
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable

_WIDTH, _HEIGHT = 160, 50


def _best(work: Callable[[], object], turns: int = 20) -> float:
    """The shortest of several turns, in milliseconds of this process: other work on the machine does not count."""
    found = []
    for _ in range(turns):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found) * 1e3


def _measure(n: int) -> str:
    pen = Pen(UNICODE.status)
    made = families.as_graph(families.etl(n))
    done = tuple(replace(node, status=Status.SUCCESSFUL, time="12s") for node in made.nodes)
    graph = Graph(done, made.edges)
    board = arrange(graph, pen, Plan(grouped=False, quick=True, at_rest=False))
    making = _best(lambda: Scene(board, graph, pen), 3)
    scene = Scene(board, graph, pen)
    x, y = max(0, (scene.width - _WIDTH) // 2), max(0, (scene.height - _HEIGHT) // 2)

    def page() -> list[list[str]]:
        lines = [scene.line(row, x, x + _WIDTH) for row in range(y, min(y + _HEIGHT, scene.height))]
        return [[segment.text for segment in line.segments] for line in lines]

    start = time.process_time()
    ready = page()
    cold = (time.process_time() - start) * 1e3
    warm, plain = _best(page), _best(lambda: ["".join(line) for line in ready], 50)
    some = done[:: max(1, n // max(1, n // 10))]
    turns = [[replace(node, status=Status.RUNNING, time=time_) for node in some] for time_ in ("1s", "2s")]

    def tick() -> None:
        turns.reverse()
        scene.update(turns[0])

    ticking = _best(tick)
    into = {node.id: node for node in done}
    put = _best(lambda: into.update([(node.id, node) for node in some]))
    small = Minimap(scene, graph.nodes, pen, 40, 10)
    mapped = _best(lambda: small.lines(Window(x, y, _WIDTH, _HEIGHT)))
    return (
        f"{n:>6} {scene.width:>6} x {scene.height:<4} {making:>8.1f} {cold:>8.2f} {warm:>8.2f} {warm / plain:>7.0f}"
        f" {ticking:>9.2f} {ticking / put:>7.0f} {mapped:>8.2f}"
    )


def main() -> None:
    """Print the table."""
    print(" nodes    board       scene ms  page ms (again)  x join  10% tick ms  x put   map ms")
    for n in (100, 1_000, 10_000):
        print(_measure(n))


if __name__ == "__main__":
    main()
