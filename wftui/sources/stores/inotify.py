"""inotify of Linux through the C library: a thread sleeps in the kernel until something happens.

`watchfiles` looks every so many milliseconds whether its own thread has found something: that costs an idle monitor
more than all else it does, and its import a good part of a start.

Constants and the calls: `inotify(7)`, `linux/inotify.h`. Standard library only.
"""

from __future__ import annotations

import errno
import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes
    from collections.abc import Iterator, Sequence

_CLOSE_WRITE, _ATTRIB, _MODIFY = 0x8, 0x4, 0x2
_MOVED, _CREATE, _DELETE = 0x40 | 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF, _ONLY_DIRECTORIES = 0x400, 0x800, 0x01000000
_MASK = _CLOSE_WRITE | _ATTRIB | _MODIFY | _MOVED | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLY_DIRECTORIES
_AT_ONCE = 1 << 16
"""Bytes of events taken at a time: they are counted, not read."""
_QUIET_MS = 10
"""Milliseconds without another event after which a burst of them is over."""
_LONGEST = 10
"""Events are told after so many times that at the latest, however many more there are."""
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES})


class NoInotifyError(Exception):
    """This system has none."""


def changes(paths: Sequence[str], stop: int) -> Iterator[None]:
    """Yields once for every burst of changes directly in one of these directories.

    Args:
        paths: The directories; those that are gone, or that may not be read, are left out.
        stop: A file descriptor. It ends when that can be read or is hung up.

    Raises:
        NoInotifyError: This system has none.
        OSError: No more watches are to be had, or none of the directories is there.
    """
    handle = _watching(paths)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(stop, select.POLLIN)
        while not _is_stopped(poll, stop, None):
            os.read(handle, _AT_ONCE)
            # What changes together is told together: a status is a new entry, and then an old one less.
            for _ in range(_LONGEST):
                found = poll.poll(_QUIET_MS)
                if not found or any(of == stop for of, _ in found):
                    break
                os.read(handle, _AT_ONCE)
            yield
    finally:
        os.close(handle)


def _is_stopped(poll: select.poll, stop: int, patience: int | None) -> bool:
    return any(of == stop for of, _ in poll.poll(patience))


def _watching(paths: Sequence[str]) -> int:
    """A file descriptor of inotify that watches these directories."""
    libc = _libc()
    handle = int(libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
    if handle < 0:
        raise _error()
    refused = [_error(path) for path in paths if libc.inotify_add_watch(handle, os.fsencode(path), _MASK) < 0]
    for error in refused:
        if error.errno not in _GONE or len(refused) == len(paths):
            os.close(handle)
            raise error
    return handle


def _libc() -> ctypes.CDLL:
    """The C library, where it has inotify."""
    if not sys.platform.startswith("linux"):
        raise NoInotifyError
    try:
        import ctypes  # takes some milliseconds: not while the user waits

        libc = ctypes.CDLL(None, use_errno=True)
        libc.inotify_init1.argtypes = [ctypes.c_int]
        libc.inotify_add_watch.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]
    except (ImportError, AttributeError):
        raise NoInotifyError from None
    return libc


def _error(path: str | None = None) -> OSError:
    import ctypes

    number = ctypes.get_errno()
    if number == errno.ENOSPC:  # which the system calls a full disk
        return OSError(number, "no inotify watches left", path)
    return OSError(number, os.strerror(number), path)
