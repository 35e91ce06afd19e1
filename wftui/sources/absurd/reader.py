"""Reads the whole of a workflow: a few statements of one snapshot, whatever the size of the queue."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.workflow import Problem, WorkflowDetail
from wftui.sources.absurd import queries
from wftui.sources.absurd.events import read_events
from wftui.sources.absurd.linking import AROUND, FAR, finds_too_few, tasks_of_run
from wftui.sources.absurd.steps import TaskRows, tasks_of
from wftui.sources.absurd.summaries import run_summary, task_summary
from wftui.sources.absurd.values import uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.event import Event
    from wftui.sources.absurd.catalog import Catalog, Queue
    from wftui.sources.absurd.connection import Link, Row

MOST_TASKS = 5_000
MOST_CHECKPOINTS = 20_000
ALL_JSON = 8_000_000
LEAST_JSON = 500
"""Characters of params, and of any other JSON, that are read of all tasks of a run together; of each at least."""
INFERRED = "the order of tasks is inferred from their times"
_NOW = sql.SQL("select extract(epoch from pg_catalog.clock_timestamp())::float8 as now").format()


def server_time(link: Link) -> float:
    """What time it is for the server, Unix seconds.

    Raises:
        TargetError: It does not answer.
    """
    return float(link.fetch(_NOW)[0]["now"])


def read_task(link: Link, queue: Queue, task_id: str, target: str) -> WorkflowDetail | None:
    """A task that is a workflow of its own; None if there is none of that id in the queue.

    Raises:
        TargetError: It cannot be read.
    """
    with link.snapshot():
        rows = _whole_tasks(link, queue, [task_id])
        if not rows:
            return None
        found, problems = _below(link, queue, rows)
        now = server_time(link)
    events, more = read_events(link, queue, found)
    summary = task_summary(rows[0], target, queue.name)
    return WorkflowDetail(summary, tasks_of(found, now), problems=(*problems, *more), events=events)


def read_run(link: Link, catalog: Catalog, run_id: str, target: str) -> WorkflowDetail | None:
    """A workflow run with the tasks that are linked to it; None if there is none of that id.

    Raises:
        TargetError: It cannot be read.
    """
    with link.snapshot():
        rows = run_rows(link, catalog, [run_id])
        if not rows:
            return None
        row = rows[0]
        queue = next((queue for queue in catalog.queues if queue.name == row["absurd_queue"]), None)
        found: list[TaskRows] = []
        problems: tuple[Problem, ...] = ()
        if queue is None:
            problems = (Problem("absurd_queue", _no_queue(row["absurd_queue"])),)
        else:
            linked, more = _linked(link, queue, row)
            found, problems = _below(link, queue, linked)
            problems += more
        now = server_time(link)
    events: tuple[Event, ...] = ()
    if queue is not None:
        events, more = read_events(link, queue, found)
        problems += more
    prefix = f"{row['workflow_name']}__{row['workflow_version']}__" if row["workflow_version"] else ""
    done = sum(it.task["state"] == "completed" for it in found)
    summary = replace(
        run_summary(row, target, done, len(found)),
        note=INFERRED if len(found) > 1 else "",
    )
    return WorkflowDetail(summary, tasks_of(found, now, prefix), problems=problems, events=events)


def run_rows(link: Link, catalog: Catalog, ids: Iterable[str]) -> list[Row]:
    """The rows of these workflow runs, by their key.

    Raises:
        TargetError: They cannot be read.
    """
    table = catalog.runs
    if table is None:
        return []
    wanted = _keys(ids, is_uuid=table.types["workflow_run_id"] == "uuid")
    if not wanted:
        return []
    where = sql.SQL("w.workflow_run_id = any(%(ids)s::{})").format(queries.run_key(table))
    return link.fetch(queries.runs(table, where), {"ids": wanted})


def _keys(ids: Iterable[str], *, is_uuid: bool) -> list[str]:
    return [i for i in ids if (uuid_or_none(i) is not None if is_uuid else "\0" not in i)]


def _no_queue(name: str | None) -> str:
    return "none is recorded: its tasks are not known" if name is None else f"{name!r} is not there, or not readable"


def _whole_tasks(link: Link, queue: Queue, ids: list[str]) -> list[Row]:
    where = sql.SQL("t.task_id = any(%(ids)s::uuid[])").format()
    return link.fetch(queries.tasks(queue, where, whole=True, bound=_bound(len(ids))), {"ids": ids})


def _bound(count: int) -> int:
    """How many characters of each JSON value of so many tasks are read."""
    return max(LEAST_JSON, min(queries.LONG_JSON, ALL_JSON // max(1, count)))


def _linked(link: Link, queue: Queue, run: Row) -> tuple[list[Row], tuple[Problem, ...]]:
    root = run["absurd_run_id"]
    # How many there are decides how much of each is read.
    found = sql.SQL("select t.task_id::text as task_id from {t} t where {where} order by t.task_id desc limit {limit}")
    ids: list[str] = []
    for slack in (AROUND, FAR):
        where, values = tasks_of_run(queue, run, slack)
        query = found.format(t=queue.tasks.identifier, where=where, limit=MOST_TASKS + 1)
        ids = [row["task_id"] for row in link.fetch(query, values)]
        if len(ids) > MOST_TASKS or not finds_too_few(run, len(ids)):
            break
    rows = _whole_tasks(link, queue, ids[:MOST_TASKS]) if ids else []
    rows += _root(link, queue, root, set(ids))
    if len(ids) > MOST_TASKS:
        return rows, (Problem("tasks", f"more than {MOST_TASKS:,} tasks: the latest are shown"),)
    return rows, ()


def _root(link: Link, queue: Queue, root: str | None, known: set[str]) -> list[Row]:
    """The task of the run that the tracking names, with the run's own checkpoints below it."""
    if queue.runs is None or uuid_or_none(root) is None:
        return []
    of_run = sql.SQL("select task_id::text as task_id from {} where run_id = %(root)s::uuid").format(
        queue.runs.identifier
    )
    ids = [row["task_id"] for row in link.fetch(of_run, {"root": root}) if row["task_id"] not in known]
    return _whole_tasks(link, queue, ids) if ids else []


