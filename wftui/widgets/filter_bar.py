"""The filter of the list: typed here, and visible here as long as it hides rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from wftui.present.filters import NO_FILTER, Filter, parse
from wftui.present.keys import Place
from wftui.present.text import visible
from wftui.widgets.bindings import bindings
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

# Typing is filtered at once in a short list; in a long one after so many seconds without a key.
PATIENCE = 0.12


class FilterInput(Input):
    """The line to type in."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.FILTER)

    class Kept(Message):
        """Keep the filter, and go back to the list."""

    class Cleared(Message):
        """Drop it."""

    def action_keep(self) -> None:
        """Keep the filter."""
        self.post_message(self.Kept())

    def action_clear(self) -> None:
        """Drop it."""
        self.post_message(self.Cleared())


class FilterBar(Horizontal):
    """A prompt, the line, and what is wrong with it. Hidden while there is no filter."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1; width: 1fr; padding: 0 1; display: none;
        &.-active { display: block; }
        & > #prompt { width: auto; padding-right: 1; }
        & > FilterInput { width: 1fr; height: 1; border: none; padding: 0; }
        & > #remark { width: auto; max-width: 60%; padding-left: 2; text-wrap: nowrap; text-overflow: clip; }
    }
    """

    @dataclass
    class Changed(Message):
        """There is another filter."""

        filter: Filter

    @dataclass
    class Closed(Message):
        """The line has no use for the keys any more."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._filter = NO_FILTER
        self._quick = True

    @property
    def filter(self) -> Filter:
        """The filter in force."""
        return self._filter

    def compose(self) -> ComposeResult:
        """A prompt, the line, a remark."""
        yield Static(toned("/", "waiting"), id="prompt")
        line = FilterInput(
            placeholder="text  status:failed  key=value  -not", compact=True, select_on_focus=False, id="line"
        )
        line.cursor_blink = False  # an idle screen writes nothing
        yield line
        yield Static("", id="remark", markup=False)

    def open(self) -> None:
        """Show the line and type in it."""
        self.display = True
        # At once: `focus()` would come after the keys that were typed in the same breath as the slash.
        self.screen.set_focus(self._line)

    def set_text(self, text: str) -> None:
        """Filter by this text."""
        self._line.value = text
        self.display = bool(text)

    def clear(self) -> None:
        """Show everything."""
        self.set_text("")

    def quick(self, quick: bool) -> None:
        """Whether filtering is cheap enough to do with every key."""
        self._quick = quick

    @property
    def _line(self) -> FilterInput:
        return self.query_one(FilterInput)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed."""
        event.stop()
        text = event.value
        if self._quick:
            self._take(text)
        else:
            self.set_timer(PATIENCE, lambda: self._take(text) if text == self._line.value else None)

    def on_filter_input_kept(self, event: FilterInput.Kept) -> None:
        """Close the line; the filter stays and stays visible."""
        event.stop()
        self._take(self._line.value)
        self.display = bool(self._line.value.strip())
        self.post_message(self.Closed())

    def on_filter_input_cleared(self, event: FilterInput.Cleared) -> None:
        """Drop the filter and close the line."""
        event.stop()
        self.clear()
        self._take("")
        self.post_message(self.Closed())

    def _take(self, text: str) -> None:
        if text == self._filter.text:
            return
        self._filter = parse(text) if text.strip() else NO_FILTER
        problems = "; ".join(visible(problem) for problem in self._filter.problems)
        self.query_one("#remark", Static).update(toned(f"{WARNING} {problems}", "warning") if problems else "")
        self.post_message(self.Changed(self._filter))
