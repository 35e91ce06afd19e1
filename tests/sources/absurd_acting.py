"""What tests of actions on Absurd share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from wftui.model.action import ActionKind, Given

if TYPE_CHECKING:
    from tests.sources.absurd_server import Tracked
    from wftui.sources.absurd.source import AbsurdSource
    from wftui.sources.base import Actions

CANCEL, RESUME, EMIT, DELETE = ActionKind.CANCEL, ActionKind.RESUME, ActionKind.EMIT, ActionKind.DELETE
PAID = Given(event="order.paid", payload='{"by": "card"}')


def acting(source: AbsurdSource) -> Actions:
    assert source.actions is not None
    return source.actions


def rows(url: str, query: str, *values: object) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode(), values).fetchall()


def state(url: str, task_id: str, queue: str = "shop") -> tuple[str, str | None]:
    """The state of a task and of its latest run."""
    query = sql.SQL(
        "select t.state, r.state from {t} t join {r} r on r.run_id = t.last_attempt_run where t.task_id = %s"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        tables = {p: sql.Identifier("absurd", f"{p}_{queue}".replace("%", "%%")) for p in ("t", "r")}
        found = connection.execute(query.format(**tables), [task_id]).fetchone()
    assert found is not None
    return found[0], found[1]


def run_row(tracked: Tracked) -> tuple[str, Any, Any]:
    """Status, end and error of the run."""
    found = tracked.connection.execute("select status, completed_at, error from workflow_run").fetchone()
    assert found is not None
    return found[0], found[1], found[2]
