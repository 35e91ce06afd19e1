"""What is said about a graph as a whole: its legend, what is in focus, what is wrong with it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.picture import View
from wftui.dag.plan import Reach
from wftui.model.task import TaskKind
from wftui.present.columns import Span
from wftui.present.graph import legend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.drawn import Drawn
    from wftui.dag.plan import Focus
    from wftui.model.graph import Graph
    from wftui.model.task import Task
    from wftui.present.glyphs import Glyphs

Spans = tuple[Span, ...]
_INSIDE = (TaskKind.CHECKPOINT, TaskKind.WAIT)
_GAP = 3
# Cells of a remark that leave room for a legend.
_SHORT = 32


def legend_line(
    graph: Graph, glyphs: Glyphs, width: int, view: View, *, heavy: bool, inner: str = "returned by"
) -> Spans:
    """The statuses that occur, each with its glyph and how many there are, and what lines mean; in `width` cells."""
    if not graph.nodes:
        return ()
    ascii_only = glyphs.mark.isascii()
    lines = legend(graph, glyphs, 10_000)
    spans = list(lines[0]) if lines else []
    extra: list[str] = []
    if heavy and view is View.LAYERS:
        extra.append(f"{'==' if ascii_only else '━━'} critical path")
    if any(node.parent is not None for node in graph.nodes):
        extra.append(f"{': ' if ascii_only else '┄┄'} {inner}")
    used = sum(len(span.text) for span in spans)
    if used > width:  # the words of what is fine go first, then what does not fit
        return legend(graph, glyphs, width)[0]
    for text in extra:
        if used + _GAP + len(text) <= width:
            spans += [Span(" " * _GAP), Span(text, "muted")]
            used += _GAP + len(text)
    return tuple(spans)


def inner_word(tasks: Sequence[Task]) -> str:
    """What a dashed line means: operators hold others, tasks hold their steps, a continuation returns others."""
    holds = any(task.operator is not None or task.kind in _INSIDE for task in tasks)
    return "inside of" if holds else "returned by"


def more_line(left: bool, right: bool, glyphs: Glyphs) -> Spans:
    """Where there is more to see."""
    ascii_only = glyphs.mark.isascii()
    before, behind = ("<", ">") if ascii_only else ("◂", "▸")
    if not (left or right):
        return ()
    return (Span(f"{before + ' ' if left else ''}more{' ' + behind if right else ''}", "running"),)


def focus_line(drawn: Drawn | None, focus: Focus | None, graph: Graph | None) -> Spans:
    """What a focus shows, of how much, and how to leave it; nothing without one."""
    if focus is None or graph is None:
        return ()
    label = next((node.label for node in graph.nodes if node.id == focus.node), "?")
    around = {
        Reach.HOPS: f"{focus.hops} hop{'' if focus.hops == 1 else 's'} around {label}",
        Reach.ANCESTORS: f"what leads to {label}",
        Reach.DESCENDANTS: f"what follows from {label}",
    }[focus.reach]
    keys = "f next, +/- hops, esc whole" if focus.reach is Reach.HOPS else "f next, esc whole"
    count = "" if drawn is None else f"  {_tasks_in(drawn):,} of {len(graph.nodes):,} tasks"
    return (Span("focus: ", "running"), Span(around), Span(count, "muted"), Span(f"  {keys}", "muted"))


def _tasks_in(drawn: Drawn) -> int:
    items = (drawn.item_of(item) for item in drawn.order())
    return sum(max(1, len(item.members)) + len(item.hidden) for item in items if item is not None)


def remark_line(known: Sequence[str]) -> Spans:
    """What is known of how the graph came about, where that is too long for a note; the first, and how many more."""
    long = [told for told in known if len(told) > _SHORT]
    more = f"  and {len(long) - 1:,} more" if len(long) > 1 else ""
    return (Span(long[0], "muted"), Span(more, "muted")) if long else ()


def note_line(
    drawn: Drawn | None, awaited: int, remark: str, *, rough: bool, focused: bool, known: Sequence[str] = ()
) -> Spans:
    """What is under way, or was done, or is wrong with the graph; the first of it, and how many more.

    Args:
        drawn: What is on screen.
        awaited: Tasks that are being laid out while nothing is on screen; 0 where nothing has to be said.
        remark: What the layout service said.
        rough: Whether a better layout of this is being made.
        focused: Whether there is a focus: the first note says so, too.
        known: What is known of how the graph came about, each harmless.
    """
    if drawn is None:
        said = remark or (f"laying out {awaited:,} tasks..." if awaited else "")
        return (Span(said, "muted"),) if said else ()
    if not drawn.order() and not drawn.notes:
        return (Span("no task is recorded yet", "muted"),)
    notes = [remark] if remark else []
    if rough:
        notes.append("a first layout; a better one is being made")
    notes += [f"! {note}" for note in drawn.notes[focused:]]
    notes += [told for told in known if len(told) <= _SHORT]  # what is longer goes behind the legend
    if not notes:
        return ()
    more = f"  and {len(notes) - 1:,} more" if len(notes) > 1 else ""
    return (Span(notes[0], "warning" if notes[0].startswith("!") else "muted"), Span(more, "muted"))
