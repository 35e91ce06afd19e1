"""The line in which a search of the graph is typed, with how many match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from wftui.present.keys import Place
from wftui.widgets.bindings import bindings
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class SearchInput(Input):
    """The line to type in."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.SEARCH)

    @dataclass
    class Stepped(Message):
        """Go to the next match, or the one before."""

        by: int

    class Ended(Message):
        """The search is over."""

    def action_step(self, by: int) -> None:
        """To another match."""
        self.post_message(self.Stepped(by))

    def action_leave(self) -> None:
        """End it."""
        self.post_message(self.Ended())


class GraphSearch(Horizontal):
    """A prompt, the line, and "3 of 17". Hidden while nobody searches."""

    DEFAULT_CSS = """
    GraphSearch {
        height: 1; width: 1fr; padding: 0 1; display: none;
        &.-active { display: block; }
        & > #search-prompt { width: auto; padding-right: 1; }
        & > SearchInput { width: 1fr; height: 1; border: none; padding: 0; }
        & > #search-count { width: auto; max-width: 60%; padding-left: 2; text-wrap: nowrap; text-overflow: clip; }
    }
    """

    @dataclass
    class Typed(Message):
        """Another text is searched for."""

        text: str

    def compose(self) -> ComposeResult:
        """A prompt, the line, a count."""
        yield Static(toned("/", "waiting"), id="search-prompt")
        line = SearchInput(placeholder="find a task by its name", compact=True, select_on_focus=False)
        line.cursor_blink = False  # an idle screen writes nothing
        yield line
        yield Static("", id="search-count", markup=False)

    @property
    def text(self) -> str:
        """What is searched for; "" while nobody searches."""
        return self.query_one(SearchInput).value if self.has_class("-active") else ""

    def open(self) -> None:
        """Show the line and type in it, from nothing."""
        self.add_class("-active")
        self.query_one(SearchInput).value = ""
        self.count("")
        # At once: `focus()` would come after the keys that were typed in the same breath as the slash.
        self.screen.set_focus(self.query_one(SearchInput))

    def close(self) -> None:
        """Nobody searches any more."""
        self.remove_class("-active")

    def count(self, text: str, tone: str = "muted") -> None:
        """Tell how many match."""
        self.query_one("#search-count", Static).update(toned(text, tone))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while it is typed."""
        event.stop()
        if self.has_class("-active"):
            self.post_message(self.Typed(event.value))
