"""What stands in the box of a node in the layered view: mark, label, time; of a group its counts and a bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag import cells
from wftui.dag.captions import caption
from wftui.dag.graphs import Kind
from wftui.dag.grouping import loudest, stem, tally
from wftui.dag.picture import Segment
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.dag.graphs import Item
    from wftui.dag.picture import Pen
    from wftui.model.graph import GraphNode

# Cells of a label at most: a longer one would push all that follows off the screen.
MOST_LABEL = 40
_BAR = 5
_TOLD = (Status.FAILED, Status.RUNNING, Status.WAITING, Status.CANCELED, Status.RESUMABLE, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class BoxText:
    """The parts of a box; blanks between label and time take what room is left."""

    mark: str
    style: str
    label: str
    label_style: str
    time: str = ""

    @property
    def width(self) -> int:
        """The fewest cells that it takes; an empty box takes one."""
        mark = cells.width_of(self.mark) + 1 if self.mark else 0
        time = cells.width_of(self.time) + 2 if self.time else 0
        return max(1, mark + cells.width_of(self.label) + time)

    def segments(self, width: int) -> list[Segment]:
        """Exactly `width` cells of text; without a time the rest is left to the line that begins there."""
        found = [Segment(self.mark, self.style), Segment(" ")] if self.mark else []
        found.append(Segment(self.label, self.label_style))
        room = width - sum(cells.width_of(segment.text) for segment in found)
        if self.time:
            found.append(Segment(self.time.rjust(room), "time"))
        elif room:
            found.append(Segment(" " * room))
        return found


def box_text(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> BoxText:
    """What stands in the box of an item."""
    if item.kind is Kind.GROUP:
        return _group(item, nodes, pen)
    told = caption(item, nodes, pen)
    node = nodes.get(item.id)
    mark = "" if item.kind is Kind.NODE and node is not None and node.status is None else told.mark
    label = cells.cut(told.label, MOST_LABEL, cells.ELLIPSIS[pen.ascii_only])
    if item.hidden:
        label += f" {'>' if pen.ascii_only else '▸'}{len(item.hidden)}"
    time = told.time
    if item.kind is Kind.FOLD:
        time = told.remark.removeprefix("all ").split("   ")[-1]
    if pen.ascii_only and mark:
        mark = f"[{mark}]"  # a bare mark could be mistaken for a join or a line
    return BoxText(mark, told.style, label, told.label_style, time)


def _group(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> BoxText:
    counts = tally(item.members, nodes)
    name = cells.cut(cells.plain(stem(nodes[item.id].label)), MOST_LABEL // 2, cells.ELLIPSIS[pen.ascii_only])
    label = f"{name} {'x' if pen.ascii_only else '×'}{len(item.members)}"
    if not counts:
        return BoxText("[#]" if pen.ascii_only else "⊞", "fold", label, "label")
    done = counts.get(Status.SUCCESSFUL, 0)
    full = done * _BAR // len(item.members)
    bar = ("#" * full).ljust(_BAR, ".") if pen.ascii_only else ("▰" * full).ljust(_BAR, "▱")
    told = "".join(f" {pen.marks[status]}{counts[status]}" for status in _TOLD if counts.get(status))
    status = loudest(counts)
    style = status.value.lower() if status is not None else "fold"
    return BoxText("[#]" if pen.ascii_only else "⊞", style, f"{label} {bar} {done}{told}", "label")
