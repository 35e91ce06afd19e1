"""What an action is about, as it is now: a task, or a workflow run with those of its tasks that the action touches.

Only reads, on the session that cannot write.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.action import ActionKind
from wftui.model.workflow import WorkflowKey
from wftui.sources.absurd import queries
from wftui.sources.absurd.linking import AROUND, slack_of, tasks_of_run
from wftui.sources.absurd.reader import run_rows
from wftui.sources.absurd.summaries import ENGINE
from wftui.sources.absurd.values import status_of, uuid_or_none

if TYPE_CHECKING:
    from wftui.model.status import Status
    from wftui.sources.absurd.catalog import Catalog, Queue
    from wftui.sources.absurd.connection import Link
    from wftui.sources.absurd.session import Row

NAMED = 1_000
"""So many tasks of one run are named one by one; an action touches all of them."""
STATES = ("pending", "running", "sleeping", "completed", "failed", "cancelled")
_TOUCHED = {
    ActionKind.CANCEL: ("pending", "running", "sleeping"),
    ActionKind.RESUME: ("failed",),
    ActionKind.EMIT: ("pending", "running", "sleeping"),
}


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task that the action touches.

    Attributes:
        id: The task's id.
        name: The name of what it runs.
        state: Absurd's word.
        attempts: How often it was tried.
        worker: Who runs it, where somebody does.
        events: What it waits for.
        checkpoints: The names of those that it has written, where it is to be retried.
    """

    id: str
    name: str
    state: str
    attempts: int
    worker: str | None
    events: tuple[str, ...] = ()
    checkpoints: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Its common status."""
        return status_of(self.state)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about.

    Attributes:
        key: The workflow; of a task that is acted on alone, the task.
        name: "order.fulfil", or name and version of a run.
        status: As just read.
        queue: Where its tasks are; None where that is not told, or cannot be read.
        run: The row of the run; None for a task.
        belongs_to: The row of the run that a task belongs to; None for a task of its own.
        touched: The tasks that the action touches, by their ids; of a task, that alone, whatever its state.
        counts: How many tasks of the run there are in each state.
        slack: How far around its times the tasks of the run are looked for, in seconds.
    """

    key: WorkflowKey
    name: str
    status: Status
    queue: Queue | None
    run: Row | None
    belongs_to: Row | None
    touched: tuple[TaskState, ...]
    counts: dict[str, int]
    slack: float = AROUND


def read_subject(link: Link, catalog: Catalog, kind: ActionKind, workflow_id: str, target: str) -> Subject | None:
    """What is there of that id; None if nothing is.

    Raises:
        TargetError: It cannot be read.
    """
    with link.snapshot():
        runs = run_rows(link, catalog, [workflow_id])
        if runs:
            return _kept(link, kind, _run(link, catalog, kind, runs[0], target))
        if uuid_or_none(workflow_id) is None:
            return None
        for queue in catalog.queues:
            where = sql.SQL("t.task_id = any(%(ids)s::uuid[])").format()
            rows = link.fetch(queries.tasks(queue, where), {"ids": [workflow_id]})
            if rows:
                return _kept(link, kind, _task(link, catalog, queue, rows[0], target))
    return None


def read_status(link: Link, catalog: Catalog, subject: Subject) -> Status | None:
    """Its status now; None when it is gone.

    Raises:
        TargetError: It cannot be read.
    """
    if subject.run is not None:
        rows = run_rows(link, catalog, [subject.key.id])
        return status_of(rows[0]["status"]) if rows else None
    assert subject.queue is not None  # noqa: S101 - a task is found in its queue
    marks = link.fetch(queries.task_marks(subject.queue), {"ids": [subject.key.id]})
    return status_of(marks[0]["state"]) if marks else None


def run_name(run: Row) -> str:
    """Name and version."""
    return " ".join(part for part in (run["workflow_name"], run["workflow_version"]) if part)


def touched_tasks(
    queue: Queue, run: Row, states: tuple[str, ...], slack: float
) -> tuple[sql.Composed, dict[str, object]]:
    """The query of the tasks of a run in these states, by their ids, the run's own task included; and its values."""
    r = queue.runs
    named = {
        "task_id": queries.column(queue.tasks, "t", "task_id"),
        "task_name": queries.text(queue.tasks, "t", "task_name"),
        "state": queries.text(queue.tasks, "t", "state"),
        "attempts": queries.column(queue.tasks, "t", "attempts"),
        "last_run": queries.text(queue.tasks, "t", "last_attempt_run"),
    }
    columns = sql.SQL(", ").join(sql.SQL("{} as {}").format(v, sql.Identifier(n)) for n, v in named.items())
    conditions, values = _of_run(queue, run, slack)
    # Each of them by the primary key; an "or" may become a scan.
    parts = [
        sql.SQL("select {columns} from {t} t where {condition} and t.state::text = any(%(states)s)").format(
            columns=columns, t=queue.tasks.identifier, condition=condition
        )
        for condition in conditions
    ]
    worker = sql.SQL("null::text").format()
    if r is not None:
        worker = sql.SQL("(select {} from {} r where r.run_id = u.last_run::uuid and u.state = 'running')").format(
            queries.text(r, "r", "claimed_by"), r.identifier
        )
    query = sql.SQL(
        "select u.task_id::text as task_id, task_name, state, attempts, {worker} as worker"
        " from ({parts}) u order by u.task_id"
    ).format(worker=worker, parts=sql.SQL(" union ").join(parts))
    return query, {**values, "states": list(states)}


