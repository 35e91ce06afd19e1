"""What runs inside the workflow manager: one small look at its memory.

Shipped by value into an actor of another job, which has no wftui: standard library only, no state left behind, plain
data back. The actor is single-threaded and drives everybody's workflows, so a look costs what changed, and a bound.
The fields are those of `ray/workflow/workflow_state.py`, the same in every Ray that has `ray.workflow`.
"""

from __future__ import annotations

import pickle
import time
from itertools import islice
from pathlib import Path


def look(manager, known, since, budget):  # type: ignore[no-untyped-def]
    """What changed since the last look.

    Args:
        manager: The `WorkflowManagementActor`.
        known: What the caller has: `{workflow id: (stamp, epoch, tasks, continuations)}`, counts of what was sent.
        since: The `now` of the last look, by the manager's clock; 0 for the first.
        budget: At most about so many tasks in one answer; what is left follows with the next look.

    Returns:
        Pickled `(now, workflows running or queued, changed)`, `changed` being a list of
        `(id, stamp, epoch, queued, resumed, output task, total, tasks, times, retries, done, stopped, continuations)`:
        `total` all tasks; `tasks` the new ones as `(id, upstream, parent, max_retries, checkpoint, catches)`; `times`
        as `(id, submitted, finished)` where either is new; `done` those that returned continuations which are through,
        or whose error was caught; `stopped` those that ended with an error; `continuations` the new `(id, next id)`.
    """
    now = time.time()
    since -= 1.0  # a clock that was set back a little loses nothing
    changed = []
    for workflow_id, executor in manager._workflow_executors.items():
        state = executor.get_state()
        runs, upstream, follows = state.task_execution_metadata, state.upstream_dependencies, state.next_continuation
        stamp = hash(
            (
                len(upstream),
                len(runs),
                len(state.done_tasks),
                len(follows),
                len(state.running_frontier),
                sum(state.task_retries.values()),
                workflow_id in manager._queued_workflows,
            )
        )
        epoch = id(state)
        had = known.get(workflow_id)
        if had is None or had[1] != epoch:
            had, after = (0, 0, 0, 0), 0.0
        else:
            after = since
            if had[0] == stamp and had[2] == len(upstream):
                continue
        tasks = []
        for task_id, needs in islice(upstream.items(), had[2], had[2] + max(0, budget)):
            task, context = state.tasks.get(task_id), state.task_context.get(task_id)
            options = task and task.options
            tasks.append(
                (
                    task_id,
                    list(needs),
                    (context and context.creator_task_id) or "",
                    options and options.max_retries,
                    options and options.checkpoint,
                    options and options.catch_exceptions,
                )
            )
        budget -= len(tasks)
        first = next(iter(state.tasks.values()), None)
        changed.append(
            (
                workflow_id,
                stamp,
                epoch,
                workflow_id in manager._queued_workflows,
                first is not None and first.task_id == "",
                state.output_task_id,
                len(upstream),
                tasks,
                [
                    (task_id, run.submit_time, run.finish_time)
                    for task_id, run in runs.items()
                    if (run.submit_time or 0) >= after or (run.finish_time or 0) >= after
                ],
                {task_id: count for task_id, count in state.task_retries.items() if count},
                [t for t in state.done_tasks if t in follows or t not in runs or runs[t].finish_time is None],
                [t for t, run in runs.items() if run.finish_time is None and t not in state.running_frontier_set],
                list(islice(follows.items(), had[3], None)),
            )
        )
    return pickle.dumps((now, list(manager._workflow_executors), changed), protocol=5)


def cancel(manager, workflow_id):  # type: ignore[no-untyped-def]
    """Cancel a workflow if it runs at this moment, which nothing can change meanwhile: the actor is single-threaded.

    What `cancel_workflow` does for a running workflow, without what it does to others (traps 4 and 5).

    Returns:
        "canceling"; or why not: "absent" (it does not run), "queued", or "idle" (no task of it runs just now).
    """
    executor = manager._workflow_executors.get(workflow_id)
    if executor is None:
        return "absent"
    if workflow_id in manager._queued_workflows:
        return "queued"
    if not executor.get_state().running_frontier:
        return "idle"
    executor.cancel()
    return "canceling"


def identify(manager, path):  # type: ignore[no-untyped-def]  # noqa: ARG001 - the manager is where it runs
    """What the manager sees at `path`: `(inode, mtime in ns)`, or None; for telling whether we see the same file."""
    try:
        seen = Path(path).stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns
