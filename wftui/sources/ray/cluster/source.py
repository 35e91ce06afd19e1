"""A live Ray cluster as a source: the manager's memory over the storage."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wftui.errors import NotFoundError, RefusedError, TargetError, TargetGone
from wftui.model.change import Delta, Page
from wftui.model.secrets import mask_url
from wftui.model.workflow import WorkflowDetail, WorkflowKey
from wftui.sources.base import SourceInfo, Valued
from wftui.sources.ray.cluster.actions import ClusterActions
from wftui.sources.ray.cluster.link import Link
from wftui.sources.ray.cluster.looks import ManagerLooks
from wftui.sources.ray.cluster.near import NEAR
from wftui.sources.ray.cluster.overlay import lay_over_detail, task_from_memory
from wftui.sources.ray.cluster.place import find_place
from wftui.sources.ray.cluster.printing import ClusterPrinting
from wftui.sources.ray.cluster.rows import ClusterRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.output import OutputPart
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.base import Source, SourceOptions
    from wftui.sources.ray.cluster.attach import Attached

ENGINE = "ray"
ATTACH_TIMEOUT = 30.0
CLIENT_TIMEOUT = 90.0
"""Seconds; the head node starts a process for each of Ray's clients first."""
CALL_TIMEOUT = 10.0
_READS = frozenset({"status", *NEAR})
"""What a source without actions has the driver do, beside attaching."""
_REST = "rest:"
"""Begins a cursor into what the storage does not list."""


