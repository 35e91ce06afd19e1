"""What each action does, inside the transaction of a `Writer`. Everything is checked again under the locks taken."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.errors import RefusedError
from wftui.sources.absurd.catalog import SCHEMA, Table
from wftui.sources.absurd.guards import ENDED_WORDS, UNFINISHED
from wftui.sources.absurd.subject import touched_tasks
from wftui.sources.absurd.values import status_of

if TYPE_CHECKING:
    from psycopg import Connection

    from wftui.model.action import Given
    from wftui.sources.absurd.catalog import Queue
    from wftui.sources.absurd.session import Row
    from wftui.sources.absurd.subject import Subject

ROUNDS = 10
"""How often the tasks of a run are looked for while it spawns more."""
_CHUNK = 500
# A row that this very transaction wrote: somebody else may have done the same a moment earlier.
_OURS = sql.SQL("(xmin::text::bigint = pg_catalog.mod(pg_catalog.txid_current(), 4294967296))")
_CANCEL = "select absurd.cancel_task(%(queue)s::text, i) from unnest(%(ids)s::uuid[]) i"
_RETRY = (
    "select r.task_id::text as task_id, r.attempt as attempt from unnest(%(ids)s::uuid[]) i,"
    " lateral absurd.retry_task(%(queue)s::text, i, %(options)s::jsonb) r"
)
_EMIT = "select absurd.emit_event(%(queue)s::text, %(event)s::text, %(payload)s::jsonb)"


def cancel_task(connection: Connection[Row], queue: Queue, task_id: str) -> None:
    """Cancel one task.

    Raises:
        RefusedError: It ended, or somebody else cancelled it.
    """
    connection.execute(_CANCEL, {"queue": queue.name, "ids": [task_id]})
    query = sql.SQL("select state::text as state, {ours} as ours from {t} where task_id = %(id)s").format(
        ours=_OURS, t=queue.tasks.identifier
    )
    row = connection.execute(query, {"id": task_id}).fetchone()
    if row is None:
        raise RefusedError("it is gone")
    if not (row["ours"] and row["state"] == "cancelled"):
        raise RefusedError(f"it became {status_of(row['state']).value} in the meantime")


def cancel_run(connection: Connection[Row], subject: Subject, table: Table) -> int:
    """Cancel all unfinished tasks of a run, also those that it spawns meanwhile, and note it in the run's row.

    Returns:
        How many tasks were cancelled.

    Raises:
        RefusedError: The run ended.
    """
    assert subject.queue is not None  # noqa: S101 - refused before
    assert subject.run is not None  # noqa: S101 - it is a run
    queue = subject.queue
    query, values = touched_tasks(queue, subject.run, UNFINISHED, subject.slack)
    met: dict[str, None] = {}
    for _ in range(ROUNDS):
        ids = [row["task_id"] for row in connection.execute(query, values).fetchall()]
        if not ids:
            break
        for at in range(0, len(ids), _CHUNK):
            # In the order of their ids, as `claim_task` cancels what is overdue.
            connection.execute(_CANCEL, {"queue": queue.name, "ids": ids[at : at + _CHUNK]})
        met |= dict.fromkeys(ids)
    else:
        raise RefusedError("it spawns tasks faster than they can be cancelled", "stop what spawns them first")
    row = _locked_run(connection, subject, table)
    if row["status"] in ENDED_WORDS:
        raise RefusedError(f"it became {status_of(row['status']).value} in the meantime")
    changes: list[sql.Composable] = [sql.SQL("status = 'cancelled'")]
    if (ended := _now(table, "completed_at")) is not None:
        changes.append(sql.SQL("completed_at = coalesce(completed_at, {})").format(ended))
    _update_run(connection, subject, table, changes)
    return _cancelled_by_us(connection, queue, list(met))


def retry_task(connection: Connection[Row], queue: Queue, task_id: str, given: Given) -> Row:
    """Retry one failed task. Returns the `task_id` and the number of the `attempt` that is queued.

    Raises:
        psycopg.errors.RaiseException: Absurd would not.
    """
    return _retry(connection, queue, [task_id], given)[0]


def retry_run(connection: Connection[Row], subject: Subject, table: Table, given: Given) -> int:
    """Retry the failed tasks of a run, and let its row say that it runs.

    Returns:
        How many tasks are retried.

    Raises:
        RefusedError: The run is not failed any more, or none of its tasks is.
        psycopg.errors.RaiseException: Absurd would not.
    """
    assert subject.queue is not None  # noqa: S101 - refused before
    assert subject.run is not None  # noqa: S101 - it is a run
    query, values = touched_tasks(subject.queue, subject.run, ("failed",), subject.slack)
    ids = [row["task_id"] for row in connection.execute(query, values).fetchall()]
    if not ids:
        raise RefusedError("none of its tasks is failed any more")
    for at in range(0, len(ids), _CHUNK):
        _retry(connection, subject.queue, ids[at : at + _CHUNK], given)
    row = _locked_run(connection, subject, table)
    if row["status"] != "failed":
        raise RefusedError(f"it became {status_of(row['status']).value} in the meantime")
    # The tracking client writes only what it is given, and would leave the end and the error of before.
    changes: list[sql.Composable] = [sql.SQL("status = 'running'")]
    changes += [sql.SQL("{} = null").format(sql.Identifier(n)) for n in ("completed_at", "error") if n in table.types]
    _update_run(connection, subject, table, changes)
    return len(ids)


def emit(connection: Connection[Row], subject: Subject, given: Given) -> tuple[int, int]:
    """Emit an event into the queue.

    Returns:
        How many tasks it woke, and how many of them are the subject's.

    Raises:
        RefusedError: It was emitted before, or what waited for it does not wait any more.
    """
    assert subject.queue is not None  # noqa: S101 - refused before
    queue = subject.queue
    assert queue.runs is not None  # noqa: S101 - refused before
    assert queue.waits is not None  # noqa: S101 - refused before
    values: dict[str, object] = {"queue": queue.name, "event": given.event, "payload": given.payload}
    query = sql.SQL("select run_id::text as run_id from {w} where event_name = %(event)s").format(
        w=queue.waits.identifier
    )
    values["runs"] = [row["run_id"] for row in connection.execute(query, values).fetchall()]
    connection.execute(_EMIT, values)
    query = sql.SQL("select {ours} as ours from {e} where event_name = %(event)s").format(
        ours=_OURS, e=events_table(queue)
    )
    row = connection.execute(query, values).fetchone()
    if row is None or not row["ours"]:
        raise RefusedError(f"the event {given.event!r} was emitted in the meantime: Absurd keeps the first payload")
    query = sql.SQL(
        "select task_id::text as task_id from {r} where run_id = any(%(runs)s::uuid[]) and state = 'pending' and {ours}"
    ).format(ours=_OURS, r=queue.runs.identifier)
    woken = {row["task_id"] for row in connection.execute(query, values).fetchall()}
    meant = {task.id for task in subject.touched if given.event in task.events}
    if meant and not meant & woken:
        raise RefusedError(f"it does not wait for {given.event!r} any more")
    return len(woken), len(meant & woken)


def events_table(queue: Queue) -> sql.Identifier:
    """The table of the queue's events."""
    return Table(SCHEMA, f"e_{queue.name}", {}).identifier


