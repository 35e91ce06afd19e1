"""Reads out of a packed stream for a second time, forward where it can, from the nearest mark where it must."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.sources.stores.archive.catalogue import Damaged
from wftui.sources.stores.archive.streams import PackedStream

if TYPE_CHECKING:
    from wftui.sources.stores.archive.file import ArchiveFile
    from wftui.sources.stores.archive.streams import Marks


class Rereader:
    """Whoever asks in the order of the stream pays one pass for everything.

    Args:
        file: The archive.
        codec: Its format.
        marks: Places to begin at.
    """

    def __init__(self, file: ArchiveFile, codec: str, marks: Marks) -> None:
        self._file = file
        self._codec = codec
        self._marks = marks
        self._lock = threading.Lock()
        self._stream: PackedStream | None = None
        self._start = 0  # of the piece that was read last
        self._piece = b""

    def read(self, place: int, length: int) -> bytes:
        """So many unpacked bytes from a place.

        Raises:
            Damaged: They cannot be had.
        """
        with self._lock:
            stream = self._at(place)
            self._stream = None  # what fails in the middle is begun anew
            parts: list[bytes] = []
            end = place + length
            while True:
                if self._start + len(self._piece) > place:
                    parts.append(self._piece[max(place - self._start, 0) : end - self._start])
                if stream.position >= end:
                    break
                self._start = stream.position
                self._piece = stream.read()
                if not self._piece:
                    raise Damaged("the archive is shorter than when it was opened")
            self._stream = stream
        return b"".join(parts)

    def _at(self, place: int) -> PackedStream:
        """The stream, so that its last piece or what follows holds the place."""
        near = self._marks.before(place)
        stream = self._stream
        if stream is not None and self._start <= place and (near is None or near.position <= stream.position):
            return stream
        stream = near or PackedStream(self._file, self._codec)
        self._start, self._piece = stream.position, b""
        return stream
