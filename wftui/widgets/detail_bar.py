"""The names of the tabs, in one line; a click chooses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual import events

TABS: tuple[str, ...] = ("graph", "tasks", "timeline", "events", "metadata", "error")
# The letter of a name that is its key, where that is not the first; and where it must be a capital.
_LETTER = {"timeline": 1, "events": 4}
_CAPITAL = frozenset({"events"})


class DetailBar(Widget):
    """Graph, Tasks, Timeline, Events, Metadata, Error, each with a count or mark, its key underlined."""

    DEFAULT_CSS = """
    DetailBar { height: 1; width: 1fr; padding: 0 1; }
    """

    @dataclass
    class Chosen(Message):
        """A name was clicked."""

        tab: str

    def __init__(self) -> None:
        super().__init__()
        self._active = TABS[0]
        self._remarks: dict[str, tuple[str, str]] = {}

    def show(self, active: str, remarks: dict[str, tuple[str, str]]) -> None:
        """Mark one as active; remarks are (text, tone) by tab."""
        if (active, remarks) != (self._active, self._remarks):
            self._active, self._remarks = active, remarks
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return Content("").join(part for tab in TABS for part in self._parts(tab))

    def _parts(self, tab: str) -> list[Content]:
        look = "bold $foreground on $block-cursor-blurred-background" if tab == self._active else "$foreground-muted"
        title, letter = tab.capitalize(), _LETTER.get(tab, 0)
        name = [
            Content.styled(f" {title[:letter]}", look),
            Content.styled(title[letter].upper() if tab in _CAPITAL else title[letter], f"{look} underline"),
            Content.styled(f"{title[letter + 1 :]} ", look),
        ]
        text, tone = self._remarks.get(tab, ("", ""))
        return [*name, *([Content(" "), toned(text, tone)] if text else []), Content("   ")]

    def on_click(self, event: events.Click) -> None:
        """Choose the tab that was hit."""
        x = 1
        for tab in TABS:
            x += sum(part.cell_length for part in self._parts(tab))
            if event.x < x:
                self.post_message(self.Chosen(tab))
                return
