"""The lane view: a node a row, edges in lanes beside it, read from left to right and from top to bottom.

A lane is a bus: everything that comes in from above or from the left reaches everything that it leads to below and to
the right. So a lane may only be shared by sources that have the same targets. A drawn picture is read back by these
rules, which `tests/unit/test_dag_lanes.py` checks for any graph:

- A run is what is joined by horizontal cells in one row. Its inputs are the lanes that come from above and the node at
  whose east side it begins; its outputs are the lanes that leave below and the node at whose west side it ends.
- A vertical without arms to its sides is a crossing: the horizontal goes on behind it.
- A node right under a node is an edge, unless the upper one leads on to the east or the lower one is reached from the
  west.
- Dashed lanes lead from a continuation to the first tasks of the sub-DAG that it returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.cells import DASHED, EAST, HORIZONTAL, NODE, NORTH, SOUTH, VERTICAL, WEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.dag.graphs import Dag

# Sub-DAGs are set in under their parent down to here; deeper ones go straight down.
DEEPEST = 5
# A lane so far to the right of a free one goes back to the left.
FAR = 5


class TooManyLanes(Exception):  # noqa: N818 - an answer, not an error: the tree is drawn then
    """The graph needs more lanes than there may be."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a drawing.

    Attributes:
        cells: A byte a cell (see `cells`), two cells a lane; blank cells at the end are left out.
        item: The item whose node stands here; -1 where there is none.
    """

    cells: bytes
    item: int = -1


class _Bus:
    """What one lane carries: how many targets are still to be drawn, and their sum, which tells the last one."""

    __slots__ = ("aside", "column", "dashed", "fan", "kind", "left", "sources", "sum", "targets", "weight")

    def __init__(self, column: int, targets: Sequence[int], kind: int) -> None:
        self.column = column
        self.targets = targets
        self.kind = kind  # the number of this set of targets; -1 for dashed lanes
        self.fan = self.left = len(targets)
        self.sum = sum(targets)
        self.sources = 1
        self.weight = -1
        self.dashed = kind < 0
        self.aside = False  # whether it begins beside its source, not below it


class _Router:
    def __init__(self, dag: Dag, weight: Sequence[int], limit: int) -> None:
        self.dag, self.weight, self.limit = dag, weight, limit
        self.rows: list[Row] = []
        self.lanes: list[_Bus | None] = []
        self.out: list[_Bus | None] = [None] * len(dag.items)
        self.back: list[_Bus | None] = [None] * len(dag.items)
        self.parent = [-1] * len(dag.items)
        for parent, entries in enumerate(dag.returned):
            for entry in entries:
                self.parent[entry] = parent
        # Each set of targets has a number; how many nodes still to be drawn lead to exactly that set.
        number: dict[tuple[int, ...], int] = {(): -1}
        self.kind = [number.setdefault(targets, len(number)) for targets in dag.after]
        self.alike = [0] * (len(number) + 1)
        for kind in self.kind:
            self.alike[kind] += 1

    # -- lanes ------------------------------------------------------------------------------------------------

    def free(self, start: int = 0) -> int:
        """The first free column from `start` on."""
        column = start
        while column < len(self.lanes) and self.lanes[column] is not None:
            column += 1
        if column >= self.limit:
            raise TooManyLanes
        while column >= len(self.lanes):
            self.lanes.append(None)
        return column

    def is_free(self, column: int) -> bool:
        """Whether a column may be taken."""
        return column < self.limit and (column >= len(self.lanes) or self.lanes[column] is None)

    def open(self, column: int, targets: Sequence[int], kind: int = -1) -> _Bus:
        bus = self.lanes[column] = _Bus(column, targets, kind)
        return bus

    def serve(self, bus: _Bus, item: int) -> None:
        """One target of the bus is drawn."""
        bus.left -= 1
        bus.sum -= item
        bus.weight = max(bus.weight, self.weight[item])
        if not bus.left and self.lanes[bus.column] is bus:
            self.lanes[bus.column] = None

    # -- rows -------------------------------------------------------------------------------------------------

    def blank(self) -> bytearray:
        """A row of nothing but the lanes that pass."""
        cells = bytearray(2 * len(self.lanes) + 1)
        for column, bus in enumerate(self.lanes):
            if bus is not None:
                cells[2 * column] = VERTICAL | (DASHED if bus.dashed else 0)
        return cells

    def put(self, cells: bytearray, item: int = -1) -> None:
        self.rows.append(Row(bytes(cells).rstrip(b"\0"), item))

    def run(self, inputs: Iterable[int], outputs: Iterable[int], *, dashed: bool = False) -> None:
        """A row that joins the lanes of some columns into others."""
        cells = self.blank()
        dash = DASHED if dashed else 0
        arms: dict[int, int] = {}
        for column in inputs:
            arms[column] = arms.get(column, 0) | NORTH
        for column in outputs:
            arms[column] = arms.get(column, 0) | SOUTH
        first, last = min(arms), max(arms)
        _span(cells, first, last, dash)
        for column, vertical in arms.items():
            sides = (EAST if column < last else 0) | (WEST if column > first else 0)
            cells[2 * column] = vertical | sides | dash
        self.put(cells)

    def above(self, column: int) -> int:
        """The cell above, in the row drawn last."""
        cells = self.rows[-1].cells if self.rows else b""
        return cells[2 * column] if 2 * column < len(cells) else 0

    def move(self, bus: _Bus, column: int) -> None:
        """Note that a lane goes on in another column."""
        if self.lanes[bus.column] is bus:
            self.lanes[bus.column] = None
        bus.column = column
        self.lanes[column] = bus

    # -- nodes ------------------------------------------------------------------------------------------------

    def draw(self, item: int) -> None:
        """Bring in what leads to an item, draw it, and lead on from it."""
        buses = self.leading_to(item)
        goes = self.without_twins([bus for bus in buses if bus.left > 1])
        ends = [bus for bus in buses if bus.left == 1]
        if not buses:
            column, tap = self.root(item), None
        elif goes:
            column, tap = self.tapped(goes, ends)
        elif len(ends) == 1:
            column, tap = self.single(item, ends[0])
        else:
            column, tap = min(self.free(), *(bus.column for bus in ends)), None
            self.run([bus.column for bus in ends], [column])
            self.clear(ends, column, ends[0])
        continues = tap is not None and tap.left > 1
        for bus in (*goes, *ends):
            self.serve(bus, item)
        self.node(item, column, tap, continues=continues)

    def leading_to(self, item: int) -> list[_Bus]:
        found: dict[int, _Bus] = {}
        for source in self.dag.before[item]:
            bus = self.out[source]
            if bus is not None:
                found.setdefault(bus.column, bus)
        if self.parent[item] >= 0:
            bus = self.back[self.parent[item]]
            if bus is not None:
                found.setdefault(bus.column, bus)
        return [found[column] for column in sorted(found)]

    def clear(self, buses: Iterable[_Bus], column: int, kept: _Bus) -> None:
        """All these lanes become the one in `column`."""
        for bus in buses:
            if self.lanes[bus.column] is bus:
                self.lanes[bus.column] = None
        kept.column = column
        self.lanes[column] = kept

    def without_twins(self, goes: list[_Bus]) -> list[_Bus]:
        """Join lanes that lead to the same targets: one of them serves for all."""
        twins: dict[int, list[_Bus]] = {}
        for bus in goes:
            twins.setdefault(bus.kind, []).append(bus)
        if len(twins) == len(goes):
            return goes
        kept: list[_Bus] = []
        for same in twins.values():
            first = same[0]
            kept.append(first)
            if len(same) > 1:
                self.run([bus.column for bus in same], [first.column])
                for bus in same[1:]:
                    self.lanes[bus.column] = None
                    self.join(bus, first)
        return kept

    def join(self, bus: _Bus, into: _Bus) -> None:
        """What came by one lane comes by the other from now on."""
        into.sources += bus.sources
        for source in self.dag.before[bus.targets[0]]:  # all of them are among these
            if self.out[source] is bus:
                self.out[source] = into

    def root(self, item: int) -> int:
        """A column for a node that nothing leads to."""
        column = self.free()
        quiet = all(bus is None for bus in self.lanes)
        if self.rows and (quiet or (self.above(column) & NODE and not self.like_above(item, column))):
            # Right under another node it would look like its successor.
            self.put(self.blank())
        return column

    def like_above(self, item: int, column: int) -> bool:
        """Whether the node drawn last is a root as well, and both lead east to the same: then they are a list."""
        above = self.rows[-1].item
        is_root = not self.dag.before[above] and self.parent[above] < 0
        return is_root and self.kind[above] == self.kind[item] >= 0 and bool(self.above(column) & EAST)

    def single(self, item: int, bus: _Bus) -> tuple[int, _Bus | None]:
        """A column for a node that one lane ends at."""
        column = bus.column
        if bus.dashed:
            # A sub-DAG is set in, unless its lane already is; one that is a single task, as in a recursion, is not.
            nested = not bus.aside and column < DEEPEST and bool(self.dag.after[item])
            sibling = bus.fan > 1
        else:
            nested, sibling = False, bus.fan > 1 and bus.weight >= self.weight[item]
        if (nested or sibling) and self.is_free(column + 1):
            return self.free(column + 1), bus
        left = self.free()
        if left < column and (bus.sources > 1 or column - left > FAR):
            self.run([column], [left], dashed=bus.dashed)
            self.move(bus, left)
            return left, None
        if bus.dashed and self.above(column) & NODE:
            self.put(self.blank())  # right under its parent it would look like its successor
        return column, None

    def tapped(self, goes: list[_Bus], ends: list[_Bus]) -> tuple[int, _Bus]:
        """A column for a node that lanes lead to which go on: the first is tapped beside the node, others before."""
        tap = min(goes, key=lambda bus: bus.column)
        joined = [bus.column for bus in ends]
        for bus in goes:
            if bus is not tap:
                column = self.free(tap.column + 1)
                self.run([bus.column], [bus.column, column])
                self.lanes[column] = bus  # kept until it is joined below
                joined.append(column)
        for column in joined:
            other = self.lanes[column]
            if other is not None and other.column != column:
                self.lanes[column] = None
        right = [column for column in joined if column > tap.column]
        column = min(right) if right else self.free(tap.column + 1)
        if len(joined) > 1 or (joined and not right):
            self.run(joined, [column])
        elif joined and self.above(column) & NODE:
            self.put(self.blank())  # reached from the west, it would not look reached from the node above as well
        for bus in ends:
            self.lanes[bus.column] = None
        return column, tap

    def node(self, item: int, column: int, tap: _Bus | None, *, continues: bool) -> None:
        """The row of a node."""
        cells = self.blank()
        cells[2 * column] = NODE
        if tap is not None:
            dash = DASHED if tap.dashed else 0
            _span(cells, tap.column, column, dash)
            cells[2 * tap.column] = NORTH | EAST | (SOUTH if continues else 0) | dash
            cells[2 * column] |= WEST
        targets, entries = self.dag.after[item], self.dag.returned[item]
        if targets:
            self.lead_on(item, column, cells)
        if entries:
            below = self.lanes[column] is None
            to = column if below else self.free(column + 1)
            bus = self.back[item] = self.open(to, entries)
            bus.aside = not below
            if not below:
                cells.extend(bytes(max(0, 2 * to + 1 - len(cells))))
                _span(cells, column, to, DASHED)
                cells[2 * to] = SOUTH | WEST | DASHED
                cells[2 * column] |= EAST
        self.put(cells, item)

    def lead_on(self, item: int, column: int, cells: bytearray) -> None:
        """Begin the lane of an item's successors, or join one that leads to the same."""
        targets, kind = self.dag.after[item], self.kind[item]
        self.alike[kind] -= 1
        joined = self.like(item, column)
        if joined is None and not self.alike[kind]:
            self.out[item] = self.open(column, targets, kind)
            return
        if joined is None:
            to = self.free(column + 1)
            bus, arms = self.open(to, targets, kind), SOUTH | WEST
        else:
            bus, to, arms = joined, joined.column, VERTICAL | WEST
            bus.sources += 1
        self.out[item] = bus
        cells.extend(bytes(max(0, 2 * to + 1 - len(cells))))
        _span(cells, column, to, 0)
        cells[2 * to] = arms
        cells[2 * column] |= EAST

    def like(self, item: int, column: int) -> _Bus | None:
        """A lane to the right of `column` that leads to exactly the targets of an item."""
        targets = self.dag.after[item]
        for bus in self.lanes[column + 1 :]:
            if bus is None or bus.dashed or bus.left != len(targets):
                continue
            if bus.kind == self.kind[item] or (bus.left == 1 and bus.sum == targets[0]):
                return bus
        return None


def _span(cells: bytearray, first: int, last: int, dash: int) -> None:
    """Horizontal cells between two columns; lanes that pass stay as they are: the horizontal goes on behind them."""
    for at in range(2 * first + 1, 2 * last):
        if not cells[at]:
            cells[at] = HORIZONTAL | dash


def route(dag: Dag, order: Sequence[int], weight: Sequence[int], limit: int) -> tuple[Row, ...]:
    """The rows of a drawing.

    Args:
        dag: What to draw.
        order: Its items, upstream before downstream.
        weight: How much follows each item: the heaviest of several goes straight on.
        limit: How many lanes there may be.

    Raises:
        TooManyLanes: There would have to be more.
    """
    router = _Router(dag, weight, limit)
    for item in order:
        router.draw(item)
    return tuple(router.rows)
