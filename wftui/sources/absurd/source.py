"""An Absurd database as a source: workflow runs, and tasks that belong to none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError
from wftui.model.change import Delta, Page
from wftui.model.secrets import mask_url
from wftui.sources.absurd.catalog import Catalog, queue_names, read_catalog
from wftui.sources.absurd.connection import Link, SchemaMoved
from wftui.sources.absurd.queue_watch import QueueWatch
from wftui.sources.absurd.reader import read_run, read_task, run_rows, server_time
from wftui.sources.absurd.run_watch import RunWatch
from wftui.sources.absurd.summaries import ENGINE, run_summary, task_summary
from wftui.sources.absurd.values import uuid_or_none
from wftui.sources.base import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions, SourceOptions

INTERVAL = 1.0
_RUNS = "runs"


class AbsurdSource:
    """One database.

    Args:
        target: Its URL; what it leaves out libpq takes from the environment.
        options: How to open it.
    """

    def __init__(self, target: str, options: SourceOptions) -> None:
        self._target = mask_url(target)
        self._interval = options.interval if options.interval is not None else options.poll or INTERVAL
        self._link = Link(target)
        # What is listed belongs to the list's loop; the details' loop only reads the catalog, which is replaced whole.
        self._lock = threading.RLock()
        self._catalog = Catalog()
        self._runs = RunWatch(self._link, self._catalog, self._target)
        self._queues: tuple[QueueWatch, ...] = ()
        self._actions = None if options.read_only else self._make_actions(target)

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        return SourceInfo(
            self._target, ENGINE, "database", self._interval, watches=f"asking every {self._interval:.3g} s"
        )

    @property
    def actions(self) -> Actions | None:
        """What may write, on a connection of its own; None where nothing may."""
        return self._actions

    @property
    def link(self) -> Link:
        """The connection, which cannot write."""
        return self._link

    @property
    def catalog(self) -> Catalog:
        """What there is to read, as last looked at."""
        return self._catalog

    def open(self) -> None:
        """Connect, and look at what there is.

        Raises:
            TargetError: It cannot be reached, or holds nothing of Absurd.
        """
        self._link.open()
        self._look_around()

    def close(self) -> None:
        """Let go."""
        self._link.close()

    def page(self, cursor: str | None, limit: int) -> Page:
        """Workflow runs in order of their keys, then the tasks of each queue, newest first."""
        with self._lock:
            if cursor is None:
                self._look_around()
                cursor = f"{_RUNS}:"
            part, _, after = cursor.partition(":")
            if part == _RUNS:
                rows, more = self._runs.page(after or None, limit)
                return Page(tuple(rows), self._next(-1, more))
            at = int(part)
            rows, more = self._queues[at].page(after or None, limit)
            return Page(tuple(rows), self._next(at, more))

    def _next(self, at: int, more: str | None) -> str | None:
        """The cursor behind a page of queue `at` (-1: of the runs)."""
        if more is not None:
            return f"{_RUNS if at < 0 else at}:{more}"
        return f"{at + 1}:" if at + 1 < len(self._queues) else None

    def changes(self) -> Delta:
        """What moved, by the indexes that Absurd has; a queue more or less, or other rights, and all is listed anew."""
        with self._lock:
            try:
                if self._has_other_queues():
                    return Delta((), self._catalog.problems, relist=True)
                now = server_time(self._link)
                changes: list[Change] = self._runs.changes(now)
                for watch in self._queues:
                    changes += watch.changes(now)
            except SchemaMoved:
                self._look_around()
                return Delta((), self._catalog.problems, relist=True)
            return Delta(tuple(changes), self._catalog.problems)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Rows for these ids."""
        if not ids:
            return ()
        catalog = self._catalog
        wanted = list(dict.fromkeys(ids))
        found = {
            row["workflow_run_id"]: run_summary(row, self._target) for row in run_rows(self._link, catalog, wanted)
        }
        for watch in self._queues:
            rest = [i for i in wanted if i not in found and uuid_or_none(i) is not None]
            if rest:
                name = watch.queue.name
                found |= {row["task_id"]: task_summary(row, self._target, name) for row in watch.read(rest)}
        return tuple(found[i] for i in ids if i in found)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of a run or a task.

        Raises:
            NotFoundError: There is none of that id.
            TargetError: It cannot be read.
        """
        catalog = self._catalog
        found = read_run(self._link, catalog, workflow_id, self._target)
        if found is not None:
            return found
        if uuid_or_none(workflow_id) is not None:
            for queue in catalog.queues:
                found = read_task(self._link, queue, workflow_id, self._target)
                if found is not None:
                    return found
        raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")

    def attend(self, ids: frozenset[str]) -> None:
        """Nothing to do: what is open is read by its key."""

    def watch(self, wake: Callable[[], None]) -> None:
        """Nothing to do: a database is asked."""

    def _make_actions(self, url: str) -> Actions:
        # Read-only, nothing that can write is even imported.
        from wftui.sources.absurd.actions import AbsurdActions

        return AbsurdActions(url, self._target, self)

    # -- inside ----------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        with self._lock:
            catalog = read_catalog(self._link)
            self._catalog = catalog
            now = server_time(self._link)
            self._runs = runs = RunWatch(self._link, catalog, self._target)
            runs.start(now)
            self._queues = tuple(
                QueueWatch(self._link, queue, self._target, runs.known, now) for queue in catalog.queues
            )

    def _has_other_queues(self) -> bool:
        return self._catalog.names is not None and queue_names(self._link) != self._catalog.names
