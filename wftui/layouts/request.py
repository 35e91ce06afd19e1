"""What a layout is asked for, and what comes back: nothing in them changes, so that they may cross threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.dag.picture import View
from wftui.dag.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Hashable

    from wftui.dag.board import Board
    from wftui.dag.drawn import Drawn
    from wftui.dag.picture import Pen
    from wftui.model.graph import Graph


@dataclass(frozen=True, slots=True)
class Request:
    """A picture that somebody wants.

    Attributes:
        graph: What to draw, with the statuses and times of this moment.
        pen: The characters to draw with; its functions must be importable ones, for they are sent to a process.
        plan: What of the graph, and how. Lanes and trees take its folds only. `quick` is the service's own business.
        view: `LAYERS`; or anything else that `dag.drawing` takes.
        width: Cells that there are, for lanes and trees; layers take what they need.
        key: What the picture is of (a workflow): nothing is ever appended to the picture of another key.
        anew: Lay out from nothing, also where what is there could grow or stay.
    """

    graph: Graph
    pen: Pen
    plan: Plan = field(default_factory=Plan)
    view: View = View.LAYERS
    width: int = 0
    key: Hashable = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Laid:
    """An answer to a request; there may be several, each better than the last.

    Attributes:
        request: What was asked for: the newest request that this answers.
        drawn: The picture, built with the statuses of that request. It belongs to who gets it. Where nothing but
            statuses and times is new since the last answer it is None: `update` the one that is there.
        board: Its layout, in layers; None for lanes and trees.
        final: Nothing better follows for this request.
        kept: Everything that was in the last answer stands where it stood.
        anew: Why everything was laid out anew although what was there could have stayed; "" where it was not.
        note: What there is to say on how it was made: that the process for large layouts is lost.
        error: Why there is no picture: a `TargetError` where it is too large, anything else is a bug.
    """

    request: Request
    drawn: Drawn | None = None
    board: Board | None = None
    final: bool = True
    kept: bool = False
    anew: str = ""
    note: str = ""
    error: Exception | None = None
