r"""Headers of tar members: POSIX ustar and pax (IEEE 1003.1), the older V7, and GNU's own.

Fields of a header block, in bytes: name 0-99, size 124-135, mtime 136-147, checksum 148-155, kind 156, magic 257-264,
prefix of the name 345-499 (POSIX only). Numbers are octal text, or binary behind a first byte with its top bit set
(GNU). A pax header is a list of "LENGTH KEY=VALUE\n" for the member that follows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

BLOCK = 512
NOTHING = bytes(BLOCK)
LONGEST_PAX = 1 << 20
"""Bytes of the longest pax header, or long name, that is read."""
_POSIX = b"ustar\x00"
_LARGEST = 1 << 62
_DIGITS_OF_A_FLOAT = 7  # behind the point of a time of our days


class BadHeader(ValueError):  # noqa: N818 - it names what it is
    """This is no header of a tar member."""


class Header(NamedTuple):
    """A header block: the raw name, bytes of content that follow, Unix seconds, and the kind's letter."""

    name: bytes
    size: int
    mtime: float
    kind: bytes


def parse_header(block: bytes) -> Header:
    """Parse a block of 512 bytes that is not all zeros.

    Raises:
        BadHeader: Its checksum or a number is wrong.
    """
    try:
        told = int(block[148:156].strip(b" \0"), 8)
    except ValueError:
        raise BadHeader from None
    if told != sum(block) - sum(block[148:156]) + 256 and told != _signed_sum(block):
        raise BadHeader
    name = block[:100].partition(b"\0")[0]
    if block[257:263] == _POSIX and block[345]:
        name = block[345:500].partition(b"\0")[0] + b"/" + name
    size = number(block[124:136])
    if size < 0:
        raise BadHeader
    return Header(name, size, float(number(block[136:148])), block[156:157])


def _signed_sum(block: bytes) -> int:
    """The sum as some old tars made it, of signed bytes."""
    rest = block[:148] + block[156:]
    return sum(rest) + 256 - 256 * sum(byte > 127 for byte in rest)


def number(field: bytes) -> int:
    """A number field.

    Raises:
        BadHeader: It holds none.
    """
    if field[0] & 0x80:
        value = int.from_bytes(field, "big", signed=True) if field[0] == 0xFF else int.from_bytes(field[1:], "big")
        if abs(value) > _LARGEST:
            raise BadHeader
        return value
    text = field.partition(b"\0")[0].strip()
    if not text:
        return 0
    if not text.isdigit():
        raise BadHeader
    try:
        return int(text, 8)
    except ValueError:
        raise BadHeader from None


def parse_pax(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header, by key.

    Raises:
        BadHeader: They do not add up.
    """
    records: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        space = data.find(b" ", at, at + 20)
        digits = data[at:space] if space > 0 else b""
        end = at + int(digits) if digits.isdigit() else -1
        if end <= space or end > len(data) or data[end - 1] != 0x0A:
            raise BadHeader
        key, mark, value = data[space + 1 : end - 1].partition(b"=")
        if not mark:
            raise BadHeader
        records[key] = value
        at = end
    return records


def pax_time(text: bytes) -> float:
    """A time of a pax header in Unix seconds, to the bit as `os.stat` would give it; NaN if it is none.

    With more digits than a float holds it was written from nanoseconds, and `stat` adds those to the seconds.
    """
    whole, _, part = text.partition(b".")
    try:
        if len(part) > _DIGITS_OF_A_FLOAT and part.isdigit() and whole.isdigit():
            return int(whole) + 1e-9 * int(part[:9].ljust(9, b"0"))
        value = float(text)
    except (ValueError, OverflowError):
        return math.nan
    return value if abs(value) < _LARGEST else math.nan
