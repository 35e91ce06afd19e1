"""A group of tasks, or a fold: its counts, and its members to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.graph_lines import members_lines
from wftui.present.task_index import TaskIndex
from wftui.widgets.detail_document import DetailDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.present.document import Line
    from wftui.present.graph_lines import Members


class GroupPane(DetailDocument):
    """What a group stands for, failed and slowest first."""

    _members: Members | None = None
    _index = TaskIndex()
    _now = 0.0

    def show(self, members: Members | None, index: TaskIndex, now: float, *, anew: bool) -> None:
        """Show these members; `anew` when they are of another group than before."""
        self._members, self._index, self._now = members, index, now
        self.rebuild(anew=anew)

    def make_lines(self) -> Sequence[Line]:
        """The document."""
        if self._members is None:
            return ()
        return members_lines(self._members, self._index, self._now, self._glyphs)
