"""What of a graph is drawn in layers, and with how much care."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from wftui.dag.picture import Folds


class Reach(Enum):
    """What belongs to a focus, seen from its node; the value is the word on screen."""

    HOPS = "hops"
    ANCESTORS = "ancestors"
    DESCENDANTS = "descendants"


@dataclass(frozen=True, slots=True)
class Focus:
    """A part of a graph around one node.

    Attributes:
        node: The id of the node in the middle.
        reach: Which way to go from it.
        hops: How far, both ways; for `HOPS` only.
    """

    node: str
    reach: Reach = Reach.HOPS
    hops: int = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How to arrange a graph in layers. Two equal plans give the same picture of the same graph.

    Attributes:
        folds: Sub-DAGs that are closed; nodes that stand alone, neither folded nor grouped; whether chains fold at all.
        grouped: Whether what is alike becomes one node, and long chains another; None: when there is much. Long chains
            that went well fold before that, unless this is False.
        focus: Only this part; None for the whole.
        at_rest: The graph does not grow any more: layers may be chosen for short edges, and no room is kept for times
            and nodes that come later.
        quick: The first usable layout instead of the best.
        room: Columns in which it is seen; 0 where that is not known. A small picture that fits with less room kept for
            nodes that come later keeps less: what cannot be seen is worse than what may move.
    """

    folds: Folds = field(default_factory=Folds)
    grouped: bool | None = None
    focus: Focus | None = None
    at_rest: bool = True
    quick: bool = False
    room: int = 0
