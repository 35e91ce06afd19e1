"""What the graph's cursor is on, in two or three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.present.columns import Span


class GraphStrip(Widget):
    """Lines of spans, cut at the edge; where there is no room for all, the last that says anything stays."""

    DEFAULT_CSS = """
    GraphStrip { height: 3; width: 1fr; padding: 0 1 0 2; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines: tuple[tuple[Span, ...], ...] = ()

    def show(self, lines: Sequence[tuple[Span, ...]]) -> None:
        """Show these lines; an idle screen is not drawn again."""
        if tuple(lines) != self._lines:
            self._lines = tuple(lines)
            self.refresh()

    def render(self) -> Content:
        """As many of the lines as there is room for."""
        lines = [line for line in self._lines if line]
        room = max(1, self.size.height)
        if len(lines) > room > 1:
            lines = [*lines[: room - 1], lines[-1]]
        contents = [
            Content("")
            .join([toned(span.text, span.tone) for span in line])
            .truncate(max(1, self.size.width), ellipsis=True)
            for line in lines[:room]
        ]
        return Content("\n").join(contents)
