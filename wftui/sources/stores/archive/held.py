"""The contents of small files out of a compressed tar, kept in memory, packed where they are many.

A compressed tar cannot be read from the middle. But what is read of a storage is small and much alike: kept in blocks,
each packed by itself, it takes little room, and any file is at hand for the price of unpacking its block.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict

_BLOCK = 256 << 10
_PLAIN = 32 << 20
"""Bytes of blocks that are kept as they are; later ones are packed."""
_OPEN_BLOCKS = 32
_SHIFT = 24  # of the block's number in a place; a block with one large file stays below 1 << 24 bytes
LONGEST = 1 << 23
"""Bytes of the longest content that is kept."""


class Held:
    """Contents, appended one after another, each found again by its place.

    Args:
        most: Bytes that may be kept, as they are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._blocks: list[bytes] = []
        self._packed_from: int | None = None
        self._kept = 0
        self._current = bytearray()
        self._unpacked: OrderedDict[int, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def kept(self) -> int:
        """Bytes in memory."""
        return self._kept + len(self._current)

    def put(self, data: bytes) -> int | None:
        """Keep this. Returns its place; None where there is no more room."""
        if self.kept + len(data) > self._most:
            return None
        place = (len(self._blocks) << _SHIFT) | len(self._current)
        self._current += data
        if len(self._current) >= _BLOCK:
            self._close_block()
        return place

    def _close_block(self) -> None:
        block = bytes(self._current)
        self._current = bytearray()
        if self._packed_from is None and self._kept + len(block) > _PLAIN:
            self._packed_from = len(self._blocks)
        if self._packed_from is not None:
            block = zlib.compress(block, 1)
        self._blocks.append(block)
        self._kept += len(block)

    def get(self, place: int, length: int) -> bytes:
        """At most `length` bytes of what begins at a place."""
        number, start = place >> _SHIFT, place & ((1 << _SHIFT) - 1)
        if number == len(self._blocks):
            return bytes(self._current[start : start + length])
        if self._packed_from is None or number < self._packed_from:
            return self._blocks[number][start : start + length]
        with self._lock:
            block = self._unpacked.get(number)
            if block is None:
                block = self._unpacked[number] = zlib.decompress(self._blocks[number])
                if len(self._unpacked) > _OPEN_BLOCKS:
                    self._unpacked.popitem(last=False)
            else:
                self._unpacked.move_to_end(number)
        return block[start : start + length]
