"""Draws lines of a picture as strips, and remembers what it drew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.style import Style
    from textual.widget import Widget

    from wftui.dag.picture import Line

STATUSES = (
    "failed",
    "running",
    "waiting",
    "ready",
    "pending",
    "resumable",
    "canceled",
    "unknown",
    "successful",
)
STYLES = (*STATUSES, "edge", "return", "label", "time", "dim", "fold", "missing", "pointer")
_REMEMBERED = 4_000


class GraphStrips:
    """Strips by line of the picture.

    Args:
        widget: Whose styles they have.
        prefix: What its component classes begin with.
    """

    def __init__(self, widget: Widget, prefix: str) -> None:
        self._widget, self._prefix = widget, prefix
        self._strips: dict[tuple[int, str], Strip] = {}
        self._styles: dict[tuple[str, ...], Style] = {}

    def clear(self) -> None:
        """Forget the lines: other ones are there."""
        self._strips.clear()

    def restyle(self) -> None:
        """Forget everything: the theme changed."""
        self._strips.clear()
        self._styles.clear()

    def forget(self, at: int) -> None:
        """A line is new."""
        for look in ("", "cursor", "cursor-blurred"):
            self._strips.pop((at, look), None)

    def known(self, at: int, look: str) -> Strip | None:
        """The strip of a line, if it was drawn."""
        return self._strips.get((at, look))

    def make(self, at: int, look: str, line: Line, pointer: str, width: int) -> Strip:
        """Draw a line, `width` cells long, behind a pointer and a space."""
        if len(self._strips) > _REMEMBERED:
            self._strips.clear()
        base = self.style(*((look,) if look else ()))
        segments = [Segment(pointer, self.style(look, "pointer")), Segment(" ", base)]
        segments += [Segment(part.text, self.style(look, part.style)) for part in line.segments if part.text]
        strip = self._strips[at, look] = Strip(segments).adjust_cell_length(width, base)
        return strip

    def style(self, *names: str) -> Style:
        """The looks of these names, one upon the other."""
        found = self._styles.get(names)
        if found is None:
            classes = [f"{self._prefix}--{name}" for name in names if name]
            found = self._styles[names] = self._widget.get_visual_style(*classes).rich_style
        return found
