"""The keys that work here, at the bottom: whole ones, and always how to go back, to leave and to get help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

_ALWAYS = frozenset({"back", "quit", "help"})
_NARROW = 100  # columns; below, keys stand closer


class KeyBar(Footer):
    """Textual's footer, but for keys that do not fit: they are left to the help, where Textual cuts the line's end."""

    DEFAULT_CSS = """
    KeyBar.-compact FooterKey { margin-right: 2; }
    KeyBar.-compact.-narrow FooterKey { margin-right: 1; }
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._columns = 0
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """The keys of what has the focus, then the screen's and the app's."""
        self._columns = columns = self.app.size.width
        self._shown = self._wanted()
        self.set_class(columns < _NARROW, "-narrow")
        gap = 1 if columns < _NARROW else 2
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        widths = [cell_len(key.key_display) + 1 + cell_len(key.description) + gap for key in keys]
        always = [_word(key) in _ALWAYS for key in keys]
        room = columns - 1 + gap - sum(width for width, stays in zip(widths, always, strict=True) if stays)
        for key, width, stays in zip(keys, widths, always, strict=True):
            if not stays:
                room -= width
            if stays or room >= 0:
                yield key

    def _wanted(self) -> tuple[object, ...]:
        """What the keys are made of."""
        active = self.screen.active_bindings.values() if self._bindings_ready else ()
        return (self.app.size.width, *((key.binding, key.enabled, key.tooltip) for key in active if key.binding.show))

    async def recompose(self) -> None:
        """Make the keys anew, if they are others: they are said to have changed far more often than they do."""
        # It may come late, when its screen was left already.
        if self.is_attached and self._wanted() != self._shown:
            await super().recompose()

    def on_resize(self, _event: events.Resize) -> None:
        """Choose anew what fits."""
        if self.app.size.width != self._columns:
            self.call_after_refresh(self.recompose)


def _word(key: FooterKey) -> str:
    return key.action.rpartition(".")[2].partition("(")[0]
