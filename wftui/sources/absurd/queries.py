"""The statements. Every name is quoted by psycopg; columns that are not there, or not permitted, are null.

Times come as Unix seconds, because PostgreSQL's reach further than Python's (`infinity`). JSON comes as text, bounded:
it may be megabytes, or nested deeper than Python's parser goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import sql

if TYPE_CHECKING:
    from wftui.sources.absurd.catalog import Queue, Table

LINK = "workflow_run_id"
"""The key in headers or params of a task that names its workflow run."""
SHORT_JSON = 8_000
LONG_JSON = 64_000
"""Characters of a JSON value that are read; of a longer one its beginning."""
BEGINNING = 200
LONG_TEXT = 8_000
"""Characters of a name that are read: Absurd bounds none."""


def column(table: Table | None, alias: str, name: str) -> sql.Composable:
    """A column as it is."""
    if table is None or name not in table.types:
        return sql.SQL("null")
    return sql.Identifier(alias, name)


def text(table: Table | None, alias: str, name: str) -> sql.Composed:
    """A column as text: uuids and numbers too."""
    return sql.SQL("{}::text").format(column(table, alias, name))


def name_text(table: Table | None, alias: str, name: str) -> sql.Composed:
    """A column that is shown and names nothing that is asked for again, as text of at most `LONG_TEXT` characters."""
    return sql.SQL("pg_catalog.left({}, {})").format(text(table, alias, name), LONG_TEXT)


def epoch(table: Table | None, alias: str, name: str) -> sql.Composed:
    """A timestamp as Unix seconds; infinity is one."""
    if table is None or not table.types.get(name, "").startswith("timestamp"):
        return sql.SQL("null::float8").format()
    return sql.SQL("extract(epoch from {})::float8").format(column(table, alias, name))


def json_text(table: Table | None, alias: str, name: str, bound: int) -> sql.Composed:
    """JSON as text of at most `bound` + 1 characters; "#" and its stored bytes where it is far beyond that."""
    if table is None or name not in table.types:
        return sql.SQL("null::text").format()
    return sql.SQL(
        "case when pg_catalog.pg_column_size({c}) <= {many} then pg_catalog.left({c}::text, {bound})"
        " else '#' || pg_catalog.pg_column_size({c}) end"
    ).format(c=column(table, alias, name), many=4 * bound, bound=bound + 1)


def link(table: Table, alias: str) -> sql.Composed:
    """The workflow run that a task belongs to, as its headers or params say."""
    found = [
        sql.SQL("{}->>{}").format(column(table, alias, name), LINK)
        for name in ("headers", "params")
        if table.types.get(name) == "jsonb"
    ]
    if not found:
        return sql.SQL("null::text").format()
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join(found))


def _task_columns(queue: Queue, *, whole: bool, bound: int) -> sql.Composed:
    t, r = queue.tasks, queue.runs
    named = {
        "task_id": text(t, "t", "task_id"),
        "task_name": name_text(t, "t", "task_name"),
        "state": text(t, "t", "state"),
        "attempts": column(t, "t", "attempts"),
        "max_attempts": column(t, "t", "max_attempts"),
        "enqueued": epoch(t, "t", "enqueue_at"),
        "first_started": epoch(t, "t", "first_started_at"),
        "cancelled": epoch(t, "t", "cancelled_at"),
        "headers": json_text(t, "t", "headers", SHORT_JSON),
        "link": link(t, "t"),
        "last_run": text(t, "t", "last_attempt_run"),
        "run_state": text(r, "r", "state"),
        "available": epoch(r, "r", "available_at"),
        "started": epoch(r, "r", "started_at"),
        "completed": epoch(r, "r", "completed_at"),
        "failed": epoch(r, "r", "failed_at"),
        "reason": json_text(r, "r", "failure_reason", SHORT_JSON),
    }
    if whole:
        for name in ("params", "retry_strategy", "cancellation", "completed_payload"):
            named[name] = json_text(t, "t", name, bound)
        named["idempotency_key"] = name_text(t, "t", "idempotency_key")
    return _listed(named)


def tasks(
    queue: Queue,
    where: sql.Composable,
    *,
    limit: int | None = None,
    whole: bool = False,
    bound: int = LONG_JSON,
) -> sql.Composed:
    """Tasks of a queue with their latest run, newest first.

    Args:
        queue: Which.
        where: Which of its tasks; the table is `t`.
        limit: At most so many.
        whole: With params, payload and long texts too.
        bound: Characters of each of these.
    """
    query = sql.SQL("select {columns} from {t} t").format(
        columns=_task_columns(queue, whole=whole, bound=bound), t=queue.tasks.identifier
    )
    if queue.runs is not None:
        # Row by row through an index, whatever the planner thinks of reading the whole table. Older schemas: the
        # latest is the one with the highest number.
        latest = sql.SQL("where {r}.task_id = t.task_id order by attempt desc")
        if "last_attempt_run" in queue.tasks.types:
            latest = sql.SQL("where {r}.run_id = t.last_attempt_run")
        query += sql.SQL(" left join lateral (select {columns} from {r} {latest} limit 1) r on true").format(
            r=queue.runs.identifier,
            columns=_all_of(queue.runs),
            latest=latest.format(r=queue.runs.identifier),
        )
    query += sql.SQL(" where {} order by t.task_id desc").format(where)
    return query if limit is None else query + sql.SQL(" limit {}").format(limit)


def attempts(queue: Queue, bound: int = LONG_JSON) -> sql.Composed | None:
    """Every attempt of the tasks `ids`, oldest first; None where they cannot be read.

    Args:
        queue: Which.
        bound: Characters of each reason of a failure; of each result at most `SHORT_JSON`.
    """
    r = queue.runs
    if r is None:
        return None
    named = {
        "run_id": text(r, "r", "run_id"),
        "task_id": text(r, "r", "task_id"),
        "attempt": column(r, "r", "attempt"),
        "state": text(r, "r", "state"),
        "claimed_by": name_text(r, "r", "claimed_by"),
        "claim_expires": epoch(r, "r", "claim_expires_at"),
        "available": epoch(r, "r", "available_at"),
        "wake_event": text(r, "r", "wake_event"),
        "started": epoch(r, "r", "started_at"),
        "completed": epoch(r, "r", "completed_at"),
        "failed": epoch(r, "r", "failed_at"),
        "created": epoch(r, "r", "created_at"),
        "result": json_text(r, "r", "result", min(bound, SHORT_JSON)),
        "reason": json_text(r, "r", "failure_reason", bound),
    }
    return sql.SQL(
        "select {columns} from {r} r where r.task_id = any(%(ids)s::uuid[]) order by r.task_id, r.attempt, r.run_id"
    ).format(columns=_listed(named), r=r.identifier)


def checkpoints(queue: Queue, limit: int, bound: int = SHORT_JSON) -> sql.Composed | None:
    """Checkpoints of the tasks `ids`, in the order in which they were written; None where they cannot be read.

    Args:
        queue: Which.
        limit: At most so many.
        bound: Characters of each state.
    """
    c = queue.checkpoints
    if c is None:
        return None
    named = {
        "task_id": text(c, "c", "task_id"),
        "name": text(c, "c", "checkpoint_name"),
        "state": json_text(c, "c", "state", bound),
        "status": text(c, "c", "status"),
        "owner": text(c, "c", "owner_run_id"),
        "updated": epoch(c, "c", "updated_at"),
    }
    order = sql.SQL("c.updated_at, ") if "updated_at" in c.types else sql.SQL("")
    return sql.SQL(
        "select {columns} from {c} c where c.task_id = any(%(ids)s::uuid[])"
        " order by {order}c.checkpoint_name limit {limit}"
    ).format(columns=_listed(named), c=c.identifier, order=order, limit=limit)


def waits(queue: Queue) -> sql.Composed | None:
    """What the tasks `ids` wait for; None where it cannot be read."""
    w = queue.waits
    if w is None:
        return None
    named = {
        "task_id": text(w, "w", "task_id"),
        "run_id": text(w, "w", "run_id"),
        "step_name": text(w, "w", "step_name"),
        "event_name": text(w, "w", "event_name"),
        "timeout": epoch(w, "w", "timeout_at"),
        "created": epoch(w, "w", "created_at"),
    }
    return sql.SQL("select {columns} from {w} w where w.task_id = any(%(ids)s::uuid[]) order by w.created_at").format(
        columns=_listed(named), w=w.identifier
    )


def of_state(queue: Queue, limit: int, *, goes_on: bool) -> sql.Composed:
    """Runs in `state`, those claimed or due last first; where it goes on, from behind (`available`, `run`)."""
    r = queue.runs or queue.tasks  # asked only where runs can be read
    behind = sql.SQL(" and (r.available_at, r.run_id) < (%(available)s::timestamptz, %(run)s::uuid)")
    return sql.SQL(
        "select r.task_id::text as task_id, r.run_id::text as run_id, r.available_at::text as available,"
        " extract(epoch from r.available_at)::float8 as due from {r} r where r.state = %(state)s{behind}"
        " order by r.available_at desc, r.run_id desc limit {limit}"
    ).format(r=r.identifier, behind=behind if goes_on else sql.SQL(""), limit=limit)


def matching(queue: Queue, where: sql.Composable, slice_: int) -> sql.Composed:
    """Of the next `slice_` tasks from `after` on, those that match; last, without `task_id`, where to go on from.

    Args:
        queue: Which.
        where: What matches; the table is `t`, its latest run `r`.
        slice_: How many are looked at: so a statement ends soon, however few match.
    """
    t, r = queue.tasks, queue.runs
    latest = sql.SQL("").format()
    if r is not None:
        latest = sql.SQL(
            " left join lateral (select {columns} from {r} r where r.run_id = t.last_attempt_run limit 1) r on true"
        ).format(columns=_all_of(r), r=r.identifier)
    return sql.SQL(
        "with t as materialized (select {columns} from {t} t where t.task_id <= %(after)s::uuid"
        " order by t.task_id desc limit {slice}), last as (select t.task_id from t offset {all} limit 1)"
        " select t.task_id::text as task_id, {state} as state, {started} as started, {link} as link, null::text as next"
        " from t{latest}"
        " where t.task_id > coalesce((select last.task_id from last), {none}::uuid) and {where}"
        " union all select null, null, null, null, last.task_id::text from last"
    ).format(
        columns=_all_of(t),
        t=t.identifier,
        slice=slice_ + 1,
        all=slice_,
        state=text(t, "t", "state"),
        started=epoch(t, "t", "first_started_at"),
        link=link(t, "t"),
        latest=latest,
        where=where,
        none=str(UUID(int=0)),
    )


def _all_of(table: Table) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, table.types))


def task_marks(queue: Queue) -> sql.Composed:
    """Of the tasks `ids`, what changes when they do: without their runs."""
    t = queue.tasks
    named = {name: text(t, "t", name) for name in ("task_id", "state")}
    named["last_run"] = text(t, "t", "last_attempt_run")
    return sql.SQL("select {} from {} t where t.task_id = any(%(ids)s::uuid[])").format(_listed(named), t.identifier)


def runs(table: Table, where: sql.Composable, *, limit: int | None = None) -> sql.Composed:
    """Workflow runs by their key, with whatever columns there are."""
    query = sql.SQL("select {columns} from {w} w where {where} order by w.workflow_run_id").format(
        columns=_run_columns(table), w=table.identifier, where=_with_key(where)
    )
    return query if limit is None else query + sql.SQL(" limit {}").format(limit)


def runs_by_start(table: Table, where: sql.Composable, limit: int) -> sql.Composed:
    """Workflow runs of one status, those started last first; `mark` is their start as PostgreSQL writes it."""
    return sql.SQL(
        "select {columns}, w.started_at::text as mark from {w} w where {where}"
        " order by w.started_at desc, w.workflow_run_id desc limit {limit}"
    ).format(columns=_run_columns(table), w=table.identifier, where=_with_key(where), limit=limit)


def _with_key(where: sql.Composable) -> sql.Composed:
    """Without the rows of a table of somebody else's that have no key: nothing could name them."""
    return sql.SQL("{} and w.workflow_run_id is not null").format(where)


