"""What a graph view works out of a workflow before anything is laid out: for large ones off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.captions import span
from wftui.dag.graphs import Kind
from wftui.dag.grouping import by_interest
from wftui.dag.picture import Pen
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.critical_path import critical_path
from wftui.present.format import duration
from wftui.present.glyphs import STATUS_ORDER
from wftui.present.graph import graph_of, heavy_edges, ticking
from wftui.present.graph_lines import Members
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.dag.drawn import Drawn
    from wftui.dag.graphs import Item
    from wftui.model.graph import Graph, GraphNode
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

# More tasks than that are looked at in a thread.
MANY = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """A workflow as a graph, at a moment.

    Attributes:
        detail: The workflow.
        graph: Its tasks with the statuses and times of that moment.
        ticking: The tasks whose times grow by themselves.
        path: The critical path, by task ids.
        heavy: The edges along it.
    """

    detail: WorkflowDetail
    graph: Graph
    ticking: frozenset[str]
    path: tuple[str, ...]
    heavy: frozenset[tuple[str, str]]


def look_at(detail: WorkflowDetail, now: float) -> Seen:
    """Work out the graph of a workflow, at time `now` (Unix seconds)."""
    path = critical_path(detail)
    graph = graph_of(detail, now)
    return Seen(detail, graph, ticking(detail), path, heavy_edges(path, graph))


def pen_for(glyphs: Glyphs) -> Pen:
    """The pen for a set of glyphs."""
    return Pen(glyphs.status, visible, duration, ascii_only=glyphs.mark.isascii())


def first_of_interest(detail: WorkflowDetail, drawn: Drawn) -> str | None:
    """The task to look at first: the first that failed itself, else the first that runs, else the first of all."""
    inside_failed = {task.parent for task in detail.tasks if task.status is Status.FAILED}
    inside_running = {task.parent for task in detail.tasks if task.status is Status.RUNNING}
    place = {item: at for at, item in enumerate(drawn.order())}
    ranked: list[tuple[int, int, str]] = []
    for task in detail.tasks:
        loud = {Status.FAILED: 0, Status.RUNNING: 2, Status.WAITING: 4}.get(task.status, 6)
        if loud == 6 and task.id not in place:
            continue
        item = drawn.item_of(task.id)
        if item is None:
            continue
        # A continuation fails with its sub-DAG; what is wrong is inside.
        inner = inside_failed if task.status is Status.FAILED else inside_running
        outer = task.kind is TaskKind.CONTINUATION and task.id in inner
        ranked.append((loud + outer, place[item.id], task.id))
    return min(ranked)[2] if ranked else None


def members_of(item: Item, nodes: Mapping[str, GraphNode], glyphs: Glyphs) -> Members | None:
    """What an item stands for; None for a plain task."""
    ids = [member for member in item.members or item.hidden if member in nodes]
    if not ids:
        return None
    if item.kind is Kind.GROUP:
        title = f"{item.name or nodes[ids[0]].label} {'x' if glyphs.mark.isascii() else '×'}{len(ids):,}"
    elif item.kind is Kind.FOLD:
        title = f"{len(ids):,} folded: {span(nodes[ids[0]].label, nodes[ids[-1]].label)}"
    else:
        title = f"{nodes[item.id].label if item.id in nodes else visible(item.id)}, and {len(ids):,} that it returned"
    found = [nodes[member].status for member in ids]
    counts = {status: count for status in STATUS_ORDER if (count := found.count(status))}
    return Members(visible(title), tuple(by_interest(ids, nodes)), counts)
