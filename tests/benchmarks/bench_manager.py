"""What a look costs the workflow manager, in empty calls: `python -m tests.benchmarks.bench_manager`.

Starts a cluster whose manager runs 1,000 tasks, in one workflow and in fifty. The manager's event loop is one thread:
its own CPU time over many calls is what they hold it for. That of the whole process counts what Ray does around them.

Then a question to the State API, where 40 tasks are: among 40 that wait, and among 1,000 more, beside Ray's own list of
tasks, which is what one would ask otherwise. Such a question is asked at most a sixth of the time (`places._SHARE`),
and only about what is on screen.
"""

from __future__ import annotations

import json
import pickle
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measuring import wall
from tests.sources.ray_clusters import TestCluster, eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLS = 60
ROUNDS = 9
SHAPES = ((1, 1000), (50, 20))
LIMIT = 5.0
"""Empty calls that one look may hold the event loop for."""


def _clocks(manager: Any) -> tuple[float, float]:
    """CPU seconds of the loop's thread, and of the whole process, so far."""
    return time.thread_time(), time.process_time()


def _cost(manager: Any, function: Any, arguments: Sequence[tuple[object, ...]]) -> tuple[float, float]:
    """CPU seconds of the loop's thread and of the process, a call: the least of three rounds."""
    import ray

    from wftui.sources.ray.cluster.near import manager as in_manager
    from wftui.sources.ray.cluster.near.looking import ship

    rounds = []
    for _ in range(3):
        thread, process = ray.get(ship(manager, in_manager.on_loop, _clocks))
        for given in arguments:
            ray.get(ship(manager, function, *given) if given else manager.__ray_call__.remote(function))
        thread2, process2 = ray.get(ship(manager, in_manager.on_loop, _clocks))
        rounds.append(((thread2 - thread) / len(arguments), (process2 - process) / len(arguments)))
    return min(r[0] for r in rounds), min(r[1] for r in rounds)


def measure(address: str) -> dict[str, float]:
    """Run inside a process of its own: costs in empty calls."""
    import ray

    from wftui.sources.ray.cluster.looks import BUDGET
    from wftui.sources.ray.cluster.memory import Memory
    from wftui.sources.ray.cluster.near import manager as in_manager
    from wftui.sources.ray.cluster.near.looking import ship

    ray.init(address=address, log_to_driver=False, logging_level="CRITICAL")
    manager = ray.get_actor("WorkflowManagementActor", namespace="workflow")
    memory = Memory()
    slices: list[tuple[object, ...]] = []
    while not slices or memory.is_behind:
        slices.append((memory.known(), BUDGET))
        memory.merge(pickle.loads(ray.get(ship(manager, in_manager.look, *slices[-1]))))
    known = memory.known()
    # A workflow is told again when its stamp differs: as if a task of each had just ended.
    moved = {workflow_id: (stamp + 1, *rest) for workflow_id, (stamp, *rest) in known.items()}
    empty = _cost(manager, lambda _: None, [()] * CALLS)
    first = _cost(manager, in_manager.look, slices * (CALLS // len(slices)))
    idle = _cost(manager, in_manager.look, [(known, BUDGET)] * CALLS)
    busy = _cost(manager, in_manager.look, [(moved, BUDGET)] * CALLS)
    return {
        "first": first[0] / empty[0],
        "idle": idle[0] / empty[0],
        "busy": busy[0] / empty[0],
        "first, whole process": first[1] / empty[1],
        "idle, whole process": idle[1] / empty[1],
        "busy, whole process": busy[1] / empty[1],
        "empty call, ms of the loop": empty[0] * 1000,
    }


def run(workflows: int, tasks: int) -> dict[str, float]:
    """Start a cluster whose manager runs so many tasks, and measure."""
    cluster = TestCluster(cpus=1)
    try:
        cluster.start()
        driver = cluster.driver()
        for number in range(workflows):
            driver.do("submit", kind="fan", gate="never", size=tasks, id=f"fan-{number}")
        eventually(lambda: len(driver.do("list")) == workflows)
        command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.bench_manager", cluster.address]
        out = subprocess.run(command, check=True, capture_output=True, text=True)
        driver.close()
        answer: dict[str, float] = json.loads(out.stdout.splitlines()[-1])
        return answer
    finally:
        cluster.close()


def measure_where(address: str, dashboard: str) -> dict[str, float]:
    """Run inside a process of its own: seconds for a task, and for a list of all, the middle ones of several."""
    import ray
    from ray.util.state import list_tasks

    from wftui.sources.ray.cluster.memory import Memory
    from wftui.sources.ray.cluster.near.looking import ManagerLooking
    from wftui.sources.ray.cluster.near.whereabouts import MOST_TASKS, Whereabouts

    ray.init(address=address, log_to_driver=False, logging_level="CRITICAL")
    memory, looking = Memory(), ManagerLooking()
    while not memory.ids() or memory.is_behind:
        memory.merge(looking.look(memory.known(), 5_000)[1])
    ids = list(memory.ray_ids("few").values())[:MOST_TASKS]
    asking = Whereabouts()

    def per_task() -> float:
        """Seconds; what was not answered in time is not counted."""
        told = asking.where(ids)
        return told.seconds / len(told.tasks) if told.tasks else 0.0

    eventually(per_task, 60.0)
    ours = statistics.median(per_task() for _ in range(ROUNDS))
    theirs = statistics.median(wall(lambda: list_tasks(address=f"http://{dashboard}", limit=10_000)) for _ in range(5))
    return {"where": ours, "list": theirs}


def run_where() -> tuple[dict[str, float], dict[str, float]]:
    """Start a cluster with a State API, and measure with few tasks, and with many."""
    cluster = TestCluster(cpus=1, dashboard=True, client=False)
    told = []
    try:
        cluster.start()
        driver = cluster.driver()
        for name, size in (("few", 40), ("many", 1_000)):
            driver.do("submit", kind="fan", gate="never", size=size, id=name)
            eventually(lambda name=name: name in dict(driver.do("list")))  # type: ignore[misc]  # bound at once
            command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.bench_manager", cluster.address]
            command.append(f"127.0.0.1:{cluster.dashboard_port}")
            out = subprocess.run(command, check=True, capture_output=True, text=True)
            told.append(json.loads(out.stdout.splitlines()[-1]))
        driver.close()
        return told[0], told[1]
    finally:
        cluster.close()


def main() -> int:
    """Measure, print ratios, and tell whether they are within the limit."""
    worst = 0.0
    for workflows, tasks in SHAPES:
        ratios = run(workflows, tasks)
        print(f"{workflows} workflows of {tasks} running tasks, in empty calls:")
        for name, ratio in ratios.items():
            print(f"  {name:<28} {ratio:6.2f}")
        worst = max(worst, *(ratios[name] for name in ("first", "idle", "busy")))
    few, many = run_where()
    print("where 40 tasks are, asked of the State API:")
    print(f"  {'among 1,000 more / alone':<28} {many['where'] / few['where']:6.2f}")
    print(f"  {'a task of Ray listing them all':<28} {many['where'] / many['list']:6.3f}")
    print(f"  {'a task, ms':<28} {many['where'] * 1000:6.1f}")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure_where(*sys.argv[1:3])))
    elif len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        sys.exit(main())
