"""A line to tick. Unlike Textual's checkbox it says so in characters, not in colours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from wftui.present.keys import Place
from wftui.widgets.bindings import bindings
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual.content import Content


class Tick(Widget, can_focus=True):
    """`[x] label`, ticked with space or enter.

    Args:
        label: Harmless text.
        value: Whether it is ticked.
    """

    BINDINGS = bindings(Place.TICK)
    DEFAULT_CSS = """
    Tick { height: 1; width: 1fr; }
    Tick:focus { background: $block-cursor-blurred-background; }
    """

    value: reactive[bool] = reactive(False)

    class Changed(Message):
        """It was ticked, or not any more."""

    def __init__(self, label: str, value: bool = False, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self.set_reactive(Tick.value, value)

    def render(self) -> Content:
        """The box and the label."""
        return toned(f"[{'x' if self.value else ' '}] {self._label}")

    def watch_value(self) -> None:
        """Tell."""
        self.post_message(self.Changed())

    def action_tick(self) -> None:
        """Tick it, or not."""
        self.value = not self.value

    def on_click(self) -> None:
        """As the key."""
        self.action_tick()
