"""The last touch to rows: a vertex moves by a few where lines would otherwise climb above their goal and come down.

What a move is worth is told by laying out the channels that it touches, so it is for small graphs, and for channels
with such lines only. Budgets are counts of channels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.columns import place
from wftui.dag.free_rows import STEP
from wftui.dag.nets import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.dag.nets import Channel
    from wftui.dag.proper import Proper

# What counts as much as a row of vertical line: a bend or join, a row of detour, a row that is put in.
_BEND, _DETOUR, _PUT_IN = 2, 8, 12
# So many rows up and down are tried for a vertex.
_REACH = 3


def tidy(graph: Proper, layers: Sequence[Sequence[int]], rows: Sequence[int], *, corners: bool, most: int) -> list[int]:
    """Better rows: ascending in every layer as before, and none without a vertex.

    Args:
        graph: The layered graph.
        layers: The order of every layer.
        rows: The row of every vertex.
        corners: It is drawn with corners, see `columns.place`.
        most: How many channels may be laid out to find them.
    """
    search = _Search(graph, layers, rows, corners=corners)
    search.run(most)
    dense = {row: i for i, row in enumerate(sorted(set(search.rows)))}
    return [dense[row] for row in search.rows]


class _Search:
    """Rows under way.

    Attributes:
        rows: The row of every vertex now, a multiple of STEP.
        costs: What every channel costs, and how much of that are detours.
    """

    def __init__(self, graph: Proper, layers: Sequence[Sequence[int]], rows: Sequence[int], *, corners: bool) -> None:
        self.graph, self.layers, self.corners = graph, layers, corners
        self.rows = [row * STEP for row in rows]
        self.height = max(rows) + 1
        self.costs = [self._cost(at) for at in range(len(layers) - 1)]
        self.looks = 0

    def run(self, most: int) -> None:
        """Move vertices at channels with detours while that gains, and as long as there are channels to spend."""
        gained = True
        while gained:
            gained = False
            for at in sorted(range(len(self.costs)), key=lambda at: (-self.costs[at][1], at)):
                for vertex in (*self.layers[at], *self.layers[at + 1]):
                    if not self.costs[at][1] or self.looks >= most:
                        break
                    gained = self._better(vertex) or gained
            if self.looks >= most:
                break

    def _better(self, vertex: int) -> bool:
        """Try the moves of a vertex and take the best of them; tells whether there is one."""
        best, kept = 0, None
        for moves in self._moves(vertex):
            gain, made = self._try(moves)
            if gain > best:
                best, kept = gain, (moves, made)
        if kept is None:
            return False
        moves, made = kept
        for moved, row in moves.items():
            self.rows[moved] = row
        for at, cost in made.items():
            self.costs[at] = cost
        return True

    def _try(self, moves: dict[int, int]) -> tuple[int, dict[int, tuple[int, int]]]:
        """What a move gains, and the costs of the channels that it touches."""
        before = {vertex: self.rows[vertex] for vertex in moves}
        for vertex, row in moves.items():
            self.rows[vertex] = row
        ranks = {self.graph.rank[vertex] for vertex in moves}
        touched = [at for at in range(min(ranks) - 1, max(ranks) + 1) if 0 <= at < len(self.costs)]
        made = {at: self._cost(at) for at in touched}
        self.looks += len(touched)
        for vertex, row in before.items():
            self.rows[vertex] = row
        return sum(self.costs[at][0] - cost for at, (cost, _) in made.items()), made

    def _moves(self, vertex: int) -> Iterator[dict[int, int]]:
        """New rows of a vertex and of those that it pushes on; of the straight line, too, in which it stands."""
        line = self._line(vertex)
        for distance in range(1, _REACH + 1):
            for by in (distance * STEP, -distance * STEP):
                alone = self._pushed(vertex, by)
                if alone:
                    yield alone
                together: dict[int, int] = {}
                for member in line:
                    pushed = self._pushed(member, by)
                    together = {**together, **pushed} if pushed else {}
                    if not together:
                        break
                if together and together != alone:
                    yield together

    def _pushed(self, vertex: int, by: int) -> dict[int, int]:
        """The rows of a vertex that moves, and of those in its layer that make way; empty if there is no room."""
        layer = self.layers[self.graph.rank[vertex]]
        step = 1 if by > 0 else -1
        on = step * STEP
        at, row = layer.index(vertex), self.rows[vertex] + by
        made: dict[int, int] = {}
        while 0 <= at < len(layer) and (not made or (self.rows[layer[at]] - row) * step <= 0):
            made[layer[at]] = row
            at, row = at + step, row + on
        return made if 0 <= row - on < self.height * STEP else {}

    def _line(self, vertex: int) -> list[int]:
        """The vertices on the straight line through this one, as far as it neither forks nor joins."""
        line = [vertex]
        for ahead, back in ((self.graph.after, self.graph.before), (self.graph.before, self.graph.after)):
            here = vertex
            while len(ahead[here]) == 1 and len(back[ahead[here][0]]) == 1:
                there = ahead[here][0]
                if self.rows[there] != self.rows[here]:
                    break
                line.append(there)
                here = there
        return line

    def _cost(self, at: int) -> tuple[int, int]:
        """What a channel costs, and how much of that are detours."""
        rows = self.rows
        channel = connect(self.layers[at], rows, self.graph.after, self.height)
        columns = place(channel, corners=self.corners)
        detours = _DETOUR * _detours(channel, rows) // STEP
        length = bends = 0
        put_in: set[int] = set()
        for track in channel.tracks:
            low, high = track.span
            length += high - low
            bends += len({*track.west, *track.east})
            put_in.update(row for row in (*track.west, *track.east) if row % STEP)
        return columns * self.height + length // STEP + _BEND * bends + detours + _PUT_IN * len(put_in), detours


def _detours(channel: Channel, rows: Sequence[int]) -> int:
    """How much longer verticals are than they need be, over all ways."""
    total = 0
    for (source, target), hops in channel.routes.items():
        here, way = rows[source], 0
        for track, row in hops:
            goal = row
            while goal in track.moved:
                goal, track = track.moved[goal][0], track.moved[goal][1]
                way += abs(goal - here)
                here, goal = goal, row
            way += abs(row - here)
            here = row
        total += way - abs(rows[target] - rows[source])
    return total
