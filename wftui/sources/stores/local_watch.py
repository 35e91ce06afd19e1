"""Watches directories of this machine with what the system offers: inotify, elsewhere through `watchfiles`.

Only the directories asked for are watched, never what lies deeper: a recursive watch costs an inotify watch for each
directory of the storage, of which there are often no more than 65,000. Where a file system tells nothing (NFS), or
the system has no watches left, nothing is watched, and `note` says why: then the caller polls.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from wftui.sources.stores.inotify import NoInotifyError, changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wftui.sources.stores.base import Watch

# File systems whose changes on other machines no inotify tells of.
_REMOTE = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "smb2",
        "9p",
        "afs",
        "ceph",
        "lustre",
        "glusterfs",
        "beegfs",
        "gpfs",
        "ocfs2",
        "gfs2",
        "orangefs",
        "pvfs2",
        "virtiofs",
        "vboxsf",
        "prl_fs",
        "drvfs",
        "davfs",
        "coda",
        "panfs",
    }
)
_DEBOUNCE_MS = 250
_STEP_MS = 50
_TIMEOUT_MS = 1_000
_MOUNTS = "/proc/self/mounts"


class LocalWatcher:
    """Starts watches; see `start`. `note` says why one could not be had, for good: what was refused is not retried."""

    def __init__(self) -> None:
        self._note = ""

    @property
    def note(self) -> str:
        """Why nothing is watched, as "nfs4 tells no changes"; "" while everything is."""
        return self._note

    def start(self, paths: Sequence[str], wake: Callable[[], None]) -> Watch | None:
        """Call `wake` when something directly in one of these directories changes; None where that cannot be had."""
        remote = next((kind for path in paths if (kind := remote_kind(path)) is not None), None)
        if remote is not None:
            self._note = f"{remote} tells no changes"
            return None
        try:
            watch = _LocalWatch(list(paths), wake, self._failed)
        except OSError as error:
            self._failed(_why(error))
            return None
        watch.start()
        return watch

    def _failed(self, why: str) -> None:
        self._note = why


class _LocalWatch:
    """One thread that waits for changes of some directories.

    Raises:
        OSError: Not even a pipe is to be had.
    """

    def __init__(self, paths: list[str], wake: Callable[[], None], failed: Callable[[str], None]) -> None:
        self._paths = paths
        self._wake = wake
        self._failed = failed
        self._stop = threading.Event()
        self._closing = threading.Lock()
        # The thread sleeps until something can be read; what ends that is that the other end is closed.
        self._until, self._end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="wftui-watch", daemon=True)

    def start(self) -> None:
        """Begin. The system may still refuse, a moment later: then the watcher's note says so, and `wake` is called."""
        self._thread.start()

    def close(self) -> None:
        """Stop; the thread ends at once, or where there is no inotify within a second."""
        with self._closing:
            if not self._stop.is_set():
                self._stop.set()
                os.close(self._end)

    def _run(self) -> None:
        try:
            for _ in self._changes():
                if self._stop.is_set():
                    return
                self._wake()
        except (OSError, RuntimeError, ImportError) as error:  # inside a cluster there may be no watchfiles
            if not self._stop.is_set():
                self._failed(_why(error))
                self._wake()
        finally:
            os.close(self._until)

    def _changes(self) -> Iterator[object]:
        try:
            yield from changes(self._paths, self._until)
        except NoInotifyError:
            yield from self._changes_by_watchfiles()

    def _changes_by_watchfiles(self) -> Iterator[object]:
        from watchfiles import watch  # takes some 70 ms: not while the user waits

        return watch(
            *self._paths,
            watch_filter=None,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=self._stop,
            rust_timeout=_TIMEOUT_MS,
            raise_interrupt=False,
            force_polling=False,
            recursive=False,
            ignore_permission_denied=True,
        )


def _why(error: Exception) -> str:
    text = str(error).lower()
    if "limit" in text or "no space left" in text or "too many open files" in text:
        return "no inotify watches left"
    return f"no watching here: {error}"


def remote_kind(path: str) -> str | None:
    """The kind of the file system that holds `path` when it is one that tells no changes, as "nfs4"; else None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as mounts:
            kind = kind_of(os.path.realpath(path), mounts)
    except OSError:
        return None
    if kind in _REMOTE or kind.startswith("fuse.") or kind == "fuse":
        return kind
    return None


def kind_of(path: str, mounts: Iterable[str]) -> str:
    """The kind of the file system that holds an absolute path, by the lines of a mount table; "" if unknown."""
    best, kind = -1, ""
    for line in mounts:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        place = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\")
        inside = place == "/" or path == place or path.startswith(place + "/")
        if inside and len(place) >= best:
            best, kind = len(place), fields[2]
    return kind
