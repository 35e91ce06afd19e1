"""Names of members as archives have them, made into names of a store, or refused.

Nothing is ever unpacked, so no name could lead anywhere; but one that tries to is no part of a storage either.
"""

from __future__ import annotations

LONGEST = 4096
"""Bytes of a name, as file systems have it."""
_DEEPEST = 128


class BadName(ValueError):  # noqa: N818 - it names what it is
    """A name that is not read; the text says why."""


def decode(raw: bytes) -> str:
    """The name as a local store would have it: bytes that are not UTF-8 as lone surrogates."""
    return raw.decode("utf-8", "surrogateescape")


def tidy(name: str) -> str:
    """The name relative to the top of the archive, "" for the top itself; without "." and without a final "/".

    Raises:
        BadName: It is absolute, leads out, or cannot be the name of a file.
    """
    if "/." not in name and "//" not in name and "\0" not in name and len(name) <= LONGEST:
        if name[:2] == "./":
            name = name[2:]
        if name[:1] not in (".", "/", "") and name[-1] != "/" and name.count("/") < _DEEPEST:
            return name
    return _tidied(name)


def _tidied(name: str) -> str:
    if "\0" in name:
        raise BadName("holds a NUL character: not read")
    if len(name) > LONGEST:
        raise BadName("the name is too long: not read")
    if name.startswith("/"):
        raise BadName("an absolute path: not read")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise BadName("leads out of the archive: not read")
    if len(parts) > _DEEPEST:
        raise BadName("nested too deeply: not read")
    return "/".join(parts)
