"""A directory of this machine as a store: plain system calls, nothing but the standard library."""

from __future__ import annotations

import errno
import os
import stat as stat_module
from typing import TYPE_CHECKING

from wftui.errors import TargetError, TargetGone
from wftui.sources.stores.base import Blob, Entry, Listing, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.sources.stores.base import Range, Watch

    Watcher = Callable[[Sequence[str], Callable[[], None]], Watch | None]

# O_NONBLOCK: opening a FIFO that lies about must not wait for a writer.
_OPEN_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_BINARY = getattr(os, "O_BINARY", 0)
_read_at = getattr(os, "pread", None)
_SMALL = 8_192
"""Bytes from which on a file is not small."""
_MISSING = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
_WORDS = {
    errno.ENOENT: "no such file",
    errno.ENOTDIR: "not a directory",
    errno.EISDIR: "is a directory",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ELOOP: "too many symbolic links",
    errno.ENAMETOOLONG: "the name is too long",
}
# As `Entry(…)` and `Blob(…)` make them, without the cost of their keyword arguments.
_new = tuple.__new__
_BAD_NAME = Blob(error="not a name in this store", missing=True)


def _is_outside(name: str) -> bool:
    """Whether a name could leave the root, or cannot name a file at all."""
    if "\0" in name:
        return True
    if "./" not in name and not name.endswith("."):
        return False
    return any(part in (".", "..") for part in name.split("/"))


def _why(error: OSError) -> str:
    return _WORDS.get(error.errno or 0) or (error.strerror or type(error).__name__).lower()


class LocalStore:
    """A directory, and what lies below it.

    Args:
        root: The directory; bytes that are not UTF-8 as lone surrogates.
        target: What it is called in keys; the root when not given.
        watcher: Starts a watch on directories given by their paths. It comes from outside, because this module
            needs the standard library only; without one, nothing can be watched.
    """

    def __init__(self, root: str, *, target: str | None = None, watcher: Watcher | None = None) -> None:
        # "/" alone stays "": every path below is made as root + "/" + name.
        self._root = os.path.abspath(root).rstrip("/")  # noqa: PTH100 - pathlib would follow links
        self._target = root if target is None else target
        self._watcher = watcher

    @property
    def target(self) -> str:
        """What it is called."""
        return self._target

    @property
    def root(self) -> str:
        """The absolute path of the directory."""
        return self._root or "/"

    def check(self) -> None:
        """See that the root is a directory that can be listed.

        Raises:
            TargetError: It is not.
        """
        try:
            with os.scandir(self.root):
                pass
        except FileNotFoundError:
            raise TargetGone(f"no such directory: {self._target}") from None
        except NotADirectoryError:
            raise TargetError(f"not a directory: {self._target}") from None
        except (OSError, ValueError) as error:
            why = _why(error) if isinstance(error, OSError) else str(error)
            raise TargetError(f"cannot read {self._target}: {why}") from None

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        """List each prefix; see `Store.scan`. Never raises for a single one."""
        return [self._scan_one(prefix, stat) for prefix in prefixes]

    def _scan_one(self, prefix: str, stat: bool) -> Listing:
        if _is_outside(prefix):
            return Listing(error="not a name in this store", missing=True)
        path = f"{self._root}/{prefix}"
        mtime: float | None = None
        try:
            mtime = os.stat(path).st_mtime  # noqa: PTH116 - hot path, raw names
            with os.scandir(path) as found:
                entries = tuple(map(_entry_with_stat, found)) if stat else _entries(path, found)
        except (OSError, UnicodeEncodeError) as error:
            if not isinstance(error, OSError):
                return Listing(error="not a name in this store", missing=True)
            return Listing(error=_why(error), missing=_is_missing(error, mtime))
        return Listing(entries=entries, mtime=mtime)

    def names(self, prefix: str) -> Names:
        """The names directly under a prefix; see `Naming.names`."""
        if _is_outside(prefix):
            return Names(error="not a name in this store", missing=True)
        path = f"{self._root}/{prefix}"
        mtime: float | None = None
        try:
            mtime = os.stat(path).st_mtime  # noqa: PTH116 - hot path, raw names
            return Names(tuple(os.listdir(path)), mtime=mtime)
        except UnicodeEncodeError:
            return Names(error="not a name in this store", missing=True)
        except OSError as error:
            return Names(error=_why(error), missing=_is_missing(error, mtime))

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        """Read each range; see `Store.read`. A length of 0 asks for size and time only and opens nothing."""
        return [self._read_one(name, length) for name, length in ranges]

    def _read_one(self, name: str, length: int) -> Blob:
        if _is_outside(name):
            return _BAD_NAME
        path = f"{self._root}/{name}"
        try:
            if length == 0:
                info = os.stat(path)  # noqa: PTH116 - hot path, raw names
                return _new(Blob, (b"", info.st_size, info.st_mtime, "", False))
            handle = os.open(path, _OPEN_FLAGS | _BINARY)
        except OSError as error:
            return Blob(error=_why(error), missing=error.errno in _MISSING)
        except UnicodeEncodeError:
            return _BAD_NAME
        try:
            return _read_handle(handle, length)
        except OSError as error:
            return Blob(error=_why(error))
        finally:
            os.close(handle)

    def time(self, name: str) -> float | None:
        """When it was last written to; see `Nearby.time`."""
        if _is_outside(name):
            return None
        try:
            return os.stat(f"{self._root}/{name}").st_mtime  # noqa: PTH116 - hot path, raw names
        except (OSError, UnicodeEncodeError):
            return None

    def small(self, name: str) -> bytes | None:
        """The content of a small file; see `Nearby.small`."""
        if _is_outside(name) or _read_at is None:
            return None
        try:
            handle = os.open(f"{self._root}/{name}", _OPEN_FLAGS | _BINARY)
        except FileNotFoundError:
            raise
        except (OSError, UnicodeEncodeError):
            return None
        try:
            data: bytes = _read_at(handle, _SMALL, 0)  # which pipes and directories refuse
        except OSError:
            return None
        finally:
            os.close(handle)
        return data if len(data) < _SMALL else None

    def watch(self, prefixes: Sequence[str], wake: Callable[[], None]) -> Watch | None:
        """Watch the directories among the prefixes that exist, themselves only, not what lies deeper."""
        if self._watcher is None:
            return None
        paths = [f"{self._root}/{prefix}" for prefix in prefixes if not _is_outside(prefix)]
        there = [path for path in paths if os.path.isdir(path)]
        return self._watcher(there, wake) if there else None

    def close(self) -> None:
        """Nothing is held between calls."""


