"""The engine's front: lay a graph out once, then draw lines of it as its nodes' statuses and times change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.dag import cells
from wftui.dag.captions import caption, name_of
from wftui.dag.graphs import Dag, Kind, chain_order, heights, nodes_by_id, some_order
from wftui.dag.lanes import Row, TooManyLanes, route
from wftui.dag.picture import Folds, Line, Picture, Segment, View
from wftui.dag.plan import Plan
from wftui.dag.shaping import shape
from wftui.dag.tree import route_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.dag.captions import Caption
    from wftui.dag.picture import Pen
    from wftui.dag.plan import Focus
    from wftui.model.graph import Graph, GraphNode

MOST_LANES = 25
# Cells of a label that are worth drawing lanes beside.
_LABEL = 16
_LONG_LABEL = 28
_TIME = 6
_WORD = 10
# Rows that share one left edge of their labels, where the lanes of the whole take too much room.
_BLOCK = 24
# Of the others that a node comes after, so many are named, in labels and remarks of so many cells.
_NAMED = 8
_REMARKS = 72
_DEFAULT = Folds()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands, whatever the statuses are.

    Attributes:
        dag: What is drawn.
        view: The view that was taken.
        rows: The rows.
        row_of: The row of each node by id.
        also: Of each item, other items that it comes after (tree).
        notes: What is wrong with the graph or could not be done as asked.
        labels_at: The cell at which labels begin, for each block of rows.
        longest: Cells of the longest label.
        remarks: Cells that labels take with what the tree says beside them, up to a bound.
        folded: The nodes that are folded into chains.
    """

    dag: Dag
    view: View
    rows: tuple[Row, ...]
    row_of: Mapping[str, int]
    also: tuple[tuple[int, ...], ...] = ()
    notes: tuple[str, ...] = ()
    labels_at: tuple[int, ...] = ()
    longest: int = 0
    remarks: int = 0
    folded: tuple[str, ...] = field(default=(), repr=False)

    def item_at(self, row: int) -> int:
        """The item whose node stands in a row; -1 for none."""
        return self.rows[row].item if 0 <= row < len(self.rows) else -1


def lay_out(
    graph: Graph,
    pen: Pen,
    width: int,
    view: View = View.AUTO,
    folds: Folds = _DEFAULT,
    grouped: bool | None = None,
    focus: Focus | None = None,
) -> Layout:
    """Lay a graph out.

    Args:
        graph: Any graph; what does not fit is put right and named in the notes.
        pen: The characters to draw with.
        width: Cells that there are.
        view: How. `AUTO` takes lanes while they leave room for the labels, else the tree.
        folds: What is folded.
        grouped: Whether what is alike becomes one node; None: when there is much.
        focus: Only this part; None for the whole.
    """
    dag = shape(graph, pen.name, Plan(folds, grouped, focus))
    notes = dag.notes
    limit = _most_lanes(dag, graph, pen, width, view)
    if view is not View.TREE:
        try:
            weight = heights(dag, some_order(dag))
            rows = route(dag, chain_order(dag, weight), weight, limit)
            return _laid_out(dag, View.LANES, rows, (), notes, graph, pen, width)
        except TooManyLanes:
            if view is View.LANES:
                notes = (
                    *notes,
                    f"more than {limit} lane{'' if limit == 1 else 's'} would be needed here: this is the tree",
                )
    rows, also = route_tree(dag)
    return _laid_out(dag, View.TREE, rows, also, notes, graph, pen, width)


