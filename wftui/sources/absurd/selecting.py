"""Finds what is wanted of many runs and tasks: through indexes where they serve it, else on the server, in slices."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.status import Status
from wftui.sources.absurd import queries
from wftui.sources.absurd.run_pages import RunPages
from wftui.sources.absurd.values import STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.selection import Selection
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.absurd.catalog import Table
    from wftui.sources.absurd.connection import Link, Row
    from wftui.sources.absurd.queue_watch import QueueWatch

PAGE = 5_000
SLICE = 50_000
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
# A task that is cancelled as its last attempt fails keeps a failed run.
_RUN_STATES = {state: (state,) for state in STATUSES} | {"cancelled": ("cancelled", "failed")}
_GROUPS = (("failed",), ("running",), ("completed", "cancelled", "sleeping", "pending"))
_APART = 2.0
"""Seconds by which a claim may be noted before the start that it is."""


class Selecting:
    """One selection from one database.

    Args:
        link: The connection.
        wanted: What is wanted.
    """

    def __init__(self, link: Link, wanted: Selection) -> None:
        self._link = link
        self._wanted = wanted
        self._is_filtered = wanted.name is not None or wanted.since is not None

    def _states(self) -> list[str] | None:
        """Absurd's words for the wanted statuses; None for all, and where there is no word for one."""
        if not self._wanted.statuses or Status.UNKNOWN in self._wanted.statuses:
            return None
        return [word for word, status in STATUSES.items() if status in self._wanted.statuses]

    # -- workflow runs ---------------------------------------------------------------------------------------

    def runs(self, table: Table) -> Iterator[list[Row]]:
        """Rows of workflow runs.

        Raises:
            TargetError: They cannot be read.
        """
        only, values = self._condition(table, "w", "workflow_run_id", "workflow_name", ("started_at", "completed_at"))
        states = self._states()
        if states is not None:
            only += sql.SQL(" and w.status::text = any(%(states)s::text[])")  # it may be an enumeration
            values["states"] = states
        pages = RunPages(self._link, table, only, values)
        limit = self._wanted.limit
        if pages.has_order and limit is not None:
            yield from self._first_runs(pages, limit, states)
            return
        after: str | None = None
        while True:
            rows, after = pages.read(after, PAGE)
            yield rows
            if after is None:
                return

    def _first_runs(self, pages: RunPages, limit: int, states: list[str] | None) -> Iterator[list[Row]]:
        for word in pages.read_words():  # failed, running, others
            if states is None or word in states:
                rows = pages.first_of(word, limit)
                yield rows
                if word in ("failed", "running"):
                    limit -= len(rows)
                if limit <= 0:
                    return

    # -- tasks -----------------------------------------------------------------------------------------------

    def tasks(
        self, watch: QueueWatch, shown: Callable[[list[Row]], list[WorkflowSummary]]
    ) -> Iterator[Sequence[WorkflowSummary]]:
        """Rows of tasks of one queue.

        Args:
            watch: The queue.
            shown: Makes rows of those that are no part of a workflow run.

        Raises:
            TargetError: They cannot be read.
        """
        states, limit = self._states(), self._wanted.limit
        if self._is_filtered:
            found = self._matching(watch, states)
        elif watch.has_states and limit is not None and Status.UNKNOWN not in self._wanted.statuses:
            yield from self._first_tasks(watch, set(states or STATUSES), limit, shown)
            return
        elif watch.has_states and states is not None and "completed" not in states:
            found = self._in_states(watch, states)
        else:
            found = self._all(watch)
        for rows in found:
            yield shown(rows)

    def _all(self, watch: QueueWatch) -> Iterator[list[Row]]:
        after: str | None = _LAST
        query = queries.tasks(watch.queue, sql.SQL("t.task_id <= %(after)s::uuid").format(), limit=PAGE + 1)
        while after is not None:
            rows = self._link.fetch(query, {"after": after})
            after = rows.pop()["task_id"] if len(rows) > PAGE else None
            yield rows

    def _matching(self, watch: QueueWatch, states: list[str] | None) -> Iterator[list[Row]]:
        queue = watch.queue
        times = ("enqueue_at", "first_started_at", "cancelled_at")
        where, values = self._condition(queue.tasks, "t", "task_id", "task_name", times, queue.runs)
        if states is not None:
            where += sql.SQL(" and t.state = any(%(states)s)")
            values["states"] = states
        query = queries.matching(queue, where, SLICE)
        # Where SQL says all that was asked for, only the first of the order are read whole.
        limit = self._wanted.limit if self._wanted.since is None and "pattern" in values else None
        best: list[Row] = []
        after: str | None = _LAST
        while after is not None:
            found = self._link.fetch(query, {**values, "after": after})
            after = next((row["next"] for row in found if row["next"] is not None), None)
            found = [row for row in found if row["task_id"] is not None]
            if limit is None:
                yield watch.read(row["task_id"] for row in found)
            else:
                best = heapq.nsmallest(limit, best + watch.own(found), key=_order)
        yield watch.read(row["task_id"] for row in best)

    def _in_states(self, watch: QueueWatch, states: list[str]) -> Iterator[list[Row]]:
        for word in dict.fromkeys(word for state in states for word in _RUN_STATES[state]):
            for _, rows in self._by_claim(watch, word, PAGE):
                yield [row for row in rows if row["state"] in states]

    def _first_tasks(
        self, watch: QueueWatch, states: set[str], limit: int, shown: Callable[[list[Row]], list[WorkflowSummary]]
    ) -> Iterator[Sequence[WorkflowSummary]]:
        """The first of the order.

        Runs come by their claims, the latest first, and no task starts after its claim: what is still to come of a
        state started before the last claim that was read.
        """
        for group in _GROUPS:
            wanted = states.intersection(group)
            starts: list[float] = []
            found = 0
            for word in dict.fromkeys(word for state in group if state in wanted for word in _RUN_STATES[state]):
                for due, rows in self._by_claim(watch, word, max(200, min(PAGE, 2 * limit))):
                    chosen = shown([row for row in rows if row["state"] in wanted])
                    yield chosen
                    found += len(chosen)
                    starts += [row.started_at for row in chosen if row.started_at is not None]
                    starts = heapq.nlargest(limit, starts)
                    if len(starts) >= limit and due + _APART < (starts[-1] if starts else due):
                        break
            limit -= found
            if limit <= 0:
                return

    def _by_claim(self, watch: QueueWatch, word: str, size: int) -> Iterator[tuple[float, list[Row]]]:
        """Tasks whose latest run is in a state, by when that was claimed or is due, with the earliest of those."""
        values: dict[str, object] = {"state": word, "available": None, "run": None}
        while True:
            runs = self._link.fetch(queries.of_state(watch.queue, size, goes_on=values["run"] is not None), values)
            if not runs:
                return
            latest = {row["run_id"] for row in runs}
            rows = watch.read({row["task_id"]: None for row in runs})
            yield runs[-1]["due"], [row for row in rows if row["last_run"] in latest]
            if len(runs) < size:
                return
            values |= {"available": runs[-1]["available"], "run": runs[-1]["run_id"]}

    # -- both ------------------------------------------------------------------------------------------------

    def _condition(
        self, table: Table, alias: str, key: str, name: str, times: Sequence[str], run: Table | None = None
    ) -> tuple[sql.Composed, dict[str, object]]:
        """What name and age ask for, as far as SQL says it; the rest is for whoever asked."""
        where = sql.SQL("true").format()
        values: dict[str, object] = {}
        pattern = _like(self._wanted.name)
        if pattern is not None:
            where += sql.SQL(" and ({} like %(pattern)s or {} like %(pattern)s)").format(
                queries.text(table, alias, key), queries.text(table, alias, name)
            )
            values["pattern"] = pattern
        if self._wanted.since is not None:
            columns = [sql.Identifier(alias, it) for it in times if table.types.get(it, "").startswith("timestamp")]
            ended = ("started_at", "completed_at", "failed_at")
            columns += [sql.Identifier("r", it) for it in ended if run is not None and it in run.types]
            if columns:
                where += sql.SQL(" and greatest({}) >= pg_catalog.to_timestamp(%(since)s)").format(
                    sql.SQL(", ").join(columns)
                )
            values["since"] = self._wanted.since
        return where, values


def _order(row: Row) -> tuple[int, float, str]:
    """Failed, running, others; the latest start first, without one last; by id."""
    group = {"failed": 0, "running": 1}.get(row["state"], 2)
    return group, float("inf") if row["started"] is None else -row["started"], row["task_id"]


def _like(glob: str | None) -> str | None:
    """A glob as a pattern of SQL; None for all, and where SQL has none: with a set of characters."""
    if glob is None or "[" in glob:
        return None
    escaped = glob.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%").replace("?", "_")
