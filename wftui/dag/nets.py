"""What must be connected in the channel between two layers, as tracks: vertical lines with pins on both sides.

Lines are read from left to right and never go back, so a track may carry several sources to several targets only
when each of them leads to all of those. Sources with the same targets share one track (a bus); a target that is fed
from several buses has a track of its own that gathers them. Then every way along the lines is an edge.

Rows here are multiples of `STEP`; the numbers between stand for rows that are put in where no free one is near.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 64
# A free row farther away than this makes a line that is hard to follow: a new row is put in instead.
_FAR = 5 * STEP


@dataclass(slots=True, eq=False)
class Track:
    """A vertical line.

    Attributes:
        west: Rows where lines arrive from the left.
        east: Rows where lines leave to the right.
        before: Tracks that must stand to the left of it, one for each reason.
        after: Tracks that must stand to the right of it.
        waits: How many of `before` are not placed yet.
        column: Its column in the channel, from 0; -1 until it is placed.
        least: The first column that it may take.
        moved: Rows of `east` that another track took over, as row -> (row that leads there, that track).
    """

    west: list[int] = field(default_factory=list)
    east: list[int] = field(default_factory=list)
    before: list[Track] = field(default_factory=list)
    after: list[Track] = field(default_factory=list)
    waits: int = 0
    column: int = -1
    least: int = 0
    moved: dict[int, tuple[int, Track]] = field(default_factory=dict)

    @property
    def span(self) -> tuple[int, int]:
        """Its first and last row."""
        rows = self.west + self.east
        return min(rows), max(rows)

    def must_precede(self, other: Track) -> None:
        """Note that `other` stands to the right."""
        self.after.append(other)
        other.before.append(self)
        other.waits += 1

    def need_not_precede(self, other: Track) -> None:
        """Take back one such note."""
        self.after.remove(other)
        other.before.remove(self)
        other.waits -= 1


class FreeRows:
    """The rows of a channel that no line uses, handed out one by one."""

    def __init__(self, height: int, used: set[int]) -> None:
        self._free = [row for row in range(0, height * STEP, STEP) if row not in used]
        self._put_in: dict[int, int] = {}

    def take(self, near: int) -> int:
        """The nearest free row, or one that is put in below `near` when none is near."""
        free = self._free
        at = bisect_left(free, near)
        if at == len(free) or (at and near - free[at - 1] <= free[at] - near):
            at -= 1
        if at >= 0 and abs(free[at] - near) <= _FAR:
            return free.pop(at)
        base = near - near % STEP
        while self._put_in.get(base, 0) >= STEP - 1:
            base += STEP
        self._put_in[base] = self._put_in.get(base, 0) + 1
        return base + self._put_in[base]


@dataclass(slots=True)
class Channel:
    """The space between two layers.

    Attributes:
        free: Its free rows.
        tracks: All tracks.
        ends: The track where the line from the left ends, by row.
        starts: The track where the line to the right starts, by row.
        routes: For (source, target): the tracks on the way, each with the row where the line leaves it.
    """

    free: FreeRows
    tracks: list[Track] = field(default_factory=list)
    ends: dict[int, Track] = field(default_factory=dict)
    starts: dict[int, Track] = field(default_factory=dict)
    routes: dict[tuple[int, int], list[tuple[Track, int]]] = field(default_factory=dict)

    def new_track(self) -> Track:
        """One more track."""
        track = Track()
        self.tracks.append(track)
        return track


@dataclass(slots=True)
class _Bus:
    """A track from all of some sources to all of some targets."""

    track: Track
    sources: list[int]
    targets: tuple[int, ...]


def connect(sources: Sequence[int], row: Sequence[int], after: Sequence[Sequence[int]], height: int) -> Channel:
    """The tracks of a channel, with what must stand left of what.

    Args:
        sources: The vertices of the layer before it, in order.
        row: The row of every vertex, a multiple of STEP.
        after: The neighbours of every vertex in the layer behind it.
        height: How many rows there are.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for source in sources:
        if after[source]:
            groups.setdefault(tuple(sorted(after[source])), []).append(source)
    targets = dict.fromkeys(target for key in groups for target in key)
    left = {row[source] for source in sources if after[source]}
    right = {row[target] for target in targets}
    channel = Channel(FreeRows(height, left | right))
    alone: dict[int, list[int]] = {}
    buses: dict[int, list[_Bus]] = {}
    for key, members in groups.items():
        if len(key) == 1:
            alone[key[0]] = members
            continue
        bus = _Bus(channel.new_track(), members, key)
        bus.track.west = [row[source] for source in members]
        for source in members:
            channel.ends[row[source]] = bus.track
        for target in key:
            buses.setdefault(target, []).append(bus)
    gathers: list[tuple[int, Track]] = []
    for target in sorted(targets, key=row.__getitem__):
        gather = _reach(channel, target, alone.get(target, []), buses.get(target, []), row)
        if gather:
            gathers.append((target, gather))
    for target, gather in gathers:
        for bus in buses[target]:
            _feed(channel, bus, gather, target, row, right)
    for at, track in channel.ends.items():
        start = channel.starts.get(at)
        if start and start is not track:
            track.must_precede(start)
    return channel


def _reach(channel: Channel, target: int, alone: list[int], buses: list[_Bus], row: Sequence[int]) -> Track | None:
    """Lead to a target what leads to it alone; returns the track that has to gather buses too, if there is one."""
    here = row[target]
    if not alone and len(buses) == 1:
        buses[0].track.east.append(here)
        channel.starts[here] = buses[0].track
        for source in buses[0].sources:
            channel.routes[source, target] = [(buses[0].track, here)]
        return None
    if not buses and len(alone) == 1 and row[alone[0]] == here:
        channel.routes[alone[0], target] = []
        return None
    track = channel.new_track()
    track.west = [row[source] for source in alone]
    track.east = [here]
    channel.starts[here] = track
    for source in alone:
        channel.ends[row[source]] = track
        channel.routes[source, target] = [(track, here)]
    return track if buses else None


def _feed(channel: Channel, bus: _Bus, gather: Track, target: int, row: Sequence[int], right: set[int]) -> None:
    """Lead a bus to the track that gathers for a target, along a row that is theirs alone."""
    here = row[target]
    mine = {row[source] for source in bus.sources}
    holder = channel.ends.get(here)
    if here not in gather.west and (holder is None or (here in mine and holder is bus.track)):
        at = here
    else:
        open_rows = [r for r in mine if r not in right and channel.ends[r] is bus.track]
        at = min(open_rows, key=lambda r: (abs(r - here), r)) if open_rows else channel.free.take(here)
    if at in mine:
        channel.ends[at] = gather
    bus.track.east.append(at)
    gather.west.append(at)
    bus.track.must_precede(gather)
    for source in bus.sources:
        channel.routes[source, target] = [(bus.track, at), (gather, here)]
