"""From a graph to a layered layout: layers, their order, rows, tracks, cells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from wftui.dag.alike import put_in_order
from wftui.dag.assembly import Assembly
from wftui.dag.layering import compact, cycle_error, longest_path, pull
from wftui.dag.layout import Layout, check_cells
from wftui.dag.ordering import Ordering, first_effort, full_effort
from wftui.dag.proper import make_proper
from wftui.dag.straighten import straighten
from wftui.dag.tidying import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

# Network simplex takes time that grows with the square of the size; beyond this the simple pull is nearly as good.
_SIMPLEX_NODES = 1500
# Up to so many vertices a layout is drawn twice.
_BOTH_VERTICES = 1000
# As many cells count as one corner, and as a row that a line climbs to come down again.
_CORNER, _CLIMB = 4, 6
# More waypoints than this are more than a person could follow, and more than is worth waiting for.
MOST_VERTICES = 400_000


@dataclass(frozen=True, slots=True)
class Wish:
    """What kind of layout is wanted.

    Attributes:
        at_rest: The graph does not grow any more, so that layers may be chosen for short edges.
        quick: The first usable layout instead of the best.
        spare: Columns that every channel keeps for what is appended later, and more where it is wide; 0 for none.
        even: Boxes that become as wide as the widest of their layer, by position.
        corners: The layout is drawn with corners (``┘┌``), not in ASCII: channels may be narrower.
    """

    at_rest: bool = True
    quick: bool = False
    even: tuple[bool, ...] = ()
    spare: int = 0
    corners: bool = False


_BEST = Wish()


def lay_out(
    names: Sequence[str], edges: Sequence[tuple[int, int]], widths: Sequence[int], wish: Wish = _BEST
) -> Layout:
    """Lay a graph out in layers, left to right.

    Args:
        names: What each node is called, uniquely.
        edges: Each once, as (source, target) by position in `names`.
        widths: The cells that each node's box takes.
        wish: What kind of layout is wanted.

    Raises:
        TargetError: The graph has a cycle, or is too large for this.
    """
    if not names:
        return Layout(0, 0, {}, (), (), 0)
    proper = make_proper(_ranks(names, edges, wish), edges, MOST_VERTICES)
    # Known to be too large before the work begins: boxes side by side, in as many rows as the fullest layer has.
    widest = [max([widths[v] for v in layer if v < proper.n], default=1) for layer in proper.layers]
    check_cells(sum(widest) + 2 * len(widest) - 2, max(map(len, proper.layers)), "at least ")
    ordering = Ordering(proper)
    vertices = len(proper.rank)
    layers = ordering.run(first_effort(vertices) if wish.quick else full_effort(vertices))
    put_in_order(proper, layers)

    def drawn(rows: Sequence[int]) -> Layout:
        made = Assembly(proper, layers, rows, names, widths, even=wish.even, spare=wish.spare, corners=wish.corners)
        return made.layout(edges)

    rows = straighten(proper, layers, turns=4)
    layout = drawn(rows)
    if not wish.quick and vertices <= _BOTH_VERTICES:
        # Whether sources or targets have the last word on rows: in small graphs both are tried.
        other = straighten(proper, layers, turns=3)
        layout, rows = min([(layout, rows), (drawn(other), other)], key=lambda made: _untidiness(made[0]))
        tidier = tidy(proper, layers, rows, corners=wish.corners, most=_tidying(vertices))
        if tidier != rows:
            layout = min(drawn(tidier), layout, key=_untidiness)
    return replace(layout, rough=True) if ordering.rough else layout


def _tidying(vertices: int) -> int:
    """How many channels may be looked at to tidy a picture up; the more vertices, the more each of them takes."""
    return 800 if vertices <= 80 else 120 if vertices <= 200 else 60


def _untidiness(layout: Layout) -> int:
    """Cells, and corners and joins, and rows that lines climb to come down again, as if each took several."""
    corners = {point for wire in layout.wires for point in wire.points[1:-1]}
    detours = 0
    for wire in layout.wires:
        rows = [y for _, y in wire.points]
        detours += sum([abs(b - a) for a, b in pairwise(rows)]) - abs(rows[-1] - rows[0])
    return layout.width * layout.height + _CORNER * len(corners) + _CLIMB * detours


def _ranks(names: Sequence[str], edges: Sequence[tuple[int, int]], wish: Wish) -> list[int]:
    successors: list[list[int]] = [[] for _ in names]
    for tail, head in edges:
        if tail == head:
            raise cycle_error([names[tail], names[tail]])
        successors[tail].append(head)
    ranks = longest_path(successors, names)
    if wish.at_rest:
        ranks = pull(successors, ranks)
        if len(names) <= _SIMPLEX_NODES and not wish.quick:
            ranks = compact(successors, ranks, pivots=4 * len(names))
    dense = {rank: i for i, rank in enumerate(sorted(set(ranks)))}
    return [dense[rank] for rank in ranks]
