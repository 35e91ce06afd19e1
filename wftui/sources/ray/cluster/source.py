"""A live Ray cluster as a source: the manager's memory over the storage."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from wftui.errors import NotFoundError, TargetGone
from wftui.model.change import Added, Delta, Page, Removed, Updated
from wftui.model.workflow import WorkflowDetail, WorkflowKey
from wftui.sources.base import SourceInfo
from wftui.sources.ray.cluster.actions import ClusterActions
from wftui.sources.ray.cluster.link import Link
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.overlay import lay_over_detail, lay_over_row, row_from_memory, task_from_memory
from wftui.sources.ray.cluster.place import find_place, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.base import Source, SourceOptions
    from wftui.sources.ray.cluster.attach import Attached

ENGINE = "ray"
INTERVAL = 1.0
SLOWEST_INTERVAL = 10.0
ATTACH_TIMEOUT = 30.0
LOOK_TIMEOUT = 8.0
CALL_TIMEOUT = 10.0
BUDGET = 2_000
"""Tasks in one answer of the manager; a big workflow comes in several."""
_SHARE = 20
"""A look that takes t seconds is repeated every 20 t at most."""
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
        self._base: dict[str, WorkflowSummary] = {}
        self._told: dict[str, WorkflowSummary] = {}
        self._attended: frozenset[str] = frozenset()
        self._wake: Callable[[], None] | None = None
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
        if cursor is None:
            self._base.clear()
            self._told.clear()
            self._look()
        before = self._memory.ids()
        page = self._storage.page(cursor, limit) if self._storage is not None else Page(())
        rows = [self._ours(row) for row in page.workflows]
        self._base.update((row.key.id, row) for row in rows)
        if cursor is None:
            self._look()
        shown = [self._lay_over(row, was_running=row.key.id in before) for row in rows]
        if page.next is None:
            shown += self._only_in_memory()[: max(0, limit - len(shown))]
        self._told.update((row.key.id, row) for row in shown)
        return replace(page, workflows=tuple(shown), total=page.total if self._storage is not None else len(shown))

    def changes(self) -> Delta:
        """What changed in the storage or in the manager's memory."""
        before = self._memory.ids()
        delta = self._storage.changes() if self._storage is not None else Delta()
        changed = self._take_in(delta.changes) | self._look()
        problems = delta.problems
        # What the storage held as running before we asked the manager may have ended in between: read it once more.
        if self._storage is not None and any(self._may_have_ended(i) for i in changed | (before - self._memory.ids())):
            again = self._storage.changes()
            changed |= self._take_in(again.changes)
            delta, problems = replace(delta, relist=delta.relist or again.relist), again.problems
        if self._actions is not None:
            changed |= self._actions.take_changed()
        return Delta(tuple(self._tell(changed)), problems, delta.relist)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows for these ids."""
        base = self._storage.summaries(ids) if self._storage is not None else ()
        rows = {}
        for row in map(self._ours, base):
            listed = self._base.get(row.key.id)
            if listed is not None and listed.recorded_status == row.recorded_status:
                self._base[row.key.id] = row  # with its times, so that the next change of it is told with them
            rows[row.key.id] = self._lay_over(row)
        for workflow_id in ids:
            if workflow_id not in rows and (unlisted := self._row_from_memory(workflow_id)) is not None:
                rows[workflow_id] = unlisted
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
            row = self._row_from_memory(workflow_id)
            if row is None:
                raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")
            output = live.output_task if live is not None else None
            return WorkflowDetail(row, tuple(map(task_from_memory, tasks)), output)
        base = replace(base, summary=self._ours(base.summary))
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

        storage = StorageSource(place.path, replace(self._options, interval=None))
        storage.open()
        storage.attend(self._attended)
        if self._wake is not None:
            storage.watch(self._wake)
        self._storage = storage

    def _look(self) -> frozenset[str]:
        """Ask the manager what is new. Returns the ids that changed."""
        changed: set[str] = set()
        for _ in range(2 if self._memory.is_behind else 1):
            known, since = self._memory.known()
            how, answer, seconds = cast(
                "tuple[str, object, float]", self.call("look", known, since, BUDGET, timeout=LOOK_TIMEOUT)
            )
            asked = self._options.interval or INTERVAL
            self._interval = min(max(asked, _SHARE * seconds), max(asked, SLOWEST_INTERVAL))
            if how == "none":
                self._manager_note = (NO_MANAGER,)
                changed |= self._memory.clear()
            elif how == "busy":
                self._manager_note = (BUSY,)
            else:
                self._manager_note = ()
                changed |= self._memory.merge(answer)
        return frozenset(changed)

    def _take_in(self, changes: Iterable[Change]) -> set[str]:
        ids = set()
        for change in changes:
            workflow_id = change.key.id
            ids.add(workflow_id)
            if isinstance(change, Removed):
                self._base.pop(workflow_id, None)
            else:
                self._base[workflow_id] = self._ours(change.summary)
        return ids

    def _tell(self, ids: Iterable[str]) -> list[Change]:
        changes: list[Change] = []
        for workflow_id in ids:
            base, told = self._base.get(workflow_id), self._told.get(workflow_id)
            row = self._lay_over(base) if base is not None else self._row_from_memory(workflow_id)
            if row is None:
                if told is not None:
                    del self._told[workflow_id]
                    changes.append(Removed(self.key(workflow_id)))
            elif told is None:
                changes.append(Added(row))
            elif row != told:
                changes.append(Updated(row))
            if row is not None:
                self._told[workflow_id] = row
        return changes

    def _lay_over(self, row: WorkflowSummary, *, was_running: bool = False) -> WorkflowSummary:
        live = self._memory.workflow(row.key.id)
        if live is None and was_running:
            return row  # it ended while we listed: the next look at the storage tells how
        return lay_over_row(row, live, armed=self._is_armed(row.key.id))

    def _row_from_memory(self, workflow_id: str) -> WorkflowSummary | None:
        live = self._memory.workflow(workflow_id)
        armed = self._is_armed(workflow_id)
        return row_from_memory(self.key(workflow_id), live, armed=armed) if live is not None else None

    def _only_in_memory(self) -> list[WorkflowSummary]:
        rows = (self._row_from_memory(i) for i in sorted(self._memory.ids() - self._base.keys()))
        return [row for row in rows if row is not None]

    def _may_have_ended(self, workflow_id: str) -> bool:
        base = self._base.get(workflow_id)
        if base is None or base.recorded_status not in ("RUNNING", "PENDING"):
            return False
        return self._memory.workflow(workflow_id) is None

    def _is_armed(self, workflow_id: str) -> bool:
        return self._actions is not None and self._actions.is_armed(workflow_id)

    def _ours(self, row: WorkflowSummary) -> WorkflowSummary:
        return replace(row, key=self.key(row.key.id))
