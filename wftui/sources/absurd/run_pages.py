"""Pages of the workflow runs: by status and start where an index serves that, else by primary key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.sources.absurd import queries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.absurd.catalog import Table
    from wftui.sources.absurd.connection import Link, Row

_FIRST = ("failed", "running", "pending")
# All statuses that there are, one after the other through the index, however many runs each has.
_WORDS = """
    with recursive words as (
        (select w.status::text as word from {w} w where w.status is not null order by w.status limit 1)
        union all
        select (select w.status::text from {w} w where w.status > words.word order by w.status limit 1)
        from words where words.word is not null
    )
    select word from words where word is not null
"""


class RunPages:
    """Reads workflow runs in the order in which they can be read cheaply.

    Args:
        link: The connection.
        table: The table of workflow runs.
        only: Which runs; the table is `w`. All by default.
        values: Of the placeholders in that.
    """

    def __init__(
        self,
        link: Link,
        table: Table,
        only: sql.Composable | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        self._link = link
        self._table = table
        self._only = sql.SQL("true") if only is None else only
        self._values = values or {}
        is_plain = table.types.get("status") in ("text", "character varying")
        is_time = table.types.get("started_at", "").startswith("timestamp")
        self.has_order = is_plain and is_time and table.is_indexed_by("status", "started_at")
        """Whether an index serves status and start."""
        self.words: tuple[str | None, ...] = ()
        """The statuses that there are, as last listed; None for runs without one. Only with an index."""

    def read(self, after: str | None, limit: int) -> tuple[list[Row], str | None]:
        """At most `limit` runs and the place to go on from; None at the end.

        Raises:
            TargetError: They cannot be read.
        """
        if not self.has_order:
            return self._by_key(after, limit)
        if after is None:
            self.words = self.read_words()
            place: list[object] = [0, True, None, None]
        else:
            place = json.loads(after)
        rows: list[Row] = []
        while int(str(place[0])) < len(self.words):
            wanted = limit - len(rows)
            found = self._of_word(self.words[int(str(place[0]))], place[1:], wanted)
            rows += found
            if len(found) == wanted:
                last = found[-1]
                return rows, json.dumps([*place[:2], last["mark"], last["workflow_run_id"]])
            at, is_started = int(str(place[0])), bool(place[1])
            place = [at, False, None, None] if is_started else [at + 1, True, None, None]
        return rows, None

    def _by_key(self, after: str | None, limit: int) -> tuple[list[Row], str | None]:
        where = sql.SQL("{}").format(self._only)
        if after is not None:
            where += sql.SQL(" and w.workflow_run_id > %(after)s::{}").format(self._key)
        rows = self._link.fetch(queries.runs(self._table, where, limit=limit), {**self._values, "after": after})
        return rows, rows[-1]["workflow_run_id"] if len(rows) == limit else None

    def first_of(self, word: str | None, limit: int) -> list[Row]:
        """The runs of a status that started last, with an index.

        Raises:
            TargetError: They cannot be read.
        """
        rows = self._of_word(word, [True, None, None], limit)
        return rows + (self._of_word(word, [False, None, None], limit - len(rows)) if len(rows) < limit else [])

    def _of_word(self, word: str | None, place: list[object], limit: int) -> list[Row]:
        """Runs of a status: those that started, latest first, then those that did not, by key."""
        is_started, mark, run = place
        of_word = sql.SQL("w.status is null" if word is None else "w.status = %(word)s")
        where = sql.SQL("{} and {}").format(of_word, self._only)
        if is_started:
            where += sql.SQL(" and w.started_at is not null")
            if run is not None:
                where += sql.SQL(
                    " and w.started_at <= %(mark)s::{time}"
                    " and (w.started_at, w.workflow_run_id) < (%(mark)s::{time}, %(run)s::{key})"
                ).format(time=sql.SQL(self._time), key=self._key)
        else:
            where += sql.SQL(" and w.started_at is null")
            if run is not None:
                where += sql.SQL(" and w.workflow_run_id < %(run)s::{key}").format(key=self._key)
        query = queries.runs_by_start(self._table, where, limit)
        return self._link.fetch(query, {**self._values, "word": word, "mark": mark, "run": run})

    def read_words(self) -> tuple[str | None, ...]:
        """The statuses that there are, through the index; None for runs without one."""
        found: list[str | None] = [
            row["word"] for row in self._link.fetch(sql.SQL(_WORDS).format(w=self._table.identifier))
        ]
        return (*(word for word in _FIRST if word in found), *(word for word in found if word not in _FIRST), None)

    @property
    def _key(self) -> sql.SQL:
        return sql.SQL("uuid" if self._table.types["workflow_run_id"] == "uuid" else "text")

    @property
    def _time(self) -> str:
        kind = self._table.types["started_at"]
        return "timestamp" if kind == "timestamp without time zone" else "timestamptz"
