"""The layered view: a graph as boxes and lines, left to right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.dag.boxes import box_room
from wftui.dag.graphs import nodes_by_id
from wftui.dag.layered import Wish, lay_out
from wftui.dag.scene import Scene
from wftui.dag.shaping import shape

if TYPE_CHECKING:
    from wftui.dag.graphs import Dag
    from wftui.dag.layout import Layout
    from wftui.dag.picture import Pen, Picture
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph, GraphNode

# Columns that every channel keeps for what is appended while a workflow runs: with 3 the first ten tasks that come
# move nothing in most graphs, and what is there is still seen to belong together.
SPARE = 3
# So few items are laid out again and again, to see what fits.
_FEW = 100


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
    dag = shape(graph, pen.name, plan)
    layout = _laid_out(dag, nodes_by_id(graph), pen, plan)
    if layout.rough:
        dag = replace(dag, notes=(*dag.notes, "the order is a rough one: there are too many edges for a better one"))
    return Board(plan, dag, layout)


def _laid_out(dag: Dag, nodes: dict[str, GraphNode], pen: Pen, plan: Plan) -> Layout:
    rooms = [box_room(item, nodes, pen, live=not plan.at_rest) for item in dag.items]
    edges = [(at, other) for at in range(len(dag.items)) for other in dict.fromkeys(dag.following(at))]
    # Times stand below each other, at the right of boxes of one width.
    even = tuple(room.even for room in rooms)
    spare = 0 if plan.at_rest else SPARE
    wish = Wish(at_rest=plan.at_rest, quick=plan.quick, even=even, spare=spare, corners=not pen.ascii_only)
    names, widths = [item.id for item in dag.items], [room.width for room in rooms]
    layout = lay_out(names, edges, widths, wish)
    if not (spare and plan.room and layout.width > plan.room and len(names) <= _FEW):
        return layout
    # All of it is seen where that costs nothing but room for what may come; else it is panned anyway.
    tighter = (lay_out(names, edges, widths, replace(wish, spare=less)) for less in reversed(range(spare)))
    return next((found for found in tighter if found.width <= plan.room), layout)


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
    scene = Scene(board, graph, pen)
    scene.stress(heavy)
    return scene.picture()
