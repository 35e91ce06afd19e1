"""A server that fails, and schemas of other times and of others: told, and come back from, without a restart."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.sources.absurd_roads import Road, standby
from tests.sources.absurd_server import RUN_TABLE, Shop, execute
from tests.sources.contract import listed
from wftui.errors import TargetError, TargetGone
from wftui.model.change import Removed
from wftui.model.status import Status
from wftui.sources.absurd import connection, silence
from wftui.sources.absurd.connection import Link
from wftui.sources.absurd.pace import INTERVAL, QUIET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.absurd_server import AbsurdServer
    from wftui.sources.absurd.source import AbsurdSource

LONG = "ü" * 20 + ' "it\'s" 5%s {q}'  # 57 bytes, the most that Absurd takes


def statuses(source: AbsurdSource) -> dict[str, Status]:
    return {row.key.id: row.status for row in listed(source)}


def follow(source: AbsurdSource, rows: dict[str, Status], until: dict[str, Status]) -> None:
    """Look until the rows are those."""
    while rows != until:
        delta = source.changes()
        if delta.relist:
            rows = statuses(source)
        for change in delta.changes:
            if isinstance(change, Removed):
                rows.pop(change.key.id, None)
            else:
                rows[change.key.id] = change.summary.status


def opened_until_refused(opened: Callable[..., AbsurdSource], target: str) -> None:
    """Open it again and again: a server reads its rules anew when it gets to it."""
    while True:
        opened(target).close()


class TestConnections:
    def test_a_road_that_falls_silent_is_left(
        self, url: str, shop: Shop, opened: Callable[..., AbsurdSource], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(silence, "PATIENCE", 1.0)
        road = Road(url)
        order = shop.order("a")
        source = opened(road.url)
        assert statuses(source) == {order: Status.PENDING}
        road.fall_silent()
        with pytest.raises(TargetGone, match="does not answer: silent for 1 s"):
            source.changes()
        road.speak()
        shop.work()
        source.open()
        assert statuses(source) == {order: Status.SUCCESSFUL}
        road.close()

    def test_a_statement_that_takes_too_long(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connection, "_SESSION", connection._SESSION.replace("15000", "300"))
        link = Link(url)
        link.open()
        with pytest.raises(TargetError, match="statement timeout; the database may be overloaded"):
            link.fetch(sql.SQL("select pg_sleep(60)").format())
        assert link.fetch(sql.SQL("select 1 as one").format()) == [{"one": 1}]
        link.close()

    def test_a_table_that_is_locked(self, url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("a")
        source = opened()
        rows = statuses(source)
        with psycopg.connect(url) as other:
            other.execute("lock table absurd.t_shop in access exclusive mode")
            with pytest.raises(TargetError, match="lock timeout"):
                source.changes()
        shop.work()
        follow(source, rows, {order: Status.SUCCESSFUL})

    def test_statements_that_a_pooler_lost_are_sent_whole(
        self, url: str, shop: Shop, opened: Callable[..., AbsurdSource]
    ) -> None:
        order = shop.order("a")
        source = opened()
        rows = statuses(source)
        source.changes()
        session = source.link._connection
        assert session is not None
        session.execute("deallocate all")
        shop.work()
        follow(source, rows, {order: Status.SUCCESSFUL})

    def test_a_wrong_password_and_too_many_connections(
        self, url: str, absurd_server: AbsurdServer, opened: Callable[..., AbsurdSource]
    ) -> None:
        database = url.rpartition("/")[2].partition("?")[0]
        user = f"p_{database}"
        execute(url, f"create role {user} login password 'correct horse'")
        absurd_server.ask_for_password(user)
        wrong = absurd_server.url(database, user, "battery-staple")
        with pytest.raises(TargetError) as told:
            opened_until_refused(opened, wrong)
        assert "password authentication failed" in str(told.value)
        assert "PGPASSWORD" in told.value.hint
        assert "staple" not in str(told.value)
        execute(url, f"alter role {user} connection limit 0")
        with pytest.raises(TargetError, match="too many connections") as told:
            opened(absurd_server.url(database, user, "correct%20horse"))
        assert "horse" not in str(told.value)

    def test_a_standby_is_read_as_its_server_is(
        self, url: str, shop: Shop, absurd_server: AbsurdServer, opened: Callable[..., AbsurdSource]
    ) -> None:
        execute(url, RUN_TABLE)
        first = shop.order("a")
        with tempfile.TemporaryDirectory(prefix="wfsb") as folder, standby(absurd_server, url, Path(folder)) as there:
            source = opened(there)
            rows = statuses(source)
            assert rows == {first: Status.PENDING}
            second = shop.order("b", sleep=3600)
            shop.work(2)
            follow(source, rows, {first: Status.SUCCESSFUL, second: Status.WAITING})
            assert source.detail(second).tasks
            source.close()


class TestSchemas:
    def test_an_older_one(self, url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        # 0.3 had neither partitions nor policies: its tables are those of 0.5.1 but for these columns and this index.
        order = shop.order("a", fail=True)
        shop.work()
        for column in ("storage_mode", "default_partition", "partition_lookahead", "partition_lookback", "cleanup_ttl",
                       "cleanup_limit", "detach_mode", "detach_min_age"):  # fmt: skip
            execute(url, f"alter table absurd.queues drop column {column}")
        execute(url, "drop index absurd.t_shop_ci")
        # Nothing older was released; what a table lacks is left out all the same.
        execute(url, "alter table absurd.t_shop drop column last_attempt_run, drop column idempotency_key")
        execute(url, "alter table absurd.r_shop drop column claim_expires_at, drop column available_at cascade")
        source = opened()
        rows = statuses(source)
        assert rows == {order: Status.FAILED}
        assert source.detail(order).summary.error is not None
        execute(url, "update absurd.t_shop set state = 'cancelled'")
        follow(source, rows, {order: Status.CANCELED})

    def test_a_newer_one(self, url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order, other = shop.order("a"), shop.order("b")
        execute(url, "alter table absurd.t_shop add column priority integer default 3")
        for table in ("t_shop", "r_shop"):
            execute(url, f"alter table absurd.{table} drop constraint {table}_state_check")
        source = opened()
        rows = statuses(source)
        for table in ("t_shop", "r_shop"):
            execute(url, f"update absurd.{table} set state = 'paused' where task_id = %s", [order])
        follow(source, rows, {order: Status.UNKNOWN, other: Status.PENDING})
        assert {row.recorded_status for row in listed(source)} == {"paused", "pending"}
        assert source.detail(order).summary.status is Status.UNKNOWN

    def test_a_queue_of_partitions_with_a_name_as_long_as_can_be(
        self, url: str, opened: Callable[..., AbsurdSource]
    ) -> None:
        assert len(LONG.encode()) <= 57
        parted = Shop(url, LONG, storage_mode="partitioned")
        order = parted.order("a")
        source = opened()
        (row,) = listed(source)
        assert row.key.namespace == LONG
        rows = {order: row.status}
        parted.work()
        other = parted.order("b", sleep=3600)
        follow(source, rows, {order: Status.SUCCESSFUL, other: Status.PENDING})
        parted.work()
        follow(source, rows, {order: Status.SUCCESSFUL, other: Status.WAITING})
        assert [task.name for task in source.detail(order).tasks][1:] == ["reserve", "charge"]
        assert source.changes().problems == ()
        parted.close()

    def test_runs_in_a_view_with_another_kind_of_key(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        execute(url, "create type stage as enum ('running', 'completed')")
        execute(url, "create table kept (run text, stage stage, began timestamp)")
        execute(url, "create view workflow_run as select run as workflow_run_id, 'etl'::text as workflow_name,"
                     " stage as status, began as started_at from kept")  # fmt: skip
        execute(url, "insert into kept select 'run ' || n, 'running', now() from generate_series(1, 1200) n")
        source = opened()
        rows = statuses(source)
        assert len(rows) == 1_200
        execute(url, "update kept set stage = 'completed' where run = 'run 7'")
        follow(source, rows, rows | {"run 7": Status.SUCCESSFUL})

    def test_an_index_that_is_made_is_used_when_asked_to_look(
        self, url: str, opened: Callable[..., AbsurdSource]
    ) -> None:
        execute(url, RUN_TABLE)
        execute(url, "insert into workflow_run (workflow_run_id, workflow_name, workflow_version, status)"
                     " select gen_random_uuid(), 'etl', '1', 'completed' from generate_series(1, 3000)")  # fmt: skip
        execute(url, "analyze workflow_run")
        source = opened()
        listed(source)
        source.changes()
        (note,) = source.info.notes
        assert "CREATE INDEX ON workflow_run (status, started_at)" in note
        execute(url, "create index on workflow_run (status, started_at)")
        source.relist_soon()
        assert source.changes().relist
        assert len(listed(source)) == 3_000
        source.changes()
        assert source.info.notes == ()


def test_a_quiet_database_is_asked_more_rarely_until_somebody_is_there(
    shop: Shop, opened: Callable[..., AbsurdSource]
) -> None:
    source = opened()
    listed(source)
    assert source.info.interval == INTERVAL
    for _ in range(QUIET[0][0]):
        source.changes()
    assert source.info.interval == QUIET[0][1]
    assert source.hurry()
    assert source.info.interval == INTERVAL
    assert not source.hurry()
