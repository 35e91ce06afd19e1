"""Times, durations and sizes as people read them."""

from __future__ import annotations

import math
import time

_LONGEST = 100_000 * 86400.0
"""Seconds that only the times of a damaged record can lie apart."""


def duration(seconds: float | None) -> str:
    """A duration in at most six cells: "340ms", "4.2s", "42s", "1m03", "2h07", "3d04h", "27d"; "" for None.

    What only damaged records hold, infinity included, is ">270y".
    """
    if seconds is None:
        return ""
    sign, value = ("-", -seconds) if seconds < 0 else ("", seconds)
    if not value < _LONGEST:
        return f"{sign}>270y"
    if value < 0.9995:
        return f"{sign}{round(value * 1000)}ms"
    if value < 9.95:
        return f"{sign}{value:.1f}s"
    whole = round(value)
    if whole < 60:
        return f"{sign}{whole}s"
    if whole < 3600:
        return f"{sign}{whole // 60}m{whole % 60:02d}"
    if whole < 86400:
        return f"{sign}{whole // 3600}h{whole % 3600 // 60:02d}"
    days, rest = divmod(whole, 86400)
    return f"{sign}{days}d{rest // 3600:02d}h" if days < 10 else f"{sign}{days}d"


def size(count: int | None) -> str:
    """A size in at most seven cells: "17 B", "4.0 kB", "12 MB"; "" for None. Powers of 1000."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        value /= 1000
        if value < 999.5 or unit == "PB":
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    raise AssertionError("unreachable: the last unit always returns")


def clock_time(when: float | None, now: float) -> str:
    """A local time, as short as it stays clear: "14:02:07" today, "Nov 03 14:02" this year, else "2025-11-03"."""
    if when is None:
        return ""
    try:
        then, today = time.localtime(when), time.localtime(now)
    except (ValueError, OverflowError, OSError):
        return f"{when:g}"
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    if then.tm_year == today.tm_year:
        return time.strftime("%b %d %H:%M", then)
    return time.strftime("%Y-%m-%d", then)


def waiting_text(words: str) -> str:
    """What a task waits for, as a clause: "waits for event paid"; a sleep tells itself: "sleeping until 14:02"."""
    return words if words.startswith("sleeping") else f"waits for {words}"


def full_time(when: float | None) -> str:
    """A local date and time with its zone: "2026-11-03 14:02:07 UTC"; "" for None."""
    if when is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(when))
    except (ValueError, OverflowError, OSError):
        return f"{when:g}"


def seconds(span: float) -> str:
    """A span that somebody watches grow or shrink: whole seconds, "9s", "1m03"; never below zero."""
    whole = max(0, math.floor(span))
    return f"{whole}s" if whole < 60 else duration(float(whole))
