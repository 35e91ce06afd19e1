"""How long it takes to decide what is drawn of a large graph, as a ratio to parsing the JSON that it came in.

Run: python -m tests.benchmarks.bench_shape
"""

from __future__ import annotations

import json
import random
import time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from wftui.dag.board import arrange
from wftui.dag.drawing import lay_out
from wftui.dag.picture import Pen, View
from wftui.dag.plan import Plan
from wftui.dag.reading.jsongraph import read_json
from wftui.dag.shaping import shape
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = ("extract", "transform", "load", "validate", "train")
STEPS = 20


def chain(n: int) -> tuple[list[str], list[tuple[str, str]]]:
    """A line of steps that went well."""
    ids = [f"step_{i}" for i in range(n)]
    return ids, list(pairwise(ids))


def etl(n: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Twenty layers of one name each, 1.5 edges a node."""
    rng, per = random.Random(n), n // STEPS
    ids = [f"{WORDS[i // per % len(WORDS)]}_{i}" for i in range(n)]
    edges = {(ids[(i // per - 1) * per + rng.randrange(per)], ids[i]) for i in range(per, n)}
    edges |= {(ids[(i // per - 1) * per + rng.randrange(per)], ids[i]) for i in range(per, n, 2)}
    return ids, sorted(edges)


def strangers(n: int) -> tuple[list[str], list[tuple[str, str]]]:
    """One, many side by side of names that tell nothing, one."""
    rng = random.Random(n)
    ids = list(dict.fromkeys("".join(rng.choices("abcdefghij", k=12)) for _ in range(n)))
    return ["go", *ids, "end"], [("go", one) for one in ids] + [(one, "end") for one in ids]


def _seconds(work: Callable[[], object]) -> float:
    best = 1e9
    for _ in range(3):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def main() -> None:
    """Print the table."""
    pen, plan = Pen(UNICODE.status), Plan(grouped=True)
    print(f"{'':26}{'JSON':>8}  ratios: {'reading':>8}{'shape':>8}{'layers':>8}{'lanes':>8}   items")
    for make in (chain, etl, strangers):
        for n in (10_000, 100_000):
            ids, edges = make(n)
            text = json.dumps({"nodes": [{"id": one, "status": "SUCCESSFUL"} for one in ids], "edges": edges})
            graph = Graph(tuple(GraphNode(one, one, Status.SUCCESSFUL) for one in ids), tuple(edges))
            parse = _seconds(partial(json.loads, text))
            works: list[Callable[[], object]] = [
                partial(read_json, text),
                partial(shape, graph, pen.name, plan),
                partial(arrange, graph, pen, plan),
                partial(lay_out, graph, pen, 80, View.LANES, grouped=True),
            ]
            ratios = "".join(f"{_seconds(work) / parse:8.1f}" for work in works)
            items = len(shape(graph, pen.name, plan).items)
            print(f"{make.__name__:12}{n:>10,}    {parse * 1000:6.0f}ms          {ratios}{items:>8,}")


if __name__ == "__main__":
    main()
