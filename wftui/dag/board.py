"""The layered view: a graph as boxes and lines, left to right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.dag import canvas
from wftui.dag.boxes import box_text
from wftui.dag.focus import focus
from wftui.dag.folding import fold
from wftui.dag.graphs import clean
from wftui.dag.grouping import MANY, group
from wftui.dag.layered import Wish, lay_out
from wftui.dag.picture import Line, Picture, Segment, View
from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.dag.boxes import BoxText
    from wftui.dag.graphs import Dag
    from wftui.dag.layout import Layout
    from wftui.dag.picture import Pen
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph, GraphNode

# A picture of more cells than this would take more memory, and more scrolling, than it is worth.
MOST_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class Board:
    """A graph laid out: where everything stands, whatever the statuses are.

    Attributes:
        plan: How it was arranged.
        dag: What is drawn, after focus, folding and grouping.
        layout: Where it stands; names are the items' ids.
    """

    plan: Plan
    dag: Dag
    layout: Layout


def arrange(graph: Graph, pen: Pen, plan: Plan) -> Board:
    """Lay a graph out in layers.

    Args:
        graph: Any graph; what does not fit is put right and named in the notes.
        pen: The characters to draw with.
        plan: What of it, and how.

    Raises:
        TargetError: It is too large.
    """
    if plan.focus is not None:
        graph = focus(graph, plan.focus)
    nodes = nodes_by_id(graph)
    folds = plan.folds
    dag = fold(clean(graph, pen.name), graph, replace(folds, chains=False))
    if len(dag.items) > MANY if plan.grouped is None else plan.grouped:
        dag = fold(clean(graph, pen.name), graph, folds)
        dag = group(dag, nodes, folds.kept)
    return Board(plan, dag, _laid_out(dag, nodes, pen, plan))


def nodes_by_id(graph: Graph) -> dict[str, GraphNode]:
    """The nodes; of those with the same id the first."""
    nodes: dict[str, GraphNode] = {}
    for node in graph.nodes:
        nodes.setdefault(node.id, node)
    return nodes


def _laid_out(dag: Dag, nodes: dict[str, GraphNode], pen: Pen, plan: Plan) -> Layout:
    texts = [box_text(item, nodes, pen) for item in dag.items]
    edges = [(at, other) for at in range(len(dag.items)) for other in dict.fromkeys(dag.following(at))]
    # Times stand below each other, at the right of boxes of one width.
    even = tuple(bool(text.time) for text in texts)
    wish = Wish(at_rest=plan.at_rest, quick=plan.quick, even=even)
    return lay_out([item.id for item in dag.items], edges, [text.width for text in texts], wish)


def draw_board(board: Board, graph: Graph, pen: Pen, heavy: frozenset[tuple[str, str]] = frozenset()) -> Picture:
    """The picture of a board.

    Args:
        board: What to draw.
        graph: The graph that was arranged, or the same with other statuses and times.
        pen: The characters to draw with.
        heavy: Edges, as (source, target), that are drawn heavy: the critical path.

    Raises:
        TargetError: It would be too large.
    """
    layout, nodes = board.layout, nodes_by_id(graph)
    if layout.width * layout.height > MOST_CELLS:
        raise TargetError(
            f"the picture would be {layout.width} x {layout.height} cells", "draw it grouped (--group), or as a tree"
        )
    sheet = canvas.Canvas(layout.width, layout.height)
    sheet.draw(layout.wires, heavy)
    table = canvas.ASCII if pen.ascii_only else canvas.UNICODE
    by_row: dict[int, list[tuple[int, int, BoxText, str]]] = {}
    rows: dict[str, int] = {}
    for item in board.dag.items:
        box = layout.boxes[item.id]
        by_row.setdefault(box.y, []).append((box.x, box.w, box_text(item, nodes, pen), item.id))
        rows.update(dict.fromkeys((item.id, *item.members, *item.hidden), box.y))
    lines = tuple(_line(sheet, y, table, sorted(by_row.get(y, []))) for y in range(layout.height))
    return Picture(lines, rows, board.dag.notes, View.LAYERS)


def _line(sheet: canvas.Canvas, y: int, table: tuple[str, ...], boxes: list[tuple[int, int, BoxText, str]]) -> Line:
    segments: list[Segment] = []
    at = 0
    for x, width, text, _ in boxes:
        segments.append(Segment(sheet.text(y, at, x, table), "edge"))
        segments += text.segments(width)
        at = x + width
    rest = sheet.text(y, at, sheet.width, table).rstrip()
    if rest:
        segments.append(Segment(rest, "edge"))
    return Line(tuple(segments), boxes[0][3] if boxes else None)
