"""The fields of a zip's members: names, times and numbers that do not fit. See `archive_zip` for the formats."""

from __future__ import annotations

import math
import struct
import time
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from wftui.sources.stores.archive.names import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

UTF8 = 0x800
UNIX, MACOS = 3, 19


def fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """The extra fields of a member, by their tags."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def wide(field: bytes, size: int, packed: int, place: int) -> tuple[int, int, int]:
    """The numbers of a member that need 64 bits; only those that say so are there, in this order."""
    numbers = iter(struct.unpack_from(f"<{min(len(field) // 8, 3)}Q", field))
    wide = [next(numbers, told) if told == 0xFFFFFFFF else told for told in (size, packed, place)]
    return min(wide[0], 1 << 62), min(wide[1], 1 << 62), min(wide[2], 1 << 62)


def name_of(raw: bytes, flags: int, host: int, fields: dict[int, bytes]) -> str:
    """A name; without a mark of its encoding it is UTF-8 where it can be, raw from Unix, code page 437 from others."""
    told = fields.get(0x7075, b"")
    if len(told) > 5 and struct.unpack_from("<L", told, 1)[0] == zlib.crc32(raw):
        return decode(told[5:])
    if flags & UTF8 or host in (UNIX, MACOS):
        return decode(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def unix_time(fields: dict[int, bytes]) -> float | None:
    """Unix seconds of the UT field; None without one."""
    told = fields.get(0x5455, b"")
    return float(struct.unpack_from("<l", told, 1)[0]) if len(told) >= 5 and told[0] & 1 else None


@lru_cache(4096)
def dos_time(date: int, clock: int) -> float:
    """Unix seconds of a local time of 2 s resolution; NaN if it is none."""
    local = (1980 + (date >> 9), date >> 5 & 15, date & 31, clock >> 11, clock >> 5 & 63, (clock & 31) * 2, 0, 0, -1)
    if not 1 <= local[1] <= 12 or not 1 <= local[2] <= 31:
        return math.nan
    try:
        return time.mktime(local)
    except (OverflowError, ValueError):
        return math.nan
