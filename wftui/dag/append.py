"""Appending: new nodes take free rows behind those that they wait for, and nothing that is there moves.

The lines of the channels that they pass are laid anew, in the columns that there are. A layout that is still to grow
should therefore be made with spare columns (`Wish.spare`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.assembly import Assembly, Frame
from wftui.dag.proper import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.layout import Layout, Wire


def append(
    layout: Layout, names: Sequence[str], edges: Sequence[tuple[int, int]], widths: Sequence[int]
) -> Layout | None:
    """The layout with more nodes, at the end of `names`; None where that takes a new layout.

    That is so when an edge leads to a node that was there, or when edges went. When a channel has no column left, what
    is right of it moves to the right, all by as much.

    Args:
        layout: The layout of the first nodes.
        names: All nodes, those of the layout first, in its order.
        edges: All edges, each once, those of the layout first, in its order.
        widths: The cells that each box wants. A new box is cut to the width of its layer.
    """
    old = len(layout.boxes)
    known = len(layout.wires)
    grown = all(wire.source == names[a] and wire.target == names[b] for wire, (a, b) in zip(layout.wires, edges))  # noqa: B905 - lengths are told below
    if list(layout.boxes) != list(names[:old]) or len(edges) < known or not grown or not old:
        return None
    if any(head < old or tail >= head for tail, head in edges[known:]):
        return None
    return _Growing(layout, names, edges, widths).layout()


class _Growing:
    """One append under way. `taken` holds the rows in use, by layer."""

    def __init__(
        self, layout: Layout, names: Sequence[str], edges: Sequence[tuple[int, int]], widths: Sequence[int]
    ) -> None:
        self.old, self.known = len(layout.boxes), len(layout.wires)
        self.base, self.names, self.edges = layout, names, edges
        self.left = tuple(layout.boxes[layer[0]].x for layer in layout.layers)
        self.widest = tuple(max(layout.boxes[name].w for name in layer) for layer in layout.layers)
        self.widths = list(widths)
        layer_of = {name: i for i, layer in enumerate(layout.layers) for name in layer}
        boxes = list(layout.boxes.values())
        self.rank = [layer_of[name] for name in names[: self.old]] + [0] * (len(names) - self.old)
        self.row = [box.y for box in boxes] + [0] * (len(names) - self.old)
        self.widths[: self.old] = [box.w for box in boxes]
        self.taken: list[set[int]] = [set() for _ in layout.layers]
        for rank, row in zip(self.rank[: self.old], self.row, strict=False):
            self.taken[rank].add(row)
        self.chains: dict[tuple[int, int], int] = {}

    def layout(self) -> Layout:
        """Place everything and draw it."""
        waypoints: dict[tuple[int, int], int] = {}
        paths = [self._kept(wire, edge, waypoints) for wire, edge in zip(self.base.wires, self.edges, strict=False)]
        before: list[list[int]] = [[] for _ in self.names]
        for tail, head in self.edges[self.known :]:
            before[head].append(tail)
        for node in range(self.old, len(self.names)):
            self._add(node, before[node])
        paths += [self._led(tail, head) for tail, head in self.edges[self.known :]]
        proper = join(len(self.names), self.rank, paths)
        layers = [sorted(layer, key=self.row.__getitem__) for layer in proper.layers]
        frame = Frame(self.left, self.widest, self.base.height)
        return Assembly(proper, layers, self.row, self.names, self.widths, frame=frame).layout(self.edges)

    def _vertex(self, rank: int, row: int) -> int:
        self.rank.append(rank)
        self.row.append(row)
        self.taken[rank].add(row)
        return len(self.rank) - 1

    def _kept(self, wire: Wire, edge: tuple[int, int], waypoints: dict[tuple[int, int], int]) -> list[int]:
        """The path of an edge that is there, through the rows where it passes the layers."""
        path = [edge[0]]
        for rank in range(self.rank[edge[0]] + 1, self.rank[edge[1]]):
            x = self.left[rank]
            row = next(
                y0
                for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:], strict=False)
                if x0 <= x <= x1 and y0 == y1
            )
            if (rank, row) not in waypoints:
                waypoints[rank, row] = self._vertex(rank, row)
            path.append(waypoints[rank, row])
        return [*path, edge[1]]

    def _add(self, node: int, sources: list[int]) -> None:
        rank = max((self.rank[source] + 1 for source in sources), default=0)
        while len(self.taken) <= rank:
            self.taken.append(set())
        wanted = sorted(self.row[source] for source in sources)
        row = self._free(rank, wanted[len(wanted) >> 1] if wanted else self.base.height)
        self.rank[node], self.row[node] = rank, row
        self.taken[rank].add(row)
        if rank < len(self.widest):
            self.widths[node] = min(self.widths[node], self.widest[rank])

    def _free(self, rank: int, near: int) -> int:
        taken = self.taken[rank]
        distance = 0
        while True:
            for row in (near + distance, near - distance):
                if row >= 0 and row not in taken:
                    return row
            distance += 1

    def _led(self, tail: int, head: int) -> list[int]:
        """The path of a new edge; new edges from one node share their waypoints."""
        path = [tail]
        for rank in range(self.rank[tail] + 1, self.rank[head]):
            vertex = self.chains.get((tail, rank))
            if vertex is None:
                vertex = self.chains[tail, rank] = self._vertex(rank, self._free(rank, self.row[tail]))
            path.append(vertex)
        return [*path, head]
