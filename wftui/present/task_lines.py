"""Everything about one task, as lines. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status, TimeSource
from wftui.model.task import TaskKind
from wftui.present.columns import Span
from wftui.present.document import EMPTY, Line, field, fold_line, heading
from wftui.present.error_lines import ErrorLook, error_block
from wftui.present.format import clock_time, duration, full_time, seconds, size
from wftui.present.glyphs import STATUS_RANK, status_spans
from wftui.present.operators import operator_words, state_words
from wftui.present.slow import slow_task, usual_words
from wftui.present.task_data import attempt_lines, data_lines, given
from wftui.present.task_times import time_facts
from wftui.present.task_values import Known, value_block
from wftui.present.task_words import STATUS_CELLS, attempts_text, task_status_spans
from wftui.present.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.operator import Placed
    from wftui.model.task import Task
    from wftui.present.metadata import JsonLook
    from wftui.present.task_index import TaskIndex

# So many neighbours are shown at once; the rest folds.
FEW = 12
_NOT_BEGUN = (Status.PENDING, Status.READY, Status.WAITING)


def task_lines(
    task: Task, index: TaskIndex, now: float, look: JsonLook, known: Known | None = None
) -> tuple[Line, ...]:
    """The task pane: what failed, times, attempts, values, neighbours, options, metadata.

    Args:
        task: Which.
        index: It and all others.
        now: Unix seconds.
        look: How to draw what folds.
        known: What was read of its values; None where nothing tells them.
    """
    errors = ErrorLook(look.glyphs, now, look.folds, open_tracebacks=False)
    parts: list[Sequence[Line]] = [_head(task, look), _error(task, errors), list(_facts(task, index, now))]
    parts.append(list(attempt_lines(task, now, look)))
    if known is not None:
        parts.append(value_block(task, known, look, is_past=index.as_of is not None))
    for title, ids in _neighbours(task, index):
        parts.append(_links(title, ids, index, look))
    parts += data_lines(task, look)
    lines: list[Line] = []
    for part in parts:
        if part:
            lines += [EMPTY, *part] if lines else part
    return tuple(lines)


def _head(task: Task, look: JsonLook) -> list[Line]:
    name = visible(task.id) or "(empty id)"
    spans = [*task_status_spans(task, look.glyphs), Span("  "), Span(visible(task.label) or "(empty id)", "strong")]
    if task.label != task.id:
        spans.append(Span(f"  {name}", "muted"))
    return [Line(tuple(spans), hang=2)]


def _error(task: Task, look: ErrorLook) -> list[Line]:
    if task.error is None:
        return []
    block = error_block(task.error, look, "error")
    if task.error.caught:
        return [Line((Span("Caught: this was returned to whoever called, so it failed nothing.", "muted"),)), *block]
    if task.error.stale:
        told = "Left by an attempt before the latest: it need not be why anything failed."
        return [Line((Span(told, "muted"),)), *block]
    return block


def _facts(task: Task, index: TaskIndex, now: float) -> Iterator[Line]:
    if task.name != task.id:
        yield field("name", Span(visible(task.name)))
    if task.kind is not TaskKind.TASK:
        yield field("kind", Span(task.kind.value))
    if task.operator is not None:
        yield from _operator(task.operator)
    if task.waiting_for:
        yield field("waits for", Span(one_line(task.waiting_for), "waiting"))
    if task.waiting_since is not None:
        so_far = f"  {seconds(now - task.waiting_since)} so far" if index.live else ""
        yield field("waits since", *_time(task.waiting_since, now, ""), Span(so_far, "waiting"))
    yield from _place(task)
    enqueued = task.options.get("enqueued_at")
    if isinstance(enqueued, float) and given(task.options):
        yield field("enqueued", *_time(enqueued, now, ""))
    missing = "not yet" if task.status in _NOT_BEGUN else "not recorded"
    yield field("started", *_time(task.started_at, now, missing))
    if task.ended_at is not None:
        by = "  by the time of a file" if task.ended_at_source is TimeSource.FILE else ""
        yield field("ended", *_time(task.ended_at, now, ""), Span(by, "muted"))
    if took := index.duration_text(task, now):
        running = index.ticks(task)
        slow = slow_task(task, index.usual, now) if running else None
        remark = (Span("  slower than usual", "warning"),) if slow is not None else ()
        yield field(
            "running for" if running else "took", Span(took, "running" if running else ""), *_own(task), *remark
        )
        if task.name in index.usual and task.kind is not TaskKind.WAIT:
            yield field("usually", Span(usual_words(index.usual[task.name]), "muted"))
    yield from time_facts(task, index)
    is_step = task.kind in (TaskKind.CHECKPOINT, TaskKind.WAIT)
    if task.attempts is not None or not is_step:
        yield field("attempts", *_tries(task))
    if task.output_size is not None or not (given(task.options) or is_step):
        yield field("output", *_output(task))


def _place(task: Task) -> Iterator[Line]:
    """Where it runs or ran; of what should be somewhere and is not told, why."""
    if task.node is not None or task.pid is not None:
        on = f"{visible(task.node) if task.node else 'an unknown node'}"
        word = "runs on" if task.status is Status.RUNNING else "ran on"
        yield field(word, Span(on + (f", pid {task.pid}" if task.pid is not None else "")))
    elif task.untold:
        yield field("runs on" if task.status is Status.RUNNING else "where", Span(one_line(task.untold), "muted"))


def _operator(operator: Placed) -> Iterator[Line]:
    if told := operator_words(operator):
        yield field("operator", Span(told))
    if told := state_words(operator):
        yield field("state", Span(told, "muted"))
    if operator.child is not None:
        yield field("child run", Span(visible(operator.child)))


def _own(task: Task) -> tuple[Span, ...]:
    """What of it a continuation itself took, before the sub-DAG that it returned."""
    if task.continuation is None or task.duration is None or task.duration < 0:
        return ()
    return (Span(f"  of it {duration(task.duration)} until it returned the tasks below", "muted"),)


def _time(when: float | None, now: float, missing: str) -> tuple[Span, ...]:
    if when is None:
        return (Span(missing, "muted"),)
    short, full = clock_time(when, now), full_time(when)
    return (Span(full),) if short in full and len(short) > 8 else (Span(short), Span(f"  {full}", "muted"))


def _tries(task: Task) -> tuple[Span, ...]:
    limit = "" if task.max_retries is None else "any number" if task.max_retries < 0 else str(task.max_retries)
    many = "retry" if limit == "1" else "retries"
    remark = f"  up to {limit} {many}" if limit not in ("", "0") else "  no retries" if limit else ""
    if tries := attempts_text(task):
        return (Span(tries.split("/")[0]), Span(remark, "muted"))
    return (Span("not recorded", "muted"), Span(remark, "muted"))


def _output(task: Task) -> tuple[Span, ...]:
    if task.output_size is not None:
        exact = f"  {task.output_size:,} bytes" if task.output_size >= 1000 else ""
        return (Span(size(task.output_size)), Span(exact, "muted"))
    if task.continuation is not None:
        return (Span("that of the tasks it returned", "muted"),)
    if task.options.get("checkpoint") is False:
        return (Span("not checkpointed, as its options say", "muted"),)
    return (Span("none stored", "muted"),)


# -- neighbours ------------------------------------------------------------------------------------------------


def _neighbours(task: Task, index: TaskIndex) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "Upstream", task.upstream
    yield "Downstream", index.downstream.get(task.id, ())
    # Operators hold others, and Absurd's tasks their steps.
    if task.parent is not None:
        above = index.tasks.get(task.parent)
        yield (
            "Inside of" if above is not None and above.kind is not TaskKind.CONTINUATION else "Returned by",
            (task.parent,),
        )
    yield "Returned" if task.kind is TaskKind.CONTINUATION else "Inside", index.children.get(task.id, ())
    if task.continuation is not None:
        yield "Output comes from", (task.continuation,)


def _links(title: str, ids: tuple[str, ...], index: TaskIndex, look: JsonLook) -> list[Line]:
    """Neighbours to jump to, what failed first."""
    if not ids:
        return [heading(title, "none")] if title in ("Upstream", "Downstream") else []
    ids = tuple(sorted(dict.fromkeys(ids), key=lambda task_id: _rank(task_id, index)))
    lines = [heading(title, f"{len(ids):,}" if len(ids) > 1 else "")]
    fold = f"links:{title}"
    many = len(ids) > FEW + 2
    is_open = not many or look.folds.is_open(fold, by_default=False)
    lines += [_link(title, task_id, index, look) for task_id in (ids if is_open else ids[:FEW])]
    if many:
        rest = "fewer" if is_open else f"{len(ids) - FEW:,} more"
        lines.append(fold_line(fold, (Span(rest, "muted"),), is_open=is_open, glyphs=look.glyphs))
    return lines


def _rank(task_id: str, index: TaskIndex) -> int:
    task = index.tasks.get(task_id)
    return STATUS_RANK[task.status] if task is not None else len(STATUS_RANK)


def _link(title: str, task_id: str, index: TaskIndex, look: JsonLook) -> Line:
    task = index.tasks.get(task_id)
    shown = visible(task_id if task is None else task.label) or "(empty id)"
    if task is None:
        return Line((Span("? no record".ljust(STATUS_CELLS), "muted"), Span(shown)), hang=4)
    return Line(
        (*status_spans(task.status, look.glyphs, STATUS_CELLS), Span(shown)),
        hang=16,
        key=f"{title}:{task_id}",
        task=task_id,
    )
