"""What runs inside the workflow manager: one small look at its memory.

Shipped by value into an actor of another job, which has no wftui: standard library only, no state left behind, plain
data back. The actor's event loop drives everybody's workflows. Ray unpickles arguments in that loop, but runs such a
call in a thread beside it: so our code travels as bytes that are unpickled here, and hands to the loop only what must
not meet a change, which costs what changed, with a bound.

The fields are those of `ray/workflow/workflow_state.py`, the same in every Ray that has `ray.workflow`.
"""

from __future__ import annotations

import asyncio
import pickle
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


PER_WORKFLOW = 10
"""What a workflow costs of the budget beside its tasks: it takes as long as ten of them."""
KNOWN_PER_NEW = 8
"""So many tasks that were told before cost as much as a new one."""
MOST_RUNNING = 5_000
"""So many running tasks of a workflow are gone through for their ids in Ray, the newest first."""
_NOTHING = (0, 0, 0, 0, 0.0)
_STILL: tuple[object, ...] = ((), {}, (), ())


LOOP_TIMEOUT = 2.0
"""Seconds that the manager's loop gets to take up our work."""


def run(manager: Any, code: bytes) -> Any:
    """Call the function in `code`, a pickled `(function, arguments)`, with the manager and the arguments."""
    function, arguments = pickle.loads(code)  # noqa: S301 - our own, see `calls`
    return function(manager, *arguments)


def on_loop(manager: Any, work: Callable[..., Any], *arguments: Any) -> Any:
    """Do it in the manager's event loop, and return what it gives.

    Raises:
        TimeoutError: The loop does not take it up; it will not do so later either.
    """
    loop = _loop_of(manager)
    if loop is None:  # we are in it, or no workflow runs and there is none to meet
        return work(manager, *arguments)
    done: Future[Any] = Future()

    def run() -> None:
        if done.set_running_or_notify_cancel():
            try:
                done.set_result(work(manager, *arguments))
            except Exception as error:  # noqa: BLE001 - raised again where it is waited for
                done.set_exception(error)

    loop.call_soon_threadsafe(run)
    try:
        return done.result(LOOP_TIMEOUT)
    except FutureTimeout:
        if done.cancel():
            raise
        return done.result()


def _loop_of(manager: Any) -> Any:
    """The event loop that drives the workflows, as one of them knows it; None inside of it, or where none runs."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        return None
    for future in manager._queued_workflows.copy().values():
        return future.get_loop()
    for executor in manager._workflow_executors.copy().values():
        # A queue is bound to its loop as soon as somebody waits at it, which a workflow does once its first tasks run.
        loop = getattr(executor._completion_queue, "_loop", None)
        if loop is not None:
            return loop
        for future in executor.get_state().running_frontier.copy():
            return future.get_loop()
    return None


def look(manager: Any, known: Mapping[str, tuple[int, int, int, int, float]], budget: int) -> bytes:
    """What changed since the last look, read in the loop, made plain and pickled outside of it; see `_look`."""
    now, running, behind, changed = on_loop(manager, _look, known, budget)
    return pickle.dumps((now, running, behind, [_plain(*entry) for entry in changed]), protocol=5)


def _plain(*entry: Any) -> tuple[object, ...]:
    """What was told of a workflow, without what only Ray can unpickle."""
    *head, tasks, times, retries, done, stopped, follows, given = entry
    told = [(*task[:-1], _asked(task[-1])) for task in tasks]
    ids = [(task_id, attempt, ref.task_id().binary()) for task_id, attempt, ref in given]
    return (*head, told, times, retries, done, stopped, follows, ids)


def _asked(options: Mapping[str, Any] | None) -> dict[str, float] | None:
    """What a task asks of a node, by Ray's names; None where that is not known. Zeros are left out."""
    if options is None:
        return None
    cpus, gpus, memory = options.get("num_cpus"), options.get("num_gpus"), options.get("memory")
    asked = {"CPU": 1.0 if cpus is None else cpus, "GPU": gpus, "memory": memory, **(options.get("resources") or {})}
    return {str(name): float(amount) for name, amount in asked.items() if amount}


