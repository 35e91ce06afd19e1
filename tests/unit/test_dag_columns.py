"""Columns of tracks: what a reader of plain ASCII could take for one line is parted."""

from __future__ import annotations

import pytest

from wftui.dag.columns import place
from wftui.dag.free_rows import STEP, FreeRows
from wftui.dag.nets import Channel, Track


@pytest.mark.parametrize("between", [1, 2, 6, 7, 20])
def test_in_ascii_a_blank_tells_where_a_line_ends_behind_any_number_of_verticals(between: int) -> None:
    channel = Channel(FreeRows(12, set(), rigid=False))
    ends, starts = Track([5 * STEP], [4 * STEP]), Track([9 * STEP], [5 * STEP])
    crossing = [Track([i * STEP], [11 * STEP]) for i in (0,) * between]
    channel.tracks += [ends, *crossing, starts]
    channel.ends[5 * STEP], channel.starts[5 * STEP] = ends, starts
    ends.must_precede(starts)
    columns = place(channel)
    used = {track.column for track in crossing}
    assert columns > max(ends.column, starts.column, *used)
    assert ends.column < starts.column
    assert set(range(ends.column + 1, starts.column)) - used, "+|||+ would read as a line that passes below"
