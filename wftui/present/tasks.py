"""The tasks of a workflow as rows: nested under their continuations, what fails first. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.columns import Column, Placed, Span, seconds
from wftui.present.doing import RESOURCES
from wftui.present.error_text import error_text
from wftui.present.format import clock_time, duration, size, waiting_text
from wftui.present.glyphs import STATUS_RANK
from wftui.present.operators import NOT_TAKEN, OFF, operator_words, state_words
from wftui.present.order import Sort
from wftui.present.slow import slow_task, slow_words
from wftui.present.text import one_line, visible
from wftui.present.time_lines import percent, slack_text
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftui.model.history import Usual
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.timing import Timings

# Deeper nesting is not indented any further: a chain of continuations may be thousands deep.
DEEPEST = 8
SORTS: tuple[str, ...] = ("status", "started", "duration", "id", "output", "share", "slack")
# Sorted so when a column is first chosen: the longest, the biggest first.
BIGGEST_FIRST = frozenset({"duration", "output", "share"})
_STATUS_WIDTH = 12
# The same before a name in a list.
STATUS_CELLS = _STATUS_WIDTH + 2
# The modules before a class, also before the one inside `RayTaskError(shop.NoStock)`.


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row.

    Attributes:
        task: The task.
        depth: How many continuations it lies in.
        ticks: Whether its duration grows by itself.
    """

    task: Task
    depth: int = 0
    ticks: bool = False


@dataclass(frozen=True, slots=True)
class TaskIndex:
    """The tasks of one workflow, to be found from any side.

    Attributes:
        tasks: By id.
        downstream: The ids of those that wait for a task.
        children: The ids of the sub-DAG that a continuation returned.
        ends: When the sub-DAG of a continuation ended; None while it has not.
        live: Whether somebody who knows says what runs, so that durations may grow.
        timings: Where the time went; None where nobody worked that out.
        usual: How long its tasks usually run, by name.
        as_of: The moment in its past that it shows (Unix seconds); None for the present.
    """

    tasks: Mapping[str, Task] = field(default_factory=dict)
    downstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ends: Mapping[str, float | None] = field(default_factory=dict)
    live: bool = False
    timings: Timings | None = None
    usual: Mapping[str, Usual] = field(default_factory=dict)
    as_of: float | None = None

    def ticks(self, task: Task) -> bool:
        """Whether the duration of a task grows by itself: a bare directory cannot tell running from crashed."""
        return self.live and task.status in (Status.RUNNING, Status.WAITING) and when(task.started_at) is not None

    def took(self, task: Task) -> float | None:
        """Seconds from the start of a task to its end, that of its sub-DAG for a continuation; None when unknown."""
        if task.continuation is None:
            return task.duration if not self.ticks(task) else None
        ended = self.ends.get(task.id)
        return None if ended is None or task.started_at is None else max(0.0, ended - task.started_at)

    def duration_text(self, task: Task, now: float) -> str:
        """How long the latest attempt took, or takes so far at time `now` (Unix seconds)."""
        taken = self.took(task)
        if taken is not None:
            return duration(taken)
        return seconds(now - task.started_at) if self.ticks(task) and task.started_at is not None else ""


def index_of(detail: WorkflowDetail, before: TaskIndex | None = None) -> TaskIndex:
    """Turn a workflow's tasks around; what waits for what is taken from `before` where it is the same."""
    tasks = {task.id: task for task in detail.tasks}
    live = detail.live
    if (
        before is not None
        and len(before.tasks) == len(tasks)
        and all(
            old is new or (old.id == new.id and old.upstream == new.upstream and old.parent == new.parent)
            for old, new in zip(before.tasks.values(), tasks.values(), strict=True)
        )
    ):
        known = (before.downstream, before.children, _ends(tasks), live)
        return TaskIndex(tasks, *known, usual=_usual(detail), as_of=detail.as_of)
    downstream: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for task in detail.tasks:
        for upstream in task.upstream if len(task.upstream) < 2 else dict.fromkeys(task.upstream):
            downstream.setdefault(upstream, []).append(task.id)
        if task.parent is not None and task.parent in tasks and task.parent != task.id:
            children.setdefault(task.parent, []).append(task.id)
    return TaskIndex(
        tasks,
        {key: tuple(ids) for key, ids in downstream.items()},
        {key: tuple(ids) for key, ids in children.items()},
        _ends(tasks),
        live,
        usual=_usual(detail),
        as_of=detail.as_of,
    )


def _usual(detail: WorkflowDetail) -> Mapping[str, Usual]:
    return detail.history.usual if detail.history is not None else {}


def _ends(tasks: Mapping[str, Task]) -> dict[str, float | None]:
    """When the last task of each continuation's chain ended."""
    ends: dict[str, float | None] = {}
    for task in tasks.values():
        chain: list[str] = []
        at: Task | None = task
        while at is not None and at.continuation is not None and at.id not in ends:
            ends[at.id] = None  # until it is known, which also ends a loop in a broken storage
            chain.append(at.id)
            at = tasks.get(at.continuation)
        if at is not None and chain:
            ended = ends.get(at.id, at.ended_at if at.status.is_terminal else None)
            ends.update(dict.fromkeys(chain, ended))
    return ends


