"""Everything about one task, with its neighbours to jump to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.metadata import JsonLook
from wftui.present.task_lines import task_lines
from wftui.present.tasks import TaskIndex
from wftui.widgets.detail_document import DetailDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import Task
    from wftui.present.document import Line
    from wftui.present.glyphs import Glyphs


class TaskPane(DetailDocument):
    """One task; it follows the task through updates.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._show_secrets = show_secrets
        self._index = TaskIndex()
        self._task_id: str | None = None
        self._now = 0.0

    @property
    def task_id(self) -> str | None:
        """The task shown; None for none."""
        return self._task_id

    @property
    def workflow_task(self) -> Task | None:
        """The task shown, as it is now."""
        return self._index.tasks.get(self._task_id) if self._task_id is not None else None

    @property
    def ticks(self) -> bool:
        """Whether its duration grows by itself."""
        task = self.workflow_task
        return task is not None and self._index.ticks(task)

    def show(self, index: TaskIndex, task_id: str | None, now: float, *, anew: bool = False) -> None:
        """Show a task of these; `anew` when they are of another workflow than before."""
        anew = anew or task_id != self._task_id
        self._index, self._task_id, self._now = index, task_id, now
        self.rebuild(anew=anew)

    def tick(self, now: float) -> None:
        """It is later."""
        if self.ticks:
            self._now = now
            self.rebuild()

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more."""
        self._show_secrets = show_secrets
        self.rebuild()

    def make_lines(self) -> Sequence[Line]:
        """The document."""
        task = self.workflow_task
        if task is None:
            return ()
        return task_lines(task, self._index, self._now, JsonLook(self._glyphs, self.folds, self._show_secrets))
