"""The Error tab, and the error of one task, as lines. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.document import (
    EMPTY,
    FIELD,
    NO_FOLDS,
    Folds,
    Line,
    field,
    fold_line,
    foreign_lines,
    heading,
)
from wftui.present.error_text import error_text
from wftui.present.errors import report
from wftui.present.format import clock_time, duration
from wftui.present.glyphs import status_spans
from wftui.present.task_words import STATUS_CELLS, attempts_text
from wftui.present.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.model.task import ErrorInfo, Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.errors import ErrorReport, ResumePlan
    from wftui.present.glyphs import Glyphs

# So many tasks of one kind are shown at once; the rest folds.
FEW = 8
# Longer tracebacks are folded at first.
SHORT_TRACEBACK = 40
# Causes of causes beyond that are not indented any further, and so many are shown.
DEEPEST = 6
MOST_CAUSES = 50
_ID_WIDTH = 40


@dataclass(frozen=True, slots=True)
class ErrorLook:
    """How to draw errors.

    Attributes:
        glyphs: The characters to draw with.
        now: Unix seconds.
        folds: What was opened or closed by hand.
        open_tracebacks: Whether short tracebacks are open at first.
    """

    glyphs: Glyphs
    now: float = 0.0
    folds: Folds = NO_FOLDS
    open_tracebacks: bool = True


# -- one error -------------------------------------------------------------------------------------------------


def error_block(error: ErrorInfo, look: ErrorLook, prefix: str) -> list[Line]:
    """An error with its arguments, its causes and its traceback; `prefix` begins the keys of its lines."""
    lines = _title(error, "", 0)
    if _tells_more(error):
        lines.append(field("arguments", Span(", ".join(one_line(arg, 200) for arg in error.args[:20]))))
    lines += _causes(error, look)
    if error.traceback:
        lines += _traceback(error.traceback, look, f"{prefix}:traceback")
    return lines


def _title(error: ErrorInfo, before: str, indent: int) -> list[Line]:
    """The class and the message, which may have several lines."""
    kind = visible(error.type) if error.type else "unreadable"
    message = foreign_lines(error.message.rstrip(), "", indent + 2)
    first = message[0].text.strip() if message else ""
    lead = (Span(" " * indent), Span(before, "muted")) if indent or before else ()
    title = Line((*lead, Span(kind + (": " if first else ""), "failed"), Span(first, "strong")), hang=indent + 2)
    return [title, *message[1:]]


def _tells_more(error: ErrorInfo) -> bool:
    """Whether the arguments say what the message does not."""
    if len(error.args) != 1:
        return bool(error.args)
    (only,) = error.args
    # What Ray wraps has the cause as its argument, and that is shown below.
    return not error.causes and only.strip("'\"") != error.message.strip().strip("'\"")


def _causes(error: ErrorInfo, look: ErrorLook) -> Iterator[Line]:
    todo = [(cause, 1) for cause in reversed(error.causes)]
    shown = 0
    while todo and shown < MOST_CAUSES:
        cause, depth = todo.pop()
        shown += 1
        indent = 2 * (min(depth, DEEPEST) - 1)
        yield from _title(cause, f"{look.glyphs.branch} caused by ", indent)
        todo += [(inner, depth + 1) for inner in reversed(cause.causes)]
    if todo:
        yield Line((Span("(and more causes)", "muted"),))


def _traceback(text: str, look: ErrorLook, fold: str) -> Iterator[Line]:
    count = text.rstrip("\n").count("\n") + 1
    by_default = look.open_tracebacks and count <= SHORT_TRACEBACK
    is_open = look.folds.is_open(fold, by_default=by_default)
    title = (Span("Traceback", "strong"), Span(f"  {count:,} line{'' if count == 1 else 's'}", "muted"))
    yield EMPTY
    yield fold_line(fold, title, is_open=is_open, glyphs=look.glyphs)
    if is_open:
        for line in foreign_lines(text.rstrip("\n"), "", 2):
            # Where it happened steps back behind the code that was running.
            frame = line.text.lstrip().startswith(("File ", "Traceback (", "~", "^"))
            yield Line(tuple(Span(span.text, "muted") for span in line.spans), line.hang) if frame else line


# -- the tab ---------------------------------------------------------------------------------------------------


def error_lines(detail: WorkflowDetail, look: ErrorLook) -> tuple[Line, ...]:
    """The Error tab: what failed first, and why; what else went wrong; what a resume would run."""
    found = report(detail)
    parts: list[Sequence[Line]] = [_first(found, look)]
    parts.append(_tasks("Also failed", "", found.failing[1:], look, "also"))
    parts.append(_tasks("Began and left no outcome", "the cause is likely here", found.suspects, look, "suspect"))
    parts.append(_tasks("Caught", "returned to whoever called, so nothing failed by it", found.caught, look, "caught"))
    remark = "left by an attempt before the latest: need not be why anything failed"
    parts.append(_tasks("From earlier attempts", remark, found.stale, look, "stale"))
    if found.resume is not None:
        parts.append(_resume(detail, found.resume, look))
    parts.append(_problems(detail, look))
    lines: list[Line] = []
    for part in parts:
        if part:
            lines += [EMPTY, *part] if lines else part
    return tuple(lines)


def _first(found: ErrorReport, look: ErrorLook) -> list[Line]:
    lines: list[Line] = []
    if found.headline:
        lines.append(Line((Span(found.headline),)))
    if found.error is None:
        return lines
    if lines:
        lines.append(EMPTY)
    # What happened, and at once where: the rest is for who wants to know more.
    title, *more = error_block(found.error, look, "first")
    extent = len(_title(found.error, "", 0)) - 1
    lines += [title, *more[:extent]]
    if found.failing:
        lines += _where(found.failing[0], look)
    return lines + more[extent:]


def _where(task: Task, look: ErrorLook) -> Iterator[Line]:
    place = (Span(visible(task.label) or "(empty id)"), Span("  "), *status_spans(task.status, look.glyphs))
    yield Line(field("in task", *place).spans, hang=FIELD, key="first:task", task=task.id)
    if task.parent is not None and task.operator is None:
        yield Line(
            field("returned by", Span(visible(task.parent) or "(empty id)"), Span("  a continuation", "muted")).spans,
            hang=FIELD,
            key="first:parent",
            task=task.parent,
        )
    facts = []
    if tries := attempts_text(task):
        facts.append(f"attempt {tries.replace('/', ' of ')}")
    if task.ended_at is not None:
        facts.append(f"at {clock_time(task.ended_at, look.now)}")
    if task.duration is not None and task.duration >= 0:
        facts.append(f"after {duration(task.duration)}")
    if facts:
        yield field("failed", Span(", ".join(facts)))


def _tasks(title: str, remark: str, tasks: Sequence[Task], look: ErrorLook, key: str) -> list[Line]:
    if not tasks:
        return []
    count = f"{len(tasks):,}" if len(tasks) > 1 else ""
    lines = [heading(title, f"  {look.glyphs.dot}  ".join(part for part in (count, remark) if part))]
    width = min(_ID_WIDTH, max(len(visible(task.label)) for task in tasks[:FEW]))
    is_open = len(tasks) <= FEW + 2 or look.folds.is_open(key, by_default=False)
    shown = tasks if is_open else tasks[:FEW]
    lines += [_task_line(task, look, key, width) for task in shown]
    if len(tasks) > FEW + 2:
        rest = "fewer" if is_open else f"{len(tasks) - FEW:,} more"
        lines.append(fold_line(key, (Span(rest, "muted"),), is_open=is_open, glyphs=look.glyphs))
    return lines


def _task_line(task: Task, look: ErrorLook, key: str, width: int) -> Line:
    spans = [*status_spans(task.status, look.glyphs, STATUS_CELLS), Span(visible(task.label).ljust(width))]
    if task.error is not None:
        spans.append(Span("  " + error_text(task.error), "muted"))
    elif task.started_at is not None:
        spans.append(Span(f"  began {clock_time(task.started_at, look.now)}", "muted"))
    return Line(tuple(spans), hang=16, key=f"{key}:{task.id}", task=task.id)


def _resume(detail: WorkflowDetail, plan: ResumePlan, look: ErrorLook) -> list[Line]:
    lines = [heading("On resume", "if nothing runs it any more" if detail.summary.status.is_active else "")]
    if plan.unknown:
        return [*lines, Line((Span(f"What would run again cannot be told: {plan.unknown}.", "muted"),))]
    tasks = {task.id: task for task in detail.tasks}
    groups = (
        ("again", plan.again, "run again", "runs again", len(plan.again) <= FEW),
        ("keeps", plan.keeps, "keep their checkpoints", "keeps its checkpoint", False),
        ("unneeded", plan.unneeded, "are not needed again", "is not needed again", False),
    )
    for key, ids, many, one, by_default in groups:
        if not ids:
            continue
        is_open = look.folds.is_open(f"resume:{key}", by_default=by_default)
        text = f"{len(ids):,} tasks {many}" if len(ids) > 1 else f"1 task {one}"
        lines.append(fold_line(f"resume:{key}", (Span(text),), is_open=is_open, glyphs=look.glyphs))
        if is_open:
            lines += [
                Line(
                    (
                        Span("  "),
                        *status_spans(tasks[task_id].status, look.glyphs, STATUS_CELLS),
                        Span(visible(tasks[task_id].label) or "(empty id)"),
                    ),
                    hang=18,
                    key=f"resume:{key}:{task_id}",
                    task=task_id,
                )
                for task_id in ids
            ]
    if not plan.again:
        why = "the output has its checkpoint" if detail.output_task is not None else "no task failed"
        lines.append(Line((Span(f"  Nothing would run: {why}.", "muted"),)))
    return lines


def _problems(detail: WorkflowDetail, look: ErrorLook) -> list[Line]:
    if not detail.problems:
        return []
    lines = [heading("Could not be read", f"{len(detail.problems):,}")]
    is_open = look.folds.is_open("problems", by_default=len(detail.problems) <= FEW)
    shown = detail.problems if is_open else detail.problems[:FEW]
    lines += [Line((Span(visible(it.path), "warning"), Span(f"  {one_line(it.what)}")), hang=2) for it in shown]
    if len(detail.problems) > FEW:
        rest = "fewer" if is_open else f"{len(detail.problems) - FEW:,} more"
        lines.append(fold_line("problems", (Span(rest, "muted"),), is_open=is_open, glyphs=look.glyphs))
    return lines
