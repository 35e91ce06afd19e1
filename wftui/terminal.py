"""The terminal as Textual drives it, but for a terminal that goes away.

A closed window, a killed tmux session or a lost connection sends SIGHUP and SIGCONT, and every write fails from then
on. Textual's driver takes any SIGCONT for the end of a stop: it would begin once more on the dead terminal, and then
wait for ever for its writing thread, which the failed write ended.
"""

from __future__ import annotations

import os
import signal
from typing import IO, TYPE_CHECKING, Any, cast

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from textual.app import App


class TerminalDriver(LinuxDriver):
    """Textual's driver; goes on after a stop only, and outlives its terminal for long enough to leave in order."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._file: Any = _Lasting(cast("IO[str]", self._file))

    def _sigcont_application(self, *args: object) -> None:
        if self._must_signal_resume:
            super()._sigcont_application(*args)


class _Lasting:
    """A terminal to write to; once it is gone, what is written goes nowhere, and we end as if it had told us."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> int:
        if not self._gone:
            try:
                return self._file.write(text)
            except OSError:
                self._leave()
        return len(text)

    def flush(self) -> None:
        if not self._gone:
            try:
                self._file.flush()
            except OSError:
                self._leave()

    def _leave(self) -> None:
        self._gone = True
        os.kill(os.getpid(), signal.SIGHUP)
