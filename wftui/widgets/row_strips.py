"""Draws a row of the list as a strip, and remembers what it drew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.strip import Strip

from wftui.present.columns import GAP
from wftui.present.workflow_cells import cell, ticks
from wftui.widgets.tones import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.widget import Widget

    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.present.columns import Placed, Span
    from wftui.present.glyphs import Glyphs

# A mark, the pointer, a space.
GUTTER = 3
TONES = (*(tone for tone in STYLES if tone), "mark", "pointer")
_REMEMBERED = 2_000


class RowStrips:
    """Strips by row.

    Args:
        glyphs: The characters to draw with.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._strips: dict[tuple[WorkflowKey, str, bool], tuple[tuple[object, ...], Strip]] = {}
        self._styles: dict[tuple[str, ...], Style] = {}

    def clear(self) -> None:
        """Forget everything, because the styles changed."""
        self._strips.clear()
        self._styles.clear()

    def strip(
        self,
        widget: Widget,
        row: WorkflowSummary,
        placed: tuple[Placed, ...],
        width: int,
        now: float,
        *,
        look: str,
        marked: bool,
    ) -> Strip:
        """The strip of a row, `width` cells long. `look` is "", "cursor" or "cursor-blurred"."""
        # What the strip was made from. Only a row that ticks depends on the second, others on the day at most.
        made_from = (row, placed, width, int(now) if ticks(row) else int(now) // 3600)
        known = self._strips.get((row.key, look, marked))
        if known is not None and known[0][0] is row and known[0][1:] == made_from[1:]:
            return known[1]
        if len(self._strips) > _REMEMBERED:
            self._strips.clear()
        under = (*(("marked",) if marked else ()), *((look,) if look else ()))
        base = self._style(widget, under)
        segments = self._gutter(widget, under, pointed=bool(look), marked=marked)
        for at, place in enumerate(placed):
            if at:
                segments.append(Segment(" " * GAP, base))
            segments += self._cell(widget, under, place, cell(place, row, now, self._glyphs))
        strip = Strip(segments).adjust_cell_length(width, base)
        self._strips[row.key, look, marked] = (made_from, strip)
        return strip

    def _gutter(self, widget: Widget, under: tuple[str, ...], *, pointed: bool, marked: bool) -> list[Segment]:
        mark = Segment(self._glyphs.mark if marked else " ", self._style(widget, (*under, "mark")))
        pointer = Segment(self._glyphs.cursor if pointed else " ", self._style(widget, (*under, "pointer")))
        return [mark, pointer, Segment(" ", self._style(widget, under))]

    def _cell(self, widget: Widget, under: tuple[str, ...], place: Placed, spans: Sequence[Span]) -> list[Segment]:
        room = place.width
        base = self._style(widget, under)
        segments: list[Segment] = []
        used = sum(cell_len(span.text) for span in spans)
        if used < room and place.column.right:
            segments.append(Segment(" " * (room - used), base))
        cut = used > room
        for span in spans:
            style = self._style(widget, (*under, span.tone)) if span.tone else base
            text, length = span.text, cell_len(span.text)
            if cut and length >= room:
                ellipsis = self._glyphs.ellipsis if room else ""
                segments.append(Segment(set_cell_size(text, max(0, room - 1)) + ellipsis, style))
                return segments
            room -= length
            segments.append(Segment(text, style))
        if room > 0 and not place.column.right:
            segments.append(Segment(" " * room, base))
        return segments

    def _style(self, widget: Widget, names: tuple[str, ...]) -> Style:
        """The row's own look (marked, cursor) with the tone of a piece on top, alpha blended."""
        found = self._styles.get(names)
        if found is None:
            classes = (f"workflow-table--{name}" for name in names)
            found = self._styles[names] = widget.get_visual_style(*classes).rich_style
        return found
