"""Lists a queue, and tells what changed in it at a cost of what changed."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from zlib import crc32

from psycopg import sql

from wftui.model.change import Added, Removed, Updated
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import looks, queries
from wftui.sources.absurd.summaries import ENGINE, task_summary
from wftui.sources.absurd.tally import Tally
from wftui.sources.absurd.values import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.absurd.catalog import Queue
    from wftui.sources.absurd.connection import Link, Row
    from wftui.sources.absurd.looks import Answer, Question

WAITING = 1_000
SWEPT = 200
"""How many known tasks are read again at a look, though no index tells which: of those at work and of those that wait,
when any of them moved; of all, from when the table was written to until each was read once."""
CHUNK = 2_000
URGENT = 5_000
"""Of a queue that is not listed whole, so many of each of these states stand in the list whatever their age."""
_URGENT = ("failed", "running", "sleeping", "pending")
_NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_ENDED = frozenset({"completed", "failed", "cancelled"})

# The latest run of a task and its state, in one number: what changes when it does. There may be many.
_Mark = int


class QueueWatch:
    """The tasks of one queue that are workflows of their own.

    Args:
        link: The connection.
        queue: Which.
        target: For the keys.
        is_run: Tells which of these ids are those of workflow runs: their tasks are no workflows of their own.
        share: How many tasks are kept at most.
        total: How many there are, about; None if that is not known.
    """

    def __init__(
        self,
        link: Link,
        queue: Queue,
        target: str,
        is_run: Callable[[Iterable[str]], set[str]],
        *,
        share: int,
        total: int | None = None,
    ) -> None:
        self._link = link
        self._queue = queue
        self._target = target
        self._is_run = is_run
        self.share = share
        self.total = total
        self.is_cut = False
        self._marks: dict[str, _Mark] = {}
        self._hidden: set[str] = set()
        self.tally = Tally()
        self._running: dict[str, None] = {}
        self._waiting: dict[str, None] = {}
        self._waiting_round: Iterator[str] = iter(())
        self._at_work: tuple[Answer, ...] = ()
        self._written: str | None = None
        self._unswept: list[str] | None = None
        self._task_marks = queries.rendered(queries.task_marks(queue))

    @property
    def queue(self) -> Queue:
        """What it lists."""
        return self._queue

    @property
    def known(self) -> int:
        """How many tasks are kept."""
        return len(self._marks)

    @property
    def is_small(self) -> bool:
        """Whether all its tasks are compared at each look."""
        return self.total is not None and max(self.total, len(self._marks)) <= looks.FEW

    def questions(self) -> list[Question]:
        """What is asked at each look."""
        return looks.of_queue(self._queue, is_small=self.is_small)

    def start(self, answers: Sequence[Sequence[Answer]]) -> None:
        """Note what is before the listing."""
        self._written = answers[-1][0].a if answers[-1] else None

    # -- listing ---------------------------------------------------------------------------------------------

    def page(self, after: str | None, limit: int) -> tuple[list[WorkflowSummary], str | None]:
        """At most `limit` tasks, newest first, and the place to go on from; None at the end.

        Of a queue that is not listed whole, what is urgent comes before that.

        Raises:
            TargetError: It cannot be read.
        """
        if after is None:
            after = "0||" if self._is_large and self.has_states else _NEWEST
        if after.count("|") == 2:
            return self._urgent_page(after, limit)
        limit = min(limit, self.share)
        query = queries.tasks(self._queue, sql.SQL("t.task_id <= %(after)s::uuid").format(), limit=limit + 1)
        rows = self._link.fetch(query, {"after": after})
        more = rows.pop()["task_id"] if len(rows) > limit else None
        shown = self._noted([row for row in rows if row["task_id"] not in self._marks])
        self.is_cut = more is not None and len(self._marks) >= self.share
        return shown, None if self.is_cut else more

    @property
    def _is_large(self) -> bool:
        return self.total is not None and self.total > self.share

    @property
    def has_states(self) -> bool:
        """Whether runs can be read by state and time."""
        return self._queue.runs is not None and {"available_at", "run_id"} <= self._queue.runs.types.keys()

    def _urgent_page(self, after: str, limit: int) -> tuple[list[WorkflowSummary], str]:
        """Through `r_q(state, available_at)`, a state after the other; what was claimed last comes first."""
        at, available, run = after.split("|")
        limit = min(limit, URGENT)
        rows = self._link.fetch(
            queries.of_state(self._queue, limit, goes_on=bool(run)),
            {"state": _URGENT[int(at)], "available": available or None, "run": run or None},
        )
        shown = self._noted(self.read({row["task_id"]: None for row in rows if row["task_id"] not in self._marks}))
        if len(rows) == limit and len(self._marks) < min(URGENT * (int(at) + 1), self.share // 2):
            return shown, f"{at}|{rows[-1]['available']}|{rows[-1]['run_id']}"
        return shown, f"{int(at) + 1}||" if int(at) + 1 < len(_URGENT) else _NEWEST

    def _noted(self, rows: list[Row]) -> list[WorkflowSummary]:
        hidden = self._hidden_of(rows)
        for row in rows:
            self._note(row, is_listed=row["task_id"] not in hidden)
        return [task_summary(row, self._target, self._queue.name) for row in rows if row["task_id"] not in hidden]

    def own(self, rows: list[Row]) -> list[Row]:
        """Those of the tasks that are workflows of their own."""
        hidden = self._hidden_of(rows)
        return [row for row in rows if row["task_id"] not in hidden]

    def shown(self, rows: list[Row]) -> list[WorkflowSummary]:
        """The same as rows of a list."""
        return [task_summary(row, self._target, self._queue.name) for row in self.own(rows)]

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

    # -- following -------------------------------------------------------------------------------------------

    def changes(self, answers: Sequence[Sequence[Answer]]) -> list[Change]:
        """What changed since the last look.

        Args:
            answers: To its questions.

        Raises:
            TargetError: It cannot be read.
        """
        new, *moved = answers[:-1]
        doubtful = {str(it.a): None for it in new if str(it.a) not in self._marks}
        if not moved:  # runs cannot be read, or have no time
            doubtful |= dict.fromkeys([*islice(self._running, WAITING), *self._next_waiting()])
        else:
            at_work = tuple(found[0] for found in moved[-3:])
            doubtful |= {str(it.a): None for found in moved[:-3] for it in found if self._is_news(it)}
            if at_work != self._at_work:
                doubtful |= dict.fromkeys([*islice(self._running, WAITING), *self._next_waiting()])
                self._at_work = at_work
        doubtful |= dict.fromkeys(self._swept(answers[-1][0].a if answers[-1] else None))
        if not doubtful:
            return []
        marks = self._read_marks(list(doubtful))
        changed = [task_id for task_id, mark in marks.items() if self._marks.get(task_id) != mark]
        changes = self._compare(self.read(changed)) if changed else []
        for task_id in doubtful.keys() - marks.keys():
            changes += self._forget(task_id)
        return changes + self._fallen_off()

    def _read_marks(self, ids: list[str]) -> dict[str, _Mark]:
        found: dict[str, _Mark] = {}
        for at in range(0, len(ids), CHUNK):
            rows = self._link.fetch(self._task_marks, {"ids": ids[at : at + CHUNK]})
            found |= {row["task_id"]: _mark(row) for row in rows}
        return found

    def _is_news(self, moved: Answer) -> bool:
        mark = self._marks.get(str(moved.a))
        if mark is None:
            return True
        # An earlier attempt that is still within the slack says nothing about the task.
        return mark & _STATE != _state_mark(moved.b) and _run_mark(moved.c) >= mark >> 32

    def _next_waiting(self) -> list[str]:
        waiting, self._waiting_round = _next_of(self._waiting, self._waiting_round, WAITING)
        return waiting

    def _swept(self, written: str | None) -> list[str]:
        """The next of all known, in turn, from when the table was written to until each was read once."""
        if written is None or written != self._written:
            self._written = written
            if not self._unswept:
                self._unswept = list(self._marks)
        if not self._unswept:
            self._unswept = None
            return []
        count = looks.FEW if self.is_small else SWEPT
        found = self._unswept[-count:]
        del self._unswept[-count:]
        return [task_id for task_id in found if task_id in self._marks]

    def _compare(self, rows: list[Row]) -> list[Change]:
        changed = [row for row in rows if self._marks.get(row["task_id"]) != _mark(row)]
        hidden = self._hidden_of(changed)
        changes: list[Change] = []
        for row in changed:
            task_id = row["task_id"]
            was_listed = task_id in self._marks and task_id not in self._hidden
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
            self._hidden.discard(task_id)
            self.tally.forget(task_id)
        else:
            self._hidden.add(task_id)
            self.tally.note(task_id, row["link"], is_done=row["state"] == "completed")
        self._running.pop(task_id, None)
        self._waiting.pop(task_id, None)
        if row["state"] == "running":
            self._running[task_id] = None
        elif row["state"] not in _ENDED:
            self._waiting[task_id] = None

    def _forget(self, task_id: str) -> list[Change]:
        was_known = self._marks.pop(task_id, None) is not None
        self._running.pop(task_id, None)
        self._waiting.pop(task_id, None)
        if task_id in self._hidden:
            self._hidden.discard(task_id)
            self.tally.forget(task_id)
            return []
        return [Removed(self._key(task_id))] if was_known else []

    def _fallen_off(self) -> list[Change]:
        """The oldest of those that ended, where there are more tasks than are kept: new ones take their place."""
        if len(self._marks) <= self.share * 1.1:
            return []
        self.is_cut = True
        ended = sorted(i for i in self._marks if i not in self._running and i not in self._waiting)
        oldest = ended[: len(self._marks) - self.share]
        return [change for task_id in oldest for change in self._forget(task_id)]

    def _hidden_of(self, rows: list[Row]) -> set[str]:
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


_STATE = 0xFFFFFFFF


def _mark(row: Row) -> _Mark:
    return _run_mark(row["last_run"]) << 32 | _state_mark(row["state"])


def _run_mark(run: str | None) -> int:
    """A run's id as a number: later runs have higher ones."""
    return 0 if run is None else int(run.replace("-", ""), 16)


def _state_mark(state: str | None) -> int:
    return crc32((state or "").encode("utf-8", "surrogatepass"))
