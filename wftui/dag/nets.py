"""What must be connected in the channel between two layers, as tracks: vertical lines with pins on both sides.

Lines are read from left to right and never go back, so a track may carry several sources to several targets only
when each of them leads to all of those. Sources with the same targets share one track (a bus); a target that is fed
from several buses has a track of its own that gathers them. Then every way along the lines is an edge.

Rows are those of `free_rows`: multiples of `STEP`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.dag.free_rows import STEP, FreeRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.free_rows import Span

# One nearer than this is better than sharing a row with another line.
_NEAR = 2 * STEP
# How many tracks are looked at to tell whether two may share a row: for one pair, and in a whole channel.
_MOST_SEEN = 400
_MOST_SEEN_IN_ALL = 100_000


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
    def span(self) -> Span:
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


@dataclass(slots=True)
class Channel:
    """The space between two layers.

    Attributes:
        free: Its free rows.
        tracks: All tracks.
        ends: The track where the line from the left ends, by row.
        starts: The track where the line to the right starts, by row.
        opens: Where the line to the right starts farther left than that, because a bus feeds the track along it.
        routes: For (source, target): the tracks on the way, each with the row where the line leaves it.
        firsts: By target row: the track that joins what leads to this target alone, before buses join it.
        gaps: More places where one line ends and another starts: the row, the track on the left, that on the right.
        looks: How many tracks may still be looked at.
    """

    free: FreeRows
    tracks: list[Track] = field(default_factory=list)
    ends: dict[int, Track] = field(default_factory=dict)
    starts: dict[int, Track] = field(default_factory=dict)
    opens: dict[int, Track] = field(default_factory=dict)
    routes: dict[tuple[int, int], list[tuple[Track, int]]] = field(default_factory=dict)
    firsts: dict[int, Track] = field(default_factory=dict)
    gaps: list[tuple[int, Track, Track]] = field(default_factory=list)
    looks: int = _MOST_SEEN_IN_ALL

    def new_track(self) -> Track:
        """One more track."""
        track = Track()
        self.tracks.append(track)
        return track

    def leads(self, first: Track, other: Track) -> bool:
        """Whether `other` has to stand right of `first` already, or is it, or it would take too long to tell."""
        seen = {id(first)}
        todo = [first]
        while todo:
            track = todo.pop()
            self.looks -= 1
            if track is other or len(seen) > _MOST_SEEN or self.looks < 0:
                return True
            for more in track.after:
                if id(more) not in seen:
                    seen.add(id(more))
                    todo.append(more)
        return False


@dataclass(slots=True)
class _Bus:
    """A track from sources that all lead to the same targets."""

    track: Track
    sources: list[int]


def connect(
    sources: Sequence[int], row: Sequence[int], after: Sequence[Sequence[int]], height: int, *, rigid: bool = False
) -> Channel:
    """The tracks of a channel, with what must stand left of what.

    Args:
        sources: The vertices of the layer before it, in order.
        row: The row of every vertex, a multiple of STEP.
        after: The neighbours of every vertex in the layer behind it.
        height: How many rows there are.
        rigid: New rows may come below all others only.
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for source in sources:
        if after[source]:
            groups.setdefault(tuple(sorted(after[source])), []).append(source)
    targets = sorted({target for key in groups for target in key}, key=row.__getitem__)
    left = {row[source] for source in sources if after[source]}
    right = {row[target] for target in targets}
    channel = Channel(FreeRows(height, left | right, rigid=rigid))
    alone, buses = _buses(channel, groups, row)
    gathers: list[tuple[int, Track]] = []
    for target in targets:
        gather = _reach(channel, target, alone.get(target, []), buses.get(target, []), row)
        if gather:
            gathers.append((target, gather))
            for bus in buses[target]:
                bus.track.must_precede(gather)
    for at, track in channel.ends.items():
        start = channel.starts.get(at)
        if start and start is not track:
            track.must_precede(start)
    for target, gather in gathers:
        for bus in buses[target]:
            _feed(channel, bus, gather, (target, alone.get(target, [])), row, right)
    return channel


def _buses(
    channel: Channel, groups: dict[tuple[int, ...], list[int]], row: Sequence[int]
) -> tuple[dict[int, list[int]], dict[int, list[_Bus]]]:
    """By target: the sources that lead to it alone, and the buses of those that lead to others too."""
    alone: dict[int, list[int]] = {}
    buses: dict[int, list[_Bus]] = {}
    for key, members in groups.items():
        if len(key) == 1:
            alone[key[0]] = members
            continue
        bus = _Bus(channel.new_track(), members)
        bus.track.west = [row[source] for source in members]
        for source in members:
            channel.ends[row[source]] = bus.track
        for target in key:
            buses.setdefault(target, []).append(bus)
    return alone, buses


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


