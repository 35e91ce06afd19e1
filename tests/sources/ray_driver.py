"""Runs on a test's cluster as a user's script would: `python ray_driver.py ADDRESS`, told what to do on stdin.

Stands alone: `import wftui` fails here. A line of JSON in, a line of JSON out. Tasks wait at gates: files that the
test makes.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import ray
from ray import workflow

GATES = Path.cwd() / "gates"
MANAGER = "WorkflowManagementActor"


class NoStock(Exception):
    pass


def wait_at(gate: str) -> None:
    while gate and not (GATES / gate).exists():
        time.sleep(0.05)


@ray.remote(num_cpus=0.2)
def step(gate: str, *needs: Any) -> str:
    wait_at(gate)
    return "done"


@ray.remote(num_cpus=0.2)
def fail_unless(gate: str, *needs: Any) -> str:
    """Fails as long as the gate is closed."""
    if not (GATES / gate).exists():
        raise NoStock("the shelf is empty")
    return "sold"


@ray.remote(num_cpus=0.2)
def fail_times(counter: str, times: int, gate: str, *needs: Any) -> str:
    """Fails so many times, then waits at the gate."""
    path = GATES / counter
    tried = int(path.read_text()) if path.exists() else 0
    path.write_text(str(tried + 1))
    if tried < times:
        raise NoStock(f"attempt {tried + 1}")
    wait_at(gate)
    return "done"


@ray.remote(num_cpus=0.2)
def split(gate: str) -> Any:
    """Returns a continuation of two tasks, the last of which waits."""
    return workflow.continuation(named("inner_last", step).bind(gate, named("inner_first", step).bind("")))


HOSTILE = "\x1b]0;title\x07\x1b[2J\u202e \x1b[31mred\x1b[0m\ttab\n"


def say(name: str, what: str) -> None:
    print(f"{name} out {what}")
    print(f"{name} err {what}", file=sys.stderr)


@ray.remote(num_cpus=0.2)
def talk(name: str, gate: str, *needs: Any) -> str:
    """Prints, waits at the gate, and prints its last words, without an end of line."""
    say(name, "first")
    sys.stdout.write(HOSTILE)
    wait_at(gate)
    say(name, "last")
    sys.stdout.write(f"{name} end")
    return "done"


@ray.remote(num_cpus=0.2)
def talk_twice(name: str, gate: str) -> str:
    """Fails at the first attempt."""
    path = GATES / f"{name}.tried"
    tried = int(path.exists())
    path.touch()
    say(name, f"attempt {tried + 1}")
    if not tried:
        raise NoStock("the first attempt")
    wait_at(gate)
    return "done"


@ray.remote(num_cpus=0.2)
def flood(gate: str) -> str:
    """Prints until the gate is open, but not more than a disk holds."""
    for _ in range(3_000):
        print("y\n" * 10_000, end="", flush=True)
        if (GATES / gate).exists():
            break
    else:
        wait_at(gate)
    return "done"


@ray.remote(num_cpus=0.2)
def tell_pid(name: str, gate: str, *needs: Any) -> str:
    """Writes and prints where it runs, and waits at the gate."""
    (GATES / f"{name}.pid").write_text(str(os.getpid()))
    say(name, f"pid {os.getpid()}")
    wait_at(gate)
    return "done"


OF_RAY = ("max_retries", "retry_exceptions", "num_cpus", "num_gpus", "resources")


def named(task_id: str, function: Any, **options: Any) -> Any:
    of_ray = {k: options.pop(k) for k in OF_RAY if k in options}
    return function.options(**of_ray, **workflow.options(task_id=task_id, **options))


def shape(kind: str, gate: str, size: int, asks: dict[str, Any]) -> Any:  # noqa: C901 - a list of shapes
    if kind == "asks":
        return named("asks", tell_pid, **asks).bind(f"{gate}.asks", gate)
    if kind == "half stuck":
        told = named("told", tell_pid).bind(f"{gate}.told", gate)
        return named("last", step).bind("", told, named("stuck", step, num_gpus=1).bind(""))
    if kind == "diamond":
        a = named("a", step).bind("")
        b, c = named("b", step).bind(gate, a), named("c", step).bind("", a)
        return named("d", step).bind("", b, c)
    if kind == "fails":
        first = named("first", step).bind("")
        return named("last", step).bind("", named("sell", fail_unless, max_retries=0).bind(gate, first))
    if kind == "retries":
        return named("flaky", fail_times, max_retries=5, retry_exceptions=True).bind(gate + ".count", 2, gate)
    if kind == "continues":
        return named("outer_last", step).bind("", named("outer", split).bind(gate))
    if kind == "talks":
        first = named("one", talk).bind("one", "")
        second = named("two", talk).bind("two", "", first)
        return named("three", talk).bind("three", gate, second)
    if kind == "talks twice":
        return named("again", talk_twice, max_retries=2, retry_exceptions=True).bind("again", gate)
    if kind == "floods":
        return named("flood", flood).bind(gate)
    if kind == "chain":
        last = named("c0", step).bind("")
        for i in range(1, size):
            last = named(f"c{i}", step).bind(gate, last)
        return last
    if kind == "fan":
        parts = [named(f"p{i}", step).bind(gate) for i in range(size)]
        return named("all", step).bind("", *parts)
    raise ValueError(kind)


def find_manager() -> Any:
    try:
        return ray.get_actor(MANAGER, namespace="workflow")
    except ValueError:
        return None


def do(what: str, **given: Any) -> Any:  # noqa: C901 - a list of commands
    if what == "init":
        workflow.init(**given)
        return None
    if what == "submit":
        dag = shape(given["kind"], given.get("gate", ""), given.get("size", 3), given.get("asks", {}))
        workflow.run_async(dag, workflow_id=given["id"], metadata=given.get("metadata"))
        return None
    if what == "list":
        return sorted((i, status.value) for i, status in workflow.list_all())
    if what == "status":
        return workflow.get_status(given["id"]).value
    if what == "metadata":
        return workflow.get_metadata(given["id"], given.get("task"))
    if what == "output":
        return workflow.get_output(given["id"])
    if what == "ray task":
        from ray.util.state import get_task

        found = get_task(given["id"], address=f"http://{given['dashboard']}", timeout=60)
        if found is None:
            return None
        return {"state": found.state, "node": found.node_id, "pid": found.worker_pid, "asks": found.required_resources}
    if what == "has manager":
        return find_manager() is not None
    if what == "manager imports wftui":
        manager = find_manager()
        return ray.get(manager.__ray_call__.remote(_imports_wftui))
    if what == "kill manager":
        ray.kill(find_manager())
        while find_manager() is not None:
            time.sleep(0.05)
        return None
    if what == "pretend":
        from ray.experimental import internal_kv

        old = internal_kv._internal_kv_get(b"CLUSTER_METADATA", namespace="cluster")
        new = json.dumps({**json.loads(old), **given}).encode()
        internal_kv._internal_kv_put(b"CLUSTER_METADATA", new, overwrite=True, namespace="cluster")
        return old.decode()
    if what == "actors":
        return sorted(actor["name"] for actor in ray.util.list_named_actors(all_namespaces=True))
    if what == "free cpus":
        return ray.available_resources().get("CPU", 0.0)
    if what == "observers":
        from ray._private.state import actors

        alive = [one for one in actors().values() if one["State"] == "ALIVE"]
        return [one["ActorID"] for one in alive if one["ActorClassName"] == "Observer"]
    if what == "jobs":
        from ray._private.state import jobs

        return [job["DriverPid"] for job in jobs() if not job["IsDead"]]
    raise ValueError(what)


def _imports_wftui(manager: Any) -> str:
    try:
        import wftui
    except ImportError as error:
        return str(error)
    return str(wftui.__file__)


def main(address: str) -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"value": do(request.pop("do"), **request)}
        except Exception:
            answer = {"raised": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
