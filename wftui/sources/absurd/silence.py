"""Breaks a connection that has become silent: a network path may take all that is sent, and never answer."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 20.0
"""Seconds that an answer may take: longer than the server's own statement timeout, which is told by the server."""


class Silence:
    """Measures how long one connection has owed an answer, and cuts it off after `patience` seconds.

    `with silence:` marks the time in which an answer is due; it may be nested, by one thread.

    Args:
        connection: Which.
        patience: Seconds.
    """

    def __init__(self, connection: psycopg.Connection[Any], patience: float) -> None:
        self._connection = connection
        self._patience = patience
        self._depth = 0
        self._asked = 0.0
        self._ended = threading.Event()
        self.was_cut = False
        threading.Thread(target=self._watch, name="wftui-silence", daemon=True).start()

    def __enter__(self) -> None:
        """An answer is due from now on."""
        self._depth += 1
        self._asked = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It has come; around it another one may be due."""
        self._depth -= 1
        self._asked = time.monotonic()

    def end(self) -> None:
        """The connection is closed."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._patience / 8):
            if self._depth and time.monotonic() - self._asked > self._patience:
                self.was_cut = True
                self._cut()
                return

    def _cut(self) -> None:
        try:
            # A copy of the handle: whoever waits for an answer is told by the system that none will come.
            with socket.socket(fileno=os.dup(self._connection.fileno())) as copy:
                copy.shutdown(socket.SHUT_RDWR)
        except (OSError, psycopg.Error):
            return  # it was closed meanwhile
