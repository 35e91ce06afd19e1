"""A workflow as a graph to draw: harmless labels, times as people read them. Pure."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status
from wftui.present.columns import Span
from wftui.present.format import duration
from wftui.present.glyphs import STATUS_ORDER, UNICODE
from wftui.present.operators import INFERRED, NOT_TAKEN, OFF, placed_label
from wftui.present.text import visible
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

_LEGEND_GAP = 3
_TO_COME = frozenset({Status.PENDING, Status.READY})


def graph_of(detail: WorkflowDetail, now: float, glyphs: Glyphs = UNICODE) -> Graph:
    """The tasks of a workflow and what each waits for, at time `now` (Unix seconds).

    A continuation keeps the edges of its own; the tasks of the sub-DAG that it returned have it as their parent. Times
    are recorded ones, and those that grow since a recorded start: none is guessed, and what did not begin has none.
    """
    live = detail.live
    edges = {(upstream, task.id): None for task in detail.tasks for upstream in task.upstream}
    if detail.truncated is not None:
        # What is waited for beyond the tasks that were read is not missing.
        known = {task.id for task in detail.tasks}
        edges = {edge: None for edge in edges if edge[0] in known}
    return Graph(tuple(_node(task, now, glyphs, live=live) for task in detail.tasks), tuple(edges))


def heavy_edges(path: Sequence[str], graph: Graph) -> frozenset[tuple[str, str]]:
    """The edges that are drawn heavy so that a critical path can be followed, by node ids.

    What waits for a continuation waits for the end of its sub-DAG, but the line drawn is the continuation's own.
    """
    parents = {node.id: node.parent for node in graph.nodes}
    drawn = {*graph.edges, *((parent, child) for child, parent in parents.items() if parent is not None)}
    heavy: set[tuple[str, str]] = set()
    for source, target in pairwise(path):
        above: str | None = source
        seen: set[str] = set()
        while above is not None and (above, target) not in drawn and above not in seen:
            seen.add(above)
            above = parents.get(above)
        if above is not None and (above, target) in drawn:
            heavy.add((above, target))
    return frozenset(heavy)


def ticking(detail: WorkflowDetail) -> frozenset[str]:
    """The tasks whose times grow by themselves."""
    live = detail.live
    return frozenset(task.id for task in detail.tasks if _ticks(task, live=live))


def _ticks(task: Task, *, live: bool) -> bool:
    # A bare directory cannot tell "running" from "crashed": nothing is counted there that nobody knows.
    return live and task.status in (Status.RUNNING, Status.WAITING) and when(task.started_at) is not None


def _node(task: Task, now: float, glyphs: Glyphs, *, live: bool) -> GraphNode:
    operator = task.operator
    # A run that was resumed may have times of the one before on tasks that wait again.
    took = None if task.status in _TO_COME else task.duration
    text = duration(took)
    if not text and _ticks(task, live=live) and task.started_at is not None:
        seconds = max(0, math.floor(now - task.started_at))
        text = duration(float(seconds)) if seconds else "0s"
    if operator is None:
        return GraphNode(task.id, visible(task.label) or "(empty id)", task.status, text, task.parent, took)
    label = placed_label(task.label, operator, glyphs)
    if not operator.is_taken:
        return GraphNode(task.id, label, None, NOT_TAKEN, task.parent, is_off=True)
    text = text or (INFERRED if operator.is_inferred else "")
    return GraphNode(task.id, label, task.status, text, task.parent, took, is_item=operator.is_item)


def legend(graph: Graph, glyphs: Glyphs, width: int) -> tuple[tuple[Span, ...], ...]:
    """The statuses that occur, each with its glyph and how many there are, in lines of `width` cells if they fit."""
    # Counted in C: it is done at each tick, and a status is slow to hash.
    found = [node.status for node in graph.nodes]
    counts = {status: found.count(status) for status in STATUS_ORDER}
    told = [
        (f"{glyphs.status[status]} {status.value}", f" {count:,}", status.value.lower())
        for status, count in counts.items()
        if count
    ]
    if found.count(None) and (off := sum(node.is_off for node in graph.nodes)):
        told.append((f"{OFF[glyphs.mark.isascii()]} {NOT_TAKEN}", f" {off:,}", "muted"))
    if inferred := [node.time for node in graph.nodes].count(INFERRED):
        told.append((f"{INFERRED} inferred", f" {inferred:,}", "muted"))
    lines: list[tuple[Span, ...]] = []
    line: list[Span] = []
    used = 0
    for name, number, tone in told:
        size = len(name) + len(number)
        if line and used + _LEGEND_GAP + size > width:
            lines.append(tuple(line))
            line, used = [], 0
        if line:
            line.append(Span(" " * _LEGEND_GAP))
            used += _LEGEND_GAP
        line += [Span(name, tone), Span(number, "muted")]
        used += size
    return (*lines, tuple(line)) if line else ()
