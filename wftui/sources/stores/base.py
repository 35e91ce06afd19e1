"""The one interface through which a storage reader sees bytes, wherever they lie.

Names are relative to the store's root, with "/" between the parts, raw: they may hold any other character, and bytes
that are not UTF-8 as lone surrogates (`os.fsdecode`). A store never writes. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Entry(NamedTuple):
    """One name directly under a prefix.

    Attributes:
        name: The last part of the name.
        is_dir: Whether names lie below it. An object store may have both an object and names below it: two entries.
        size: Bytes; None where the scan did not ask or the store does not tell.
        mtime: Unix seconds of the last write; None likewise.
        tag: Differs when the content does; None where the store has no such thing.
        is_link: It is a symbolic link; `is_dir` is about what it leads to.
    """

    name: str
    is_dir: bool
    size: int | None = None
    mtime: float | None = None
    tag: str | None = None
    is_link: bool = False


class Range(NamedTuple):
    """Bytes to read: at most `length` of `name`, from the start. A length of 0 asks for size and time only.

    With that, a directory answers with its time, where the store has such a thing.
    """

    name: str
    length: int


class Blob(NamedTuple):
    """What was read. A tuple, as all that is made for every file: it costs a third of what a dataclass does.

    Attributes:
        data: The bytes, at most as many as were asked for; b"" with an error.
        size: Bytes of the whole object; None if not known.
        mtime: Unix seconds of its last write; None if not known.
        error: Why it could not be read ("permission denied"); "" when it was.
        missing: There is no such object (then `error` says so too).
    """

    data: bytes = b""
    size: int | None = None
    mtime: float | None = None
    error: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """What lies directly under a prefix.

    Attributes:
        entries: In no particular order.
        error: Why it could not be listed; "" when it was.
        missing: There is no such prefix (an object store cannot tell it from an empty one).
        mtime: Unix seconds at which the prefix itself last changed, where the store has such a thing.
    """

    entries: tuple[Entry, ...] = ()
    error: str = ""
    missing: bool = False
    mtime: float | None = None


class Names(NamedTuple):
    """What lies directly under a prefix, by names alone; the attributes as those of `Listing`."""

    names: tuple[str, ...] = ()
    error: str = ""
    missing: bool = False
    mtime: float | None = None


class Watch(Protocol):
    """A running watch."""

    def close(self) -> None:
        """Stop it, soon. Never calls back afterwards."""
        ...


class Store(Protocol):
    """A place with bytes."""

    @property
    def target(self) -> str:
        """What it is called, credentials masked."""
        ...

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        """List each prefix ("" is the root), in order, in one batch; never raises for a single one.

        Args:
            prefixes: Which to list.
            stat: Whether sizes and times are wanted; without, a local store does not look at each file.

        Raises:
            TargetError: The whole store does not answer.
        """
        ...

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        """Read each range, in order, in one batch; never raises for a single one.

        Raises:
            TargetError: The whole store does not answer.
        """
        ...

    def watch(self, prefixes: Sequence[str], wake: Callable[[], None]) -> Watch | None:
        """Call `wake` when something directly under one of the prefixes changes; None where that cannot be had."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


@runtime_checkable
class Nearby(Protocol):
    """A store that tells single things for much less than `scan` and `read` do: a directory of this machine."""

    def names(self, prefix: str) -> Names:
        """The names directly under a prefix, in no particular order; never raises."""
        ...

    def time(self, name: str) -> float | None:
        """When a file or directory was last written to; None where `read` is to tell why that is not known."""
        ...

    def small(self, name: str) -> bytes | None:
        """The content of a regular file of some kilobytes; None for all else: `read` tells what it is.

        Raises:
            FileNotFoundError: There is nothing of that name.
        """
        ...


@runtime_checkable
class KeyStore(Store, Protocol):
    """A store whose names are flat keys, where each request costs: one lists some thousand keys, or reads one."""

    def walk(self, prefix: str, *, shallow: bool = False, most: int | None = None) -> Iterator[list[Entry]]:
        """Every key that begins with `prefix`, in pages of one request each, in the order of the keys.

        Args:
            prefix: Usually with a "/" at its end.
            shallow: Only up to the next "/"; what lies deeper is one entry with `is_dir`.
            most: Ask for about so many and no more.

        Yields:
            Entries named by what follows the prefix, "/" and all; the name may be empty (the marker of a directory).

        Raises:
            TargetError: The store does not answer, or refuses.
        """
        ...

    def renew(self) -> None:
        """Look for credentials anew at the next request."""
        ...
