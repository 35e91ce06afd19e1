"""A look: all that must be asked to know what changed, in as few statements as can be.

Each question of a look answers in rows of three texts, so that all of them are one `union all`: a look at rest is one
round trip, whatever the number of queues (up to a few).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql

from wftui.sources.absurd.connection import StatementLost
from wftui.sources.absurd.values import lowest_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.sources.absurd.catalog import Queue, Table
    from wftui.sources.absurd.connection import Link

BATCH = 64
"""Questions of one statement."""
MOST = 2_000
"""Rows of one answer. Where there are as many, more changed than a look tells: all of it is read in a second one."""
SOON = 200
ACTIVE = 1_000
"""Runs whose states are compared at each look: those claimed, due or started last."""
STANDING = ("running", "pending", "sleeping")
"""The states whose runs are compared as a set."""
MOVING = ("pending", "running", "completed", "failed", "cancelled")
"""The states whose runs have a time that tells when they moved. (Who falls asleep was at work before.)"""


class Answer(NamedTuple):
    """A row of an answer; what its texts are is told by the question."""

    a: str | None
    b: str | None
    c: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A statement with columns a, b, c; its placeholders are those of the look.

    Attributes:
        query: The statement.
        limit: Its answer ends here, though there may be more; None for one that tells all.
    """

    query: sql.Composed
    limit: int | None = None

    def select(self, *, times: int = 1) -> sql.Composed:
        """The statement with its limit, or with so many times of it."""
        return self.query if self.limit is None else self.query + sql.SQL(" limit {}").format(self.limit * times)


class Look:
    """Questions that are asked again and again.

    Each statement is prepared once and its plan kept: planning it would take longer than all else. No plan depends
    on the values, because each question reads an index from one end. Through a pooler that changes sessions between
    statements nothing can be prepared, and they are sent as they are.

    Args:
        link: The connection.
        questions: What to ask.
        is_lasting: Whether they are asked more than once.
    """

    def __init__(self, link: Link, questions: Sequence[Question], *, is_lasting: bool = True) -> None:
        self._link = link
        self._questions = tuple(questions)
        # Put together once: that takes longer than the server takes to answer.
        self._statements = [
            _together(self._questions[at : at + BATCH], at) for at in range(0, len(self._questions), BATCH)
        ]
        self._names: list[sql.Identifier] | None = None
        self._is_planned = is_lasting

    def ask(self, moment: Moment) -> list[list[Answer]]:
        """The answer to each question.

        Raises:
            TargetError: They cannot be asked.
        """
        answers: list[list[Answer]] = [[] for _ in self._questions]
        for row in self._rows(moment):
            answers[row[0]].append(Answer(*row[1:]))
        for at, question in enumerate(self._questions):
            times = 1
            while question.limit is not None and len(answers[at]) >= question.limit * times:
                times *= 10
                rows = self._link.fetch(_together([Question(question.select(times=times))], at), moment.values())
                answers[at] = [Answer(row["a"], row["b"], row["c"]) for row in rows]
        return answers

    def _rows(self, moment: Moment) -> Iterator[tuple[Any, ...]]:
        if self._is_planned:
            try:
                rows = self._prepared_rows(moment)
            except StatementLost:
                self._is_planned = False
            else:
                yield from rows
                return
        for statement in self._statements:
            for row in self._link.fetch(statement, moment.values()):
                yield row["k"], row["a"], row["b"], row["c"]

    def _prepared_rows(self, moment: Moment) -> list[tuple[Any, ...]]:
        if self._names is None:
            names = [sql.Identifier(f"wftui_look_{next(_NUMBERS)}") for _ in self._statements]
            for name, statement in zip(names, self._statements, strict=True):
                self._link.prepare(name, statement)
            self._names = names
        found: list[tuple[Any, ...]] = []
        for name in self._names:
            call = sql.SQL("execute {}({})").format(name, moment.literals())
            found += self._link.fetch_planned(call, "plan_cache_mode = force_generic_plan")
        return found


@dataclass(frozen=True, slots=True)
class Moment:
    """What a look is asked with: all its placeholders.

    Attributes:
        since: Unix seconds: what happened from then on.
        runs: The workflow runs that are compared by their keys.
    """

    since: float
    runs: Sequence[str] = ()

    def values(self) -> dict[str, object]:
        """For placeholders by name."""
        return {"since": self.since, "id": lowest_id(self.since), "runs": list(self.runs)}

    def literals(self) -> sql.Composed:
        """For a prepared statement, in the order of `Link.prepare`."""
        return sql.SQL("{}, {}, {}").format(self.since, lowest_id(self.since), list(self.runs))


_NUMBERS = itertools.count()


def _together(questions: Sequence[Question], first: int) -> sql.SQL:
    parts = [
        sql.SQL("select {at} as k, q.* from ({query}) q").format(at=at, query=question.select())
        for at, question in enumerate(questions, first)
    ]
    return sql.SQL(sql.SQL(" union all ").join(parts).as_string(None))  # nothing but literals and quoted names


# -- queues --------------------------------------------------------------------------------------------------


def of_queue(queue: Queue, *, is_small: bool) -> list[Question]:
    """What moved in a queue since `since` (Unix seconds; `id` is the lowest task id of that time).

    In order: new tasks (id, state); runs of each state that moved (task, state, run); the runs at work, due and asleep,
    each as a count and a sum of times; what changes whenever the table of tasks is written to.

    Only through the primary key and `r_q(state, available_at)`: Absurd sets `available_at` to the time of a claim, of
    a wake-up and of a retry. Runs that are due later are many and old: the next few of each state.
    """
    t, r = queue.tasks, queue.runs
    new = sql.SQL(
        "select t.task_id::text as a, t.state::text as b, null::text as c from {t} t"
        " where t.task_id >= %(id)s::uuid order by t.task_id desc"
    ).format(t=t.identifier)
    last = versions_of_all(t) if is_small else written(t)
    return [Question(new, MOST), *(_of_runs(r) if r is not None and "available_at" in r.types else []), last]


