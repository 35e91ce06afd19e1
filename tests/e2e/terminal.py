"""A real program in a real pseudo-terminal, read through a terminal emulator."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE = 180.0


def _own_size(env: dict[str, str]) -> dict[str, str]:
    """Without the size of whoever runs the tests: test processes have it from pytest's, and it would win."""
    return {name: value for name, value in env.items() if name not in ("COLUMNS", "LINES")}


class Terminal:
    """Runs a command in a pseudo-terminal.

    Args:
        command: What to run.
        columns: Width in cells.
        rows: Height in cells.
        env: The environment; this process's own by default.
        cwd: Where to run it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.written = bytearray()
        self._fd, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(child)
        # Kept open, so that the settings can be read after the program's end.
        self._child = child
        self.process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            env=_own_size(
                {**(env if env is not None else os.environ), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
            ),
            cwd=cwd,
            preexec_fn=_own_terminal,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self._fd >= 0:
            self.hang_up()

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, a string a row."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def modes(self) -> list[object]:
        """The terminal's settings now, as `termios.tcgetattr` gives them."""
        return list(termios.tcgetattr(self._child))

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def hang_up(self) -> None:
        """Close the terminal under the program. Nothing can be read after that."""
        os.close(self._child)
        os.close(self._fd)
        self._fd = self._child = -1

    def read(self, seconds: float) -> bool:
        """Take what the program writes within so many seconds, at most once. Returns whether there was anything."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.written += data
        # pyte does not know Kitty's and synchronised-output sequences; it shows none of what matters here wrong.
        self._stream.feed(self._decoder.decode(data))
        return True

    def until(self, done: Callable[[str], bool] | str, patience: float = PATIENCE) -> str:
        """Read until the screen holds the text, or the condition on the screen holds. Returns the screen."""
        check = (lambda screen: done in screen) if isinstance(done, str) else done
        deadline = time.monotonic() + patience
        while not check(self.text):
            left = deadline - time.monotonic()
            assert left > 0, f"never on screen: {done!r}; the screen:\n{self.text}"
            ended = self.process.poll() is not None
            assert self.read(min(left, 0.2)) or not ended, f"it ended before {done!r}; the screen:\n{self.text}"
        return self.text

    def wait(self, patience: float = PATIENCE) -> int:
        """Read until the program ends. Returns its exit code."""
        deadline = time.monotonic() + patience
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"did not end; the screen:\n{self.text}"
            self.read(0.1)
        while self.read(0):
            pass
        return self.process.returncode


def _own_terminal() -> None:
    """A session of its own with the pseudo-terminal as its controlling one, so that Ctrl-C becomes SIGINT."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
