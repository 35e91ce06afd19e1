"""One state of an archive: its catalogue, made in one pass, and the contents of its files, read in place."""

from __future__ import annotations

import math
import threading
import time
from array import array
from typing import TYPE_CHECKING

from wftui.errors import TargetError, TargetGone
from wftui.sources.stores.archive.again import Rereader
from wftui.sources.stores.archive.catalogue import Catalogue, Damaged
from wftui.sources.stores.archive.file import ArchiveFile, unreadable
from wftui.sources.stores.archive.held import LONGEST as LONGEST_HELD
from wftui.sources.stores.archive.held import Held
from wftui.sources.stores.archive.streams import Marks, PackedStream, PlainStream, codec_of
from wftui.sources.stores.archive.tar import TarPass
from wftui.sources.stores.archive.zip import ZipPass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.sources.stores.archive.bounds import Bounds

_NOT_KEPT = -1
_LENGTH_BITS = 24
_LENGTH_MASK = (1 << _LENGTH_BITS) - 1


class Contents:
    """One state of an archive: what it holds, and the means to read it.

    Args:
        path: Where it is.
        target: What it is called in messages.
        bounds: How much of it is looked at.
        keep: How many bytes of a file of that name (the last part, raw) are worth keeping in memory where the archive
            cannot be read at any place.

    Attributes:
        unheld: Files worth keeping for which there was no room: reading one takes another pass.

    Raises:
        TargetError: It cannot be opened.
    """

    def __init__(self, path: str, target: str, bounds: Bounds, keep: Callable[[bytes, int], int]) -> None:
        self._file = ArchiveFile(path, target)
        self._target = target
        self._keep = keep
        self._lock = threading.Lock()
        self.catalogue = Catalogue(bounds)
        self.identity = self._file.identity
        self._codec = ""
        self._held: Held | None = None
        self.unheld = 0
        self._kept = array("q")
        self._marks = Marks()
        self._stream: PackedStream | PlainStream | None = None
        self._zip: ZipPass | None = None
        self._tar: TarPass | None = None
        self._steps = self._begin(path, bounds)
        self._again = Rereader(self._file, self._codec, self._marks)
        self._is_indexed = False
        self._is_left = False

    def _begin(self, path: str, bounds: Bounds) -> Iterator[None]:
        try:
            head = self._file.at(0, 8)
        except OSError as error:
            raise unreadable(self._target, error) from None
        if not head:
            raise TargetError(f"an empty file: {self._target}", "the archive may not have been written yet")
        self._codec = codec_of(head)
        if not self._codec and (head[:2] == b"PK" or path.lower().endswith(".zip")):
            self._zip = ZipPass(self._file, self.catalogue, bounds)
            return self._zip.run()
        if self._codec:
            self._held = Held(bounds.memory)
            packed = PackedStream(self._file, self._codec)
            self._stream, hold = packed, self
        else:
            self._stream, hold = PlainStream(self._file), None
        self._tar = TarPass(self._stream, self.catalogue, bounds, hold)
        return self._tar.run()

    # -- the pass --------------------------------------------------------------------------------------------

    def index(self, seconds: float | None) -> bool:
        """Go on with the pass for about so long (None: to the end). Returns whether it is done.

        Raises:
            TargetError: It was left meanwhile.
        """
        if self._is_indexed:
            return True
        until = math.inf if seconds is None else time.monotonic() + seconds
        with self._lock:
            for _ in self._steps:
                if self._is_left:
                    raise TargetGone(f"closed: {self._target}")
                if time.monotonic() >= until:
                    return False
            self._is_indexed = True
        return True

    def leave(self) -> None:
        """End a pass that is under way in another thread, soon."""
        self._is_left = True

    @property
    def progress(self) -> float:
        """Which part of the archive the pass has read, 0 to 1."""
        done = self._stream.consumed if self._stream is not None else self._zip.position if self._zip else 0
        return min(done / self._file.size, 1.0) if self._file.size else 1.0

    def wants(self, name: bytes, size: int) -> int:
        """See `Hold.wants`."""
        return min(self._keep(name[name.rfind(b"/") + 1 :], size), size, LONGEST_HELD) if size else 0

    def put(self, number: int, data: bytes) -> None:
        """See `Hold.put`."""
        place = self._held.put(data) if self._held is not None else None
        self._kept.extend([_NOT_KEPT] * (number + 1 - len(self._kept)))
        if place is None:
            self.unheld += 1
        else:
            self._kept[number] = place << _LENGTH_BITS | len(data)

    def passed(self) -> None:
        """See `Hold.passed`."""
        if isinstance(self._stream, PackedStream):
            self._marks.note(self._stream)

    # -- reading ---------------------------------------------------------------------------------------------

    def read(self, wanted: Sequence[tuple[int, int]]) -> list[bytes | str]:
        """Contents of files, given by number and length: bytes, or why they cannot be read."""
        found: list[bytes | str] = [b""] * len(wanted)
        late: list[int] = []
        for at, (number, length) in enumerate(wanted):
            fault = self.catalogue.faults.get(number)
            if fault is not None:
                found[at] = fault
                continue
            data = self._at_hand(number, min(length, self.catalogue.sizes[number]))
            if data is None:
                late.append(at)
            else:
                found[at] = data
        if late and self._tar is not None:
            places = self._tar.places
            # In the order of the stream: however many they are, that is one pass.
            for at in sorted(late, key=lambda at: places[wanted[at][0]]):
                number, length = wanted[at]
                try:
                    found[at] = self._again.read(places[number], min(length, self.catalogue.sizes[number]))
                except Damaged as why:
                    found[at] = str(why)
        return found

    def _at_hand(self, number: int, length: int) -> bytes | str | None:
        """Content that takes no pass; None where it takes one."""
        if not length:
            return b""
        if self._zip is not None:
            try:
                return self._zip.content(number, length)
            except Damaged as why:
                return str(why)
        if self._held is None:
            try:
                data = self._file.at(self._tar.places[number], length) if self._tar is not None else b""
            except OSError as error:
                return f"cannot be read: {error.strerror}"
            return data if len(data) == length else "the archive was cut off since it was opened"
        kept = self._kept[number] if number < len(self._kept) else _NOT_KEPT
        if kept < 0 or (kept & _LENGTH_MASK) < length:
            return None
        return self._held.get(kept >> _LENGTH_BITS, length)