def _feed(
    channel: Channel, bus: _Bus, gather: Track, end: tuple[int, list[int]], row: Sequence[int], right: set[int]
) -> None:
    """Lead a bus to the track that gathers for a target, along a row that is theirs alone between the two.

    Args:
        channel: The channel.
        bus: What arrives.
        gather: Where it is led.
        end: The target, and the sources that lead to it alone.
        row: The row of every vertex.
        right: The rows of all targets.
    """
    target, alone = end
    here = row[target]
    mine = {row[source] for source in bus.sources}
    at = _open_row(channel, bus, gather, here, mine, right)
    # On the side from which the bus comes.
    near = here if min(mine) > here else max(0, here - STEP)
    if at is None and _led_aside(channel, bus, gather, here, [row[source] for source in alone]):
        at = here
    if at is None:
        at = _joined_before(channel, bus, gather, here, [row[source] for source in alone], near)
    if at is None and channel.free.distance(here) > _NEAR:
        at = _kept_row(channel, bus, gather, here, mine)
    if at is None:
        at = channel.free.take(near, bus.track.span, gather.span if gather.west else None)
    bus.track.east.append(at)
    gather.west.append(at)
    for source in bus.sources:
        channel.routes[source, target] = [(bus.track, at), (gather, here)]
    first = channel.firsts.get(here)
    if first:
        channel.routes.update({(source, target): [(first, first.east[0]), (gather, here)] for source in alone})


def _open_row(channel: Channel, bus: _Bus, gather: Track, here: int, mine: set[int], right: set[int]) -> int | None:
    """The target's row, or one of the sources', where nothing else is between the two tracks."""
    holder = channel.ends.get(here)
    if here not in gather.west and (holder is None or (here in mine and holder is bus.track)):
        if holder is not None:
            channel.ends[here] = gather
        return here
    for at in _own_rows(channel, bus, here, mine):
        if at not in right:
            channel.ends[at] = gather
            return at
    return None


def _own_rows(channel: Channel, bus: _Bus, here: int, mine: set[int]) -> list[int]:
    """Rows of sources whose lines end at the bus so far, the nearest first."""
    return sorted((row for row in mine if channel.ends[row] is bus.track), key=lambda row: (abs(row - here), row))


def _join(channel: Channel, gather: Track, here: int, alone: list[int], out: int) -> Track:
    """The track that joins what leads to a target alone; from there it goes to the gathering track in row `out`."""
    first = channel.firsts[here] = channel.new_track()
    first.west, first.east = alone, [out]
    gather.west = [out, *(row for row in gather.west if row not in alone)]
    first.must_precede(gather)
    for row in alone:
        if row == out != here:
            continue
        channel.ends[row] = first
        start = channel.starts.get(row)
        if start and start is not gather:
            gather.need_not_precede(start)
            first.must_precede(start)
    return first


def _led_aside(channel: Channel, bus: _Bus, gather: Track, here: int, alone: list[int]) -> bool:
    """Whether the bus may have the target's row, because what leads there alone joins and arrives in another.

    That is one on the far side, so that no line climbs over another and comes down again::

        ─a─┬────┐
        ─b─┘ ┌──┴─target
        ─c───┴────other
    """
    if here not in alone or here in channel.firsts or channel.ends[here] is not gather or here in channel.opens:
        return False
    above = min(bus.track.west) > here
    if not above and max(bus.track.west) > here:
        return False
    rows = [
        row
        for row in alone
        if (row < here if above else row > here)
        and channel.ends[row] is gather
        and row not in channel.opens
        and not (row in channel.starts and channel.leads(channel.starts[row], gather))
    ]
    if not rows:
        return False
    first = _join(channel, gather, here, alone, min(rows, key=lambda row: abs(row - here)))
    channel.opens[here] = bus.track
    first.must_precede(bus.track)
    return True


def _joined_before(channel: Channel, bus: _Bus, gather: Track, here: int, alone: list[int], near: int) -> int | None:
    """A row of what leads to the target alone: those lines join in a track of their own, left of the bus.

    Then they reach the gathering track in the target's row, and the other rows that they came in are open.
    """
    first = channel.firsts.get(here)
    if first is None and here not in alone and (here in gather.west or here in channel.ends or here in channel.opens):
        return None
    rows = [
        row
        for row in alone
        if row != here
        and channel.ends[row] is (first or gather)
        and not (row in channel.starts and channel.leads(channel.starts[row], gather))
    ]
    if not rows or (first is not None and channel.leads(bus.track, first)):
        return None
    at = min(rows, key=lambda row: (abs(row - near), row))
    if abs(at - here) > channel.free.distance(near):
        return None
    if first is None:
        first = _join(channel, gather, here, alone, here)
    start = channel.starts.get(at)
    if start:
        gather.must_precede(start)
    channel.ends[at] = gather
    channel.gaps.append((at, first, bus.track))
    first.must_precede(bus.track)
    return at


def _kept_row(channel: Channel, bus: _Bus, gather: Track, here: int, mine: set[int]) -> int | None:
    """A row of the sources, or the target's, that can be kept open between the two tracks."""
    for at in _own_rows(channel, bus, here, mine):
        start = channel.starts.get(at)
        if start and at not in channel.opens and start is not bus.track and not channel.leads(start, gather):
            channel.ends[at] = gather
            gather.must_precede(start)
            return at
    holder = channel.ends.get(here)
    if (
        holder
        and here not in channel.opens
        and holder is not bus.track
        and here not in gather.west
        and not channel.leads(bus.track, holder)
    ):
        holder.must_precede(bus.track)
        channel.opens[here] = bus.track
        return here
    return None
