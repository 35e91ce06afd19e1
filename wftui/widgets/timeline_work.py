"""Works timelines out for the Timeline tab: of large workflows in a thread, so that keys are answered meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import work
from textual.message import Message

from wftui.present.large import MANY, is_partial
from wftui.timeline.rows import Timeline, timeline_of
from wftui.widgets.graph_work import pen_for
from wftui.widgets.picture_tab import PictureTab

if TYPE_CHECKING:
    from wftui.dag.picture import Folds
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.timeline.rows import Order
    from wftui.timeline.scale import Stretching


@dataclass(frozen=True, slots=True)
class Asked:
    """What a timeline is worked out of.

    Attributes:
        detail: The workflow.
        now: Unix seconds.
        folds: What is folded.
        order: How rows are sorted.
        time: The time that is drawn, where that is more than what happened until `now`.
    """

    detail: WorkflowDetail
    now: float
    folds: Folds
    order: Order
    time: Stretching | None


class TimelineWork(PictureTab):
    """Takes the latest that is asked for; what was asked for before that and is not begun yet is never worked out.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    @dataclass
    class WorkedOut(Message):
        """A timeline was worked out; it comes from a thread."""

        asked: Asked
        timeline: Timeline

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, show_secrets=show_secrets, id=id)
        self._asked: Asked | None = None
        self._drawn: Asked | None = None
        self._working = False

    @property
    def settled(self) -> bool:
        """Whether all news are drawn."""
        return self._asked is None or is_partial(self._asked.detail) or self._drawn is self._asked

    def take(self, asked: Asked, timeline: Timeline) -> None:
        """Draw what was worked out."""
        raise NotImplementedError

    def ask(self, asked: Asked) -> None:
        """Work a timeline out: of a large workflow in a thread, one at a time."""
        self._asked = asked
        if is_partial(asked.detail):
            return  # what is read so far has other groups: it would be torn down at once
        if len(asked.detail.tasks) <= MANY:
            self.take(asked, self._work_out(asked))
        elif not self._working:
            self._working = True
            self._work(asked)

    # Described: Textual would write the whole workflow out as the description, at each look.
    @work(thread=True, group="timeline", description="work a timeline out")
    def _work(self, asked: Asked) -> None:
        self.post_message(self.WorkedOut(asked, self._work_out(asked)))

    def _work_out(self, asked: Asked) -> Timeline:
        made = timeline_of(
            asked.detail, asked.now, pen_for(self._glyphs), folds=asked.folds, order=asked.order, spare=True
        )
        return made if asked.time is None else replace(made, time=asked.time)

    def on_timeline_work_worked_out(self, message: WorkedOut) -> None:
        """Take what was worked out, unless another workflow is shown by now; then the next, if there is one."""
        message.stop()
        self._working = False
        wanted = self._asked
        if wanted is None:
            return
        if message.asked.detail.summary.key == wanted.detail.summary.key:
            self.take(message.asked, message.timeline)
        if wanted is not message.asked:
            self.ask(wanted)
