"""Reads a storage in an object store: the rules of `StorageReader`, over listings that cost few requests.

A row of a workflow that succeeded is three reads; any other is a listing of its keys first. The whole of a workflow
is a listing of its keys, a thousand to a request, and one read for each small file that is there, many at a time;
what was read before and has not changed since is not read again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.workflow import Problem, WorkflowKey
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.object_index import RELIST, ObjectIndex
from wftui.sources.ray.storage.object_steps import NOT_READ, SMALL, SparingRead, at_work, steps
from wftui.sources.ray.storage.reader import ENGINE_NAME, StorageReader
from wftui.sources.ray.storage.recall import Recall
from wftui.sources.ray.storage.taskfiles import scan_tasks
from wftui.sources.ray.storage.values import read_values
from wftui.sources.stores.crew import Crew
from wftui.sources.stores.listed import Folder, Listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.ray.storage.index import Index
    from wftui.sources.stores.base import Blob, Entry, KeyStore, Range

    Reading = Callable[[Sequence[tuple[Range, Entry | None]]], list[Blob]]

_AT_ONCE = 12
"""Rows read at the same time."""
_MOST_ODD = 20
"""Problems told of keys that no directory could hold."""


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
        self._last: tuple[str, dict[str, Folder]] | None = None
        self._workers = Crew(_AT_ONCE, "wftui-rows")

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
        return self._detail(workflow_id, self._list(workflow_id), self._recall.read)

    def detail_steps(
        self, workflow_id: str, shown: Callable[[], Sequence[str] | None], *, again: bool
    ) -> Iterator[WorkflowDetail]:
        """See `wftui.sources.base.Gradual`."""
        last = self._last
        own = last[1] if again and last is not None and last[0] == workflow_id else self._list(workflow_id)
        self._last = (workflow_id, own)
        place = layout.join(self.root, workflow_id)
        scan = scan_tasks(Listed(self._store, own), place, stat=False)
        sparing = SparingRead(self._recall, layout.join(place, layout.TASKS))
        if len(scan.files) > SMALL and not again:
            for graph in steps(scan):
                sparing.graph = graph
                sparing.withheld.clear()
                detail = self._detail(workflow_id, own, sparing.read)
                told = tuple(problem for problem in detail.problems if problem.what != NOT_READ)
                progress = (len(graph), len(scan.files)) if sparing.withheld else None
                yield replace(detail, problems=told, read=progress)
                if not sparing.withheld:
                    return
        every = frozenset(scan.files)
        visible = shown() if len(every) > SMALL else None
        sparing.graph, sparing.times = every, every if visible is None else at_work(scan) | frozenset(visible)
        detail = self._detail(workflow_id, own, sparing.read)
        told = tuple(problem for problem in detail.problems if problem.what != NOT_READ)
        yield replace(detail, problems=told)

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """See `wftui.sources.base.Valued`: listed once, so that only what is there is asked for; nothing is kept."""
        view = Listed(self._store, self._list(workflow_id))
        return read_values(view, layout.join(self.root, workflow_id), task_ids)

    def _detail(self, workflow_id: str, own: dict[str, Folder], read: Reading) -> WorkflowDetail:
        detail = self._over({**self._listed_index(), **own}, read).detail(workflow_id)
        odd = [
            Problem(f"{prefix}/{name}", "is not read: no file can have that name")
            for prefix, folder in own.items()
            for name in folder.odd[:_MOST_ODD]
        ]
        return replace(detail, problems=(*detail.problems, *odd)) if odd else detail

    def _over(self, folders: Mapping[str, Folder], read: Reading | None = None) -> StorageReader:
        """The reader of every storage, over what was listed."""
        view = Listed(self._store, dict(folders), read or self._recall.read)
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
        self._workers.close()