def _below(link: Link, queue: Queue, rows: list[Row]) -> tuple[list[TaskRows], tuple[Problem, ...]]:
    """What belongs to tasks: attempts, checkpoints, waits; one statement each."""
    values = {"ids": [row["task_id"] for row in rows]}
    bound = _bound(len(rows))
    problems: list[Problem] = []
    lists: list[dict[str, list[Row]]] = []
    wanted = (
        (f"r_{queue.name}", queries.attempts(queue, bound), "attempts"),
        (f"c_{queue.name}", queries.checkpoints(queue, MOST_CHECKPOINTS + 1, min(bound, queries.SHORT_JSON)), "steps"),
        (f"w_{queue.name}", queries.waits(queue), "what tasks wait for"),
    )
    for table, query, what in wanted:
        by_task: dict[str, list[Row]] = defaultdict(list)
        if query is None:
            problems.append(Problem(table, f"cannot be read: {what} missing"))
        elif rows:
            found = link.fetch(query, values)
            if what == "steps" and len(found) > MOST_CHECKPOINTS:
                found = found[:MOST_CHECKPOINTS]
                problems.append(Problem(table, f"more than {MOST_CHECKPOINTS:,} checkpoints: the first are shown"))
            for row in found:
                by_task[row["task_id"]].append(row)
        lists.append(by_task)
    attempts, checkpoints, waits = lists
    return [TaskRows(row, attempts[i], checkpoints[i], waits[i]) for row in rows for i in (row["task_id"],)], tuple(
        problems
    )
