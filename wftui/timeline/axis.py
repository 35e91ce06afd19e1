"""The time axis: round ticks, since the start or by the clock, and how long each gap is. Pure."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from wftui.present.format import duration
from wftui.timeline.scale import nice_step

if TYPE_CHECKING:
    from wftui.timeline.scale import Scale

_MINUTE, _HOUR, _DAY, _YEAR = 60.0, 3600.0, 86400.0, 365 * 86400.0
# More ticks than that nobody reads, and a damaged record must not make us count.
_MOST = 400


def axis(scale: Scale, *, absolute: bool, ascii_only: bool) -> str:
    """The line of ticks, as wide as the scale; gaps are told first."""
    cells = [" "] * scale.width
    sign = "~" if ascii_only else "≈"
    mark = "|" if ascii_only else "╷"
    for x, length in scale.gap_cells:
        text = f"{sign}{duration(length)}"
        left = max(0, min(x - len(text) // 2, scale.width - len(text)))
        if not _put(cells, left, text):
            cells[x] = sign
    step = _step(scale, absolute=absolute)
    for piece in scale.pieces:
        if piece.gap or piece.right < 0 or piece.left > scale.width or piece.right - piece.left < 1:
            continue
        for moment in _ticks(scale, max(piece.start, scale.moment(0)), piece.end, step, absolute=absolute):
            place = scale.x(moment)
            if not 0 <= place < scale.width - 0.01:
                continue
            _put(cells, int(place + 0.01), mark + tick_label(scale, moment, step, absolute=absolute))
    return "".join(cells)


def _put(cells: list[str], left: int, text: str) -> bool:
    """Write a text where it is free, a space on either side included."""
    if left + len(text) > len(cells):
        return False
    around = cells[max(0, left - 1) : left + len(text) + 1]
    if any(cell != " " for cell in around):
        return False
    cells[left : left + len(text)] = text
    return True


def _step(scale: Scale, *, absolute: bool) -> float:
    """The smallest round step whose labels do not touch."""
    step = nice_step(scale.per_cell * 5)
    last = scale.moment(float(scale.width))
    for _ in range(40):
        if scale.per_cell * (len(tick_label(scale, last, step, absolute=absolute)) + 3) <= step:
            break
        step = nice_step(step * 1.01)
    return step


def _ticks(scale: Scale, start: float, end: float, step: float, *, absolute: bool) -> list[float]:
    origin = scale.time.extent.start
    if absolute:
        origin = -float(time.localtime(start).tm_gmtoff)
    first = math.ceil((start - origin) / step - 1e-9)
    last = math.floor((end - origin) / step + 1e-9)
    return [origin + at * step for at in range(first, min(last, first + _MOST) + 1)]


def tick_label(scale: Scale, moment: float, step: float, *, absolute: bool) -> str:
    """A moment as precisely as the step needs it."""
    if absolute:
        return clock_label(moment, step)
    return since_label(max(0.0, moment - scale.time.extent.start), step)


def clock_label(moment: float, step: float) -> str:
    """The local time: "14:02", "14:02:07", "Nov 03", "2026-11"."""
    local = time.localtime(moment)
    if step >= _YEAR:
        return time.strftime("%Y", local)
    if step >= _DAY:
        return time.strftime("%b %d", local)
    if step >= _MINUTE:
        midnight = (local.tm_hour, local.tm_min) == (0, 0)
        return time.strftime("%b %d" if midnight else "%H:%M", local)
    text = time.strftime("%H:%M:%S", local)
    return text if step >= 1 else f"{text}{_fraction(moment % 1.0, step)}"


def _fraction(part: float, step: float) -> str:
    digits = max(1, min(6, math.ceil(-math.log10(step) - 1e-9)))
    return f"{part:.{digits}f}"[1:]


def since_label(seconds: float, step: float) -> str:
    """Seconds since the start: "0", "1m30", "4h05", "3d04h", as precisely as it needs to be."""
    if step < 1:
        digits = max(1, min(6, math.ceil(-math.log10(step) - 1e-9)))
        return "0" if seconds < step / 2 else f"{seconds:.{digits}f}s"
    whole = round(seconds)
    if whole == 0:
        return "0"
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    while len(parts) > 1 and parts[-1][0] == 0:
        parts.pop()
    text = f"{parts[0][0]:,}{parts[0][1]}" + "".join(f"{value:02d}{unit}" for value, unit in parts[1:])
    # As durations are written everywhere: "1m30", "2h07".
    return text[:-1] if len(parts) > 1 and parts[-1][1] in "sm" else text