# -- rows ------------------------------------------------------------------------------------------------------


def task_rows(index: TaskIndex, sort: Sort | None = None) -> tuple[TaskRow, ...]:
    """All tasks in order, each continuation followed by the sub-DAG that it returned.

    By status, a continuation stands where the worst of its sub-DAG stands, so that what failed is on top.
    """
    sort = sort or Sort()
    order = _order(sort, index)
    # A continuation's parent chain may hold a loop in a broken storage: whatever is not reached from a root is
    # shown at the end, unnested.
    roots = [task_id for task_id, task in index.tasks.items() if not _is_child(task, index)]
    rows: list[TaskRow] = []
    seen: set[str] = set()
    todo = [(task_id, 0) for task_id in sorted(roots, key=order, reverse=True)]
    while todo:
        task_id, depth = todo.pop()
        if task_id in seen:
            continue
        seen.add(task_id)
        task = index.tasks[task_id]
        rows.append(TaskRow(task, depth, index.ticks(task)))
        if inner := index.children.get(task_id):
            todo += [(child, depth + 1) for child in sorted(inner, key=order, reverse=True)]
    rows += [TaskRow(task, 0, index.ticks(task)) for task_id, task in index.tasks.items() if task_id not in seen]
    return tuple(rows)


def _is_child(task: Task, index: TaskIndex) -> bool:
    return task.parent is not None and task.parent != task.id and task.parent in index.tasks


def _order(sort: Sort, index: TaskIndex) -> Callable[[str], tuple[object, ...]]:
    place = {task_id: at for at, task_id in enumerate(index.tasks)}
    sign = -1 if sort.descending else 1

    def by_status(task_id: str) -> tuple[object, ...]:
        begun = index.tasks[task_id].started_at
        return (sign * worst[task_id], math.inf if begun is None else begun, place[task_id])

    def by_value(task_id: str) -> tuple[object, ...]:
        value = _value(index.tasks[task_id], sort.column, index)
        return (1, 0.0, place[task_id]) if value is None else (0, sign * value, place[task_id])

    if sort.column == "status":
        worst = _worst(index)
        return by_status
    if sort.column == "id":
        # Upside down is done by place, because a text cannot be negated.
        names = {task_id: sign * at for at, task_id in enumerate(sorted(index.tasks, key=_natural))}
        return lambda task_id: (names[task_id],)
    return by_value


def _worst(index: TaskIndex) -> dict[str, int]:
    """The rank of each task's status, or of the worst inside it."""
    worst = {task_id: STATUS_RANK[task.status] for task_id, task in index.tasks.items()}
    for task_id in index.tasks:
        rank, above = worst[task_id], index.tasks[task_id].parent
        # Only as far up as it makes a difference: each step betters a rank, of which there are few.
        while above is not None and above in worst and worst[above] > rank:
            worst[above] = rank
            above = index.tasks[above].parent
    return worst


def _natural(text: str) -> tuple[object, ...]:
    """`load_9` before `load_10`."""
    stem, _, number = text.rpartition("_")
    return (stem, int(number)) if stem and number.isdecimal() and len(number) < 19 else (text, -1)


def _value(task: Task, column: str, index: TaskIndex) -> float | None:
    if column == "started":
        return task.started_at
    if column == "duration":
        taken = index.took(task)
        if taken is not None:
            return taken
        # What still runs is longer than anything ended; among it, what began first.
        running = task.status.is_active and task.started_at is not None
        return 1e12 - (task.started_at or 0.0) if running else None
    if column in ("share", "slack"):
        timing = index.timings[task.id] if index.timings is not None else None
        return None if timing is None else timing.share if column == "share" else timing.slack
    return None if task.output_size is None else float(task.output_size)


# -- cells -----------------------------------------------------------------------------------------------------


def task_columns(rows: Sequence[TaskRow], timings: Timings | None = None) -> tuple[Column, ...]:
    """The columns that have anything to show for these rows, and where the time went if that is known."""
    # Not made harmless, which is longer by a little at most: this is done for all rows at every update.
    longest = max([len(row.task.label) + 2 * min(row.depth, DEEPEST) for row in rows], default=8)
    columns = [
        Column("status", "STATUS", _STATUS_WIDTH, _STATUS_WIDTH, 0),
        Column("id", "TASK", max(12, min(longest, 20)), max(14, min(longest, 44)), 0),
        Column("duration", "TIME", 6, 6, 1, right=True, newest_first=True),
        Column("started", "STARTED", 8, 12, 3, right=True),
    ]
    places = [len(place_text(row.task)) for row in rows if row.task.node is not None or row.task.pid is not None]
    if places:
        width = min(max(*places, 9), 24)
        columns.append(Column("node", "NODE, PID", width, width, 9))
    if any(row.task.attempts for row in rows):
        retried = any(row.task.attempts and len(row.task.attempts) > 1 for row in rows)
        columns.append(Column("attempts", "TRIES", 5, 5, 4 if retried else 6, right=True))
    if any(row.task.output_size is not None for row in rows):
        columns.append(Column("output", "OUTPUT", 7, 7, 5, right=True, newest_first=True))
    if timings is not None and timings.path:
        columns.append(Column("share", "SHARE", 5, 5, 7, right=True, newest_first=True))
        columns.append(Column("slack", "SLACK", 6, 6, 8, right=True))
    title = "ERROR" if any(row.task.error is not None for row in rows) else "REMARK"
    # Why something waits is worth more than a slack or where something else runs.
    waits = any(row.task.status is Status.WAITING and row.task.waiting_for for row in rows)
    least = 34 if waits else 30 if places else 24 if title == "ERROR" else 14
    columns.append(Column("error", title, least, 400, 2))
    return tuple(columns)


