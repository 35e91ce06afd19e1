"""Moments as people write them: `--at TIME`. Pure."""

from __future__ import annotations

import math
import re
from datetime import datetime

from wftui.errors import UsageError

HOW = "Unix seconds, ISO 8601 (2026-11-03T14:02:07, local without a zone), +90s from the start, -5m from the end"

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_LENGTH = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_LONGEST = 40


def moment_named(text: str, start: float | None, end: float | None) -> float:
    """The moment that a text names, in Unix seconds.

    Args:
        text: Unix seconds, ISO 8601, or relative: "+90s" after `start`, "-1h30m" before `end`.
        start: When the workflow began; None where it did not.
        end: When it ended, or now.

    Raises:
        UsageError: It names none, or there is nothing to count from.
    """
    word = text.strip()
    if len(word) > _LONGEST:
        raise UsageError("the moment of --at is no time", f"write {HOW}")
    if word[:1] in ("+", "-") and (length := _seconds(word[1:])) is not None:
        base = start if word[0] == "+" else end
        if base is None:
            raise UsageError(f"--at {word} counts from times that this workflow has none of", "give an absolute time")
        return base + length if word[0] == "+" else base - length
    found = _absolute(word)
    if found is None or not math.isfinite(found):
        raise UsageError(f"{text!r} is no time", f"write {HOW}")
    return found


def _seconds(text: str) -> float | None:
    if text.isascii() and text.isdecimal():
        return float(text)
    if not _LENGTH.fullmatch(text):
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


def _absolute(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        pass  # then it is a date
    try:
        # Python 3.10 takes no "Z".
        return datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", word)).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
