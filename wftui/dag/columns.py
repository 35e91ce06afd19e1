"""The column of every track of a channel: as few columns as the order between tracks allows.

Where a line ends and another starts in one row, the first must end left of where the second starts; tracks in one
column do not touch. A blank lies between the two, but for Unicode where there are many lines: corners (``┘┌``) tell
where lines end. In ASCII, where every corner is a plus, tracks in one column keep a row apart, too. When two lines
want to swap rows each would have to be left of the other: one of them takes a dogleg over a free row.
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from wftui.dag.free_rows import STEP

if TYPE_CHECKING:
    from wftui.dag.nets import Channel, Track


# A channel of no more tracks is narrow enough: blanks stay, which make it easier to read.
_FEW = 8


def place(channel: Channel, *, corners: bool = False, tight: bool = False) -> int:
    """Give every track its column. Returns how many columns the channel has.

    Args:
        channel: What to place.
        corners: It is drawn with corners (``┘┌``), so that in a crowd lines may end and start side
            by side: a third less columns.
        tight: Room is scarce: blanks stay only where something else would be read without them.
    """
    apart = 1 if tight or (corners and len(channel.tracks) > _FEW) else 2
    margin = 1 if corners else 2
    heap: list[tuple[int, int, Track]] = []
    serial = count()
    for track in channel.tracks:
        if not track.waits:
            heappush(heap, (_wish(track), next(serial), track))
    occupied: list[int] = []
    placed = 0
    while placed < len(channel.tracks):
        if not heap:
            freed = _dogleg(channel)
            heappush(heap, (_wish(freed), next(serial), freed))
        _, _, track = heappop(heap)
        _fit(track, occupied, margin)
        placed += 1
        for other in track.after:
            other.least = max(other.least, track.column + apart)
            other.waits -= 1
            if not other.waits:
                heappush(heap, (_wish(other), next(serial), other))
    return len(occupied) + (0 if corners else _part(channel))


def _wish(track: Track) -> int:
    """Lines that go up stand the farther left the higher they start, those that go down the lower: fewer cross."""
    low, high = track.span
    start = track.west[0]
    return start if high - start < start - low else -start


def _fit(track: Track, occupied: list[int], margin: int) -> None:
    """Take the first column that is free over the whole span; `occupied` has a bit for every half row.

    Half rows that are the margin stay blank above and below every track.
    """
    low, high = track.span
    first, last = low // STEP * 2, (high // STEP * 2) + (1 if high % STEP else 0)
    if low % STEP:
        first += 1
    mask = ((1 << (last - first + 1)) - 1) << first
    padded = ((1 << (last - first + 1 + 2 * margin)) - 1) << first >> margin
    column = track.least
    while column < len(occupied) and occupied[column] & mask:
        column += 1
    while column >= len(occupied):
        occupied.append(0)
    occupied[column] |= padded
    track.column = column


def _dogleg(channel: Channel) -> Track:
    """Break a cycle of tracks that wait for each other; returns one that waits no more."""
    while True:
        track, blocker = _cycle(channel)
        rows = [row for row in track.east if channel.starts.get(row) is track and channel.ends.get(row) is blocker]
        made = channel.new_track()
        via = channel.free.take(rows[0])
        made.west = [via]
        made.east = rows
        track.east = [row for row in track.east if row not in rows] + [via]
        for row in rows:
            track.moved[row] = (via, made)
            channel.starts[row] = made
            blocker.need_not_precede(track)
            blocker.must_precede(made)
        track.must_precede(made)
        if not track.waits:
            return track


def _cycle(channel: Channel) -> tuple[Track, Track]:
    """Of tracks that wait in a circle one that a row holds up, and the one that ends in that row."""
    track = next(track for track in channel.tracks if track.column < 0)
    seen: dict[int, int] = {}
    path: list[Track] = []
    while id(track) not in seen:
        seen[id(track)] = len(path)
        path.append(track)
        track = next(other for other in track.before if other.column < 0)
    circle = path[seen[id(track)] :]
    # The fewer lines leave it, the less does the dogleg hide.
    choices = [
        (len(one.west) + len(one.east), i)
        for i, one in enumerate(circle)
        if _held_by_row(channel, one, circle[(i + 1) % len(circle)])
    ]
    i = min(choices)[1]
    return circle[i], circle[(i + 1) % len(circle)]


def _held_by_row(channel: Channel, track: Track, blocker: Track) -> bool:
    return any(channel.starts.get(row) is track and channel.ends.get(row) is blocker for row in track.east)


def _part(channel: Channel) -> int:
    """Put in columns where a line ends, only verticals follow, and then another line starts. Returns how many.

    In ASCII ``+|+`` would read as a line that passes below the vertical.
    """
    cuts: set[int] = set()
    by_column: dict[int, list[Track]] = {}
    for track in channel.tracks:
        by_column.setdefault(track.column, []).append(track)
    meeting = [(row, end, channel.opens.get(row) or channel.starts.get(row)) for row, end in channel.ends.items()]
    for row, end, start in (*meeting, *channel.gaps):
        if not start or start is end:
            continue
        between = range(end.column + 1, start.column)
        if all(any(t.span[0] <= row <= t.span[1] for t in by_column.get(c, ())) for c in between):
            cuts.add(end.column)
    if not cuts:
        return 0
    shift, moves = 0, []
    for column in range(max(by_column) + 1):
        moves.append(column + shift)
        shift += column in cuts
    for track in channel.tracks:
        track.column = moves[track.column]
    return shift
