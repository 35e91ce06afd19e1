"""Frames between wftui and its Ray driver process: a length, then a pickle. Both ends are our own code.

A request is `(number, operation, arguments)`, an answer `(number, how, value)`: how is "ok", "target" (a `TargetError`
as `(message, hint)`), "gone" (the same, as a `TargetGone`) or "raised" (any other exception as `(type, text)`).
"""

from __future__ import annotations

import pickle
import struct
import threading
from typing import BinaryIO

_LENGTH = struct.Struct("!Q")


class FrameWriter:
    """Writes whole frames, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, frame: tuple[object, ...]) -> None:
        """Write one frame.

        Raises:
            OSError: The other end is gone.
        """
        data = pickle.dumps(frame, protocol=5)
        with self._lock:
            self._stream.write(_LENGTH.pack(len(data)) + data)
            self._stream.flush()


def read_frame(stream: BinaryIO) -> tuple[object, ...] | None:
    """The next frame; None at the end of the stream, or of its last whole frame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        return None
    frame: tuple[object, ...] = pickle.loads(data)  # noqa: S301 - the other end of the pipe is our own process
    return frame
