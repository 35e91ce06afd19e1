"""Frames between wftui and a process that it started: a length, then a pickle. Both ends are our own code."""

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
