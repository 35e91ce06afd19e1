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
        tight: Boxes have no room for times to come, so that all of it is seen; see `has_room`.
    """

    plan: Plan
    dag: Dag
    layout: Layout
    tight: bool = False


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
    layout, tight = _laid_out(dag, nodes_by_id(graph), pen, plan)
    if layout.rough:
        dag = replace(dag, notes=(*dag.notes, "the order is a rough one: there are too many edges for a better one"))
    return Board(plan, dag, layout, tight)


def has_room(board: Board, graph: Graph, pen: Pen) -> bool:
    """Whether every box still has room for what it tells: in a tight board a time that came may have none."""
    if not board.tight:
        return True
    nodes = nodes_by_id(graph)
    return all(box_room(item, nodes, pen).width <= board.layout.boxes[item.id].w for item in board.dag.items)


def _laid_out(dag: Dag, nodes: dict[str, GraphNode], pen: Pen, plan: Plan) -> tuple[Layout, bool]:
    """The layout, and whether it has no room for times to come."""
    edges = [(at, other) for at in range(len(dag.items)) for other in dict.fromkeys(dag.following(at))]
    names = [item.id for item in dag.items]

    def made(spare: int, *, live: bool) -> Layout:
        rooms = [box_room(item, nodes, pen, live=live) for item in dag.items]
        # Times stand below each other, at the right of boxes of one width.
        even = tuple(room.even for room in rooms)
        wish = Wish(at_rest=plan.at_rest, quick=plan.quick, even=even, spare=spare, corners=not pen.ascii_only)
        return lay_out(names, edges, [room.width for room in rooms], wish)

    layout = made(0 if plan.at_rest else SPARE, live=not plan.at_rest)
    if plan.at_rest or not plan.room or layout.width <= plan.room or len(names) > _FEW:
        return layout, False
    # All of it is seen where that costs nothing but room for what may come; else it is panned anyway.
    for spare, live in (*((less, True) for less in reversed(range(SPARE))), (0, False)):
        found = made(spare, live=live)
        if found.width <= plan.room:
            return found, not live
    return layout, False


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
