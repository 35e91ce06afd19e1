"""The graph of a workflow, to walk through while it runs: what each key does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from wftui.dag.drawn import Way
from wftui.dag.graphs import Kind
from wftui.model.status import Status
from wftui.present.glyphs import UNICODE
from wftui.present.keys import Place
from wftui.widgets.bindings import bindings
from wftui.widgets.graph_live import GraphLive
from wftui.widgets.graph_matches import GraphMatches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.binding import BindingType
    from textual.geometry import Offset

    from wftui.dag.drawn import Drawn
    from wftui.dag.picture import Folds
    from wftui.present.glyphs import Glyphs

_BACK = {Way.LEFT: Way.RIGHT, Way.RIGHT: Way.LEFT}
# Cells by which one key pans.
_PAN = (12, 4)


class GraphView(GraphLive):
    """A graph to walk through: along its edges, its siblings, what failed and what took the time."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.GRAPH)

    @dataclass
    class TaskSelected(Message):
        """A task was chosen."""

        task_id: str

    @dataclass
    class TaskHighlighted(Message):
        """The cursor is on another item, told by its first task; None where there is none."""

        task_id: str | None

    class MinimapAsked(Message):
        """The small map is wanted, or not any more."""

    class SearchEnded(Message):
        """No search any more."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        # Whether a search highlights anything: then escape ends that first.
        self.searching = False
        self.matches = GraphMatches()
        # Where left and right lead from where, because one came from there.
        self._trail: dict[tuple[str, Way], str] = {}

    # -- ways through it -------------------------------------------------------------------------------------

    def action_go(self, way: str) -> None:
        """Follow an edge, or go to what stands above or below. Back along an edge leads to where one came from."""
        drawn, here = self._drawn, self.cursor_node
        if drawn is None or here is None:
            return
        towards, trail = Way(way), self._trail
        there = trail.get((here, towards))
        if there is None or drawn.area_of(there) is None:
            there = drawn.move(here, towards)
        self.move_to(there)
        if towards in _BACK and there != here:
            self._trail = {**trail, (there, _BACK[towards]): here}

    def move_to(self, item: str) -> None:
        """Put the cursor on an item; only arrows remember where they came from."""
        self._trail = {}
        super().move_to(item)

    def action_sibling(self, by: int) -> None:
        """To the next node beside this one."""
        if self._drawn is not None and self.cursor_node is not None:
            self.move_to(self._drawn.sibling(self.cursor_node, by))

    def action_page(self, by: int) -> None:
        """Move by so many pages."""
        area = self._area(self.cursor_node)
        if self._drawn is None or area is None:
            return
        rows = max(1, self._room.height - 1)
        there = self._drawn.nearest(area.x, max(0, min(area.y + by * rows, self._drawn.height - 1)))
        if there is not None:
            self.pan(0, by * rows)
            self.move_to(there)

    def action_first(self) -> None:
        """To the first node, and the corner of the picture."""
        if self._drawn is not None and self._drawn.order():
            self.to_origin()
            self.move_to(self._drawn.order()[0])

    def action_last(self) -> None:
        """To the last node."""
        if self._drawn is not None and self._drawn.order():
            self.move_to(self._drawn.order()[-1])

    def action_critical(self, by: int) -> None:
        """Along the path that took the time."""
        if self._drawn is None or self._seen is None or self.cursor_node is None:
            return
        if not self._seen.path:
            self.notify("No times are known yet, so there is no critical path", severity="warning")
            return
        path = self._items(self._seen.path)
        if self.cursor_node in path:
            at = path.index(self.cursor_node) + by
            if 0 <= at < len(path):
                self.move_to(path[at])
            return
        place = {item: at for at, item in enumerate(self._drawn.order())}
        here = place[self.cursor_node]
        ahead = [item for item in path if (place[item] - here) * by > 0]
        if ahead:
            self.move_to(ahead[0] if by > 0 else ahead[-1])

    def action_next_failed(self) -> None:
        """To the next item in which a task failed, round and round."""
        if self._drawn is None or self._seen is None or self.cursor_node is None:
            return
        failed = set(self._items(node.id for node in self._seen.graph.nodes if node.status is Status.FAILED))
        order = [item for item in self._drawn.order() if item in failed or item == self.cursor_node]
        if not failed:
            self.notify("No task failed")
        else:
            at = order.index(self.cursor_node)
            self.move_to(next((item for item in (*order[at + 1 :], *order[:at]) if item in failed), self.cursor_node))

    def _items(self, nodes: Iterable[str]) -> list[str]:
        """The items that these nodes are or lie in, each once, in this order."""
        found = (self._drawn.item_of(node) if self._drawn is not None else None for node in nodes)
        return list(dict.fromkeys(item.id for item in found if item is not None))

    def action_pan(self, x: int, y: int) -> None:
        """Look elsewhere; the cursor stays."""
        self.pan(x * _PAN[0], y * _PAN[1])

    # -- what of it is seen ----------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Escape is the graph's while there is a focus or a search to leave."""
        if action == "whole":
            return self.searching or self.layouts.focus is not None
        if action == "hops":
            return self.layouts.focus is not None
        return True

    def action_open(self) -> None:
        """Open the task; of what is grouped or folded, show some more."""
        item = self.cursor_item
        if item is None or self._drawn is None or self._seen is None:
            return
        if item.kind is Kind.NODE and not item.hidden:
            self.post_message(self.TaskSelected(item.id))
            return
        goal = self.layouts.open(self._drawn, item, self._seen)
        if goal is not None:
            self._again(goal)

    def action_fold(self) -> None:
        """Fold or unfold what is under the cursor."""
        item = self.cursor_item
        if item is None or self._drawn is None or self._seen is None:
            return
        goal = self.layouts.open(self._drawn, item, self._seen)
        if goal is None:
            goal = self.layouts.close_at(self._drawn, item, self._seen)
        if goal is not None:
            self._again(goal)

    def action_focus(self) -> None:
        """See some hops around the cursor's task, then what leads to it, then what follows from it, then all."""
        if self.cursor_node is not None:
            self.layouts.next_focus(self.cursor_node)
            self._again(self.cursor_node, loose=True)

    def action_hops(self, by: int) -> None:
        """See more around the focus, or less."""
        if self.layouts.more_hops(by):
            self._again(self.cursor_node, loose=True)

    def action_whole(self) -> None:
        """End a search; else see the whole graph again."""
        if self.searching:
            self.post_message(self.SearchEnded())
        elif self.layouts.focus is not None:
            self.layouts.focus = None
            self._again(self.cursor_node, loose=True)

    def action_view(self) -> None:
        """The next view: layers, lanes, tree."""
        self.layouts.next_view(self.view)
        self._again(self.cursor_node, loose=True)

    def action_relayout(self) -> None:
        """Lay out from nothing."""
        self.lay_out(anew=True)

    def action_minimap(self) -> None:
        """Show the small map, or not any more."""
        self.post_message(self.MinimapAsked())

    def reveal(self, node: str) -> None:
        """Put the cursor on a task, opening whatever hides it."""
        item = self._drawn.item_of(node) if self._drawn is not None else None
        if item is None or self._seen is None:
            return
        if item.id == node and item.kind is Kind.NODE:
            self.move_to(node)
            return
        if node in item.hidden:
            parents = {task.id: task.parent for task in self._seen.detail.tasks}
            above: set[str] = set()
            up = parents.get(node)
            while up is not None and up not in above:
                above.add(up)
                up = parents.get(up)
            self.layouts.unclose(frozenset(above))
        self.layouts.reveal(node)
        self._again(node)

    # -- searching -------------------------------------------------------------------------------------------

    def search(self, text: str) -> str:
        """Highlight what matches and go to the first from here. Returns how many there are, in words."""
        self.searching = True
        return self._found(text, 0)

    def search_on(self, by: int) -> str:
        """Go to another match; one that is hidden is shown first. Returns which it is, in words."""
        current = self.matches.current
        item = self._drawn.item_of(current) if self._drawn is not None and current is not None else None
        if by > 0 and current is not None and item is not None and item.id != current:
            self.reveal(current)
            return self.matches.told()
        return self._found(self.matches.text, by)

    def _found(self, text: str, by: int) -> str:
        drawn, seen = self._drawn, self._seen
        if drawn is None or seen is None:
            return ""
        self.matches.find(text, seen.graph, drawn)
        self.matches.from_here(self.cursor_node, drawn)
        self.matches.step(by)
        self.highlight(self._items(self.matches.ids))
        there = self._items([self.matches.current] if self.matches.current is not None else [])
        if there:
            self.move_to(there[0])
        hidden = bool(there) and there[0] != self.matches.current
        return self.matches.told() + ("  folded: enter shows it" if hidden else "")

    def end_search(self) -> None:
        """Highlight nothing any more."""
        self.searching = False
        self.matches = GraphMatches()
        self.highlight(())

    def put(
        self,
        drawn: Drawn | None,
        cursor: str | None,
        held: tuple[str, Offset] | None = None,
        *,
        loose: bool = False,
    ) -> None:
        """Draw another picture; what matches a search stands out in that, too."""
        super().put(drawn, cursor, held, loose=loose)
        if drawn is not None and self.matches.ids:
            self.highlight(self._items(self.matches.ids))

    def fold_as(self, folds: Folds) -> None:
        """Fold as somebody else did."""
        self.layouts.folds = folds
        self._again(self.cursor_node)

    def _again(self, goal: str | None, *, loose: bool = False) -> None:
        """Ask for another picture, with the cursor on `goal`; `loose` where it is of something else than before."""
        self._goal, self._loose = goal, loose
        self.lay_out()
        self.refresh_bindings()
        self.post_message(self.Changed())

    def on_graph_canvas_pressed(self) -> None:
        """The second click."""
        self.action_open()

    def watch_cursor_node(self, node: str | None) -> None:
        """Tell where the cursor is."""
        self.post_message(self.TaskHighlighted(node))
