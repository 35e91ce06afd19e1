"""The details of tasks and runs of Absurd, as its own tool tells them; and rows that nobody would expect."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import psycopg

from tests.sources.absurd_server import RUN_TABLE, Shop, absurdctl, execute
from tests.sources.contract import listed
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.format import waiting_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.absurd_server import AbsurdServer, Tracked
    from wftui.sources.absurd.source import AbsurdSource

ESCAPES = "\x1b]0;owned\x07\x1b[31m[red]\u202e"


def _dumped(text: str) -> list[dict[str, Any]]:
    """The attempts that `absurdctl dump-task` prints, with the values that are asked about."""
    parts = text.split("BASIC INFORMATION")[1:]
    fields = ("Current status", "Task Name", "Run ID", "Worker ID", "Attempt")
    found = []
    for part in parts:
        one: dict[str, Any] = {}
        for name in fields:
            match = re.search(rf"^  {name}: +(.+)$", part, re.MULTILINE)
            one[name] = match[1] if match else None
        for name in ("PARAMETERS", "FAILURE", "FINAL RESULT", "RESULT"):
            match = re.search(rf"^{name}\n((?:  .*\n)+)", part, re.MULTILINE)
            one[name] = json.loads(match[1]) if match else None
        one["steps"] = set(re.findall(r"^  (\S.*) \(committed\)$", part, re.MULTILINE))
        found.append(one)
    return found


def test_a_task_is_told_as_absurdctl_dumps_it(shop: Shop, url: str, opened: Callable[..., AbsurdSource]) -> None:
    order = shop.order("c", fail=True, max_attempts=2)
    shop.work(2)
    dumped = _dumped(absurdctl(url, "dump-task", "--task-id", order))
    task, *steps = opened().detail(order).tasks
    assert task.attempts is not None
    assert [it["Run ID"] for it in dumped] == [attempt.id for attempt in task.attempts]
    assert [it["Worker ID"] for it in dumped] == [attempt.worker for attempt in task.attempts]
    assert [it["Attempt"] for it in dumped] == [f"{attempt.number} of 2" for attempt in task.attempts]
    assert {it["Task Name"] for it in dumped} == {task.name}
    for it, attempt in zip(dumped, task.attempts, strict=True):
        assert it["PARAMETERS"] == task.options["params"]
        assert attempt.error is not None
        assert (it["FAILURE"]["name"], it["FAILURE"]["message"]) == (attempt.error.type, attempt.error.message)
        assert it["FAILURE"]["traceback"] == attempt.error.traceback
        assert attempt.claimed_until is None or attempt.claimed_until > (attempt.started_at or 0)
    assert dumped[0]["steps"] == {step.name for step in steps}


def test_events_are_told_before_and_after(shop: Shop, url: str, opened: Callable[..., AbsurdSource]) -> None:
    order = shop.order("a", event="order.paid", timeout=1800)
    shop.work()
    source = opened()
    detail = source.detail(order)
    (event,) = detail.events
    assert (event.name, event.happened, event.emitted_at, event.payload) == ("order.paid", False, None, None)
    (wait,) = (task for task in detail.tasks if task.kind is TaskKind.WAIT)
    assert wait.status is Status.WAITING
    words = waiting_text(wait.waiting_for or "")
    assert re.fullmatch(r"waits for event order\.paid since under 1m, times out in 2\dm", words)
    shop.app.emit_event("order.paid", {"amount": 12, "note": ESCAPES})
    shop.work()
    detail = source.detail(order)
    (event,) = detail.events
    assert event.happened
    assert event.payload == {"amount": 12, "note": ESCAPES}
    assert event.emitted_at is not None
    assert detail.summary.status is Status.SUCCESSFUL


def test_events_that_may_not_be_read_are_missing_with_a_reason(
    shop: Shop, url: str, opened: Callable[..., AbsurdSource], absurd_server: AbsurdServer
) -> None:
    order = shop.order("a", event="order.paid")
    shop.work()
    user = f"e_{url.rpartition('/')[2].partition('?')[0]}"
    execute(url, f"create role {user} login")
    execute(url, f"grant usage on schema absurd to {user}")
    execute(url, f"grant select on absurd.t_shop, absurd.r_shop, absurd.c_shop, absurd.w_shop, absurd.queues to {user}")
    source = opened(absurd_server.url(url.rpartition("/")[2].partition("?")[0], user))
    detail = source.detail(order)
    assert detail.events == ()
    assert [(it.path, it.what) for it in detail.problems] == [("e_shop", "cannot be read: events are missing")]
    assert any(task.waiting_for for task in detail.tasks)


def test_a_run_of_nulls(url: str, opened: Callable[..., AbsurdSource]) -> None:
    """Tables of the right names that somebody else filled: nothing but the keys is there."""
    execute(url, RUN_TABLE.replace("text not null", "text"))
    absurdctl(url, "create-queue", "odd")
    execute(url, "insert into workflow_run (workflow_run_id, absurd_queue) values (gen_random_uuid(), 'odd')")
    for table, kept in (("t_odd", "task_id"), ("r_odd", "run_id"), ("c_odd", "checkpoint_name")):
        with psycopg.connect(url, autocommit=True) as connection:
            names = connection.execute(
                "select attname::text from pg_attribute where attrelid = %s::regclass and attnotnull and attnum > 0"
                " and attname not in (%s, 'task_id')",
                [f"absurd.{table}", kept],
            ).fetchall()
        for (name,) in names:
            execute(url, f"alter table absurd.{table} alter {name} drop not null, alter {name} drop default")
    task, run = "01a1fe37-8ed6-7ba0-9ec5-c305c3c4e98e", "01a1fe37-8ed6-7ba0-9ec5-c305c3c4e98f"
    execute(url, "insert into absurd.t_odd (task_id, params, last_attempt_run) values (%s, null, %s)", [task, run])
    execute(url, "insert into absurd.r_odd (task_id, run_id) values (%s, %s)", [task, run])
    execute(url, "insert into absurd.c_odd (task_id, checkpoint_name) values (%s, '')", [task])
    source = opened()
    rows = listed(source)
    assert [(row.name, row.status, row.started_at) for row in rows] == [(None, Status.UNKNOWN, None)] * 2
    for row in rows:
        detail = source.detail(row.key.id)
        assert detail.summary.key == row.key
        assert len(detail.tasks) == (2 if row.key.id == task else 0)
    assert not any(change.key.id == task for change in source.changes().changes)


def test_clocks_apart(shop: Shop, url: str, opened: Callable[..., AbsurdSource]) -> None:
    """A worker whose clock is an hour ahead, an infinity, and an end before the start are shown as they are."""
    order = shop.order("a")
    shop.work()
    execute(url, "update absurd.t_shop set first_started_at = now() + interval '1 hour', enqueue_at = 'infinity'")
    execute(url, "update absurd.r_shop set started_at = '-infinity', claim_expires_at = 'infinity'")
    detail = opened().detail(order)
    assert detail.summary.duration is not None
    assert detail.summary.duration < 0
    task = detail.tasks[0]
    assert task.attempts is not None
    assert task.attempts[0].started_at is None
    assert task.attempts[0].claimed_until is None


def test_sql_and_escapes_in_names_stay_text(url: str, opened: Callable[..., AbsurdSource]) -> None:
    name = f"'; drop table absurd.queues; -- %s {{}} {ESCAPES}"
    absurdctl(url, "create-queue", "plain")
    spawn = "select absurd.spawn_task('plain', %s, %s::jsonb, %s::jsonb)"
    execute(url, spawn, [name, json.dumps({name: name}), json.dumps({"headers": {name: name}})])
    source = opened()
    (row,) = listed(source)
    assert row.name == name
    assert row.user_metadata == {name: name}
    (task,) = source.detail(row.key.id).tasks
    assert task.options["params"] == {name: name}


def test_many_large_values_are_read_in_part(shop: Shop, url: str, opened: Callable[..., AbsurdSource]) -> None:
    """Every place that holds JSON holds megabytes of it; what is read of each is bounded by the query."""
    order = shop.order("a", event="e")
    shop.work()
    big = "jsonb_build_object('big', (select string_agg(md5(i::text), '') from generate_series(1, 100000) i))"
    columns = {
        "t_shop": ("params", "headers", "completed_payload"),
        "r_shop": ("result", "failure_reason"),
        "c_shop": ("state",),
        "e_shop": ("payload",),
    }
    for table, names in columns.items():
        execute(url, f"update absurd.{table} set {', '.join(f'{name} = {big}' for name in names)}")
    execute(url, "update absurd.e_shop set emitted_at = now()")
    source = opened()
    detail = source.detail(order)
    assert str(detail.tasks[0].options["params"]).startswith("(not read: ")
    assert len(repr(detail)) < 50_000
    assert len(repr(source.summaries([order]))) < 5_000


def test_names_of_megabytes_are_read_in_part(tracked: Tracked, url: str, opened: Callable[..., AbsurdSource]) -> None:
    task = tracked.task("charge")
    execute(url, "update absurd.t_tracked set task_name = repeat('N', 5000000)")
    execute(url, "update workflow_run set workflow_name = repeat('W', 5000000), created_by = repeat('B', 5000000)")
    source = opened()
    assert len(repr(source.summaries([str(tracked.run), task]))) < 100_000
    assert len(repr(source.detail(str(tracked.run)))) < 200_000


def test_the_more_tasks_a_run_has_the_less_is_read_of_each(url: str, opened: Callable[..., AbsurdSource]) -> None:
    execute(url, RUN_TABLE)
    absurdctl(url, "create-queue", "wide")
    run = "3d594650-3436-4c9e-8d4c-2d2b1f1c2a55"
    execute(
        url,
        "insert into workflow_run (workflow_run_id, workflow_name, workflow_version, status, absurd_queue, started_at)"
        " values (%s, 'wide', '1', 'running', 'wide', now())",
        [run],
    )
    spawn = (
        "select absurd.spawn_task('wide', 'wide__1__step', jsonb_build_object('text', repeat('x', 20000)),"
        " jsonb_build_object('headers', jsonb_build_object('workflow_run_id', %s::text)))"
        " from generate_series(1, 1000)"
    )
    execute(url, spawn, [run])
    detail = opened().detail(run)
    assert len(detail.tasks) == 1000
    assert {task.name for task in detail.tasks} == {"step"}
    texts = {str(task.options["params"]) for task in detail.tasks}
    assert len(texts) == 1
    assert "(8,001 characters were read)" in texts.pop()
