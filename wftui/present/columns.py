"""Columns of any table: how wide each is, and the pieces of text that stand in them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GAP = 2
UNASKED = 50
"""The rank of columns that are shown only where there is room for all else, with so many cells to spare:"""
ROOM = 50


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        id: What names it in a sort; metadata columns are "meta:KEY".
        title: Its heading.
        least: Cells it needs to be worth showing.
        ideal: Cells beyond which more room does not help.
        rank: When room is short the highest goes first.
        right: Aligned to the right.
        newest_first: Sorts descending when first chosen, as times and durations do.
        reveals: Shows values that look like secrets.
    """

    id: str
    title: str
    least: int
    ideal: int
    rank: int
    right: bool = False
    newest_first: bool = False
    reveals: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with the cells it got."""

    column: Column
    width: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a cell: harmless text and the name of its tone ("" for plain)."""

    text: str
    tone: str = ""


def fit(columns: Sequence[Column], width: int) -> tuple[Placed, ...]:
    """Give each column its cells out of `width`; those of highest rank are left out when room is short."""
    kept = list(columns)
    extras = [column for column in columns if column.rank >= UNASKED]
    if extras and _needed(kept) + ROOM > width:  # nobody asked for them: errors and names come first
        kept = [column for column in columns if column.rank < UNASKED]
    while len(kept) > 2 and _needed(kept) > width:
        kept.remove(max(kept, key=lambda column: (column.rank, columns.index(column))))
    cells = {column.id: column.least for column in kept}
    spare = max(0, width - _needed(kept))
    for column in sorted(kept, key=lambda column: (column.rank, columns.index(column))):
        more = min(spare, column.ideal - column.least)
        if column.id == "error":
            continue  # it takes what the others leave
        cells[column.id] += more
        spare -= more
    if "error" in cells:
        cells["error"] += spare
    elif kept:
        cells["id"] = min(cells["id"] + spare, max(1, width - _rest(cells, kept)))
    if _needed(kept) > width:  # a terminal so narrow that not even the first two fit
        cells["id"] = max(1, width - _rest(cells, kept))
    return tuple(Placed(column, cells[column.id]) for column in kept)


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.least for column in columns) + GAP * max(0, len(columns) - 1)


def _rest(cells: Mapping[str, int], columns: Sequence[Column]) -> int:
    return sum(cells[column.id] for column in columns if column.id != "id") + GAP * (len(columns) - 1)
