"""What stands in the box of a node in the layered view: mark, label, counts of what it stands for, time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wftui.dag import cells
from wftui.dag.captions import caption, label_of, span
from wftui.dag.graphs import Kind
from wftui.dag.picture import Segment
from wftui.dag.tallies import TOLD, Tally
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.dag.graphs import Item
    from wftui.dag.picture import Pen
    from wftui.model.graph import GraphNode

# Cells of a label at most: a longer one would push all that follows off the screen.
MOST_LABEL = 40
# A label is cut down to so many cells before a count is left out.
_LEAST_LABEL = 6
_BAR = 5
# Cells of a time that is still to come, and of the blanks before any time.
_TIME = 5
_GAP = 2
_FAILED = Status.FAILED.value.lower()
# Statuses whose numbers grow and shrink while a workflow runs: there is always room for them.
_COMING = (Status.FAILED, Status.RUNNING)


class Room(NamedTuple):
    """What a box needs: how many cells, and whether it becomes as wide as others, so that times stand in a column."""

    width: int
    even: bool


@dataclass(frozen=True, slots=True)
class BoxText:
    """The parts of a box; blanks between label and time take what room is left.

    Attributes:
        mark: The glyph of its status; "" for none.
        style: The style of that.
        label: Its name.
        label_style: The style of that.
        notes: What is counted, each with the blank before it.
        time: What stands at the right end.
        ellipsis: Ends a label that has to be cut.
        alarm: The mark to take where there is no room to tell how many failed; "" where none did.
    """

    mark: str
    style: str
    label: str
    label_style: str
    notes: tuple[Segment, ...] = ()
    time: str = ""
    ellipsis: str = "…"
    alarm: str = ""

    @property
    def width(self) -> int:
        """The fewest cells that it takes; an empty box takes one."""
        mark = cells.width_of(self.mark) + 1 if self.mark else 0
        time = cells.width_of(self.time) + _GAP if self.time else 0
        return max(1, mark + cells.width_of(self.label) + _width(self.notes) + time)

    def segments(self, width: int) -> list[Segment]:
        """Exactly `width` cells of text. Where that is too few the label is cut, and then counts go."""
        found = [Segment(self.mark, self.style), Segment(" ")] if self.mark else []
        room = width - _width(found)
        time = self.time
        tail = cells.width_of(time) + 1 if time else 0
        label = cells.width_of(self.label)
        least = min(label, _LEAST_LABEL)
        if room - tail < least:
            time, tail = "", 0
        notes = _fitting(self.notes, room - tail, least)
        if self.alarm and found and _FAILED not in [note.style for note in notes]:
            found[0] = Segment(self.alarm, self.style)
        for_label = room - tail - _width(notes)
        text = self.label if label <= for_label else cells.cut(self.label, for_label, self.ellipsis)
        found += [Segment(text, self.label_style), *notes]
        room = width - _width(found)
        if room < 0:
            return cells.window(found, 0, width)
        if room:
            blank = " " * (room - cells.width_of(time)) if time else " " * room
            found.append(Segment(blank))
        if time:
            found.append(Segment(time, "time"))
        return [segment for segment in found if segment.text]


def _fitting(notes: tuple[Segment, ...], room: int, least: int) -> list[Segment]:
    """The counts that leave `least` cells for the label; what failed goes last, and rather goes some of the label."""
    kept = list(notes)
    while kept and room - _width(kept) < least:
        quiet = [at for at, note in enumerate(kept) if note.style != _FAILED]
        if quiet:
            kept.pop(quiet[-1])
        elif least > 1:
            least = 1
        else:
            kept.pop()
    return kept


def _width(segments: list[Segment] | tuple[Segment, ...]) -> int:
    return sum(cells.width_of(segment.text) for segment in segments)


def box_text(item: Item, nodes: Mapping[str, GraphNode], pen: Pen, tally: Tally | None = None) -> BoxText:
    """What stands in the box of an item.

    Args:
        item: The item.
        nodes: All nodes by id.
        pen: The characters to draw with.
        tally: What it stands for, if that is counted already.
    """
    if tally is None and (item.members or item.hidden):
        tally = Tally.of(item.members or item.hidden, nodes)
    if item.kind is Kind.GROUP and tally is not None:
        return _group(item, pen, tally)
    if item.kind is Kind.FOLD and tally is not None:
        return _fold(item, nodes, pen, tally)
    told = caption(item, nodes, pen, remarks=False)
    node = nodes.get(item.id)
    mark = "" if item.kind is Kind.NODE and node is not None and node.status is None and not node.is_off else told.mark
    ellipsis = cells.ELLIPSIS[pen.ascii_only]
    label = cells.cut(told.label, MOST_LABEL, ellipsis)
    notes: list[Segment] = []
    if item.hidden and tally is not None:
        notes.append(Segment(f" {'>' if pen.ascii_only else '▸'}{len(item.hidden)}", "fold"))
        notes += _told(tally, len(item.hidden), pen)
    alarm = _alarm(tally, pen) if tally is not None else ""
    return BoxText(_framed(mark, pen), told.style, label, told.label_style, tuple(notes), told.time, ellipsis, alarm)


def _framed(mark: str, pen: Pen) -> str:
    # In ASCII a bare mark could be mistaken for a join or a line.
    return f"[{mark}]" if pen.ascii_only and mark else mark


def _told(tally: Tally, number: int, pen: Pen) -> list[Segment]:
    """How many failed, run, wait; that all went well, or wait still."""
    if tally.only is not None and tally.only not in TOLD and tally.counts[tally.only] == number:
        return [Segment(f" {pen.marks[tally.only]}", tally.only.value.lower())]
    counts = tally.counts
    return [
        Segment(f" {pen.marks[status]}{counts[status]}", status.value.lower()) for status in TOLD if counts.get(status)
    ]


def _group(item: Item, pen: Pen, tally: Tally) -> BoxText:
    ellipsis = cells.ELLIPSIS[pen.ascii_only]
    name = cells.cut(cells.plain(item.name), MOST_LABEL // 2, ellipsis)
    label = f"{name} {'x' if pen.ascii_only else '×'}{len(item.members)}"
    mark = "[#]" if pen.ascii_only else "⊞"
    status = tally.loudest
    if status is None:
        return BoxText(mark, "fold", label, "label", ellipsis=ellipsis)
    done = tally.counts.get(Status.SUCCESSFUL, 0)
    full = done * _BAR // len(item.members)
    bar = ("#" * full).ljust(_BAR, ".") if pen.ascii_only else ("▰" * full).ljust(_BAR, "▱")
    notes = [Segment(f" {bar} {done}", "label")]
    if status in TOLD:
        notes += _told(tally, len(item.members), pen)
    return BoxText(mark, status.value.lower(), label, "label", tuple(notes), "", ellipsis, _alarm(tally, pen))


def _alarm(tally: Tally, pen: Pen) -> str:
    return _framed(pen.marks[Status.FAILED], pen) if tally.counts.get(Status.FAILED) else ""


def _fold(item: Item, nodes: Mapping[str, GraphNode], pen: Pen, tally: Tally) -> BoxText:
    members = item.members
    ends = span(label_of(members[0], nodes, pen), label_of(members[-1], nodes, pen))
    ellipsis = cells.ELLIPSIS[pen.ascii_only]
    label = cells.cut(f"{len(members)} folded: {ends}", MOST_LABEL, ellipsis)
    notes = tuple(_told(tally, len(members), pen))
    style = tally.loudest.value.lower() if tally.loudest in TOLD else "fold"
    time = f"avg {pen.duration(tally.average)}" if tally.average is not None else ""
    return BoxText("(+)" if pen.ascii_only else "⟲", style, label, "fold", notes, time, ellipsis, _alarm(tally, pen))


def box_room(item: Item, nodes: Mapping[str, GraphNode], pen: Pen, *, live: bool = False) -> Room:
    """What a box needs, so that it need not become wider when statuses change.

    Args:
        item: What stands in it.
        nodes: All nodes by id.
        pen: The characters to draw with.
        live: Statuses will change: there has to be room for times and counts to come.
    """
    text = box_text(item, nodes, pen)
    node = nodes.get(item.id)
    if not live or node is None or node.status is None or item.kind is Kind.MISSING:
        return Room(text.width, bool(text.time))
    width = text.width - (cells.width_of(text.time) + _GAP if text.time else 0)
    number = len(item.members or item.hidden)
    if number:
        digits = len(str(number))
        coming = sum(1 + cells.width_of(pen.marks[status]) + digits for status in _COMING)
        if item.kind is Kind.FOLD:  # it tells no more than that all is well as long as it is
            coming = 1 + cells.width_of(pen.marks[Status.FAILED]) + digits
        first = 2 + digits if item.hidden else 2 + _BAR + digits if item.kind is Kind.GROUP else 0
        width += max(0, first + coming - _width(text.notes))
    if item.kind is Kind.GROUP:
        return Room(width, even=False)
    return Room(width + _GAP + max(_TIME, cells.width_of(text.time)), even=True)
