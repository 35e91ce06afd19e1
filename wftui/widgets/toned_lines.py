"""What tables, documents and output share: lines drawn from toned spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.geometry import Region
from textual.scroll_view import ScrollView

from wftui.widgets.tones import MARKS, STYLES, style_upon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from wftui.present.columns import Span
    from wftui.present.glyphs import Glyphs


class TonedLines(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrolling widget that draws its lines from spans.

    Args:
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    TonedLines {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
    }
    """

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._styles: dict[tuple[str, ...], Style] = {}

    def style_of(self, *names: str) -> Style:
        """The look of these tones, one upon the other; "" is the plain one."""
        found = self._styles.get(names)
        if found is None:
            looks = (STYLES[name] if name in STYLES else MARKS[name] for name in names if name)
            found = self._styles[names] = style_upon(self, *looks)
        return found

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._styles.clear()
        super().notify_style_update()

    def redraw(self) -> None:
        """Draw what is visible again, without a new layout."""
        self.refresh(Region(0, 0, *self.size))

    def scroll_now(self, y: float) -> None:
        """Scroll to a line at once; Textual by itself leaves what has no scroll bar yet, as before its first layout."""
        self.scroll_to(y=y, animate=False, immediate=True, force=True)

    def cell_segments(self, spans: Sequence[Span], room: int, *under: str, right: bool = False) -> list[Segment]:
        """The spans in exactly `room` cells upon these tones, cut with an ellipsis where they are longer."""
        base = self.style_of(*under)
        used = sum(cell_len(span.text) for span in spans)
        segments = [Segment(" " * (room - used), base)] if right and used < room else []
        cut = used > room
        for span in spans:
            length = cell_len(span.text)
            style = self.style_of(*under, span.tone)
            if cut and length >= room:
                ellipsis = self._glyphs.ellipsis if room else ""
                segments.append(Segment(set_cell_size(span.text, max(0, room - 1)) + ellipsis, style))
                return segments
            room -= length
            segments.append(Segment(span.text, style))
        if room > 0 and not right:
            segments.append(Segment(" " * room, base))
        return segments
