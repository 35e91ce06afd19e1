"""Where a graph is drawn: only the lines on screen, and of those only what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wftui.dag.cells import cut
from wftui.dag.drawing import Drawing
from wftui.dag.graphs import Item, Kind
from wftui.dag.picture import Folds, Line, Segment, View
from wftui.dag.walking import Walk
from wftui.present.glyphs import UNICODE, glyphs
from wftui.present.graph import graph_of, legend, ticking
from wftui.widgets.graph_strips import STYLES, GraphStrips
from wftui.widgets.graph_work import MANY, Prepared, Wanted, first_of_interest, pen_for, prepare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

# The pointer and a space.
GUTTER = 2
# Tones of `present` by the names that pictures have for them.
_STYLES = {"muted": "dim"}


class GraphCanvas(ScrollView, can_focus=True, inherit_bindings=False):
    """Draws a workflow's graph, with a cursor that is a task, not a line.

    Whatever arrives, the cursor stays on its task, and the task on its line of the screen as far as there is anything
    to scroll. At first it is on what failed, or else on what runs.

    Args:
        glyphs: The characters to draw with.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"graph-view--{style}" for style in STYLES} | {
        "graph-view--cursor",
        "graph-view--cursor-blurred",
    }
    DEFAULT_CSS = """
    GraphCanvas {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .graph-view--failed { color: $text-error; text-style: bold; }
        & > .graph-view--running { color: $text-primary; text-style: bold; }
        & > .graph-view--waiting { color: $text-accent; }
        & > .graph-view--ready { color: $text-primary; }
        & > .graph-view--pending { color: $foreground-muted; }
        & > .graph-view--resumable { color: $text-warning; }
        & > .graph-view--canceled { color: $foreground-muted; }
        & > .graph-view--unknown { color: $text-warning; }
        & > .graph-view--successful { color: $text-success; }
        & > .graph-view--edge { color: $foreground-muted; }
        & > .graph-view--return { color: $text-accent; }
        & > .graph-view--label { color: $foreground; }
        & > .graph-view--time { color: $foreground-muted; }
        & > .graph-view--dim { color: $foreground-muted; }
        & > .graph-view--fold { color: $text-accent; }
        & > .graph-view--missing { color: $text-warning; }
        & > .graph-view--pointer { color: $text-primary; text-style: bold; }
        & > .graph-view--cursor { background: $block-cursor-blurred-background; }
        & > .graph-view--cursor-blurred { background: $surface-lighten-1; }
    }
    """

    cursor_node: reactive[str | None] = reactive(None, init=False)

    @dataclass
    class LaidOut(Message):
        """A layout is ready; it comes from a thread."""

        prepared: Prepared

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._strips = GraphStrips(self, "graph-view")
        self._detail: WorkflowDetail | None = None
        self._now = 0.0
        self._view = View.AUTO
        self._folds = Folds()
        self._prepared: Prepared | None = None
        self._drawing: Drawing | None = None
        self._walk: Walk | None = None
        self._tail: tuple[Line, ...] = ()
        self._row = 0
        self._goal: str | None = None
        self._ticking: frozenset[str] = frozenset()
        self._working: Wanted | None = None
        self._next: Wanted | None = None

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII is drawn."""
        return self._glyphs.mark.isascii()

    @ascii_only.setter
    def ascii_only(self, value: bool) -> None:
        self._glyphs = glyphs(ascii_only=value)
        self._lay_out()

    @property
    def view(self) -> View:
        """The view that is seen: lanes or tree."""
        return self._prepared.layout.view if self._prepared is not None else self._view

    @property
    def cursor_row(self) -> int:
        """The line of the picture on which the cursor is."""
        return self._row

    @property
    def ticks(self) -> bool:
        """Whether a line that is on screen grows by itself."""
        return bool(self._ticking) and self._drawing is not None and self._sees_ticking()

    def show(self, detail: WorkflowDetail | None, now: float) -> None:
        """Show a workflow as it is at `now` (Unix seconds); None for none."""
        before = self._detail
        self._detail, self._now = detail, now
        if detail is None or before is None or detail.summary.key != before.summary.key:
            self._prepared = self._drawing = self._walk = None
            self._folds, self._tail, self._row, self._goal = Folds(), (), 0, None
            self.cursor_node = None
            self._strips.clear()
            self.virtual_size = Size(self.size.width, 0)
            self.redraw()
        self._ticking = ticking(detail) if detail is not None else frozenset()
        self._lay_out()

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        if self._detail is None or self._drawing is None or not self.ticks:
            return
        tasks = tuple(task for task in self._detail.tasks if task.id in self._ticking)
        later = graph_of(replace(self._detail, tasks=tasks), now)
        self._redraw_rows(self._drawing.update(later.nodes))

    # -- laying out ------------------------------------------------------------------------------------------

    def _lay_out(self, *, refold: bool = False) -> None:
        """Lay out if need be; `refold` when folds were changed by hand, so that the cursor's node may be folded."""
        if self._detail is None or self.size.width <= GUTTER or not self.is_mounted:
            return  # on_resize comes back here once there is room
        width = self.size.width - GUTTER
        on = self.cursor_item
        kept = on.id if on is not None and on.kind is Kind.NODE and not refold else None
        wanted = Wanted(self._detail, self._now, width, pen_for(self._glyphs), self._view, self._folds, kept)
        self._next = wanted
        if len(self._detail.tasks) <= MANY:
            self._take(prepare(wanted, self._prepared))
        elif self._working is None:
            self._begin()

    def _begin(self) -> None:
        """Work out what is wanted by now; one at a time, so that news faster than layouts cannot put them all off."""
        if self._next is not None and self._next is not self._working:
            self._working = self._next
            self._work_out(self._working, self._prepared)

    @work(thread=True, group="layout")
    def _work_out(self, wanted: Wanted, before: Prepared | None) -> None:
        self.post_message(self.LaidOut(prepare(wanted, before)))

    def on_graph_canvas_laid_out(self, message: LaidOut) -> None:
        """Take a layout, unless it is of another workflow than is shown by now; work out what came meanwhile."""
        message.stop()
        done, self._working = self._working, None
        if self._detail is not None and message.prepared.wanted.detail.summary.key == self._detail.summary.key:
            if message.prepared.wanted.width == self.size.width - GUTTER:
                self._take(message.prepared)
            if self._next is not done:
                self._begin()

    def _take(self, prepared: Prepared) -> None:
        before, self._prepared = self._prepared, prepared
        self._tail = self._tail_of(prepared)
        layout = prepared.layout
        if self._drawing is not None and before is not None and layout is before.layout:
            self._redraw_rows(self._drawing.update(prepared.graph.nodes))
            self._redraw_rows(range(len(layout.rows), len(layout.rows) + len(self._tail)))
            return
        # Everywhere scrolling is forced: before the next layout the widget does not know that it can be scrolled.
        line, was_seen = self._row - self.scroll_offset.y, self._sees_cursor()
        self._drawing = Drawing(layout, prepared.graph, prepared.wanted.pen, prepared.wanted.width)
        self._walk = Walk(layout)
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(layout.rows) + len(self._tail))
        if self.cursor_node is None:
            first = self._goal if self._goal in layout.row_of else first_of_interest(prepared.wanted.detail, layout)
            self._row, self._goal = layout.row_of.get(first, 0) if first is not None else 0, None
            line, was_seen = min(self._row, self.size.height // 3), True
        else:
            self._row = layout.row_of.get(self.cursor_node, self._walk.nearest(self._row))
        self.scroll_to(y=self._row - line, animate=False, immediate=True, force=True)
        if was_seen:  # else somebody looks elsewhere
            self._scroll_to_cursor()
        self.redraw()
        self._tell()

    def _tail_of(self, prepared: Prepared) -> tuple[Line, ...]:
        """The legend of the statuses that occur, and what is wrong with the graph."""
        width = prepared.wanted.width
        if not prepared.graph.nodes:
            return (Line((Segment("no task is recorded yet", "dim"),)),)
        lines = legend(prepared.graph, self._glyphs, width)
        told = (Line(tuple(Segment(span.text, _STYLES.get(span.tone, span.tone)) for span in line)) for line in lines)
        notes = (f"! {note}" for note in prepared.layout.notes)
        ellipsis = self._glyphs.ellipsis
        return (Line(), *told, *(Line((Segment(cut(note, width, ellipsis), "missing"),)) for note in notes))

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        at = self.scroll_offset.y + y
        width = self.size.width
        is_cursor = at == self._row and self.cursor_item is not None
        look = ("cursor" if self.has_focus else "cursor-blurred") if is_cursor else ""
        known = self._strips.known(at, look)
        if known is not None and known.cell_length == width:
            return known
        line = self._line_at(at)
        if line is None:
            return Strip.blank(width, self.rich_style)
        return self._strips.make(at, look, line, self._glyphs.cursor if is_cursor else " ", width)

    def _line_at(self, at: int) -> Line | None:
        if self._drawing is None:
            return None
        rows = len(self._drawing.layout.rows)
        if at < rows:
            return self._drawing.line(at)
        return self._tail[at - rows] if at - rows < len(self._tail) else None

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._strips.restyle()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Lay out for the new width; the cursor stays in sight."""
        self._lay_out()
        self._scroll_to_cursor()

    def watch_has_focus(self, value: bool) -> None:
        """The cursor looks different without the focus."""
        super().watch_has_focus(value)
        self.refresh_line(self._row)

    def redraw(self) -> None:
        """Draw what is visible again, without a new layout."""
        self.refresh(Region(0, 0, *self.size))

    def _sees_ticking(self) -> bool:
        if self._prepared is None:
            return False
        row_of, top = self._prepared.layout.row_of, self.scroll_offset.y
        return any(top <= row_of.get(task, -1) < top + self.size.height for task in self._ticking)

    def _redraw_rows(self, rows: Iterable[int]) -> None:
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        for row in rows:
            self._strips.forget(row)
            if top <= row < bottom:
                self.refresh_line(row)

    # -- the cursor ------------------------------------------------------------------------------------------

    @property
    def cursor_item(self) -> Item | None:
        """What the cursor is on; None in an empty graph."""
        if self._prepared is None:
            return None
        at = self._prepared.layout.item_at(self._row)
        return self._prepared.layout.dag.items[at] if at >= 0 else None

    def move(self, row: int) -> None:
        """Put the cursor on the node of a row."""
        before, self._row = self._row, row
        self._scroll_to_cursor()
        self.refresh_line(before)
        self.refresh_line(row)
        self._tell()

    def _tell(self) -> None:
        item = self.cursor_item
        self.cursor_node = item.id if item is not None else None

    def _sees_cursor(self) -> bool:
        return 0 <= self._row - self.scroll_offset.y < max(1, self.size.height)

    def _scroll_to_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if self._row < top:
            self.scroll_to(y=self._row, animate=False, immediate=True, force=True)
        elif height and self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False, immediate=True, force=True)
