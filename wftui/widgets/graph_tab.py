"""The Graph tab: the graph, what is said about it, and about what its cursor is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from wftui.dag.graphs import nodes_by_id
from wftui.present.columns import Span
from wftui.present.text import visible
from wftui.widgets.graph_minimap import GraphMinimap
from wftui.widgets.graph_notes import focus_line, inner_word, legend_line, more_line, note_line, remark_line
from wftui.widgets.graph_search import GraphSearch, SearchInput
from wftui.widgets.graph_view import GraphView
from wftui.widgets.graph_work import members_of
from wftui.widgets.picture_tab import PictureTab, Room
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wftui.model.graph import Graph, GraphNode
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.graph_lines import Members
    from wftui.present.task_index import TaskIndex
    from wftui.widgets.detail_document import DetailDocument

# From so many rows the pane has its place; also where the graph leaves it so many.
_ROOMY = 28
_LEFT_OVER = 9
# Of fewer rows everything but the graph goes, first the strip, then the line.
_STRIP_FROM, _LINE_FROM = 9, 4


class GraphTab(PictureTab):
    """The pane, or where there is no room for it the strip, follows the cursor of the graph.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    DEFAULT_CSS = """
    GraphTab {
        layers: base over;
        & > GraphView { height: 1fr; }
        & > #graph-line { height: 1; width: 1fr; padding: 0 1 0 2; display: none; }
        & > #graph-line { text-wrap: nowrap; text-overflow: ellipsis; }
        & > #graph-line.-said { display: block; }
    }
    """

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, show_secrets=show_secrets, id=id)
        self._said: list[Span] = []
        # The nodes of a graph, kept from one key to the next.
        self._known: tuple[Graph | None, dict[str, GraphNode]] = (None, {})

    def compose(self) -> ComposeResult:
        """The graph, notes, legend, search, strip and panes; the small map lies over them."""
        yield GraphView(glyphs=self._glyphs)
        yield Static("", id="graph-line", markup=False)
        yield from self.compose_below()
        yield GraphMinimap(glyphs=self._glyphs)

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def view(self) -> GraphView:
        """The graph itself."""
        return self.query_one(GraphView)

    @property
    def settled(self) -> bool:
        """Whether all news are drawn, and no layout is awaited."""
        return self.view.settled

    @property
    def ticks(self) -> bool:
        """Whether anything that is seen grows by itself."""
        return self.view.ticks or self.pane_ticks

    def show(self, detail: WorkflowDetail, index: TaskIndex, now: float) -> None:
        """Show a workflow at `now` (Unix seconds)."""
        self._index, self._now = index, now
        self.view.show(detail, now)
        self.tell()

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        self.view.tick(now)
        self.tell()

    def go_to(self, task_id: str) -> None:
        """Put the cursor on a task, or on what it lies in."""
        self.view.go_to(task_id)

    # -- searching -------------------------------------------------------------------------------------------

    def search(self) -> None:
        """Type what to search for."""
        super().search()
        self.view.searching = True

    def on_graph_search_typed(self, message: GraphSearch.Typed) -> None:
        """Go to the first match, from where the cursor is."""
        message.stop()
        self._count(self.view.search(message.text))

    def on_search_input_stepped(self, message: SearchInput.Stepped) -> None:
        """Go to another match."""
        message.stop()
        self._count(self.view.search_on(message.by))

    def on_graph_view_search_ended(self, message: GraphView.SearchEnded) -> None:
        """Escape in the graph."""
        message.stop()
        self.end_search()

    def drop_search(self) -> None:
        """Nothing is found any more."""
        self.view.end_search()

    def _count(self, count: str) -> None:
        self.query_one(GraphSearch).count(count, "warning" if count.startswith("no") else "muted")

    # -- messages --------------------------------------------------------------------------------------------

    def on_graph_live_changed(self, message: GraphView.Changed) -> None:
        """Another picture, or something to say about it."""
        message.stop()
        self._say()
        self._arrange()
        self.tell()
        self.query_one(GraphMinimap).follow(self.view)

    def on_graph_view_task_highlighted(self, message: GraphView.TaskHighlighted) -> None:
        """The pane follows the cursor, and the small map makes way for it."""
        message.stop()
        self.tell()
        self.query_one(GraphMinimap).follow(self.view)
        self.post_message(self.Selected(self, message.task_id))

    def on_graph_view_task_selected(self, message: GraphView.TaskSelected) -> None:
        """A task was chosen."""
        message.stop()
        self.post_message(self.Opened(message.task_id))

    def on_graph_window_panned(self, message: GraphView.Panned) -> None:
        """The small map follows the window."""
        message.stop()
        self._say()
        self.query_one(GraphMinimap).follow(self.view)

    def on_graph_view_minimap_asked(self, message: GraphView.MinimapAsked) -> None:
        """Show the small map, or not any more."""
        message.stop()
        self.query_one(GraphMinimap).toggle(self.view)

    def on_graph_minimap_chosen(self, message: GraphMinimap.Chosen) -> None:
        """A cell of the small map was hit."""
        message.stop()
        self.view.center(message.x, message.y)

    def on_detail_document_task_chosen(self, message: DetailDocument.TaskChosen) -> None:
        """A member or a neighbour was chosen: the cursor goes there."""
        message.stop()
        self.view.reveal(message.task_id)
        self.view.focus()

    def on_resize(self) -> None:
        """Share the room."""
        self._say()
        self._arrange()

    # -- inside ----------------------------------------------------------------------------------------------

    def _members(self) -> Members | None:
        item, seen = self.view.cursor_item, self.view.seen
        if item is None or seen is None or not (item.members or item.hidden):
            return None
        if self._known[0] is not seen.graph:
            self._known = (seen.graph, nodes_by_id(seen.graph))
        return members_of(item, self._known[1], self._glyphs)

    def tell(self) -> None:
        """Tell about what the cursor is on."""
        node = self.view.cursor_node
        self.describe(node, node, self._members())

    @property
    def _remarks(self) -> tuple[str, ...]:
        """What the source remarks on how the graph came about."""
        seen = self.view.seen
        return () if seen is None else tuple(visible(remark.what) for remark in seen.detail.remarks)

    def _say(self) -> None:
        """The line below the graph: what is to be said about it, then the legend.

        One line always, so that nothing moves when there is something to say.
        """
        view = self.view
        line = self.query_one("#graph-line", Static)
        focused = view.layouts.focus is not None
        said = [
            more_line(*view.hides, self._glyphs),
            focus_line(view.drawn, view.layouts.focus, view.seen.graph if view.seen else None),
            note_line(view.drawn, view.awaited, view.remark, rough=view.is_rough, focused=focused, known=self._remarks),
        ]
        if view.seen is not None:
            room, heavy = max(1, self.size.width - 3), bool(view.seen.heavy)
            inner = inner_word(view.seen.detail.tasks)
            said.append(legend_line(view.seen.graph, self._glyphs, room, view.view, heavy=heavy, inner=inner))
            said.append(remark_line(self._remarks))
        spans = [span for part in said if part for span in (*part, Span("   "))][:-1]
        if spans == self._said:
            return
        self._said = spans
        # One line as wide as the tab, whatever it says: the screen need not be laid out for it.
        line.update(Content("").join([toned(span.text, span.tone) for span in spans]), layout=False)

    def _arrange(self) -> None:
        """The pane where there is room, else the strip, else nothing; the graph takes what it needs, up to 60%."""
        height, view = self.size.height, self.view
        # Not only with a resize: a tab that is shown for the first time on a busy machine may hear of its size late.
        self.query_one("#graph-line").set_class(height >= _LINE_FROM, "-said")
        drawn = view.drawn
        need = view.needs_rows if drawn is not None else height
        if height < _STRIP_FROM:
            room = Room.BARE
        elif height >= _ROOMY or height - 1 - need >= _LEFT_OVER:
            room = Room.PANE
        else:
            room = Room.STRIP
        view.styles.height = max(3, min(need, height * 3 // 5)) if room is Room.PANE else "1fr"
        if self.give_room(room):
            self.tell()
