"""`wftui draw`: any DAG from a file as text, or its layout as JSON."""

from __future__ import annotations

import codecs
import os
import sys
from typing import TYPE_CHECKING

from wftui.cli.dag import painted, picture_of
from wftui.cli.drawing import WIDTH, add_group, add_width, named, pen_for
from wftui.cli.options import EXIT_CODES
from wftui.cli.output import Output, message
from wftui.dag.board import arrange
from wftui.dag.graphs import clean
from wftui.dag.picture import View
from wftui.dag.plan import Plan
from wftui.dag.reading import read_graph
from wftui.errors import EXIT_OK, TargetError, UsageError
from wftui.model.graph import Graph, GraphNode
from wftui.present.format import duration
from wftui.present.operators import operator_label, operator_legend

if TYPE_CHECKING:
    import argparse

    from wftui.dag.layout import Layout
    from wftui.dag.picture import Pen
    from wftui.model.raw import Raw
    from wftui.present.glyphs import Glyphs

# Bytes of a file at most: 100,000 nodes with labels of 600.
MOST_BYTES = 64 * 2**20

_EPILOG = f"""\
FILE is one of these, known by the end of its name or else by how it begins; - is standard input:
  JSON       {{"nodes": [{{"id": "a", "label": "A", "status": "FAILED", "duration": 42}}], "edges": [["a", "b"]]}}
  DOT        Graphviz: nodes, edges, subgraphs, ports, labels; other attributes are read over
  Mermaid    flowcharts: nodes of any shape, links of any kind, &, chains; subgraphs and styles are read over
  Highway    a workflow definition in JSON or YAML (YAML: pip install 'wftui[absurd]'): operators by kind, branches by
             name; what a loop or a branch holds hangs below it on a dashed line
At most {MOST_BYTES // 2**20} MB are read. Cycles, missing and doubled nodes are named on stderr; the rest is drawn.
Lines lead from left to right and never back: where two meet they join, where a vertical interrupts a horizontal they
only cross.

examples:
  wftui draw pipeline.dot
  dbt-to-mermaid | wftui draw - --ascii
  wftui draw big.json --layout-json | jq .crossings

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `draw` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("file", metavar="FILE", help="what to draw; - for standard input")
    add_width(parser, "cells to draw in, for lanes and trees (default: 80)")
    views = ", ".join(view.value for view in View)
    parser.add_argument("--view", type=named(View, "view"), metavar="VIEW", help=f"one of {views} (default: layers)")
    alike = "one node for those that are alike, one for a long chain (default above 150 nodes)"
    add_group(parser, alike, "draw every node")
    parser.add_argument("--layout-json", action="store_true", help="print where everything stands in layers, as JSON")


def run(args: argparse.Namespace) -> int:
    """Draw."""
    out = Output(args)
    raw = read_graph(_text(args.file), "standard input" if args.file == "-" else os.path.basename(args.file))
    graph = _graph(raw, out.glyphs)
    if args.layout_json:
        out.json(_layout(graph, pen_for(out.glyphs), args.view, grouped=args.group))
        return EXIT_OK
    width = args.width or out.width or WIDTH
    picture = picture_of(graph, out.glyphs, width, args.view or View.LAYERS, grouped=args.group)
    for line in picture.lines:
        out.line(*painted(line))
    if not picture.lines:
        message("the graph is empty")
    told = operator_legend((node.kind for node in raw.nodes), out.glyphs, width)
    if told:
        out.text("\n" + "\n".join(told))
    for note in picture.notes:
        message(note)
    return EXIT_OK


def _layout(graph: Graph, pen: Pen, view: View | None, *, grouped: bool | None) -> dict[str, object]:
    """The layout of everything; or, where a view or groups are asked for, of what would be drawn.

    Raises:
        TargetError: It is no DAG: not all of its edges could be told, or others would be.
        UsageError: A view was asked for that has no layers.
    """
    if view in (View.LANES, View.TREE):
        raise UsageError(f"--layout-json tells layers, and {view.value} has none", "leave out --view, or use layers")
    wrong = clean(graph, pen.name).notes
    if wrong:
        raise TargetError(
            f"this is not a DAG as it stands: {wrong[0]}", "correct it; without --layout-json the rest is drawn"
        )
    board = arrange(graph, pen, Plan(grouped=bool(grouped) if view is None else grouped))
    told = layout_json(board.layout)
    groups = {item.id: item.members for item in board.dag.items if item.members}
    return {**told, "members": groups} if groups else told


def layout_json(layout: Layout) -> dict[str, object]:
    """A layout as the contract says: cells, origin top left."""
    return {
        "width": layout.width,
        "height": layout.height,
        "nodes": {name: {"x": box.x, "y": box.y, "w": box.w} for name, box in layout.boxes.items()},
        "layers": layout.layers,
        "edges": [{"from": wire.source, "to": wire.target, "points": wire.points} for wire in layout.wires],
        "crossings": layout.crossings,
    }


def _graph(raw: Raw, glyphs: Glyphs) -> Graph:
    nodes = tuple(
        GraphNode(
            node.id,
            operator_label(node.label, node.kind, node.detail, node.branch, glyphs),
            node.status,
            duration(node.duration),
            node.parent,
            node.duration,
        )
        for node in raw.nodes
    )
    return Graph(nodes, tuple(dict.fromkeys(raw.edges)))


def _text(file: str) -> str:
    """The text of a file.

    Raises:
        TargetError: It cannot be read, or is too large.
    """
    name = "standard input" if file == "-" else file
    try:
        if file != "-":
            with open(file, "rb") as stream:
                data = stream.read(MOST_BYTES + 1)
        elif sys.stdin is None:
            raise TargetError("standard input is closed", "give a file")
        else:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError as error:
        raise TargetError(
            f"{name} cannot be read: {error.strerror or error}", "give a file, or - for standard input"
        ) from error
    if len(data) > MOST_BYTES:
        raise TargetError(f"{name} is larger than {MOST_BYTES // 2**20} MB", "draw a part of it")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell redirects
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "surrogateescape")
