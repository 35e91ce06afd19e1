"""Times, durations and sizes as people read them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wftui.present.format import clock_time, duration, full_time, size


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, ""),
        (0, "0ms"),
        (0.34, "340ms"),
        (0.9996, "1.0s"),
        (4.2, "4.2s"),
        (9.96, "10s"),
        (59.6, "1m00"),
        (63, "1m03"),
        (7620, "2h07"),
        (86400 * 3 + 3600 * 4, "3d04h"),
        (86400 * 27 + 3600 * 4, "27d"),
        (-5, "-5.0s"),
        (1e308, ">270y"),
        (float("inf"), ">270y"),
        (float("-inf"), "->270y"),
    ],
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


@given(st.floats(0, 86400 * 99))
def test_durations_stay_short(seconds: float) -> None:
    assert 0 < len(duration(seconds)) <= 5


@pytest.mark.parametrize(
    ("count", "shown"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (12_400_000, "12 MB"), (999_999, "1.0 MB")],
)
def test_sizes(count: int | None, shown: str) -> None:
    assert size(count) == shown


@given(st.integers(0, 10**17))
def test_sizes_stay_short(count: int) -> None:
    assert len(size(count)) <= 7


def test_clock_times_are_as_short_as_they_stay_clear() -> None:
    now = time.mktime((2026, 11, 21, 14, 30, 0, 0, 0, -1))
    assert clock_time(None, now) == ""
    assert clock_time(now - 60, now) == "14:29:00"
    assert clock_time(time.mktime((2026, 11, 3, 14, 2, 0, 0, 0, -1)), now) == "Nov 03 14:02"
    assert clock_time(time.mktime((2025, 11, 3, 14, 2, 0, 0, 0, -1)), now) == "2025-11-03"
    assert full_time(now).startswith("2026-11-21 14:30:00")


@pytest.mark.parametrize("when", [1e300, float("inf"), float("nan"), -1e20])
def test_times_out_of_range_are_shown_not_raised(when: float) -> None:
    assert clock_time(when, 0.0)
    assert full_time(when)
