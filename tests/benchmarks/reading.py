"""Reading a storage with our reader, and with the loop that anybody would write."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from wftui.sources.base import SourceOptions
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.ray.storage_source import StorageSource
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from wftui.sources.stores.base import Blob, Listing, Names, Range

_OF_A_RUN = ("user_run_metadata.json", "pre_run_metadata.json", "post_run_metadata.json")


def rows(root: Path, status: str | None = None) -> int:
    """Complete rows of all workflows, or of those of one status."""
    reader = StorageReader(LocalStore(str(root)), "here")
    words = reader.index().words
    return len(reader.summaries([i for i, word in words.items() if status in (None, word)], words))


def plain_rows(root: Path, status: str) -> int:
    """The index with its times, and the three files of each workflow, opened and parsed."""
    found = 0
    for entry in os.scandir(root / "__status__" / status):
        entry.stat()
        for name in _OF_A_RUN:
            with open(f"{root}/{entry.name}/{name}", "rb") as file:
                found += bool(json.loads(file.read()))
    return found


class _Noting(LocalStore):
    """Notes what is asked of it."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.asked: list[tuple[str, int | None]] = []

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:
        self.asked += [(prefix, None) for prefix in prefixes]
        return super().scan(prefixes, stat=stat)

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        self.asked += [(wanted.name, wanted.length) for wanted in ranges]
        return super().read(ranges)

    def names(self, prefix: str) -> Names:
        self.asked.append((prefix, None))
        return super().names(prefix)

    def time(self, name: str) -> float | None:
        self.asked.append((name, 0))
        return super().time(name)

    def small(self, name: str) -> bytes | None:
        self.asked.append((name, 1))
        return super().small(name)


def same_files(root: Path) -> Callable[[], None]:
    """A plain loop that lists the same directories, opens the same files and parses the same JSON as `rows` does."""
    store = _Noting(str(root))
    reader = StorageReader(store, "here")
    words = reader.index().words
    reader.summaries(list(words), words)
    asked = [(f"{root}/{name}", length) for name, length in store.asked]

    def loop() -> None:
        for path, length in asked:
            try:
                if length is None:
                    [entry.is_dir() for entry in os.scandir(path)]
                elif length == 0:
                    os.stat(path)  # noqa: PTH116 - as anybody would
                else:
                    with open(path, "rb") as file:
                        data = file.read()
                    if path.endswith(".json"):
                        json.loads(data)
            except FileNotFoundError:
                continue

    return loop


def plain_tasks(storage: Path) -> int:
    """Every file of every task of the workflow "wide": JSON opened and parsed, of the others the size."""
    found = 0
    for task in os.scandir(storage / "workflows" / "wide" / "tasks"):
        if task.is_dir():
            for entry in os.scandir(task.path):
                if entry.name.endswith(".json"):
                    with open(entry.path, "rb") as file:
                        found += bool(json.loads(file.read()))
                else:
                    entry.stat()
    return found


def whole(storage: Path) -> int:
    """The whole of that workflow."""
    source = StorageSource(str(storage), SourceOptions())
    source.open()
    return len(source.detail("wide").tasks)


def beginning(storage: Path) -> int:
    """The first rows of it."""
    source = StorageSource(str(storage), SourceOptions())
    source.open()
    return len(next(iter(source.detail_steps("wide", lambda: None, again=False))).tasks)
