"""How many rows there are, about: the server's estimates, and which part of many is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from wftui.sources.absurd.looks import Look, Moment, Question, parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.sources.absurd.catalog import Table
    from wftui.sources.absurd.connection import Link

LISTED = 50_000
"""Workflow runs that are listed at most, and tasks: each costs the app about 1.6 kilobytes. `ls` lists all."""
_ROW = 250
"""Bytes of a row of a table that was never analysed."""


def read_totals(link: Link, tables: Sequence[Table]) -> list[int | None]:
    """How many rows each table has, as the planner estimates it; None for a view.

    Raises:
        TargetError: The server does not answer.
    """
    answers = Look(link, [_estimate(table) for table in tables], is_lasting=False).ask(Moment(0.0)) if tables else []
    return [None if not it or it[0].a is None else round(float(it[0].a)) for it in answers]


def shares(totals: Sequence[int | None]) -> list[int]:
    """How many tasks of each queue are kept: all of the small ones, and of the others equal parts of what is left."""
    known = sorted((total or 0, at) for at, total in enumerate(totals))
    found = [0] * len(known)
    left = LISTED
    for done, (total, at) in enumerate(known):
        equal = left // (len(known) - done)
        # What is estimated may be more: a tenth of room, and never nothing.
        found[at] = equal
        left -= min(equal, total)
    return found


def about(count: int) -> str:
    """An estimate as text, in three figures: "≈1,230,000"."""
    digits = max(0, len(str(count)) - 3)
    return f"≈{round(count, -digits):,}"


def _estimate(table: Table) -> Question:
    return Question(
        sql.SQL(
            "select pg_catalog.sum(case when c.relpages > 0 and c.reltuples >= 0"
            " then c.reltuples / c.relpages * (pg_catalog.pg_relation_size(c.oid)"
            " / pg_catalog.current_setting('block_size')::int)"
            " else pg_catalog.pg_relation_size(c.oid) / {row}.0 end)::text as a, null::text as b, null::text as c"
            " from {parts} join pg_catalog.pg_class c on c.oid = p.oid where c.relkind in ('r', 'm')"
        ).format(parts=parts_of(table), row=_ROW)
    )