def _run_columns(table: Table) -> sql.Composed:
    named: dict[str, sql.Composable] = {
        name: text(table, "w", name) for name in ("workflow_run_id", "absurd_run_id", "absurd_queue")
    }
    names = ("workflow_name", "workflow_version", "workflow_hash", "status", "created_by")
    named |= {name: name_text(table, "w", name) for name in names}
    named |= {name: json_text(table, "w", name, SHORT_JSON) for name in ("inputs", "result", "error", "tags")}
    named["task_count"] = column(table, "w", "task_count")
    named |= {name: epoch(table, "w", name) for name in ("created_at", "started_at", "completed_at")}
    return _listed(named)


def run_marks(table: Table, where: sql.Composable) -> sql.Composed:
    """Of workflow runs, what changes when they do."""
    named = {
        "id": text(table, "w", "workflow_run_id"),
        "status": text(table, "w", "status"),
        "started": epoch(table, "w", "started_at"),
        "completed": epoch(table, "w", "completed_at"),
        "task_count": column(table, "w", "task_count"),
    }
    return sql.SQL("select {} from {} w where {}").format(_listed(named), table.identifier, _with_key(where))


def run_marks_by_key(table: Table, where: sql.Composable, limit: int) -> sql.Composed:
    """The same of the next runs by their key."""
    return run_marks(table, where) + sql.SQL(" order by w.workflow_run_id limit {}").format(limit)


def run_ids_with(table: Table, limit: int) -> sql.Composed:
    """The ids of the latest runs with the status `word`, through an index on status and start."""
    return sql.SQL(
        "select w.workflow_run_id::text as id from {w} w where w.status = %(word)s"
        " order by w.started_at desc limit {limit}"
    ).format(w=table.identifier, limit=limit)


def run_key(table: Table, *, is_array: bool = True) -> sql.Composed:
    """The type of the key of workflow runs, as an array's; one of a few that the catalog allows."""
    kind = sql.SQL("uuid" if table.types["workflow_run_id"] == "uuid" else "text")
    return sql.SQL("{}[]" if is_array else "{}").format(kind)


def rendered(query: sql.Composed) -> sql.SQL:
    """The query put together, for one that is sent again and again."""
    return sql.SQL(query.as_string(None))  # nothing but literals and quoted names


def _listed(named: dict[str, sql.Composable] | dict[str, sql.Composed]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("{} as {}").format(value, sql.Identifier(name)) for name, value in named.items())
