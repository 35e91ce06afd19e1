"""A tiny app around the Graph tab, to test it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from tests.ui.states import until
from wftui.present.glyphs import glyphs
from wftui.present.task_index import index_of
from wftui.widgets.graph_tab import GraphTab
from wftui.widgets.graph_view import GraphView

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Offset
    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail
    from wftui.widgets.searched_tab import SearchedTab

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
        yield GraphTab(glyphs=glyphs(ascii_only=self._ascii), show_secrets=False)

    @property
    def tab(self) -> GraphTab:
        return self.query_one(GraphTab)

    @property
    def graph(self) -> GraphView:
        return self.query_one(GraphView)

    @property
    def lines(self) -> list[str]:
        """What of the picture is on screen."""
        graph = self.graph
        return [graph.render_line(y).text.rstrip() for y in range(graph.size.height)]

    @property
    def cell(self) -> Offset | None:
        """The cell of the graph in which the cursor's box begins."""
        return self.graph.cell_of(self.graph.cursor_node) if self.graph.cursor_node is not None else None

    def on_mount(self) -> None:
        self.graph.focus()
        if self._first is not None:
            self.show(self._first)

    def show(self, detail: WorkflowDetail, now: float = NOW) -> None:
        self.tab.show(detail, index_of(detail), now)

    def on_searched_tab_opened(self, message: SearchedTab.Opened) -> None:
        self.selected.append(message.task_id)

    def on_searched_tab_selected(self, message: SearchedTab.Selected) -> None:
        self.highlighted.append(message.task_id)


async def drawn(pilot: Pilot[None]) -> None:
    """Wait until all news are drawn and no layout is awaited."""
    app = pilot.app
    assert isinstance(app, GraphApp)
    await until(pilot, lambda: app.graph.settled, "the layout")


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait for the picture that they lead to."""
    await pilot.press(*keys)
    await drawn(pilot)
