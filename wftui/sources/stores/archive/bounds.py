"""How much an archive may ask of us. Whoever made it may have meant harm: every bound can be set, none is absent."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from wftui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WFTUI_ARCHIVE_"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_NUMBER = re.compile(r"([0-9]{1,15})([KMGT]?)(?:i?B)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds on one archive. What lies beyond is left out, and named among the problems.

    Attributes:
        members: Files and folders that are indexed (`WFTUI_ARCHIVE_MEMBERS`).
        size: Bytes that a compressed tar may unpack to while it is indexed (`WFTUI_ARCHIVE_SIZE`).
        ratio: How many times its size an archive, or a member of a zip, may unpack to (`WFTUI_ARCHIVE_RATIO`);
            asked only of what is large, since a few zeros pack very well.
        memory: Bytes of a compressed tar's files that are kept (`WFTUI_ARCHIVE_MEMORY`). What does not fit is
            unpacked again when it is read.
    """

    members: int = 5_000_000
    size: int = 64 << 30
    ratio: int = 1_000
    memory: int = 256 << 20


def variable(bound: str) -> str:
    """The environment variable that sets a bound."""
    return PREFIX + bound.upper()


def from_environment(environ: Mapping[str, str]) -> Bounds:
    """The bounds that the environment sets: plain numbers, or with K, M, G or T (powers of 1,024).

    Raises:
        UsageError: One is no number above 0.
    """
    given: dict[str, int] = {}
    for field in fields(Bounds):
        text = environ.get(variable(field.name), "").strip()
        if not text:
            continue
        found = _NUMBER.fullmatch(text)
        if found is None or int(found[1]) == 0:
            raise UsageError(f"{variable(field.name)}={text} is not a number above 0", "write 500000, 64M or 2G")
        given[field.name] = int(found[1]) * _UNITS[found[2].upper()]
    return Bounds(**given)
