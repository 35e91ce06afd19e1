"""Makes foreign text harmless, once, on its way to any terminal.

Ids, metadata, errors and logs may hold terminal escapes, newlines, bidi overrides and bytes that are not UTF-8.
They stay raw everywhere else, so that an id read from JSON can be passed back to an action.
"""

from __future__ import annotations

import re
import unicodedata

_NAMED = {"\n": "␊", "\r": "␍", "\t": "␉", "\x1b": "␛", "\x00": "␀", "\x7f": "␡"}
# Format characters that join or shape visible text and cannot reorder or hide it.
_SAFE_FORMAT = frozenset({"\u200c", "\u200d", "\u00ad"})
# A joiner between emoji makes one picture or several, as each terminal likes: no cell after it would be where it
# should. In other scripts it shapes letters, and stays.
_JOINED = re.compile("(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d")


def _shown(char: str) -> str:
    code = ord(char)
    if char in _NAMED:
        return _NAMED[char]
    if code < 0x20:
        return chr(0x2400 + code)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as os.fsdecode hands it over
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _is_harmful(char: str) -> bool:
    if " " <= char <= "~":
        return False
    category = unicodedata.category(char)
    if category == "Cf":
        return char not in _SAFE_FORMAT
    return category in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")


def visible(text: str) -> str:
    """One line of `text` in which nothing can act on a terminal and nothing is hidden.

    Control characters become their pictures (``␛``), everything else that could act or hide becomes an escape
    as Python writes it. The result holds no newline.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\u200d" in text:
        text = _JOINED.sub("\\\\u200d", text)
    return "".join(_shown(c) if _is_harmful(c) else c for c in text)


def visible_lines(text: str) -> list[str]:
    """The lines of `text`, each made harmless; tabs become spaces.

    ANSI colour codes (`ESC [ … m`), which Ray puts into tracebacks, are dropped; every other escape is shown.
    """
    return [visible(line.expandtabs(8)) for line in _strip_colour(text).replace("\r\n", "\n").split("\n")]


def one_line(text: str, limit: int = 400) -> str:
    """The first line of somebody else's text, harmless and bounded."""
    first = text[: limit + 1].strip().split("\n", 1)[0].rstrip("\r")
    return visible(first[:limit])


def _strip_colour(text: str) -> str:
    if "\x1b[" not in text:
        return text
    kept: list[str] = []
    position = 0
    while (start := text.find("\x1b[", position)) >= 0:
        end = start + 2
        while end < len(text) and text[end] in "0123456789;":
            end += 1
        kept.append(text[position:start])
        if end < len(text) and text[end] == "m":
            position = end + 1
        else:
            kept.append(text[start : start + 2])
            position = start + 2
    kept.append(text[position:])
    return "".join(kept)
