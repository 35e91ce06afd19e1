"""Workflow runs of the shop, recorded by Absurd's tracking client: who spawns the tasks of each, in which order.

The order is that of the Highway definitions beside this file. Every task has an idempotency key, so that a run that
somebody resumes is gone through again, and only what did not succeed is done.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import absurd_sdk
import psycopg
from absurd_client import AbsurdClient

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable

# As the tracking client writes it; the client ships no DDL.
RUN_TABLE = """create table workflow_run (
    workflow_run_id uuid primary key, workflow_name text not null, workflow_version text not null, workflow_hash text,
    status text not null, absurd_run_id uuid, absurd_queue text, inputs jsonb, result jsonb, error jsonb,
    created_by text, tags jsonb, started_at timestamptz, completed_at timestamptz, task_count integer,
    created_at timestamptz default now())"""
_WORKFLOWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "order_fulfilment": ("2.1.0", "orders", ("validate", "check_stock", "reserve", "charge", "back_order", "pack",
                                             "label", "invoice", "picked_up", "confirm")),
    "daily_report": ("1.4", "reports", ("list_regions", "load_region", "merge", "publish")),
    "train_ranker": ("0.9", "ml", ("snapshot", "features", "train", "evaluate", "cool_down", "deploy")),
}  # fmt: skip


class Tracker(AbsurdClient):  # type: ignore[misc]  # it has no types
    """The tracking client, for queues that are there: it would make them anew, locks and all, at every task."""

    def create_queue(self, conn: psycopg.Connection[Any]) -> None:
        """Nothing to do."""


class StepFailed(Exception):  # noqa: N818 - it is what ends a run, not a defect
    """A task of a run failed for good."""

    def __init__(self, step: str, failure: dict[str, Any]) -> None:
        super().__init__(step)
        self.step = step
        self.failure = failure


class Stopped(Exception):  # noqa: N818 - it is what ends a run, not a defect
    """Somebody cancelled the run."""


class Run:
    """One run while it is driven, with a connection of its own."""

    def __init__(self, url: str, name: str, run_id: uuid.UUID | None = None, **about: Any) -> None:
        self.version, queue, _ = _WORKFLOWS[name]
        self.name = name
        self._connection = psycopg.connect(url, autocommit=True)
        self._client = Tracker(queue, f"{queue}-tracker")
        self._app = absurd_sdk.Absurd(self._connection, queue_name=queue)
        self.id = run_id or self._client.create_workflow_run(self._connection, name, self.version, **about)
        self._tasks = 0

    def start(self, step: str, *, tries: int = 1, key: str = "", **params: Any) -> tuple[str, str]:
        """Spawn a task. Returns its step and its id."""
        asked = "select status from workflow_run where workflow_run_id = %s"
        if self._connection.execute(asked, [self.id]).fetchone() == ("cancelled",):
            raise Stopped
        task_id, _, _ = self._client.spawn_task(
            self._connection,
            f"{self.name}__{self.version}__{step}",
            params,
            options={"idempotency_key": f"{self.id}/{step}/{key}"},
            max_attempts=tries,
            retry_strategy={"kind": "fixed", "base_seconds": 3},
            workflow_run_id=self.id,
        )
        self._tasks += 1
        return step, str(task_id)

    def wait(self, *tasks: tuple[str, str]) -> None:
        """Wait for tasks to end, and for the others when one failed."""
        failed: StepFailed | None = None
        for step, task_id in tasks:
            outcome = self._app.await_task_result(task_id)
            if outcome.state == "failed":
                failed = failed or StepFailed(step, getattr(outcome, "failure", None) or {})
            elif outcome.state == "cancelled":
                raise Stopped
        if failed is not None:
            raise failed

    def step(self, step: str, **params: Any) -> None:
        """Spawn a task, and wait for it."""
        self.wait(self.start(step, **params))

    def emit_later(self, seconds: float, event: str, payload: dict[str, Any]) -> None:
        """Something happens outside, after a while."""

        def emit() -> None:
            time.sleep(seconds)
            self._app.emit_event(event, payload)

        threading.Thread(target=emit, daemon=True).start()

    def drive(self, steps: Callable[[Run], dict[str, Any]]) -> bool:
        """Go through the steps, and record how it went. Returns whether it may be resumed."""
        self._update("running", started_at=_now())
        try:
            result = steps(self)
        except StepFailed as failed:
            error = {
                "type": failed.failure.get("name", "StepFailed"),
                "message": failed.failure.get("message", failed.step),
                "details": {"step": failed.step},
                "timestamp": _now().isoformat(),
            }
            self._update("failed", error=error, completed_at=_now())
            return True
        except Stopped:
            self._update("cancelled", completed_at=_now())
            return False
        self._update("completed", result=result, completed_at=_now())
        return False

    def _update(self, status: str, **values: Any) -> None:
        values["task_count"] = self._tasks
        self._client.update_workflow_run_status(self._connection, self.id, status, **values)


class Office:
    """Starts runs, and goes on with those that somebody resumes.

    Args:
        url: The database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._failed: dict[uuid.UUID, tuple[str, Callable[[Run], dict[str, Any]]]] = {}

    def task_names(self) -> dict[str, list[str]]:
        """The tasks of all workflows, by queue."""
        return {
            queue: [f"{name}__{version}__{step}" for step in steps]
            for name, (version, queue, steps) in _WORKFLOWS.items()
        }

    def order(self, order: str, amount: float, *, in_stock: bool = True, decline: bool = False) -> None:
        """Somebody bought something."""

        def steps(run: Run) -> dict[str, Any]:
            run.step("validate", order=order, seconds=1.0, parts=["address", "items"])
            run.step("check_stock", order=order, seconds=1.5)
            if not in_stock:
                run.step("back_order", order=order, seconds=2.0)
                return {"shipped": False}
            run.step("reserve", order=order, seconds=1.0)
            fails = {"fails": "declined", "failures": 2} if decline else {}
            run.step("charge", order=order, amount=amount, seconds=1.5, tries=2, parts=["authorise"], **fails)
            papers = run.start("invoice", order=order, seconds=2.0)
            run.step("pack", order=order, seconds=5.0, parts=["pick", "wrap", "weigh"])
            run.step("label", order=order, seconds=1.0)
            run.wait(papers)
            event = f"parcel.picked_up:{order}"
            run.emit_later(25.0, event, {"carrier": "DHL", "order": order})
            run.step("picked_up", order=order, seconds=0.1, event=event, timeout=1800)
            run.step("confirm", order=order, seconds=1.0)
            return {"shipped": True, "order": order}

        inputs = {"order": order, "amount": amount, "customer": {"id": int(amount * 7) % 977, "country": "DE"}}
        self._begin("order_fulfilment", steps, inputs, "web", {"team": "sales", "env": "prod"})

    def report(self, day: str, regions: list[str]) -> None:
        """Numbers of a day, a task for each region."""

        def steps(run: Run) -> dict[str, Any]:
            run.step("list_regions", day=day, seconds=1.0)
            loads = [run.start("load_region", key=it, day=day, region=it, seconds=3.0 + len(it) % 3) for it in regions]
            run.wait(*loads)
            run.step("merge", day=day, seconds=2.0, parts=["join", "aggregate"])
            run.step("publish", day=day, seconds=1.0)
            return {"rows": 4_211 * len(regions)}

        self._begin("daily_report", steps, {"day": day, "regions": regions}, "cron", {"team": "data", "env": "prod"})

    def training(self, model: str, epochs: int, *, fails: bool = False) -> None:
        """A model that gets better for a while."""

        def steps(run: Run) -> dict[str, Any]:
            run.step("snapshot", model=model, seconds=2.0)
            run.step("features", model=model, seconds=3.0)
            for epoch in range(1, epochs + 1):
                more = {"fails": "memory"} if fails and epoch == epochs else {}
                run.step("train", key=str(epoch), model=model, epoch=epoch, seconds=6.0, **more)
                run.step("evaluate", key=str(epoch), model=model, epoch=epoch, seconds=2.0)
            run.step("cool_down", model=model, seconds=0.1, sleep=20)
            run.step("deploy", model=model, seconds=2.0)
            return {"model": model, "gain": 0.034}

        inputs = {"model": model, "depth": 6, "trees": 400, "lr": 0.05}
        self._begin("train_ranker", steps, inputs, "chris", {"team": "ml", "env": "dev", "gpu": "a10"})

    def resume_forever(self) -> None:
        """Go on with failed runs whose row says again that they run."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            while True:
                time.sleep(1.0)
                asked = "select workflow_run_id from workflow_run where status in ('pending', 'running')"
                for (run_id,) in connection.execute(asked).fetchall():
                    if run_id in self._failed:
                        name, steps = self._failed.pop(run_id)
                        self._drive(Run(self._url, name, run_id), steps)

    def _begin(
        self, name: str, steps: Callable[[Run], dict[str, Any]], inputs: dict[str, Any], by: str, tags: dict[str, Any]
    ) -> None:
        self._drive(Run(self._url, name, inputs=inputs, created_by=by, tags=tags), steps)

    def _drive(self, run: Run, steps: Callable[[Run], dict[str, Any]]) -> None:
        def drive() -> None:
            if run.drive(steps):
                self._failed[run.id] = (run.name, steps)

        threading.Thread(target=drive, daemon=True).start()


def _now() -> datetime:
    return datetime.now(timezone.utc)