def _most_lanes(dag: Dag, graph: Graph, pen: Pen, width: int, view: View) -> int:
    """How many lanes there may be: who asks for lanes gets them beside short labels, else labels go first."""
    room = _LABEL
    if view is View.AUTO:
        nodes = nodes_by_id(graph)
        longest = max(_label_widths(dag, nodes, pen), default=0)
        room = max(_LABEL, min(longest, _LONG_LABEL) + 2 + _right(width))
    return max(1, min(MOST_LANES, (width - room) // 2))


def _label_widths(dag: Dag, nodes: Mapping[str, GraphNode], pen: Pen) -> list[int]:
    # A fold has no time beside it, so that it may use the room of that.
    return [0 if item.kind is Kind.FOLD else cells.width_of(name_of(item, nodes, pen)) for item in dag.items]


def _right(width: int) -> int:
    """Cells for time and word behind the labels."""
    if width >= 50:
        return _TIME + 2 + _WORD + 1
    return _TIME + 2 if width >= 28 else 0


def _laid_out(
    dag: Dag,
    view: View,
    rows: tuple[Row, ...],
    also: tuple[tuple[int, ...], ...],
    notes: tuple[str, ...],
    graph: Graph,
    pen: Pen,
    width: int,
) -> Layout:
    nodes = nodes_by_id(graph)
    row_of: dict[str, int] = {}
    for at, row in enumerate(rows):
        if row.item >= 0:
            item = dag.items[row.item]
            row_of[item.id] = at
            row_of.update(dict.fromkeys(item.members, at))
            row_of.update(dict.fromkeys(item.hidden, at))
    extents = [max((len(row.cells) for row in rows[at : at + _BLOCK]), default=0) for at in range(0, len(rows), _BLOCK)]
    widest = max(extents, default=0)
    if widest <= max(12, width // 4):
        extents = [widest] * len(extents)
    labels = _label_widths(dag, nodes, pen)
    beside = [(at, others) for at, others in enumerate(also) if others]
    named = (labels[at] + 16 + sum(labels[other] + 2 for other in others[:_NAMED]) for at, others in beside)
    folded = tuple(member for item in dag.items for member in item.members)
    remarks = min(max(named, default=0), _REMARKS)
    return Layout(dag, view, rows, row_of, also, notes, tuple(extents), max(labels, default=0), remarks, folded)


class Drawing:
    """Draws the lines of a layout with the statuses and times of a graph.

    Args:
        layout: Where everything stands.
        graph: The graph that was laid out, or the same with other statuses and times.
        pen: The characters to draw with.
        width: No line is wider than so many cells.
    """

    def __init__(self, layout: Layout, graph: Graph, pen: Pen, width: int) -> None:
        self.layout, self.pen, self.width = layout, pen, max(1, width)
        self.nodes = nodes_by_id(graph)
        self._table = cells.ASCII if pen.ascii_only else cells.UNICODE
        self._gap = 3 if pen.ascii_only else 1
        self._times = any(node.time for node in graph.nodes)
        self._room = self._label_room()

    def _label_room(self) -> tuple[int, int]:
        """Cells from the left for lanes and labels, and for time and word behind them."""
        right = _right(self.width)
        lanes = max(self.layout.labels_at, default=0)
        wanted = lanes + self._gap + 1 + max(self.layout.longest, 12)
        wanted = max(wanted, lanes + self._gap + 1 + self.layout.remarks)
        if any(item.hidden or item.kind is Kind.GROUP for item in self.layout.dag.items):
            wanted = max(wanted, lanes + 48)
        return min(self.width - right, wanted), right

    def update(self, nodes: Iterable[GraphNode]) -> list[int]:
        """Take other statuses and times. Returns the rows that look different, ascending."""
        rows: set[int] = set()
        for node in nodes:
            if node.id in self.layout.row_of and self.nodes.get(node.id) != node:
                self.nodes[node.id] = node
                rows.add(self.layout.row_of[node.id])
        return sorted(rows)

    def caption(self, item: int) -> Caption:
        """What stands beside an item."""
        return caption(self.layout.dag.items[item], self.nodes, self.pen)

    def line(self, at: int) -> Line:
        """One line."""
        row = self.layout.rows[at]
        if row.item < 0:
            return Line(self._lanes(row, None, self.width))
        told = self.caption(row.item)
        label_at = self.layout.labels_at[at // _BLOCK] + 1
        room, right = self._room
        # What has no time beside it may use the room of that, too.
        room = max(room, min(label_at + 8, self.width - right)) if told.time or told.word else self.width
        segments = [*self._lanes(row, told, label_at)]
        used = max(label_at, len(row.cells))
        if used >= self.width:
            return Line(_clipped(segments, self.width), self.layout.dag.items[row.item].id)
        if self.pen.ascii_only:
            segments += [Segment(told.mark, told.style), Segment(" ")]
            used += 2
        segments += self._label(row.item, told, room - used)
        if right and (told.time or told.word):
            end = sum(cells.width_of(segment.text) for segment in segments)
            segments.append(Segment(" " * max(0, room - end)))
            segments.append(Segment(told.time.rjust(_TIME + 2), "time"))
            if told.word and right > _TIME + 2:
                segments += [Segment("  "), Segment(told.word, told.style)]
        return Line(_clipped(segments, self.width), self.layout.dag.items[row.item].id)

    def _label(self, item: int, told: Caption, room: int) -> list[Segment]:
        ellipsis = cells.ELLIPSIS[self.pen.ascii_only]
        remark = told.remark
        others = self.layout.also[item] if self.layout.also else ()
        if others:
            remark = f"{remark}  {self._also(others)}".strip()
        length = cells.width_of(told.label) if len(told.label) <= 4 * room else len(told.label)
        for_remark = min(cells.width_of(remark) + 2, max(room - length, room * 2 // 5)) if remark else 0
        if for_remark < 10 and for_remark < cells.width_of(remark) + 2:
            for_remark = 0
        segments = [Segment(cells.cut(told.label, room - for_remark, ellipsis), told.label_style)]
        if for_remark:
            segments += [Segment("  "), Segment(cells.cut(remark, for_remark - 2, ellipsis), "dim")]
        return segments

    def _also(self, others: tuple[int, ...]) -> str:
        items = self.layout.dag.items
        names = [name_of(items[other], self.nodes, self.pen) for other in others[:_NAMED]]
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        return f"also after: {', '.join(names)}{more}"

    def _lanes(self, row: Row, told: Caption | None, width: int) -> tuple[Segment, ...]:
        """The cells left of the label, equal styles in one segment."""
        segments: list[Segment] = []
        text, style = "", ""
        for cell in row.cells[: self.width]:
            if cell & cells.NODE and told is not None:
                char, now = (cells.ASCII_NODE, "edge") if self.pen.ascii_only else (told.mark, told.style)
                if self.pen.ascii_only and told.style == "fold":
                    char = told.mark
            else:
                char = self._table[cell]
                now = "return" if cell & cells.DASHED else "edge"
            if char != " " and now != style:
                if text:
                    segments.append(Segment(text, style))
                text, style = "", now
            text += char
        segments.append(Segment(text, style))
        if told is not None:
            segments.append(Segment(" " * max(0, min(width, self.width) - len(row.cells))))
        return tuple(segments)

    def picture(self) -> Picture:
        """All lines."""
        lines = tuple(self.line(at) for at in range(len(self.layout.rows)))
        return Picture(lines, self.layout.row_of, self.layout.notes, self.layout.view)


def _clipped(segments: list[Segment], width: int) -> tuple[Segment, ...]:
    """Never wider than asked for, whatever the sums above come to."""
    kept: list[Segment] = []
    for segment in segments:
        size = cells.width_of(segment.text)
        if size > width:
            kept.append(Segment(cells.cut(segment.text, width, ""), segment.style))
            break
        width -= size
        kept.append(segment)
    return tuple(kept)


def draw(
    graph: Graph,
    pen: Pen,
    width: int,
    view: View = View.AUTO,
    folds: Folds = _DEFAULT,
    grouped: bool | None = None,
    focus: Focus | None = None,
) -> Picture:
    """Draw a graph in at most `width` cells; see `lay_out`."""
    return Drawing(lay_out(graph, pen, width, view, folds, grouped, focus), graph, pen, width).picture()
