"""What a tar's bytes come out of: the file itself, or a packed stream that only goes forward.

Formats: RFC 1952 (gzip, several members in a row), the .xz file format (several streams, zeros between them),
RFC 8878 (Zstandard, several frames). Every step gives a bounded number of bytes, however well they were packed.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING, Protocol

from wftui.errors import TargetError
from wftui.sources.stores.archive.catalogue import Damaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.stores.archive.file import ArchiveFile

STEP = 1 << 20
"""Bytes that one read gives at most."""
_TAKE = 256 << 10
_LARGEST_WINDOW = 27  # as zstd itself unpacks without being told to take more memory
_MOST_XZ_MEMORY = 512 << 20
_FIRST_SPACING = 4 << 20
_MOST_MARKS = 128


class Stream(Protocol):
    """Unpacked bytes in order."""

    @property
    def position(self) -> int:
        """Unpacked bytes until here."""
        ...

    @property
    def consumed(self) -> int:
        """Bytes of the archive that went in until here."""
        ...

    def read(self) -> bytes:
        """The next bytes, at most `STEP`; b"" at the end.

        Raises:
            Damaged: They cannot be had.
        """
        ...

    def leap(self, count: int) -> int:
        """Go forward without giving bytes, where that is cheap. Returns how many of `count` were left out."""
        ...


class PlainStream:
    """The bytes of the archive as they are."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file
        self.position = 0

    @property
    def consumed(self) -> int:
        """As many as were given or left out."""
        return self.position

    def read(self) -> bytes:
        """See `Stream.read`."""
        try:
            data = self._file.at(self.position, STEP)
        except OSError as error:
            raise Damaged(f"cannot be read at byte {self.position}: {error.strerror}") from None
        self.position += len(data)
        return data

    def leap(self, count: int) -> int:
        """See `Stream.leap`: as far as the file goes."""
        count = max(min(count, self._file.size - self.position), 0)
        self.position += count
        return count


