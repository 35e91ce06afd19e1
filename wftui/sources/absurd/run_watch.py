"""Lists the workflow runs, and tells what changed in them.

The tracking client ships no schema: nothing says that any column but the key has an index, and the keys are random.
So a look compares versions: of the whole table while it is small, else of the runs that have not ended, and reads
through an index on status and start, where there is one, what started since. Whatever else is written to a big table
is found by reading it once more by its keys, a slice at each look, from when the server counts a write on.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.change import Added, Removed, Updated
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import looks, queries
from wftui.sources.absurd.reader import run_rows
from wftui.sources.absurd.run_pages import RunPages
from wftui.sources.absurd.summaries import ENGINE, run_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.absurd.catalog import Catalog, Table
    from wftui.sources.absurd.connection import Link, Row
    from wftui.sources.absurd.looks import Answer, Question
    from wftui.sources.absurd.tally import Tally

CHUNK = 1_000
SLICE = 4_000
"""Runs of a big table that are compared at a look, after it was written to."""
_ENDED = ("completed", "failed", "cancelled")

_Mark = tuple[object, ...]
# The runs that were asked for, and what was told of their versions.
_Versions = tuple[tuple[str, ...], list[list["Answer"]]]


class RunWatch:
    """The workflow runs.

    Args:
        link: The connection.
        catalog: What there is to read.
        target: For the keys.
        share: How many are listed at most.
        total: How many there are, about; None if that is not known.
    """

    def __init__(self, link: Link, catalog: Catalog, target: str, *, share: int = 0, total: int | None = None) -> None:
        self._link = link
        self._catalog = catalog
        self._target = target
        self._share = share
        self.total = total
        self.is_cut = False
        self._is_small = total is None or total <= looks.FEW
        self._pages = None if catalog.runs is None else RunPages(link, catalog.runs)
        self._marks: dict[str, _Mark] = {}
        self._queues: dict[str, str | None] = {}
        self._active: dict[str, None] = {}
        self._asked: tuple[str, ...] = ()
        self._versions: _Versions = ((), [])
        self._active_words = 0
        self._written: str | None = None
        self._slice_after: str | None = None
        self._unseen: set[str] | None = None
        self.tallies: tuple[Tally, ...] = ()

    @property
    def table(self) -> Table | None:
        """The table; None where there is none, or none that can be read."""
        return self._catalog.runs

    @property
    def known(self) -> int:
        """How many runs are listed."""
        return len(self._marks)

    @property
    def mode(self) -> tuple[object, ...]:
        """What its questions depend on."""
        return self._is_small, self._pages.words if self._pages is not None else ()

    @property
    def lacks_index(self) -> bool:
        """Whether an index would help: the table is big, and has none on status and start."""
        return self._pages is not None and not self._pages.has_order and not self._is_small

    # -- listing ---------------------------------------------------------------------------------------------

    def known_of(self, ids: Iterable[str]) -> set[str]:
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
        """At most `limit` runs and the place to go on from; None at the end.

        Raises:
            TargetError: They cannot be read.
        """
        if self._pages is None:
            return [], None
        rows, more = self._pages.read(after, max(1, min(limit, self._share - len(self._marks))))
        for row in rows:
            self._note(row)
        if more is not None and len(self._marks) >= self._share:
            self.is_cut, more = True, None
        return [self.summary(row) for row in rows], more

    def summary(self, row: Row) -> WorkflowSummary:
        """A run's row, with how far it is as far as its tasks were seen."""
        counts = [tally.of(row["workflow_run_id"]) for tally in self.tallies]
        return run_summary(row, self._target, sum(done for done, _ in counts), sum(total for _, total in counts))

    def progressed(self) -> list[Change]:
        """The rows of those whose tasks moved, though they did not.

        Raises:
            TargetError: They cannot be read.
        """
        moved = {run for tally in self.tallies for run in tally.take_changed()}
        # Of what is completed all is done: that its row tells by itself.
        ids = [run for run in moved if self._marks.get(run, ("completed",))[0] != "completed"]
        changes: list[Change] = []
        for row in run_rows(self._link, self._catalog, ids) if ids else ():
            self._note(row)
            changes.append(Updated(self.summary(row)))
        return changes

    # -- following -------------------------------------------------------------------------------------------

    def questions(self) -> list[Question]:
        """What is asked at each look. Last: how often the table was written to."""
        table = self.table
        if table is None or self._pages is None:
            return []
        if self._is_small:
            return [looks.versions_of_all(table), looks.written(table)]
        if not self._pages.has_order:
            return [looks.of_known_runs(table), looks.written(table)]
        words = {*("running", "pending"), *(word for word in self._pages.words if word is not None)}
        active = sorted(words.difference(_ENDED))
        self._active_words = len(active)
        return [
            *(looks.of_runs_with(table, word) for word in active),
            *(looks.started_runs(table, word) for word in (*active, *_ENDED)),
            looks.written(table),
        ]

    def attended(self) -> list[str]:
        """The runs whose versions a look compares by key: those that have not ended."""
        is_keyed = not self._is_small and self._pages is not None and not self._pages.has_order
        self._asked = tuple(islice(self._active, looks.ACTIVE)) if is_keyed else ()
        return list(self._asked)

    def start(self, answers: Sequence[Sequence[Answer]]) -> None:
        """Note what is before the listing."""
        if answers:
            self._written = answers[-1][0].a
            self._versions = self._versions_in(answers)

    def changes(self, answers: Sequence[Sequence[Answer]]) -> list[Change]:
        """What changed since the last look.

        Args:
            answers: To its questions.

        Raises:
            TargetError: It cannot be read.
        """
        table = self.table
        if table is None:
            return []
        versions = self._versions_in(answers)
        if self._is_small:
            return [] if versions == self._versions else self._whole(table, versions)
        doubtful = {str(it.a) for found in answers[len(versions[1]) : -1] for it in found if self._is_news(it)}
        if versions != self._versions:
            doubtful |= self._active.keys()
            doubtful |= self._now_active(table)
        self._versions = versions
        changes = self._compared(table, sorted(doubtful)) if doubtful else []
        return changes + self._slice(table, answers[-1][0].a)

    def _versions_in(self, answers: Sequence[Sequence[Answer]]) -> _Versions:
        has_order = not self._is_small and self._pages is not None and self._pages.has_order
        return self._asked, [list(it) for it in answers[: self._active_words if has_order else 1]]

    def _is_news(self, started: Answer) -> bool:
        mark = self._marks.get(str(started.a))
        return mark is None or mark[0] != started.b

    def _whole(self, table: Table, versions: _Versions) -> list[Change]:
        marks = self._link.fetch(queries.run_marks(table, sql.SQL("true").format()))
        self._versions = versions
        self._is_small = len(marks) <= looks.FEW
        gone = self._marks.keys() - {row["id"] for row in marks}
        return [*self._changed(marks), *map(self._forget, gone)]

    def _now_active(self, table: Table) -> set[str]:
        """The runs that have not ended, through the index."""
        if self._pages is None or not self._pages.has_order:
            return set()
        words = [word for word in {*self._pages.words, "running", "pending"} if word is not None]
        found: set[str] = set()
        for word in words:
            if word not in _ENDED:
                rows = self._link.fetch(queries.run_ids_with(table, looks.ACTIVE), {"word": word})
                found |= {row["id"] for row in rows}
        return found

    def _compared(self, table: Table, ids: list[str]) -> list[Change]:
        changes: list[Change] = []
        where = sql.SQL("w.workflow_run_id = any(%(ids)s::{})").format(queries.run_key(table))
        for at in range(0, len(ids), CHUNK):
            asked = ids[at : at + CHUNK]
            marks = self._link.fetch(queries.run_marks(table, where), {"ids": asked})
            changes += self._changed(marks)
            gone = set(asked) - {row["id"] for row in marks}
            changes += [self._forget(run_id) for run_id in gone if run_id in self._marks]
        return changes

    def _slice(self, table: Table, written: str | None) -> list[Change]:
        """The next of a whole comparison by key, that begins when the server has counted a write."""
        if self._unseen is None:
            if written is not None and written == self._written:
                return []
            self._written, self._slice_after, self._unseen = written, None, set(self._marks)
        where = sql.SQL("true").format()
        if self._slice_after is not None:
            where = sql.SQL("w.workflow_run_id > %(after)s::{}").format(queries.run_key(table, is_array=False))
        values = {"after": self._slice_after} if self._slice_after is not None else None
        marks = self._link.fetch(queries.run_marks_by_key(table, where, SLICE), values)
        self._unseen.difference_update(row["id"] for row in marks)
        if not self.is_cut:
            changes = self._changed(marks)
        else:  # what is not listed for being too many is no news
            changes = self._changed([row for row in marks if row["id"] in self._marks])
        if len(marks) == SLICE:
            self._slice_after = marks[-1]["id"]
            return changes
        gone = [run_id for run_id in self._unseen if run_id in self._marks]
        self._unseen = None
        return [*changes, *map(self._forget, gone)]

    def _changed(self, marks: Iterable[Row]) -> list[Change]:
        ids = [row["id"] for row in marks if self._marks.get(row["id"]) != _mark(row)]
        changes: list[Change] = []
        for at in range(0, len(ids), CHUNK):
            for row in run_rows(self._link, self._catalog, ids[at : at + CHUNK]):
                was_known = row["workflow_run_id"] in self._marks
                self._note(row)
                summary = self.summary(row)
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


def _mark(row: Row) -> _Mark:
    return row["status"], row["started"], row["completed"], row["task_count"]
