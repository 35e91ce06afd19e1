"""Which tasks of a graph match a search, in the order in which the graph is read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.dag.search import find, reading_order

if TYPE_CHECKING:
    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph


class GraphMatches:
    """The tasks whose name holds a text, and which of them is looked at."""

    def __init__(self) -> None:
        self.text = ""
        self.ids: tuple[str, ...] = ()
        self.at = -1

    @property
    def current(self) -> str | None:
        """The match that is looked at; None while there is none."""
        return self.ids[self.at] if 0 <= self.at < len(self.ids) else None

    def find(self, text: str, graph: Graph, drawn: Drawn) -> None:
        """Search; the match that was looked at stays so if it still matches."""
        held = self.current
        self.text = text
        self.ids = find(graph, text, reading_order(drawn)) if text.strip() else ()
        self.at = self.ids.index(held) if held in self.ids else -1

    def from_here(self, cursor: str | None, drawn: Drawn) -> None:
        """Look at the first match at the cursor or behind it; at the first of all if there is none."""
        if not self.ids or self.current is not None:
            return
        place = {item: at for at, item in enumerate(drawn.order())}
        here = place.get(cursor or "", 0)
        items = ((at, drawn.item_of(node)) for at, node in enumerate(self.ids))
        self.at = next((at for at, item in items if item is not None and place[item.id] >= here), 0)

    def step(self, by: int) -> None:
        """To another match, round and round."""
        if self.ids:
            self.at = (self.at + by) % len(self.ids)

    def told(self) -> str:
        """How many there are: "3 of 17"."""
        if not self.text.strip():
            return ""
        return f"{self.at + 1:,} of {len(self.ids):,}" if self.ids else "no task is called so"
