"""Runs on a test's cluster as users' scripts would, and leaves a storage with all that a storage can hold.

`python ray_writer.py ADDRESS first|second OUT`. The first run leaves some workflows running, to be killed with their
cluster; the second, on a new cluster over the same storage, resumes, fills the queue, and writes to OUT as JSON what
Ray's own API says of everything. Stands alone: `import wftui` fails here.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray import workflow

GATES = Path.cwd() / "gates"
STORAGE = Path.cwd() / "storage" / "workflows"
ODD_IDS = [
    "two words",
    "new\nline",
    "\x1b[31mred",
    "[bold]markup",
    "x" * 255,
    "dirty",
    "RUNNING",
    "__status__",
    "naïve-工作",
    "team/etl/1",
]
NEVER = "a gate that nobody opens"


class NoStock(Exception):
    def __init__(self, article: str, wanted: int) -> None:
        super().__init__(article, wanted)
        self.article = article

    def __str__(self) -> str:
        return f"no more {self.article}"


class Unpicklable(Exception):
    def __init__(self) -> None:
        super().__init__("holds a lock")
        self.lock = threading.Lock()


class Bell(workflow.EventListener):  # type: ignore[misc]  # Ray has no types
    async def poll_for_event(self, tone: str) -> str:
        return tone


def options(**kinds: Any) -> Any:
    return workflow.options(**kinds)


@ray.remote
def load(*needs: Any) -> str:
    return "loaded"


@ray.remote
def add(*needs: Any) -> int:
    return len(needs)


@ray.remote(num_cpus=0)
def wait_at(gate: str, *needs: Any) -> str:
    while not (GATES / gate).exists():
        time.sleep(0.05)
    return "open"


@ray.remote
def fail(how: str, *needs: Any) -> Any:
    if how == "custom":
        raise NoStock("apples", 3)
    if how == "exit":
        os._exit(1)
    if how == "sys.exit":
        sys.exit(3)
    if how == "unpicklable":
        raise Unpicklable
    if how == "unpicklable return":
        return threading.Lock()
    raise ValueError("bad row", 7)


@ray.remote
def fail_unless(gate: str, *needs: Any) -> str:
    if not (GATES / gate).exists():
        raise KeyError("the gate is closed")
    return "passed"


@ray.remote(num_cpus=0)
def fail_first(counter: str, then: str, *needs: Any) -> str:
    if not (GATES / counter).exists():
        (GATES / counter).touch()
        raise ConnectionError("attempt 1")
    if then == "wait":
        while not (GATES / NEVER).exists():
            time.sleep(0.05)
    if then == "exit":
        os._exit(1)
    return "done"


@ray.remote
def count_down(n: int) -> Any:
    return workflow.continuation(count_down.bind(n - 1)) if n else "zero"


@ray.remote
def outer() -> Any:
    return workflow.continuation(add.bind(inner.bind(), load.bind()))


@ray.remote
def inner() -> Any:
    return workflow.continuation(add.bind(load.bind(), load.bind()))


@ray.remote
def returns(what: str) -> Any:
    uncaught = {"catch_exceptions": False}
    if what == "failing":
        return workflow.continuation(fail.options(**options(**uncaught)).bind("plain"))
    if what == "failing inside":
        return workflow.continuation(add.bind(fail.options(**options(**uncaught)).bind("plain")))
    if what == "checked":
        return workflow.continuation(load.options(**options(checkpoint=True, task_id="checked end")).bind())
    if what == "skips":
        skipped = returns.options(**options(checkpoint=False, task_id="skipped"))
        return workflow.continuation(skipped.bind("checked"))
    return workflow.continuation(add.bind(load.bind()))


def named(function: Any, task_id: str, **more: Any) -> Any:
    return function.options(**options(task_id=task_id, **more))


def first() -> None:
    done = {
        "ok": (add.bind(load.bind(), load.bind(), load.bind()), {"team": "etl", "nested": {"n": [1, None]}}),
        "described": (named(load, "only", metadata={"owner": "ann", "rows": 5}).bind(), {}),
        "odd metadata": (load.bind(), {"loss": float("nan"), "up": float("inf"), "big": 2**70}),
        "names": (
            add.bind(named(load, "part").bind(), named(load, "part").bind(), named(load, "part_7").bind()),
            {},
        ),
        "slashes": (named(add, "a/end").bind(named(load, "a/b/c").bind(), named(load, "a/d").bind()), {}),
        "caught": (fail.options(**options(catch_exceptions=True)).bind("custom"), {}),
        "caught nothing": (load.options(**options(catch_exceptions=True)).bind(), {}),
        "caught above": (returns.options(**options(catch_exceptions=True)).bind("failing"), {}),
        "caught inside": (add.bind(returns.options(**options(catch_exceptions=True)).bind("failing inside")), {}),
        "chain": (add.bind(count_down.bind(2)), {}),
        "nested": (outer.bind(), {}),
        "retried": (fail_first.options(max_retries=2, retry_exceptions=True).bind("retried", ""), {}),
        "unchecked": (add.bind(named(load, "light", checkpoint=False).bind()), {}),
        "unchecked continuation": (named(returns, "light", checkpoint=False).bind("plain"), {}),
        "unchecked link": (named(returns, "root").bind("skips"), {}),
        "slept": (add.bind(workflow.sleep(0.1)), {}),
        "rang": (workflow.wait_for_event(Bell, "dong"), {}),
        "canceled after": (load.bind(), {}),
        "moving": (load.bind(), {}),
        **{workflow_id: (load.bind(), {}) for workflow_id in ODD_IDS},
    }
    failing: dict[str, tuple[Any, dict[str, Any]]] = {
        "failed": (add.bind(fail.bind("plain", load.bind()), wait_at.bind(NEVER)), {}),
        "failed custom": (fail.bind("custom"), {}),
        "resumed": (add.bind(fail_unless.bind("resume", load.bind())), {}),
        "queued again": (fail_unless.bind("resume"), {}),
        "killed retry": (fail_first.options(max_retries=1, retry_exceptions=True).bind("killed", "exit"), {}),
        **{h: (fail.options(max_retries=0).bind(h), {}) for h in ("exit", "sys.exit", "unpicklable")},
        "unpicklable return": (fail.options(max_retries=0).bind("unpicklable return"), {}),
    }
    running = {
        "crashed": (add.bind(load.bind(), wait_at.bind(NEVER)), {"run": 1}),
        "crashed retry": (fail_first.options(max_retries=3, retry_exceptions=True).bind("crashed", "wait"), {}),
        "canceled": (add.bind(wait_at.bind(NEVER)), {}),
    }
    workflow.init()
    for workflow_id, (dag, metadata) in {**running, **failing, **done}.items():
        workflow.run_async(dag, workflow_id=workflow_id, metadata=metadata)
    wait_for(dict.fromkeys(done, "SUCCESSFUL") | dict.fromkeys(failing, "FAILED") | dict.fromkeys(running, "RUNNING"))
    wait_until(lambda: (STORAGE / "crashed/tasks/__main__.load/output.pkl").exists())
    for workflow_id, task in (("crashed", "wait_at"), ("canceled", "wait_at"), ("failed", "wait_at")):
        wait_until(lambda w=workflow_id, t=task: (STORAGE / w / f"tasks/__main__.{t}/pre_task_metadata.json").exists())
    wait_until(_second_attempt_of_crashed_retry)
    workflow.cancel("canceled")
    workflow.cancel("canceled after")


def _second_attempt_of_crashed_retry() -> bool:
    folder = STORAGE / "crashed retry/tasks/__main__.fail_first"
    left, begun = folder / "exception.pkl", folder / "pre_task_metadata.json"
    return left.exists() and left.stat().st_mtime < begun.stat().st_mtime


def second(out: str) -> None:
    workflow.init(max_running_workflows=2, max_pending_workflows=2)
    (GATES / "resume").touch()
    workflow.resume("resumed")
    for workflow_id in ("busy 1", "busy 2", "queued"):
        workflow.run_async(add.bind(wait_at.bind(NEVER), load.bind()), workflow_id=workflow_id)
    workflow.resume_async("queued again")
    try:
        workflow.run_async(load.bind(), workflow_id="rejected")
    except queue.Full:  # Ray raises its own error as a subclass of the one in the actor
        pass
    else:
        raise AssertionError("the queue was meant to be full")
    for workflow_id in ("busy 1", "busy 2"):
        wait_until(lambda w=workflow_id: (STORAGE / w / "tasks/__main__.load/output.pkl").exists())
        wait_until(lambda w=workflow_id: (STORAGE / w / "tasks/__main__.wait_at/pre_task_metadata.json").exists())
    listed = {workflow_id: str(status.value) for workflow_id, status in workflow.list_all()}
    known = {*listed, *ODD_IDS, "rejected"}
    said = {
        "list_all": listed,
        "workflows": {i: workflow.get_metadata(i) for i in known},
        "tasks": {i: {t: workflow.get_metadata(i, t) for t in tasks_of(i)} for i in known},
    }
    Path(out).write_text(json.dumps(said))


def tasks_of(workflow_id: str) -> list[str]:
    base = STORAGE / workflow_id / "tasks"
    found = {path.parent for path in base.rglob("*.json") if path.parent != base}
    return [str(path.relative_to(base)) for path in found]


def wait_for(wanted: dict[str, str]) -> None:
    def say() -> dict[str, str]:
        return {workflow_id: str(workflow.get_status(workflow_id).value) for workflow_id in wanted}

    wait_until(lambda: say() == wanted, say)


def wait_until(condition: Any, say: Any = lambda: "") -> None:
    until = time.monotonic() + 120
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(say())
        time.sleep(0.1)


if __name__ == "__main__":
    ray.init(address=sys.argv[1], namespace="writer", log_to_driver=False, logging_level=logging.ERROR)
    if sys.argv[2] == "first":
        first()
    else:
        second(sys.argv[3])