class ClusterSource:
    """One Ray cluster.

    Args:
        address: `auto`, `host:port` or `ray://host:port`.
        options: How to open it.
    """

    def __init__(self, address: str, options: SourceOptions) -> None:
        self._address = address
        self._target = mask_url(address)
        self._options = options
        self._lock = threading.Lock()
        self._closed = False
        self._link: Link | None = None
        self._storage: Source | None = None
        self._storage_path: str | None = None
        self._looks = ManagerLooks(self.call, options.interval)
        self._rows = ClusterRows(self._looks, self.key, self._is_armed)
        self._printing = ClusterPrinting(self, self._looks)
        self._rest: tuple[WorkflowSummary, ...] = ()
        self._attended: frozenset[str] = frozenset()
        self._wake: Callable[[], None] | None = None
        self._place_note = ""
        self._actions = None if options.read_only else ClusterActions(self)

    # -- Source ----------------------------------------------------------------------------------------------

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        notes = tuple(note for note in (self._looks.note, self._place_note) if note)
        interval = self._looks.interval
        return SourceInfo(self._target, ENGINE, "cluster", interval, notes, f"asking every {interval:.3g} s")

    @property
    def actions(self) -> ClusterActions | None:
        """The writing side."""
        return self._actions

    def open(self) -> None:
        """Attach through a driver process of our own; a broken one is replaced.

        Raises:
            TargetError: The cluster cannot be reached or used, and why.
        """
        link = self._new_link()
        try:
            timeout = CLIENT_TIMEOUT if self._address.startswith("ray://") else ATTACH_TIMEOUT
            attached = cast("Attached", link.call("attach", self._address, timeout=timeout))
            self._open_storage(attached)
            self._looks.look()
        except BaseException:
            link.close()
            raise

    def close(self) -> None:
        """Let go of the cluster; the driver process ends. Final."""
        with self._lock:
            self._closed = True
            link, self._link = self._link, None
            storage, self._storage = self._storage, None
        if self._actions is not None:
            self._actions.close()
        if link is not None:
            link.close()
        if storage is not None:
            storage.close()

    def page(self, cursor: str | None, limit: int) -> Page:
        """List the storage, as the cluster sees it; workflows of which only the manager tells come last."""
        if cursor is not None and cursor.startswith(_REST):
            return self._page_of_rest(int(cursor[len(_REST) :]), limit)
        storage = self._storage
        if cursor is None:
            self._rows.clear()
            self._looks.look()
        ran_before = self._looks.memory.ids()
        page = storage.page(cursor, limit) if storage is not None else Page(())
        if cursor is None:
            self._looks.look()
        rows = tuple(self._rows.list_page(page.workflows, ran_before))
        if page.next is not None:
            return Page(rows, page.next, page.total, exact=False)
        self._rest = tuple(self._rows.list_rest())
        total = len(self._rows)
        return Page(rows, f"{_REST}0" if self._rest else None, total)

    def _page_of_rest(self, start: int, limit: int) -> Page:
        """Workflows that run and that the storage does not list, or not yet."""
        after = start + limit
        more = f"{_REST}{after}" if after < len(self._rest) else None
        return Page(self._rest[start:after], more, len(self._rows))

    def changes(self) -> Delta:
        """What changed in the storage or in the manager's memory."""
        storage = self._storage
        was_told = self._looks.is_told
        delta = storage.changes() if storage is not None else Delta()
        changed = self._rows.take_in(delta.changes)
        self._looks.look()
        changed |= self._looks.take_changed()
        if self._looks.is_told and not was_told:
            changed |= self._rows.active()
        # What the storage held as running before we asked the manager may have ended in between: read it once more.
        if storage is not None and any(map(self._rows.is_new_suspect, changed)):
            again = storage.changes()
            changed |= self._rows.take_in(again.changes)
            delta = Delta((), again.problems, delta.relist or again.relist)
        if self._actions is not None:
            changed |= self._actions.take_changed()
        return Delta(tuple(self._rows.tell(changed)), delta.problems, delta.relist)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows for these ids."""
        storage = self._storage
        stored = {row.key.id: row for row in storage.summaries(ids)} if storage is not None else {}
        if storage is not None and any(map(self._rows.is_suspect, stored.values())):
            self._looks.look()
            suspects = [row.key.id for row in stored.values() if self._rows.is_suspect(row)]
            again = {row.key.id: row for row in storage.summaries(suspects)} if suspects else {}
            stored = {i: again.get(i, row) for i, row in stored.items() if i in again or i not in suspects}
        rows = {workflow_id: self._rows.complete(row) for workflow_id, row in stored.items()}
        for workflow_id in ids:
            if workflow_id not in rows and (row := self._rows.from_memory(workflow_id)) is not None:
                rows[workflow_id] = row
        return tuple(rows[workflow_id] for workflow_id in ids if workflow_id in rows)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow.

        Raises:
            NotFoundError: Neither the storage nor the manager knows it.
        """
        stored = self._stored_or_none(workflow_id)
        if stored is not None and self._rows.is_suspect(stored.summary):
            self._looks.look()
            if self._rows.is_suspect(stored.summary):
                stored = self._stored_or_none(workflow_id)
        live, tasks = self._looks.memory.workflow(workflow_id), self._looks.memory.tasks(workflow_id)
        if stored is not None:
            return lay_over_detail(self._rows.lay_over(stored.summary), stored, live, tasks)
        row = self._rows.from_memory(workflow_id)
        if row is None or live is None:
            raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")
        return WorkflowDetail(row, tuple(map(task_from_memory, tasks)), live.output_task)

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back: only the storage has it."""
        storage: object = self._storage
        return storage.values(workflow_id, task_ids) if isinstance(storage, Valued) else iter(())

    def output(
        self,
        workflow_id: str,
        task_id: str,
        position: str | None,
        *,
        attempt: int | None = None,
        most: int = 65_536,
        latest: bool = False,
    ) -> OutputPart:
        """What a task printed."""
        return self._printing.output(workflow_id, task_id, position, attempt, most, latest)

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open on screen."""
        self._attended = ids
        if self._storage is not None:
            self._storage.attend(ids)

    def watch(self, wake: Callable[[], None]) -> None:
        """Wake when the storage changes; the manager is only asked."""
        self._wake = wake
        if self._storage is not None:
            self._storage.watch(wake)

    # -- for the actions -------------------------------------------------------------------------------------

    def key(self, workflow_id: str) -> WorkflowKey:
        """The key of an id, known or not."""
        return WorkflowKey(self._target, ENGINE, None, workflow_id)

    def call(self, operation: str, *arguments: object, timeout: float = CALL_TIMEOUT) -> object:
        """Have the driver do something.

        Raises:
            RefusedError: It would write, and this source only reads.
            TargetGone: There is no driver, or it does not answer.
        """
        if self._actions is None and operation not in _READS:
            raise RefusedError(f"read-only: {operation} is not sent to {self._target}")
        link = self._link
        if link is None:
            raise TargetGone(f"not attached to {self._target}")
        return link.call(operation, *arguments, timeout=timeout)

    def stored(self, workflow_id: str) -> WorkflowDetail:
        """What the storage holds of a workflow, read afresh.

        Raises:
            NotFoundError: Nothing.
            TargetError: It cannot be read from here.
        """
        if self._storage is None:
            raise TargetError(f"nothing can be told of {workflow_id!r}: {self._place_note}")
        return self._storage.detail(workflow_id)

    def wake(self) -> None:
        """Have the monitor look soon."""
        if self._wake is not None:
            self._wake()

    def _stored_or_none(self, workflow_id: str) -> WorkflowDetail | None:
        if self._storage is None:
            return None
        try:
            return self._storage.detail(workflow_id)
        except NotFoundError:
            return None

    # -- inside ----------------------------------------------------------------------------------------------

    def _new_link(self) -> Link:
        with self._lock:
            if self._closed:
                raise TargetGone("closed")
            old, self._link = self._link, None
        if old is not None:
            old.kill()
        self._looks.forget()
        link = Link()
        with self._lock:
            closed = self._was_closed()
            if not closed:
                self._link = link
        if closed:
            link.close()
            raise TargetGone("closed")
        return link

    def _was_closed(self) -> bool:
        return self._closed

    def _open_storage(self, attached: Attached) -> None:
        place = find_place(attached.storage, lambda path: cast("tuple[int, int] | None", self.call("identify", path)))
        self._place_note = place.why
        if place.path == self._storage_path and self._storage is not None:
            return
        old, self._storage = self._storage, None
        if old is not None:
            old.close()
        self._storage_path = place.path
        if place.path is None:
            return
        from wftui.sources.ray.storage_source import StorageSource

        storage = StorageSource(place.path, replace(self._options, interval=None), target=self._target)
        storage.open()
        storage.attend(self._attended)
        if self._wake is not None:
            storage.watch(self._wake)
        self._storage = storage

    def _is_armed(self, workflow_id: str) -> bool:
        return self._actions is not None and self._actions.is_armed(workflow_id)
