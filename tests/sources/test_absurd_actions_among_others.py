"""Actions on Absurd beside workers, other users and missing rights."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.sources.absurd_acting import CANCEL, EMIT, PAID, RESUME, acting, rows, state
from tests.sources.absurd_server import Shop, Tracked, database_of, execute, until
from wftui.errors import TargetError
from wftui.model.action import ActionKind, Given
from wftui.sources.absurd import writing
from wftui.sources.absurd.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sources.absurd_server import AbsurdServer
    from wftui.sources.absurd.source import AbsurdSource
    from wftui.sources.base import Actions


class TestRaces:
    """What others do between the question and the yes, and in the very moment."""

    def test_it_completes_while_the_action_waits_for_its_lock(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("a", hold=True)
        actions = acting(opened())
        worker = ThreadPoolExecutor(1)
        working = worker.submit(shop.work)
        assert shop.holds.wait(60)
        with psycopg.connect(url) as completing, ThreadPoolExecutor(1) as pool:
            run = completing.execute("select last_attempt_run from absurd.t_shop").fetchone()
            assert run is not None
            completing.execute("select absurd.complete_run('shop', %s, '{}')", run)
            cancelling = pool.submit(actions.act, CANCEL, order)
            until(lambda: _waits_for_a_lock(url), "the cancel stands in line")
            completing.commit()
            outcome = cancelling.result(60)
        shop.goes_on.set()
        with pytest.raises(psycopg.errors.RaiseException):
            working.result(60)  # the run was completed behind its back
        worker.shutdown()
        assert not outcome.done
        assert outcome.why == "it became SUCCESSFUL in the meantime (it is SUCCESSFUL now)"
        assert state(url, order) == ("completed", "completed")

    @pytest.mark.parametrize(("kind", "good"), [(CANCEL, "cancelled"), (RESUME, "pending")])
    def test_two_at_once(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str, kind: ActionKind, good: str
    ) -> None:
        order = shop.order("a", fail=kind is RESUME)
        if kind is RESUME:
            shop.work()
        both = [acting(opened()), acting(opened())]
        gate = threading.Barrier(2)

        def act(actions: Actions) -> bool:
            gate.wait(60)
            return actions.act(kind, order).done

        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(act, both))
        assert sorted(done) == [False, True]
        assert state(url, order)[0] == good
        assert len(rows(url, "select 1 from absurd.r_shop")) == (2 if kind is RESUME else 1)

    def test_a_run_that_ends_meanwhile_keeps_all_its_tasks(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        task = tracked.task("extract", done=False)
        actions = acting(opened())
        with psycopg.connect(url) as ending, ThreadPoolExecutor(1) as pool:
            ending.execute("update workflow_run set status = 'completed'")
            cancelling = pool.submit(actions.act, CANCEL, str(tracked.run))
            until(lambda: _waits_for_a_lock(url), "the cancel stands in line")
            ending.commit()
            outcome = cancelling.result(60)
        assert not outcome.done
        assert "it became SUCCESSFUL in the meantime" in outcome.why
        assert state(url, task, "tracked")[0] == "pending"

    def test_tasks_that_are_spawned_meanwhile_are_cancelled_too(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        first = tracked.task("extract", done=False)
        actions = acting(opened())
        with psycopg.connect(url) as busy, ThreadPoolExecutor(1) as pool:
            busy.execute("select 1 from absurd.r_tracked for update")
            cancelling = pool.submit(actions.act, CANCEL, str(tracked.run))
            until(lambda: _waits_for_a_lock(url), "the cancel stands in line")
            second = tracked.task("load", done=False)
            busy.rollback()
            outcome = cancelling.result(60)
        assert (outcome.done, outcome.why) == (True, "2 tasks cancelled")
        assert {state(url, i, "tracked")[0] for i in (first, second)} == {"cancelled"}

    def test_a_deadlock_is_tried_again(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # A machine that is busy may take longer for the other's next step than an action waits for a lock.
        patient = writing._SESSION.replace(f"'{writing.LOCK_TIMEOUT}'", "'60000'")
        assert patient != writing._SESSION
        monkeypatch.setattr(writing, "_SESSION", patient)
        one, two = (tracked.task(step, done=False) for step in ("extract", "load"))
        lock = "select 1 from absurd.r_tracked where task_id = %s for update"
        # Who looks for deadlocks first is who is thrown out.
        execute(url, f"alter database {database_of(url)} set deadlock_timeout = '50ms'")
        actions = acting(opened())
        with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
            other.execute("set deadlock_timeout = '60s'")
            other.execute(lock, [two])
            cancelling = pool.submit(actions.act, CANCEL, str(tracked.run))
            until(lambda: _waits_for_a_lock(url), "the cancel stands in line")
            other.execute(lock, [one])
            other.rollback()
            assert cancelling.result(60).done
        assert {state(url, i, "tracked")[0] for i in (one, two)} == {"cancelled"}

    def test_a_lock_that_is_held_is_told(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wftui.sources.absurd.writing._SESSION", "set lock_timeout = 50")
        order = shop.order("a")
        with psycopg.connect(url) as other:
            other.execute("select 1 from absurd.r_shop for update")
            outcome = acting(opened()).act(CANCEL, order)
        assert (outcome.done, outcome.why) == (False, "another session holds a lock on it; try again")

    def test_workers_and_actions_among_each_other(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        """Every run is cancelled while two workers take its tasks: nothing deadlocks, nothing is left."""
        shops, tracked = [Shop(url), Shop(url)], [Tracked(url, "shop") for _ in range(4)]
        for each in tracked:
            each.update("running")
            for at in range(10):
                shops[0].order(str(at), headers={"workflow_run_id": str(each.run)}, max_attempts=2, fail=at % 3 == 0)
        actions = [acting(opened()) for _ in tracked]
        with ThreadPoolExecutor(6) as pool:
            working = [pool.submit(shop.work, 4) for shop in shops]
            outcomes = list(pool.map(lambda a, t: a.act(CANCEL, str(t.run)), actions, tracked))
            for work in working:
                work.result(60)
        assert all(outcome.done for outcome in outcomes), outcomes
        assert rows(url, "select state from absurd.t_shop where state in ('pending', 'running', 'sleeping')") == []
        assert rows(url, "select distinct status from workflow_run") == [("cancelled",)]
        for shop in shops:
            shop.close()
        for each in tracked:
            each.connection.close()


def _waits_for_a_lock(url: str) -> bool:
    query = (
        "select 1 from pg_stat_activity where application_name = 'wftui' and wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    return bool(rows(url, query))


class TestRights:
    @pytest.fixture
    def reader(self, shop: Shop, tracked: Tracked, absurd_server: AbsurdServer, url: str) -> Iterator[str]:
        """A role that may read everything, and no more."""
        role = f"reader_{database_of(url)}"
        execute(url, f"create role {role} login")
        for statement in (
            "grant usage on schema absurd to {}",
            "grant select on all tables in schema absurd, public to {}",
        ):
            execute(url, statement.format(role))
        yield role
        execute(url, f"drop owned by {role}")
        execute(url, f"drop role {role}")

    def as_role(self, server: AbsurdServer, url: str, role: str) -> str:
        return server.url(database_of(url), role)

    def test_who_may_only_read_is_told_before_and_after(
        self, shop: Shop, tracked: Tracked, reader: str, absurd_server: AbsurdServer, url: str,
        opened: Callable[..., AbsurdSource],
    ) -> None:  # fmt: skip
        order = shop.order("a")
        task = tracked.task("extract", done=False)
        actions = acting(opened(self.as_role(absurd_server, url, reader)))
        assert actions.plan(CANCEL, order).why == "no right to change the tasks of queue 'shop'"
        outcome = actions.act(CANCEL, order)
        assert not outcome.done
        assert outcome.why.startswith("permission denied for table")
        execute(url, f"grant insert, update, delete on all tables in schema absurd to {reader}")
        assert actions.plan(CANCEL, str(tracked.run)).why == "no right to change public.workflow_run"
        assert not actions.act(CANCEL, str(tracked.run)).done
        assert state(url, task, "tracked")[0] == "pending"  # not half of it
        assert actions.act(CANCEL, order).done

    def test_functions_that_run_as_their_owner_are_enough(
        self, shop: Shop, reader: str, absurd_server: AbsurdServer, url: str, opened: Callable[..., AbsurdSource]
    ) -> None:
        order, failed, waits = shop.order("a"), shop.order("b", fail=True), shop.order("c", event="order.paid")
        shop.app.cancel_task(order)
        shop.work()
        order = shop.order("a")
        for name in ("cancel_task", "retry_task", "emit_event"):
            execute(url, f"alter function absurd.{name} security definer")
        actions = acting(opened(self.as_role(absurd_server, url, reader)))
        for kind, task_id in ((CANCEL, order), (RESUME, failed), (EMIT, waits)):
            assert actions.plan(kind, task_id, PAID if kind is EMIT else Given()).allowed
            assert actions.act(kind, task_id, given=PAID if kind is EMIT else Given()).done

    def test_a_function_that_may_not_be_called(
        self, shop: Shop, reader: str, absurd_server: AbsurdServer, url: str, opened: Callable[..., AbsurdSource]
    ) -> None:
        order = shop.order("a")
        execute(url, "revoke execute on function absurd.cancel_task from public")
        actions = acting(opened(self.as_role(absurd_server, url, reader)))
        assert actions.plan(CANCEL, order).why == "no right to call absurd.cancel_task"
        assert "permission denied for function cancel_task" in actions.act(CANCEL, order).why

    def test_an_old_schema_lacks_a_function(self, shop: Shop, opened: Callable[..., AbsurdSource], url: str) -> None:
        order = shop.order("a", fail=True)
        shop.work()
        execute(url, "drop function absurd.retry_task")
        actions = acting(opened())
        assert actions.plan(RESUME, order).why == "this schema of Absurd has no absurd.retry_task: absurdctl migrate"
        outcome = actions.act(RESUME, order)
        assert not outcome.done
        assert outcome.why.startswith("this schema of Absurd is too old")
        assert "\n" not in outcome.why

    def test_a_session_that_takes_no_changes(self, shop: Shop, opened: Callable[..., AbsurdSource], url: str) -> None:
        order = shop.order("a")
        execute(url, f"alter database {database_of(url)} set default_transaction_read_only = on")
        outcome = acting(opened()).act(CANCEL, order)
        assert not outcome.done
        assert "in a read-only transaction" in outcome.why
        assert state(url, order)[0] == "pending"


class TestConnections:
    def test_the_second_one_is_there_for_the_action_alone(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("a")
        actions = acting(opened())
        mine = "select count(*) from pg_stat_activity where application_name = 'wftui' and datname = current_database()"
        actions.plan(CANCEL, order)
        assert rows(url, mine) == [(1,)]
        with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
            other.execute("select 1 from absurd.r_shop for update")
            cancelling = pool.submit(actions.act, CANCEL, order)
            until(lambda: rows(url, mine) == [(2,)], "the second connection")
            other.rollback()
            assert cancelling.result(60).done
        until(lambda: rows(url, mine) == [(1,)], "its end")

    def test_the_reading_one_still_cannot_write(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        source = opened()
        assert acting(source).act(CANCEL, shop.order("a")).done
        with pytest.raises(TargetError, match="read-only"):
            source.link.fetch(sql.SQL("select absurd.emit_event('shop', 'x')"))

    def test_its_timeouts(self, url: str) -> None:
        names = ("statement_timeout", "lock_timeout", "application_name", "transaction_isolation")
        found = Writer(url).run(
            lambda connection: [
                connection.execute("select current_setting(%s) as now", [name]).fetchone() for name in names
            ]
        )
        assert [row["now"] for row in found if row] == ["1min", "5s", "wftui", "read committed"]

    def test_a_server_that_is_gone(self, absurd_server: AbsurdServer) -> None:
        with pytest.raises(TargetError, match="cannot connect"):
            Writer(absurd_server.url("nowhere", password="hunter2")).run(lambda connection: None)
