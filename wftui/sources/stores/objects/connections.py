"""The connections that are open, so that whoever waits on one can be woken: urllib3 itself has no way to."""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from urllib3 import HTTPConnectionPool
    from urllib3.connection import HTTPConnection


class Connections:
    """Minds what connects, until all of it is cut."""

    def __init__(self) -> None:
        self._open: weakref.WeakSet[HTTPConnection] = weakref.WeakSet()
        self._is_cut = False
        self._lock = threading.Lock()

    def mind(self, pool: HTTPConnectionPool | type[HTTPConnectionPool]) -> None:
        """Have what a pool opens from now on be minded."""
        kind: Any = pool.ConnectionCls
        minder = self

        class Minded(kind):  # type: ignore[misc]  # which class that is, is only known at run time
            def connect(self) -> None:
                super().connect()
                minder._mind(self)

        pool.ConnectionCls = Minded

    def _mind(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._open.add(connection)
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """End every connection, now and from now on: reading threads get an end of the stream at once."""
        with self._lock:
            self._is_cut = True
            connections = list(self._open)
        for connection in connections:
            line = getattr(connection, "sock", None)
            if isinstance(line, socket.socket):
                with contextlib.suppress(OSError):  # it ended by itself
                    # Not the method of a TLS socket, which would say goodbye first, and is not made for two threads.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
