"""The rows of a channel that no line uses: tracks that have to be led to one another take one.

Rows are multiples of `STEP`; the numbers between stand for rows that are put in where no free one is near.
"""

from __future__ import annotations

from bisect import bisect_left

STEP = 64
# The first row and the last.
Span = tuple[int, int]
# A free row farther away than this makes a line that is hard to follow: a new row is put in instead.
_FAR = 10 * STEP
# Rows are put in after every so many: (drawings up to this height, that many). In small ones they are near; in large
# ones channels put them in at the same few places, so that they share them.
_SHARED = ((8, 1), (24, 4), (1 << 60, 16))


class FreeRows:
    """The rows of a channel that no line uses, handed out one by one.

    Args:
        height: How many rows there are.
        used: Those that are not free.
        rigid: New rows may come below all others only.
    """

    def __init__(self, height: int, used: set[int], *, rigid: bool) -> None:
        rows = height + (len(used) + 1) * 2 if rigid else height
        self._shared = next(many for most, many in _SHARED if height <= most)
        self._far = rows * STEP if rigid else _FAR
        self._free = [row for row in range(0, rows * STEP, STEP) if row not in used]
        self._put_in: dict[int, int] = {}

    def distance(self, near: int) -> int:
        """How far the nearest free row is."""
        free = self._free
        at = bisect_left(free, near)
        return min([abs(row - near) for row in free[max(0, at - 1) : at + 1]], default=1 << 30)

    def take(self, near: int, first: Span | None = None, second: Span | None = None) -> int:
        """A free row, or one that is put in below `near` when none is near.

        Args:
            near: The nearest row to this one is taken, of those that are as good otherwise.
            first: The rows between which a track runs that is to be led along the row.
            second: The same of the one that it is led to: verticals become as little longer as can be.
        """
        free = self._free
        a, b, c, d = sorted((*(first or (near, near)), *(second or (near, near))))
        places = {i for row in (near, b, c) for at in [bisect_left(free, row)] for i in (at - 1, at)}
        best = min(
            (
                ((max(0, b - row) + max(0, row - c) + max(0, a - row) + max(0, row - d)), abs(row - near), row, i)
                for i in places
                if 0 <= i < len(free)
                for row in [free[i]]
            ),
            default=None,
        )
        if best is not None and best[1] <= self._far:
            return free.pop(best[3])
        base = near - near % (self._shared * STEP) + self._shared // 2 * STEP
        while self._put_in.get(base, 0) >= STEP - 1:
            base += self._shared * STEP
        self._put_in[base] = self._put_in.get(base, 0) + 1
        return base + self._put_in[base]
