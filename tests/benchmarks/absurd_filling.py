"""Fills an Absurd database with many tasks and workflow runs: rows of the shape that its clients write, by SQL.

A million tasks through the clients would take hours; what is measured is reading.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from tests.sources.absurd_server import RUN_TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

DAYS = 30
# The time of the n-th of all is spread evenly over the last days; ids are uuids of version 7, as `portable_uuidv7`'s.
_NUMBERED = """
    with numbered as (
        select n, to_timestamp({now}) - make_interval(secs => {days} * 86400.0 * ({tasks} - n) / {tasks} + 60) as at,
               case when n % 50 = 0 then 'failed' when n % 101 = 0 then 'cancelled'
                    when n > {tasks} - {few} then (array['running', 'pending', 'sleeping'])[1 + n % 3]
                    else 'completed' end as state,
               md5('t' || n) as noise, md5('r' || n) as more
        from generate_series(1, {tasks}) n
    ), keyed as (
        select *, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(noise, 1, 3)
                   || '8' || substr(noise, 4, 15))::uuid as task_id,
                  (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(more, 1, 3)
                   || '8' || substr(more, 4, 15))::uuid as run_id
        from numbered
    )
"""
_TASKS = """
    insert into absurd.{t} (task_id, task_name, params, headers, retry_strategy, max_attempts, enqueue_at,
                            first_started_at, state, attempts, last_attempt_run, completed_payload, cancelled_at)
    select task_id, 'order.' || (array['fulfil', 'refund', 'invoice', 'notify'])[1 + n % 4],
           jsonb_build_object('order', n, 'sku', 'sku-' || n % 1000),
           case when n % 10 = 1 and {runs} > 0
                then jsonb_build_object('workflow_run_id', md5('w' || n / 10 % {runs})::uuid) end,
           null, 5, at, case when state not in ('pending') then at + interval '1 second' end, state, 1, run_id,
           case when state = 'completed' then jsonb_build_object('shipped', true) end,
           case when state = 'cancelled' then at + interval '9 seconds' end
    from keyed
"""
_RUNS = """
    insert into absurd.{r} (run_id, task_id, attempt, state, claimed_by, claim_expires_at, available_at, started_at,
                            completed_at, failed_at, result, failure_reason, created_at)
    select run_id, task_id, 1, state, case when state <> 'pending' then 'worker-' || n % 8 end,
           case when state = 'running' then now() + interval '1 day' end,
           case when state = 'sleeping' then now() + interval '1 day' else at + interval '1 second' end,
           case when state <> 'pending' then at + interval '1 second' end,
           case when state = 'completed' then at + interval '5 seconds' end,
           case when state = 'failed' then at + interval '5 seconds' end,
           case when state = 'completed' then jsonb_build_object('shipped', true) end,
           case when state = 'failed' then jsonb_build_object('name', 'ValueError', 'message', 'no stock of ' || n,
                                                              'traceback', repeat('  File "shop.py"' || chr(10), 5))
           end, at
    from keyed
"""
_CHECKPOINTS = """
    insert into absurd.{c} (task_id, checkpoint_name, state, owner_run_id, updated_at)
    select task_id, 'reserve', jsonb_build_object('sku', 'sku-' || n % 1000), run_id, at + interval '2 seconds'
    from keyed where state <> 'pending'
"""
_TRACKED = """
    insert into workflow_run (workflow_run_id, workflow_name, workflow_version, status, absurd_queue, inputs, result,
                              error, created_by, tags, started_at, completed_at, task_count, created_at)
    select md5('w' || n)::uuid, (array['etl', 'report', 'billing'])[1 + n % 3], '1.' || n % 5, status, {queue},
           jsonb_build_object('day', n), case when status = 'completed' then jsonb_build_object('rows', n) end,
           case when status = 'failed' then jsonb_build_object('type', 'ValueError', 'message', 'bad row ' || n) end,
           'ann', jsonb_build_object('team', 'data'), case when status <> 'pending' then at end,
           case when status not in ('pending', 'running') then at + interval '5 minutes' end, 10,
           at - interval '1 second'
    from (select n, to_timestamp({now}) - make_interval(secs => {days} * 86400.0 * ({runs} - n) / {runs} + 60) as at,
                 case when n > {runs} - 60 then (array['running', 'pending'])[1 + n % 2] when n % 40 = 0 then 'failed'
                      else 'completed' end as status
          from generate_series(0, {runs} - 1) n) numbered
"""
INDEX = "create index on workflow_run (status, started_at)"


def fill(url: str, queue: str, tasks: int, runs: int, *, index: bool = True) -> None:
    """Put so many tasks into a queue, a tenth of them in so many workflow runs; all but a few have ended."""
    tables = {prefix: sql.Identifier(f"{prefix}_{queue}") for prefix in "trc"}
    numbers = {"days": DAYS, "tasks": tasks, "runs": runs, "few": min(600, tasks // 10), "now": time.time()}
    names = {"queue": sql.Literal(queue), **tables, **{name: sql.Literal(n) for name, n in numbers.items()}}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select absurd.create_queue(%s)", [queue])
        for statement in (_TASKS, _RUNS, _CHECKPOINTS):
            _run(connection, _NUMBERED + statement, names)
        if runs:
            connection.execute(RUN_TABLE.encode())
            _run(connection, _TRACKED, names)
            if index:
                connection.execute(INDEX.encode())
        for table in tables.values():
            connection.execute(sql.SQL("vacuum analyze absurd.{}").format(table))
        if runs:
            connection.execute(b"vacuum analyze workflow_run")


def _run(connection: psycopg.Connection[Any], statement: str, names: Mapping[str, sql.Composable]) -> None:
    text: Any = statement  # of this module only
    connection.execute(sql.SQL(text).format(**names))
