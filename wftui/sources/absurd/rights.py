"""What can be told before anything is written: whether this user may, and what an event would meet. Only reads."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.action import ActionKind
from wftui.sources.absurd.connection import SchemaMoved
from wftui.sources.absurd.deeds import events_table

if TYPE_CHECKING:
    from wftui.sources.absurd.catalog import Catalog, Queue
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.subject import Subject

_FUNCTIONS = MappingProxyType(
    {
        ActionKind.CANCEL: "absurd.cancel_task(text,uuid)",
        ActionKind.RESUME: "absurd.retry_task(text,uuid,jsonb)",
        ActionKind.EMIT: "absurd.emit_event(text,text,jsonb)",
    }
)
_MAY = sql.SQL("""
    select pg_catalog.pg_is_in_recovery() as replica, p.oid is not null as there, p.prosecdef as definer,
           pg_catalog.has_function_privilege(p.oid, 'EXECUTE') as may,
           pg_catalog.has_any_column_privilege(pg_catalog.to_regclass(%(tasks)s), 'UPDATE') as tasks,
           pg_catalog.has_any_column_privilege(pg_catalog.to_regclass(%(runs)s), 'UPDATE') as runs
    from (select pg_catalog.to_regprocedure(%(function)s) as oid) f
    left join pg_catalog.pg_proc p on p.oid = f.oid
""")


def why_not_permitted(link: Link, catalog: Catalog, kind: ActionKind, subject: Subject) -> str:
    """Why the database would refuse it, as far as that can be told; "" if nothing speaks against it.

    Raises:
        TargetError: It cannot be asked.
    """
    if kind not in _FUNCTIONS or subject.queue is None:
        return ""
    table = catalog.runs if subject.run is not None and kind is not ActionKind.EMIT else None
    values = {
        "function": _FUNCTIONS[kind],
        "tasks": _written(subject.queue.tasks.identifier),
        "runs": None if table is None else _written(table.identifier),
    }
    row = link.fetch(_MAY, values)[0]
    name = _FUNCTIONS[kind].partition("(")[0]
    if row["replica"]:
        return "this is a replica: it takes no changes"
    if not row["there"]:
        return f"this schema of Absurd has no {name}: absurdctl migrate"
    if not row["may"]:
        return f"no right to call {name}"
    if row["tasks"] is False and not row["definer"]:
        return f"no right to change the tasks of queue {subject.queue.name!r}"
    if table is not None and row["runs"] is False:
        return f"no right to change {table.schema}.{table.name}"
    return ""


def why_emitted(link: Link, queue: Queue, event: str) -> str:
    """Why emitting it would do nothing; "" if it would, or if that cannot be told.

    Raises:
        TargetError: It cannot be asked.
    """
    query = sql.SQL("select 1 as n from {e} where event_name = %(event)s and payload is not null").format(
        e=events_table(queue)
    )
    try:
        emitted = link.fetch(query, {"event": event})
    except SchemaMoved:
        return ""  # no right to read events: the action itself will tell
    return f"the event {event!r} was emitted before, and Absurd keeps the first payload" if emitted else ""


def waiting(link: Link, queue: Queue, event: str) -> int | None:
    """How many tasks wait for the event; None where that cannot be told.

    Raises:
        TargetError: It cannot be asked.
    """
    if queue.waits is None:
        return None
    query = sql.SQL(
        "select count(*) as n from {w} where event_name = %(event)s"
        " and (timeout_at is null or timeout_at > pg_catalog.clock_timestamp())"
    ).format(w=queue.waits.identifier)
    return int(link.fetch(query, {"event": event})[0]["n"])


def _written(name: sql.Identifier) -> str:
    """The quoted name as a value, where a percent sign is itself."""
    return name.as_string(None).replace("%%", "%")
