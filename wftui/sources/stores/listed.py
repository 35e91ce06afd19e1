"""Parts of a key store as they were at one moment: listed once, and then asked without a request.

Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.sources.stores.base import Blob, Entry, Listing, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.sources.stores.base import KeyStore, Watch

_MISSING = Blob(error="no such file", missing=True)
_IS_DIRECTORY = Blob(error="is a directory")
_NO_PREFIX = Listing(error="no such prefix", missing=True)


class Folder:
    """Directories made of keys: the entries of each, by its name below the folder ("" is the folder itself)."""

    def __init__(self, keys: Iterable[Entry] = ()) -> None:
        self.files: dict[str, dict[str, Entry]] = {}
        self.directories: dict[str, dict[str, None]] = {}
        self.odd: list[str] = []
        """Keys that no directory could hold: with an empty part, "." or ".."."""
        for entry in keys:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Put in one key; one that ends in "/" marks a directory."""
        parent, _, name = entry.name.rpartition("/")
        is_odd = name in (".", "..") or entry.name.startswith("/")
        if is_odd or (parent not in self.files and not self._make(parent)):
            self.odd.append(entry.name)
        elif name:
            self.files[parent][name] = entry._replace(name=name)

    def put(self, directory: str, keys: dict[str, Entry]) -> None:
        """Have these keys in a directory instead of those that were; what is deeper is only known by its first part."""
        if directory in self.files or keys:
            self._make(directory)
            self.files[directory] = {name: entry for name, entry in keys.items() if "/" not in name}
            self.directories[directory] = dict.fromkeys(name.partition("/")[0] for name in keys if "/" in name)

    def _make(self, directory: str) -> bool:
        """Have a directory and all above it. False where its name cannot be one."""
        parts = directory.split("/") if directory else []
        if any(part in ("", ".", "..") for part in parts):
            return False
        while directory not in self.files:
            self.files[directory] = {}
            self.directories.setdefault(directory, {})
            if not directory:
                break
            above, _, name = directory.rpartition("/")
            self.directories.setdefault(above, {})[name] = None
            directory = above
        return True

    def scan(self, directory: str) -> Listing:
        """What lies directly in one. Its time is that of its newest file."""
        if directory not in self.files:
            return _NO_PREFIX
        files = self.files[directory].values()
        times = [entry.mtime for entry in files if entry.mtime is not None]
        entries = (*files, *(Entry(name, True) for name in self.directories[directory]))
        return Listing(entries, mtime=max(times) if times else None)

    def find(self, name: str) -> Entry | None:
        """The entry of that name; None where there is none."""
        parent, _, own = name.rpartition("/")
        found = self.files.get(parent, {}).get(own)
        if found is None and name in self.files:
            return Entry(own, True)
        return found


class Listed:
    """A key store of which some prefixes are listed already; what else is asked goes through.

    Args:
        store: The store.
        folders: What is listed, by prefix (without a slash at its end; "" is everything).
        recall: Reads ranges of names that are there; the store's own `read` by default.
    """

    def __init__(
        self,
        store: KeyStore,
        folders: dict[str, Folder],
        recall: Callable[[Sequence[tuple[Range, Entry | None]]], list[Blob]] | None = None,
    ) -> None:
        self._store = store
        self._folders = folders
        self._recall = recall

    @property
    def target(self) -> str:
        """What it is called."""
        return self._store.target

    def _place(self, name: str) -> tuple[Folder, str] | None:
        for prefix, folder in self._folders.items():
            if name == prefix:
                return folder, ""
            if not prefix or name.startswith(f"{prefix}/"):
                return folder, name[len(prefix) + 1 if prefix else 0 :]
        return None

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        """List each prefix; see `Store.scan`."""
        found: list[Listing] = []
        for prefix in prefixes:
            place = self._place(prefix)
            found.append(self._store.scan([prefix], stat=stat)[0] if place is None else place[0].scan(place[1]))
        return found

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        """Read each range; see `Store.read`. What is not there, and sizes and times, cost no request."""
        blobs: list[Blob | None] = []
        asked: dict[Range, Entry | None] = {}  # each once: many tasks ask for the counter of one name
        order: list[Range] = []
        for wanted in ranges:
            place = self._place(wanted.name)
            entry = None if place is None else place[0].find(place[1])
            if place is None or (entry is not None and not entry.is_dir and wanted.length and entry.size != 0):
                blobs.append(None)
                asked[wanted] = entry
                order.append(wanted)
            elif entry is None:
                blobs.append(_MISSING)
            else:
                blobs.append(_IS_DIRECTORY if entry.is_dir else Blob(b"", entry.size, entry.mtime))
        if not asked:
            return [blob or _MISSING for blob in blobs]
        read = self._store.read(list(asked)) if self._recall is None else self._recall(list(asked.items()))
        answers = dict(zip(asked, read, strict=True))
        rest = iter(order)
        return [answers[next(rest)] if blob is None else blob for blob in blobs]

    def watch(self, prefixes: Sequence[str], wake: Callable[[], None]) -> Watch | None:  # noqa: ARG002 - `Store`'s
        """None: it does not change."""
        return None

    def close(self) -> None:
        """Nothing is held."""
