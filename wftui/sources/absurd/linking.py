"""Which tasks of a queue belong to a workflow run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from wftui.sources.absurd import queries
from wftui.sources.absurd.values import lowest_id, seconds, time_of_id

if TYPE_CHECKING:
    from wftui.sources.absurd.catalog import Queue
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.session import Row

LATEST = 100_000
"""Without a recorded start of a run, its tasks are looked for among so many of the queue's latest."""
AROUND = 3600.0
"""Seconds before the start of a run and after its end in which its tasks are looked for: clocks differ."""
FAR = 15 * 3600.0
"""The same where that finds too few: who writes the times of a run may have left out their time zone."""


def finds_too_few(run: Row, found: int) -> bool:
    """Whether a run has more tasks than were found: it began and has none, or it counted more itself."""
    count = run["task_count"]
    least = 0 if run["status"] == "pending" else 1
    return found < max(least, count if isinstance(count, int) else 0)


def slack_of(link: Link, queue: Queue, run: Row) -> float:
    """How far around its times the tasks of a run are to be looked for, in seconds.

    Raises:
        TargetError: They cannot be counted.
    """
    where, values = tasks_of_run(queue, run)
    query = sql.SQL("select count(*) as n from {t} t where {where}").format(t=queue.tasks.identifier, where=where)
    return FAR if finds_too_few(run, link.fetch(query, values)[0]["n"]) else AROUND


def tasks_of_run(queue: Queue, run: Row, slack: float = AROUND) -> tuple[sql.Composed, dict[str, object]]:
    """The condition that tells the tasks of a run, where `t` is the table, and the values of its placeholders.

    Through the primary key, by the time in their ids; only then by their link, which has no index.

    Args:
        queue: Where they are.
        run: Its row.
        slack: Seconds around its times.
    """
    values: dict[str, object] = {"run": run["workflow_run_id"]}
    begins = [when for name in ("created_at", "started_at") if (when := seconds(run[name])) is not None]
    root = run["absurd_run_id"]
    if root is not None and (when := time_of_id(root)) is not None:
        begins.append(when)
    if begins:
        where = sql.SQL("t.task_id >= %(low)s::uuid").format()
        values["low"] = lowest_id(min(begins) - slack)
    else:
        where = sql.SQL(
            "t.task_id >= coalesce((select task_id from {t} order by task_id desc offset {latest} limit 1),"
            " %(low)s::uuid)"
        ).format(t=queue.tasks.identifier, latest=LATEST)
        values["low"] = lowest_id(0)
    ended = seconds(run["completed_at"])
    if ended is not None:
        where += sql.SQL(" and t.task_id < %(high)s::uuid")
        values["high"] = lowest_id(ended + slack)
    where += sql.SQL(" and {} = %(run)s").format(queries.link(queue.tasks, "t"))
    return where, values
