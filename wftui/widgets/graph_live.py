"""A graph that is up to date: news and layouts come in, the cursor's box stays where it is on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from wftui.errors import TargetError
from wftui.present.glyphs import UNICODE
from wftui.present.graph import graph_of
from wftui.present.large import MANY, is_partial
from wftui.present.text import visible
from wftui.widgets.graph_canvas import GraphCanvas
from wftui.widgets.graph_layout import GraphLayouts
from wftui.widgets.graph_window import GUTTER
from wftui.widgets.graph_work import News, Seen, first_of_interest, look_at, reading_note

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.geometry import Offset
    from textual.timer import Timer

    from wftui.dag.drawn import Drawn
    from wftui.dag.picture import View
    from wftui.layouts.request import Laid
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs

# News is drawn so often at most, in seconds.
DRAWN_EVERY = 0.25


class GraphLive(GraphCanvas):
    """Draws a workflow's graph as it is now. Layouts are made elsewhere: here nothing is laid out.

    At first the cursor is on what failed, or else on what runs.

    Args:
        glyphs: The characters to draw with.
    """

    @dataclass
    class Told(Message):
        """An answer of the layout service; it comes from its thread."""

        laid: Laid

    @dataclass
    class LookedAt(Message):
        """A workflow was looked at; it comes from a thread."""

        news: News

    class Changed(Message):
        """The picture, or what is said about it, is another."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self.layouts = GraphLayouts(self._told, glyphs)
        self.remark = ""
        self.is_rough = False
        self._detail: WorkflowDetail | None = None
        self._seen: Seen | None = None
        self._now = 0.0
        self._goal: str | None = None
        self._loose = False
        self._looking = False
        self._last: tuple[Hashable, Drawn] | None = None
        self._drawn_of: Hashable = None
        self._pace: Timer | None = None
        self._late = False

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def seen(self) -> Seen | None:
        """The workflow as it was last looked at; None where there is none."""
        return self._seen

    @property
    def view(self) -> View:
        """The view that is seen, or will be."""
        return self._drawn.view if self._drawn is not None else self.layouts.view_for(self.columns)

    @property
    def columns(self) -> int:
        """Cells that there are for a picture."""
        return self.size.width - GUTTER

    @property
    def settled(self) -> bool:
        """Whether all news are drawn, and no layout is awaited."""
        if self._detail is None:
            return True
        if is_partial(self._detail):
            return False
        return not (self._looking or self._late) and self._seen is not None and self.layouts.settled

    @property
    def awaited(self) -> int:
        """How many tasks are laid out while nothing is on screen; 0 where that takes no time to speak of."""
        count = len(self._detail.tasks) if self._detail is not None and self._drawn is None else 0
        return count if count > MANY else 0

    @property
    def ticks(self) -> bool:
        """Whether anything grows by itself."""
        return self._seen is not None and bool(self._seen.ticking)

    def show(self, detail: WorkflowDetail | None, now: float) -> None:
        """Show a workflow as it is at `now` (Unix seconds); None for none."""
        before = self._detail
        self._detail, self._now = detail, now
        if detail is None or before is None or detail.summary.key != before.summary.key:
            self._forget()
        if detail is None:
            return
        if is_partial(detail):
            # What is read so far has other groups and missing tasks: a picture of it would be torn down at once.
            if self._drawn is None:
                self.remark = reading_note(detail)
                self.post_message(self.Changed())
            return
        if self._pace is not None:
            self._late = True  # the next picture shows the latest
            return
        self._pace = self.set_timer(DRAWN_EVERY, self._next_news)
        self._look()

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        if self._detail is None or self._drawn is None or self._seen is None:
            return
        growing = self._seen.ticking
        tasks = tuple(task for task in self._detail.tasks if task.id in growing and self.sees(task.id))
        if tasks:
            self.repaint(self._drawn.update(graph_of(replace(self._detail, tasks=tasks), now, self._glyphs).nodes))

    def go_to(self, task_id: str) -> bool:
        """Put the cursor on a task, as soon as there is a picture; False when it is not there yet."""
        item = self._drawn.item_of(task_id) if self._drawn is not None else None
        if item is None:
            self._goal = task_id
            return False
        self.move_to(item.id)
        return True

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.layouts.close()

    # -- news ------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.layouts.reset()
        self._seen, self._drawn_of, self._goal, self.remark = None, None, None, ""
        self._late = self.is_rough = False
        if self._pace is not None:
            self._pace.stop()
            self._pace = None
        self.put(None, None)
        self.post_message(self.Changed())

    def _next_news(self) -> None:
        self._pace = None
        if self._late:
            self._late = False
            self._pace = self.set_timer(DRAWN_EVERY, self._next_news)
            self._look()

    def _look(self) -> None:
        """Work out the graph of the latest detail: of a large one in a thread, one at a time."""
        detail = self._detail
        if detail is None or is_partial(detail):
            return
        if len(detail.tasks) <= MANY:
            self._take_news(look_at(detail, self._now, self._seen, self._glyphs))
        elif not self._looking:
            self._looking = True
            self._look_at(detail, self._now, self._seen)
        else:
            self._late = True

    # Described: Textual would write the whole workflow out as the description, at each look.
    @work(thread=True, group="look", description="look at a workflow")
    def _look_at(self, detail: WorkflowDetail, now: float, before: Seen | None) -> None:
        self.post_message(self.LookedAt(look_at(detail, now, before, self._glyphs)))

    def on_graph_live_looked_at(self, message: LookedAt) -> None:
        """Take what was worked out, unless another workflow is shown by now."""
        message.stop()
        self._looking = False
        if self._detail is None:
            return
        if message.news.seen.detail.summary.key == self._detail.summary.key:
            self._take_news(message.news)
        else:
            self._late = False
            self._look()

    def _take_news(self, news: News) -> None:
        seen, before = news.seen, self._seen
        self._seen = seen
        if self._drawn is None:
            self.remark = ""  # that it was read
        if before is not None and before.graph is seen.graph and before.heavy == seen.heavy:
            if before.detail.summary.status.is_terminal is not seen.detail.summary.status.is_terminal:
                self.lay_out()
            return
        if self._drawn is not None:
            known = before is not None and news.before is before
            self.repaint(self._drawn.update(news.changed if known else seen.graph.nodes))
            if before is None or before.heavy != seen.heavy:
                self.repaint(self._drawn.stress(seen.heavy))
        self.lay_out()
        self.post_message(self.Changed())

    # -- layouts ---------------------------------------------------------------------------------------------

    def lay_out(self, *, anew: bool = False) -> None:
        """Ask for a picture of what is wanted by now."""
        if self._seen is not None and self.columns > 0 and self.is_mounted:
            self.layouts.ask(self._seen, self.columns, anew=anew)
        # else on_resize comes back here once there is room

    def _told(self, laid: Laid) -> None:
        """An answer, on the thread of the service."""
        self.post_message(self.Told(laid))

    def on_graph_live_told(self, message: Told) -> None:
        """Take an answer of the layout service, if it is still wanted."""
        message.stop()
        laid = message.laid
        key = laid.request.key
        if laid.drawn is not None and key is not None:
            self._last = (key, laid.drawn)
        if not self.layouts.answers(laid) or self._seen is None:
            return
        if laid.error is not None:
            self._refused(laid.error)
            return
        self.remark, self.is_rough = laid.anew or laid.note, not laid.final
        drawn = self._last[1] if self._last is not None and self._last[0] == key else None
        if drawn is None:  # a bare update to a picture that was never taken
            self.lay_out(anew=True)
        elif drawn is self._drawn:
            self.repaint(drawn.update(self._seen.graph.nodes))
        else:
            self._take_last()
        self.post_message(self.Changed())

    def _refused(self, error: Exception) -> None:
        """Say why there is no picture; what is too large for layers is drawn otherwise."""
        self.remark = visible(str(error) if isinstance(error, TargetError) else f"{type(error).__name__}: {error}")
        if isinstance(error, TargetError):
            self.layouts.too_large()
            self.layouts.ask_again(self.columns)
        self.post_message(self.Changed())

    def _take_last(self) -> None:
        """Draw the latest picture; what is looked at stays on its cell of the screen."""
        if self._last is None or self._seen is None or self._last[0] != self._seen.detail.summary.key:
            return
        drawn = self._last[1]
        held = self._held() if self._drawn_of == self._last[0] else None
        drawn.update(self._seen.graph.nodes)
        drawn.stress(self._seen.heavy)
        goal, self._goal = self._goal, None
        cursor = goal if goal is not None and drawn.item_of(goal) is not None else self.cursor_node
        if cursor is None or (self._drawn_of != self._last[0] and cursor != goal):
            cursor = first_of_interest(self._seen.detail, drawn)
        self._drawn_of = self._last[0]
        loose, self._loose = self._loose, False
        self.put(drawn, cursor, held, loose=loose)
        if goal is not None and cursor == goal:
            self.scroll_to_cursor()
        self.post_message(self.Changed())

    def _held(self) -> tuple[str, Offset] | None:
        """What has to stay where it is on the screen: the cursor's box, or what is seen if that is not."""
        node = self.cursor_node
        if node is None or self._drawn is None:
            return None
        if not self.sees(node):
            middle = self.window.center
            node = self._drawn.nearest(int(middle[0]), int(middle[1]))
        cell = self.cell_of(node) if node is not None else None
        return None if node is None or cell is None else (node, cell)

    def on_resize(self) -> None:
        """Lay lanes out for the new width; take another view where the width asks for it; the cursor stays in sight."""
        if self._seen is not None and self.layouts.asked is None:
            self.lay_out()
        elif self.columns > 0:
            self.layouts.ask_again(self.columns)
        self.fit_again()
