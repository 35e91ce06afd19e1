"""Workflows for the tests of the details: what real storages hold, and what they should not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.making import START, summary, task
from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import Attempt, ErrorInfo, TaskKind
from wftui.model.workflow import Problem, Progress, WorkflowDetail

NOW = START + 600.0
OPTIONS: dict[str, object] = {
    "task_type": "FUNCTION",
    "max_retries": 3,
    "catch_exceptions": False,
    "retry_exceptions": False,
    "checkpoint": True,
    "ray_options": {"num_cpus": 2, "runtime_env": {"env_vars": {"AWS_SECRET_ACCESS_KEY": "wJalrX", "LANG": "C"}}},
}
TRACEBACK = """\x1b[36mray::WorkflowManagementActor.load_shard()\x1b[39m (pid=4711, ip=10.0.4.17)
Traceback (most recent call last):
  File "/opt/shop/pipeline.py", line 88, in load_shard
    rows = client.fetch(shard, timeout=30)
  File "/opt/shop/client.py", line 41, in fetch
    raise ConnectionError(f"no route to {self.host}:{self.port}")
ConnectionError: no route to 10.0.4.17:5432
"""


def _ran(start: float, seconds: float, **more: Any) -> dict[str, Any]:
    fields = {"started_at": START + start, "ended_at": START + start + seconds, "options": OPTIONS, "max_retries": 3}
    return {**fields, "ended_at_source": TimeSource.RECORDED, **more}


def failed() -> WorkflowDetail:
    """Failed with causes, with a retry, a second failure, one caught, one stale."""
    refused = ErrorInfo("OSError", "[Errno 113] No route to host", ("113", "'No route to host'"))
    lost = ErrorInfo(
        "ConnectionError", "no route to 10.0.4.17:5432", ("'no route to 10.0.4.17:5432'",), causes=(refused,)
    )
    error = ErrorInfo(
        "ray.exceptions.RayTaskError(ConnectionError)",
        "shard 3 of 8 could not be loaded from the warehouse: no route to 10.0.4.17:5432 after 30 s; "
        "the other shards are complete",
        ("'load_shard'", "3"),
        traceback=TRACEBACK,
        causes=(lost,),
    )
    tries = (
        Attempt(1, Status.FAILED, START + 11, START + 41, lost, "node-2"),
        Attempt(2, Status.FAILED, START + 42, START + 73, lost, "node-2"),
        Attempt(3, Status.FAILED, START + 74, START + 106, error, "node-5"),
    )
    disk = ErrorInfo("shop.errors.DiskFull", "only 312 MB left on /scratch, 4 GB are needed")
    tasks = [
        task("fetch_orders", **_ran(0, 10.2, output_size=48_213_004, user_metadata={"table": "orders"})),
        *(
            task(f"load_shard_{at}", upstream=["fetch_orders"], **_ran(11, 20 + at * 1.7, output_size=5_400_000 + at))
            for at in (0, 1, 2)
        ),
        task(
            "load_shard_3", Status.FAILED, ["fetch_orders"], name="load_shard", error=error, attempts=tries,
            node="10.0.4.17", pid=4711, **_ran(74, 32, ended_at_source=TimeSource.FILE),
        ),
        task("load_shard_4", Status.FAILED, ["fetch_orders"], error=disk, **_ran(11, 107.4)),
        task("load_shard_5", Status.UNKNOWN, ["fetch_orders"], started_at=START + 12, options=OPTIONS),
        task(
            "probe_currency", upstream=["fetch_orders"],
            error=ErrorInfo("KeyError", "'CHF'", ("'CHF'",), caught=True),
            **_ran(12, 0.34, options={**OPTIONS, "catch_exceptions": True}),
        ),
        task(
            "warm_cache", upstream=["fetch_orders"],
            error=ErrorInfo("TimeoutError", "cache did not answer", stale=True), **_ran(20, 3.1, output_size=17),
        ),
        task("join", Status.PENDING, [f"load_shard_{at}" for at in range(6)], options=OPTIONS, max_retries=3),
        task("report", Status.PENDING, ["join", "probe_currency"], options=OPTIONS, max_retries=3),
    ]  # fmt: skip
    row = summary(
        "nightly-sales-2026-09-21", Status.FAILED, ended_at=START + 118, error=error, progress=Progress(6, 11),
        user_metadata={
            "owner": "ada@example.com", "attempt": 2, "dry_run": False, "ratio": 0.125, "notes": "",
            "warehouse": {"host": "10.0.4.17", "port": 5432, "password": "hunter2", "schemas": ["sales", "stock"]},
            "api_token": "ghp_1234", "shards": list(range(8)), "deadline": None,
        },
        last_write=START + 118,
    )  # fmt: skip
    return WorkflowDetail(row, tuple(tasks), "report")


def silent() -> WorkflowDetail:
    """Failed without any exception."""
    tasks = [
        task("load", **_ran(0, 4, output_size=2_000)),
        task("train", Status.UNKNOWN, ["load"], started_at=START + 5, options=OPTIONS, max_retries=0),
    ]
    return WorkflowDetail(summary("oom-killed", Status.FAILED, ended_at=START + 60), tuple(tasks), "train")


def nested() -> WorkflowDetail:
    """A running chain of continuations."""
    tasks = [
        task("prepare", **_ran(0, 2, output_size=512)),
        task(
            "train", Status.RUNNING, ["prepare"], kind=TaskKind.CONTINUATION, continuation="epoch_1",
            started_at=START + 2, ended_at=START + 2.4,
        ),
        task("epoch", parent="train", upstream=[], **_ran(3, 200, output_size=80_000_000)),
        task(
            "epoch_1", Status.RUNNING, ["epoch"], parent="train", kind=TaskKind.CONTINUATION, continuation="step_2",
            started_at=START + 204, ended_at=START + 204.2,
        ),
        task("step", parent="epoch_1", **_ran(205, 90, output_size=900)),
        task(
            "step_1", Status.RUNNING, parent="epoch_1", started_at=START + 296, node="node-7", pid=99, max_retries=3,
            attempts=(Attempt(1, Status.FAILED, START + 290, START + 295), Attempt(2, Status.RUNNING, START + 296)),
        ),
        task(
            "step_2", Status.PENDING, ["step", "step_1"], parent="epoch_1",
            waiting_for="resources: {GPU: 1} on any of 4 nodes",
        ),
        task("publish", Status.PENDING, ["train"], options=OPTIONS),
    ]  # fmt: skip
    row = summary("train-continued", Status.RUNNING, progress=Progress(3, 8), user_metadata={"team": "vision"})
    return WorkflowDetail(row, tuple(tasks), "publish")


def stuck() -> WorkflowDetail:
    """On a cluster: one runs, one is tried again, one waits for its turn, one for what no node has."""
    declined = ErrorInfo("QuotaExceeded", "429 Too Many Requests: try again in 30 s", stale=True)
    unknown = "node, pid and resources are not told: the cluster has no State API (pip install 'ray[default]')"
    tasks = [
        task("tokenize", node="10.0.0.3", pid=4711, **_ran(0, 12, output_size=48_000)),
        task("embed", Status.RUNNING, ["tokenize"], node="10.0.0.4", pid=815, started_at=NOW - 125, max_retries=3),
        task("upload", Status.RUNNING, ["tokenize"], started_at=NOW - 30, untold=unknown),
        task(
            "call_api", Status.READY, ["tokenize"], error=declined, max_retries=3, waiting_since=NOW - 8,
            attempts=(Attempt(1, Status.FAILED, error=declined), Attempt(2, Status.READY)),
            waiting_for="a retry (attempt 2 of 4; resources: asks 4 CPU; 0.5 of 4 free)",
        ),
        task(
            "finetune", Status.WAITING, ["tokenize"], waiting_since=NOW - 500,
            waiting_for="resources: asks 1 GPU, 2 CPU; no node has a GPU", options=OPTIONS,
        ),
        task("publish", Status.PENDING, ["finetune", "embed", "upload"], waiting_for="finetune, embed, upload"),
    ]  # fmt: skip
    row = summary("finetune-support-bot", Status.RUNNING, progress=Progress(1, 6), user_metadata={"team": "ml"})
    return WorkflowDetail(row, tuple(tasks), "publish")


def hostile() -> WorkflowDetail:
    """Ids, errors and metadata that try to act on the terminal, and numbers that are no JSON."""
    evil = "[bold red]x[/] \x1b[2J\x1b]0;pwned\x07\u202egnp.exe\nnext"
    error = ErrorInfo(
        f"Ev\x1bil{evil}", evil + "\n" + "word " * 60, (evil, "2"), traceback="\x1b[31mred\x1b[0m\n" + evil
    )
    tasks = [
        task(evil, Status.FAILED, ["\x1b[31m", "missing"], error=error, user_metadata={evil: evil}, node=evil, pid=1),
        task("", **_ran(0, 1)),
        task("漢字タスク" * 12, **_ran(0, 1)),
        task("\x1b[31m", waiting_for=evil),
    ]
    metadata: dict[str, object] = {
        evil: evil, "nan": float("nan"), "inf": float("-inf"), "big": 10**5000, "long": "x" * 1_000_000,
        "lines": "one\ntwo\tthree\n\x1b[2J", "empty": {}, "surrogate": "\udc80",
        "many": {f"key {at}": at for at in range(1000)},
    }  # fmt: skip
    row = summary(evil, Status.FAILED, error=error, user_metadata=metadata, target="s3://" + evil)
    problems = (Problem(f"tasks/{evil}/inputs.json", f"half written: {evil}"),)
    return WorkflowDetail(row, tuple(tasks), evil, problems)


def huge(count: int = 10_000) -> WorkflowDetail:
    """A wide fan of tasks."""
    tasks = [task("start", **_ran(0, 1, output_size=10))]
    for at in range(count - 2):
        status = Status.FAILED if at == 7777 else Status.RUNNING if at % 100 == 0 else Status.SUCCESSFUL
        times = (
            {"started_at": START + at / 50}
            if status is Status.RUNNING
            else _ran(at / 50, 1.0 + at % 60, output_size=at)
        )
        error = ErrorInfo("ValueError", f"row {at} is broken") if status is Status.FAILED else None
        tasks.append(task(f"part_{at}", status, ["start"], error=error, **times))
    tasks.append(task("collect", Status.PENDING, [f"part_{at}" for at in range(count - 2)]))
    row = summary(
        "fan",
        Status.RUNNING,
        progress=Progress(count - 102, count),
        error=ErrorInfo("ValueError", "row 7777 is broken"),
    )
    return WorkflowDetail(row, tuple(tasks), "collect")


def as_stored(detail: WorkflowDetail) -> WorkflowDetail:
    """The same, told by a bare directory."""
    return replace(detail, summary=replace(detail.summary, status_source=StatusSource.STORAGE))
