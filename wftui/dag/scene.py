"""The layered view: a board with the statuses and times of a moment, drawn a window at a time."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from wftui.dag import canvas, cells
from wftui.dag.boxes import box_text
from wftui.dag.drawn import Area
from wftui.dag.graphs import nodes_by_id
from wftui.dag.layout import check_cells
from wftui.dag.picture import Line, Picture, Segment, View
from wftui.dag.steps import Steps
from wftui.dag.tallies import Tally

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wftui.dag.board import Board
    from wftui.dag.canvas import Strokes
    from wftui.dag.drawn import Way
    from wftui.dag.graphs import Item
    from wftui.dag.layout import Box, Wire
    from wftui.dag.picture import Pen
    from wftui.model.graph import Graph, GraphNode

_STYLES = ("edge", "return", "lit")
_LIT = 2
_RUNS = re.compile(rb"(.)\1*", re.DOTALL)
# Of a line that leaves a box: a cell of it, as heavy.
_LEADERS = bytes(weight << canvas.EAST | weight << canvas.WEST for weight in (0, 1, 2, 3))


class Scene:
    """Draws any window of a board; implements `Drawn`.

    It takes a moment to make for large boards, and may be made in any thread; then it belongs to one thread.

    Args:
        board: Where everything stands.
        graph: The graph that was arranged, or the same with other statuses and times.
        pen: The characters to draw with.

    Raises:
        TargetError: It would be too large.
    """

    view = View.LAYERS

    def __init__(self, board: Board, graph: Graph, pen: Pen) -> None:
        layout = board.layout
        self.width, self.height = layout.width, layout.height
        check_cells(self.width, self.height)
        self.board, self.pen = board, pen
        self.notes: Sequence[str] = board.dag.notes
        self._items = board.dag.items
        self._nodes = nodes_by_id(graph)
        self._number = {item.id: at for at, item in enumerate(self._items)}
        self._boxes = [layout.boxes[item.id] for item in self._items]
        self._behind: dict[str, int] = {}
        self._tallies: dict[int, Tally] = {}
        self._rows: dict[int, tuple[list[int], list[int]]] = {}
        self._index()
        self._table = canvas.ASCII if pen.ascii_only else canvas.UNICODE
        self._sheet = canvas.Canvas(self.width, self.height)
        self._sheet.draw(layout.wires, self._returned())
        self._texts: dict[int, list[Segment]] = {}
        # Made here, where nobody waits for a key to be answered.
        self._wires: dict[str, list[Wire]] = {}
        for wire in layout.wires:
            self._wires.setdefault(wire.source, []).append(wire)
            self._wires.setdefault(wire.target, []).append(wire)
        self._ways = Steps(board.dag, layout)
        self._order = tuple(self._items[item].id for item in self._ways.order())
        self._marks: bytearray | None = None
        self._lit: tuple[str | None, Strokes, list[Area]] = (None, canvas.Strokes(), [])
        self._stressed: tuple[frozenset[tuple[str, str]], list[Area]] = (frozenset(), [])

    def _index(self) -> None:
        """Note what stands where, and what stands for whom."""
        for at, item in enumerate(self._items):
            self._behind.update(dict.fromkeys((*item.members, *item.hidden), at))
            if item.members or item.hidden:
                self._tallies[at] = Tally.of(item.members or item.hidden, self._nodes)
        self._behind.update(self._number)
        for at in sorted(range(len(self._boxes)), key=lambda at: self._boxes[at].x):
            starts, items = self._rows.setdefault(self._boxes[at].y, ([], []))
            starts.append(self._boxes[at].x)
            items.append(at)

    def _returned(self) -> list[Wire]:
        """The wires that lead to what a continuation returned."""
        dag = self.board.dag
        edges = {
            (self._items[at].id, self._items[entry].id) for at, entries in enumerate(dag.returned) for entry in entries
        }
        return [wire for wire in self.board.layout.wires if (wire.source, wire.target) in edges] if edges else []

    # -- cells ------------------------------------------------------------------------------------------------

    def line(self, y: int, x0: int, x1: int) -> Line:
        """The cells from `x0` up to `x1` of a row: never more of them, and fewer only where the rest is blank."""
        x0, x1 = max(0, x0), min(x1, self.width)
        if not 0 <= y < self.height or x0 >= x1:
            return Line()
        starts, items = self._rows.get(y, ([], []))
        first = max(0, bisect_right(starts, x0) - 1)
        last = bisect_left(starts, x1)
        segments: list[Segment] = []
        node = None
        at = x0
        for item in items[first:last]:
            box = self._boxes[item]
            if box.x + box.w <= x0:
                continue
            if box.x > at:
                segments += self._edges(y, at, box.x)
            node = node or self._items[item].id
            text = self._text(item, box)
            inside = box.x >= x0 and box.x + box.w <= x1
            segments += text if inside else cells.window(text, x0 - box.x, x1 - box.x)
            at = box.x + box.w
        if at < x1:
            segments += self._edges(y, at, x1)
        while segments and segments[-1].text.isspace():
            segments.pop()
        if segments and segments[-1].text.endswith(" "):
            segments[-1] = Segment(segments[-1].text.rstrip(" "), segments[-1].style)
        return Line(tuple(segments), node)

    def _edges(self, y: int, start: int, end: int) -> list[Segment]:
        """Cells without boxes."""
        at = y * self.width
        row = self._sheet.cells[at + start : at + end]
        text = canvas.decoded(row, self._table)
        looks = self._looks(row, at + start)
        if looks is None:
            return [Segment(text, "edge")]
        return [Segment(text[run.start() : run.end()], _STYLES[run.group()[0]]) for run in _RUNS.finditer(looks)]

    def _looks(self, row: bytearray, at: int) -> bytes | None:
        """The style of every cell; None where all are plain."""
        dashed = row.translate(canvas.IS_DASHED) if self._sheet.has_dashes else None
        lit = self._marks[at : at + len(row)] if self._marks is not None else None
        if lit is not None and any(lit):
            return bytes([_LIT if mark else dash for mark, dash in zip(lit, dashed or bytes(len(lit)), strict=True)])
        return bytes(dashed) if dashed is not None and any(dashed) else None

    def _text(self, item: int, box: Box) -> list[Segment]:
        """What stands in a box; where nothing stands at its end, the line that leaves it begins there."""
        text = self._texts.get(item)
        if text is None:
            found = box_text(self._items[item], self._nodes, self.pen, self._tallies.get(item))
            text = self._texts[item] = found.segments(box.w)
        last = text[-1] if text else Segment("")
        if len(last.text) < 2 or not last.text.isspace() or box.x + box.w >= self.width:
            return text
        at = box.y * self.width + box.x + box.w
        leader = _LEADERS[self._sheet.cells[at] >> canvas.WEST & 3]
        if not leader:
            return text
        style = _LIT if self._marks is not None and self._marks[at] else canvas.IS_DASHED[leader]
        return [*text[:-1], Segment(" "), Segment(self._table[leader] * (len(last.text) - 1), _STYLES[style])]

    # -- what changes -----------------------------------------------------------------------------------------

    def update(self, nodes: Iterable[GraphNode]) -> list[Area]:
        """Take other statuses and times. Returns the cells that look different."""
        changed: dict[int, None] = {}
        for node in nodes:
            item = self._behind.get(node.id)
            before = self._nodes.get(node.id)
            if before is node or item is None or before is None:
                continue
            self._nodes[node.id] = node  # also an equal one: the next time it is the same
            if before == node:
                continue
            tally = self._tallies.get(item)
            if tally is not None and not (self._items[item].hidden and node.id == self._items[item].id):
                tally.add(before, -1)
                tally.add(node)
            changed[item] = None
        areas: list[Area] = []
        for item in changed:
            box = self._boxes[item]
            drawn = self._texts.pop(item, None)
            if drawn is None:
                areas.append(Area(box.x, box.y, box.w))
                continue
            found = box_text(self._items[item], self._nodes, self.pen, self._tallies.get(item)).segments(box.w)
            self._texts[item] = found
            if found != drawn:
                areas.append(Area(box.x, box.y, box.w))
        return areas

    def light(self, item: str | None) -> list[Area]:
        """Draw the edges of an item so that they stand out, and no others. Returns the cells that look different."""
        before, pieces, areas = self._lit
        if item == before:
            return []
        if self._marks is None:
            self._marks = bytearray(self.width * self.height)
        self._sheet.unmark(pieces, self._marks)
        wires = self._wires.get(item, []) if item is not None else []
        pieces = canvas.strokes(wires)
        self._sheet.mark(pieces, self._marks)
        now = self._areas(wires, pieces)
        self._lit = (item, pieces, now)
        return _together(areas, now)

    def stress(self, edges: Collection[tuple[str, str]]) -> list[Area]:
        """Draw these edges, by node ids, heavy: the critical path. Returns the cells that look different."""
        heavy = frozenset(
            (self._items[a].id, self._items[b].id)
            for a, b in ((self._behind.get(source, -1), self._behind.get(target, -1)) for source, target in edges)
            if a >= 0 and b >= 0 and a != b
        )
        before, areas = self._stressed
        if heavy == before:
            return []
        wires = [wire for wire in self.board.layout.wires if (wire.source, wire.target) in heavy]
        self._sheet.stress(wires)
        now = self._areas(wires, canvas.strokes(wires))
        self._stressed = (heavy, now)
        return _together(areas, now)

    @property
    def lit(self) -> str | None:
        """The item whose edges stand out."""
        return self._lit[0]

    def _areas(self, wires: Iterable[Wire], pieces: Strokes) -> list[Area]:
        """The cells of some wires, and of the boxes that they leave: the line may begin there."""
        boxes = (self.board.layout.boxes[name] for name in dict.fromkeys(wire.source for wire in wires))
        found = [Area(box.x, box.y, box.w) for box in boxes]
        found += [Area(x0, y, x1 - x0 + 1) for y, x0, x1 in pieces.across]
        found += [Area(x, y, 1) for x, y0, y1 in pieces.down for y in range(y0, y1 + 1)]
        return found

    # -- where things are ---------------------------------------------------------------------------------------

    def item_at(self, x: int, y: int) -> Item | None:
        """What stands in a cell."""
        starts, items = self._rows.get(y, ([], []))
        at = bisect_right(starts, x) - 1
        if at < 0:
            return None
        box = self._boxes[items[at]]
        return self._items[items[at]] if x < box.x + box.w else None

    def item_of(self, node: str) -> Item | None:
        """The item that a node is, or is folded or grouped into."""
        at = self._behind.get(node)
        return self._items[at] if at is not None else None

    def area_of(self, node: str) -> Area | None:
        """Where a node is, or what it is folded or grouped into."""
        at = self._behind.get(node)
        if at is None:
            return None
        box = self._boxes[at]
        return Area(box.x, box.y, box.w)

    def nearest(self, x: int, y: int) -> str | None:
        """The item nearest to a cell; None in an empty picture. A row counts as two cells, as on a screen."""
        best: tuple[int, int, int] | None = None
        for away in range(max(y, self.height - y, 0) + 1):
            if best is not None and 2 * away > best[0]:
                break
            for row in dict.fromkeys((y - away, y + away)):
                for item in self._beside(x, row):
                    box = self._boxes[item]
                    far = 2 * away + max(box.x - x, x - box.x - box.w + 1, 0)
                    best = min(best or (far, box.y, item), (far, box.y, item))
        return self._items[best[2]].id if best is not None else None

    def _beside(self, x: int, y: int) -> list[int]:
        starts, items = self._rows.get(y, ([], []))
        at = bisect_right(starts, x)
        return items[max(0, at - 1) : at + 1]

    # -- ways -----------------------------------------------------------------------------------------------------

    def move(self, item: str, way: Way) -> str:
        """The item that a key leads to; the same one where there is nothing."""
        return self._items[self._ways.move(self._number[item], way)].id

    def sibling(self, item: str, by: int) -> str:
        """The next of the items that share what leads to them, round and round."""
        return self._items[self._ways.sibling(self._number[item], by)].id

    def order(self) -> Sequence[str]:
        """All items, layer by layer, each from the top."""
        return self._order

    def picture(self) -> Picture:
        """All of it."""
        rows = {node: self._boxes[item].y for node, item in self._behind.items()}
        lines = tuple(self.line(y, 0, self.width) for y in range(self.height))
        return Picture(lines, rows, self.board.dag.notes, self.view)


def _together(some: list[Area], others: list[Area]) -> list[Area]:
    return list(dict.fromkeys((*some, *others)))
