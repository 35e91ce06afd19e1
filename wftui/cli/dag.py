"""`wftui dag`: the graph of a workflow as text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.cli.drawing import WIDTH, add_group, add_width, named, pen_for
from wftui.cli.options import EXIT_CODES
from wftui.cli.output import Output, message
from wftui.cli.past import add_at, as_asked
from wftui.cli.targets import find_detail, opened
from wftui.dag.board import arrange, draw_board
from wftui.dag.drawing import draw
from wftui.dag.picture import Folds, View
from wftui.dag.plan import Plan
from wftui.errors import EXIT_OK, TargetError
from wftui.present.critical_path import critical_path
from wftui.present.graph import graph_of, heavy_edges, legend
from wftui.present.operators import operator_legend

if TYPE_CHECKING:
    import argparse

    from wftui.dag.board import Board
    from wftui.dag.picture import Line, Pen, Picture
    from wftui.model.graph import Graph
    from wftui.present.glyphs import Glyphs
    from wftui.present.tables import Cell

# From this width on a graph is drawn in layers, where it fits.
_WIDE = 100
# Up to so many nodes the best layout is there at once.
_CAREFUL = 500
# What the styles of a picture are called in the table of colours.
_TONES = {"edge": "muted", "return": "muted", "time": "muted", "dim": "muted", "fold": "muted", "missing": "unknown"}

_EPILOG = f"""\
In lanes a node is a row; an edge leads down its lane. Dashed lines lead from a task to the sub-DAG that it returned.
auto draws layers from left to right where they fit, from 100 cells on; below that lanes while there is room for them,
and else a tree that names further upstream tasks beside. Heavy lines are the critical path. Tasks of one layer whose
names differ by a number only are one node (⊞) where there are many, long chains that went well another (⟲); what failed
in them is told.

examples:
  wftui dag nightly.2026-11-03
  wftui dag nightly.2026-11-03 --view tree --no-group --width 120 | less
  wftui dag nightly.2026-11-03 --at +90s

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `dag` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("id", metavar="ID", help="which workflow")
    add_width(parser)
    views = ", ".join(view.value for view in View)
    parser.add_argument("--view", type=named(View, "view"), default=View.AUTO, metavar="VIEW", help=f"one of {views}")
    alike = "one node for tasks that are alike, one for a long chain (default above 150 tasks)"
    add_group(parser, alike, "draw every task")
    add_at(parser)


def run(args: argparse.Namespace) -> int:
    """Draw."""
    out = Output(args)
    with opened(args) as sources:
        detail = find_detail(sources, args.id)
    detail, now = as_asked(detail, args)
    graph = graph_of(detail, now, out.glyphs)
    heavy = heavy_edges(critical_path(detail), graph)
    width = args.width or out.width or WIDTH
    at_rest = detail.summary.status.is_terminal
    picture = picture_of(graph, out.glyphs, width, args.view, grouped=args.group, heavy=heavy, at_rest=at_rest)
    for line in picture.lines:
        out.line(*painted(line))
    if not picture.lines:
        message(f"workflow {args.id!r} has no tasks that are known")
    else:
        out.line()
        for spans in legend(graph, out.glyphs, width):
            out.line(*((span.text, span.tone) for span in spans))
        kinds = (task.operator.kind for task in detail.tasks if task.operator is not None)
        for signs in operator_legend(kinds, out.glyphs, width):
            out.line((signs, "muted"))
    for note in picture.notes:
        message(note)
    if detail.summary.note:
        message(detail.summary.note)
    for remark in detail.remarks:
        message(f"{remark.path}: {remark.what}")
    if detail.truncated is not None:
        message(f"only {detail.truncated[0]} of {detail.truncated[1]} tasks are drawn")
    return EXIT_OK


def picture_of(
    graph: Graph,
    glyphs: Glyphs,
    width: int,
    view: View,
    *,
    grouped: bool | None,
    heavy: frozenset[tuple[str, str]] = frozenset(),
    at_rest: bool = True,
) -> Picture:
    """The picture of a graph.

    Args:
        graph: What to draw.
        glyphs: The characters to draw with.
        width: The cells that there are; only layers may take more.
        view: How. `AUTO` takes layers where they fit, from 100 cells on.
        grouped: Whether what is alike becomes one; None: where there is much.
        heavy: Edges that are drawn heavy.
        at_rest: The graph does not grow any more.

    Raises:
        TargetError: It is too large for layers, and those were asked for.
    """
    pen = pen_for(glyphs)
    folds = Folds(chains=grouped is not False)
    plan = Plan(folds, grouped, at_rest=at_rest)
    if view is View.LAYERS:
        return draw_board(arrange(graph, pen, plan), graph, pen, heavy)
    if view is View.AUTO and width >= _WIDE:
        board = _fitting(graph, pen, plan, width)
        if board is not None:
            return draw_board(board, graph, pen, heavy)
    return draw(graph, pen, width, view, folds, grouped)


def _fitting(graph: Graph, pen: Pen, plan: Plan, width: int) -> Board | None:
    """The graph in layers, if that is not wider than `width`; lanes and trees have room for anything."""
    try:
        # What is far too wide needs no more care to tell it.
        if len(graph.nodes) > _CAREFUL and arrange(graph, pen, replace(plan, quick=True)).layout.width > 2 * width:
            return None
        board = arrange(graph, pen, plan)
    except TargetError:
        return None
    return board if board.layout.width <= width else None


def painted(line: Line) -> list[Cell]:
    """A line of a picture as cells of text and tone."""
    return [(segment.text, _TONES.get(segment.style, segment.style)) for segment in line.segments]