# -- inside ----------------------------------------------------------------------------------------------------


def _of_run(queue: Queue, run: Row, slack: float) -> tuple[list[sql.Composed], dict[str, object]]:
    """The condition of the tasks that are linked to a run, and that of the one which the tracking names as its own."""
    where, values = tasks_of_run(queue, run, slack)
    conditions = [where]
    if queue.runs is not None and uuid_or_none(run["absurd_run_id"]) is not None:
        conditions.append(
            sql.SQL("t.task_id = (select o.task_id from {r} o where o.run_id = %(root)s::uuid limit 1)").format(
                r=queue.runs.identifier
            )
        )
        values["root"] = run["absurd_run_id"]
    return conditions, values


def _task(link: Link, catalog: Catalog, queue: Queue, row: Row, target: str) -> Subject:
    task_id = row["task_id"]
    worker = _worker(link, queue, task_id) if row["state"] == "running" else None
    events = _events(link, queue, [task_id])
    attempts = row["attempts"] if isinstance(row["attempts"], int) else 0
    state = TaskState(task_id, row["task_name"], row["state"], attempts, worker, events.get(task_id, ()))
    owners = run_rows(link, catalog, [row["link"]]) if row["link"] is not None else []
    return Subject(
        WorkflowKey(target, ENGINE, queue.name, task_id),
        row["task_name"] or "",
        status_of(row["state"]),
        queue,
        None,
        owners[0] if owners else None,
        (state,),
        {row["state"]: 1},
    )


def _run(link: Link, catalog: Catalog, kind: ActionKind, row: Row, target: str) -> Subject:
    queue = next((queue for queue in catalog.queues if queue.name == row["absurd_queue"]), None)
    touched: tuple[TaskState, ...] = ()
    counts: dict[str, int] = {}
    slack = AROUND
    if queue is not None and kind in _TOUCHED:
        slack = slack_of(link, queue, row)
        query, values = touched_tasks(queue, row, _TOUCHED[kind], slack)
        found = link.fetch(query + sql.SQL(" limit {}").format(NAMED), values)
        events = _events(link, queue, [task["task_id"] for task in found])
        touched = tuple(_state(task, events) for task in found)
        query, values = touched_tasks(queue, row, STATES, slack)
        query = sql.SQL("select state, count(*) as n from ({}) f group by 1").format(query)
        counts = {count["state"]: count["n"] for count in link.fetch(query, values)}
    key = WorkflowKey(target, ENGINE, row["absurd_queue"], row["workflow_run_id"])
    return Subject(key, run_name(row), status_of(row["status"]), queue, row, None, touched, counts, slack)


def _state(row: Row, events: dict[str, tuple[str, ...]]) -> TaskState:
    attempts = row["attempts"] if isinstance(row["attempts"], int) else 0
    worker = row["worker"] if row["state"] == "running" else None
    return TaskState(
        row["task_id"], row["task_name"] or "", row["state"], attempts, worker, events.get(row["task_id"], ())
    )


def _events(link: Link, queue: Queue, ids: list[str]) -> dict[str, tuple[str, ...]]:
    query = queries.waits(queue)
    found: dict[str, tuple[str, ...]] = {}
    for row in link.fetch(query, {"ids": ids}) if query is not None and ids else []:
        known = found.get(row["task_id"], ())
        if row["event_name"] is not None and row["event_name"] not in known:
            found[row["task_id"]] = (*known, row["event_name"])
    return found


def _kept(link: Link, kind: ActionKind, subject: Subject) -> Subject:
    """With the checkpoints of what is to be retried, where they can be read."""
    c = subject.queue.checkpoints if subject.queue is not None else None
    if c is None or kind is not ActionKind.RESUME:
        return subject
    query = sql.SQL(
        "select {columns} from {c} c where c.task_id = any(%(ids)s::uuid[]) order by {order} limit {limit}"
    ).format(
        columns=sql.SQL("c.task_id::text as task_id, c.checkpoint_name as name"),
        c=c.identifier,
        order=sql.SQL("c.updated_at, c.checkpoint_name" if "updated_at" in c.types else "c.checkpoint_name"),
        limit=NAMED,
    )
    names: dict[str, list[str]] = {}
    for row in link.fetch(query, {"ids": [task.id for task in subject.touched]}):
        names.setdefault(row["task_id"], []).append(row["name"])
    return replace(
        subject, touched=tuple(replace(task, checkpoints=tuple(names.get(task.id, ()))) for task in subject.touched)
    )


def _worker(link: Link, queue: Queue, task_id: str) -> str | None:
    query = queries.attempts(queue)
    rows = link.fetch(query, {"ids": [task_id]}) if query is not None else []
    return rows[-1]["claimed_by"] if rows else None
