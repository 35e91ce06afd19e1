"""What others make of the same graphs: Graphviz `dot` and ELK, where they are installed."""

from __future__ import annotations

import itertools
import json
import resource
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.families import Family, label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """A layout by somebody: what it took and what came out. Seconds; cells; crossings as bilayer inversions."""

    seconds: float
    crossings: int
    cells: float


def inversions(segments: Sequence[tuple[float, float]]) -> int:
    """Pairs of segments between two layers, (from, to) each, that swap sides; pairs that share an end do not."""
    ordered = sorted(segments)
    ranks = {value: rank for rank, value in enumerate(sorted({b for _, b in ordered}), start=1)}
    tree = [0] * (len(ranks) + 1)
    total = seen = at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end][0] == ordered[at][0]:
            end += 1
        for _, b in ordered[at:end]:
            rank, below = ranks[b], 0
            while rank:
                below += tree[rank]
                rank &= rank - 1
            total += seen - below
        for _, b in ordered[at:end]:
            rank = ranks[b]
            while rank < len(tree):
                tree[rank] += 1
                rank += rank & -rank
            seen += 1
        at = end
    return total


def _height_at(points: Sequence[tuple[float, float]], x: float) -> float:
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if x < points[0][0] else points[-1][1]


def _bezier(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    drawn = [points[0]]
    for i in range(0, len(points) - 3, 3):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[i : i + 4]
        for step in range(1, 9):
            t = step / 8
            s = 1 - t
            drawn.append(
                (
                    s**3 * ax + 3 * s * s * t * bx + 3 * s * t * t * cx + t**3 * dx,
                    s**3 * ay + 3 * s * s * t * by + 3 * s * t * t * cy + t**3 * dy,
                )
            )
    return drawn


def count_by_layers(
    places: dict[int, tuple[float, float]], lines: dict[tuple[int, int], list[tuple[float, float]]], tolerance: float
) -> int:
    """Crossings between layers; a layer is where nodes have the same x, and an edge has a height at each it passes."""
    columns: list[float] = []
    for x in sorted({x for x, _ in places.values()}):
        if not columns or x - columns[-1] > tolerance:
            columns.append(x)
    rank = {node: min(range(len(columns)), key=lambda i: abs(columns[i] - x)) for node, (x, _) in places.items()}
    channels: list[list[tuple[float, float]]] = [[] for _ in columns]
    for (a, b), points in lines.items():
        first, last = rank[a], rank[b]
        heights = [places[a][1], *(_height_at(points, columns[i]) for i in range(first + 1, last)), places[b][1]]
        for i, pair in enumerate(itertools.pairwise(heights)):
            channels[first + i].append(pair)
    return sum(inversions(channel) for channel in channels)


def dot(family: Family) -> Measured | None:
    """`dot`, left to right; its count is that of its own drawing, read at every rank."""
    if shutil.which("dot") is None:
        return None
    n, edges = family
    text = ["digraph{rankdir=LR;node[shape=box,height=.1,fixedsize=true,width=1.4]"]
    text += [f"{i};" for i in range(n)] + [f"{a}->{b};" for a, b in edges] + ["}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(["dot", "-Tplain"], input="\n".join(text), capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time, as of ours: what else the machine does is not measured.
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    places: dict[int, tuple[float, float]] = {}
    lines: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for row in done.stdout.splitlines():
        words = row.split()
        if words[0] == "node":
            places[int(words[1])] = (float(words[2]), float(words[3]))
        elif words[0] == "edge":
            count = int(words[3])
            values = [float(w) for w in words[4 : 4 + 2 * count]]
            lines[int(words[1]), int(words[2])] = _bezier(list(zip(values[::2], values[1::2], strict=True)))
    return Measured(seconds, count_by_layers(places, lines, 0.2), 0)


_ELK = """
const ELK = require(process.argv[1]); const fs = require('fs');
const g = JSON.parse(fs.readFileSync(0)); const elk = new ELK();
const t = process.hrtime.bigint();
elk.layout(g).then(r => { r.seconds = Number(process.hrtime.bigint() - t) / 1e9; console.log(JSON.stringify(r)); });
"""


# A cell is 1 x 1; the spacings are the least that keep lines apart by a cell.
_TIGHT = {
    "elk.spacing.nodeNode": "1",
    "elk.layered.spacing.nodeNodeBetweenLayers": "2",
    "elk.spacing.edgeEdge": "1",
    "elk.spacing.edgeNode": "1",
    "elk.layered.spacing.edgeEdgeBetweenLayers": "1",
    "elk.layered.spacing.edgeNodeBetweenLayers": "1",
}
_CELL = (8, 16)


def elk(family: Family, folder: Path, *, pixels: bool = False) -> Measured | None:
    """ELK layered, to the right.

    Args:
        family: The graph; boxes are as wide as ours.
        folder: It holds node_modules/elkjs.
        pixels: Take ELK's own spacings, for characters of 8 x 16 pixels, instead of the least that text could have.
    """
    if shutil.which("node") is None or not (folder / "node_modules/elkjs").exists():
        return None
    n, edges = family
    wide, high = _CELL if pixels else (1, 1)
    graph = {
        "id": "root",
        "layoutOptions": {
            "elk.algorithm": "layered",
            "elk.direction": "RIGHT",
            "elk.edgeRouting": "ORTHOGONAL",
            "elk.padding": "[top=0,left=0,bottom=0,right=0]",
            **({} if pixels else _TIGHT),
        },
        "children": [{"id": str(i), "width": (len(label(i)) + 2) * wide, "height": high} for i in range(n)],
        "edges": [{"id": f"e{k}", "sources": [str(a)], "targets": [str(b)]} for k, (a, b) in enumerate(edges)],
    }
    done = subprocess.run(
        ["node", "-e", _ELK, str(folder / "node_modules/elkjs")],
        input=json.dumps(graph),
        capture_output=True,
        text=True,
        check=True,
    )
    made = json.loads(done.stdout)
    places = {int(c["id"]): (c["x"] + c["width"] / 2, c["y"] + high / 2) for c in made["children"]}
    lines: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for made_edge, (a, b) in zip(made["edges"], edges, strict=True):
        section = made_edge["sections"][0]
        points = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
        lines[a, b] = [(p["x"], p["y"]) for p in points]
    return Measured(
        made["seconds"], count_by_layers(places, lines, 4 * wide), made["width"] * made["height"] / (wide * high)
    )
