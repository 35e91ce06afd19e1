"""Lists the workflow runs, and tells what changed in them.

The tracking client ships no schema: nothing says that any column but the key has an index, and the keys are random.
So known runs that have not ended are read by their keys; the whole table is compared only where it is small, or when
the server's statistics say that it was written to.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.change import Added, Removed, Updated
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import queries
from wftui.sources.absurd.reader import run_rows
from wftui.sources.absurd.summaries import ENGINE, run_summary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.absurd.catalog import Catalog, Table
    from wftui.sources.absurd.connection import Link, Row

SMALL = 5_000
"""Rows of a table that is compared whole at each look."""
ACTIVE = 500
CHUNK = 1_000
LONGEST = 60.0
"""Seconds after which a big table is compared whatever the statistics say."""
_ENDED = frozenset({"completed", "failed", "cancelled"})
_WRITTEN = sql.SQL("""
    select coalesce(pg_catalog.pg_stat_get_tuples_inserted(o), 0)
         + coalesce(pg_catalog.pg_stat_get_tuples_updated(o), 0)
         + coalesce(pg_catalog.pg_stat_get_tuples_deleted(o), 0) as written
    from pg_catalog.to_regclass({table}) o
""")

_Mark = tuple[object, ...]


class RunWatch:
    """The workflow runs.

    Args:
        link: The connection.
        catalog: What there is to read.
        target: For the keys.
    """

    def __init__(self, link: Link, catalog: Catalog, target: str) -> None:
        self._link = link
        self._catalog = catalog
        self._target = target
        self._marks: dict[str, _Mark] = {}
        self._queues: dict[str, str | None] = {}
        self._active: dict[str, None] = {}
        self._written: object = None
        self._compared = 0.0

    @property
    def table(self) -> Table | None:
        """The table; None where there is none, or none that can be read."""
        return self._catalog.runs

    def start(self, now: float) -> None:
        """Note what is before the listing, at `now` by the server's clock."""
        self._written = self._read_written()
        self._compared = now

    def known(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids are those of runs.

        Raises:
            TargetError: It cannot be read.
        """
        wanted = set(ids)
        there = wanted & self._marks.keys()
        if self.table is not None and (unknown := wanted - there):
            # A run that its tasks told of before the table did.
            there |= {row["workflow_run_id"] for row in run_rows(self._link, self._catalog, unknown)}
        return there

    def page(self, after: str | None, limit: int) -> tuple[list[WorkflowSummary], str | None]:
        """At most `limit` runs in order of their keys, and the one to go on from; None at the end.

        Raises:
            TargetError: They cannot be read.
        """
        table = self.table
        if table is None:
            return [], None
        where = sql.SQL("true").format()
        if after is not None:
            key = sql.SQL("uuid" if table.types["workflow_run_id"] == "uuid" else "text")
            where = sql.SQL("w.workflow_run_id > %(after)s::{}").format(key)
        values = None if after is None else {"after": after}
        rows = self._link.fetch(queries.runs(table, where, limit=limit), values)
        for row in rows:
            self._note(row)
        shown = [run_summary(row, self._target) for row in rows]
        return shown, rows[-1]["workflow_run_id"] if len(rows) == limit else None

    def changes(self, now: float) -> list[Change]:
        """What changed since the last look.

        Raises:
            TargetError: It cannot be read.
        """
        table = self.table
        if table is None:
            return []
        written = self._read_written()
        whole = len(self._marks) <= SMALL or written != self._written or now - self._compared > LONGEST
        if whole:
            marks = self._link.fetch(queries.run_marks(table, sql.SQL("true").format()))
            self._written, self._compared = written, now
            gone = self._marks.keys() - {row["id"] for row in marks}
        else:
            ids = list(islice(self._active, ACTIVE))
            for run_id in ids:  # the next look takes the next ones
                self._active[run_id] = self._active.pop(run_id)
            where = sql.SQL("w.workflow_run_id = any(%(ids)s::{})").format(queries.run_key(table))
            marks = self._link.fetch(queries.run_marks(table, where), {"ids": ids}) if ids else []
            gone = set(ids) - {row["id"] for row in marks}
        changed = [row["id"] for row in marks if self._marks.get(row["id"]) != _mark(row)]
        return [*self._changed(changed), *map(self._forget, gone)]

    def _changed(self, ids: list[str]) -> list[Change]:
        changes: list[Change] = []
        for at in range(0, len(ids), CHUNK):
            for row in run_rows(self._link, self._catalog, ids[at : at + CHUNK]):
                was_known = row["workflow_run_id"] in self._marks
                self._note(row)
                summary = run_summary(row, self._target)
                changes.append(Updated(summary) if was_known else Added(summary))
        return changes

    def _note(self, row: Row) -> None:
        run_id = row["workflow_run_id"]
        self._marks[run_id] = (row["status"], row["started_at"], row["completed_at"], row["task_count"])
        self._queues[run_id] = row["absurd_queue"]
        if row["status"] in _ENDED:
            self._active.pop(run_id, None)
        else:
            self._active[run_id] = None

    def _forget(self, run_id: str) -> Change:
        self._marks.pop(run_id, None)
        self._active.pop(run_id, None)
        return Removed(WorkflowKey(self._target, ENGINE, self._queues.pop(run_id, None), run_id))

    def _read_written(self) -> object:
        table = self.table
        if table is None:
            return None
        name = sql.SQL("{}").format(table.identifier).as_string(None)
        return self._link.fetch(_WRITTEN.format(table=name))[0]["written"]


def _mark(row: Row) -> _Mark:
    return row["status"], row["started"], row["completed"], row["task_count"]
