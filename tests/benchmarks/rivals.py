"""What others make of the same graphs: Graphviz `dot`, ELK, Graph::Easy and phart, where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.counting import bezier, count_by_layers
from tests.benchmarks.families import Family, label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """A layout by somebody: what it took and what came out.

    Attributes:
        seconds: Processor time.
        cells: Width times height, in characters.
        peak: MB of the whole process.
        crossings: Bilayer inversions; None where only text came out.
    """

    seconds: float
    cells: float
    peak: float
    crossings: int | None = None


@dataclass(frozen=True)
class Done:
    """A finished command: its output, processor seconds, and peak memory in MB."""

    text: str
    seconds: float
    peak: float


# A small process starts the command and tells what it took: a new process counts the memory of the one that forks it.
_START = """
import os, sys
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=sys.stderr)
sys.exit(1 if status else 0)
"""


def run(command: Sequence[str], text: str, patience: float) -> Done | None:
    """Run a command on a text; None when it takes more than `patience` seconds by the clock, or fails."""
    starter = [sys.executable, "-I", "-S", "-c", _START, *command]
    process = subprocess.Popen(
        starter,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        made, told = process.communicate(text, timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    if process.returncode:
        return None
    seconds, peak = told.splitlines()[-1].split()
    return Done(made, float(seconds), float(peak))


# A cell of 8 x 16 pixels at 96 a inch, as `dot` counts.
_WIDE, _HIGH = 8 / 96, 16 / 96


def dot(family: Family, patience: float) -> Measured | None:
    """`dot`, left to right, its own spacings; its count is that of its own drawing, read at every rank."""
    if shutil.which("dot") is None:
        return None
    n, edges = family
    text = [f"digraph{{rankdir=LR;node[shape=box,height={_HIGH:.4f},fixedsize=true]"]
    text += [f"{i}[width={(len(label(i)) + 2) * _WIDE:.4f}];" for i in range(n)]
    text += [f"{a}->{b};" for a, b in edges] + ["}"]
    done = run(["dot", "-Tplain"], "\n".join(text), patience)
    if done is None:
        return None
    places: dict[int, tuple[float, float]] = {}
    lines: dict[tuple[int, int], list[tuple[float, float]]] = {}
    cells = 0.0
    for row in done.text.splitlines():
        words = row.split()
        if words[0] == "graph":
            cells = float(words[2]) / _WIDE * float(words[3]) / _HIGH
        elif words[0] == "node":
            places[int(words[1])] = (float(words[2]), float(words[3]))
        elif words[0] == "edge":
            count = int(words[3])
            values = [float(w) for w in words[4 : 4 + 2 * count]]
            lines[int(words[1]), int(words[2])] = bezier(list(zip(values[::2], values[1::2], strict=True)))
    return Measured(done.seconds, cells, done.peak, count_by_layers(places, lines, 0.2))


_ELK = """
const ELK = require(process.argv[1]); const fs = require('fs');
const g = JSON.parse(fs.readFileSync(0)); const elk = new ELK();
const t = process.cpuUsage();
elk.layout(g).then(r => {
  const u = process.cpuUsage(t); r.seconds = (u.user + u.system) / 1e6; console.log(JSON.stringify(r));
});
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


def elk(family: Family, patience: float, folder: Path | None, *, pixels: bool = False) -> Measured | None:
    """ELK layered, to the right.

    Args:
        family: The graph; boxes are as wide as ours.
        patience: Seconds to wait at most.
        folder: It holds node_modules/elkjs.
        pixels: Take ELK's own spacings, for characters of 8 x 16 pixels, instead of the least that text could have.
    """
    if folder is None or shutil.which("node") is None or not (folder / "node_modules/elkjs").exists():
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
    done = run(["node", "-e", _ELK, str(folder / "node_modules/elkjs")], json.dumps(graph), patience)
    if done is None:
        return None
    made = json.loads(done.text)
    places = {int(c["id"]): (c["x"] + c["width"] / 2, c["y"] + high / 2) for c in made["children"]}
    lines: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for made_edge, (a, b) in zip(made["edges"], edges, strict=True):
        section = made_edge["sections"][0]
        points = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
        lines[a, b] = [(p["x"], p["y"]) for p in points]
    cells = made["width"] * made["height"] / (wide * high)
    return Measured(made["seconds"], cells, done.peak, count_by_layers(places, lines, 4 * wide))


def graph_easy(family: Family, patience: float) -> Measured | None:
    """Graph::Easy, left to right, as Unicode text."""
    if shutil.which("graph-easy") is None:
        return None
    n, edges = family
    text = ["graph { flow: east; }", *(f"[ {label(i)} ]" for i in range(n))]
    text += [f"[ {label(a)} ] -> [ {label(b)} ]" for a, b in edges]
    done = run(["graph-easy", "--as_boxart", f"--timeout={patience:.0f}"], "\n".join(text), patience)
    return None if done is None or not done.text.strip() else _text(done)


_PHART = """
import json, sys, networkx, phart
n, edges = json.load(sys.stdin)
graph = networkx.DiGraph()
graph.add_nodes_from(n)
graph.add_edges_from((n[a], n[b]) for a, b in edges)
print(phart.ASCIIRenderer(graph).render())
"""


def phart(family: Family, patience: float, python: Path | None) -> Measured | None:
    """phart; `python` is the interpreter that has it."""
    if python is None or not python.exists():
        return None
    n, edges = family
    done = run([str(python), "-c", _PHART], json.dumps([[label(i) for i in range(n)], edges]), patience)
    return None if done is None else _text(done)


def _text(done: Done) -> Measured:
    rows = [row.rstrip() for row in done.text.strip("\n").splitlines()]
    return Measured(done.seconds, max(map(len, rows)) * len(rows), done.peak)
