"""The connection to Absurd's database: it cannot write, is lost and comes back, is refused or broken off."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.sources.absurd_server import Shop, Tracked, execute, fill
from tests.sources.contract import listed, told
from wftui.errors import NotFoundError, TargetError, TargetGone
from wftui.sources.absurd.connection import Link
from wftui.sources.absurd.source import AbsurdSource
from wftui.sources.base import SourceOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sources.absurd_server import AbsurdServer


@pytest.fixture
def source(url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> AbsurdSource:
    tracked = Tracked(url)
    with closing(tracked.connection):
        fill(shop, tracked)
    return opened()


class TestTrouble:
    def test_it_cannot_write(self, url: str, shop: Shop) -> None:
        link = Link(url)
        link.open()
        for statement in ("insert into absurd.queues (queue_name) values ('x') returning 1",
                          "select absurd.create_queue('x')"):  # fmt: skip
            with pytest.raises(TargetError, match="read-only"):
                link.fetch(sql.SQL("").join([sql.SQL(statement)]))
        (row,) = link.fetch(sql.SQL("select current_setting('application_name') as name,"
                                    " current_setting('statement_timeout') as timeout").format())  # fmt: skip
        assert row == {"name": "wftui", "timeout": "15s"}
        link.close()

    def test_a_lost_connection_is_told_and_comes_back(self, source: AbsurdSource, url: str) -> None:
        rows = listed(source)
        execute(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'wftui'"
                     " and datname = current_database()")  # fmt: skip
        with pytest.raises(TargetGone, match="does not answer"):
            source.changes()
        with pytest.raises(TargetGone):
            source.detail(rows[0].key.id)
        source.open()
        assert {row.key for row in listed(source)} == {row.key for row in rows}
        told(source)  # how far runs are, which their tasks tell
        assert told(source) == {}

    def test_a_server_that_stops_and_comes_back(self, source: AbsurdSource, absurd_server: AbsurdServer) -> None:
        rows = listed(source)
        absurd_server.stop()
        try:
            with pytest.raises(TargetGone):
                source.changes()
            with pytest.raises(TargetGone, match="cannot connect"):
                source.open()
        finally:
            absurd_server.restart()
        source.open()
        assert {row.key for row in listed(source)} == {row.key for row in rows}

    def test_what_is_not_permitted_is_missing_with_a_reason(
        self, source: AbsurdSource, url: str, opened: Callable[..., AbsurdSource], absurd_server: AbsurdServer
    ) -> None:
        database = url.rpartition("/")[2].partition("?")[0]
        user = f"u_{database}"
        execute(url, f"create role {user} login")
        limited = absurd_server.url(database, user)
        few = opened(limited)
        assert listed(few) == []
        assert [problem.what for problem in few.changes().problems] == [
            "no right to use the schema: tasks are not shown", "no right to read it: workflow runs are not shown",
        ]  # fmt: skip
        execute(url, f"grant usage on schema absurd to {user}")
        execute(url, f"grant select on absurd.t_shop to {user}")
        execute(url, f"grant select (run_id, task_id, attempt, state) on absurd.r_shop to {user}")
        some = opened(limited)
        rows = listed(some)
        assert {row.key.id for row in rows} == {r.key.id for r in listed(source) if r.key.namespace == "shop"}
        problems = {problem.path: problem.what for problem in some.changes().problems}
        assert problems["absurd.c_shop"] == "no right to read it: steps are missing"
        assert "told by their tables" in problems["absurd.queues"]
        detail = some.detail(rows[0].key.id)
        assert len(detail.tasks) == 1
        assert [problem.path for problem in detail.problems] == ["c_shop", "w_shop"]
        execute(url, f"revoke select on absurd.r_shop, absurd.t_shop from {user}")
        assert some.changes().relist
        assert listed(some) == []

    def test_a_database_without_absurd(self, absurd_server: AbsurdServer, opened: Callable[..., AbsurdSource]) -> None:
        with pytest.raises(TargetError, match="no schema 'absurd'"):
            opened(absurd_server.bare())

    @pytest.mark.parametrize(
        "target",
        ["postgresql://ann:hunter2@127.0.0.1:1/db", "postgresql://ann:hunter2@p@ss@127.0.0.1:1/db",
         "postgresql://ann:hunter2@127.0.0.1:port/db", "postgresql://127.0.0.1:1/db?password=hunter2",
         "postgresql://ann:hunter2@127.0.0.1:1/db?nonsense=1"],
    )  # fmt: skip
    def test_a_password_is_never_shown(self, target: str) -> None:
        source = AbsurdSource(target, SourceOptions())
        with pytest.raises(TargetError) as told:
            source.open()
        for text in (str(told.value), source.info.target, repr(told.value.__cause__)):
            assert "hunter2" not in text
            assert "p@ss" not in text
        assert "\n" not in str(told.value)

    def test_closing_breaks_off_what_runs(self, url: str) -> None:
        link = Link(url)
        link.open()
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(link.fetch, sql.SQL("select pg_sleep(14), 'wftui test' as mark").format())
            with psycopg.connect(url, autocommit=True) as other:
                asked = "select count(*) from pg_stat_activity where state = 'active' and query like '%wftui test%'"
                while other.execute(asked.encode()).fetchone() != (2,):  # this one and that one
                    assert not slow.done()
            link.close()
            with pytest.raises(TargetGone, match="closed"):
                slow.result(5)
        with pytest.raises(TargetGone, match="closed"):
            link.fetch(sql.SQL("select 1").format())

    def test_closing_does_not_wait_for_a_server_that_never_answers(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
            source = AbsurdSource(
                f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x?connect_timeout=6", SourceOptions()
            )
            opening = pool.submit(source.open)
            peer, _ = silent.accept()
            source.close()
            assert not opening.done()
            peer.close()
            with pytest.raises(TargetGone):
                opening.result(30)

    def test_ids_that_are_none(self, source: AbsurdSource) -> None:
        for workflow_id in ("", "x", "\0", "a" * 10_000, "'; drop table absurd.queues; --", "{}",
                            "01A1FE37-8ED6-7BA0-9EC5-C305C3C4E98E"):  # fmt: skip
            with pytest.raises(NotFoundError):
                source.detail(workflow_id)
            assert source.summaries([workflow_id]) == ()
