"""The rows of a timeline: one for each item of the graph, so that both group and fold alike. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from wftui.dag.captions import caption
from wftui.dag.graphs import Kind, nodes_by_id, places
from wftui.dag.picture import Folds
from wftui.dag.plan import Plan
from wftui.dag.shaping import shape
from wftui.model.status import Status
from wftui.present.graph import graph_of
from wftui.present.task_index import index_of
from wftui.present.timing import Timings, concurrency, extent_of, grows, timings_of, when
from wftui.timeline.bars import bars_of, gaps_of
from wftui.timeline.scale import Stretching, roomy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.dag.graphs import Dag, Item
    from wftui.dag.picture import Pen
    from wftui.model.graph import Graph, GraphNode
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.task_index import TaskIndex
    from wftui.timeline.bars import Bar

Steps = tuple[tuple[float, int], ...]

# So many gaps are drawn short at most.
_GAPS = 6
_NO_FOLDS = Folds()
# Deeper nesting is not indented any further.
DEEPEST = 6


class Order(Enum):
    """How rows are sorted; the value is the word on the command line."""

    START = "start"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a task, or what stands for several.

    Attributes:
        item: What it stands for.
        ids: The tasks behind it.
        mark: The glyph of its status, or of a group or a fold.
        tone: The tone of that.
        label: What it is called, harmless.
        depth: How many continuations it lies in.
        critical: Whether any of it is on the critical path.
        goes_on: Whether any of it runs or waits now, so that its bar grows.
    """

    item: Item
    ids: tuple[str, ...]
    mark: str
    tone: str
    label: str
    depth: int = 0
    critical: bool = False
    goes_on: bool = False

    @property
    def is_many(self) -> bool:
        """Whether it stands for several tasks."""
        return len(self.ids) > 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """A workflow's time, ready to be drawn.

    Attributes:
        detail: The workflow.
        index: Its tasks, to be found from any side.
        now: To when it reaches, in Unix seconds.
        graph: The tasks as a graph.
        dag: The rows as the graph has them.
        timings: Where its time went.
        steps: How many tasks ran at once.
        time: What is drawn, with its gaps; None where no times are known.
        rows: From top to bottom.
        place: The row of each task, by id.
        folds: What is folded.
        order: How they are sorted.
    """

    detail: WorkflowDetail
    index: TaskIndex
    now: float
    graph: Graph
    dag: Dag
    timings: Timings = field(default_factory=Timings)
    steps: Steps = ()
    time: Stretching | None = None
    rows: tuple[Row, ...] = ()
    place: Mapping[str, int] = field(default_factory=dict)
    folds: Folds = _NO_FOLDS
    order: Order = Order.START

    @property
    def live(self) -> bool:
        """Whether its running edge moves."""
        return grows(self.detail)

    def bars(self, row: Row, now: float | None = None) -> tuple[Bar, ...]:
        """The bars of a row of one task, at `now` if it is later by then."""
        task = self.index.tasks[row.ids[0]]
        at = self.now if now is None else now
        return bars_of(task, self.timings, live=self.live, now=at, ends=self.index.ends.get(task.id))

    def counts(self, row: Row, now: float | None = None) -> Steps:
        """How many tasks of a row of several ran at once."""
        tasks = [self.index.tasks[task_id] for task_id in row.ids]
        return concurrency(self.detail, self.timings, self.now if now is None else now, tasks)

    def failures(self, row: Row) -> tuple[float, ...]:
        """When tasks of a row failed, tries that were made again included."""
        found = [self.index.tasks[task_id] for task_id in row.ids]
        ends = [one.ended_at for task in found for one in task.attempts or () if one.status is Status.FAILED]
        ends += [task.ended_at for task in found if task.status is Status.FAILED]
        return tuple(moment for moment in map(when, ends) if moment is not None)

    def spent(self, row: Row, now: float | None = None) -> float | None:
        """Seconds from the first start of a row to its last end, or to now; None where nothing of it began."""
        tries = [one for task_id in row.ids for one in self.timings[task_id].tries]
        if not tries:
            return None
        at = self.now if now is None else now
        ends = [one.end for one in tries if one.end is not None]
        if not row.is_many and self.index.tasks[row.ids[0]].continuation is not None:
            over = self.index.ends.get(row.ids[0])
            ends += [over] if over is not None else []
        if row.goes_on:
            ends.append(at)
        return max(0.0, max(ends) - min(one.start for one in tries)) if ends else None

    def share(self, row: Row) -> float | None:
        """What of the wall time a row ran: for several, the most of any of them."""
        shares = [share for task_id in row.ids if (share := self.timings[task_id].share) is not None]
        return max(shares, default=None)

    def slack(self, row: Row) -> float | None:
        """How much longer any of a row could have taken."""
        slacks = [slack for task_id in row.ids if (slack := self.timings[task_id].slack) is not None]
        return min(slacks, default=None)


