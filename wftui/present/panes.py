"""How many panes a terminal has room for, and how the list and the details share it. Pure."""

from __future__ import annotations

from enum import Enum

# The list keeps so many cells beside the details; the details keep enough for a graph in layers.
LIST_AT_LEAST = 76
_BESIDE_WIDTH = 180


class Panes(Enum):
    """The layouts; the value is the style class."""

    ONE = "-one"
    STACKED = "-stacked"
    BESIDE = "-beside"


def panes_for(width: int, height: int) -> Panes:
    """The layout for a terminal of so many cells: one pane in 80x24, list over details in 120x36, beside in 200x60."""
    if width >= _BESIDE_WIDTH and height >= 16:
        return Panes.BESIDE
    if width >= 100 and height >= 30:
        return Panes.STACKED
    return Panes.ONE
