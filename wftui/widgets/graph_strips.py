"""Draws windows of a picture as strips, and remembers what it drew: by row, where the window begins, and version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from wftui.widgets.tones import is_legible, style_upon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

    from wftui.dag.picture import Line

# What pieces of a picture are, and what a widget lays over them -> style of Textual's content.
STYLES: dict[str, str] = {
    "": "",
    "failed": "bold $text-error",
    "running": "bold $text-primary",
    "waiting": "$text-accent",
    "ready": "$text-primary",
    "pending": "$foreground-muted",
    "resumable": "$text-warning",
    "canceled": "$foreground-muted",
    "unknown": "$text-warning",
    "successful": "$text-success",
    "edge": "$foreground-muted",
    "lit": "bold $text-primary",
    "return": "$text-accent",
    "label": "$foreground",
    "time": "$foreground-muted",
    "dim": "$foreground-muted",
    "bar": "$text-success",
    "fold": "$text-accent",
    "missing": "$text-warning",
    "pointer": "bold $text-primary",
    "match": "underline on $warning 30%",
    "cursor": "bold on $block-cursor-blurred-background",
    "cursor-blurred": "on $surface-lighten-1",
}
_REMEMBERED = 2_000

# A row's number and version, the first cell of the window in the picture, its width, and what is laid over it.
Key = tuple[int, int, int, int, tuple["Over", ...]]
# Cells, from the left of the window, that have another look: first, behind the last, the look.
Over = tuple[int, int, str]


class GraphStrips:
    """Strips of a picture's rows.

    Args:
        widget: Upon whose look they are drawn.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
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
            middle = Strip([Segment(text, self._laid_over(style, look)) for text, style, _ in middle])
        return Strip.join([left, middle, right])

    def _laid_over(self, under: Style | None, look: str) -> Style:
        """What a look changes: all but the tones of the text, which stay where they can be read."""
        style = self.style(look)
        over = Style(bgcolor=style.bgcolor, bold=style.bold or None, underline=style.underline or None)
        found = under + over if under is not None else over
        return found if is_legible(found) else found + Style(color=self.style("label", look).color)

    def style(self, *names: str) -> Style:
        """The looks of these names, one upon the other."""
        found = self._styles.get(names)
        if found is None:
            found = self._styles[names] = style_upon(self._widget, *(STYLES.get(name, "") for name in names))
        return found
