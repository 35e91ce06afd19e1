"""Wires sources, monitor and screens together."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment, Segments
from textual import events
from textual.app import App
from textual.command import CommandPalette
from textual.filter import Monochrome, NoColor
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from wftui.commands import Commands
from wftui.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_TARGET, UsageError
from wftui.messages import Hopeless, Inbox, News
from wftui.model.clock import SystemClock
from wftui.monitor.audit import AuditFile
from wftui.monitor.monitor import Monitor
from wftui.present.glyphs import glyphs
from wftui.present.keys import KEYS, Place
from wftui.present.text import visible
from wftui.screens.help import HelpScreen
from wftui.screens.main import MainScreen
from wftui.screens.settings import Settings
from wftui.widgets.bindings import bindings
from wftui.widgets.plain_scrollbar import PlainScrollBarRender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.binding import Binding
    from textual.driver import Driver
    from textual.filter import LineFilter
    from textual.timer import Timer

    from wftui.model.clock import Clock
    from wftui.sources.base import Source

# News is shown at most so often, in seconds: more than that nobody reads, and it would cost the terminal.
SHOWN_EVERY = 0.1
# Garbage is collected from so many seconds after the start on.
STARTED = 1.0
_NO_KEYS: Mapping[str, str] = MappingProxyType({})


def styles_directory() -> Path:
    """Where the sheets and themes are: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "styles"
    return inside if inside.is_dir() else package.parent / "styles"


def themes() -> list[Theme]:
    """The themes of our own; their colours are data, beside the sheets."""
    found = json.loads((styles_directory() / "themes.json").read_text(encoding="utf-8"))
    return [Theme(**theme) for theme in found]


