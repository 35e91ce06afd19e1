"""The layered view: a graph as boxes and lines, left to right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag import canvas
from wftui.dag.boxes import box_text
from wftui.dag.folding import fold
from wftui.dag.graphs import clean
from wftui.dag.grouping import MANY, group
from wftui.dag.layered import Wish, lay_out
from wftui.dag.picture import Folds, Line, Picture, Segment, View
from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.dag.boxes import BoxText
    from wftui.dag.graphs import Dag
    from wftui.dag.layout import Layout
    from wftui.dag.picture import Pen
    from wftui.model.graph import Graph, GraphNode

# A picture of more cells than this would take more memory, and more scrolling, than it is worth.
MOST_CELLS = 60_000_000


@dataclass(frozen=True, slots=True)
class Board:
    """A graph laid out.

    Attributes:
        dag: What is drawn, after folding and grouping.
        layout: Where it stands; names are the items' ids.
        nodes: The nodes by id.
    """

    dag: Dag
    layout: Layout
    nodes: dict[str, GraphNode]


def arrange(
    graph: Graph, pen: Pen, folds: Folds, *, grouped: bool | None = None, at_rest: bool = True, quick: bool = False
) -> Board:
    """Lay a graph out in layers.

    Args:
        graph: Any graph; what does not fit is put right and named in the notes.
        pen: The characters to draw with.
        folds: What is folded; chains only where the graph is grouped.
        grouped: Whether what is alike becomes one node; None: when there are many.
        at_rest: The graph does not grow any more.
        quick: The first usable layout instead of the best.

    Raises:
        TargetError: It is too large.
    """
    nodes: dict[str, GraphNode] = {}
    for node in graph.nodes:
        nodes.setdefault(node.id, node)
    dag = fold(clean(graph, pen.name), graph, Folds(False, folds.closed, folds.kept))
    if len(dag.items) > MANY if grouped is None else grouped:
        dag = fold(clean(graph, pen.name), graph, Folds(True, folds.closed, folds.kept))
        dag = group(dag, nodes, folds.kept)
    return Board(dag, _laid_out(dag, nodes, pen, at_rest=at_rest, quick=quick), nodes)


def _laid_out(dag: Dag, nodes: dict[str, GraphNode], pen: Pen, *, at_rest: bool, quick: bool) -> Layout:
    texts = [box_text(item, nodes, pen) for item in dag.items]
    edges = [(at, other) for at in range(len(dag.items)) for other in dict.fromkeys(dag.following(at))]
    # Times stand below each other, at the right of boxes of one width.
    even = tuple(bool(text.time) for text in texts)
    wish = Wish(at_rest=at_rest, quick=quick, even=even)
    return lay_out([item.id for item in dag.items], edges, [text.width for text in texts], wish)


def draw_board(board: Board, pen: Pen, heavy: frozenset[tuple[str, str]] = frozenset()) -> Picture:
    """The picture of a board.

    Args:
        board: What to draw.
        pen: The characters to draw with.
        heavy: Edges, as (source, target), that are drawn heavy: the critical path.

    Raises:
        TargetError: It would be too large.
    """
    layout = board.layout
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
        by_row.setdefault(box.y, []).append((box.x, box.w, box_text(item, board.nodes, pen), item.id))
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
