"""When a layout that grew is given up for one that is made from nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.dag.board import Board

# A layout made from nothing has to be so much better that everything may move.
_BETTER = 1.5
# One crossing more or less is none of that, ...
_CROSSINGS = 2
# ... and neither are boxes that fit a screen.
_BOXES = 30


@dataclass(frozen=True, slots=True)
class Worth:
    """How much there is to follow in a layout.

    Attributes:
        crossings: How often lines cross.
        boxes: How many there are, groups and folds as one.
    """

    crossings: int
    boxes: int

    @classmethod
    def of(cls, board: Board) -> Worth:
        """The worth of a board."""
        return cls(board.layout.crossings, len(board.dag.items))

    def may_be_bettered(self, grown: Worth) -> bool:
        """Whether one made from nothing may be so much better than what grew out of this one.

        A graph that grew has no fewer crossings than before, and seldom fewer boxes, so what is near this is near the
        best.
        """
        return bool(self.betters(grown))

    def betters(self, grown: Worth) -> str:
        """Why this is to be taken instead of one that grew; "" where it is not."""
        if grown.crossings + _CROSSINGS > _BETTER * (self.crossings + _CROSSINGS):
            return f"laid out anew: {self.crossings:,} crossings instead of {grown.crossings:,}"
        if grown.boxes > _BOXES and grown.boxes > _BETTER * self.boxes:
            return f"grouped and folded anew: {self.boxes:,} boxes instead of {grown.boxes:,}"
        return ""
