"""What stands beside a node: its label, what is folded into it, what it also comes after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.cells import FOLDED, GROUPED, OFF, plain
from wftui.dag.graphs import Kind
from wftui.dag.tallies import Tally
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
# Cells of a bar of progress.
_BAR = 5


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


def caption(item: Item, nodes: Mapping[str, GraphNode], pen: Pen, *, remarks: bool = True) -> Caption:
    """What stands beside an item.

    Args:
        item: The item.
        nodes: All nodes by id.
        pen: The characters to draw with.
        remarks: Whether its remark is wanted, which takes a look at everything that is folded into it.
    """
    if item.kind is Kind.FOLD:
        return _fold(item, nodes, pen)
    if item.kind is Kind.GROUP:
        return _group(item, nodes, pen)
    node = nodes.get(item.id)
    if item.kind is Kind.MISSING or node is None:
        return Caption("?", "missing", label_of(item.id, nodes, pen), "missing", remark="(missing)")
    status = node.status
    remark = _hidden(item.hidden, nodes, pen) if item.hidden and remarks else ""
    if item.within is not None:
        remark = f"{remark}  in {label_of(item.within, nodes, pen)}".strip()
    if status is None:
        style = "dim" if node.is_off else "label"
        mark = OFF[pen.ascii_only] if node.is_off else "*" if pen.ascii_only else "●"
        return Caption(mark, style, label_of(item.id, nodes, pen), style, remark, plain(node.time))
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
    tally = Tally.of(members, nodes)
    average = f"   avg {pen.duration(tally.average)}" if tally.average is not None else ""
    remark = f"{_statuses(members, nodes, pen)}{average}".strip()
    mark, style, word = _loud(tally, FOLDED[pen.ascii_only], pen)
    return Caption(mark, style, name_of(item, nodes, pen), "fold", remark, word=word)


def _group(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> Caption:
    tally, number = Tally.of(item.members, nodes), len(item.members)
    label = name_of(item, nodes, pen)
    mark, style, word = _loud(tally, GROUPED[pen.ascii_only], pen)
    if tally.loudest is None:
        return Caption(mark, style, label)
    done = tally.counts.get(Status.SUCCESSFUL, 0)
    full = done * _BAR // number
    bar = ("#" * full).ljust(_BAR, ".") if pen.ascii_only else ("▰" * full).ljust(_BAR, "▱")
    told = "".join(f" {tally.counts[status]}{pen.marks[status]}" for status in _LOUD if tally.counts.get(status))
    within = f"  in {label_of(item.within, nodes, pen)}" if item.within is not None else ""
    return Caption(mark, style, label, remark=f"{bar} {done}{told}{within}", word=word)


def _loud(tally: Tally, usual: str, pen: Pen) -> tuple[str, str, str]:
    """Mark, style and word of what stands for several: a failure among them is seen however little room there is."""
    status = tally.loudest
    if status is not Status.FAILED:
        return usual, "fold" if status is None or status in QUIET else status.value.lower(), ""
    return pen.marks[status], status.value.lower(), status.value


def name_of(item: Item, nodes: Mapping[str, GraphNode], pen: Pen) -> str:
    """What an item is called."""
    if item.kind is Kind.GROUP:
        return f"{plain(item.name)} {'x' if pen.ascii_only else '×'}{len(item.members)}"
    if item.kind is Kind.FOLD:
        names = span(label_of(item.members[0], nodes, pen), label_of(item.members[-1], nodes, pen))
        return f"{'(+)' if pen.ascii_only else '⟲'} {len(item.members)} folded: {names}"
    return label_of(item.id, nodes, pen)


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
