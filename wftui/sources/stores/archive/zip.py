"""A zip: its directory made into a catalogue, and its members read where they lie.

Format: PKWARE's APPNOTE.TXT 6.3 with zip64; the extra fields 0x5455 (UT, Unix times) and 0x7075 (UTF-8 names) of
Info-ZIP.
"""

from __future__ import annotations

import bz2
import struct
import zlib
from array import array
from typing import TYPE_CHECKING, NamedTuple

from wftui.sources.stores.archive.bounds import variable
from wftui.sources.stores.archive.catalogue import Catalogue, Damaged, Enough
from wftui.sources.stores.archive.zipfields import MACOS, UNIX, dos_time, fields, name_of, unix_time, wide

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.sources.stores.archive.bounds import Bounds
    from wftui.sources.stores.archive.file import ArchiveFile

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STEP = 1 << 20
_MEMBERS_A_STEP = 1024
_STORED, _DEFLATED, _BZIP2 = 0, 8, 12
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_HAS_DESCRIPTOR = 0x8
_FOLDER_BIT = 0x10  # of MS-DOS attributes
_KINDS = {0xA000: "a symbolic link", 0x6000: "a device", 0x2000: "a device", 0x1000: "a FIFO", 0xC000: "a socket"}
_LARGE = 16 << 20
"""Bytes of a member from which on its ratio counts."""
_AHEAD = 512
"""Bytes read with a local header, for its names and the content of small members."""
_CUT = "cut off: the archive ends in it"


class Found(NamedTuple):
    """A member as a header tells of it."""

    name: str
    size: int
    packed: int
    mtime: float
    method: int
    flags: int
    place: int
    mode: int
    crc: int


