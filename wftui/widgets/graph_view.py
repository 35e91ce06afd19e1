"""The graph of a workflow: lanes or a tree, to walk through while it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from wftui.dag.graphs import Kind
from wftui.dag.picture import View
from wftui.model.status import Status
from wftui.present.critical_path import critical_path
from wftui.present.keys import Place
from wftui.widgets.bindings import bindings
from wftui.widgets.graph_canvas import GraphCanvas

if TYPE_CHECKING:
    from textual import events
    from textual.binding import BindingType


class GraphView(GraphCanvas):
    """A graph to walk through: along its rows, its edges, its siblings, what failed and what took the time."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.GRAPH)

    @dataclass
    class TaskSelected(Message):
        """A task was chosen."""

        task_id: str

    @dataclass
    class TaskHighlighted(Message):
        """The cursor is on another task; None where there is none."""

        task_id: str | None

    def go_to(self, task_id: str) -> bool:
        """Put the cursor on a task, as soon as the graph is laid out; False when it is not there."""
        if self._prepared is None:
            self._goal = task_id
            return False
        row = self._prepared.layout.row_of.get(task_id)
        if row is None:
            return False
        self.move(row)
        return True

    def action_row(self, by: int) -> None:
        """Move by so many nodes."""
        if self._walk is not None:
            self.move(self._walk.step(self._row, by))

    def action_page(self, by: int) -> None:
        """Move by so many pages."""
        if self._walk is not None:
            self.move(self._walk.nearest(self._row + by * max(1, self.size.height - 1)))

    def action_first(self) -> None:
        """To the first node."""
        self.action_row(-len(self._walk.rows) if self._walk is not None else 0)

    def action_last(self) -> None:
        """To the last node; what stands below it is shown, too."""
        self.action_row(len(self._walk.rows) if self._walk is not None else 0)
        self.scroll_to(y=self.virtual_size.height, animate=False, immediate=True, force=True)

    def action_upstream(self) -> None:
        """Along an edge to what the task waits for."""
        if self._walk is not None:
            self.move(self._walk.upstream(self._row))

    def action_downstream(self) -> None:
        """Along an edge to what waits for the task."""
        if self._walk is not None:
            self.move(self._walk.downstream(self._row))

    def action_sibling(self, by: int) -> None:
        """To the next node beside this one."""
        if self._walk is not None:
            self.move(self._walk.sibling(self._row, by))

    def action_critical(self, by: int) -> None:
        """Along the path that took the time."""
        if self._prepared is None or self._detail is None:
            return
        rows = sorted({self._prepared.layout.row_of.get(task, -1) for task in critical_path(self._detail)} - {-1})
        ahead = [row for row in rows if (row - self._row) * by > 0]
        if ahead:
            self.move(ahead[0] if by > 0 else ahead[-1])
        elif not rows:
            self.notify("No times are known yet, so there is no critical path", severity="warning")

    def action_next_failed(self) -> None:
        """To the next task that failed, round and round."""
        if self._prepared is None:
            return
        row_of = self._prepared.layout.row_of
        rows = sorted({row_of[node.id] for node in self._prepared.graph.nodes if node.status is Status.FAILED})
        if rows:
            self.move(next((row for row in rows if row > self._row), rows[0]))
        else:
            self.notify("No task failed")

    def action_open(self) -> None:
        """Open the task; what is folded is unfolded first."""
        item = self.cursor_item
        if item is None:
            return
        if item.kind is Kind.FOLD:
            self.action_fold()
        elif item.kind is Kind.NODE:
            self.post_message(self.TaskSelected(item.id))

    def action_fold(self) -> None:
        """Fold or unfold what is under the cursor."""
        item = self.cursor_item
        if item is None or self._prepared is None or self._detail is None:
            return
        folds = self._folds
        if item.kind is Kind.FOLD:
            self._folds = replace(folds, kept=folds.kept | frozenset(item.members))
        elif item.id in folds.closed:
            self._folds = replace(folds, closed=folds.closed - {item.id})
        elif any(task.parent == item.id for task in self._detail.tasks):
            self._folds = replace(folds, closed=folds.closed | {item.id})
        elif item.id in folds.kept:
            self._folds = replace(folds, kept=frozenset())
        else:
            parent = next((task.parent for task in self._detail.tasks if task.id == item.id), None)
            if parent is None or parent not in self._prepared.layout.row_of:
                return
            self._folds = replace(folds, closed=folds.closed | {parent})
            self.cursor_node = parent
        self._lay_out(refold=True)

    def action_view(self) -> None:
        """The other view."""
        seen = self.view
        self._view = View.TREE if seen is View.LANES else View.LANES
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Choose the node of the line; open it with the second click."""
        row = self.scroll_offset.y + event.y
        if self._prepared is None or self._prepared.layout.item_at(row) < 0:
            return
        again = row == self._row and event.chain > 1
        self.move(row)
        if again:
            self.action_open()

    def watch_cursor_node(self, node: str | None) -> None:
        """Tell where the cursor is."""
        self.post_message(self.TaskHighlighted(node))
