"""What a graph view asks of the layout service, and whether an answer is what is wanted by now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, Kind
from wftui.dag.grouping import by_interest
from wftui.dag.opening import closing, openable, opening
from wftui.dag.picture import Folds, View
from wftui.dag.plan import Focus, Plan, Reach
from wftui.layouts.request import Request
from wftui.layouts.service import LayoutService
from wftui.widgets.graph_work import pen_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.dag.drawn import Drawn
    from wftui.dag.graphs import Item
    from wftui.layouts.request import Laid
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_work import Seen

# With so many columns a graph is drawn in layers, unless somebody chose otherwise.
LAYERS_FROM = 100
# So many members of a group are shown at a time.
AT_A_TIME = 20
_VIEWS = (View.LAYERS, View.LANES, View.TREE)
_REACHES = (Reach.HOPS, Reach.ANCESTORS, Reach.DESCENDANTS)
_MOST_HOPS = 9


@dataclass(frozen=True, slots=True)
class _Shown:
    """The items of a picture, as opening and closing take them."""

    dag: Dag


class GraphLayouts:
    """Remembers which view was chosen, what is folded and opened, and the focus; asks for layouts of that.

    Args:
        listen: Gets the answers, on another thread.
        glyphs: The characters to draw with.
    """

    def __init__(self, listen: Callable[[Laid], None], glyphs: Glyphs) -> None:
        self._service = LayoutService(listen)
        self._pen = pen_for(glyphs)
        self._asked: Request | None = None
        self._answered = True
        self._too_large = False
        self._room = 0
        self.chosen: View | None = None
        self.folds = Folds()
        self.focus: Focus | None = None

    # -- asking ----------------------------------------------------------------------------------------------

    @property
    def asked(self) -> Request | None:
        """The latest request."""
        return self._asked

    @property
    def settled(self) -> bool:
        """Whether the latest request has its last answer."""
        return self._answered

    def ask(self, seen: Seen, width: int, *, anew: bool = False) -> None:
        """Ask for a picture of a workflow in so many cells; `anew` to lay out from nothing."""
        view = self.view_for(width)
        before = self._asked.plan if self._asked is not None else None
        if anew or before is None or before.folds != self.folds or before.focus != self.focus:
            self._room = width  # else it stays, so that another width of the terminal moves nothing
        at_rest = seen.detail.summary.status.is_terminal
        plan = Plan(self.folds, focus=self.focus, at_rest=at_rest, room=0 if at_rest else self._room)
        key = seen.detail.summary.key
        self._asked = Request(seen.graph, self._pen, plan, view, max(1, width), key, anew)
        self._answered = False
        self._service.want(self._asked)

    def ask_again(self, width: int) -> None:
        """Ask for the same graph in other cells, if that makes a difference."""
        asked = self._asked
        if asked is None:
            return
        view = self.view_for(width)
        if view is not asked.view or (view is not View.LAYERS and width != asked.width):
            self._asked = replace(asked, view=view, width=max(1, width), anew=False)
            self._answered = False
            self._service.want(self._asked)

    def answers(self, laid: Laid) -> bool:
        """Note an answer. Returns whether it is of the workflow and the view that are wanted by now."""
        asked = self._asked
        if asked is None or laid.request.key != asked.key or laid.request.view is not asked.view:
            return False
        # Statuses alone may be newer in a later request.
        if laid.final and laid.request is asked:
            self._answered = True
        return asked.view is View.LAYERS or laid.request.width == asked.width

    def close(self) -> None:
        """Nobody listens any more."""
        self._service.close()

    # -- what is wanted --------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Another workflow: nothing of it is folded or opened, all of it is seen. The chosen view stays."""
        self.folds, self.focus, self._asked, self._answered, self._too_large = Folds(), None, None, True, False

    def view_for(self, width: int) -> View:
        """The view to ask for with so many cells."""
        if self._too_large:
            return self.chosen if self.chosen in (View.LANES, View.TREE) else View.AUTO
        if self.chosen is not None:
            return self.chosen
        return View.LAYERS if width >= LAYERS_FROM else View.AUTO

    def too_large(self) -> None:
        """It cannot be drawn in layers: take another view."""
        self._too_large = True

    def next_view(self, seen: View) -> None:
        """Choose the view after the one that is seen."""
        # Lanes that would be too many are a tree already.
        at = _VIEWS.index(seen) + 1 if seen in _VIEWS else 0
        self.chosen = _VIEWS[at % len(_VIEWS)]
        self._too_large = self._too_large and self.chosen is not View.LAYERS

    def next_focus(self, node: str) -> None:
        """Some hops around a node, then all that leads to it, then all that follows from it, then the whole again."""
        if self.focus is None:
            self.focus = Focus(node)
            return
        at = _REACHES.index(self.focus.reach) + 1
        self.focus = replace(self.focus, reach=_REACHES[at]) if at < len(_REACHES) else None

    def more_hops(self, by: int) -> bool:
        """Look further, or less far. Returns whether that is another focus."""
        if self.focus is None or self.focus.reach is not Reach.HOPS:
            return False
        hops = max(1, min(self.focus.hops + by, _MOST_HOPS))
        changed, self.focus = hops != self.focus.hops, replace(self.focus, hops=hops)
        return changed

    # -- folding ---------------------------------------------------------------------------------------------

    def open(self, drawn: Drawn, item: Item, seen: Seen) -> str | None:
        """Show members of a group or a fold, the most interesting first. Returns where to look then; None for no."""
        if item.id in self.folds.closed:
            self.folds = replace(self.folds, closed=self.folds.closed - {item.id})
            return item.id
        if not openable(item):
            return None
        shown = opening(_shown(drawn), item.id, seen.graph, AT_A_TIME)
        if not shown:
            return None
        self.folds = replace(self.folds, kept=self.folds.kept | shown)
        return self._first(item, shown, seen)

    def reveal(self, node: str) -> None:
        """Let a hidden node stand alone, and open what it lies in."""
        self.folds = replace(self.folds, kept=self.folds.kept | {node})

    def unclose(self, nodes: frozenset[str]) -> None:
        """Open the sub-DAGs of these nodes."""
        self.folds = replace(self.folds, closed=self.folds.closed - nodes)

    def close_at(self, drawn: Drawn, item: Item, seen: Seen) -> str | None:
        """Fold what an item returned, or the group or chain that it was taken out of, or the sub-DAG it lies in.

        Returns where to look then; None where there is nothing to fold.
        """
        parents = {task.parent for task in seen.detail.tasks}
        if item.id in parents:
            self.folds = replace(self.folds, closed=self.folds.closed | {item.id})
            return item.id
        loose = closing(_shown(drawn), item.id) & self.folds.kept
        if loose:
            self.folds = replace(self.folds, kept=self.folds.kept - loose)
            return item.id
        parent = next((task.parent for task in seen.detail.tasks if task.id == item.id), None)
        if parent is None or drawn.item_of(parent) is None:
            return None
        self.folds = replace(self.folds, closed=self.folds.closed | {parent})
        return parent

    @staticmethod
    def _first(item: Item, shown: frozenset[str], seen: Seen) -> str:
        if item.kind is Kind.FOLD:
            return item.id
        nodes = {node.id: node for node in seen.graph.nodes if node.id in shown}
        return by_interest([member for member in item.members if member in nodes], nodes)[0]


def _shown(drawn: Drawn) -> _Shown:
    items = (drawn.item_of(item) for item in drawn.order())
    return _Shown(Dag(tuple(item for item in items if item is not None), (), (), ()))