class ZipPass:
    """Reads the directory of a zip; without one, the headers of the members themselves.

    Args:
        file: The archive.
        catalogue: Gets what is found.
        bounds: How much that may be.
    """

    def __init__(self, file: ArchiveFile, catalogue: Catalogue, bounds: Bounds) -> None:
        self._file = file
        self._catalogue = catalogue
        self._bounds = bounds
        self._encrypted = 0
        self._local_times: dict[int, float] = {}
        self.position = 0
        self.places = array("q")
        self._packed = array("q")
        self._methods = bytearray()
        self._checksums = array("L")

    def run(self) -> Iterator[None]:
        """Go on until the end; yields now and then. What stops it early is among the catalogue's problems."""
        try:
            try:
                start, size, shift = self._directory()
            except Damaged as why:
                self._catalogue.complain("", f"{why}: read member by member")
                yield from self._without_directory()
                return
            yield from self._read(start, size, shift)
            self._catalogue.is_whole = True
        except Damaged as why:
            self._catalogue.complain("", f"{why}: what comes before is shown")
        except OSError as error:
            self._catalogue.complain("", f"cannot be read: {error.strerror}")
        except Enough as why:
            self._catalogue.complain("", str(why))
        finally:
            if self._encrypted:
                self._catalogue.complain("", f"{self._encrypted} members are encrypted: their content is not read")

    # -- the directory ---------------------------------------------------------------------------------------

    def _directory(self) -> tuple[int, int, int]:
        """Where it begins, its length, and by how much all places are off, as where something stands before a zip."""
        length = min(self._file.size, _END.size + 0xFFFF)
        tail = self._file.at(self._file.size - length, length)
        at = tail.rfind(b"PK\5\6")
        while at >= 0 and (len(tail) - at < _END.size or at + _END.size + _END.unpack_from(tail, at)[7] > len(tail)):
            at = tail.rfind(b"PK\5\6", 0, at)
        if at < 0:
            raise Damaged("has no directory: it is cut off, or no zip")
        _, _, _, _, count, size, start, _ = _END.unpack_from(tail, at)
        end = self._file.size - length + at
        if 0xFFFF in (count,) or 0xFFFFFFFF in (size, start):
            size, start, end = self._directory64(size, start, end)
        shift = end - size - start
        if shift < 0 or size < 0:
            raise Damaged("has a damaged directory")
        return start + shift, size, shift

    def _directory64(self, size: int, start: int, end: int) -> tuple[int, int, int]:
        data = self._file.at(max(end - _LOCATOR.size, 0), _LOCATOR.size)
        if len(data) < _LOCATOR.size or data[:4] != b"PK\6\7":
            return size, start, end
        # What stands before the zip is not counted in the place that the locator tells: then it lies right before it.
        for place in (_LOCATOR.unpack(data)[2], end - _LOCATOR.size - _END64.size):
            record = self._file.at(place, _END64.size) if 0 <= place <= self._file.size else b""
            if len(record) == _END64.size and record[:4] == b"PK\6\6":
                fields = _END64.unpack(record)
                return fields[8], fields[9], place
        raise Damaged("has a damaged directory")

    def _read(self, start: int, size: int, shift: int) -> Iterator[None]:
        data, at, place, end, count = b"", 0, start, start + size, 0
        while True:
            if len(data) - at < _ENTRY.size + 3 * 0xFFFF and place < end:
                more = self._file.at(place, min(_STEP, end - place))
                if not more:
                    raise Damaged("has a directory that is cut off")
                data, at, place = data[at:] + more, 0, place + len(more)
                self.position = place
            if at == len(data):
                return
            if len(data) - at < _ENTRY.size or data[at : at + 4] != b"PK\1\2":
                raise Damaged(f"has a damaged directory after {count} members")
            at = self._entry(data, at, shift)
            count += 1
            if count % _MEMBERS_A_STEP == 0:
                yield

    def _entry(self, data: bytes, at: int, shift: int) -> int:
        (
            _,
            made,
            _,
            flags,
            method,
            clock,
            date,
            crc,
            packed,
            size,
            name_len,
            extra_len,
            note_len,
            _,
            _,
            mode,
            place,
        ) = _ENTRY.unpack_from(data, at)
        at += _ENTRY.size
        after: int = at + name_len + extra_len + note_len
        if after > len(data):
            raise Damaged("has a directory that is cut off")
        raw, extra = data[at : at + name_len], data[at + name_len : at + name_len + extra_len]
        host = made >> 8
        told = dict(fields(extra)) if extra else {}
        if 0xFFFFFFFF in (size, packed, place) and 1 in told:
            size, packed, place = wide(told[1], size, packed, place)
        kind = mode >> 16 if host in (UNIX, MACOS) else 0
        if raw[-1:] == b"/" or (mode & _FOLDER_BIT and not size):
            kind = 0x4000
        mtime = unix_time(told)
        mtime = dos_time(date, clock) if mtime is None else mtime
        found = Found(name_of(raw, flags, host, told), size, packed, mtime, method, flags, place + shift, kind, crc)
        self._add(found)
        return after

    def _add(self, found: Found) -> None:
        kind = found.mode & 0xF000
        if kind == 0x4000:
            self._catalogue.add_folder(found.name, found.mtime)
            return
        if kind in _KINDS:
            self._catalogue.complain(found.name, f"{_KINDS[kind]}: not read")
            return
        number = self._catalogue.add_file(found.name, found.size, found.mtime)
        if number is None:
            return
        self.places.append(min(found.place, 1 << 62))
        self._packed.append(min(found.packed, 1 << 62))
        self._methods.append(min(found.method, 255))
        self._checksums.append(found.crc)
        faults = self._catalogue.faults
        if found.flags & _ENCRYPTED:
            self._encrypted += 1
            faults[number] = "is encrypted"
        elif found.method not in (_STORED, _DEFLATED, _BZIP2):
            faults[number] = f"packed in a way that is not read (method {found.method})"
            self._catalogue.complain(found.name, faults[number])
        elif found.size > _LARGE and found.size > self._bounds.ratio * found.packed:
            faults[number] = f"would unpack to more than {self._bounds.ratio} times its size: not read"
            self._catalogue.complain(found.name, f"{faults[number]} ({variable('ratio')} sets it)")
        elif found.place + found.packed > self._file.size:
            faults[number] = _CUT
            self._catalogue.complain(found.name, _CUT)

    def _without_directory(self) -> Iterator[None]:
        """Of a zip that was cut off: one header after the other, as long as they tell where the next one is."""
        place, count = 0, 0
        while True:
            data = self._file.at(place, _LOCAL.size + 2 * 0xFFFF if count % 2 else _LOCAL.size + _AHEAD)
            if len(data) < _LOCAL.size or data[:4] != b"PK\3\4":
                if not count:
                    raise Damaged("is no zip archive")
                return
            _, _, flags, method, clock, date, crc, packed, size, name_len, extra_len = _LOCAL.unpack_from(data)
            after = _LOCAL.size + name_len + extra_len
            if after > len(data):
                data = self._file.at(place, after)
                if after > len(data):
                    return
            raw, extra = data[_LOCAL.size : _LOCAL.size + name_len], data[_LOCAL.size + name_len : after]
            told = dict(fields(extra)) if extra else {}
            if 0xFFFFFFFF in (size, packed) and 1 in told:
                size, packed, _ = wide(told[1], size, packed, 0)
            mtime = unix_time(told)
            mtime = dos_time(date, clock) if mtime is None else mtime
            if flags & _HAS_DESCRIPTOR and not packed:
                raise Damaged(f"tells only in its directory where what follows {name_of(raw, flags, UNIX, told)!r} is")
            kind = 0x4000 if raw[-1:] == b"/" else 0
            name = name_of(raw, flags, UNIX, told)
            self._add(Found(name, size, packed, mtime, method, flags, place, kind, crc))
            place += after + packed
            self.position = place
            count += 1
            if count % _MEMBERS_A_STEP == 0:
                yield

    # -- members ---------------------------------------------------------------------------------------------

    def content(self, number: int, length: int) -> bytes:
        """At most `length` bytes of a file.

        Raises:
            Damaged: They cannot be had.
        """
        place, packed, size = self.places[number], self._packed[number], self._catalogue.sizes[number]
        length = min(length, size)
        if not length:
            return b""
        # Unpacking the beginning needs no more than about as many packed bytes.
        wanted = min(packed, length + (length >> 3) + _AHEAD)
        try:
            data = self._file.at(place, _LOCAL.size + _AHEAD + wanted)
            if len(data) < _LOCAL.size or data[:4] != b"PK\3\4":
                raise Damaged("damaged: its header is not where the archive says")
            after = _LOCAL.size + sum(_LOCAL.unpack_from(data)[9:11])
            body = data[after : after + wanted]
            if len(body) < wanted:
                body = self._file.at(place + after, wanted)
        except OSError as error:
            raise Damaged(f"cannot be read: {error.strerror}") from None
        found = _unpacked(self._methods[number], body, length)
        if len(found) < length:
            raise Damaged("damaged: its content is cut off")
        if length == size and zlib.crc32(found) != self._checksums[number]:
            raise Damaged("damaged: its checksum is wrong")
        return found


def _unpacked(method: int, body: bytes, length: int) -> bytes:
    try:
        if method == _DEFLATED:
            return zlib.decompressobj(-15).decompress(body, length)
        if method == _BZIP2:
            return bz2.BZ2Decompressor().decompress(body, length)
    except (zlib.error, OSError, EOFError) as error:
        raise Damaged(f"damaged: {error}") from None
    return body[:length]