def _of_runs(r: Table) -> list[Question]:
    questions = []
    for state in MOVING:
        is_due_later = state == "pending"
        moved = sql.SQL(
            "select r.task_id::text as a, r.state::text as b, r.run_id::text as c from {r} r"
            " where r.state = {state} and r.available_at >= pg_catalog.to_timestamp(%(since)s)"
            " order by r.available_at {order}"
        ).format(r=r.identifier, state=state, order=sql.SQL("asc" if is_due_later else "desc"))
        questions.append(Question(moved + sql.SQL(" limit {}").format(SOON)) if is_due_later else Question(moved, MOST))
    return [*questions, *(_set_of(r, state) for state in STANDING)]


def _set_of(r: Table, state: str) -> Question:
    """How many runs are in this state (a), and the sum of their times (b), from the index alone.

    Whoever comes or goes changes one of the two: no two claims have the same time, but those that are made at once.
    """
    return Question(
        sql.SQL(
            "select count(*)::text as a, pg_catalog.sum(pg_catalog.date_part('epoch', s.available_at))::text as b,"
            " null::text as c"
            " from (select r.available_at from {r} r where r.state = {state} order by r.available_at limit {limit}) s"
        ).format(r=r.identifier, state=state, limit=ACTIVE)
    )


def written(table: Table) -> Question:
    """How often a table was written to (a), as its server counts; null where it does not: in recovery, say.

    The count is late, by ten seconds even: it tells that something changed that no index tells, not when.
    """
    count = sql.SQL(" + ").join(
        sql.SQL(f"coalesce(pg_catalog.pg_stat_get_tuples_{what}(p.oid), 0)")
        for what in ("inserted", "updated", "deleted")
    )
    return Question(
        sql.SQL(
            "select case when pg_catalog.pg_is_in_recovery() or not pg_catalog.current_setting('track_counts')::bool"
            " then null else pg_catalog.sum({count})::text end as a, null::text as b, null::text as c from {parts}"
        ).format(count=count, parts=parts_of(table))
    )


def parts_of(table: Table) -> sql.Composed:
    """The physical tables (column `oid`) of a table: itself, or its partitions."""
    if table.kind == "p":
        return sql.SQL(
            "(select i.relid::oid as oid from pg_catalog.pg_partition_tree({oid}::oid::regclass) i where i.isleaf) p"
        ).format(oid=table.oid)
    return sql.SQL("(select {oid}::oid as oid) p").format(oid=table.oid)


FEW = 1_000
"""Of so many rows a checksum is taken at each look; of more, of those that have not ended."""


def versions_of_all(table: Table) -> Question:
    """A checksum of a small table of tasks or workflow runs: count and versions of the rows (a)."""
    return _versions(table, sql.SQL("select {version} from {w} w limit {limit}"), FEW + 1)


# -- workflow runs -------------------------------------------------------------------------------------------

_WATCHED = (
    "workflow_run_id",
    "status",
    "started_at",
    "completed_at",
    "task_count",
    "task_id",
    "state",
    "last_attempt_run",
)


def of_runs_with(table: Table, word: str) -> Question:
    """A checksum of the runs of one status, through an index on status and start."""
    query = sql.SQL("select {version} from {w} w where w.status = {word} order by w.started_at desc limit {limit}")
    return _versions(table, query, ACTIVE, word=sql.Literal(word))


def of_known_runs(table: Table) -> Question:
    """The same of the runs `runs`."""
    key = sql.SQL("uuid[]" if table.types["workflow_run_id"] == "uuid" else "text[]")
    query = sql.SQL("select {version} from {w} w where w.workflow_run_id = any(%(runs)s::text[]::{key}) limit {limit}")
    return _versions(table, query, ACTIVE, key=key)


def started_runs(table: Table, word: str) -> Question:
    """Ids (a) and status (b) of the runs of one status that started since `since`, through that index."""
    return Question(
        sql.SQL(
            "select w.workflow_run_id::text as a, w.status::text as b, null::text as c from {w} w"
            " where w.status = {word} and w.started_at >= pg_catalog.to_timestamp(%(since)s) order by w.started_at desc"
        ).format(w=table.identifier, word=sql.Literal(word)),
        MOST,
    )


def _versions(table: Table, rows: sql.SQL, limit: int, **names: sql.Composable) -> Question:
    # A row that is written has a new version, told by the transaction that wrote it; a view has none, and who may
    # read some columns alone may not read that.
    watched = [name for name in _WATCHED if name in table.types]
    version = (
        sql.SQL("pg_catalog.hashtextextended(pg_catalog.concat_ws('|', {}), 0) as version").format(
            sql.SQL(", ").join(sql.Identifier("w", name) for name in watched)
        )
        if table.kind in ("v", "f") or not table.is_whole
        else sql.SQL("w.xmin::text::int8 as version")
    )
    inner = rows.format(version=version, w=table.identifier, limit=limit, **names)
    return Question(
        sql.SQL(
            "select pg_catalog.concat(count(*), '/', pg_catalog.sum(s.version)) as a, null::text as b, null::text as c"
            " from ({inner}) s"
        ).format(inner=inner)
    )