class Unpacker(Protocol):
    """One member, stream or frame. As `lzma.LZMADecompressor`, whose kind does not need anything else."""

    @property
    def eof(self) -> bool:
        """Whether it is at its end."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing more to give without more bytes."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What followed the end."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """The next bytes, at most so many."""
        ...


class GzipUnpacker:
    """One member of a gzip file; `copy` remembers a place in it."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self._tail = b""

    @property
    def eof(self) -> bool:
        """Whether the member is at its end."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether there is nothing more to give without more bytes."""
        return not self._tail

    @property
    def unused_data(self) -> bytes:
        """What followed the member's end."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """The next bytes, at most so many."""
        found = self._inner.decompress(self._tail + data, max_length)
        self._tail = self._inner.unconsumed_tail
        return found

    def copy(self) -> GzipUnpacker:
        """Another that goes on from here."""
        other = GzipUnpacker()
        other._inner, other._tail = self._inner.copy(), self._tail
        return other


def _new_xz() -> Unpacker:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_XZ_MEMORY)


def _new_zstd() -> Unpacker:
    name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    try:
        zstd = importlib.import_module(name)
    except ImportError:
        raise TargetError(
            "this Python reads no .zst", "pip install backports.zstd, or unpack it with zstd -d"
        ) from None
    unpacker: Unpacker = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _LARGEST_WINDOW})
    return unpacker


CODECS: dict[str, Callable[[], Unpacker]] = {"gz": GzipUnpacker, "xz": _new_xz, "zst": _new_zstd}
"""What unpacks a stream, by the word for its format."""


def codec_of(head: bytes) -> str:
    """The format of a packed stream by its first bytes; "" for none of them."""
    if head[:2] == b"\x1f\x8b":
        return "gz"
    if head[:6] == b"\xfd7zXZ\x00":
        return "xz"
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5):
        return "zst"
    return ""


class PackedStream:
    """A packed stream from its beginning, or from a mark; only forward.

    Args:
        file: The archive.
        codec: One of `CODECS`.
    """

    def __init__(self, file: ArchiveFile, codec: str) -> None:
        self._file = file
        self._new = CODECS[codec]
        self._codec = codec
        self._unpacker: Unpacker | None = self._new()
        self._place = 0  # in the archive, of the next bytes to take
        self._has_begun = False
        self._ahead = b""  # taken, but not yet given to the unpacker
        self.position = 0

    @property
    def consumed(self) -> int:
        """See `Stream.consumed`."""
        return self._place

    def read(self) -> bytes:
        """See `Stream.read`."""
        try:
            while self._unpacker is not None:
                data = self._step(self._unpacker)
                if data:
                    self.position += len(data)
                    return data
        except OSError as error:
            raise Damaged(f"cannot be read at byte {self._place}: {error.strerror}") from None
        except (EOFError, ValueError, zlib.error, MemoryError) as error:
            raise Damaged(self._what(error)) from None
        except Exception as error:
            # LZMAError and ZstdError, whose modules are not imported unless they are needed.
            if type(error).__name__ in ("LZMAError", "ZstdError"):
                raise Damaged(self._what(error)) from None
            raise
        return b""

    def _what(self, error: Exception) -> str:
        return f"damaged near byte {self._place}: {str(error).strip().rstrip('.') or type(error).__name__}"

    def _step(self, unpacker: Unpacker) -> bytes:
        if unpacker.eof:
            self._ahead = unpacker.unused_data
            self._begin_next()
            return b""
        if not self._ahead and unpacker.needs_input:
            self._ahead = self._take()
            if not self._ahead:
                data = unpacker.decompress(b"", STEP) if self._has_begun else b""
                if not data and not unpacker.eof:
                    raise Damaged("is cut off: its end is missing")
                return data
        taken, self._ahead = self._ahead, b""
        self._has_begun = True
        return unpacker.decompress(taken, STEP)

    def _take(self) -> bytes:
        data = self._file.at(self._place, _TAKE)
        self._place += len(data)
        return data

    def _begin_next(self) -> None:
        """Another member, stream or frame may follow, after zeros; what else follows is no part of it."""
        while True:
            rest = self._ahead.lstrip(b"\0")
            if len(rest) >= 8:
                break
            more = self._take()
            if not more:
                break
            self._ahead = rest + more
        self._ahead = rest
        is_another = codec_of(rest) == self._codec
        self._unpacker = self._new() if is_another else None
        self._has_begun = False

    def leap(self, count: int) -> int:  # noqa: ARG002 - of the protocol
        """See `Stream.leap`: never cheap here."""
        return 0

    def mark(self) -> PackedStream | None:
        """Another stream that goes on from here; None where the format cannot do that."""
        if self._codec != "gz" or (self._unpacker is not None and self._unpacker.eof):
            return None
        other = PackedStream.__new__(PackedStream)
        other._file, other._new, other._codec = self._file, self._new, self._codec
        other._unpacker = self._unpacker.copy() if isinstance(self._unpacker, GzipUnpacker) else None
        other._place, other._has_begun, other._ahead = self._place, self._has_begun, self._ahead
        other.position = self.position
        return other


class Marks:
    """Places from which a stream can be read on; at most 128, further apart the longer it is."""

    def __init__(self) -> None:
        self._marks: list[PackedStream] = []
        self._spacing = _FIRST_SPACING

    def note(self, stream: PackedStream) -> None:
        """Remember this place, if the last one is far enough away."""
        last = self._marks[-1].position if self._marks else 0
        if stream.position - last < self._spacing:
            return
        found = stream.mark()
        if found is not None:
            self._marks.append(found)
        if len(self._marks) > _MOST_MARKS:
            self._marks = self._marks[1::2]
            self._spacing *= 2

    def before(self, position: int) -> PackedStream | None:
        """A stream that stands at or before a position, the nearest; None where that is the beginning."""
        near = [mark for mark in self._marks if mark.position <= position]
        return near[-1].mark() if near else None