class WftuiApp(App[int], inherit_bindings=False):
    """The terminal app.

    Args:
        sources: What to watch.
        read_only: Offer nothing that writes.
        ascii_only: Draw with ASCII.
        keymap: Keys by the id of what they do, for whoever wants others.
        theme: A theme's name; None for our dark one.
        show_secrets: Show values that look like secrets.
        clock: The clock.
        audit: Where it is kept what was done; None for nowhere.
        when_hopeless: Is given what to call, from any thread, if none of the sources can be opened: then the app ends.

    Attributes:
        hopeless: Why it ended so; None if it did not.
    """

    TITLE = "wftui"
    BINDINGS: ClassVar = bindings(Place.APP)
    COMMANDS: ClassVar = {Commands}
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        read_only: bool = False,
        ascii_only: bool = False,
        keymap: Mapping[str, str] = _NO_KEYS,
        theme: str | None = None,
        show_secrets: bool = False,
        clock: Clock | None = None,
        audit: AuditFile | None = None,
        when_hopeless: Callable[[Callable[[BaseException], object]], None] | None = None,
    ) -> None:
        super().__init__(css_path=sorted(str(sheet) for sheet in styles_directory().glob("*.tcss")))
        clock = clock or SystemClock()
        for own in themes():
            self.register_theme(own)
        self.theme = theme if theme in self.available_themes else "wftui-dark"
        self._unknown_keys = sorted(set(keymap) - {key.id for key in KEYS})
        self.set_keymap({name: keys for name, keys in keymap.items() if name not in self._unknown_keys})
        self._ascii_only = ascii_only
        self.set_class(ascii_only, "-ascii")
        ScrollBar.renderer = PlainScrollBarRender if ascii_only else ScrollBarRender
        self._inbox = Inbox(lambda: self.post_message(News()))
        self.monitor = Monitor(sources, self._inbox.put, clock=clock, audit=audit)
        self.main = MainScreen(self.monitor, Settings(clock, glyphs(ascii_only=ascii_only), read_only, show_secrets))
        self._no_color = NoColor()
        self._showing: Timer | None = None
        self._again = False
        self._when_hopeless = when_hopeless
        self.hopeless: BaseException | None = None

    def get_default_screen(self) -> MainScreen:
        """The main screen."""
        return self.main

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What the themes of the terminal's own colours leave out."""
        return {"foreground-disabled": "ansi_bright_black"}

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colours, each theme in its way: Textual chooses once, for a theme that is not ours yet."""
        filters = super().get_line_filters()
        if not (self.no_color and self.native_ansi_color):
            return filters
        return [self._no_color if isinstance(one, Monochrome) else one for one in filters]

    def on_load(self) -> None:
        """Watch, from before the first screen is made: then it may hold the first rows."""
        self.monitor.start()

    def on_mount(self) -> None:
        """Be ready to leave in order."""
        if not self.is_headless:
            self._mind_signals()
        for name in self._unknown_keys:
            self.notify(f"the keymap names {visible(name)}, which is no key's id", severity="warning", markup=False)
        self.set_timer(STARTED, _collect)
        if self._when_hopeless is not None:
            self._when_hopeless(lambda error: self.post_message(Hopeless(error)))

    def on_unmount(self) -> None:
        """Stop watching."""
        self.monitor.stop()

    def on_hopeless(self, message: Hopeless) -> None:
        """Nothing can be opened: told in one line where the app was started, as if it had not been."""
        self.hopeless = message.error
        self.exit(EXIT_TARGET)

    async def on_event(self, event: events.Event) -> None:
        """Every event of the terminal: a key tells that somebody is there."""
        if isinstance(event, events.Key):
            self.monitor.hurry()
        await super().on_event(event)

    def on_news(self, message: News) -> None:
        """Show what is new, at once or when the last showing is long enough ago."""
        message.stop()
        if self._showing is not None:
            self._again = True
            return
        self._show_news()

    def _show_news(self) -> None:
        self._again = False
        for message in self._inbox.take():
            self.main.post_message(message)
        self._showing = self.set_timer(SHOWN_EVERY, self._shown)

    def _shown(self) -> None:
        self._showing = None
        if self._again:
            self._show_news()

    def _mind_signals(self) -> None:
        """Leave in order, so that the terminal is restored, when somebody or a closed terminal ends us."""
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None:
                code = EXIT_INTERRUPTED if name == "SIGINT" else 128 + number
                loop.add_signal_handler(number, self.exit, code)

    def get_driver_class(self) -> type[Driver]:
        """What drives the terminal."""
        found = super().get_driver_class()
        if found.__module__ != "textual.drivers.linux_driver":
            return found  # Windows', or one that the environment names
        from wftui.terminal import TerminalDriver

        return TerminalDriver

    def get_key_display(self, binding: Binding) -> str:
        """How a key is named in the footer and the help."""
        shown = super().get_key_display(binding)
        return shown if shown.isascii() or not self._ascii_only else binding.key

    def action_command_palette(self) -> None:
        """Find a command by its name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="Find a command", id="--command-palette"))

    def _fatal_error(self) -> None:
        """Say in one line what broke. Textual would print every local variable: those hold what must not be shown."""
        if os.environ.get("WFTUI_DEBUG"):
            super()._fatal_error()
            return
        error = self._exception
        what = visible(f"{type(error).__name__}: {error}")
        line = f"wftui: internal error: {what}; WFTUI_DEBUG=1 shows where: please report it"
        self._exit_renderables.append(Segments([Segment(line)]))
        self._close_messages_no_wait()

    def action_help(self) -> None:
        """Show every key that works here."""
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(self.screen.active_bindings))

    def action_interrupt(self) -> None:
        """Leave at once."""
        self.exit(EXIT_INTERRUPTED)


def _collect() -> None:
    """Collect garbage again; what the start made is no part of it."""
    gc.freeze()
    gc.enable()


def run_app(
    sources: Sequence[Source],
    *,
    read_only: bool,
    ascii_only: bool,
    mouse: bool = True,
    keymap: Mapping[str, str] = _NO_KEYS,
    theme: str | None = None,
    show_secrets: bool = False,
    when_hopeless: Callable[[Callable[[BaseException], object]], None] | None = None,
) -> int:
    """Open the terminal app on sources, and return its exit code once the user has left.

    Raises:
        UsageError: There is no such theme.
        TargetError: None of the sources can be opened.
    """
    app = WftuiApp(
        sources,
        read_only=read_only,
        ascii_only=ascii_only,
        keymap=keymap,
        theme=theme,
        show_secrets=show_secrets,
        audit=AuditFile(os.environ),
        when_hopeless=when_hopeless,
    )
    if theme is not None and theme not in app.available_themes:
        raise UsageError(f"there is no theme {theme!r}", "there are " + ", ".join(sorted(app.available_themes)))
    result = app.run(mouse=mouse)
    if app.hopeless is not None:
        raise app.hopeless
    if app.return_code:
        return app.return_code
    return EXIT_OK if result is None else result
