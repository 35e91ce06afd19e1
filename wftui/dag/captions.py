"""What stands beside a node: its label, what is folded into it, what it also comes after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.cells import FOLDED, plain
from wftui.dag.graphs import Kind
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.dag.graphs import Item
    from wftui.dag.picture import Pen
    from wftui.model.graph import GraphNode

# What a status is worth telling in words beside its mark: nothing of this is the usual case.
QUIET = frozenset({Status.SUCCESSFUL, Status.PENDING})
# Which statuses of folded tasks are told first.
_LOUD = (Status.FAILED, Status.RUNNING, Status.WAITING, Status.RESUMABLE, Status.UNKNOWN, Status.CANCELED)
_REST = (Status.READY, Status.PENDING, Status.SUCCESSFUL)
_COUNTED = re.compile(r"^(.*?)(\d+)(\D*)$", re.DOTALL)
_LONGEST_LABEL = 500


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written beside a node.

    Attributes:
        mark: The character that stands for it, one cell.
        style: The style of the mark.
        label: Its label, harmless.
        label_style: The style of that.
        remark: Something quieter behind the label.
        time: How long it took.
        word: Its status in words; "" where that goes without saying.
    """

    mark: str
    style: str
    label: str
    label_style: str = "label"
    remark: str = ""
    time: str = ""
    word: str = ""


def caption(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> Caption:
    """What stands beside an item."""
    if item.kind is Kind.FOLD:
        return _fold(item, nodes, pen)
    node = nodes.get(item.id)
    if item.kind is Kind.MISSING or node is None:
        return Caption("?", "missing", label_of(item.id, nodes, pen), "missing", remark="(missing)")
    status = node.status
    remark = _hidden(item.hidden, nodes, pen) if item.hidden else ""
    if item.within is not None:
        remark = f"{remark}  in {label_of(item.within, nodes, pen)}".strip()
    if status is None:
        mark = "*" if pen.ascii_only else "●"
        return Caption(mark, "label", label_of(item.id, nodes, pen), remark=remark, time=plain(node.time))
    word = "" if status in QUIET else status.value
    style = status.value.lower()
    label_style = style if status is Status.FAILED else "label"
    return Caption(pen.marks[status], style, label_of(item.id, nodes, pen), label_style, remark, plain(node.time), word)


def _hidden(hidden: Sequence[str], nodes: Mapping[str, GraphNode], pen: Pen) -> str:
    sign = ">" if pen.ascii_only else "▸"
    return f"{sign} {len(hidden)} folded: {_statuses(hidden, nodes, pen)}"


def _statuses(ids: Sequence[str], nodes: Mapping[str, GraphNode], pen: Pen) -> str:
    counts: dict[Status, int] = {}
    for node_id in ids:
        status = nodes[node_id].status if node_id in nodes else None
        if status is not None:
            counts[status] = counts.get(status, 0) + 1
    if len(counts) == 1 and sum(counts.values()) == len(ids):
        return f"all {pen.marks[next(iter(counts))]}"
    return " ".join(f"{counts[status]}{pen.marks[status]}" for status in (*_LOUD, *_REST) if status in counts)


def _fold(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> Caption:
    members = item.members
    sign = "(+)" if pen.ascii_only else "⟲"
    times = [node.duration for member in members if (node := nodes.get(member)) and node.duration is not None]
    average = f"   avg {pen.duration(sum(times) / len(times))}" if times else ""
    names = span(label_of(members[0], nodes, pen), label_of(members[-1], nodes, pen))
    remark = f"all {pen.marks[Status.SUCCESSFUL]}{average}"
    return Caption(FOLDED[pen.ascii_only], "fold", f"{sign} {len(members)} folded: {names}", "fold", remark)


def label_of(node_id: str, nodes: Mapping[str, GraphNode], pen: Pen) -> str:
    """The label of a node by its id."""
    node = nodes.get(node_id)
    return plain(node.label[:_LONGEST_LABEL] if node is not None else pen.name(node_id))


def span(first: str, last: str) -> str:
    """Two names as one, where they differ by a number only: "step[3..33]"."""
    a, b = _COUNTED.match(first), _COUNTED.match(last)
    if a and b and a.group(1) == b.group(1) and a.group(3) == b.group(3):
        return f"{a.group(1)}{a.group(2)}..{b.group(2)}{a.group(3)}"
    return f"{first} .. {last}"
