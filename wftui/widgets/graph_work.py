"""What a graph view works out off the UI thread: from a workflow to a laid-out graph."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wftui.dag.drawing import Layout, lay_out
from wftui.dag.picture import Folds, Pen, View
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.format import duration
from wftui.present.graph import graph_of
from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.graph import Graph
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

# More tasks than that are laid out in a thread.
MANY = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw, and how.

    Attributes:
        detail: The workflow.
        now: Unix seconds.
        width: Cells that there are.
        pen: The characters to draw with.
        view: The view asked for.
        folds: What is folded.
        kept: A node that news must not fold away, because the cursor is on it.
    """

    detail: WorkflowDetail
    now: float
    width: int
    pen: Pen
    view: View = View.AUTO
    folds: Folds = field(default_factory=Folds)
    kept: str | None = None

    def same_shape(self, other: Wanted) -> bool:
        """Whether both differ in statuses and times at most."""
        mine, theirs = self.detail.tasks, other.detail.tasks
        return (
            (self.width, self.view, self.folds, self.pen.ascii_only)
            == (other.width, other.view, other.folds, other.pen.ascii_only)
            and len(mine) == len(theirs)
            and all(a.id == b.id and a.upstream == b.upstream and a.parent == b.parent for a, b in zip(mine, theirs))  # noqa: B905 - of one length
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """A laid-out graph.

    Attributes:
        wanted: What was asked for.
        graph: The graph, with the statuses and times of that moment.
        layout: Where everything stands.
    """

    wanted: Wanted
    graph: Graph
    layout: Layout


def pen_for(glyphs: Glyphs) -> Pen:
    """The pen for a set of glyphs."""
    return Pen(glyphs.status, visible, duration, ascii_only=glyphs.mark.isascii())


def prepare(wanted: Wanted, before: Prepared | None) -> Prepared:
    """Lay out, or keep the layout where only statuses and times are new."""
    graph = graph_of(wanted.detail, wanted.now)
    if before is not None and wanted.same_shape(before.wanted):
        folded = set(before.layout.folded)
        if all(node.status is Status.SUCCESSFUL for node in graph.nodes if node.id in folded):
            return Prepared(wanted, graph, before.layout)
    folds = wanted.folds
    if wanted.kept is not None:
        folds = replace(folds, kept=folds.kept | {wanted.kept})
    return Prepared(wanted, graph, lay_out(graph, wanted.pen, wanted.width, wanted.view, folds))


def first_of_interest(detail: WorkflowDetail, layout: Layout) -> str | None:
    """The task to look at first: the first that failed itself, else the first that runs, else the first of all."""
    inside_failed = {task.parent for task in detail.tasks if task.status is Status.FAILED}
    inside_running = {task.parent for task in detail.tasks if task.status is Status.RUNNING}
    ranked: list[tuple[int, int, str]] = []
    for task in detail.tasks:
        row = layout.row_of.get(task.id)
        if row is None:
            continue
        # A continuation fails with its sub-DAG; what is wrong is inside.
        inner = inside_failed if task.status is Status.FAILED else inside_running
        outer = task.kind is TaskKind.CONTINUATION and task.id in inner
        rank = {Status.FAILED: 0, Status.RUNNING: 2, Status.WAITING: 4}.get(task.status, 6)
        ranked.append((rank + outer, row, task.id))
    return min(ranked)[2] if ranked else None
