"""What the user must read: errors of an action, problems of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from wftui.present.text import visible
from wftui.screens.dialog import Dialog
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

# More lines than anybody reads; the rest is counted.
MOST = 500


class NoticeScreen(Dialog[None]):
    """A title, and lines each of a place and what is wrong there.

    Args:
        title: What this is about.
        lines: (where, what), raw; where may be "".
    """

    DEFAULT_CSS = """
    NoticeScreen {
        #lines { height: auto; max-height: 1fr; margin: 1 0; }
        Button { width: auto; }
    }
    """

    def __init__(self, title: str, lines: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """Title, lines, a button."""
        with Vertical(classes="box"):
            yield Static(toned(self._title, "strong"), classes="title")
            with VerticalScroll(id="lines"):
                yield Static(self._text())
            yield Button("Close", id="close", variant="primary")

    def on_mount(self) -> None:
        """Enter closes."""
        self.query_one(Button).focus()

    def on_button_pressed(self) -> None:
        """Close."""
        self.dismiss(None)

    def _text(self) -> Content:
        shown = []
        for where, what in self._lines[:MOST]:
            head = [toned(f"{visible(where)}  ", "running")] if where else []
            shown.append(Content("").join([*head, toned(visible(what))]))
        if len(self._lines) > MOST:
            shown.append(toned(f"and {len(self._lines) - MOST:,} more", "muted"))
        return Content("\n").join(shown)
