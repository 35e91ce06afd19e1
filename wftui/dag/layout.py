"""A finished layout: where the boxes stand and how the lines run, in cells from the top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Mapping

# A picture of more cells is refused: it would take all the memory there is, and nobody could look at it.
MOST_CELLS = 60_000_000


def check_cells(width: int, height: int, least: str = "") -> None:
    """See that a picture may be drawn.

    Args:
        width: Cells of a row.
        height: Rows.
        least: Stands before the numbers: "at least " where they are not known yet.

    Raises:
        TargetError: It would be too large.
    """
    if width * height > MOST_CELLS:
        raise TargetError(
            f"the picture would be {least}{width} x {height} cells", "draw it grouped (--group), or as a tree"
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its first cell, and how many it takes in its row."""

    x: int
    y: int
    w: int


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge as it is drawn.

    Attributes:
        source: The id of the node that it leaves.
        target: The id of the node that it reaches.
        points: Its corners as (x, y), from the cell behind the source to the cell before the target.
    """

    source: str
    target: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A layered drawing, left to right.

    Attributes:
        width: Cells of a row.
        height: Rows.
        boxes: The place of every node by id, in input order.
        layers: The ids of every layer, from the left, each from the top.
        wires: The edges in input order.
        crossings: How many pairs of edges swap sides between two layers.
        corners: It is to be drawn with corners; in ASCII some lines would seem to touch.
        rough: There are so many edges that less work was spent on the order within layers than is usual.
    """

    width: int
    height: int
    boxes: Mapping[str, Box]
    layers: tuple[tuple[str, ...], ...]
    wires: tuple[Wire, ...]
    crossings: int
    corners: bool = False
    rough: bool = False
