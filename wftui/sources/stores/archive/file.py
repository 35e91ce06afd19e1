"""The archive's own file: opened once, read at any place, and whether it still is what was opened."""

from __future__ import annotations

import errno
import os
import stat as stat_module
from typing import NamedTuple

from wftui.errors import TargetError, TargetGone

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class Identity(NamedTuple):
    """What tells one state of a file from another; `mtime_ns` in nanoseconds since 1970."""

    device: int
    inode: int
    size: int
    mtime_ns: int


def identity_of(info: os.stat_result) -> Identity:
    """The identity in what `stat` gave."""
    return Identity(info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns)


class ArchiveFile:
    """An open file. It stays readable when another takes its name; closed when nobody needs it any more.

    Args:
        path: Where it is.
        target: What it is called in messages.

    Raises:
        TargetError: It cannot be opened, or is no file.
    """

    def __init__(self, path: str, target: str) -> None:
        self._handle = -1
        try:
            self._handle = os.open(path, _FLAGS | getattr(os, "O_BINARY", 0))
            info = os.fstat(self._handle)
        except (OSError, ValueError) as error:
            raise unreadable(target, error) from None
        if not stat_module.S_ISREG(info.st_mode):
            raise TargetError(f"not a file: {target}")
        self.identity = identity_of(info)

    @property
    def size(self) -> int:
        """Bytes, when it was opened."""
        return self.identity.size

    def at(self, place: int, length: int) -> bytes:
        """At most `length` bytes from a place; fewer at the end, or where a network file system gives fewer.

        Raises:
            OSError: It cannot be read.
        """
        data = os.pread(self._handle, length, place)
        while data and len(data) < length:
            more = os.pread(self._handle, length - len(data), place + len(data))
            if not more:
                break
            data += more
        return data

    def __del__(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def unreadable(target: str, error: OSError | ValueError) -> TargetError:
    """What to raise for a file that could not be opened or looked at."""
    if isinstance(error, OSError):
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return TargetGone(f"no such file: {target}")
        return TargetError(f"cannot read {target}: {(error.strerror or type(error).__name__).lower()}")
    return TargetError(f"cannot read {target}: {error}")
