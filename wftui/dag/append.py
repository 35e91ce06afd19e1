"""Appending: new nodes take free rows behind those that they wait for, and nothing that is there moves.

The lines of the channels that they pass are laid anew, in the columns that there are. A layout that is still to grow
should therefore be made with spare columns (`Wish.spare`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING

from wftui.dag.assembly import Assembly, Frame
from wftui.dag.board import SPARE
from wftui.dag.boxes import box_room
from wftui.dag.extension import extend
from wftui.dag.graphs import nodes_by_id
from wftui.dag.proper import join
from wftui.dag.shaping import shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from wftui.dag.board import Board
    from wftui.dag.layout import Layout
    from wftui.dag.picture import Pen
    from wftui.model.graph import Graph

# So many free rows are looked at for a new node.
_CHOICES = 6
# Where more pairs of lines than this may cross, the nearest row is as good as any.
_MOST_PAIRS = 20_000


def grow(board: Board, graph: Graph, pen: Pen) -> Board | None:
    """The board with what is new in its graph, everything that was there in its place.

    Args:
        board: What is on screen.
        graph: The graph as it is now.
        pen: The pen that the board was arranged with.

    Returns:
        None where that takes a new layout: something went, or an edge leads into what was there.
    """
    plan = board.plan
    single = replace(plan, grouped=False, folds=replace(plan.folds, chains=False))
    dag = extend(board.dag, shape(graph, pen.name, plan), shape(graph, pen.name, single))
    if dag is None:
        return None
    if len(dag.items) == len(board.dag.items):
        return replace(board, dag=dag)
    nodes, old = nodes_by_id(graph), len(board.dag.items)
    rooms = [box_room(item, nodes, pen, live=not plan.at_rest) for item in dag.items]
    names = [item.id for item in dag.items]
    number = {name: at for at, name in enumerate(names)}
    edges = [(number[wire.source], number[wire.target]) for wire in board.layout.wires]
    edges += [(at, other) for at in range(len(names)) for other in dict.fromkeys(dag.following(at)) if other >= old]
    widths, even = [room.width for room in rooms], [room.even for room in rooms]
    layout = append(board.layout, names, edges, widths, even=even, spare=0 if plan.at_rest else SPARE)
    return replace(board, dag=dag, layout=layout) if layout is not None else None


def append(
    layout: Layout,
    names: Sequence[str],
    edges: Sequence[tuple[int, int]],
    widths: Sequence[int],
    *,
    even: Sequence[bool] = (),
    spare: int = 0,
) -> Layout | None:
    """The layout with more nodes, at the end of `names`; None where that takes a new layout.

    That is so when an edge leads to a node that was there, or when edges went. When a channel has no column left, what
    is right of it moves to the right, all by as much.

    Args:
        layout: The layout of the first nodes.
        names: All nodes, those of the layout first, in its order.
        edges: All edges, each once, those of the layout first, in its order.
        widths: The cells that each box wants. A new box is cut to the width of its layer, but not to less than half.
        even: Boxes that become as wide as the widest of their layer, by position.
        spare: Columns that new channels, and those that had too few, keep for what comes next.
    """
    old = len(layout.boxes)
    known = len(layout.wires)
    grown = all(wire.source == names[a] and wire.target == names[b] for wire, (a, b) in zip(layout.wires, edges))  # noqa: B905 - lengths are told below
    if list(layout.boxes) != list(names[:old]) or len(edges) < known or not grown or not old:
        return None
    if any(head < old or tail >= head for tail, head in edges[known:]):
        return None
    return _Growing(layout, names, edges, widths).layout(even, spare)


class _Growing:
    """One append under way.

    Attributes:
        taken: The rows in use, by layer.
        lines: Of every node the way that its long lines share, as vertices.
        segments: Where lines run from each layer to the next, as rows (from, to).
    """

    def __init__(
        self, layout: Layout, names: Sequence[str], edges: Sequence[tuple[int, int]], widths: Sequence[int]
    ) -> None:
        self.old, self.known = len(layout.boxes), len(layout.wires)
        self.base, self.names, self.edges = layout, names, edges
        self.left = tuple(layout.boxes[layer[0]].x for layer in layout.layers)
        self.widest = [max(layout.boxes[name].w for name in layer) for layer in layout.layers]
        self.widths = list(widths)
        layer_of = {name: i for i, layer in enumerate(layout.layers) for name in layer}
        boxes = list(layout.boxes.values())
        self.rank = [layer_of[name] for name in names[: self.old]] + [0] * (len(names) - self.old)
        self.row = [box.y for box in boxes] + [0] * (len(names) - self.old)
        self.widths[: self.old] = [box.w for box in boxes]
        self.taken: list[set[int]] = [set() for _ in layout.layers]
        for rank, row in zip(self.rank[: self.old], self.row, strict=False):
            self.taken[rank].add(row)
        self.lines: dict[int, list[int]] = {}
        self.segments: dict[int, list[tuple[int, int]]] = {}

    def layout(self, even: Sequence[bool], spare: int) -> Layout:
        """Place everything and draw it."""
        paths = self._kept()
        for a, b in dict.fromkeys(pair for path in paths for pair in pairwise(path)):
            self.segments.setdefault(self.rank[a], []).append((self.row[a], self.row[b]))
        before: list[list[int]] = [[] for _ in self.names]
        for tail, head in self.edges[self.known :]:
            before[head].append(tail)
        led: dict[tuple[int, int], list[int]] = {}
        for node in range(self.old, len(self.names)):
            self._add(node, before[node])
            led.update(((tail, node), self._led(tail, node)) for tail in before[node])
        paths += [led[edge] for edge in self.edges[self.known :]]
        proper = join(len(self.names), self.rank, paths)
        layers = [sorted(layer, key=self.row.__getitem__) for layer in proper.layers]
        frame = Frame(self.left, tuple(self.widest), self.base.height)
        evened = [*(False,) * self.old, *even[self.old :]] if even else ()
        corners = self.base.corners
        made = Assembly(
            proper, layers, self.row, self.names, self.widths, even=evened, frame=frame, spare=spare, corners=corners
        )
        return made.layout(self.edges)

    def _vertex(self, rank: int, row: int) -> int:
        self.rank.append(rank)
        self.row.append(row)
        self.taken[rank].add(row)
        return len(self.rank) - 1

    def _kept(self) -> list[list[int]]:
        """The paths of the edges that are there, through the rows where they pass the layers.

        Fills `lines`: of every node the longest way that only edges of its own take, for more of them to follow.
        """
        waypoints: dict[tuple[int, int], int] = {}
        sources: dict[int, int] = {}  # of each waypoint; -1 for several
        paths: list[list[int]] = []
        for wire, (tail, head) in zip(self.base.wires, self.edges, strict=False):
            path = [tail]
            level = [(x0, x1, y0) for (x0, y0), (x1, y1) in pairwise(wire.points) if y0 == y1]
            for rank in range(self.rank[tail] + 1, self.rank[head]):
                x = self.left[rank]
                row = next(y for x0, x1, y in level if x0 <= x <= x1)
                if (rank, row) not in waypoints:
                    waypoints[rank, row] = self._vertex(rank, row)
                path.append(waypoints[rank, row])
                sources[path[-1]] = tail if sources.get(path[-1], tail) == tail else -1
            paths.append([*path, head])
        for path in paths:
            line = [path[0], *takewhile(lambda vertex, tail=path[0]: sources.get(vertex) == tail, path[1:-1])]  # type: ignore[misc]
            if len(line) > len(self.lines.get(path[0], ())):
                self.lines[path[0]] = line
        return paths

    def _add(self, node: int, sources: list[int]) -> None:
        """Choose the layer and the row of a new node."""
        rank = max((self.rank[source] + 1 for source in sources), default=0)
        while len(self.taken) <= rank:
            self.taken.append(set())
        ends = [self._end(source, rank) for source in sources]
        wanted = sorted(self.row[end] for end in ends)
        near = wanted[len(wanted) >> 1] if wanted else self.base.height
        row = self._best(rank, near, [self.row[end] for end in ends])
        for end in ends:
            self.segments.setdefault(rank - 1, []).append((self.row[end], row))
        self.rank[node], self.row[node] = rank, row
        self.taken[rank].add(row)
        if rank < len(self.widest):
            # A label that is cut to less than half tells nothing: then rather all that is right of it moves.
            least = self.widths[node] if rank == len(self.widest) - 1 else (self.widths[node] + 1) // 2
            self.widest[rank] = max(self.widest[rank], least)
            self.widths[node] = min(self.widths[node], self.widest[rank])

    def _best(self, rank: int, near: int, ends: Sequence[int]) -> int:
        """One of the nearest free rows: the fewer lines are crossed on the way there the better, but not far away."""
        segments = self.segments.get(rank - 1, ())
        choices = _CHOICES if len(ends) * len(segments) <= _MOST_PAIRS else 1
        rows: list[tuple[int, int]] = []
        for distance in count():
            for row in dict.fromkeys((near + distance, near - distance)):
                if row >= 0 and row not in self.taken[rank]:
                    crossed = sum([(a - end) * (b - row) < 0 for end in ends for a, b in segments])
                    rows.append((crossed + distance, row))
            if len(rows) >= choices:
                break
        least = min(cost for cost, _ in rows)
        return next(row for cost, row in rows if cost == least)

    def _end(self, tail: int, rank: int) -> int:
        """The last vertex before a layer on the way that the edges of a node share."""
        line = self.lines.get(tail, [tail])
        return line[min(len(line), rank - self.rank[tail]) - 1]

    @staticmethod
    def _free(taken: AbstractSet[int], near: int) -> int:
        distance = 0
        while True:
            for row in (near + distance, near - distance):
                if row >= 0 and row not in taken:
                    return row
            distance += 1

    def _led(self, tail: int, head: int) -> list[int]:
        """The path of a new edge: where others of the same node are already, then straight on in one row."""
        line = self.lines.setdefault(tail, [tail])
        path = line[: self.rank[head] - self.rank[tail]]
        passed = range(self.rank[path[-1]] + 1, self.rank[head])
        if passed:
            taken = set().union(*[self.taken[rank] for rank in passed])
            row = self._free(taken, self.row[path[-1]])
            more = [self._vertex(rank, row) for rank in passed]
            path += more
            line += more
        return [*path, head]
