"""Ways through a layered graph: along its edges, within its layers, to its siblings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wftui.dag.drawn import Way
from wftui.dag.siblings import parents, siblings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.dag.graphs import Dag
    from wftui.dag.layout import Layout


class Steps:
    """Finds the next item to go to. Items are numbers; every answer is one, the one given where there is nothing else.

    Args:
        dag: What is walked through.
        layout: Where its items stand.
    """

    def __init__(self, dag: Dag, layout: Layout) -> None:
        self._dag = dag
        self._at = [(box.x, box.y) for box in (layout.boxes[item.id] for item in dag.items)]
        number = {item.id: at for at, item in enumerate(dag.items)}
        self._layers = [
            sorted((number[name] for name in layer), key=lambda item: self._at[item][1]) for layer in layout.layers
        ]
        self._rows = [[self._at[item][1] for item in layer] for layer in self._layers]
        self._layer = [0] * len(dag.items)
        for at, layer in enumerate(self._layers):
            for item in layer:
                self._layer[item] = at
        self._parent = parents(dag)
        above = [self._nearest_row(item, sources) if sources else -1 for item, sources in enumerate(dag.before)]
        self._siblings = siblings(dag, above, sorted(range(len(dag.items)), key=self._down_first))

    def order(self) -> list[int]:
        """All items, layer by layer, each from the top."""
        return [item for layer in self._layers for item in layer]

    def move(self, item: int, way: Way) -> int:
        """The item that a key leads to."""
        if way is Way.RIGHT:
            return self._nearest_row(item, self._dag.following(item))
        if way is Way.LEFT:
            return self._nearest_row(item, self._leading(item))
        return self._vertical(item, 1 if way is Way.DOWN else -1)

    def sibling(self, item: int, by: int) -> int:
        """The next of the items that share what leads to them, round and round."""
        beside = self._siblings[item]
        return beside[(beside.index(item) + by) % len(beside)]

    def _down_first(self, item: int) -> tuple[int, int]:
        x, y = self._at[item]
        return y, x

    def _nearest_row(self, item: int, others: Iterable[int]) -> int:
        x, y = self._at[item]
        return min(
            others,
            key=lambda other: (abs(self._at[other][1] - y), abs(self._at[other][0] - x), self._at[other][1]),
            default=item,
        )

    def _vertical(self, item: int, step: int) -> int:
        """What stands above or below: in the same layer, or else in the nearest that has anything there."""
        here = self._layer[item]
        for away in range(len(self._layers)):
            found = [
                other
                for layer in dict.fromkeys((here - away, here + away))
                if 0 <= layer < len(self._layers) and (other := self._beyond(layer, self._at[item][1], step)) >= 0
            ]
            if found:
                return self._nearest_row(item, found)
        return item

    def _beyond(self, layer: int, y: int, step: int) -> int:
        """The first item of a layer above or below a row; -1 for none."""
        rows = self._rows[layer]
        at = bisect_right(rows, y) if step > 0 else bisect_left(rows, y) - 1
        return self._layers[layer][at] if 0 <= at < len(rows) else -1

    def _leading(self, item: int) -> Sequence[int]:
        parent = self._parent[item]
        return self._dag.before[item] if parent < 0 else (*self._dag.before[item], parent)