def timeline_of(
    detail: WorkflowDetail,
    now: float,
    pen: Pen,
    *,
    folds: Folds = _NO_FOLDS,
    grouped: bool | None = None,
    order: Order = Order.START,
    spare: bool = False,
) -> Timeline:
    """Work a timeline out.

    Args:
        detail: The workflow.
        now: Unix seconds.
        pen: What the graph is drawn with.
        folds: What is folded or opened.
        grouped: Whether what is alike becomes one row; None: where there is much, as in the graph.
        order: How rows are sorted.
        spare: Leave room for what still grows.
    """
    index = index_of(detail)
    timings = timings_of(detail, now)
    extent = extent_of(detail, now)
    time = None
    if extent is not None:
        time = Stretching(extent, gaps_of(detail, timings, extent, now, most=_GAPS))
        if spare and grows(detail):
            time = roomy(time)
    graph = graph_of(detail, now)
    dag = shape(graph, pen.name, Plan(folds, grouped))
    rows = _rows(dag, graph, index, timings, pen, order, live=grows(detail))
    place = {task_id: at for at, row in enumerate(rows) for task_id in (*row.ids, *row.item.hidden)}
    steps = concurrency(detail, timings, now)
    return Timeline(detail, index, now, graph, dag, timings, steps, time, rows, place, folds, order)


def _rows(
    dag: Dag, graph: Graph, index: TaskIndex, timings: Timings, pen: Pen, order: Order, *, live: bool
) -> tuple[Row, ...]:
    nodes = nodes_by_id(graph)
    path = frozenset(timings.path)
    items = [at for at, item in enumerate(dag.items) if item.kind is not Kind.MISSING]
    ids = {at: _behind(dag.items[at], index) for at in items}
    items = [at for at in items if ids[at]]
    starts = {at: _first(ids[at], timings) for at in items}
    above = _above(dag, items, nodes)
    children: dict[int, list[int]] = {}
    for at in items:
        children.setdefault(above[at], []).append(at)
    if order is Order.START:
        # What was taken out of a group or a chain stays below the rest of it.
        lead: dict[str, float] = {}
        for at in items:
            if (origin := dag.items[at].origin) is not None:
                lead[origin] = min(starts[at], lead.get(origin, math.inf))

        def by_start(at: int) -> tuple[float, str, bool, float, int]:
            origin = dag.items[at].origin
            single = len(ids[at]) == 1
            first = starts[at] if origin is None else lead[origin]
            return (first, origin or "", single, starts[at], at)

        for inner in children.values():
            inner.sort(key=by_start)
    rows: list[Row] = []
    seen: set[int] = set()
    todo = [(at, 0) for at in reversed(children.get(-1, ()))]
    while todo:
        at, depth = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        rows.append(_row(dag.items[at], ids[at], nodes, index, path, pen, depth, live=live))
        todo += [(child, depth + 1) for child in reversed(children.get(at, ()))]
    rows += [_row(dag.items[at], ids[at], nodes, index, path, pen, 0, live=live) for at in items if at not in seen]
    return tuple(rows)


def _first(ids: Sequence[str], timings: Timings) -> float:
    """When the first of some tasks began; what did not comes last."""
    found = [timings[task_id].tries[0].start for task_id in ids if timings[task_id].tries]
    return min(found, default=math.inf)


def _behind(item: Item, index: TaskIndex) -> tuple[str, ...]:
    return tuple(task_id for task_id in (item.members or (item.id,)) if task_id in index.tasks)


def _above(dag: Dag, items: Sequence[int], nodes: Mapping[str, GraphNode]) -> dict[int, int]:
    """The row that each lies in: that of the continuation which returned it; -1 for none."""
    place = places(dag)
    found: dict[int, int] = {}
    for at in items:
        node = nodes.get(dag.items[at].id)
        parent = place.get(node.parent, -1) if node is not None and node.parent is not None else -1
        found[at] = parent if parent != at else -1
    return found


def _row(
    item: Item,
    ids: tuple[str, ...],
    nodes: Mapping[str, GraphNode],
    index: TaskIndex,
    path: frozenset[str],
    pen: Pen,
    depth: int,
    *,
    live: bool,
) -> Row:
    told = caption(item, nodes, pen, remarks=False)
    tasks = [index.tasks[task_id] for task_id in ids]
    goes_on = live and any(_goes_on(task) for task in tasks)
    critical = not path.isdisjoint(ids)
    return Row(item, ids, told.mark, told.style, told.label, min(depth, DEEPEST), critical, goes_on)


def _goes_on(task: Task) -> bool:
    return task.status.is_active and task.started_at is not None


def bar_tone(status: Status | None, *, critical: bool) -> str:
    """The tone of what ran: what went well stays quiet, unless it is on the critical path."""
    if status is None:
        return "quiet"
    word = status.value.lower()
    return ("successful" if critical else "quiet") if word == "successful" else word
