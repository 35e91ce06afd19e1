"""The one pass over a tar, packed or not, that makes a catalogue of it."""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Protocol

from wftui.sources.stores.archive.bounds import variable
from wftui.sources.stores.archive.catalogue import Catalogue, Damaged, Enough
from wftui.sources.stores.archive.names import LONGEST, decode
from wftui.sources.stores.archive.tarheader import (
    BLOCK,
    LONGEST_PAX,
    NOTHING,
    BadHeader,
    Header,
    number,
    parse_header,
    parse_pax,
    pax_time,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.sources.stores.archive.bounds import Bounds
    from wftui.sources.stores.archive.streams import Stream

_FILES = frozenset({b"0", b"\0", b"7"})
_FOLDERS = frozenset({b"5", b"D"})
_NOT_READ = {
    b"1": "a hard link: not read",
    b"2": "a symbolic link: not read",
    b"3": "a device: not read",
    b"4": "a device: not read",
    b"6": "a FIFO: not read",
    b"M": "goes on from another archive: not read",
}
_WITHOUT_CONTENT = frozenset({b"1", b"2", b"3", b"4", b"5", b"6"})
_MEMBERS_A_STEP = 512
_LARGE = 1 << 30
"""Unpacked bytes from which on the ratio counts."""
CUT = "cut off: the archive ends in it"
SPARSE = "a sparse file: its content is not read"


class Hold(Protocol):
    """Takes contents as they pass by."""

    def wants(self, name: bytes, size: int) -> int:
        """How many bytes of that member are worth keeping."""
        ...

    def put(self, number: int, data: bytes) -> None:
        """Keep the first bytes of a file."""
        ...

    def passed(self) -> None:
        """Called between members, from time to time."""
        ...


class TarPass:
    """Reads a tar from its beginning to its end.

    Args:
        stream: The tar's bytes.
        catalogue: Gets what is found.
        bounds: How much that may be.
        hold: Gets contents; None where they can be read again at any time.

    Attributes:
        places: Where in the unpacked bytes each file's content begins.
    """

    def __init__(self, stream: Stream, catalogue: Catalogue, bounds: Bounds, hold: Hold | None) -> None:
        self._stream = stream
        self._catalogue = catalogue
        self._bounds = bounds
        self._hold = hold
        self.places = array("q")
        self._data = b""
        self._at = 0
        self._global: dict[bytes, bytes] = {}
        self._pax: dict[bytes, bytes] = {}
        self._long_name: bytes | None = None
        self._refused = ""
        self._was_bad = False
        self._found = False
        self._short = 0

    def run(self) -> Iterator[None]:
        """Go on until the end; yields now and then. What stops it early is among the catalogue's problems."""
        try:
            count = 0
            while True:
                block = self._take(BLOCK)
                if len(block) < BLOCK or block == NOTHING:
                    self._end(block)
                    return
                yield from self._member(block)
                count += 1
                if count % _MEMBERS_A_STEP == 0:
                    self._check()
                    yield
        except Damaged as why:
            self._catalogue.complain("", f"{why}: what comes before is shown")
        except Enough as why:
            self._catalogue.complain("", str(why))

    def _end(self, block: bytes) -> None:
        if block == NOTHING:
            self._catalogue.is_whole = True
            return
        if block:
            raise Damaged("is cut off in the header of a member")
        if self._found:
            self._catalogue.complain("", "ends without the mark of its end: it may be cut off")

    # -- bytes -----------------------------------------------------------------------------------------------

    @property
    def _position(self) -> int:
        return self._stream.position - len(self._data) + self._at

    def _refill(self) -> bool:
        more = self._stream.read()
        if not more:
            return False
        self._data = self._data[self._at :] + more
        self._at = 0
        return True

    def _take(self, count: int) -> bytes:
        while len(self._data) - self._at < count:
            if not self._refill():
                count = len(self._data) - self._at
        found = self._data[self._at : self._at + count]
        self._at += count
        return found

    def _skip(self, count: int) -> Iterator[None]:
        """Leave out so many bytes; `_short` tells how many of them were missing."""
        self._short = 0
        while count > 0:
            there = len(self._data) - self._at
            if count <= there:
                self._at += count
                return
            count -= there
            self._data, self._at = b"", 0
            count -= self._stream.leap(count)
            if count and not self._refill():
                self._short = count
                return
            self._check()
            yield

    def _check(self) -> None:
        position, bounds = self._stream.position, self._bounds
        if self._hold is None:
            return
        self._hold.passed()
        if position > bounds.size:
            what = f"unpacks to more than {bounds.size} bytes: what comes after is left out"
            raise Enough(f"{what} ({variable('size')} sets it)")
        if position > _LARGE and position > bounds.ratio * self._stream.consumed:
            what = f"unpacks to more than {bounds.ratio} times its size: what comes after is left out"
            raise Enough(f"{what} ({variable('ratio')} sets it)")

    # -- members ---------------------------------------------------------------------------------------------

    def _member(self, block: bytes) -> Iterator[None]:
        try:
            header = parse_header(block)
        except BadHeader:
            self._bad()
            return
        self._found, self._was_bad = True, False
        if header.kind in (b"x", b"g", b"X", b"L", b"K"):
            yield from self._extension(header)
            return
        pax = {**self._global, **self._pax} if self._pax or self._global else {}
        name = pax.get(b"path") or self._long_name or header.name
        refused = self._refused
        self._pax, self._long_name, self._refused = {}, None, ""
        size = header.size
        if header.kind in _WITHOUT_CONTENT:
            size = 0
        elif b"size" in pax:
            size = int(pax[b"size"]) if pax[b"size"].isdigit() and len(pax[b"size"]) < 19 else size
        mtime = pax_time(pax[b"mtime"]) if b"mtime" in pax else header.mtime
        if refused:
            self._catalogue.complain(decode(name[:LONGEST]), refused)
        elif header.kind in _FILES and name[-1:] != b"/" and not self._is_sparse(pax):
            yield from self._file(decode(name), name, size, mtime)
            return
        else:
            yield from self._other(header, block, name, mtime, pax)
        yield from self._skip(-(-size // BLOCK) * BLOCK)

    def _bad(self) -> None:
        """Look for the next header, as tar does. Of several bad blocks in a row one is told."""
        if not self._found:
            raise Damaged("is no tar archive")
        if not self._was_bad:
            place = self._position - BLOCK
            self._catalogue.complain("", f"damaged at byte {place} of the tar: read on from the next header")
        self._was_bad = True
        self._pax, self._long_name, self._refused = {}, None, ""

    def _is_sparse(self, pax: dict[bytes, bytes]) -> bool:
        return any(key.startswith(b"GNU.sparse.") for key in pax)

    def _extension(self, header: Header) -> Iterator[None]:
        """A header that tells of the next member: its long name, or its pax records."""
        padded = -(-header.size // BLOCK) * BLOCK
        if header.size > LONGEST_PAX:
            self._refused = f"has a header of {header.size} bytes: not read"
            yield from self._skip(padded)
            return
        data = self._take(padded)[: header.size]
        if header.kind == b"L":
            self._long_name = data.partition(b"\0")[0]
        elif header.kind != b"K":
            try:
                records = parse_pax(data)
            except BadHeader:
                self._refused = "has a damaged header: not read"
                return
            if header.kind == b"g":
                self._global.update((k, v) for k, v in records.items() if k in (b"mtime", b"path", b"size"))
            else:
                self._pax = records

    def _file(self, name: str, raw: bytes, size: int, mtime: float) -> Iterator[None]:
        place = self._position
        number = self._catalogue.add_file(name, size, mtime)
        left = -(-size // BLOCK) * BLOCK
        if number is not None:
            self.places.append(place)
            wanted = self._hold.wants(raw, size) if self._hold is not None else 0
            if wanted and self._hold is not None:
                data = self._take(wanted)
                left -= len(data)
                if len(data) == wanted:
                    self._hold.put(number, data)
        if left <= len(self._data) - self._at:
            self._at += left
            return
        yield from self._skip(left)
        # The padding behind the last one may be missing: nothing is lost with it.
        if number is not None and self._short > -size % BLOCK:
            self._catalogue.faults[number] = CUT
            self._catalogue.complain(name, CUT)

    def _other(self, header: Header, block: bytes, raw: bytes, mtime: float, pax: dict[bytes, bytes]) -> Iterator[None]:
        kind, name = header.kind, decode(raw)
        if kind in _FOLDERS or (kind in _FILES and raw[-1:] == b"/"):
            self._catalogue.add_folder(name, mtime)
        elif kind == b"S" or kind in _FILES:
            yield from self._sparse(kind, block, pax, mtime, name)
        elif kind != b"V":
            letter = kind.decode("latin-1")
            self._catalogue.complain(name, _NOT_READ.get(kind, f"of a kind that is not known ({letter!r}): not read"))

    def _sparse(self, kind: bytes, block: bytes, pax: dict[bytes, bytes], mtime: float, name: str) -> Iterator[None]:
        """A file with holes. Its size is known; no file that is read here has holes, so nobody misses its content."""
        size = 0
        if kind == b"S":
            try:
                size = max(number(block[483:495]), 0)
            except BadHeader:
                self._catalogue.complain(name, "has a damaged header")
            more = block[482]
            while more:
                further = self._take(BLOCK)
                if len(further) < BLOCK:
                    raise Damaged("is cut off in the header of a member")
                more = further[504]
                yield
        else:
            told = pax.get(b"GNU.sparse.realsize") or pax.get(b"GNU.sparse.size") or b""
            size = int(told) if told.isdigit() and len(told) < 19 else 0
            name = decode(pax.get(b"GNU.sparse.name") or b"") or name
        number_ = self._catalogue.add_file(name, size, mtime if math.isfinite(mtime) else math.nan)
        if number_ is not None:
            self.places.append(self._position)
            self._catalogue.faults[number_] = SPARSE
