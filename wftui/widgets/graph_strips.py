"""Draws windows of a picture as strips, and remembers what it drew: by row, where the window begins, and version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

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
# What pieces of a picture are, and what a widget lays over them.
PIECES = (*STATUSES, "edge", "lit", "return", "label", "time", "dim", "fold", "missing", "bar")
STYLES = (*PIECES, "pointer", "match", "cursor", "cursor-blurred")
_REMEMBERED = 2_000

# A row's number and version, the first cell of the window in the picture, its width, and what is laid over it.
Key = tuple[int, int, int, int, tuple["Over", ...]]
# Cells, from the left of the window, that have another look: first, behind the last, the look.
Over = tuple[int, int, str]


class GraphStrips:
    """Strips of a picture's rows.

    Args:
        widget: Whose styles they have.
        prefix: What its component classes begin with.
    """

    def __init__(self, widget: Widget, prefix: str) -> None:
        self._widget, self._prefix = widget, prefix
        self._strips: dict[Key, Strip] = {}
        self._versions: dict[int, int] = {}
        self._styles: dict[tuple[str, ...], Style] = {}

    def clear(self) -> None:
        """Forget the rows: other ones are there."""
        self._strips.clear()
        self._versions.clear()

    def restyle(self) -> None:
        """Forget everything: the theme changed."""
        self._strips.clear()
        self._styles.clear()

    def forget(self, row: int) -> None:
        """A row is new."""
        self._versions[row] = self._versions.get(row, 0) + 1

    def key(self, row: int, x0: int, width: int, over: Sequence[Over]) -> Key:
        """What a strip is remembered by."""
        return (row, self._versions.get(row, 0), x0, width, tuple(over))

    def known(self, key: Key) -> Strip | None:
        """The strip, if it was drawn."""
        return self._strips.get(key)

    def make(self, key: Key, line: Line) -> Strip:
        """Draw a window of a row; `line` holds its cells from where the picture begins in it."""
        if len(self._strips) > _REMEMBERED:
            self._strips.clear()
        _, _, x0, width, over = key
        base = self.style()
        pieces = [(" " * max(0, -x0), ""), *((part.text, part.style) for part in line.segments if part.text)]
        strip = Strip([Segment(text, self.style(style)) for text, style in pieces if text])
        strip = strip.adjust_cell_length(width, base)
        for first, behind, look in over:
            strip = self._overlaid(strip, max(0, first), min(width, behind), look)
        self._strips[key] = strip
        return strip

    def _overlaid(self, strip: Strip, first: int, behind: int, look: str) -> Strip:
        """The strip with another look between two cells; a look of one character stands there instead."""
        if first >= behind:
            return strip
        left, middle, right = strip.crop(0, first), strip.crop(first, behind), strip.crop(behind)
        if len(look) == 1:
            middle = Strip([Segment(look, self.style("pointer"))])
        else:
            middle = Strip(Segment.apply_style(middle, post_style=self._over(look)))
        return Strip.join([left, middle, right])

    def _over(self, look: str) -> Style:
        """What a look changes: all but the tones of the text, which stay."""
        style = self.style(look)
        return Style(bgcolor=style.bgcolor, bold=style.bold or None, underline=style.underline or None)

    def style(self, *names: str) -> Style:
        """The looks of these names, one upon the other."""
        found = self._styles.get(names)
        if found is None:
            classes = [f"{self._prefix}--{name}" for name in names if name in STYLES]
            found = self._styles[names] = self._widget.get_visual_style(*classes).rich_style
        return found
