"""Draws a row of the list as a strip, and remembers what it drew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from wftui.present.columns import GAP
from wftui.present.workflow_cells import cell, ticks

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.present.columns import Placed
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.toned_lines import TonedLines

# A mark, the pointer, a space.
GUTTER = 3
_REMEMBERED = 2_000


class RowStrips:
    """Strips by row.

    Args:
        glyphs: The characters to draw with.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self._strips: dict[tuple[WorkflowKey, str, bool], tuple[tuple[object, ...], Strip]] = {}

    def clear(self) -> None:
        """Forget everything, because the styles changed."""
        self._strips.clear()

    def strip(
        self,
        lines: TonedLines,
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
        # The row's own looks, with the tone of a piece on top, alpha blended.
        under = (*(("marked",) if marked else ()), *((look,) if look else ()))
        base = lines.style_of(*under)
        segments = self._gutter(lines, under, pointed=bool(look), marked=marked)
        for at, place in enumerate(placed):
            if at:
                segments.append(Segment(" " * GAP, base))
            spans = cell(place, row, now, self._glyphs)
            segments += lines.cell_segments(spans, place.width, *under, right=place.column.right)
        strip = Strip(segments).adjust_cell_length(width, base)
        self._strips[row.key, look, marked] = (made_from, strip)
        return strip

    def _gutter(self, lines: TonedLines, under: tuple[str, ...], *, pointed: bool, marked: bool) -> list[Segment]:
        mark = Segment(self._glyphs.mark if marked else " ", lines.style_of(*under, "mark"))
        pointer = Segment(self._glyphs.cursor if pointed else " ", lines.style_of(*under, "pointer"))
        return [mark, pointer, Segment(" ", lines.style_of(*under))]
