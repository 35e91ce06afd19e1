"""A log file and what was rotated away from it, as one run of bytes. Standard library only.

With `RAY_ROTATION_MAX_BYTES` set, Ray moves a worker's `….out` to `….out.1`, that to `….out.2`, and so on, and deletes
the oldest (seen on ray 2.47.1). It does so until the first task of a workflow runs in the worker: that writes to the
file itself (`configure_log_file`). `logrotate` moves files in the same way, or copies and empties them.

Only ordinary files are opened, never what a link points to, and without waiting: a name in the folder may be anything.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

MOST = 64
"""Files that were rotated away; of what is older nothing is read."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Link(NamedTuple):
    """One file of a chain.

    Attributes:
        path: Where it is.
        inode: Which file that is.
        size: Its bytes.
        written: When it was written to, Unix seconds.
    """

    path: str
    inode: int
    size: int
    written: float


class LogChain:
    """Several files as one. Offsets count from the beginning of the oldest that was there at first.

    Args:
        path: Of the youngest, which is written to.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.links: tuple[Link, ...] = ()
        self.begins = 0
        """Offset of the first byte that is still there."""
        self.age = 0
        """Grows when what is there does not go on where it was before: then all of it is another."""

    @property
    def ends(self) -> int:
        """Offset behind the last byte."""
        return self.begins + sum(link.size for link in self.links)

    @property
    def written(self) -> float:
        """When it was written to, Unix seconds."""
        return max((link.written for link in self.links), default=0.0)

    @property
    def is_rotated(self) -> bool:
        """Whether something was rotated away, and perhaps deleted."""
        return len(self.links) > 1 or self.begins > 0

    def refresh(self) -> None:
        """See what is there now.

        Raises:
            OSError: There is none, or it cannot be looked at.
        """
        found = _links(self.path)
        gone = _gone(self.links, found)
        if gone is None:
            self.begins, self.age = 0, self.age + 1
        else:
            self.begins += sum(link.size for link in self.links[:gone])
        self.links = found

    def read(self, at: int, size: int) -> bytes:
        """At most `size` bytes from an offset on; fewer only at the end.

        Raises:
            OSError: A file is gone, or cannot be read.
        """
        parts: list[bytes] = []
        begins = self.begins
        for link in self.links:
            if size > 0 and begins <= at < begins + link.size:
                part = _read(link, at - begins, min(size, begins + link.size - at))
                parts.append(part)
                at, size = at + len(part), size - len(part)
            begins += link.size
        return parts[0] if len(parts) == 1 else b"".join(parts)


def status_of(path: str) -> os.stat_result | None:
    """That of an ordinary file; None where there is none, or something else.

    Raises:
        OSError: It cannot be looked at.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None


def _links(path: str) -> tuple[Link, ...]:
    """The files of a chain, the oldest first."""
    younger = status_of(path)
    found = [] if younger is None else [_link(path, younger)]
    for number in range(1, MOST + 1):
        rotated = f"{path}.{number}"
        status = status_of(rotated)
        if status is None:
            break
        found.append(_link(rotated, status))
    if not found:
        if os.path.lexists(path):
            raise OSError(errno.EINVAL, "it is no ordinary file", path)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    found.reverse()
    return tuple(found)


def _link(path: str, status: os.stat_result) -> Link:
    return Link(path, status.st_ino, status.st_size, status.st_mtime)


def _gone(before: tuple[Link, ...], now: tuple[Link, ...]) -> int | None:
    """How many of the oldest files are there no more; None if what is there now does not go on from what was."""
    if not before:
        return 0
    youngest = before[-1]
    if len(now) > 1 and now[-1].inode == youngest.inode and now[-1].size < youngest.size:
        copy = now[-2]  # it was copied and emptied: then the copy is what it was
        if copy.inode not in [link.inode for link in before]:
            return _gone(before, (*now[:-2], copy._replace(inode=youngest.inode)))
    inodes = [link.inode for link in before]
    if now[0].inode not in inodes:
        return None
    gone = inodes.index(now[0].inode)
    left = before[gone:]
    if len(left) > len(now):
        return None
    for at, (old, new) in enumerate(zip(left, now)):  # noqa: B905 - there may be more now
        is_last = at == len(left) - 1
        if old.inode != new.inode or new.size < old.size or (new.size > old.size and not is_last):
            return None
    return gone


def _read(link: Link, at: int, size: int) -> bytes:
    """Bytes of one file, wherever it was moved since.

    Raises:
        OSError: It is gone, or cannot be read.
    """
    with os.fdopen(os.open(link.path, _FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_ino != link.inode:
            raise FileNotFoundError(errno.ENOENT, "another file has taken its place", link.path)
        file.seek(at)
        return file.read(size)
