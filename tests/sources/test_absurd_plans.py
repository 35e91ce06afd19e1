"""No statement that the source sends reads a big table from end to end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from tests.benchmarks.absurd_filling import fill
from tests.sources.absurd_server import execute
from tests.sources.contract import listed
from wftui.model.status import Status
from wftui.sources.absurd import totals
from wftui.sources.absurd.connection import Link
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.sources.absurd_server import AbsurdServer

TASKS, RUNS = 30_000, 12_000
_BIG = re.compile(r"Seq Scan on (?:\w+\.)?\"?([trc]_\w+|workflow_run)")
_COUNTED = "select relname, seq_scan from pg_stat_user_tables where relname ~ '^[trc]_big$|^workflow_run$'"


class Sent:
    """The statements of all links, as they are sent, and what the planner makes of them."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.statements: dict[str, Mapping[str, object]] = {}
        self.prepared: list[str] = []
        fetch, prepare = Link.fetch, Link.prepare

        def noted_fetch(link: Link, query: Any, values: Mapping[str, object] | None = None) -> Any:
            self.statements.setdefault(query.as_string(None), values or {})
            return fetch(link, query, values)

        def noted_prepare(link: Link, name: Any, query: Any) -> None:
            self.prepared.append(query.as_string(None) % {"since": "$1", "id": "$2", "runs": "$3"})
            prepare(link, name, query)

        patch.setattr(Link, "fetch", noted_fetch)
        patch.setattr(Link, "prepare", noted_prepare)

    def plans(self, link: Link) -> Iterator[tuple[str, str]]:
        """Each statement and its plan, in a session such as they were sent in."""
        for text, values in list(self.statements.items()):
            if re.match(r"\s*(select|with)", text):
                yield text, _text(link.fetch(sql.SQL("explain ") + sql.SQL(text), values))
        for number, text in enumerate(self.prepared):
            name = sql.Identifier(f"again_{number}")
            link.prepare(name, sql.SQL(text.replace("%", "%%")))
            call = sql.SQL("explain execute {}(1e10, 'ffffffff-0000-7000-8000-000000000000', '{{}}')").format(name)
            rows = link.fetch_planned(call, "plan_cache_mode = force_generic_plan")
            yield text, "\n".join(str(row[0]) for row in rows)


def _text(rows: list[dict[str, Any]]) -> str:
    return "\n".join(str(line) for row in rows for line in row.values())


def _scans(url: str) -> dict[str, int]:
    with psycopg.connect(url, autocommit=True) as connection:
        return dict(connection.execute(_COUNTED.encode()).fetchall())


@pytest.mark.parametrize("index", [True, False], ids=["index", "no index"])
def test_no_big_table_is_scanned(absurd_server: AbsurdServer, monkeypatch: pytest.MonkeyPatch, index: bool) -> None:
    url = absurd_server.database()
    fill(url, "big", TASKS, RUNS, index=index)
    monkeypatch.setattr(totals, "LISTED", 10_000)  # less than there is, as with a million
    scans = _scans(url)
    sent = Sent(monkeypatch)
    source = AbsurdSource(url, SourceOptions())
    source.open()
    rows = {row.key.id: row for row in listed(source)}
    runs = [row for row in rows.values() if row.name in ("etl", "report", "billing")]
    tasks = [row for row in rows.values() if row.name not in ("etl", "report", "billing")]
    assert len(runs) == 10_000
    assert {Status.RUNNING, Status.PENDING, Status.WAITING, Status.FAILED} <= {row.status for row in tasks}
    source.changes()
    notes = " / ".join(source.info.notes)
    assert "10,000 of ≈12,0" in notes
    assert "queue big: the latest 10," in notes
    assert ("no index on workflow_run" in notes) is not index
    running = next(row for row in tasks if row.status is Status.RUNNING)
    execute(url, "select absurd.cancel_task('big', %s)", [running.key.id])
    execute(url, "select absurd.spawn_task('big', 'new', '{}')")
    ended = next(row for row in runs if row.status is Status.SUCCESSFUL)
    execute(url, "update workflow_run set status = 'running' where workflow_run_id = %s", [ended.key.id])
    told: dict[str, Status] = {}
    wanted = {running.key.id: Status.CANCELED, ended.key.id: Status.RUNNING}
    while not wanted.items() <= told.items() or Status.PENDING not in told.values():
        told |= {change.key.id: change.summary.status for change in source.changes().changes}  # type: ignore[union-attr]
    source.summaries(list(rows)[:500])
    for row in (running, next(row for row in tasks if row.status is Status.FAILED), runs[0], ended):
        source.detail(row.key.id)
    source.close()
    monkeypatch.undo()

    link = Link(url)
    link.open()
    for text, plan in sent.plans(link):
        assert not _BIG.search(plan), f"{text}\n{plan}"
    link.close()
    assert len(sent.statements) > 15
    assert sent.prepared
    assert {name: count - scans[name] for name, count in _scans(url).items()} == dict.fromkeys(scans, 0)
