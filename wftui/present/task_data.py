"""What a task was given and gave back, and every attempt at it, as lines of its pane. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.task import TaskKind
from wftui.present.columns import Span
from wftui.present.document import Line, fold_line, foreign_lines, heading
from wftui.present.error_text import error_text
from wftui.present.format import clock_time, duration
from wftui.present.glyphs import status_spans
from wftui.present.metadata import json_lines
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftui.model.task import Attempt, Task
    from wftui.present.metadata import JsonLook

# What an engine keeps with a task beside its options, in the order in which people ask for it.
_DATA = (("params", "Params"), ("result", "Result"))
# Of a task that has such data these stand in its lines or in those of its attempts already.
_TOLD = frozenset({"task_name", "run_id", "claimed_by", "claim_expires_at", "available_at", "enqueued_at"})


def data_lines(task: Task, look: JsonLook) -> Iterator[list[Line]]:
    """A section each for what the task was given, gave back, was told by its user, and for the engine's options."""
    for name, title in _DATA:
        if name in task.options:
            yield _section(title, task.options[name], look)
    is_step = task.kind in (TaskKind.CHECKPOINT, TaskKind.WAIT)
    if is_step and set(task.user_metadata) == {"state"}:
        yield _section("State", task.user_metadata["state"], look)
    elif task.user_metadata:
        yield [heading("User metadata"), *json_lines(task.user_metadata, look, "User metadata")]
    told = {*dict(_DATA), *(_TOLD if given(task.options) else ())}
    if task.options.get("task_name") != task.name:
        told.discard("task_name")
    options = {name: value for name, value in task.options.items() if name not in told}
    if options:
        yield [heading("Options"), *json_lines(options, look, "Options")]


def _section(title: str, value: object, look: JsonLook) -> list[Line]:
    if isinstance(value, dict) and value:
        return [heading(title), *json_lines(value, look, title)]
    return [heading(title), *json_lines({"": value}, look, title)]


def attempt_lines(task: Task, now: float, look: JsonLook) -> Iterator[Line]:
    """Every attempt, the latest first: how it stands, when, who claimed it, why it failed."""
    attempts = task.attempts
    if attempts is None or (len(attempts) < 2 and not any(it.id or it.worker for it in attempts)):
        return
    yield heading("Attempts", str(len(attempts)) if len(attempts) > 1 else "")
    for attempt in reversed(attempts):
        spans = tuple(_attempt(attempt, now, look))
        trace = attempt.error.traceback if attempt.error is not None else None
        # The latest failure stands above, with its traceback.
        if trace is None or attempt.error == task.error:
            yield Line((Span("  "), *spans), hang=8)
            continue
        fold = f"attempt:{attempt.number}"
        is_open = look.folds.is_open(fold, by_default=False)
        yield fold_line(fold, spans, is_open=is_open, glyphs=look.glyphs)
        if is_open:
            yield from foreign_lines(trace.rstrip("\n"), "muted", 6)


def _attempt(attempt: Attempt, now: float, look: JsonLook) -> Iterator[Span]:
    yield Span(f"{attempt.number:>2}  ", "muted")
    yield from status_spans(attempt.status, look.glyphs)
    if attempt.started_at is not None:
        yield Span(f"  {clock_time(attempt.started_at, now)}", "muted")
        if attempt.ended_at is not None:
            yield Span(f"  {duration(attempt.ended_at - attempt.started_at)}", "muted")
    elif attempt.due_at is not None:
        yield Span(f"  due {clock_time(attempt.due_at, now)}", "muted")
    if attempt.worker is not None:
        yield Span(f"  on {visible(attempt.worker)}", "muted")
    if attempt.claimed_until is not None and attempt.ended_at is None and not attempt.status.is_terminal:
        late = attempt.claimed_until < now
        words = (
            f"its claim ran out {clock_time(attempt.claimed_until, now)}"
            if late
            else (f"claimed until {clock_time(attempt.claimed_until, now)}")
        )
        yield Span(f"  {words}", "warning" if late else "muted")
    if attempt.error is not None:
        yield Span(f"  {error_text(attempt.error)}")


def given(options: Mapping[str, object]) -> bool:
    """Whether the engine keeps what a task was given and gave back with the task itself."""
    return any(name in options for name, _ in _DATA)
