"""All that is watched in a database: its workflow runs and its queues, in looks of one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from wftui.sources.absurd import totals as bounds
from wftui.sources.absurd.catalog import RUNS, SCHEMA, Catalog, read_catalog
from wftui.sources.absurd.looks import Look, Moment, Question
from wftui.sources.absurd.queue_watch import QueueWatch
from wftui.sources.absurd.run_watch import RunWatch
from wftui.sources.absurd.totals import about, read_totals, shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.change import Change
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.looks import Answer

SLACK = 3.0
LONG_SLACK = 15.0
"""Seconds that a transaction may take from its timestamps to its commit and still be seen at the next look, or at one
of the next `LONG_EVERY`."""
LONG_EVERY = 8
TOTALS_EVERY = 30
"""Looks between two estimates of how many rows there are."""
_INDEX = f"CREATE INDEX ON {RUNS} (status, started_at)"


class Watching:
    """What is watched, with what of it was seen.

    Args:
        link: The connection.
        catalog: What there is to read.
        target: For the keys.
        totals: Estimates of the number of workflow runs and of the tasks of each queue; None where not known.
    """

    def __init__(self, link: Link, catalog: Catalog, target: str, totals: Sequence[int | None] = (None,)) -> None:
        self._link = link
        self.catalog = catalog
        self.runs = RunWatch(link, catalog, target, share=bounds.LISTED, total=totals[0])
        self.queues = tuple(
            QueueWatch(link, queue, target, self.runs.known_of, share=share, total=total)
            for queue, share, total in zip(catalog.queues, shares(totals[1:]), totals[1:], strict=True)
        )
        self.runs.tallies = tuple(queue.tally for queue in self.queues)
        self.notes: tuple[str, ...] = ()
        self._look: Look | None = None
        self._mode: tuple[object, ...] = ()
        self._counts: list[int] = []
        self._surroundings: Answer | None = None
        self._since = 0.0
        self._looks = 0

    @classmethod
    def begun(cls, link: Link, target: str) -> Watching:
        """Look at what there is, and note what is before the listing.

        Raises:
            TargetError: It cannot be reached, or holds nothing of Absurd.
        """
        catalog = read_catalog(link)
        tables = [*([catalog.runs] if catalog.runs is not None else []), *(queue.tasks for queue in catalog.queues)]
        totals = read_totals(link, tables)
        found = cls(link, catalog, target, totals if catalog.runs is not None else [None, *totals])
        ((found._surroundings,),) = Look(link, [_surroundings(catalog)], is_lasting=False).ask(Moment(0.0))
        found._since = float(found._surroundings.a or 0.0)
        _, runs, queues = found._ask()
        found.runs.start(runs)
        for queue, answers in zip(found.queues, queues, strict=True):
            queue.start(answers)
        found._note()
        return found

    @property
    def total(self) -> int | None:
        """How many rows a listing has, about; None if that is not known."""
        parts = [(self.runs.total, bounds.LISTED) if self.runs.table is not None else (0, 0)]
        parts += [(queue.total, queue.share) for queue in self.queues]
        if any(total is None for total, _ in parts):
            return None
        return sum(min(total or 0, share) for total, share in parts)

    def changes(self) -> list[Change] | None:
        """What changed since the last look; None where queues or tables came or went.

        Raises:
            SchemaMoved: What is watched is not there, or not permitted any more.
            TargetError: The server does not answer.
        """
        surroundings, runs, queues = self._ask()
        if self._surroundings is None or surroundings[1:] != self._surroundings[1:]:
            return None
        found = self.runs.changes(runs)
        for queue, answers in zip(self.queues, queues, strict=True):
            found += queue.changes(answers)
        found += self.runs.progressed()
        self._since = float(surroundings.a or 0.0)
        self._looks += 1
        if self._looks % TOTALS_EVERY == 0:
            self._renew_totals()
        self._note()
        return found

    def _ask(self) -> tuple[Answer, list[list[Answer]], list[list[list[Answer]]]]:
        """The surroundings, what the runs are asked, what each queue is."""
        mode = (self.runs.mode, *(queue.is_small for queue in self.queues))
        if self._look is None or self._mode != mode:
            parts = [
                [_surroundings(self.catalog)],
                self.runs.questions(),
                *(queue.questions() for queue in self.queues),
            ]
            self._mode, self._counts = mode, [len(part) for part in parts]
            self._look = Look(self._link, [question for part in parts for question in part])
        since = self._since - (LONG_SLACK if self._looks % LONG_EVERY == 0 else SLACK)
        answers = iter(self._look.ask(Moment(since, self.runs.attended())))
        first, runs, *queues = [[next(answers) for _ in range(count)] for count in self._counts]
        return first[0][0], runs, queues

    def _renew_totals(self) -> None:
        tables = [*([self.runs.table] if self.runs.table is not None else []), *(it.queue.tasks for it in self.queues)]
        totals = iter(read_totals(self._link, tables))
        if self.runs.table is not None:
            self.runs.total = next(totals)
        for queue in self.queues:
            queue.total = next(totals)

    def _note(self) -> None:
        """What of it is not listed, and what would make it faster."""
        notes = []
        if self.runs.is_cut and (self.runs.total is None or self.runs.total > self.runs.known):
            notes.append(f"{self.runs.known:,} of {about(max(self.runs.total or 0, self.runs.known))} workflow runs")
        notes += [
            f"queue {queue.queue.name}: the latest {queue.known:,} of {about(max(queue.total or 0, queue.known))} tasks"
            for queue in self.queues
            if queue.is_cut
        ]
        if self.runs.lacks_index:
            notes.append(f"no index on {RUNS} (status, started_at): read by primary key; {_INDEX} helps")
        self.notes = tuple(notes)


def _surroundings(catalog: Catalog) -> Question:
    """The server's time (a), the names of the queues (b), and which table of workflow runs there is (c)."""
    names = sql.SQL("null::text").format()
    if catalog.names is not None:
        names = sql.SQL(
            "(select pg_catalog.md5(pg_catalog.string_agg(queue_name, ' / ' order by queue_name)) from {}.queues)"
        ).format(sql.Identifier(SCHEMA))
    return Question(
        sql.SQL(
            "select extract(epoch from pg_catalog.now())::text as a, {names} as b,"
            " pg_catalog.concat(o.oid, pg_catalog.has_table_privilege(o.oid, 'SELECT')) as c"
            " from (select pg_catalog.to_regclass({runs})::oid as oid) o"
        ).format(names=names, runs=RUNS)
    )