# -- inside ----------------------------------------------------------------------------------------------------


def _retry(connection: Connection[Row], queue: Queue, ids: list[str], given: Given) -> list[Row]:
    options: dict[str, object] = {}
    if given.max_attempts is not None:
        options["max_attempts"] = given.max_attempts
    if given.as_new:
        options["spawn_new"] = True
    values = {"queue": queue.name, "ids": ids, "options": json.dumps(options)}
    return connection.execute(_RETRY, values).fetchall()


def _cancelled_by_us(connection: Connection[Row], queue: Queue, ids: list[str]) -> int:
    query = sql.SQL(
        "select count(*) as n from {t} where task_id = any(%(ids)s::uuid[]) and state = 'cancelled' and {ours}"
    ).format(t=queue.tasks.identifier, ours=_OURS)
    row = connection.execute(query, {"ids": ids}).fetchone()
    return int(row["n"]) if row else 0


def _locked_run(connection: Connection[Row], subject: Subject, table: Table) -> Row:
    query = sql.SQL("select status::text as status from {w} where workflow_run_id = %(id)s for update").format(
        w=table.identifier
    )
    row = connection.execute(query, {"id": subject.key.id}).fetchone()
    if row is None:
        raise RefusedError("it is gone")
    return row


def _update_run(connection: Connection[Row], subject: Subject, table: Table, changes: list[sql.Composable]) -> None:
    query = sql.SQL("update {w} set {changes} where workflow_run_id = %(id)s").format(
        w=table.identifier, changes=sql.SQL(", ").join(changes)
    )
    if connection.execute(query, {"id": subject.key.id}).rowcount != 1:
        raise RefusedError("the row of the run could not be changed", "is it protected by a policy?")


def _now(table: Table, column: str) -> sql.SQL | None:
    """The time in the type of the column; None where it is no time."""
    if table.types.get(column) == "timestamp with time zone":
        return sql.SQL("pg_catalog.clock_timestamp()")
    if table.types.get(column) == "timestamp without time zone":
        return sql.SQL("pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())")
    return None
