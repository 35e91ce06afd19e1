"""Ratios of the layered view to `dot` and ELK on the same graphs, in one table.

    python -m tests.benchmarks.bench_dag [--seeds N] [--elk FOLDER] [--largest N] [--pixels]

`dot` is Debian's graphviz, found on the PATH; FOLDER holds node_modules/elkjs. Others are left out. Seconds are
processor time: of ours, in this process, from the graph in memory to the finished layout; of `dot`, the whole command.
"""

from __future__ import annotations

import argparse
import gc
import math
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import families, rivals
from wftui.dag.canvas import UNICODE, Canvas
from wftui.dag.layered import Wish, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.dag.layout import Layout

SIZES = (30, 100, 300, 1000, 3000, 10000)
NAMED: dict[str, families.Family] = {
    "chain20": families.chain(20), "diamond": families.diamond(), "fan50": families.fan(50),
    "continuations50": families.continuations(50), "tree1023": families.tree(1023), "mapreduce1000": families.fan(1000),
}  # fmt: skip


def ours(family: families.Family, wish: Wish) -> tuple[Layout, float]:
    """The layout and the seconds that it took."""
    n, edges = family
    names, widths = [str(i) for i in range(n)], [len(families.label(i)) + 2 for i in range(n)]
    gc.collect()
    start = time.process_time()
    layout = lay_out(names, edges, widths, wish)
    return layout, time.process_time() - start


def mean(ratios: Iterable[float]) -> str:
    """The geometric mean; "-" of nothing."""
    found = [ratio for ratio in ratios if ratio > 0]
    return f"{math.exp(sum(map(math.log, found)) / len(found)):8.3f}" if found else "       -"


def compare(n: int, seeds: Sequence[int], folder: Path | None, *, pixels: bool) -> str:
    """A line of the table: geometric means over the seeds."""
    crossings, steady, by_elk, time_to, first, cells, spent = [], [], [], [], [], [], []
    for seed in seeds:
        family = families.etl(n, seed)
        layout, seconds = ours(family, Wish())
        _, quick = ours(family, Wish(quick=True))
        growing, _ = ours(family, Wish(at_rest=False))
        spent.append(seconds)
        measured = rivals.dot(family)
        if measured:
            crossings.append((layout.crossings + 2) / (measured.crossings + 2))
            steady.append((growing.crossings + 2) / (measured.crossings + 2))
            time_to.append(seconds / measured.seconds)
            first.append(quick / measured.seconds)
        other = rivals.elk(family, folder, pixels=pixels) if folder and n <= 1000 else None
        if other:
            by_elk.append((layout.crossings + 2) / (other.crossings + 2))
            cells.append(layout.width * layout.height / other.cells)
    columns = (crossings, steady, time_to, first, by_elk, cells, spent)
    return f"{n:6d} {len(seeds):5d} " + " ".join(mean(column) for column in columns)


def draw_seconds(layout: Layout) -> float:
    """Seconds from a layout to its text."""
    start = time.process_time()
    canvas = Canvas(layout.width, layout.height)
    canvas.draw(layout.wires)
    for y in range(layout.height):
        canvas.text(y, 0, layout.width, UNICODE)
    return time.process_time() - start


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--elk", type=Path)
    parser.add_argument("--largest", type=int, default=3000)
    parser.add_argument("--pixels", action="store_true", help="ELK with its own spacings, a cell being 8 x 16 pixels")
    args = parser.parse_args()
    print("layered ETL graphs; geometric means of ratios, seconds at the end")
    print(" nodes seeds x/dot    x/dot,live t/dot    t1/dot   x/ELK    cells/ELK seconds")
    for n in SIZES:
        if n <= args.largest:
            seeds = range(1, 2 if n >= 10000 else args.seeds + 1)
            print(compare(n, seeds, args.elk, pixels=args.pixels), flush=True)
    print("\nfamily             width height crossings  seconds  drawing  peak MB")
    for name, family in {**NAMED, "etl1000": families.etl(1000)}.items():
        layout, seconds = ours(family, Wish())
        tracemalloc.start()
        ours(family, Wish(quick=True))
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        drawing = draw_seconds(layout)
        size = f"{layout.width:5d} {layout.height:6d} {layout.crossings:9d}"
        print(f"{name:18s} {size} {seconds:8.3f} {drawing:8.3f} {peak:8.1f}")


if __name__ == "__main__":
    main()
