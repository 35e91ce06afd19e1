"""What the drawing engine takes besides a graph, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftui.model.status import Status


class View(Enum):
    """How a graph is drawn; the value is the word on the command line."""

    AUTO = "auto"
    LAYERS = "layers"
    LANES = "lanes"
    TREE = "tree"


@dataclass(frozen=True, slots=True)
class Pen:
    """The characters and words to draw with; they come from `present`, which this package does not know.

    Attributes:
        marks: The glyph of each status, one cell each.
        name: Makes a raw id harmless, for nodes that are mentioned but not there.
        duration: Writes seconds.
        ascii_only: Draw with ASCII only.
    """

    marks: Mapping[Status, str]
    name: Callable[[str], str] = ascii
    duration: Callable[[float], str] = "{:.1f}s".format
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Folds:
    """What is folded.

    Attributes:
        chains: Whether long chains of tasks that went well become one line by themselves.
        closed: Nodes whose sub-DAG is hidden.
        kept: Nodes that stand alone: never folded into a chain, never grouped.
    """

    chains: bool = True
    closed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line.

    Attributes:
        text: Harmless text.
        style: What it is: "edge", "return" (a continuation's), "label", "time", "dim", "fold", "missing", or a status
            word in lower case.
    """

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture.

    Attributes:
        segments: From left to right.
        node: The id of the node that stands here; for folded ones the first of them; None on lines between nodes.
    """

    segments: tuple[Segment, ...] = ()
    node: str | None = None

    @property
    def text(self) -> str:
        """Without styles, and without the room at the end."""
        return "".join(segment.text for segment in self.segments).rstrip()


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn graph.

    Attributes:
        lines: From top to bottom, none wider than was asked for.
        rows: The line of each node; folded nodes are where their fold is.
        notes: What is wrong with the graph, or could not be drawn as asked, a sentence each.
        view: The view that was taken.
    """

    lines: tuple[Line, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    view: View = View.LANES
