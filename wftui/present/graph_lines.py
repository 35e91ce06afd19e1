"""What is told about the item under a graph's cursor: a task in short, a group or fold by status and member. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.columns import Span
from wftui.present.document import EMPTY, Line, field, heading
from wftui.present.error_text import error_text
from wftui.present.format import duration, waiting_text
from wftui.present.glyphs import status_spans
from wftui.present.operators import operator_words, state_words
from wftui.present.task_words import STATUS_CELLS, attempts_text, place_text, task_status_spans
from wftui.present.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.model.task import Task
    from wftui.present.glyphs import Glyphs
    from wftui.present.task_index import TaskIndex

Spans = tuple[Span, ...]

_BAR = 20
# Neighbours that are named in a line, and members that are listed.
_NAMED = 6
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Members:
    """What a group, a fold or a closed sub-DAG stands for.

    Attributes:
        title: What it is called, harmless.
        ids: Its tasks, failed first, then by status, the slowest first.
        counts: How many have each status that occurs, the loudest first.
    """

    title: str
    ids: tuple[str, ...]
    counts: Mapping[Status, int]

    @property
    def done(self) -> int:
        """How many were successful."""
        return self.counts.get(Status.SUCCESSFUL, 0)


def bar(members: Members, glyphs: Glyphs, cells: int = _BAR) -> Spans:
    """How much of it is done."""
    total = len(members.ids)
    full = members.done * cells // total
    return (
        Span(glyphs.bar_full * full, "successful"),
        Span(glyphs.bar_empty * (cells - full), "faint"),
        Span(f" {members.done:,} of {total:,}"),
    )


def counts(members: Members, glyphs: Glyphs) -> Spans:
    """How many have which status."""
    spans: list[Span] = []
    for status, count in members.counts.items():
        spans += [Span("   ")] if spans else []
        spans += [*status_spans(status, glyphs), Span(f" {count:,}", "muted")]
    return tuple(spans)


# -- in short ----------------------------------------------------------------------------------------------------


def task_strip(task: Task, index: TaskIndex, now: float, glyphs: Glyphs) -> tuple[Spans, ...]:
    """A task in three lines: what it is, what it waits for or came after, what went wrong."""
    dot = Span(f" {glyphs.dot} ", "faint")
    head: list[Span] = [
        *task_status_spans(task, glyphs),
        Span("  "),
        Span(visible(task.label) or "(empty id)", "strong"),
    ]
    if took := index.duration_text(task, now):
        head += [dot, Span(took, "running" if index.ticks(task) else "")]
    if tries := attempts_text(task):
        retried = len(task.attempts or ()) > 1
        head += [
            dot,
            Span(f"attempt {tries}" if retried or "/" in tries else "1 attempt", "resumable" if retried else "muted"),
        ]
    if place := place_text(task):
        head += [dot, Span(f"on {place}", "muted")]
    if task.operator is not None and (told := operator_words(task.operator)):
        head += [dot, Span(told, "muted")]
    return (tuple(head), _waits(task, index, glyphs), _wrong(task))


def _waits(task: Task, index: TaskIndex, glyphs: Glyphs) -> Spans:
    upstream = dict.fromkeys(task.upstream)
    open_ = [other for other in upstream if (found := index.tasks.get(other)) is None or not _is_done(found)]
    named, word = (open_, "waits for ") if open_ else (list(upstream), "after ")
    if not named:
        return (Span("waits for nothing", "muted"),)
    spans = [Span(word, "muted")]
    for at, other in enumerate(named[:_NAMED]):
        found = index.tasks.get(other)
        mark = glyphs.status[found.status] if found is not None else "?"
        tone = found.status.value.lower() if found is not None else "warning"
        spans += [Span(", " if at else "", "muted"), Span(f"{mark} ", tone), Span(visible(other))]
    if len(named) > _NAMED:
        spans.append(Span(f" and {len(named) - _NAMED:,} more", "muted"))
    return tuple(spans)


def _is_done(task: Task) -> bool:
    return task.status is Status.SUCCESSFUL


def _wrong(task: Task) -> Spans:
    if task.waiting_for and task.status is not Status.PENDING and (task.error is None or task.error.stale):
        return (Span(waiting_text(one_line(task.waiting_for)), "waiting"),)
    if task.error is not None:
        if task.error.caught:
            return (Span(f"caught {error_text(task.error)}", "muted"),)
        return (Span(error_text(task.error), "muted" if task.error.stale else "error"),)
    if task.waiting_for and not task.upstream:  # else the line above says so
        return (Span(waiting_text(one_line(task.waiting_for)), "waiting"),)
    if task.operator is not None and (told := state_words(task.operator)):
        return (Span(told, "muted"),)
    return ()


def members_strip(members: Members, glyphs: Glyphs, index: TaskIndex | None = None) -> tuple[Spans, ...]:
    """A group in three lines: its bar, its counts, its worst."""
    mark = "[#]" if glyphs.mark.isascii() else "⊞"
    head = (Span(f"{mark} ", "waiting"), Span(members.title, "strong"), Span("  "), *bar(members, glyphs))
    worst = members.ids[: members.counts.get(Status.FAILED, 0)][:_NAMED]
    more = members.counts.get(Status.FAILED, 0) - len(worst)
    named = ", ".join(visible(_label(task_id, index)) for task_id in worst)
    failed = f"failed: {named}{f' and {more:,} more' if more else ''}" if worst else ""
    return (head, counts(members, glyphs), (Span(failed, "failed"),) if failed else ())


def _label(task_id: str, index: TaskIndex | None) -> str:
    task = index.tasks.get(task_id) if index is not None else None
    return task_id if task is None else task.label


# -- at length ---------------------------------------------------------------------------------------------------


def members_lines(members: Members, index: TaskIndex, now: float, glyphs: Glyphs) -> tuple[Line, ...]:
    """A group as a document: its counts, and its members to go to."""
    lines = [Line((Span(members.title, "strong"),)), EMPTY]
    lines.append(field("done", *bar(members, glyphs)))
    lines += [field(word, *spans) for word, spans in _times(members.ids, index)]
    lines += [
        field("" if at else "status", *status_spans(status, glyphs, STATUS_CELLS), Span(f"{count:>6,}"))
        for at, (status, count) in enumerate(members.counts.items())
    ]
    lines += [EMPTY, heading("Tasks", "failed and slowest first")]
    lines += [_member(task_id, index, now, glyphs) for task_id in members.ids[:_LISTED]]
    if len(members.ids) > _LISTED:
        lines.append(Line((Span(f"and {len(members.ids) - _LISTED:,} more", "muted"),)))
    return tuple(lines)


def _times(ids: Iterable[str], index: TaskIndex) -> list[tuple[str, Spans]]:
    took = [task.duration for one in ids if (task := index.tasks.get(one)) is not None and task.duration is not None]
    if not took:
        return []
    return [("took", (Span(f"{duration(sum(took) / len(took))} on average, {duration(max(took))} at most"),))]


def _member(task_id: str, index: TaskIndex, now: float, glyphs: Glyphs) -> Line:
    task = index.tasks.get(task_id)
    shown = visible(_label(task_id, index)) or "(empty id)"
    if task is None:
        return Line((Span("? no record".ljust(STATUS_CELLS), "muted"), Span(shown)), hang=4)
    spans = [*status_spans(task.status, glyphs, STATUS_CELLS), Span(f"{index.duration_text(task, now):>7}  ", "muted")]
    spans.append(Span(shown))
    if task.error is not None:
        spans.append(Span(f"  {error_text(task.error)}", "error"))
    return Line(tuple(spans), hang=4, key=f"member:{task_id}", task=task_id)
