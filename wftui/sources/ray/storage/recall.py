"""A memory for small files of a key store: what has not changed is not read again. Standard library only."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.sources.stores.base import Blob, Entry, KeyStore, Range

_MOST_KEPT = 48 << 20
"""Bytes of small files that are kept, not to be read again."""
_OVERHEAD = 400
"""Bytes that keeping an empty one takes."""


class Recall:
    """Reads through a store, and keeps what has a tag: the same tag, the same content."""

    def __init__(self, store: KeyStore, most: int = _MOST_KEPT) -> None:
        self._store = store
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int, str], Blob] = OrderedDict()
        self._size = 0

    def peek(self, asked: Sequence[tuple[Range, Entry | None]]) -> list[Blob | None]:
        """What is kept of each range, without asking the store; None for the rest."""
        with self._lock:
            return [None if e is None or e.tag is None else self._kept.get((r.name, r.length, e.tag)) for r, e in asked]

    def read(self, asked: Sequence[tuple[Range, Entry | None]]) -> list[Blob]:
        """Read each range; the entries are what a listing of this moment says of them."""
        keys = [None if e is None or e.tag is None else (r.name, r.length, e.tag) for r, e in asked]
        with self._lock:
            found = [None if key is None else self._kept.get(key) for key in keys]
            for key, blob in zip(keys, found, strict=True):
                if key is not None and blob is not None:
                    self._kept.move_to_end(key)
        fresh = iter(self._store.read([r for (r, _), blob in zip(asked, found, strict=True) if blob is None]))
        answer = [next(fresh) if blob is None else blob for blob in found]
        with self._lock:
            for key, old, blob in zip(keys, found, answer, strict=True):
                if key is not None and old is None and not blob.error:
                    self._keep(key, blob)
        return answer

    def _keep(self, key: tuple[str, int, str], blob: Blob) -> None:
        if key not in self._kept:
            self._size += len(blob.data) + _OVERHEAD
        self._kept[key] = blob
        while self._size > self._most:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.data) + _OVERHEAD
