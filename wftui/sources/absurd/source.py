"""An Absurd database as a source: workflow runs, and tasks that belong to none."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError
from wftui.model.change import Delta, Page, Updated
from wftui.model.secrets import mask_url
from wftui.sources.absurd.catalog import Catalog, read_catalog
from wftui.sources.absurd.connection import Link, SchemaMoved
from wftui.sources.absurd.defined import Defined
from wftui.sources.absurd.pace import Pace
from wftui.sources.absurd.reader import read_run, read_task, run_rows
from wftui.sources.absurd.selecting import Selecting
from wftui.sources.absurd.summaries import ENGINE, task_summary
from wftui.sources.absurd.values import uuid_or_none
from wftui.sources.absurd.watching import Watching
from wftui.sources.base import SourceInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.change import Change
    from wftui.model.selection import Selection
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions, SourceOptions

_RUNS = "runs"


class AbsurdSource:
    """One database.

    Args:
        target: Its URL; what it leaves out libpq takes from the environment.
        options: How to open it.
    """

    def __init__(self, target: str, options: SourceOptions) -> None:
        self._target = mask_url(target)
        self._pace = Pace(options)
        self._link = Link(target)
        # What is listed belongs to the list's loop; the details' loop only reads the catalog, which is replaced whole.
        self._lock = threading.RLock()
        self._watching = Watching(self._link, Catalog(), self._target)
        self._is_fresh = False
        self._is_doubted = False
        self._defined = Defined(options.definitions, self._link)
        self._open: frozenset[str] = frozenset()
        self._actions = None if options.read_only else self._make_actions(target)

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        return SourceInfo(
            self._target,
            ENGINE,
            "database",
            self._pace.interval,
            notes=self._watching.notes,
            watches=f"asking every {self._pace.interval:.3g} s",
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
        return self._watching.catalog

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
        """Workflow runs, then the tasks of each queue, newest first; of many those that are kept."""
        with self._lock:
            if cursor is None:
                if not self._is_fresh:
                    self._look_around()
                self._is_fresh = False
                cursor = f"{_RUNS}:"
            part, _, after = cursor.partition(":")
            watching = self._watching
            if part == _RUNS:
                rows, more = watching.runs.page(after or None, limit)
                return Page(tuple(rows), self._next(-1, more), watching.total, exact=False)
            at = int(part)
            rows, more = watching.queues[at].page(after or None, limit)
            return Page(tuple(rows), self._next(at, more), watching.total, exact=False)

    def _next(self, at: int, more: str | None) -> str | None:
        """The cursor behind a page of queue `at` (-1: of the runs)."""
        if more is not None:
            return f"{_RUNS if at < 0 else at}:{more}"
        return f"{at + 1}:" if at + 1 < len(self._watching.queues) else None

    def changes(self) -> Delta:
        """What moved, by the indexes that Absurd has; a queue more or less, or other rights, and all is listed anew."""
        with self._lock:
            problems = self._watching.catalog.problems + self._defined.problems
            try:
                is_other = self._is_doubted and read_catalog(self._link) != self._watching.catalog
                found = None if is_other else self._watching.changes()
            except SchemaMoved:
                found = None
            self._is_doubted = False
            if found is None:
                self._look_around()
                return Delta((), self._watching.catalog.problems + self._defined.problems, relist=True)
            found += self._redrawn()
            self._pace.looked(len(found))
            return Delta(tuple(found), problems)

    def relist_soon(self) -> None:
        """Look around at the next look, too: for other rights, columns and indexes."""
        self._is_doubted = True

    def hurry(self) -> bool:
        """Somebody looks: no longer rest than the shortest. Returns whether it was longer."""
        return self._pace.hurry()

    def select(self, wanted: Selection) -> Iterator[Sequence[WorkflowSummary]]:
        """Rows of what is wanted, those that a list does not keep, too.

        Raises:
            TargetError: They cannot be read.
        """
        watching = self._watching
        selecting = Selecting(self._link, wanted)
        if watching.runs.table is not None:
            for rows in selecting.runs(watching.runs.table):
                yield [watching.runs.summary(row) for row in rows]
        for watch in watching.queues:
            yield from selecting.tasks(watch, watch.shown)

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Rows for these ids."""
        if not ids:
            return ()
        catalog = self._watching.catalog
        wanted = list(dict.fromkeys(ids))
        runs = self._watching.runs
        found = {row["workflow_run_id"]: runs.summary(row) for row in run_rows(self._link, catalog, wanted)}
        for watch in self._watching.queues:
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
        catalog = self._watching.catalog
        found = read_run(self._link, catalog, workflow_id, self._target)
        if found is not None:
            return self._defined.detail(found, catalog)
        if uuid_or_none(workflow_id) is not None:
            for queue in catalog.queues:
                found = read_task(self._link, queue, workflow_id, self._target)
                if found is not None:
                    return found
        raise NotFoundError(f"no workflow {workflow_id!r} in {self._target}")

    def attend(self, ids: frozenset[str]) -> None:
        """What is open is read by its key; only another definition makes another picture of what has ended."""
        self._open = ids

    def _redrawn(self) -> list[Change]:
        if not self._defined.has_news():
            return []
        return [Updated(row) for row in self.summaries(sorted(self._open))]

    def watch(self, wake: Callable[[], None]) -> None:
        """Nothing to do: a database is asked."""

    def _make_actions(self, url: str) -> Actions:
        # Read-only, nothing that can write is even imported.
        from wftui.sources.absurd.actions import AbsurdActions

        return AbsurdActions(url, self._target, self)

    # -- inside ----------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        with self._lock:
            self._watching = Watching.begun(self._link, self._target)
            self._is_fresh = True
