"""The events that the tasks of a workflow wait for, or waited for: emitted or not."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.event import Event
from wftui.model.workflow import Problem
from wftui.sources.absurd.catalog import SCHEMA, Table
from wftui.sources.absurd.connection import SchemaMoved
from wftui.sources.absurd.queries import SHORT_JSON, epoch, json_text
from wftui.sources.absurd.values import seconds, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.sources.absurd.catalog import Queue
    from wftui.sources.absurd.connection import Link, Row
    from wftui.sources.absurd.steps import TaskRows

MOST = 200
"""Events of one workflow that are looked up."""
# As `absurd_sdk` names the step of a wait that was given no name; a repeated one ends in "#2".
_STEP = re.compile(r"\$awaitEvent:(.+?)(?:#\d+)?", re.DOTALL)
_TYPES = MappingProxyType({"event_name": "text", "payload": "jsonb", "emitted_at": "timestamp with time zone"})


def event_names(found: Iterable[TaskRows]) -> list[str]:
    """What these tasks wait for or waited for, as far as their rows tell it."""
    names: dict[str, None] = {}
    for it in found:
        names |= dict.fromkeys(row["event_name"] for row in it.waits)
        names |= dict.fromkeys(row["wake_event"] for row in it.attempts)
        steps = (_STEP.fullmatch(row["name"] or "") for row in it.checkpoints)
        names |= dict.fromkeys(step[1] for step in steps if step)
    names.pop(None, None)  # type: ignore[call-overload] # rows may hold nulls
    return list(names)[:MOST]


def read_events(link: Link, queue: Queue, found: Iterable[TaskRows]) -> tuple[tuple[Event, ...], tuple[Problem, ...]]:
    """The events of these tasks, those that have not happened included, and why they cannot be told.

    Not to be called inside a snapshot: without the right to read events that would fail as a whole.

    Raises:
        TargetError: The database does not answer.
    """
    names = event_names(found)
    if not names:
        return (), ()
    table = Table(SCHEMA, f"e_{queue.name}", _TYPES)
    query = sql.SQL(
        "select e.event_name as name, {payload} as payload, {emitted} as emitted from {e} e"
        " where e.event_name = any(%(names)s)"
    ).format(
        payload=json_text(table, "e", "payload", SHORT_JSON),
        emitted=epoch(table, "e", "emitted_at"),
        e=table.identifier,
    )
    try:
        rows = {row["name"]: row for row in link.fetch(query, {"names": names})}
    except SchemaMoved:
        return (), (Problem(f"e_{queue.name}", "cannot be read: events are missing"),)
    return tuple(_event(name, rows.get(name)) for name in names), ()


def _event(name: str, row: Row | None) -> Event:
    emitted = None if row is None else seconds(row["emitted"])
    # Whoever begins to wait leaves a row from 1970, to hold the place.
    if row is None or emitted == 0.0:
        return Event(name, happened=False)
    return Event(name, emitted, value_of(row["payload"], SHORT_JSON))
