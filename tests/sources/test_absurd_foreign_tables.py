"""Tables of somebody else's: keys that are null, statuses of a type of their own, rights on some columns alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sources.absurd_server import RUN_TABLE, Shop, Tracked, database_of, execute, until
from tests.sources.contract import listed
from wftui.model.action import ActionKind, Given
from wftui.model.selection import Selection
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.absurd_server import AbsurdServer
    from wftui.sources.absurd.source import AbsurdSource


def test_a_run_without_a_key_is_not_listed(url: str, opened: Callable[..., AbsurdSource]) -> None:
    execute(url, "create table workflow_run (workflow_run_id text, workflow_name text, status text)")
    execute(url, "insert into workflow_run values (null, null, null), ('r1', 'etl', 'running'), ('', 'etl', null)")
    source = opened(url)
    assert {row.key.id for row in listed(source)} == {"r1", ""}
    assert {row.key.id for rows in source.select(Selection()) for row in rows} == {"r1", ""}
    execute(url, "insert into workflow_run values (null, 'etl', 'failed'), ('r2', 'etl', 'failed')")
    seen: set[str] = set()
    while "r2" not in seen:
        seen |= {change.key.id for change in source.changes().changes}
    assert seen == {"r2"}


def test_statuses_of_a_type_of_their_own_are_chosen(url: str, opened: Callable[..., AbsurdSource]) -> None:
    execute(url, "create type run_status as enum ('pending', 'running', 'failed')")
    execute(url, RUN_TABLE.replace("status text", "status run_status"))
    execute(
        url,
        "insert into workflow_run (workflow_run_id, workflow_name, workflow_version, status)"
        " values (gen_random_uuid(), 'etl', '1', 'running'), (gen_random_uuid(), 'report', '1', 'failed')",
    )
    wanted = Selection(statuses=frozenset({Status.FAILED, Status.WAITING}))
    assert [row.name for rows in opened(url).select(wanted) for row in rows] == ["report"]


def test_rights_on_some_columns_are_enough(
    absurd_server: AbsurdServer, url: str, shop: Shop, opened: Callable[..., AbsurdSource]
) -> None:
    execute(url, RUN_TABLE)
    user = f"u{database_of(url)}"
    execute(url, f"create role {user} login")
    execute(url, f"grant usage on schema absurd to {user}")
    execute(url, f"grant select (queue_name) on absurd.queues to {user}")
    execute(url, f"grant select (task_id, task_name, state) on absurd.t_shop to {user}")
    execute(url, f"grant select (workflow_run_id, workflow_name, status) on workflow_run to {user}")
    order = shop.order("a")
    source = opened(absurd_server.url(database_of(url), user))
    assert [(row.key.id, row.status) for row in listed(source)] == [(order, Status.PENDING)]
    shop.work()
    execute(
        url,
        "insert into workflow_run (workflow_run_id, workflow_name, workflow_version, status)"
        " values (gen_random_uuid(), 'etl', '1', 'running')",
    )
    seen: dict[str | None, Status] = {}

    def told() -> bool:
        for change in source.changes().changes:
            seen[change.summary.name] = change.summary.status  # type: ignore[union-attr]  # nothing is removed
        return seen == {"order.fulfil": Status.SUCCESSFUL, "etl": Status.RUNNING}

    until(told, "both changes")
    assert source.detail(order).summary.status is Status.SUCCESSFUL


def test_nulls_in_the_tables_of_a_queue(url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
    waiting, odd = shop.order("a", event="order.paid", timeout=600), shop.order("b")
    shop.work()
    execute(url, "alter table absurd.w_shop drop constraint w_shop_pkey")
    execute(url, "alter table absurd.w_shop alter event_name drop not null, alter step_name drop not null")
    execute(url, "update absurd.w_shop set event_name = null, step_name = null")
    execute(url, "alter table absurd.t_shop alter state drop not null")
    execute(url, "update absurd.t_shop set state = null where task_id = %s", [odd])
    source = opened(url)
    rows = {row.key.id: (row.status, row.recorded_status) for row in listed(source)}
    assert rows == {waiting: (Status.WAITING, "sleeping"), odd: (Status.UNKNOWN, "")}
    assert source.detail(odd).tasks[0].status is Status.UNKNOWN
    actions = source.actions
    assert actions is not None
    plan = actions.plan(ActionKind.EMIT, waiting, Given(event="order.paid"))
    assert (plan.allowed, plan.why) == (False, "it waits for no event")


@pytest.mark.parametrize("hours", [9, -9])
def test_a_run_whose_times_are_those_of_another_zone(url: str, opened: Callable[..., AbsurdSource], hours: int) -> None:
    tracked = Tracked(url)
    tracked.update("running")
    done, open_one = tracked.task("load"), tracked.task("train", done=False)
    execute(url, "alter table workflow_run drop column created_at")
    execute(url, f"update workflow_run set started_at = now() + interval '{hours} hours'")
    source, run = opened(url), str(tracked.run)
    assert {task.id for task in source.detail(run).tasks} >= {done, open_one}
    actions = source.actions
    assert actions is not None
    assert actions.act(ActionKind.CANCEL, run).why == "1 task cancelled"
    execute(url, f"update workflow_run set completed_at = now() + interval '{hours} hours'")
    states = {task.id: task.status for task in source.detail(run).tasks}
    assert (states[done], states[open_one]) == (Status.SUCCESSFUL, Status.CANCELED)
    tracked.connection.close()
