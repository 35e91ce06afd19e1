"""A live Ray cluster as a source: the manager's memory over the storage."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wftui.errors import NotFoundError, TargetGone
from wftui.model.change import Delta, Page
from wftui.model.workflow import WorkflowDetail, WorkflowKey
from wftui.sources.base import SourceInfo
from wftui.sources.ray.cluster.actions import ClusterActions
from wftui.sources.ray.cluster.link import Link
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.overlay import lay_over_detail, task_from_memory
from wftui.sources.ray.cluster.place import find_place, mask
from wftui.sources.ray.cluster.rows import ClusterRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.base import Source, SourceOptions
    from wftui.sources.ray.cluster.attach import Attached

ENGINE = "ray"
INTERVAL = 1.0
SLOWEST_INTERVAL = 10.0
ATTACH_TIMEOUT = 30.0
LOOK_TIMEOUT = 8.0
CALL_TIMEOUT = 10.0
BUDGET = 400
"""Tasks in one answer of the manager, which does nothing else meanwhile; more come in several."""
MOST_LOOKS = 100
"""Answers taken at once, with 40,000 tasks."""
_REST = "rest:"
"""Begins a cursor into what the storage does not list."""
_SHARE = 10
"""Looks that take t seconds are repeated every 10 t at most."""
NO_MANAGER = "no workflow manager yet: showing the storage"
BUSY = "the workflow manager is busy: showing what it told before"


class ClusterSource:
    """One Ray cluster.

    Args:
        address: `auto`, `host:port` or `ray://host:port`.
        options: How to open it.
    """

    def __init__(self, address: str, options: SourceOptions) -> None:
        self._address = address
        self._target = mask(address)
        self._options = options
        self._lock = threading.Lock()
        self._closed = False
        self._link: Link | None = None
        self._storage: Source | None = None
        self._storage_path: str | None = None
        self._memory = Memory()
        self._rows = ClusterRows(self._memory, self.key, self._is_armed)
        self._rest: tuple[WorkflowSummary, ...] = ()
        self._attended: frozenset[str] = frozenset()
        self._wake: Callable[[], None] | None = None
        self._seconds: tuple[float, ...] = (0.0,)
        self._interval = options.interval or INTERVAL
        self._place_note: tuple[str, ...] = ()
        self._manager_note: tuple[str, ...] = ()
        self._actions = None if options.read_only else ClusterActions(self)

    # -- Source ----------------------------------------------------------------------------------------------

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        watches = f"asking every {self._interval:.3g} s"
        notes = (*self._manager_note, *self._place_note)
        return SourceInfo(self._target, ENGINE, "cluster", self._interval, notes, watches)

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
            attached = cast("Attached", link.call("attach", self._address, timeout=ATTACH_TIMEOUT))
            self._open_storage(attached)
            self._look()
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
            self._look()
        ran_before = self._memory.ids()
        page = storage.page(cursor, limit) if storage is not None else Page(())
        if cursor is None:
            self._look()
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
        ran, storage = self._memory.ids(), self._storage
        delta = storage.changes() if storage is not None else Delta()
        changed = self._rows.take_in(delta.changes) | self._look()
        # What the storage held as running before we asked the manager may have ended in between: read it once more.
        if storage is not None and any(map(self._rows.may_have_ended, changed | (ran - self._memory.ids()))):
            again = storage.changes()
            changed |= self._rows.take_in(again.changes)
            delta = Delta((), again.problems, delta.relist or again.relist)
        if self._actions is not None:
            changed |= self._actions.take_changed()
        return Delta(tuple(self._rows.tell(changed)), delta.problems, delta.relist)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows for these ids."""
        stored = self._storage.summaries(ids) if self._storage is not None else ()
        rows = {row.key.id: self._rows.complete(row) for row in stored}
        for workflow_id in ids:
            if workflow_id not in rows and (row := self._rows.from_memory(workflow_id)) is not None:
                rows[workflow_id] = row
        return tuple(rows[workflow_id] for workflow_id in ids if workflow_id in rows)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow.

        Raises:
            NotFoundError: Neither the storage nor the manager knows it.
        """
        base: WorkflowDetail | None = None
        if self._storage is not None:
            with suppress(NotFoundError):
                base = self._storage.detail(workflow_id)
        live = self._memory.workflow(workflow_id)
        tasks = self._memory.tasks(workflow_id)
        if base is None:
            row = self._rows.from_memory(workflow_id)
            if row is None:
                raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")
            output = live.output_task if live is not None else None
            return WorkflowDetail(row, tuple(map(task_from_memory, tasks)), output)
        return lay_over_detail(base, live, tasks, armed=self._is_armed(workflow_id))

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
            TargetGone: There is no driver, or it does not answer.
        """
        link = self._link
        if link is None:
            raise TargetGone(f"not attached to {self._target}")
        return link.call(operation, *arguments, timeout=timeout)

    def stored(self, workflow_id: str) -> WorkflowDetail:
        """What the storage holds of a workflow, read afresh.

        Raises:
            NotFoundError: Nothing.
        """
        if self._storage is None:
            raise NotFoundError(f"no workflow {workflow_id!r}: the storage cannot be read from here")
        return self._storage.detail(workflow_id)

    def wake(self) -> None:
        """Have the monitor look soon."""
        if self._wake is not None:
            self._wake()

    # -- inside ----------------------------------------------------------------------------------------------

    def _new_link(self) -> Link:
        with self._lock:
            if self._closed:
                raise TargetGone("closed")
            old, self._link = self._link, None
        if old is not None:
            old.kill()
        self._memory.clear()
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
        self._place_note = (place.why,) if place.why else ()
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

    def _look(self) -> frozenset[str]:
        """Ask the manager what is new. Returns the ids that changed."""
        changed: set[str] = set()
        for _ in range(MOST_LOOKS):
            how, answer, seconds = cast(
                "tuple[str, object, float]", self.call("look", self._memory.known(), BUDGET, timeout=LOOK_TIMEOUT)
            )
            self._adapt(seconds)
            if how == "none":
                self._manager_note = (NO_MANAGER,)
                changed |= self._memory.clear()
            elif how == "busy":
                self._manager_note = (BUSY,)
            else:
                self._manager_note = ()
                changed |= self._memory.merge(answer)
            if how != "ok" or not self._memory.is_behind:
                break
        return frozenset(changed)

    def _adapt(self, seconds: float) -> None:
        """Ask less often where answers take long; a single slow one does not count."""
        self._seconds = (*self._seconds[-2:], seconds)
        asked = self._options.interval or INTERVAL
        self._interval = min(max(asked, _SHARE * min(self._seconds)), max(asked, SLOWEST_INTERVAL))

    def _is_armed(self, workflow_id: str) -> bool:
        return self._actions is not None and self._actions.is_armed(workflow_id)
