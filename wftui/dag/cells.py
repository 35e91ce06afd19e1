"""How many cells a text takes, and cutting it to fit."""

from __future__ import annotations

from wcwidth import wcwidth


def width(text: str) -> int:
    """Cells of a line; what a terminal gives no cell counts nothing."""
    if text.isascii():
        return len(text)
    return sum(max(0, wcwidth(char)) for char in text)


def cut(text: str, cells: int, ellipsis: str) -> str:
    """The text in at most `cells` cells; the ellipsis, one cell, marks that something is missing."""
    if len(text) <= cells and (text.isascii() or width(text) <= cells):
        return text
    kept: list[str] = []
    room = cells - 1
    for char in text:
        room -= max(0, wcwidth(char))
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + ellipsis
