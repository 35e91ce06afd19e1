"""From rows to cells: tracks, columns, boxes, and the corners of every line."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.columns import place
from wftui.dag.crossings import exact
from wftui.dag.free_rows import STEP
from wftui.dag.layout import Box, Layout, Wire
from wftui.dag.nets import connect

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wftui.dag.nets import Channel, Track
    from wftui.dag.proper import Proper

# Blank cells beside the tracks of a channel, where every line runs straight.
_MARGIN = 1
# Lines that meet in one track: where they fork or join, and where so many do that more will leave them.
_FORK, _COMB = 3, 12


@dataclass(frozen=True, slots=True)
class Frame:
    """What may not move when nodes are appended.

    Attributes:
        left: The first cell of every layer.
        widest: The cells of its widest box.
        height: How many rows there are.
    """

    left: tuple[int, ...]
    widest: tuple[int, ...]
    height: int


class Assembly:
    """Turns layers whose rows are known into cells.

    Args:
        proper: The layered graph.
        layers: The order of every layer.
        rows: The row of every vertex, ascending in every layer.
        names: What each node is called.
        widths: The cells of each node's box.
        even: Boxes that become as wide as the widest of their layer.
        frame: A layout whose rows, and as far as there is room whose columns, stay.
        spare: Columns that every channel gets beyond what it needs, and more where it is wide; 0 for none.
        corners: It is drawn with corners, see `columns.place`.
    """

    def __init__(
        self,
        proper: Proper,
        layers: list[list[int]],
        rows: Sequence[int],
        names: Sequence[str],
        widths: Sequence[int],
        *,
        even: Sequence[bool] = (),
        frame: Frame | None = None,
        spare: int = 0,
        corners: bool = False,
    ) -> None:
        self.proper = proper
        self.corners = corners
        self.layers = layers
        self.names = names
        self.rows = [row * STEP for row in rows]
        height = max(max(rows) + 1, frame.height if frame else 0)
        rigid = frame is not None
        self.channels = [connect(layer, self.rows, proper.after, height, rigid=rigid) for layer in layers[:-1]]
        columns = [place(channel, corners=corners) for channel in self.channels]
        for i, room in enumerate(_rooms(frame) if frame else ()):
            if columns[i] > room:
                self.channels[i] = connect(layers[i], self.rows, proper.after, height, rigid=rigid)
                columns[i] = place(self.channels[i], corners=corners, tight=True)
        widest = [max((widths[v] for v in layer if v < proper.n), default=1) for layer in layers]
        self.widths = [
            widest[rank] if evened else width
            for rank, width, evened in zip(proper.rank[: proper.n], widths, even or (False,) * proper.n, strict=True)
        ]
        self.margins = [_MARGIN] * len(layers)
        self.left = [0]
        for wide, count in zip(widest, columns, strict=False):
            room = count + _reserve(self.channels[len(self.left) - 1], count, spare, corners=self.corners)
            self.left.append(self.left[-1] + wide + room + 2 * _MARGIN)
        if frame is not None:
            self._keep(frame, columns, widest, spare)
        self.first_column = [
            left + wide + margin for left, wide, margin in zip(self.left, widest, self.margins, strict=True)
        ]
        self.width = self.left[-1] + widest[-1]
        used = set(range(0, height * STEP, STEP))
        for channel in self.channels:
            for track in channel.tracks:
                used.update(track.west, track.east)
        self.y = {row: i for i, row in enumerate(sorted(used))}

    def _keep(self, frame: Frame, columns: list[int], widest: list[int], spare: int) -> None:
        """Take the frame's columns; where a channel has too few, what is right of it moves to the right.

        It moves so far that more may come, because where one came others do. A new channel is at least as wide as the
        one before it.
        """
        rooms = _rooms(frame)
        shift = 0
        for i, left in enumerate(frame.left):
            self.left[i] = left + shift
            widest[i] = frame.widest[i]
            if i + 1 < len(frame.left):
                lacking = columns[i] - rooms[i]
                if lacking > 0 and not self._squeeze(i, columns[i], lacking):
                    shift += lacking + 2 * _reserve(self.channels[i], columns[i], spare, corners=self.corners)
        for i in range(len(frame.left), len(self.left)):
            room = (
                columns[i - 1]
                + _reserve(self.channels[i - 1], columns[i - 1], spare, corners=self.corners)
                + 2 * _MARGIN
            )
            if spare and i > 1:
                room = max(room, self.left[i - 1] - self.left[i - 2] - widest[i - 2])
            self.left[i] = self.left[i - 1] + widest[i - 1] + room

    def _squeeze(self, at: int, columns: int, lacking: int) -> bool:
        """Let lines turn right at the boxes before anything has to move, in Unicode; tells whether that is enough.

        None of those may be crossed there: it would not be seen where it starts or ends. A line that only runs straight
        keeps a cell to be seen in.
        """
        if columns == 0 and lacking > _MARGIN:
            return False
        channel, layers = self.channels[at], self.layers
        starts = {self.rows[v] for v in layers[at] if v < self.proper.n and self.proper.after[v]}
        ends = {self.rows[v] for v in layers[at + 1] if v < self.proper.n}
        east = _MARGIN if self.corners and not _crossed(channel, columns - 1, ends) else 0
        west = _MARGIN if self.corners and not _crossed(channel, 0, starts) else 0
        if lacking > east + west:
            return False
        self.margins[at] -= max(0, lacking - east)
        return True

    def layout(self, edges: Sequence[tuple[int, int]]) -> Layout:
        """The layout; `edges` are those of the paths, in their order."""
        proper, names = self.proper, self.names
        place_in_layer = [0] * len(proper.rank)
        for layer in self.layers:
            for i, vertex in enumerate(layer):
                place_in_layer[vertex] = i
        boxes = {
            names[v]: Box(self.left[proper.rank[v]], self.y[self.rows[v]], self.widths[v]) for v in range(proper.n)
        }
        wires = tuple(
            Wire(names[tail], names[head], self._points(path))
            for (tail, head), path in zip(edges, proper.paths, strict=True)
        )
        return Layout(
            width=self.width,
            height=len(self.y),
            boxes=boxes,
            layers=tuple(tuple(names[v] for v in layer if v < proper.n) for layer in self.layers),
            wires=wires,
            crossings=exact(proper, self.layers, place_in_layer),
            corners=self.corners,
        )

    def _points(self, path: Sequence[int]) -> tuple[tuple[int, int], ...]:
        tail, head = path[0], path[-1]
        rank = self.proper.rank[tail]
        y = self.y[self.rows[tail]]
        points = [(self.left[rank] + self.widths[tail], y)]
        for source, target in itertools.pairwise(path):
            first = self.first_column[self.proper.rank[source]]
            for track, row in _hops(self.channels[self.proper.rank[source]], source, target):
                to = self.y[row]
                if to != y:
                    points += [(first + track.column, y), (first + track.column, to)]
                    y = to
        points.append((self.left[self.proper.rank[head]] - 1, y))
        return tuple(points)


def _crossed(channel: Channel, column: int, rows: Collection[int]) -> bool:
    """Whether a line in one of these rows is crossed in a column."""
    for track in channel.tracks:
        if track.column == column:
            low, high = track.span
            pins = {*track.west, *track.east}
            if any(low < row < high and row not in pins for row in rows):
                return True
    return False


def _rooms(frame: Frame) -> list[int]:
    """How many columns there are for the tracks of each channel."""
    ends = [left + wide + 2 * _MARGIN for left, wide in zip(frame.left, frame.widest, strict=True)]
    return [right - end for right, end in zip(frame.left[1:], ends[:-1], strict=True)]


def _reserve(channel: Channel, columns: int, spare: int, *, corners: bool) -> int:
    """Columns that a channel keeps for what is appended later: lines that come need more where many lines are.

    They need more, too, where lines fork or join: what comes to lead elsewhere as well has to leave them.
    """
    if not spare:
        return 0
    ends = max((len(track.west) + len(track.east) for track in channel.tracks), default=0)
    shared = 0 if ends < _FORK else 2 if ends < _COMB else 4
    return spare + columns // 4 + shared + (1 if shared and not corners else 0)


def _hops(channel: Channel, source: int, target: int) -> list[tuple[Track, int]]:
    hops: list[tuple[Track, int]] = []
    for start, row in channel.routes[source, target]:
        track = start
        while row in track.moved:
            via, other = track.moved[row]
            hops.append((track, via))
            track = other
        hops.append((track, row))
    return hops
