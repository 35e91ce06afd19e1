"""The manager's memory laid over what the storage holds: rows and details of a live cluster.

Who is right: the manager about the workflows it runs, the storage about all others. RESUMABLE is told of a workflow
that the storage holds as RUNNING or PENDING and the manager does not run, as Ray's own `get_status` does it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from wftui.model.status import Status, StatusSource
from wftui.model.task import Attempt, Task, TaskKind
from wftui.model.workflow import Progress, WorkflowDetail, WorkflowSummary
from wftui.sources.ray.cluster.losses import loss
from wftui.sources.ray.cluster.waiting import asks_words, attempt_words, shortage, upstream_words, why_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.model.task import ErrorInfo
    from wftui.model.workflow import WorkflowKey
    from wftui.sources.ray.cluster.memory import LiveTask, LiveWorkflow
    from wftui.sources.ray.cluster.near.whereabouts import Node, RayTask
    from wftui.sources.ray.cluster.waiting import Waiting

ARMED = "cancel armed"
FORGOTTEN = "Ray tells nothing of this task: it keeps the last 100,000 (RAY_task_events_max_num_task_in_gcs)"
_SKEW = 5.0
"""Seconds that the clocks of two nodes may differ."""
_DONE = frozenset({"FINISHED", "FAILED"})


class Seen(NamedTuple):
    """What is known of the tasks of one workflow beside the manager's memory.

    Attributes:
        ids: The id of Ray's own task for the latest attempt of each.
        places: What Ray told of its tasks, by their ids.
        nodes: All nodes that are alive.
        untold: Why Ray tells nothing; "" where it does.
        earlier: The ids of Ray's own tasks for earlier attempts, by task and number.
        lost: The names of nodes that are lost, by Ray's ids of them.
        unknown: Ray's ids of its tasks that it was asked for and knows nothing of.
    """

    ids: Mapping[str, str] = {}
    places: Mapping[str, RayTask] = {}
    nodes: Sequence[Node] = ()
    untold: str = ""
    earlier: Mapping[str, Mapping[int, str]] = {}
    lost: Mapping[str, str] = {}
    unknown: frozenset[str] = frozenset()

    def place(self, task_id: str) -> RayTask | None:
        """Where the latest attempt of a task is, or was; None where that is not known."""
        return self.places.get(self.ids.get(task_id, ""))

    def node(self, place: RayTask | None) -> str | None:
        """The name of a node; of one of which it is not known (any more) the beginning of its id."""
        if place is None or not place.node:
            return None
        known = next((node.name for node in self.nodes if node.id == place.node), None)
        return known or self.lost.get(place.node) or place.node[:12]

    def loss(self, place: RayTask | None) -> ErrorInfo | None:
        """Why an attempt ended without an exception of its own; None where Ray does not tell that it did."""
        return loss(place, self.node(place))


UNSEEN = Seen()


def lay_over_row(
    row: WorkflowSummary,
    live: LiveWorkflow | None,
    *,
    armed: bool = False,
    infer: bool = True,
    nodes: Sequence[Node] = (),
    why: str = "",
) -> WorkflowSummary:
    """The row as the cluster sees it.

    Args:
        row: As the storage holds it.
        live: The same workflow in the manager's memory; None if the manager does not run it.
        armed: Whether a cancel waits for it.
        infer: Whether RESUMABLE may be inferred: not before the manager was heard.
        nodes: The nodes of the cluster, where they are known.
        why: Why it failed, if it did without an exception.
    """
    note = ARMED if armed else (why if live is None else "") or row.note or stuck_words(live, nodes)
    if live is not None:
        return replace(
            row,
            status=live.status,
            status_source=StatusSource.CLUSTER,
            ended_at=None,
            ended_at_source=None,
            error=None,
            progress=_progress(row, live),
            note=note,
        )
    if infer and row.recorded_status in (Status.RUNNING.value, Status.PENDING.value):
        return replace(row, status=Status.RESUMABLE, status_source=StatusSource.CLUSTER, note=note)
    return replace(row, note=note) if note != row.note else row


def stuck_words(live: LiveWorkflow | None, nodes: Sequence[Node]) -> str:
    """Why nothing of a workflow can go on: all that runs asks for what no node has. "" where something can."""
    if live is None or not live.asks or not nodes:
        return ""
    short = [(asks, shortage(asks, nodes)) for asks in live.asks]
    if not all(one is not None and one.is_stuck for _, one in short):
        return ""
    asks, one = short[0]
    return "" if one is None else f"waits: asks {asks_words(asks)}; {one.words}"


def row_from_memory(
    key: WorkflowKey, live: LiveWorkflow, *, armed: bool = False, nodes: Sequence[Node] = ()
) -> WorkflowSummary:
    """The row of a workflow of which only the manager tells (so far)."""
    return WorkflowSummary(
        key,
        live.status,
        StatusSource.CLUSTER,
        "",
        started_at=live.submitted,
        progress=live.progress,
        note=ARMED if armed else stuck_words(live, nodes),
        complete=True,
    )


def lay_over_detail(
    summary: WorkflowSummary,
    detail: WorkflowDetail,
    live: LiveWorkflow | None,
    tasks: tuple[LiveTask, ...],
    seen: Seen = UNSEEN,
) -> WorkflowDetail:
    """The whole of a workflow as the cluster sees it.

    Args:
        summary: Its row as the cluster sees it.
        detail: As the storage holds it.
        live: The same workflow in the manager's memory; None if the manager does not run it.
        tasks: Its tasks there.
        seen: What else is known of them.
    """
    if live is None:
        if summary.status is Status.RESUMABLE:
            detail = replace(detail, tasks=tuple(map(_interrupted, detail.tasks)))
        return replace(detail, summary=summary, tasks=tuple(_explained(_placed(t, seen), seen) for t in detail.tasks))
    in_memory = {task.id: task for task in tasks}
    merged = [
        lay_over_task(task, in_memory.pop(task.id), seen) if task.id in in_memory else task for task in detail.tasks
    ]
    merged += [task_from_memory(task, seen) for task in in_memory.values()]
    output = detail.output_task or live.output_task
    return replace(detail, summary=summary, tasks=_with_upstream(merged, live), output_task=output)


def detail_from_memory(
    row: WorkflowSummary, live: LiveWorkflow, tasks: tuple[LiveTask, ...], seen: Seen = UNSEEN
) -> WorkflowDetail:
    """The whole of a workflow of which only the manager tells."""
    made = [task_from_memory(task, seen) for task in tasks]
    return WorkflowDetail(row, _with_upstream(made, live), live.output_task)


def lay_over_task(task: Task, live: LiveTask, seen: Seen = UNSEEN) -> Task:
    """A task of a running workflow: the storage knows its files, the manager where it is, Ray on which node."""
    kept = task.status is Status.SUCCESSFUL and not _runs_again(task, live)
    status = Status.SUCCESSFUL if kept else live.status
    ended_at, ended_at_source = task.ended_at, task.ended_at_source
    if not (status.is_terminal or live.continuation is not None):  # what returned a sub-DAG is itself at its end
        ended_at, ended_at_source = None, None
    elif ended_at is None and live.finished is not None:
        ended_at = live.finished
    error = task.error
    if error is not None and status.is_active:
        error = replace(error, stale=True)
    laid = replace(
        task,
        status=status,
        kind=TaskKind.CONTINUATION if live.continuation and task.kind is TaskKind.TASK else task.kind,
        parent=task.parent or live.parent,
        continuation=task.continuation or live.continuation,
        ended_at=ended_at,
        ended_at_source=ended_at_source,
        max_retries=task.max_retries if task.max_retries is not None else live.max_retries,
        error=error,
    )
    laid = _explained(_placed(laid, seen), seen)
    if status is Status.RUNNING and live.continuation is None:
        laid = _at_work(laid, live, seen)
    return replace(laid, attempts=_attempts(laid, live, task, seen)) if _is_counted(live) else laid


def task_from_memory(live: LiveTask, seen: Seen = UNSEEN) -> Task:
    """A task of which only the manager tells: the storage has no files of it, or cannot be read."""
    options: dict[str, object] = {}
    if live.checkpoint is not None:
        options["checkpoint"] = live.checkpoint
    if live.catches is not None:
        options["catch_exceptions"] = live.catches
    task = Task(
        id=live.id,
        name=live.id,
        kind=TaskKind.CONTINUATION if live.continuation else TaskKind.TASK,
        status=live.status,
        upstream=live.upstream,
        parent=live.parent,
        continuation=live.continuation,
        started_at=live.submitted,
        ended_at=live.finished,
        max_retries=live.max_retries,
        options=options,
    )
    task = _placed(task, seen)
    if live.status is Status.RUNNING and live.continuation is None:
        task = _at_work(task, live, seen, only_memory=True)
    return replace(task, attempts=_attempts(task, live, None, seen)) if _is_counted(live) else task


def _is_counted(live: LiveTask) -> bool:
    """Whether the manager tells which attempt it is; of what ended it forgets it."""
    return live.retries > 0 or (live.status is Status.RUNNING and live.continuation is None)


def _placed(task: Task, seen: Seen) -> Task:
    """With the node and the process that it ran on, or runs on."""
    place = seen.place(task.id)
    if place is None or (not place.node and place.pid is None):
        return task
    return replace(task, node=seen.node(place), pid=place.pid)


def _explained(task: Task, seen: Seen) -> Task:
    """With why it ended, where it left no exception and Ray tells."""
    if task.error is not None or task.status not in (Status.UNKNOWN, Status.FAILED) or task.output_size is not None:
        return task
    error = seen.loss(seen.place(task.id))
    return task if error is None else replace(task, status=Status.FAILED, error=error)


def _at_work(task: Task, live: LiveTask, seen: Seen, *, only_memory: bool = False) -> Task:
    """What was given to Ray: it runs, or waits and why. Where only the manager tells, it counts as running."""
    place = seen.place(task.id)
    untold = seen.untold or (FORGOTTEN if seen.ids.get(live.id) in seen.unknown else "") if place is None else ""
    waiting = why_waiting(place, live.asks, seen.nodes)
    unknown = only_memory and place is None and not waiting.is_stuck
    if unknown or _has_begun(task, live, place, waiting):
        begun = task.started_at
        if place is not None and place.running_since is not None and not _began_after(task, live):
            begun = place.running_since
        return replace(task, started_at=begun, untold=untold)
    words = waiting.words
    if live.retries:
        words = f"a retry ({attempt_words(live.retries + 1, live.max_retries)}; {words})"
    since = place.since if place is not None and place.since is not None else live.submitted
    return replace(
        task,
        # What the cluster does not have will not come by itself; for all else it is only a matter of time.
        status=Status.WAITING if waiting.is_stuck else Status.READY,
        started_at=None,
        waiting_for=words,
        waiting_since=since,
        untold=untold,
    )


def _has_begun(task: Task, live: LiveTask, place: RayTask | None, waiting: Waiting) -> bool:
    """Whether the latest attempt of a task that was given to Ray runs.

    What Ray tells lags by a second or two, in which the storage may have told that it began.
    """
    if place is not None:
        ran = place.running_since is not None or place.state in _DONE or place.state.startswith("RUNNING")
        return ran or _began_after(task, live)
    if task.started_at is None or waiting.is_stuck:
        return False
    return live.retries > 0 or _began_after(task, live)


def _began_after(task: Task, live: LiveTask) -> bool:
    """Whether the start in the storage is that of the latest attempt."""
    if task.started_at is None or task.started_at == live.submitted:
        return False
    return live.submitted is None or task.started_at > live.submitted - (0.0 if live.retries else _SKEW)


def _with_upstream(tasks: Sequence[Task], live: LiveWorkflow) -> tuple[Task, ...]:
    """Those that wait for others, with which; of a queued workflow, with what the whole of it waits for."""
    done = {task.id for task in tasks if task.status is Status.SUCCESSFUL}
    queue = ""
    if live.status is Status.PENDING:
        running, before = live.others
        behind = f"; {before} before it" if before else ""
        queue = f"a place among the running workflows: {running} run, as many as may{behind}"
    told = []
    for task in tasks:
        if task.status is Status.PENDING and task.waiting_for is None:
            words = upstream_words(i for i in task.upstream if i not in done) or queue
            told.append(replace(task, waiting_for=words or None))
        else:
            told.append(task)
    return tuple(told)


def _progress(row: WorkflowSummary, live: LiveWorkflow) -> Progress:
    """After a resume, the manager knows only what runs again: all else was done before."""
    done, total = live.progress.done, live.progress.total
    if live.resumed and row.progress is not None and row.progress.total > total:
        return Progress(done + row.progress.total - total, row.progress.total)
    return live.progress


def _runs_again(task: Task, live: LiveTask) -> bool:
    """Whether what the storage holds of the task is of an earlier run: nothing of it was kept."""
    if live.status is Status.SUCCESSFUL or task.output_size is not None or live.submitted is None:
        return False
    return task.ended_at is not None and live.submitted > task.ended_at


def _attempts(task: Task, live: LiveTask, stored: Task | None, seen: Seen) -> tuple[Attempt, ...]:
    """The manager counts attempts but keeps the times of the latest only; the storage keeps the latest error.

    What Ray tells of those that we saw is where they ran, and why one ended that left no exception.
    """
    before = [_earlier(live.id, number, seen) for number in range(1, live.retries + 1)]
    if stored is not None and before:
        # Until the next attempt begins the storage holds the times of the one that failed, too.
        times = (stored.started_at, stored.ended_at) if stored.status is Status.FAILED else (None, stored.failed_at)
        last = before[-1]
        before[-1] = replace(last, error=last.error or stored.error, started_at=times[0], ended_at=times[1])
    begun = task.started_at if task.waiting_for is None else None
    latest = Attempt(live.retries + 1, task.status, begun, live.finished)
    is_placed = before and task.node is not None and begun is not None
    return (*before, replace(latest, worker=_worker(task.node, task.pid)) if is_placed else latest)


def _earlier(task_id: str, number: int, seen: Seen) -> Attempt:
    place = seen.places.get(seen.earlier.get(task_id, {}).get(number, ""))
    node = seen.node(place)
    if place is None or node is None:
        return Attempt(number, Status.FAILED)
    begun, worker = place.running_since, _worker(node, place.pid)
    return Attempt(number, Status.FAILED, started_at=begun, error=seen.loss(place), worker=worker)


def _worker(node: str | None, pid: int | None) -> str:
    return f"{node}, pid {pid}" if pid is not None else str(node)


def _interrupted(task: Task) -> Task:
    """A task of a workflow that nothing runs: what storage holds as running was cut off, how far nobody knows."""
    return replace(task, status=Status.UNKNOWN) if task.status is Status.RUNNING else task