def _is_missing(error: OSError, mtime: float | None) -> bool:
    # What has a time is there, though it may be no directory.
    is_file = mtime is not None and error.errno == errno.ENOTDIR
    return error.errno in _MISSING and not is_file


class _PlainFiles(dict[str, Entry]):
    """The entry of a plain file of that name: a storage has the same few names in each of its many directories."""

    def __missing__(self, name: str) -> Entry:
        entry = Entry(name, False)
        if len(self) < _MOST_NAMES:
            self[name] = entry
        return entry


_MOST_NAMES = 64
_plain_files = _PlainFiles()


def _entries(path: str, found: Iterator[os.DirEntry[str]]) -> tuple[Entry, ...]:
    try:
        # The kind comes with the name: no system call, except for symbolic links. One by one: there are as many as
        # files, and what the system hands over is big.
        return tuple(
            [
                _plain_files[entry.name]
                if entry.is_file(follow_symlinks=False)
                else _new(Entry, (entry.name, entry.is_dir(), None, None, None, entry.is_symlink()))
                for entry in found
            ]
        )
    except OSError:
        with os.scandir(path) as again:
            return tuple(map(_entry, again))


def _entry(found: os.DirEntry[str]) -> Entry:
    try:
        return Entry(found.name, found.is_dir(), is_link=found.is_symlink())
    except OSError:  # a symbolic link that leads nowhere it may
        return Entry(found.name, False)


def _entry_with_stat(found: os.DirEntry[str]) -> Entry:
    try:
        info = found.stat()
    except OSError:  # deleted since, or a dangling link: the name is all there is
        return Entry(found.name, False)
    return Entry(found.name, stat_module.S_ISDIR(info.st_mode), info.st_size, info.st_mtime, None, found.is_symlink())


def _read_handle(handle: int, length: int) -> Blob:
    info = os.fstat(handle)
    if not stat_module.S_ISREG(info.st_mode):
        what = "is a directory" if stat_module.S_ISDIR(info.st_mode) else "not a regular file"
        return Blob(error=what, mtime=info.st_mtime)
    wanted = min(length, info.st_size)
    data = os.read(handle, wanted) if wanted else b""
    while len(data) < wanted:  # network file systems may hand over less than asked for
        more = os.read(handle, wanted - len(data))
        if not more:
            break
        data += more
    return _new(Blob, (data, info.st_size, info.st_mtime, "", False))