def _look(manager: Any, known: Mapping[str, tuple[int, int, int, int, float]], budget: int) -> tuple[object, ...]:
    """What changed since the last look.

    Args:
        manager: The `WorkflowManagementActor`.
        known: What the caller has: `{workflow id: (stamp, epoch, tasks, continuations, told)}`: counts of what was
            sent, and the `now` of the look that sent it last.
        budget: At most about so many tasks in one answer; the next look gets what is left.

    Returns:
        `(now, workflows running or queued, whether something is left, changed)`, `changed` being a list of
        `(id, stamp, epoch, queued, resumed, output task, total, tasks, times, retries, done, stopped, continuations,
        given)`: `total` all tasks; `tasks` the new ones as
        `(id, upstream, parent, max_retries, checkpoint, catches, submitted, finished, options)`; `times` as
        `(id, submitted, finished)` of others where either is new; `done` those whose continuation is through or whose
        error was caught; `stopped` those that ended with an error; `continuations` the new `(id, next id)`; `given`
        what newly runs as `(id, attempt, reference)`, from which comes the id of Ray's task. Ray's options and the
        references are for `_plain`.
    """
    now = time.time()
    changed = []
    behind = False
    for workflow_id, executor in manager._workflow_executors.copy().items():
        state = executor.get_state()
        queued = workflow_id in manager._queued_workflows
        stamp, epoch, total = _stamp(state, queued), id(state), len(state.upstream_dependencies)
        had = known.get(workflow_id, _NOTHING)
        if had[1] != epoch:
            had = _NOTHING
        elif had[0] == stamp and had[2] == total:
            continue
        if budget <= 0:
            behind = True
            continue
        new = dict(islice(state.upstream_dependencies.items(), had[2], had[2] + budget))
        tasks = [_task(state, task_id, upstream) for task_id, upstream in new.items()]
        budget -= len(tasks) + len(state.task_execution_metadata) // KNOWN_PER_NEW + PER_WORKFLOW
        is_whole = had[2] + len(tasks) >= total
        behind = behind or not is_whole
        first = next(iter(state.tasks.values()), None)
        resumed = first is not None and first.task_id == ""
        head = (workflow_id, stamp, epoch, queued, resumed, state.output_task_id, total)
        follows = list(islice(state.next_continuation.items(), had[3], None))
        # A clock that was set back by less than a second loses nothing. What moves is told with the last slice.
        after = had[4] - 1.0 if had[4] else now
        moves = _progress(state, after) if is_whole else _STILL
        changed.append((*head, tasks, *moves, follows, _given(state, new, after)))
    return now, list(manager._workflow_executors), behind, changed


def _stamp(state: Any, queued: bool) -> int:
    """A number that changes with every step of a workflow: each of its steps makes one of these counts grow."""
    return hash(
        (
            len(state.upstream_dependencies),
            len(state.task_execution_metadata),
            len(state.done_tasks),
            len(state.next_continuation),
            len(state.running_frontier),
            sum(state.task_retries.values()),
            queued,
        )
    )


def _task(state: Any, task_id: str, upstream: list[str]) -> tuple[object, ...]:
    """What stays as it is: a resumed workflow holds no `Task` for those that returned a continuation before."""
    task, context = state.tasks.get(task_id), state.task_context.get(task_id)
    parent = context.creator_task_id if context is not None else ""
    run = state.task_execution_metadata.get(task_id)
    times = (run.submit_time, run.finish_time) if run is not None else (None, None)
    if task is None:
        return task_id, list(upstream), parent, None, None, None, *times, None
    options = task.options
    settings = options.max_retries, options.checkpoint, options.catch_exceptions
    return task_id, list(upstream), parent, *settings, *times, options.ray_options


def _given(state: Any, new: Mapping[str, object], after: float) -> list[tuple[str, int, Any]]:
    """What was given to Ray after that time, or runs and is told for the first time, with the reference to its output.

    Running tasks lie in the order in which they were given, so that only the last ones have to be looked at.
    """
    running, runs, retries = state.running_frontier, state.task_execution_metadata, state.task_retries
    found = [one for one in islice(running.values(), MOST_RUNNING) if one.task_id in new] if new else []
    for one in islice(reversed(running.values()), MOST_RUNNING):
        if runs[one.task_id].submit_time < after:
            break
        if one.task_id not in new:
            found.append(one)
    return [(one.task_id, retries.get(one.task_id, 0) + 1, one.ref) for one in found]


def _progress(state: Any, after: float) -> tuple[object, ...]:
    """What moves: times, retries, done, stopped."""
    runs, follows, running = state.task_execution_metadata, state.next_continuation, state.running_frontier_set
    times, stopped = [], []
    for task_id, run in runs.items():
        submitted, finished = run.submit_time, run.finish_time
        if finished is None:
            if task_id not in running:
                stopped.append(task_id)
            if submitted >= after:
                times.append((task_id, submitted, finished))
        elif finished >= after:
            times.append((task_id, submitted, finished))
    done = [i for i in state.done_tasks if i in follows or i not in runs or runs[i].finish_time is None]
    return times, {task_id: count for task_id, count in state.task_retries.items() if count}, done, stopped


def cancel(manager: Any, workflow_id: str) -> str:
    """Cancel a workflow if it runs at this moment; see `_cancel`."""
    return str(on_loop(manager, _cancel, workflow_id))


def _cancel(manager: Any, workflow_id: str) -> str:
    """Cancel a workflow if it runs, which cannot change meanwhile in the loop.

    What `cancel_workflow` does for a running workflow, without what it does to others (traps 4 and 5).

    Returns:
        "canceling"; or why not: "absent" (it does not run), "queued", or "idle" (no task of it runs just now: those
        whose end is there and was not taken in yet cannot be cancelled any more, and the workflow would go on).
    """
    executor = manager._workflow_executors.get(workflow_id)
    if executor is None:
        return "absent"
    if workflow_id in manager._queued_workflows:
        return "queued"
    if all(future.done() for future in executor.get_state().running_frontier):
        return "idle"
    executor.cancel()
    return "canceling"


def identify(manager: Any, path: str) -> tuple[int, int] | None:  # noqa: ARG001 - the manager is where it runs
    """What the manager sees at `path`: `(inode, mtime in ns)`, or None; for telling whether we see the same file."""
    try:
        seen = Path(path).stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns
