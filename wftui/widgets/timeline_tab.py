"""The Timeline tab: what ran when, where the time went, and what the cursor is on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wftui.dag.graphs import nodes_by_id
from wftui.dag.opening import closing, openable, opening
from wftui.present.columns import Span
from wftui.present.time_lines import sums_line, worst_line
from wftui.timeline.lines import cut, joined
from wftui.timeline.rows import Order, Timeline
from wftui.widgets.graph_layout import AT_A_TIME
from wftui.widgets.graph_search import GraphSearch, SearchInput
from wftui.widgets.graph_work import members_of
from wftui.widgets.picture_tab import Room
from wftui.widgets.timeline_view import TimelineView
from wftui.widgets.timeline_work import Asked, TimelineWork
from wftui.widgets.tones import STYLES, toned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wftui.dag.picture import Folds
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.graph_lines import Members
    from wftui.present.task_index import TaskIndex
    from wftui.timeline.scale import Stretching
    from wftui.widgets.detail_document import DetailDocument

# From so many rows the pane has its place, from so many the strip, and the worst offenders a line.
_ROOMY, _STRIP_FROM, _WORST_FROM = 26, 14, 20


class TimelineTab(TimelineWork):
    """The pane, or where there is no room for it the strip, follows the cursor of the timeline.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    DEFAULT_CSS = """
    TimelineTab {
        & > TimelineView { height: 1fr; }
        & > .timeline-line { height: 1; width: 1fr; padding: 0 1 0 2; text-wrap: nowrap; text-overflow: clip; }
        & > #timeline-worst { display: none; }
        &.-worst > #timeline-worst { display: block; }
    }
    """

    @dataclass
    class Folded(Message):
        """Something else is folded, here and in the graph."""

        folds: Folds

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, show_secrets=show_secrets, id=id)
        self._order = Order.START
        self._goal: str | None = None
        self._sought: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        """The timeline, legend, where the time went, search, strip and panes."""
        yield TimelineView(glyphs=self._glyphs)
        yield Static("", id="timeline-sums", classes="timeline-line", markup=False)
        yield Static("", id="timeline-worst", classes="timeline-line", markup=False)
        yield Static("", id="timeline-legend", classes="timeline-line", markup=False)
        yield from self.compose_below()

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def view(self) -> TimelineView:
        """The timeline itself."""
        return self.query_one(TimelineView)

    @property
    def ticks(self) -> bool:
        """Whether anything that is seen grows by itself."""
        return self.view.ticks or self.pane_ticks

    def show(
        self, detail: WorkflowDetail, index: TaskIndex, now: float, folds: Folds, time: Stretching | None = None
    ) -> None:
        """Show a workflow at `now` (Unix seconds), folded so.

        Args:
            detail: The workflow.
            index: Its tasks.
            now: Unix seconds.
            folds: What is folded in the graph.
            time: The time that is drawn, where that is more than what happened until `now`.
        """
        self._index, self._now = index, now
        self.ask(Asked(detail, now, folds, self._order, time))

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        self.view.tick(now)
        self.tell()

    def go_to(self, task_id: str) -> None:
        """Put the cursor on the row of a task."""
        self.view.go_to(task_id)

    def take(self, asked: Asked, timeline: Timeline) -> None:
        """Draw what was worked out."""
        anew = self._drawn is None or self._drawn.detail.summary.key != asked.detail.summary.key
        self._drawn = asked
        self.view.show(timeline, max(self._now, asked.now) if timeline.live else asked.now, anew=anew)
        if anew:
            self.view.move_to(_first_of_interest(timeline))
        if self._goal is not None:
            self.view.go_to(self._goal)
            self._goal = None
        self._arrange()
        self._say()
        self.tell()

    # -- messages --------------------------------------------------------------------------------------------

    def on_timeline_view_highlighted(self, message: TimelineView.Highlighted) -> None:
        """The pane follows the cursor."""
        message.stop()
        self.tell()
        self.post_message(self.Selected(self, message.task_id))

    def on_timeline_view_outgrown(self, message: TimelineView.Outgrown) -> None:
        """Leave more room for what grows."""
        message.stop()
        self._again()

    def on_timeline_view_looked(self, message: TimelineView.Looked) -> None:
        """Gaps may be in sight, or not any more."""
        message.stop()
        if self.view.lines is not None:
            self._put("#timeline-legend", self.view.lines.legend())

    def on_timeline_view_order_turned(self, message: TimelineView.OrderTurned) -> None:
        """Sort otherwise."""
        message.stop()
        self._order = Order.GRAPH if self._order is Order.START else Order.START
        self._again()
        self.notify("sorted as the graph" if self._order is Order.GRAPH else "sorted by start", markup=False)

    def on_timeline_view_opened(self, message: TimelineView.Opened) -> None:
        """Open a task, or some members of a group or a fold; or fold them again."""
        message.stop()
        timeline, row = self.view.timeline, message.row
        if timeline is None:
            return
        folds = timeline.folds
        if row.item.id in folds.closed:
            folds = replace(folds, closed=folds.closed - {row.item.id})
        elif not message.fold and not openable(row.item):
            self.post_message(self.Opened(row.ids[0]))
            return
        elif not message.fold or openable(row.item):
            folds = replace(folds, kept=folds.kept | opening(timeline, row.item.id, timeline.graph, AT_A_TIME))
        elif self._index.children.get(row.item.id):
            folds = replace(folds, closed=folds.closed | {row.item.id})
        else:
            folds = replace(folds, kept=folds.kept - closing(timeline, row.item.id))
        if folds != timeline.folds and self._asked is not None:
            self._goal = row.item.id
            self.ask(replace(self._asked, folds=folds, now=self._now))
            self.post_message(self.Folded(folds))

    def on_detail_document_task_chosen(self, message: DetailDocument.TaskChosen) -> None:
        """A member or a neighbour was chosen: the cursor goes there, and what hides it is opened."""
        message.stop()
        timeline = self.view.timeline
        if timeline is not None and self._asked is not None:
            place = timeline.place.get(message.task_id)
            if place is not None and timeline.rows[place].is_many:
                folds = replace(timeline.folds, kept=timeline.folds.kept | {message.task_id})
                self._goal = message.task_id
                self.ask(replace(self._asked, folds=folds, now=self._now))
                self.post_message(self.Folded(folds))
        self.view.go_to(message.task_id)
        self.view.focus()

    def on_resize(self) -> None:
        """Share the room."""
        self._arrange()
        self._say()
        self.tell()

    # -- searching -------------------------------------------------------------------------------------------

    def on_graph_search_typed(self, message: GraphSearch.Typed) -> None:
        """Go to the first match, from where the cursor is."""
        message.stop()
        timeline, text = self.view.timeline, message.text.strip().casefold()
        found: set[int] = set()
        if timeline is not None and text:
            names = nodes_by_id(timeline.graph)
            found = {at for task_id, at in timeline.place.items() if text in names[task_id].label.casefold()}
        self._sought = tuple(sorted(found))
        self.view.highlight(frozenset(found))
        self._seek(0)

    def on_search_input_stepped(self, message: SearchInput.Stepped) -> None:
        """Go to another match."""
        message.stop()
        self._seek(message.by)

    def on_timeline_view_search_ended(self, message: TimelineView.SearchEnded) -> None:
        """Escape in the timeline."""
        message.stop()
        self.end_search()

    def drop_search(self) -> None:
        """Nothing is found any more."""
        self._sought = ()
        self.view.highlight(frozenset())

    def _seek(self, by: int) -> None:
        search, sought = self.query_one(GraphSearch), self._sought
        if not sought:
            search.count("no task is called so" if search.text.strip() else "", "warning")
            return
        here = self.view.cursor_at
        if by >= 0:
            at = next((n for n, row in enumerate(sought) if row >= here + by), 0)
        else:
            at = next((n for n in reversed(range(len(sought))) if sought[n] < here), len(sought) - 1)
        self.view.move_to(sought[at])
        search.count(f"{at + 1:,} of {len(sought):,}")

    # -- inside ----------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        """The pane where there is room, else the strip, else nothing; the timeline takes what it needs, up to 60%."""
        height, timeline = self.size.height, self.view.timeline
        room = Room.PANE if height >= _ROOMY else Room.STRIP if height >= _STRIP_FROM else Room.BARE
        need = max(6, len(timeline.rows) + 2) if timeline is not None else height
        self.view.styles.height = min(need, height * 3 // 5) if room is Room.PANE else "1fr"
        self.set_class(height >= _WORST_FROM, "-worst")
        self.give_room(room)

    def _again(self) -> None:
        if self._asked is not None:
            self.ask(replace(self._asked, now=max(self._now, self._asked.now), order=self._order))

    def _members(self) -> Members | None:
        row, timeline = self.view.cursor_row, self.view.timeline
        if row is None or timeline is None or not (row.is_many or row.item.hidden):
            return None
        return members_of(row.item, nodes_by_id(timeline.graph), self._glyphs)

    def tell(self) -> None:
        """Tell about what the cursor is on."""
        row = self.view.cursor_row
        if row is None:
            self.describe(None, None, None)
        else:
            members = self._members() if self._room is not Room.BARE else None
            self.describe(row.item.id, row.ids[0], members)

    def _say(self) -> None:
        """The lines below the timeline: where the time went, and what the characters mean."""
        timeline, lines = self.view.timeline, self.view.lines
        if timeline is None or lines is None:
            return
        order = Span("by start" if timeline.order is Order.START else "as the graph", "faint")
        sums = sums_line(timeline.timings, timeline.steps, self._glyphs)
        for name, spans in (
            ("#timeline-sums", joined([sums, (order,)], "   ")),
            ("#timeline-worst", worst_line(timeline.detail, timeline.timings, self._glyphs)),
            ("#timeline-legend", lines.legend()),
        ):
            self._put(name, spans)

    def _put(self, name: str, spans: Sequence[Span]) -> None:
        shown = cut(spans, max(1, self.size.width - 3), self._glyphs.ellipsis)
        content = Content("").join([toned(span.text, span.tone if span.tone in STYLES else "") for span in shown])
        self.query_one(name, Static).update(content, layout=False)


def _first_of_interest(timeline: Timeline) -> int:
    """The row to look at first: the first that failed, else the first that runs, else the first of all."""
    for tone in ("failed", "running"):
        found = next((at for at, row in enumerate(timeline.rows) if row.tone == tone), None)
        if found is not None:
            return found
    return 0
