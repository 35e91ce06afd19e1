"""Breaks toned lines to a width. Pure: how wide a text is on a terminal is told by whoever draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.columns import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Spans = tuple[Span, ...]


def wrap(spans: Sequence[Span], width: int, hang: int, cells: Callable[[str], int]) -> list[Spans]:
    """The spans in rows of at most `width` cells, broken at spaces where there are any.

    Args:
        spans: What to break; harmless, without newlines.
        width: Cells in a row, at least 1.
        hang: Cells by which every row but the first is indented; less where it would leave no room.
        cells: How many cells a text takes.
    """
    text = "".join(span.text for span in spans)
    if cells(text) <= width:
        return [tuple(spans)]
    hang = hang if hang <= width // 2 else min(2, width - 1)
    rows: list[Spans] = []
    start = 0
    for end, after in _breaks(text, width, hang, cells):
        indent = (Span(" " * hang),) if rows and hang else ()
        rows.append((*indent, *_slice(spans, start, end)))
        start = after
    return rows


def _breaks(text: str, width: int, hang: int, cells: Callable[[str], int]) -> list[tuple[int, int]]:
    """Where each row ends, and where the next begins behind the spaces that were broken at."""
    # A one-byte character takes one cell, and most texts hold nothing else.
    size: Callable[[str], int] = (lambda _: 1) if text.isascii() else cells
    breaks: list[tuple[int, int]] = []
    start, used, space, room = 0, 0, -1, width
    at = 0
    while at < len(text):
        wide = size(text[at])
        if used + wide > room and at > start:
            end = space if space > start and text[start:space].strip() else at
            after = end
            while after < len(text) and text[after] == " ":
                after += 1
            breaks.append((end, after))
            start, at, used, space, room = after, after, 0, -1, max(1, width - hang)
            continue
        if text[at] == " ":
            space = at
        used += wide
        at += 1
    if start < len(text) or not breaks:
        breaks.append((len(text), len(text)))
    return breaks


def _slice(spans: Sequence[Span], start: int, end: int) -> Spans:
    found: list[Span] = []
    at = 0
    for span in spans:
        piece = span.text[max(0, start - at) : max(0, end - at)]
        if piece:
            found.append(Span(piece, span.tone))
        at += len(span.text)
    return tuple(found)
