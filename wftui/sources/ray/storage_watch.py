"""What of a storage is watched, and how soon the next look is due."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from wftui.sources.ray.storage import layout
from wftui.sources.stores.base import Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wftui.sources.ray.storage.reader import StorageReader
    from wftui.sources.stores.base import Store, Watch
    from wftui.sources.stores.local_watch import LocalWatcher

_SOON = 0.3
"""Seconds until the next look at rows that are being written."""
_MOST_OPEN = 256
"""Directories watched for open workflows; an inotify watch each."""


class StorageWatch:
    """Watches the directories of the index and those of open workflows; never everything.

    Args:
        store: Where they lie.
        watcher: Its note tells why nothing can be watched.
        poll: Seconds between polls when the user asked for polling; then nothing is watched.
    """

    def __init__(self, store: Store, watcher: LocalWatcher, poll: float | None) -> None:
        self._store = store
        self._watcher = watcher
        self._poll = poll
        self._wake: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._watches: dict[str, tuple[tuple[str, ...], Watch | None]] = {}
        self._timer: threading.Timer | None = None

    def start(self, wake: Callable[[], None]) -> None:
        """Call `wake` from now on; what to watch is told by `follow`."""
        self._wake = wake
        wake()

    def hurry(self) -> None:
        """Ask for a look now."""
        if self._wake is not None and not self._closed.is_set():
            self._wake()

    def describe(self, interval: float) -> str:
        """How changes are seen, in words."""
        polling = f"polling every {interval:g} s"
        if self._poll is not None:
            return polling
        if self._watcher.note:
            return f"{polling} ({self._watcher.note})"
        if any(watch is not None for _, watch in self._watches.values()):
            return "inotify" if sys.platform.startswith("linux") else "file system events"
        return polling

    def follow(self, reader: StorageReader, attended: Iterable[str], *, is_restless: bool) -> None:
        """Watch what exists now.

        Args:
            reader: Of the storage, after a look.
            attended: The workflows that are open.
            is_restless: Whether something looked as if it were being written.
        """
        if self._wake is None or self._closed.is_set():
            return
        if self._poll is None:
            self._put("index", self._of_index(reader))
            self._put("open", self._there(self._of_open(reader, attended)))
        with self._lock:
            if is_restless and not self._closed.is_set() and (self._timer is None or not self._timer.is_alive()):
                self._timer = threading.Timer(_SOON, self.hurry)
                self._timer.daemon = True
                self._timer.start()

    def _of_index(self, reader: StorageReader) -> tuple[str, ...]:
        """The directories of the index; while there is none, the nearest directory in which it will come to be."""
        return (
            self._there(reader.status_index.directories)
            or self._there([reader.root] if reader.root else [])
            or self._there([""])
        )

    def _there(self, prefixes: Iterable[str]) -> tuple[str, ...]:
        asked = list(prefixes)
        blobs = self._store.read([Range(prefix, 0) for prefix in asked])
        return tuple(prefix for prefix, blob in zip(asked, blobs, strict=True) if not blob.error)

    def _of_open(self, reader: StorageReader, attended: Iterable[str]) -> list[str]:
        prefixes: list[str] = []
        for workflow_id in sorted(attended):
            folder = layout.join(reader.root, workflow_id)
            base = layout.join(folder, layout.TASKS)
            listing = self._store.scan([base], stat=False)[0]
            prefixes += [folder, base, *sorted(f"{base}/{entry.name}" for entry in listing.entries if entry.is_dir)]
        return prefixes[:_MOST_OPEN]

    def _put(self, what: str, prefixes: tuple[str, ...]) -> None:
        before, old = self._watches.get(what, ((), None))
        if prefixes == before:
            return
        watch = self._store.watch(prefixes, self.hurry) if prefixes else None
        with self._lock:
            self._watches[what] = (prefixes, watch)
            late = self._closed.is_set()
        if old is not None:
            old.close()
        if watch is not None and late:
            watch.close()

    def close(self) -> None:
        """Stop watching, at once."""
        with self._lock:
            self._closed.set()
            watches = [watch for _, watch in self._watches.values() if watch is not None]
            timer = self._timer
        if timer is not None:
            timer.cancel()
        for watch in watches:
            watch.close()
