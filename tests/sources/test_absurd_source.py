"""Absurd as a source: the contract, its tasks and runs, and what it tells when they change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.sources.absurd_server import Shop, Tracked, absurdctl, execute, fill
from tests.sources.contract import SourceContract, listed, told
from tests.sources.ray_clusters import eventually
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.model.workflow import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftui.model.task import Task
    from wftui.sources.absurd.source import AbsurdSource


ODD = 'it\'s "a" 50%s {queue} é; drop table x --'


@pytest.fixture
def tracked(url: str) -> Iterator[Tracked]:
    tracked = Tracked(url)
    yield tracked
    tracked.connection.close()


@pytest.fixture
def source(shop: Shop, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> AbsurdSource:
    fill(shop, tracked)
    return opened()


class TestContract(SourceContract):
    pass


def by_name(source: AbsurdSource, workflow_id: str) -> dict[str, Task]:
    return {task.name: task for task in source.detail(workflow_id).tasks}


class TestTasks:
    def test_the_list_agrees_with_absurdctl(self, source: AbsurdSource, url: str) -> None:
        printed = absurdctl(url, "list-tasks", "--queue", "shop")
        states = dict(zip(re.findall(r"task_id=(\S+)", printed), re.findall(r"status=(\S+)", printed), strict=True))
        rows = {row.key.id: row for row in listed(source) if row.key.namespace == "shop"}
        assert {i: row.recorded_status for i, row in rows.items()} == states
        assert {row.status for row in rows.values()} == {
            Status.SUCCESSFUL, Status.WAITING, Status.FAILED, Status.PENDING,
        }  # fmt: skip

    def test_steps_stand_in_their_order_below_the_task(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("a", headers={"customer": "ann"})
        shop.work()
        detail = opened().detail(order)
        task, reserve, charge = detail.tasks
        assert (task.id, task.name, task.kind) == (order, "order.fulfil", TaskKind.TASK)
        assert [step.name for step in (reserve, charge)] == ["reserve", "charge"]
        assert {step.kind for step in (reserve, charge)} == {TaskKind.CHECKPOINT}
        assert reserve.parent == charge.parent == order
        assert charge.upstream == (reserve.id,)
        assert reserve.user_metadata == {"state": {"sku": "a"}}
        assert task.options["params"] == {"sku": "a"}
        assert task.options["result"] == {"shipped": True}
        assert detail.summary.user_metadata == {"customer": "ann"}
        assert detail.problems == ()

    def test_attempts_are_told_with_worker_times_and_failure(
        self, shop: Shop, opened: Callable[..., AbsurdSource]
    ) -> None:
        order = shop.order("d", fail=True, max_attempts=2)
        shop.work(2)
        detail = opened().detail(order)
        task = detail.tasks[0]
        assert task.attempts is not None
        assert [attempt.number for attempt in task.attempts] == [1, 2]
        assert {attempt.worker for attempt in task.attempts} == {"packer-1"}
        assert all(a.started_at is not None and a.ended_at is not None for a in task.attempts)
        assert task.max_retries == 1
        assert task.error is not None
        assert (task.error.type, task.error.message, task.error.stale) == ("ValueError", "no stock of d", False)
        assert "in fulfil" in (task.error.traceback or "")
        assert detail.summary.error == task.error

    def test_a_failure_before_the_retry_is_stale(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("d", fail=True, max_attempts=2)
        shop.work(1)
        detail = opened().detail(order)
        assert detail.summary.status is Status.PENDING
        assert detail.summary.error is None
        assert detail.tasks[0].error is not None
        assert detail.tasks[0].error.stale

    def test_a_sleep_is_a_step_in_progress(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("b", sleep=3600)
        shop.work()
        sleep = by_name(opened(), order)["cool down"]
        assert (sleep.kind, sleep.status) == (TaskKind.WAIT, Status.WAITING)
        assert re.fullmatch(r"sleeping until (\d{4}-\d\d-\d\d )?\d\d:\d\d", sleep.waiting_for or "")
        assert sleep.started_at is not None
        assert sleep.ended_at is None

    def test_a_wait_for_an_event_is_a_step_in_progress(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        order = shop.order("c", event="order.paid", timeout=1800)
        shop.work()
        source = opened()
        wait = by_name(source, order)["$awaitEvent:order.paid"]
        assert (wait.kind, wait.status) == (TaskKind.WAIT, Status.WAITING)
        assert wait.waiting_for == "event order.paid since under 1m, times out in 29m"
        absurdctl(url, "emit-event", "--queue", "shop", "order.paid", "-P", "by=card")
        shop.work()
        wait = by_name(source, order)["$awaitEvent:order.paid"]
        assert (wait.kind, wait.status) == (TaskKind.CHECKPOINT, Status.SUCCESSFUL)

    def test_a_queue_of_any_name(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        shop = Shop(url, ODD)
        order = shop.order("a")
        shop.work()
        shop.close()
        source = opened()
        (row,) = listed(source)
        assert (row.key.id, row.key.namespace) == (order, ODD)
        assert len(source.detail(order).tasks) == 3
        assert told(source) == {}

    def test_a_partitioned_queue(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        shop = Shop(url, "parts", "partitioned")
        source = opened()
        listed(source)
        order = shop.order("a")
        shop.work()
        shop.close()
        assert told(source) == {order: (Added, Status.SUCCESSFUL)}
        assert {row.key.namespace for row in listed(source)} == {"parts"}

    def test_json_of_megabytes_is_bounded(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("a" * 3_000_000, headers={"note": "b" * 20_000})
        shop.work()
        source = opened()
        detail = source.detail(order)
        assert len(str(detail.tasks[0].options["params"])) < 1000
        assert len(str(detail.summary.user_metadata)) < 1000
        assert source.summaries([order])[0].user_metadata == detail.summary.user_metadata


class TestRuns:
    def test_a_run_holds_its_tasks_however_they_are_linked(
        self, tracked: Tracked, opened: Callable[..., AbsurdSource]
    ) -> None:
        first = tracked.task("extract")
        second = tracked.task("load", by_params=True)
        third = tracked.task("report", done=False)
        source = opened()
        (row,) = listed(source)
        assert (row.key.id, row.key.namespace, row.name) == (str(tracked.run), "tracked", "etl")
        detail = source.detail(row.key.id)
        tasks = [task for task in detail.tasks if task.kind is TaskKind.TASK]
        assert [(task.id, task.name) for task in tasks] == [(first, "extract"), (second, "load"), (third, "report")]
        assert [task.upstream for task in tasks] == [(), (first,), (second,)]
        assert detail.summary.progress is not None
        assert (detail.summary.progress.done, detail.summary.progress.total) == (2, 3)
        assert "inferred" in detail.summary.note

    def test_what_the_tracking_recorded(self, tracked: Tracked, opened: Callable[..., AbsurdSource]) -> None:
        source = opened()
        (row,) = listed(source)
        assert row.status is Status.PENDING
        assert row.user_metadata == {
            "workflow_version": "1.2", "created_by": "ann", "inputs": {"day": "2026-11-01"}, "tags": {"team": "data"},
        }  # fmt: skip
        error = {"type": "ETLError", "message": "no rows", "details": {"table": "t"}, "timestamp": "2026-11-01"}
        tracked.update("failed", error=error, result={"rows": 0}, task_count=4)
        (row,) = source.summaries([row.key.id])
        assert (row.status, row.recorded_status) == (Status.FAILED, "failed")
        assert row.error is not None
        assert (row.error.type, row.error.message) == ("ETLError", "no rows")
        assert row.user_metadata["error"] == {"details": {"table": "t"}, "timestamp": "2026-11-01"}
        assert row.user_metadata["result"] == {"rows": 0}
        assert row.user_metadata["task_count"] == 4

    @pytest.mark.parametrize(
        ("word", "status"),
        [("running", Status.RUNNING), ("completed", Status.SUCCESSFUL), ("cancelled", Status.CANCELED),
         ("paused", Status.UNKNOWN)],
    )  # fmt: skip
    def test_statuses(self, tracked: Tracked, opened: Callable[..., AbsurdSource], word: str, status: Status) -> None:
        source = opened()
        listed(source)
        tracked.update(word)
        assert told(source) == {str(tracked.run): (Updated, status)}
        assert source.detail(str(tracked.run)).summary.recorded_status == word

    def test_checkpoints_of_the_run_itself(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        tracked = Tracked(url)
        root, run_id, _ = tracked.client.spawn_task(tracked.connection, "etl", {})
        tracked.client.claim_task(tracked.connection)
        tracked.client.save_checkpoint_for_run(tracked.connection, run_id, "began", {"at": 1}, task_id=root)
        execute(url, "update workflow_run set absurd_run_id = %s", [run_id])
        detail = opened().detail(str(tracked.run))
        assert [(task.id, task.name) for task in detail.tasks] == [(str(root), "etl"), (f"{root}/began", "began")]
        tracked.connection.close()

    def test_columns_as_found(self, url: str, opened: Callable[..., AbsurdSource]) -> None:
        execute(url, "create table workflow_run (workflow_run_id text primary key, workflow_name text, status text)")
        execute(url, "insert into workflow_run values ('it''s 1', 'etl', 'running'), (E'a\\nb', null, null)")
        source = opened()
        rows = {row.key.id: row for row in listed(source)}
        assert {i: (row.name, row.status) for i, row in rows.items()} == {
            "it's 1": ("etl", Status.RUNNING), "a\nb": (None, Status.UNKNOWN),
        }  # fmt: skip
        assert source.detail("it's 1").problems[0].path == "absurd_queue"

    def test_a_table_of_somebody_elses(self, url: str, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        execute(url, "create table workflow_run (id integer, title text)")
        shop.order("a")
        source = opened()
        assert len(listed(source)) == 1
        (problem,) = source.changes().problems
        assert problem.path == "public.workflow_run"
        assert "no column workflow_run_id, workflow_name, status" in problem.what


class TestChanges:
    def test_each_is_told_once(self, shop: Shop, opened: Callable[..., AbsurdSource], url: str) -> None:
        waiting = shop.order("w", event="never")
        shop.work()
        source = opened()
        listed(source)
        assert told(source) == {}
        order = shop.order("a", sleep=3600)
        assert told(source) == {order: (Added, Status.PENDING)}
        assert told(source) == {}
        shop.work()
        assert told(source) == {order: (Updated, Status.WAITING)}
        absurdctl(url, "cancel-task", "--queue", "shop", order)
        assert told(source) == {order: (Updated, Status.CANCELED)}
        absurdctl(url, "emit-event", "--queue", "shop", "never")
        assert told(source) == {waiting: (Updated, Status.PENDING)}
        execute(url, "delete from absurd.t_shop where task_id = %s", [order])
        assert told(source) == {order: (Removed, None)}
        assert told(source) == {}

    def test_a_failed_one_that_is_retried(self, shop: Shop, opened: Callable[..., AbsurdSource]) -> None:
        order = shop.order("a", fail=True)
        source = opened()
        listed(source)
        shop.work()
        assert told(source) == {order: (Updated, Status.FAILED)}
        shop.app.retry_task(order)
        assert told(source) == {order: (Updated, Status.PENDING)}

    def test_runs_come_and_go(self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str) -> None:
        source = opened()
        listed(source)
        tracked.task("extract")
        assert told(source) == {str(tracked.run): (Updated, Status.PENDING)}  # it is further than it was
        assert told(source) == {}
        other = tracked.client.create_workflow_run(tracked.connection, "etl", "1.3")
        assert told(source) == {str(other): (Added, Status.PENDING)}
        execute(url, "delete from workflow_run where workflow_run_id = %s", [other])
        assert told(source) == {str(other): (Removed, None)}

    def test_how_far_runs_are(self, tracked: Tracked, opened: Callable[..., AbsurdSource], url: str) -> None:
        tracked.update("running", task_count=5)
        extract = tracked.task("extract")
        source = opened()
        listed(source)
        run = str(tracked.run)

        def progress() -> Progress | None:
            source.changes()
            (row,) = source.summaries([run])
            assert row.progress == source.detail(run).summary.progress
            return row.progress

        assert progress() == Progress(1, 5)
        tracked.task("check")
        assert progress() == Progress(2, 5)
        for step in ("clean", "publish", "tell"):
            tracked.task(step)
        tracked.task("load", done=False)
        assert progress() == Progress(5, 6)
        execute(url, "delete from absurd.t_tracked where task_id = %s", [extract])
        eventually(lambda: progress() == Progress(4, 5))
        tracked.update("completed")
        assert told(source) == {run: (Updated, Status.SUCCESSFUL)}
        assert source.summaries([run])[0].progress == Progress(5, 5)

    def test_a_queue_that_comes_or_is_dropped_is_listed_anew(
        self, shop: Shop, opened: Callable[..., AbsurdSource], url: str
    ) -> None:
        source = opened()
        listed(source)
        other = Shop(url, ODD)
        other.order("a")
        other.close()
        assert source.changes().relist
        assert len(listed(source)) == 1
        absurdctl(url, "drop-queue", "--yes", ODD)
        assert source.changes().relist
        assert listed(source) == []
        assert told(source) == {}
