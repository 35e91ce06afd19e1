"""Says why there are no details to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widget import Widget

from wftui.present.text import one_line
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual.content import Content


class DetailNote(Widget):
    """A few calm words in the middle of an empty place."""

    DEFAULT_CSS = """
    DetailNote { height: 1fr; width: 1fr; padding: 1 2; content-align: center middle; text-align: center; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def show(self, text: str) -> None:
        """Say this; foreign text is made harmless."""
        self._text = one_line(text)
        self.refresh()

    def render(self) -> Content:
        """The words."""
        return toned(self._text or "no workflow selected", "muted")
