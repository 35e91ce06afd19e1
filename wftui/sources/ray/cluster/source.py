"""A live Ray cluster as a source: the manager's memory over the storage."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError, RefusedError, TargetError, TargetGone
from wftui.model.change import Delta, Page
from wftui.model.secrets import mask_url
from wftui.model.workflow import WorkflowKey
from wftui.sources.base import Relisting, SourceInfo, Valued
from wftui.sources.ray.cluster.acting.actions import ClusterActions
from wftui.sources.ray.cluster.connection import CALL_TIMEOUT, Connection
from wftui.sources.ray.cluster.looks import ManagerLooks
from wftui.sources.ray.cluster.near.operations import NEAR
from wftui.sources.ray.cluster.overlay import detail_from_memory, lay_over_detail
from wftui.sources.ray.cluster.places import Places
from wftui.sources.ray.cluster.printing import ClusterPrinting
from wftui.sources.ray.cluster.rows import ClusterRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.output import OutputPart
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Source, SourceOptions

ENGINE = "ray"
_READS = frozenset({"status", "traffic", *NEAR})
"""What a source without actions has the driver do, beside attaching and starting an observer."""
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
        self._connection: Connection | None = None
        self._looks = ManagerLooks(self.call, options.interval)
        self._places = Places(self.call, self._looks.memory, self.wake)
        self._rows = ClusterRows(self._looks, self.key, self._is_armed, self._places.nodes, self._places.why)
        self._printing = ClusterPrinting(self, self._looks, elsewhere=options.observer)
        self._rest: tuple[WorkflowSummary, ...] = ()
        self._attended: frozenset[str] = frozenset()
        self._wake: Callable[[], None] | None = None
        self._is_urgent = False
        self._actions = None if options.read_only else ClusterActions(self)

    # -- Source ----------------------------------------------------------------------------------------------

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        connection, interval = self._connection, self._looks.interval
        notes = (self._looks.note, *(connection.notes if connection is not None else ()), *self._places.notes)
        watches = connection.watches(interval) if connection is not None else ""
        storage = self._storage
        is_costly = storage is not None and storage.info.is_costly
        return SourceInfo(self._target, ENGINE, "cluster", interval, tuple(filter(None, notes)), watches, is_costly)

    @property
    def actions(self) -> ClusterActions | None:
        """The writing side."""
        return self._actions

    def open(self) -> None:
        """Attach through a driver process of our own; a broken one is replaced.

        Raises:
            TargetError: The cluster cannot be reached or used, and why.
        """
        connection = self._connect()
        try:
            connection.open(self._address)
            self._looks.look()
            if connection.storage is not None:
                connection.storage.attend(self._attended)
            if self._wake is not None:
                connection.follow(self._wake)
        except BaseException:
            connection.leave()
            raise

    def close(self) -> None:
        """Let go of the cluster; the driver process ends. Final."""
        with self._lock:
            self._closed = True
            connection, self._connection = self._connection, None
        if self._actions is not None:
            self._actions.close()
        if connection is not None:
            connection.close()

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
        self._printing.watch()
        connection = self._connected()
        storage = connection.storage
        if self._is_urgent:
            self._is_urgent = False
            connection.look_again()
        delta = connection.changes()
        changed = self._rows.take_in(delta.changes)
        connection.hear()
        changed |= self._looks.take_changed()
        if self._looks.is_current:
            changed |= self._rows.take_undecided()
        # What the storage held as running before we asked the manager may have ended in between: read it once more.
        if storage is not None and any(map(self._rows.is_new_suspect, changed)):
            connection.look_again()
            again = connection.changes()
            changed |= self._rows.take_in(again.changes) | self._looks.take_changed()
            delta = Delta((), again.problems, delta.relist or again.relist)
        if self._actions is not None:
            changed |= self._actions.take_changed()
        self._places.ask_on()
        changed |= self._places.take_changed()
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
            TargetError: The manager does not, and the storage cannot be read.
        """
        stored = self._stored_or_none(workflow_id)
        if stored is not None and self._rows.is_suspect(stored.summary):
            self._looks.look()
            if self._rows.is_suspect(stored.summary):
                stored = self._stored_or_none(workflow_id)
        live, tasks = self._looks.memory.workflow(workflow_id), self._looks.memory.tasks(workflow_id)
        seen = self._places.see(workflow_id, tasks, is_open=workflow_id in self._attended)
        if stored is not None:
            return lay_over_detail(self._rows.lay_over(stored.summary), stored, live, tasks, seen)
        row = self._rows.from_memory(workflow_id)
        if row is None or live is None:
            if self._storage is None:
                raise self._untold(workflow_id)
            raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")
        return detail_from_memory(row, live, tasks, seen)

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
        """Wake when the storage changes, or an observer told something; without one, the manager is only asked."""
        self._wake = wake
        if self._connection is not None:
            self._connection.follow(wake)

    def relist_soon(self) -> None:
        """Ask now for what comes by itself otherwise."""
        self._is_urgent = True
        storage: object = self._storage
        if isinstance(storage, Relisting):
            storage.relist_soon()

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
        return self._connected().call(operation, *arguments, timeout=timeout)

    def stored(self, workflow_id: str) -> WorkflowDetail:
        """What the storage holds of a workflow, read afresh.

        Raises:
            NotFoundError: Nothing.
            TargetError: It cannot be read from here.
        """
        if self._storage is None:
            raise self._untold(workflow_id)
        return self._storage.detail(workflow_id)

    def _untold(self, workflow_id: str) -> TargetError:
        return TargetError(f"nothing can be told of {workflow_id!r}: {'; '.join(self.info.notes)}")

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

    def _connect(self) -> Connection:
        """A new connection, in the place of the one before."""
        with self._lock:
            if self._closed:
                raise TargetGone("closed")
            before = self._connection
        self._looks.forget()
        self._places.forget()
        self._printing.forget()
        connection = Connection(self._target, self._options, self._looks, self.wake, before)
        with self._lock:
            closed = self._was_closed()
            if not closed:
                self._connection = connection
        if before is not None:
            before.replaced()
        if closed:
            connection.close()
            raise TargetGone("closed")
        return connection

    def _connected(self) -> Connection:
        connection = self._connection
        if connection is None:
            raise TargetGone(f"not attached to {self._target}")
        return connection

    def _was_closed(self) -> bool:
        return self._closed

    @property
    def _storage(self) -> Source | None:
        connection = self._connection
        return connection.storage if connection is not None else None

    def _is_armed(self, workflow_id: str) -> bool:
        return self._actions is not None and self._actions.is_armed(workflow_id)
