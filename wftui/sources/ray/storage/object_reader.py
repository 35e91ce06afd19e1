"""Reads a storage in an object store: the rules of `StorageReader`, over listings that cost few requests.

A row of a workflow that succeeded is three reads; any other is a listing of its keys first. The whole of a workflow
is a listing of its keys, a thousand to a request, and one read for each small file that is there, many at a time;
what was read before and has not changed since is not read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem, WorkflowKey
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.object_index import RELIST, ObjectIndex
from wftui.sources.ray.storage.reader import ENGINE_NAME, StorageReader
from wftui.sources.stores.listed import Folder, Listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.ray.storage.index import Index
    from wftui.sources.stores.base import Blob, Entry, KeyStore, Range

_AT_ONCE = 12
"""Rows read at the same time."""
_MOST_KEPT = 48 << 20
"""Bytes of small files that are kept, not to be read again."""
_MOST_ODD = 20
"""Problems told of keys that no directory could hold."""
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


class ObjectReader:
    """Reads a storage.

    Args:
        store: Where; its root is the storage, or its `workflows/` folder.
        target: What the target is called in keys.
        relist: Seconds between full listings of the index.
    """

    def __init__(self, store: KeyStore, target: str, *, relist: float = RELIST) -> None:
        self._store = store
        self._target = target
        self._relist = relist
        self._root: str | None = None
        self._index: ObjectIndex | None = None
        self._recall = Recall(store)
        self._workers = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="wftui-rows")

    @property
    def root(self) -> str:
        """The prefix under which the workflows lie; found on the first use.

        Raises:
            TargetError: This is no storage, or it cannot be read.
        """
        if self._root is None:
            self._root = layout.find_root(self._store)
        return self._root

    @property
    def status_index(self) -> ObjectIndex:
        """The reader of the index; it remembers what it saw."""
        if self._index is None:
            self._index = ObjectIndex(self._store, self.root, relist=self._relist)
        return self._index

    def index(self) -> Index:
        """Ids and status words, as the index has them now, or not long ago."""
        return self.status_index.read()

    def key(self, workflow_id: str) -> WorkflowKey:
        """The key of that workflow."""
        return WorkflowKey(self._target, ENGINE_NAME, None, workflow_id)

    def rows(self, ids: Sequence[str]) -> list[tuple[WorkflowSummary, bool]]:
        """Complete rows, each with whether one of its files looks half-written; what is not listed is left out."""
        found = self._workers.map(self._rows_of, ids)
        return [row for rows in found for row in rows]

    def _rows_of(self, workflow_id: str) -> list[tuple[WorkflowSummary, bool]]:
        word = self.status_index.lookup(workflow_id)
        if word is None:
            return []
        folders = self._listed_index()
        if word != "SUCCESSFUL":
            folders.update(self._list(workflow_id))
        return self._over(folders).rows([workflow_id], {workflow_id: word})

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow.

        Raises:
            NotFoundError: There is none of that id.
            TargetError: The store does not answer.
        """
        own = self._list(workflow_id)
        detail = self._over({**self._listed_index(), **own}).detail(workflow_id)
        odd = [
            Problem(f"{prefix}/{name}", "is not read: no file can have that name")
            for prefix, folder in own.items()
            for name in folder.odd[:_MOST_ODD]
        ]
        return replace(detail, problems=(*detail.problems, *odd)) if odd else detail

    def _over(self, folders: Mapping[str, Folder]) -> StorageReader:
        """The reader of every storage, over what was listed."""
        view = Listed(self._store, dict(folders), self._recall.read)
        return StorageReader(view, self._target, root=self.root, index=self.status_index)

    def _listed_index(self) -> dict[str, Folder]:
        folder = self.status_index.folder
        return {} if folder is None else {layout.join(self.root, layout.STATUS_DIR): folder}

    def _list(self, workflow_id: str) -> dict[str, Folder]:
        """Everything that belongs to a workflow, listed now, by its prefix."""
        place = layout.join(self.root, workflow_id)
        if workflow_id and layout.is_id(workflow_id):
            return {place: self._folder(place)}
        if workflow_id:
            return {}
        # The workflow with the empty id lies among all the others.
        apart = [layout.join(place, name) for name in (layout.TASKS, layout.COUNTERS)]
        return {prefix: self._folder(prefix) for prefix in apart}

    def _folder(self, prefix: str) -> Folder:
        return Folder(entry for page in self._store.walk(f"{prefix}/") for entry in page)

    def close(self) -> None:
        """Let go of the threads."""
        self._workers.shutdown(wait=False, cancel_futures=True)
