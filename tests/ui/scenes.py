"""Scenes for UI tests and pictures: fake sources at a fixed time, everything else real."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from wftui.app import WftuiApp
from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import Attempt, ErrorInfo, Task, TaskKind
from wftui.model.workflow import Problem, Progress, WorkflowDetail, WorkflowKey, WorkflowSummary
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from collections.abc import Iterable

# 2026-11-03 14:02:07 UTC
NOW = 1_793_714_527.0
TARGET = "10.2.0.7:6379"

_STATUS = {
    "ok": Status.SUCCESSFUL,
    "run": Status.RUNNING,
    "fail": Status.FAILED,
    "wait": Status.PENDING,
}


def workflow(
    workflow_id: str,
    status: Status,
    *,
    tasks: Iterable[Task] = (),
    ago: float = 600.0,
    took: float | None = None,
    target: str = TARGET,
    **fields: Any,
) -> WorkflowDetail:
    """A workflow that started so many seconds ago and took so many."""
    tasks = tuple(tasks)
    started = None if status is Status.PENDING else NOW - ago
    ended = None if started is None or took is None else started + took
    done = sum(task.status is Status.SUCCESSFUL for task in tasks)
    error = fields.pop("error", next((task.error for task in tasks if task.error and not task.error.caught), None))
    recorded = {Status.RESUMABLE: Status.RUNNING}.get(status, status)
    fields.setdefault("progress", Progress(done, len(tasks)) if tasks else None)
    summary = WorkflowSummary(
        WorkflowKey(target, "ray", None, workflow_id),
        status,
        fields.pop("status_source", StatusSource.CLUSTER),
        recorded.value,
        started_at=started,
        ended_at=ended,
        ended_at_source=TimeSource.RECORDED if ended is not None else None,
        error=error,
        complete=True,
        **fields,
    )
    return WorkflowDetail(summary, tasks, tasks[-1].id if tasks else None)


def task(
    task_id: str,
    status: Status,
    upstream: Iterable[str] = (),
    *,
    at: float = 600.0,
    took: float | None = None,
    **fields: Any,
) -> Task:
    """A task that started `at` seconds before now."""
    started = NOW - at if status in (Status.SUCCESSFUL, Status.FAILED, Status.RUNNING) else None
    ended = started + took if started is not None and took is not None else None
    attempts = fields.pop("attempts", None)
    if attempts is None and started is not None:
        attempts = (Attempt(1, status, started, ended, fields.get("error")),)
    size = fields.pop("output_size", 2_480 if status is Status.SUCCESSFUL else None)
    return Task(
        task_id,
        fields.pop("name", task_id),
        fields.pop("kind", TaskKind.TASK),
        status,
        tuple(upstream),
        started_at=started,
        ended_at=ended,
        ended_at_source=TimeSource.RECORDED if ended is not None else None,
        attempts=attempts,
        output_size=size,
        **fields,
    )


NO_STOCK = ErrorInfo(
    "shop.stock.NoStock",
    "no stock left for SKU 88-1204 in warehouse EU-3",
    args=("'88-1204'", "'EU-3'"),
    causes=(ErrorInfo("ConnectionError", "stock service answered 503 after 3 tries"),),
)


def etl(
    workflow_id: str, *, at: float, status: Status = Status.RUNNING, error: ErrorInfo | None = None, **fields: Any
) -> WorkflowDetail:
    """A nightly load: four extracts, four stages, facts, two marts, a publish."""
    ok, end = Status.SUCCESSFUL, status
    names = ("orders", "products", "fx", "customers")
    tasks = [task("start", ok, at=at, took=0.4)]
    tasks += [task(f"ext_{n}", ok, ["start"], at=at - 1, took=t) for n, t in zip(names, (63, 12, 2, 19), strict=True)]
    tasks += [task(f"stg_{n}", ok, [f"ext_{n}"], at=at - 66, took=t) for n, t in zip(names, (42, 8, 1, 8), strict=True)]
    facts_done = end is ok
    tasks.append(
        task(
            "fct_orders",
            end,
            [f"stg_{n}" for n in names],
            at=at - 110,
            took=38 if end is not Status.RUNNING else None,
            error=error,
            user_metadata={"sla": "15m"},
        )
    )
    after = ok if facts_done else Status.PENDING
    tasks += [task(f"mart_{n}", after, ["fct_orders"], at=at - 150, took=20) for n in ("sales", "marketing")]
    tasks.append(task("publish", after, ["mart_sales", "mart_marketing"], at=at - 172, took=3))
    took = None if end is Status.RUNNING else (176.0 if facts_done else 149.0)
    return workflow(workflow_id, status, tasks=tasks, ago=at, took=took, **fields)


def fan_out(workflow_id: str, count: int = 1000) -> WorkflowDetail:
    """Three waves of many alike, and an audit beside them."""
    ok, run, wait = Status.SUCCESSFUL, Status.RUNNING, Status.PENDING
    tasks = [task("plan", ok, at=900, took=2)]
    done = {"extract": (812, 40), "transform": (633, 30), "load": (204, 20)}
    for before, name in zip(("plan", "extract", "transform"), done, strict=True):
        finished, running = done[name]
        for at in range(count):
            status = ok if at < finished * count // 1000 else run if at < (finished + running) * count // 1000 else wait
            if name == "transform" and at in (17, 401):
                status = Status.FAILED
            error = ErrorInfo("ValueError", f"row {at * 91} has no price") if status is Status.FAILED else None
            above = before if before == "plan" else f"{before}_{at:04d}"
            took = 3.0 + at * 37 % 41 if status in (ok, Status.FAILED) else None
            tasks.append(task(f"{name}_{at:04d}", status, [above], at=800 - at % 600, took=took, error=error))
    tasks.append(task("audit", run, ["plan"], at=41))
    tasks += [task(f"merge_{at:03d}", wait, [f"load_{n:04d}" for n in range(at, count, 300)]) for at in range(300)]
    tasks.append(task("publish", wait, [*(f"merge_{at:03d}" for at in range(300)), "audit"]))
    return workflow(workflow_id, Status.RUNNING, tasks=tasks, ago=905)


def training(workflow_id: str, steps: int = 36) -> WorkflowDetail:
    """A loop by continuations: each step returns the next, with a checkpoint beside it."""
    ok, run, wait = Status.SUCCESSFUL, Status.RUNNING, Status.PENDING
    tasks = [task("init_cluster", ok, at=790, took=4)]
    before, parent = "init_cluster", None
    for at in range(1, steps + 1):
        name, last = f"step_{at}", at == steps
        kind = TaskKind.TASK if last else TaskKind.CONTINUATION
        status = run if last else ok
        following = None if last else f"step_{at + 1}"
        tasks.append(
            task(
                name,
                status,
                [before] if parent is None else [],
                at=780 - 20.5 * at,
                took=None if last else 19 + at % 5,
                kind=kind,
                parent=parent,
                continuation=following,
            )
        )
        parent = name
    tasks.append(task("evaluate", wait, ["step_1"]))
    tasks.append(task("report", wait, ["evaluate"]))
    return workflow(workflow_id, run, tasks=tasks, ago=800)


def payments(workflow_id: str) -> WorkflowDetail:
    """Tried three times, the last days later; beside it a sleep; then something that runs."""
    ok, error, days = Status.SUCCESSFUL, ErrorInfo("TimeoutError", "the bank did not answer"), 3.2 * 86_400
    tries = (
        Attempt(1, Status.FAILED, NOW - days + 32, NOW - days + 60, error),
        Attempt(2, Status.FAILED, NOW - days + 80, NOW - days + 110, error),
        Attempt(3, ok, NOW - 120, NOW - 100),
    )
    sleep = task("remind", Status.RUNNING, ["order"], at=days - 130, kind=TaskKind.WAIT)
    tasks = [
        task("order", ok, at=days, took=30),
        task("charge", ok, ["order"], at=120, took=20, attempts=tries, max_retries=4),
        replace(sleep, status=Status.WAITING, attempts=None, waiting_for="sleeping until 2026-11-04 09:00"),
        task("ship", Status.RUNNING, ["charge"], at=60),
        task("invoice", Status.PENDING, ["ship"]),
    ]
    return workflow(workflow_id, Status.RUNNING, tasks=tasks, ago=days)


def wide_etl(workflow_id: str, count: int = 10_000) -> WorkflowDetail:
    """Many tasks of many names in layers, some of them failed or running."""
    random = Random(7)
    rows = max(4, count // 40)
    tasks: list[Task] = []
    layers: list[list[str]] = []
    words = ("ext", "stg", "int", "dim", "fct", "mart", "agg", "snap", "feat", "score")
    nouns = ("orders", "users", "carts", "stock", "fx", "ads", "mail", "geo", "web", "app", "erp", "crm")
    for at in range(count):
        layer = at // rows
        if layer == len(layers):
            layers.append([])
        name = f"{words[layer % 10]}_{nouns[at % 12]}_{chr(97 + at // 12 % 26)}{chr(97 + at // 312 % 26)}{layer}"
        upstream = random.sample(layers[layer - 1], min(2, len(layers[layer - 1]))) if layer else []
        status = Status.SUCCESSFUL if layer < 24 else Status.RUNNING if layer == 24 else Status.PENDING
        if layer == 23 and at % 83 == 5:
            status = Status.FAILED
        error = ErrorInfo("ValueError", "no rows") if status is Status.FAILED else None
        took = float(at % 90) if status in (Status.SUCCESSFUL, Status.FAILED) else None
        tasks.append(task(name, status, upstream, at=3000 - 100 * layer, took=took, error=error))
        layers[layer].append(name)
    return workflow(workflow_id, Status.RUNNING, tasks=tasks, ago=3000)


def _counted(status: Status, done: int, total: int) -> dict[str, Any]:
    return {"progress": Progress(done, total)}


def busy() -> list[WorkflowDetail]:
    """A cluster with something of everything."""
    ada, bo = {"owner": "ada", "team": "data"}, {"owner": "bo", "team": "growth"}
    rows = [
        etl("nightly-orders-2026-11-03", at=1840, status=Status.FAILED, error=NO_STOCK, user_metadata=ada),
        workflow(
            "retrain-ranker-42",
            Status.FAILED,
            tasks=[
                task("features", Status.SUCCESSFUL, at=5400, took=804),
                task(
                    "train",
                    Status.FAILED,
                    ["features"],
                    at=4500,
                    took=2210,
                    max_retries=3,
                    error=ErrorInfo("torch.OutOfMemoryError", "CUDA out of memory: tried to allocate 2.40 GiB"),
                ),
                task("evaluate", Status.PENDING, ["train"]),
            ],
            ago=5400,
            took=3110,
            user_metadata=bo,
        ),
        etl("nightly-orders-2026-11-04", at=132, user_metadata=ada),
        workflow(
            "backfill-events-0917", Status.RUNNING, ago=5225, user_metadata=bo, **_counted(Status.RUNNING, 812, 1000)
        ),
        workflow("invoice-run-eu", Status.RUNNING, ago=42, user_metadata=ada, **_counted(Status.RUNNING, 3, 9)),
        workflow("embed-catalogue", Status.RUNNING, ago=9301, user_metadata=bo, **_counted(Status.RUNNING, 5, 31)),
        workflow("sync-crm", Status.RESUMABLE, ago=86_400 * 1.2, user_metadata=bo, **_counted(Status.RESUMABLE, 7, 12)),
        workflow("report-q3", Status.PENDING, user_metadata=ada),
        workflow("report-q3-draft", Status.PENDING, user_metadata=ada),
        workflow("import-legacy-01", Status.CANCELED, ago=86_400 * 3, took=61, **_counted(Status.CANCELED, 1, 8)),
    ]
    names = ("invoice-run-us", "invoice-run-uk", "score-leads", "compact-events", "export-partners", "warm-cache")
    for at, name in enumerate(names * 5):
        shard = at // len(names)
        took = (37 * (at + 3)) % 640 + 4.0
        rows.append(
            workflow(
                f"{name}-{310 + shard}",
                Status.SUCCESSFUL,
                ago=7200 + 311.0 * at,
                took=took,
                user_metadata=(ada, bo)[at % 2],
                **_counted(Status.SUCCESSFUL, at % 7 + 3, at % 7 + 3),
            )
        )
    return rows


def many(count: int) -> list[WorkflowDetail]:
    """A long list, mostly fine."""
    words = ("extract", "train", "report", "score", "sync")
    rows = []
    for at in range(count):
        status = Status.SUCCESSFUL
        if at % 97 == 0:
            status = Status.FAILED
        elif at % 53 == 0:
            status = Status.RUNNING
        rows.append(
            workflow(
                f"{words[at % 5]}-{at:06d}",
                status,
                ago=60.0 * (at + 1),
                took=None if status is Status.RUNNING else at % 900 + 1.0,
                error=ErrorInfo("ValueError", f"row {at} is empty") if status is Status.FAILED else None,
                progress=Progress(at % 9, 9),
            )
        )
    return rows


class Scene:
    """An app over fake sources.

    Args:
        sources: What it watches.
        clock: The clock of all of it.
        app: Keyword arguments of the app.
    """

    def __init__(self, *sources: FakeSource, clock: FakeClock, **app: Any) -> None:
        self.sources = sources
        self.clock = clock
        self.app = WftuiApp(sources, clock=clock, **app)

    @property
    def source(self) -> FakeSource:
        """The first source."""
        return self.sources[0]


def scene(details: Iterable[WorkflowDetail] = (), *, read_only: bool = False, **app: Any) -> Scene:
    """One source with these workflows."""
    clock = FakeClock(NOW)
    source = FakeSource(TARGET, details, clock=clock, read_only=read_only)
    return Scene(source, clock=clock, **app)


def two_sources(**app: Any) -> Scene:
    """A cluster, and a bare storage directory."""
    clock = FakeClock(NOW)
    stored = "/mnt/ray-storage"
    rows = [
        workflow(
            "old-import",
            Status.RUNNING,
            ago=90_000,
            target=stored,
            status_source=StatusSource.STORAGE,
            last_write=NOW - 80_000,
        ),
        workflow(
            "old-export",
            Status.FAILED,
            ago=95_000,
            took=40,
            target=stored,
            status_source=StatusSource.STORAGE,
            error=ErrorInfo("KeyError", "'customer_id'"),
        ),
        workflow(
            "old-report", Status.SUCCESSFUL, ago=99_000, took=75, target=stored, status_source=StatusSource.STORAGE
        ),
    ]
    return Scene(
        FakeSource(TARGET, busy(), clock=clock),
        FakeSource(stored, rows, clock=clock, read_only=True, kind="storage"),
        clock=clock,
        **app,
    )


def with_problems(scene: Scene) -> Scene:
    """The first source names two problems."""
    scene.source.set_problems(
        [
            Problem("workflows/half-written/workflow_meta.json", "not JSON"),
            Problem("__status__/RUNNING/ghost", "no directory"),
        ]
    )
    return scene


def renamed(detail: WorkflowDetail, status: Status) -> WorkflowDetail:
    """The same workflow in another status."""
    return replace(detail, summary=replace(detail.summary, status=status, recorded_status=status.value))
