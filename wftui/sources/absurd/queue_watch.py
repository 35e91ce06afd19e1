"""Lists a queue, and tells what changed in it at a cost of what changed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.change import Added, Removed, Updated
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import queries
from wftui.sources.absurd.summaries import ENGINE, task_summary
from wftui.sources.absurd.values import lowest_id, uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.absurd.catalog import Queue
    from wftui.sources.absurd.connection import Link, Row

RUNNING = 1_000
ACTIVE = 100
SWEPT = 50
"""How many known tasks are read again at each look, though no index tells that they changed: those that run (few:
workers hold them), of those that wait, and of all. So a cancelled or removed one is seen within a round."""
CHUNK = 2_000
_ENDED = frozenset({"completed", "failed", "cancelled"})

# The state of a task and its latest run: what changes when it does.
_Mark = tuple[str, "str | None"]


class QueueWatch:
    """The tasks of one queue that are workflows of their own.

    Args:
        link: The connection.
        queue: Which.
        target: For the keys.
        is_run: Tells which of these ids are those of workflow runs: their tasks are no workflows of their own.
        now: The server's time before the listing.
    """

    def __init__(
        self, link: Link, queue: Queue, target: str, is_run: Callable[[Iterable[str]], set[str]], now: float
    ) -> None:
        self._link = link
        self._queue = queue
        self._target = target
        self._is_run = is_run
        self._marks: dict[str, _Mark] = {}
        self._listed: set[str] = set()
        self._running: dict[str, None] = {}
        self._waiting: dict[str, None] = {}
        self._waiting_round: Iterator[str] = iter(())
        self._sweep: Iterator[str] = iter(())
        self._since = now
        # Put together once: that takes longer than the server takes to answer.
        self._moved = queries.rendered(queries.moved(queue))
        self._task_marks = queries.rendered(queries.task_marks(queue))

    @property
    def queue(self) -> Queue:
        """What it lists."""
        return self._queue

    def page(self, after: str | None, limit: int) -> tuple[list[WorkflowSummary], str | None]:
        """At most `limit` tasks, newest first, and the id to go on from; None at the end.

        Raises:
            TargetError: It cannot be read.
        """
        where = sql.SQL("true") if after is None else sql.SQL("t.task_id < %(after)s::uuid")
        rows = self._link.fetch(
            queries.tasks(self._queue, sql.SQL("").join([where]), limit=limit), {"after": after} if after else None
        )
        hidden = self._hidden(rows)
        for row in rows:
            self._note(row, is_listed=row["task_id"] not in hidden)
        shown = [task_summary(row, self._target, self._queue.name) for row in rows if row["task_id"] not in hidden]
        return shown, rows[-1]["task_id"] if len(rows) == limit else None

    def read(self, ids: Iterable[str]) -> list[Row]:
        """The rows of these tasks, those of workflow runs too.

        Raises:
            TargetError: They cannot be read.
        """
        wanted = [i for i in ids if uuid_or_none(i) is not None]
        where = sql.SQL("t.task_id = any(%(ids)s::uuid[])").format()
        rows: list[Row] = []
        for at in range(0, len(wanted), CHUNK):
            rows += self._link.fetch(queries.tasks(self._queue, where), {"ids": wanted[at : at + CHUNK]})
        return rows

    def changes(self, now: float) -> list[Change]:
        """What changed since the last look.

        Args:
            now: The server's time as the look began.

        Raises:
            TargetError: It cannot be read.
        """
        since = self._since - queries.SLACK
        found = self._link.fetch(self._moved, {"since": since, "id": lowest_id(since)})
        doubtful = {row["task_id"]: None for row in found if self._is_news(row)}
        doubtful |= dict.fromkeys(self._again())
        if not doubtful:
            self._since = now
            return []
        marks = self._read_marks(list(doubtful))
        changed = [task_id for task_id, mark in marks.items() if self._marks.get(task_id) != mark]
        changes = self._compare(self.read(changed)) if changed else []
        for task_id in doubtful.keys() - marks.keys():
            changes += self._forget(task_id)
        self._since = now
        return changes

    def _read_marks(self, ids: list[str]) -> dict[str, _Mark]:
        found: dict[str, _Mark] = {}
        for at in range(0, len(ids), CHUNK):
            rows = self._link.fetch(self._task_marks, {"ids": ids[at : at + CHUNK]})
            found |= {row["task_id"]: _mark(row) for row in rows}
        return found

    def _is_news(self, row: Row) -> bool:
        mark = self._marks.get(row["task_id"])
        if mark is None:
            return True
        # An earlier attempt that is still within the slack says nothing about the task.
        return mark[0] != row["state"] and (row["run_id"] is None or row["run_id"] >= (mark[1] or ""))

    def _again(self) -> list[str]:
        running = islice(self._running, RUNNING)
        waiting, self._waiting_round = _next_of(self._waiting, self._waiting_round, ACTIVE)
        swept, self._sweep = _next_of(self._marks, self._sweep, SWEPT)
        return [*running, *waiting, *swept]

    def _compare(self, rows: list[Row]) -> list[Change]:
        changed = [row for row in rows if self._marks.get(row["task_id"]) != _mark(row)]
        hidden = self._hidden(changed)
        changes: list[Change] = []
        for row in changed:
            task_id = row["task_id"]
            was_listed = task_id in self._listed
            self._note(row, is_listed=task_id not in hidden)
            if task_id not in hidden:
                summary = task_summary(row, self._target, self._queue.name)
                changes.append(Updated(summary) if was_listed else Added(summary))
            elif was_listed:
                changes.append(Removed(self._key(task_id)))
        return changes

    def _note(self, row: Row, *, is_listed: bool) -> None:
        task_id = row["task_id"]
        self._marks[task_id] = _mark(row)
        if is_listed:
            self._listed.add(task_id)
        else:
            self._listed.discard(task_id)
        self._running.pop(task_id, None)
        self._waiting.pop(task_id, None)
        if row["state"] == "running":
            self._running[task_id] = None
        elif row["state"] not in _ENDED:
            self._waiting[task_id] = None

    def _forget(self, task_id: str) -> list[Change]:
        self._marks.pop(task_id, None)
        self._running.pop(task_id, None)
        self._waiting.pop(task_id, None)
        if task_id not in self._listed:
            return []
        self._listed.discard(task_id)
        return [Removed(self._key(task_id))]

    def _hidden(self, rows: list[Row]) -> set[str]:
        """Which of the tasks belong to a workflow run that there is."""
        links = {row["task_id"]: row["link"] for row in rows if row["link"] is not None}
        there = self._is_run(set(links.values())) if links else set()
        return {task_id for task_id, run in links.items() if run in there}

    def _key(self, task_id: str) -> WorkflowKey:
        return WorkflowKey(self._target, ENGINE, self._queue.name, task_id)


def _next_of(known: Mapping[str, object], turn: Iterator[str], count: int) -> tuple[list[str], Iterator[str]]:
    """The next `count` of those known, in turns; all of them where they are few. With the turn to go on with."""
    if len(known) <= count:
        return list(known), iter(())
    found = [task_id for task_id in islice(turn, count) if task_id in known]
    if not found:
        turn = iter(tuple(known))
        found = list(islice(turn, count))
    return found, turn


def _mark(row: Row) -> _Mark:
    return row["state"], row["last_run"]
