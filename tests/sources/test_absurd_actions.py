"""Actions on a real PostgreSQL, on rows that the real clients wrote, against real workers."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from absurd_client import AbsurdSleepError

from tests.sources.absurd_acting import CANCEL, DELETE, EMIT, PAID, RESUME, acting, rows, run_row, state
from tests.sources.absurd_server import Shop, Tracked
from tests.sources.contract import SourceContract
from wftui.model.action import ActionKind, Given
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.sources.absurd.source import AbsurdSource


@pytest.fixture
def source(shop: Shop, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> AbsurdSource:
    shop.order("a", event="order.paid")
    shop.order("b", fail=True)
    shop.work()
    tracked.task("extract", done=False)
    return opened()


class TestContract(SourceContract):
    pass


class TestTasks:
    def test_what_is_queued_sleeps_or_waits_is_cancelled(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        asleep, waits = shop.order("b", sleep=3600), shop.order("c", event="order.paid")
        shop.work()
        queued = shop.order("a")
        actions = acting(opened())
        told = {i: actions.plan(CANCEL, i) for i in (queued, asleep, waits)}
        assert all(plan.allowed and plan.name == "order.fulfil" for plan in told.values())
        assert [told[i].tasks[0].what for i in (queued, asleep, waits)] == [
            "is cancelled before it runs",
            "is cancelled while it sleeps",
            "is cancelled while it waits for order.paid",
        ]
        assert state(url, queued)[0] == "pending"
        for task_id in told:
            outcome = actions.act(CANCEL, task_id)
            assert (outcome.done, outcome.status_after) == (True, Status.CANCELED)
            assert state(url, task_id) == ("cancelled", "cancelled")
        assert rows(url, "select * from absurd.w_shop") == []
        shop.work(2)
        assert {state(url, i)[0] for i in told} == {"cancelled"}

    def test_a_worker_is_told_in_the_middle_of_its_work(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("a", hold=True)
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(shop.work)
            try:
                assert shop.holds.wait(60)
                actions = acting(opened())
                plan = actions.plan(CANCEL, order)
                assert plan.status is Status.RUNNING
                assert plan.tasks[0].what == "is cancelled; its worker packer-1 is told at its next step"
                outcome = actions.act(CANCEL, order)
                assert (outcome.done, outcome.status_before, outcome.status_after) == (
                    True, Status.RUNNING, Status.CANCELED,
                )  # fmt: skip
            finally:
                shop.goes_on.set()
            working.result(60)
        # The step that ran was not written, and nothing after it was run.
        assert state(url, order) == ("cancelled", "cancelled")
        names = rows(url, "select checkpoint_name from absurd.c_shop order by 1")
        assert names == [("charge",), ("reserve",)]

    def test_a_failed_one_goes_on_behind_its_checkpoints(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("a", fail=True)
        shop.work()
        actions = acting(opened())
        plan = actions.plan(RESUME, order)
        assert plan.tasks[0].what == "runs again: attempt 2, behind its 2 checkpoints"
        assert plan.keeps == (f"{order}/reserve", f"{order}/charge")
        assert (plan.runs_again, plan.least_attempts) == ((order,), 2)
        outcome = actions.act(RESUME, order)
        assert (outcome.done, outcome.status_after, outcome.why) == (True, Status.PENDING, "attempt 2 is queued")
        assert not actions.act(RESUME, order).done
        shop.work()
        assert state(url, order) == ("failed", "failed")
        assert rows(url, "select attempts, max_attempts from absurd.t_shop") == [(2, 2)]

    def test_the_number_of_attempts_is_asked_for(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("a", fail=True, max_attempts=2)
        shop.work(2)
        actions = acting(opened())
        refused = actions.act(RESUME, order, given=Given(max_attempts=2))
        assert not refused.done
        assert refused.why == "2 attempts in all are too few: it was tried 2 times already"
        assert actions.act(RESUME, order, given=Given(max_attempts=4)).done
        shop.work(3)
        assert rows(url, "select state, attempts, max_attempts from absurd.t_shop") == [("failed", 4, 4)]

    def test_a_failed_one_is_spawned_anew(self, shop: Shop, opened: Callable[..., AbsurdSource], url: str) -> None:
        order = shop.order("a", fail=True)
        shop.work()
        actions = acting(opened())
        anew = Given(as_new=True, max_attempts=1)
        assert (
            actions.plan(RESUME, order, anew).tasks[0].what == "is spawned anew, from its start; this one stays FAILED"
        )
        outcome = actions.act(RESUME, order, given=anew)
        assert (outcome.done, outcome.status_after) == (True, Status.FAILED)
        (other,) = rows(url, "select task_id::text, state, params from absurd.t_shop where state <> 'failed'")
        assert other == (outcome.why.removeprefix("spawned as "), "pending", {"sku": "a", "fail": True})

    @pytest.mark.parametrize("kind", [CANCEL, RESUME, EMIT])
    def test_what_has_ended_is_left_alone(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str, kind: ActionKind
    ) -> None:
        order = shop.order("a")
        shop.work()
        actions = acting(opened())
        before = rows(url, "select * from absurd.t_shop")
        plan, outcome = actions.plan(kind, order, PAID), actions.act(kind, order, given=PAID)
        assert (plan.allowed, outcome.done) == (False, False)
        assert outcome.why == plan.why
        assert "SUCCESSFUL" in plan.why
        assert (outcome.status_before, outcome.status_after) == (Status.SUCCESSFUL, Status.SUCCESSFUL)
        assert rows(url, "select * from absurd.t_shop") == before

    def test_a_cancelled_one_is_not_resumed_and_nothing_is_deleted(
        self, shop: Shop, opened: Callable[..., AbsurdSource]
    ) -> None:
        order = shop.order("a")
        actions = acting(opened())
        assert actions.act(CANCEL, order).done
        assert "only what failed" in actions.act(RESUME, order).why
        assert actions.kinds == {CANCEL, RESUME, EMIT}
        refused = actions.act(DELETE, order)
        assert not refused.done
        assert "absurdctl cleanup" in refused.why

    @pytest.mark.parametrize("mode", ["unpartitioned", "partitioned"])
    def test_a_queue_of_any_name_and_kind(self, url: str, opened: Callable[..., AbsurdSource], mode: str) -> None:
        name = 'it\'s "a" 50%s {q} é; --'
        shop = Shop(url, name, storage_mode=mode)
        failed, waits = shop.order("a", fail=True), shop.order("b", event="order.paid")
        shop.work()
        actions = acting(opened())
        assert actions.plan(RESUME, failed).allowed
        assert actions.act(RESUME, failed).done
        assert actions.act(CANCEL, failed).done
        assert actions.plan(EMIT, waits, PAID).allowed
        assert actions.act(EMIT, waits, given=PAID).done
        assert (state(url, failed, name)[0], state(url, waits, name)[0]) == ("cancelled", "pending")
        shop.close()


class TestRuns:
    def test_all_unfinished_tasks_and_the_row(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        done, failed = tracked.task("extract"), tracked.task("check", fails=True)
        linked, by_params = tracked.task("load", done=False), tracked.task("mail", done=False, by_params=True)
        actions = acting(opened())
        plan = actions.plan(CANCEL, str(tracked.run))
        assert plan.name == "etl 1.2"
        assert {task.id for task in plan.tasks} == {linked, by_params}
        assert plan.effects == ("its row becomes CANCELED", "2 other tasks of it stay as they are")
        outcome = actions.act(CANCEL, str(tracked.run))
        assert (outcome.done, outcome.why) == (True, "2 tasks cancelled")
        assert (outcome.status_before, outcome.status_after) == (Status.RUNNING, Status.CANCELED)
        states = [state(url, i, "tracked")[0] for i in (done, failed, linked, by_params)]
        assert states == ["completed", "failed", "cancelled", "cancelled"]
        status, ended, _ = run_row(tracked)
        assert status == "cancelled"
        assert ended is not None

    def test_its_workers_are_told(self, shop: Shop, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> None:
        tracked.connection.execute("update workflow_run set absurd_queue = 'shop'")
        linked = {"workflow_run_id": str(tracked.run)}
        held = shop.order("a", headers=linked, hold=True)
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(shop.work)
            try:
                assert shop.holds.wait(60)
                queued, alone = shop.order("b", headers=linked), shop.order("c")
                outcome = acting(opened()).act(CANCEL, str(tracked.run))
                assert (outcome.done, outcome.why) == (True, "2 tasks cancelled")
            finally:
                shop.goes_on.set()
            working.result(60)
        shop.work()
        url = tracked.connection.info.dsn
        assert [state(url, i)[0] for i in (held, queued, alone)] == ["cancelled", "cancelled", "completed"]
        labels = rows(url, "select task_id::text from absurd.c_shop where checkpoint_name = 'label'")
        assert labels == []

    def test_the_task_that_the_tracking_names_belongs_to_it(
        self, shop: Shop, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        root = shop.order("a")
        tracked.connection.execute(
            "update workflow_run set absurd_queue = 'shop',"
            " absurd_run_id = (select last_attempt_run from absurd.t_shop)"
        )
        assert acting(opened()).act(CANCEL, str(tracked.run)).done
        assert state(url, root) == ("cancelled", "cancelled")

    def test_a_failed_one_goes_on(self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str) -> None:
        done = tracked.task("extract")
        failed = [tracked.task(step, fails=True) for step in ("check", "load")]
        tracked.client.update_workflow_run_status(
            tracked.connection, tracked.run, "failed", error={"type": "LoadError", "message": "no file"}
        )
        tracked.connection.execute("update workflow_run set completed_at = now()")
        source = opened()
        actions = acting(source)
        plan = actions.plan(RESUME, str(tracked.run))
        assert [task.what for task in plan.tasks] == ["runs again: attempt 2, from its start"] * 2
        assert plan.effects[0] == "its row goes back to RUNNING, without its end and its error; attempts keep theirs"
        outcome = actions.act(RESUME, str(tracked.run), given=Given(max_attempts=3))
        assert (outcome.done, outcome.why) == (True, "2 tasks queued again")
        assert (outcome.status_before, outcome.status_after) == (Status.FAILED, Status.RUNNING)
        assert [state(url, i, "tracked")[0] for i in (done, *failed)] == ["completed", "pending", "pending"]
        assert run_row(tracked) == ("running", None, None)
        # The tracking client notes its end as that of any run.
        tracked.update("completed", task_count=3)
        assert source.detail(str(tracked.run)).summary.status is Status.SUCCESSFUL

    def test_what_cannot_be_resumed(self, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> None:
        tracked.task("extract")
        actions = acting(opened())
        assert actions.act(RESUME, str(tracked.run)).why == "it is RUNNING already"
        tracked.update("failed")
        assert actions.act(RESUME, str(tracked.run)).why == "none of its tasks failed: there is nothing to retry"
        assert run_row(tracked)[0] == "failed"
        tracked.update("odd")
        assert "none that Absurd knows" in actions.act(CANCEL, str(tracked.run)).why

    def test_one_task_of_it_alone(self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str) -> None:
        one, other = (tracked.task(step, done=False) for step in ("extract", "load"))
        actions = acting(opened())
        plan = actions.plan(CANCEL, one)
        assert plan.effects == (f"only this task of the run etl 1.2 ({tracked.run}), which stays RUNNING",)
        assert actions.act(CANCEL, one).done
        assert [state(url, i, "tracked")[0] for i in (one, other)] == ["cancelled", "pending"]
        assert run_row(tracked)[0] == "running"

    def test_without_its_queue_nothing_is_done(self, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> None:
        tracked.connection.execute("update workflow_run set absurd_queue = 'gone'")
        outcome = acting(opened()).act(CANCEL, str(tracked.run))
        assert (outcome.done, outcome.why) == (False, "its queue 'gone' cannot be read")
        assert run_row(tracked)[0] == "running"

    @pytest.mark.parametrize(
        "changed",
        [
            "alter table workflow_run drop column completed_at, drop column error",
            "alter table workflow_run alter column completed_at type timestamp",
            "alter table workflow_run alter column completed_at type text",
            "alter table workflow_run alter column workflow_run_id type text",
        ],
    )
    def test_a_table_of_another_shape(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], changed: str
    ) -> None:
        tracked.task("extract", done=False)
        tracked.connection.execute(changed.encode())
        outcome = acting(opened()).act(CANCEL, str(tracked.run))
        assert (outcome.done, outcome.status_after) == (True, Status.CANCELED)

    def test_all_or_nothing(self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str) -> None:
        task = tracked.task("extract", done=False)
        tracked.connection.execute("alter table workflow_run add check (status <> 'cancelled')")
        outcome = acting(opened()).act(CANCEL, str(tracked.run))
        assert not outcome.done
        assert "check constraint" in outcome.why
        assert state(url, task, "tracked")[0] == "pending"


class TestEvents:
    def test_it_wakes_who_waits_with_the_payload(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        waits, too, other = (shop.order(s, event=e) for s, e in (("a", "order.paid"), ("b", "order.paid"), ("c", "x")))
        shop.work()
        actions = acting(opened())
        asks = actions.plan(EMIT, waits)
        assert (asks.allowed, asks.events) == (True, ("order.paid",))
        plan = actions.plan(EMIT, waits, PAID)
        assert plan.tasks[0].what == "is woken"
        assert plan.effects == (
            "the event 'order.paid' is emitted into the queue 'shop'",
            'with the payload {"by": "card"}',
            "it wakes 1 task of other workflows, too",
        )
        outcome = actions.act(EMIT, waits, given=PAID)
        assert (outcome.done, outcome.status_after) == (True, Status.PENDING)
        assert outcome.why == "2 tasks woken, 1 of other workflows"
        shop.work()
        assert [state(url, i)[0] for i in (waits, too, other)] == ["completed", "completed", "sleeping"]
        payloads = rows(url, "select state from absurd.c_shop where checkpoint_name = '$awaitEvent:order.paid'")
        assert payloads == [({"by": "card"},)] * 2

    def test_of_a_run(self, shop: Shop, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> None:
        tracked.connection.execute("update workflow_run set absurd_queue = 'shop'")
        for name in ("one", "two"):
            shop.order(name, headers={"workflow_run_id": str(tracked.run)}, event=name)
        shop.work()
        actions = acting(opened())
        assert sorted(actions.plan(EMIT, str(tracked.run)).events) == ["one", "two"]
        assert actions.act(EMIT, str(tracked.run), given=Given(event="two")).why == "1 task woken"

    def test_a_task_that_waits_through_the_tracking_client(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        task = tracked.task("load", done=False)
        (claimed,) = tracked.client.claim_task(tracked.connection)
        with pytest.raises(AbsurdSleepError):
            tracked.client.wait_for_event(
                tracked.connection, claimed[0], "file.there", timeout_seconds=600, task_id=claimed[1], step_name="there"
            )
        tracked.client.set_run_sleeping(tracked.connection, claimed[0], "file.there")
        assert state(url, task, "tracked") == ("running", "sleeping")
        actions = acting(opened())
        for workflow_id in (task, str(tracked.run)):
            assert actions.plan(EMIT, workflow_id).events == ("file.there",)
        assert actions.act(EMIT, str(tracked.run), given=Given(event="file.there")).why == "1 task woken"
        assert state(url, task, "tracked") == ("pending", "pending")

    def test_the_first_payload_stays(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("a", event="order.paid")
        shop.work()
        shop.app.emit_event("order.shipped", {"n": 1})
        actions = acting(opened())
        given = Given(event="order.shipped", payload="2")
        assert "was emitted before" in actions.plan(EMIT, order, given).why
        outcome = actions.act(EMIT, order, given=given)
        assert not outcome.done
        assert "keeps the first payload" in outcome.why
        assert shop.app._conn.execute("select payload from absurd.e_shop where payload is not null").fetchall() == [
            ({"n": 1},)
        ]

    def test_what_can_be_told_beforehand(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        waits, asleep = shop.order("a", event="order.paid"), shop.order("b", sleep=3600)
        shop.work()
        actions = acting(opened())
        assert actions.plan(EMIT, asleep, PAID).why == "it waits for no event"
        assert actions.act(EMIT, waits).why == "no event is named: it waits for 'order.paid'"
        for payload, why in (
            ("{", "not JSON"), ("NaN", "NaN is no JSON"), ('"\\u0000"', "NUL"), ('{"\\ud800": 1}', "surrogate"),
        ):  # fmt: skip
            given = Given(event="order.paid", payload=payload)
            assert why in actions.plan(EMIT, waits, given).why
            assert why in actions.act(EMIT, waits, given=given).why
        later = actions.plan(EMIT, waits, Given(event="never heard of"))
        assert "it does not wait for that event" in later.effects
        assert later.tasks[0].what == "goes on waiting for order.paid"
        assert actions.act(EMIT, waits, given=Given(event="never heard of")).why == "nobody waits for it yet"


def test_read_only_nothing_that_writes_is_imported(url: str) -> None:
    code = (
        "import json, sys\n"
        "from wftui.sources.absurd.source import AbsurdSource\n"
        "from wftui.sources.base import SourceOptions\n"
        "source = AbsurdSource(sys.argv[1], SourceOptions(read_only=True))\n"
        "source.open(); source.page(None, 10); source.changes()\n"
        "assert source.actions is None\n"
        "source.close()\n"
        "print(json.dumps([m for m in sys.modules if m.startswith('wftui.sources.absurd.')]))\n"
    )
    printed = subprocess.run([sys.executable, "-c", code, url], check=True, capture_output=True, text=True).stdout
    found = json.loads(printed)
    assert "wftui.sources.absurd.reader" in found
    assert not {f"wftui.sources.absurd.{name}" for name in ("actions", "deeds", "writing", "rights")} & set(found)
