"""The looks that a program gives to what it prints, read from SGR escapes (ECMA-48 8.3.117). Pure.

A look is one of a few thousand, however a program prints: 256 and true colours become the nearest of the sixteen that
every terminal and every theme has. What would hide text (concealed, or in the colour of what is behind it) is dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BOLD, DIM, ITALIC, UNDERLINE, REVERSE = 1, 2, 4, 8, 16
_MARKS = {BOLD: "bold", DIM: "dim", ITALIC: "italic", UNDERLINE: "underline", REVERSE: "reverse"}
COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
SGR = re.compile("\x1b\\[([0-9;:]{0,64})m")
"""An escape that gives looks; the group has what it gives."""
_ON = {1: BOLD, 2: DIM, 3: ITALIC, 4: UNDERLINE, 7: REVERSE, 21: UNDERLINE}
_OFF = {22: BOLD | DIM, 23: ITALIC, 24: UNDERLINE, 27: REVERSE}
_LIGHT = frozenset({2, 3, 6, 7, *range(9, 16)})
_STEPS = (0, 95, 135, 175, 215, 255)  # of the colour cube of xterm's 256


class Look(NamedTuple):
    """How characters look.

    Attributes:
        fore: The colour of them, from 0 to 15 as ANSI numbers them; None for that of the theme.
        back: The colour behind them.
        marks: `BOLD` and so on, added up.
    """

    fore: int | None = None
    back: int | None = None
    marks: int = 0


PLAIN = Look()


class Painted(NamedTuple):
    """Harmless text and its looks.

    Attributes:
        text: What.
        runs: (where it ends, look) of each run of characters that look alike, in order, up to the end of the text;
            none where all of it is plain.
    """

    text: str
    runs: tuple[tuple[int, Look], ...] = ()


def names_of(marks: int) -> list[str]:
    """The names of marks, as styles have them."""
    return [name for mark, name in _MARKS.items() if marks & mark]


def pieces_of(text: str, runs: tuple[tuple[int, Look], ...], start: int, end: int) -> Iterator[tuple[str, Look]]:
    """The part of a text from `start` to `end`, cut where the look changes."""
    for at in range(bisect_right(runs, start, key=itemgetter(0)), len(runs)):
        if start >= end:
            return
        stop, look = runs[at]
        yield text[start : min(stop, end)], look
        start = stop
    if start < end:
        yield text[start:end], PLAIN


def look_after(look: Look, escape: str) -> Look | None:
    """The look after an escape sequence; None if that is not about looks."""
    found = SGR.fullmatch(escape)
    return None if found is None else look_given(look, found[1])


@lru_cache(maxsize=4_096)
def look_given(look: Look, given: str) -> Look:
    """The look after codes, as they stand between the brackets."""
    fore, back, marks = look
    groups = given.split(";")
    at = 0
    while at < len(groups):
        code, *details = (int(part[:9]) if part else 0 for part in groups[at].split(":"))
        at += 1
        if code == 0:
            fore, back, marks = PLAIN
        elif code in (38, 48, 58):  # the last is the colour of underlines: it is read, and not shown
            if not details:
                details = [int(part[:9]) if part.isdecimal() else 0 for part in groups[at : at + 4]]
                at += {5: 2, 2: 4}.get(details[0] if details else 0, 1)
            color = _indicated(details)
            fore, back = color if code == 38 else fore, color if code == 48 else back
        elif code == 4 and details[:1] == [0]:
            marks &= ~UNDERLINE
        elif code in _ON:
            marks |= _ON[code]
        elif code in _OFF:
            marks &= ~_OFF[code]
        elif 30 <= code <= 37 or 90 <= code <= 97:
            fore = code - 30 if code < 90 else code - 82
        elif 40 <= code <= 47 or 100 <= code <= 107:
            back = code - 40 if code < 100 else code - 92
        elif code == 39:
            fore = None
        elif code == 49:
            back = None
    return Look(fore, back, marks)


def _indicated(details: list[int]) -> int | None:
    """The colour that follows 38 or 48: of xterm's 256, or red, green, and blue."""
    if len(details) >= 2 and details[0] == 5 and details[1] < 256:
        return _of_256(details[1])
    if len(details) >= 4 and details[0] == 2 and max(details[-3:]) < 256:
        return _nearest(*details[-3:])  # with colons there is a colour space before them, or nothing
    return None


def _of_256(number: int) -> int:
    if number < 16:
        return number
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return _nearest(grey, grey, grey)
    number -= 16
    return _nearest(_STEPS[number // 36], _STEPS[number // 6 % 6], _STEPS[number % 6])


def _nearest(red: int, green: int, blue: int) -> int:
    """The one of the sixteen that it would be called: a grey without a hue, else by the parts that stand out."""
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < 48:
        return 0 if high < 64 else 8 if high < 144 else 7 if high < 224 else 15
    edge = (high + low) / 2
    hue = (red > edge) + 2 * (green > edge) + 4 * (blue > edge)
    return hue + (8 if high > 208 else 0)


def legible(look: Look) -> Look:
    """The look without what could hide text: none is in the colour of what is behind it, whatever the theme.

    Alone, black and white are as near to the ground of a terminal as to its text: they become dim and plain.
    """
    fore, back, marks = look
    if back is None:
        if fore in (0, 8):
            return Look(None, None, marks | DIM)
        return Look(None, None, marks | (BOLD if fore == 15 else 0)) if fore in (7, 15) else look
    if fore is None:
        fore = 0 if back in _LIGHT else 15
    elif fore % 8 == back % 8:
        return Look(fore, None, marks) if fore % 8 not in (0, 7) else Look(None, None, marks)
    return Look(fore, back, marks)


def escape_of(look: Look) -> str:
    """The escape sequence that makes text look so, from a plain beginning; "" for a plain look."""
    fore, back, marks = legible(look)
    codes = [str(code) for code, mark in _ON.items() if code < 10 and marks & mark]
    if fore is not None:
        codes.append(str(30 + fore if fore < 8 else 82 + fore))
    if back is not None:
        codes.append(str(40 + back if back < 8 else 92 + back))
    return f"\x1b[{';'.join(codes)}m" if codes else ""


PLAIN_AGAIN = "\x1b[0m"
