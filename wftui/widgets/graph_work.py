"""What a graph view works out of a workflow before anything is laid out: for large ones off the UI thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.dag.captions import span
from wftui.dag.graphs import Kind
from wftui.dag.grouping import by_interest
from wftui.dag.picture import Pen
from wftui.model.graph import Graph
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.critical_path import critical_path
from wftui.present.format import duration
from wftui.present.glyphs import STATUS_ORDER, UNICODE
from wftui.present.graph import graph_of, heavy_edges, ticking
from wftui.present.graph_lines import Members
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.dag.drawn import Drawn
    from wftui.dag.graphs import Item
    from wftui.model.graph import GraphNode
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs


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


@dataclass(frozen=True, slots=True)
class News:
    """A workflow that was looked at.

    Attributes:
        seen: The workflow.
        before: What it was compared with; None where it was looked at from nothing.
        changed: The nodes that differ from those of `before`, new ones included; all where that is None.
    """

    seen: Seen
    before: Seen | None
    changed: tuple[GraphNode, ...]


def reading_note(detail: WorkflowDetail) -> str:
    """How much of a workflow is read."""
    done, total = detail.read or (len(detail.tasks), len(detail.tasks))
    return f"reading the tasks: {done:,} of {total:,}"


def look_at(detail: WorkflowDetail, now: float, before: Seen | None = None, glyphs: Glyphs = UNICODE) -> News:
    """Work out the graph of a workflow, at time `now` (Unix seconds).

    What is as it was in `before` is taken from there: news cost little more than what they change.
    """
    if before is not None and _goes_on(before.detail, detail):
        return _changes(detail, now, before, glyphs)
    path = critical_path(detail)
    graph = graph_of(detail, now, glyphs)
    return News(Seen(detail, graph, ticking(detail), path, heavy_edges(path, graph)), None, graph.nodes)


def _goes_on(before: WorkflowDetail, after: WorkflowDetail) -> bool:
    """Whether the tasks that were there are still the same ones, waiting for the same."""
    if before.summary.key != after.summary.key or before.live is not after.live:
        return False
    if before.truncated is not None or after.truncated is not None or len(before.tasks) > len(after.tasks):
        return False
    return all(
        old is new or (old.id == new.id and old.parent == new.parent and old.upstream == new.upstream)
        for old, new in zip(before.tasks, after.tasks, strict=False)
    )


def _changes(detail: WorkflowDetail, now: float, before: Seen, glyphs: Glyphs) -> News:
    old, count = before.detail.tasks, len(before.detail.tasks)
    nodes = before.graph.nodes
    other = [at for at in range(count) if detail.tasks[at] is not old[at] and detail.tasks[at] != old[at]]
    added = detail.tasks[count:]
    moved = tuple(dict.fromkeys((*other, *(at for at, node in enumerate(nodes) if node.id in before.ticking))))
    fresh = graph_of(replace(detail, tasks=(*(detail.tasks[at] for at in moved), *added)), now, glyphs)
    changed = {at: node for at, node in zip(moved, fresh.nodes, strict=False) if node != nodes[at]}
    graph = before.graph
    if changed or added:
        kept = list(nodes)
        for at, node in changed.items():
            kept[at] = node
        edges = (edge for task in added for edge in dict.fromkeys((up, task.id) for up in task.upstream))
        graph = Graph((*kept, *fresh.nodes[len(moved) :]), (*before.graph.edges, *edges) if added else graph.edges)
    path, heavy = before.path, before.heavy
    if added or any(_counts(detail.tasks[at]) != _counts(old[at]) for at in other):
        path = critical_path(detail)
        heavy = heavy_edges(path, graph)
    grows = ticking(detail) if other or added else before.ticking
    news = Seen(detail, graph, grows, path, heavy)
    return News(news, before, (*changed.values(), *fresh.nodes[len(moved) :]))


def _counts(task: Task) -> tuple[float | None, str | None]:
    """What of a task a critical path is made of, besides what it waits for."""
    return task.duration, task.continuation


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
        # A continuation fails with its sub-DAG, and a loop with its items; what is wrong is inside.
        inner = inside_failed if task.status is Status.FAILED else inside_running
        holds = task.kind is TaskKind.CONTINUATION or task.operator is not None
        outer = holds and task.id in inner
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
        title = f"{nodes[item.id].label if item.id in nodes else visible(item.id)}, and {len(ids):,} below it"
    found = [nodes[member].status for member in ids]
    counts = {status: count for status in STATUS_ORDER if (count := found.count(status))}
    return Members(visible(title), tuple(by_interest(ids, nodes)), counts)