def task_cell(placed: Placed, row: TaskRow, index: TaskIndex, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """What a column shows of a row, at time `now` (Unix seconds). May be longer than the column."""
    task, column = row.task, placed.column.id
    if column == "status":
        return task_status_spans(task, glyphs)
    if column == "id":
        nest = "  " * (min(row.depth, DEEPEST) - 1) + f"{glyphs.branch} " if row.depth else ""
        return (Span(nest, "faint"), Span(visible(task.label) or "(empty id)"))
    if column == "duration":
        return (Span(index.duration_text(task, now), "running" if row.ticks else "muted"),)
    if column == "started":
        return (Span(clock_time(task.started_at, now)[: placed.width].rstrip(), "muted"),)
    if column == "attempts":
        return (Span(attempts_text(task), "resumable" if task.attempts and len(task.attempts) > 1 else "muted"),)
    if column == "node":
        return (Span(place_text(task), "muted"),)
    if column == "output":
        return (Span(size(task.output_size), "muted"),)
    if column in ("share", "slack"):
        return _time_cell(task, column, index)
    slow = slow_task(task, index.usual, now) if index.live else None
    return _remark(task) if slow is None else (Span(slow_words(slow), "warning"),)


def _time_cell(task: Task, column: str, index: TaskIndex) -> tuple[Span, ...]:
    if index.timings is None:
        return (Span(""),)
    timing = index.timings[task.id]
    if column == "share":
        return (Span(percent(timing.share), "strong" if task.id in index.timings.worst else "muted"),)
    return (Span(slack_text(timing.slack), "waiting" if timing.slack == 0 else "muted"),)


def _remark(task: Task) -> tuple[Span, ...]:
    if task.error is not None and task.error.stale and task.waiting_for:
        return (*_waits(task), Span("  earlier attempt ", "muted"), Span(error_text(task.error), "muted"))
    if task.error is not None:
        if task.error.caught:
            return (Span("caught ", "muted"), Span(error_text(task.error), "muted"))
        if task.error.stale:
            return (Span("earlier attempt ", "muted"), Span(error_text(task.error), "muted"))
        return (Span(error_text(task.error), "error"),)
    if task.waiting_for:
        return _waits(task)
    if task.operator is not None:
        told = (operator_words(task.operator), state_words(task.operator))
        return (Span("; ".join(text for text in told if text), "muted"),)
    if task.kind in (TaskKind.TASK, TaskKind.CHECKPOINT):
        return (Span(""),)
    return (Span(task.kind.value, "faint"),)


def _waits(task: Task) -> tuple[Span, ...]:
    """What it waits for; what is not there yet stands out from what only has to come to its turn."""
    tone, words = "waiting" if task.status is Status.WAITING else "muted", one_line(task.waiting_for or "")
    short = words.removeprefix(RESOURCES)
    return (Span(short if short != words else waiting_text(words), tone),)


def place_text(task: Task) -> str:
    """The node that a task runs on, or ran on, and its process there, harmless; "" where neither is known."""
    node = visible(task.node) if task.node else ""
    return f"{node or '?'} {task.pid}" if task.pid is not None else node


def status_spans(status: Status, glyphs: Glyphs, width: int = 0) -> tuple[Span, Span]:
    """Glyph and word, `width` cells long at least. What is fine stays quiet, so that the rest stands out."""
    tone = status.value.lower()
    word_tone = "muted" if status is Status.SUCCESSFUL else tone
    return (Span(f"{glyphs.status[status]} ", tone), Span(status.value.ljust(width - 2), word_tone))


def task_status_spans(task: Task, glyphs: Glyphs, width: int = 0) -> tuple[Span, Span]:
    """The status of a task; of one on a way that was not taken that it is on such a one."""
    if task.operator is None or task.operator.is_taken:
        return status_spans(task.status, glyphs, width)
    return (Span(f"{OFF[glyphs.mark.isascii()]} ", "muted"), Span(NOT_TAKEN.ljust(width - 2), "muted"))


def attempts_text(task: Task) -> str:
    """Which attempt of how many, as "2/4"; "" where the engine does not tell."""
    if not task.attempts:
        return ""
    if task.max_retries is None:
        return str(len(task.attempts))
    if task.max_retries < 0:
        return f"{len(task.attempts)}/any"
    return f"{len(task.attempts)}/{task.max_retries + 1}"
