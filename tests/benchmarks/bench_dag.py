"""The layered view against `dot`, ELK, Graph::Easy and phart on the same graphs: one table of ratios.

    python -m tests.benchmarks.bench_dag [--seeds N] [--largest N] [--elk FOLDER] [--phart PYTHON] [--pixels]

`dot` and `graph-easy` are found on the PATH, FOLDER holds node_modules/elkjs, PYTHON is an interpreter that has phart;
who is missing, takes too long or fails has a "-". All ratios are ours / theirs; those of the ETL graphs are geometric
means over the seeds. x: crossings, as (ours + 2) / (theirs + 2); "live" with layers by longest path, "first" for the
first usable layout. t: processor seconds; of ours, and of ELK's, from the graph in memory to the finished layout, of
the others the whole command. cells: width times height; `dot`'s drawing in characters of 8 x 16 pixels, ELK's with
boxes as wide as ours, one high, and the least spacings that keep lines a cell apart; ours in Unicode.
MB: the peak of the whole process.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import families, rivals
from wftui.dag.layered import Wish, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.benchmarks.rivals import Measured
    from wftui.dag.layout import Layout

SIZES = (30, 100, 300, 1000, 3000, 10000)
NAMED: dict[str, families.Family] = {
    "chain20": families.chain(20), "diamond": families.diamond(), "fan50": families.fan(50),
    "ml": families.numbered(families.ML), "pipeline": families.numbered(families.ETL),
    "continuations50": families.continuations(50), "tree1023": families.tree(1023), "mapreduce1000": families.fan(1000),
}  # fmt: skip
# Seconds by the clock to wait for a rival; `dot` takes two minutes for the largest graphs.
_PATIENCE, _LONG = 60.0, 900.0
_TARGETS = {
    "x/dot": 1.0, "live": 1.15, "x/ELK": 0.75, "c/ELK": 0.2, "c/GE": 1 / 6, "c/phart": 1 / 1.5,
}  # fmt: skip
_COLUMNS = (
    "x/dot", "live", "first", "t/dot", "t1/dot", "c/dot", "MB/dot", "x/ELK", "t/ELK", "c/ELK", "MB/ELK",
    "t/GE", "c/GE", "MB/GE", "t/phart", "c/phart", "MB/phart",
)  # fmt: skip


def ours(family: families.Family, wish: Wish) -> tuple[Layout, float]:
    """The layout and the seconds that it took."""
    n, edges = family
    names, widths = [str(i) for i in range(n)], [len(families.label(i)) + 2 for i in range(n)]
    gc.collect()
    start = time.process_time()
    layout = lay_out(names, edges, widths, wish)
    return layout, time.process_time() - start


_ALONE = """
import json, sys
from tests.benchmarks.bench_dag import ours
from wftui.dag.layered import Wish
n, edges = json.load(sys.stdin)
ours((n, [(a, b) for a, b in edges]), Wish())
"""


def peak(family: families.Family) -> float:
    """MB that a process takes which does nothing but lay this out."""
    done = rivals.run([sys.executable, "-c", _ALONE], json.dumps(family), _LONG)
    return done.peak if done else 0.0


@dataclass
class Row:
    """What was measured of a family: ratios by column, one for each seed, and our own figures of the first seed."""

    ratios: dict[str, list[float]] = field(default_factory=dict)
    own: str = ""

    def add(self, column: str, mine: float, theirs: float | None) -> None:
        """Note one ratio; without a figure of theirs there is none."""
        if theirs:
            self.ratios.setdefault(column, []).append(mine / theirs)

    def __str__(self) -> str:
        return self.own + " ".join(mean(self.ratios.get(column, ())).rjust(max(5, len(column))) for column in _COLUMNS)


def mean(ratios: Iterable[float]) -> str:
    """The geometric mean to three digits; "-" of nothing."""
    found = [max(ratio, 1e-6) for ratio in ratios]
    return f"{math.exp(sum(map(math.log, found)) / len(found)):#.3g}"[:6].rstrip(".") if found else "-"


class Bench:
    """Measures family by family; a rival that gave up on a graph is not asked for others as large."""

    def __init__(self, elk: Path | None, phart: Path | None, *, pixels: bool) -> None:
        self.rivals: dict[str, Callable[[families.Family], Measured | None]] = {
            "dot": lambda family: rivals.dot(family, _LONG),
            "ELK": lambda family: rivals.elk(family, _PATIENCE, elk, pixels=pixels),
            "GE": lambda family: rivals.graph_easy(family, _PATIENCE),
            "phart": lambda family: rivals.phart(family, _PATIENCE, phart),
        }
        self.gave_up: dict[str, int] = {}

    def row(self, name: str, graphs: Sequence[families.Family]) -> Row:
        """The line of a family; several graphs are the same one by other seeds."""
        row = Row()
        for at, family in enumerate(graphs):
            layout, seconds = ours(family, Wish(corners=True))
            quick, first = ours(family, Wish(quick=True))
            growing, _ = ours(family, Wish(at_rest=False))
            memory = peak(family)
            if not at:
                size = f"{layout.width}x{layout.height}"
                row.own = f"{name:15s} {len(graphs)} {size:>10s} {layout.crossings:6d} {seconds:7.3f} {memory:4.0f}  "
            for rival in self.rivals:
                other = self._ask(rival, family)
                if other is None:
                    continue
                if other.crossings is not None:
                    row.add(f"x/{rival}", layout.crossings + 2, other.crossings + 2)
                if rival == "dot" and other.crossings is not None:
                    row.add("live", growing.crossings + 2, other.crossings + 2)
                    row.add("first", quick.crossings + 2, other.crossings + 2)
                    row.add("t1/dot", first, other.seconds)
                row.add(f"t/{rival}", seconds, other.seconds)
                row.add(f"c/{rival}", layout.width * layout.height, other.cells)
                row.add(f"MB/{rival}", memory, other.peak)
        return row

    def _ask(self, rival: str, family: families.Family) -> Measured | None:
        if rival in self.gave_up and family[0] >= self.gave_up[rival]:
            return None
        found = self.rivals[rival](family)
        if found is None:
            self.gave_up[rival] = min(family[0], self.gave_up.get(rival, family[0]))
        return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=5, help="ETL graphs of every size")
    parser.add_argument("--largest", type=int, default=3000, help="the largest ETL graph")
    parser.add_argument("--elk", type=Path, metavar="FOLDER", help="it holds node_modules/elkjs")
    parser.add_argument("--phart", type=Path, metavar="PYTHON", help="an interpreter that has phart")
    parser.add_argument("--pixels", action="store_true", help="ELK with its own spacings, a cell being 8 x 16 pixels")
    args = parser.parse_args()
    bench = Bench(args.elk, args.phart, pixels=args.pixels)
    heads = " ".join(column.rjust(5) for column in _COLUMNS)
    print(f"{'family':15s} n {'w x h':>10s} {'x':>6s} {'s':>7s} {'MB':>4s}  {heads}")
    goals = " ".join((mean([_TARGETS[c]]) if c in _TARGETS else "").rjust(max(5, len(c))) for c in _COLUMNS)
    print(f"{'target':15s} {'':2s}{'':10s} {'':6s} {'':7s} {'':4s} {goals}")
    named = sorted(NAMED.items(), key=lambda item: item[1][0])
    for name, family in named:
        print(bench.row(name, [family]), flush=True)
    for n in SIZES:
        if n <= args.largest:
            graphs = [families.etl(n, seed) for seed in range(1, args.seeds + 1)]
            print(bench.row(f"etl{n}", graphs), flush=True)


if __name__ == "__main__":
    main()
