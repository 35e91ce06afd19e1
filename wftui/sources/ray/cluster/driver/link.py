"""The parent's end of the pipe to the Ray driver process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from typing import BinaryIO, cast

from wftui.errors import TargetGone
from wftui.frames import FrameWriter, read_frame
from wftui.sources.ray.cluster.answers import value_of

CLOSE_TIMEOUT = 4.0
# The driver finds wftui where we found it, wherever that is; -c puts no folder of its own on the path.
_START = "import sys; sys.path[:] = {path!r}; from wftui.sources.ray.cluster.driver.process import main; main()"
# Ray asks nobody at home whether it may, phones nowhere, and does not colour.
_ENVIRONMENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_USAGE_STATS_PROMPT_ENABLED": "0", "NO_COLOR": "1"}


class _Waiting:
    """A call that waits for its answer."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: tuple[str, object] | None = None


class Link:
    """A running driver process. A closed or broken one stays so: make another."""

    def __init__(self) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process; see `close`
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **_ENVIRONMENT},
            start_new_session=True,  # out of reach of the terminal's Ctrl-C and hang-up: it ends with the pipe
        )
        self._writer = FrameWriter(cast("BinaryIO", self._process.stdin))
        self._lock = threading.Lock()
        self._waiting: dict[int, _Waiting] = {}
        self._number = 0
        self._ended = False
        self._reader = threading.Thread(target=self._read, name="wftui-ray-link", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The driver's process id."""
        return self._process.pid

    def call(self, operation: str, *arguments: object, timeout: float) -> object:
        """Have the driver do something, and wait at most `timeout` seconds for its answer.

        Raises:
            TargetError: The driver says so.
            TargetGone: The driver says so, has ended, or does not answer in time.
            NotFoundError: The driver says so.
            DriverRaised: It raised anything else.
        """
        waiting = _Waiting()
        with self._lock:
            if self._ended:
                raise TargetGone(self._last_words())
            self._number += 1
            number = self._number
            self._waiting[number] = waiting
        try:
            self._writer.write((number, operation, arguments))
        except (OSError, ValueError):  # a ValueError: closed by `close` in another thread at this moment
            raise TargetGone(self._last_words()) from None
        answered = waiting.done.wait(timeout)
        with self._lock:
            self._waiting.pop(number, None)
        if not answered:
            raise TargetGone(f"the cluster does not answer (no word for {timeout:.0f} s)")
        if waiting.answer is None:
            raise TargetGone(self._last_words())
        return value_of(*waiting.answer)

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """End the driver: ask first, then kill. Waiting calls raise `TargetGone`."""
        with self._lock:
            self._ended = True
        with suppress(OSError):
            cast("BinaryIO", self._process.stdin).close()
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._reader is not threading.current_thread():
            self._reader.join(1.0)
        cast("BinaryIO", self._process.stdout).close()
        self._log.close()

    def kill(self) -> None:
        """End the driver at once: it has nobody to take leave of."""
        self._process.kill()
        self.close()

    def _read(self) -> None:
        stream = cast("BinaryIO", self._process.stdout)
        with suppress(OSError, ValueError, EOFError):
            while (frame := read_frame(stream)) is not None:
                number, how, value = cast("tuple[int, str, object]", frame)
                with self._lock:
                    waiting = self._waiting.get(number)
                if waiting is not None:
                    waiting.answer = (how, value)
                    waiting.done.set()
        with self._lock:
            self._ended = True
            left = list(self._waiting.values())
        for waiting in left:
            waiting.done.set()

    def _last_words(self) -> str:
        """Why the driver ended, as far as it told."""
        try:
            self._log.seek(0)
            text = self._log.read().decode(errors="replace")
        except ValueError:  # closed by us
            text = ""
        if "Failed to connect to GCS" in text:
            return "the cluster is gone"
        return "the connection to the cluster is closed"
