"""A tiny app around the graph, to test it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from wftui.present.glyphs import glyphs
from wftui.widgets.graph_view import GraphView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wftui.model.workflow import WorkflowDetail

NOW = 1_793_714_527.0


class GraphApp(App[None]):
    """Shows the graph of one workflow."""

    def __init__(self, detail: WorkflowDetail | None, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._first = detail
        self._ascii = ascii_only
        self.selected: list[str] = []
        self.highlighted: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield GraphView(glyphs=glyphs(ascii_only=self._ascii))

    @property
    def graph(self) -> GraphView:
        return self.query_one(GraphView)

    @property
    def lines(self) -> list[str]:
        """What is on screen."""
        graph = self.graph
        return [graph.render_line(y).text.rstrip() for y in range(graph.size.height)]

    @property
    def cursor_line(self) -> int:
        """The line of the screen on which the cursor is."""
        return self.graph.cursor_row - self.graph.scroll_offset.y

    def on_mount(self) -> None:
        self.graph.focus()
        self.graph.show(self._first, NOW)

    def on_graph_view_task_selected(self, message: GraphView.TaskSelected) -> None:
        self.selected.append(message.task_id)

    def on_graph_view_task_highlighted(self, message: GraphView.TaskHighlighted) -> None:
        self.highlighted.append(message.task_id)
