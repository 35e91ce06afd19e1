"""Everything about one task, with its neighbours to jump to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from wftui.present.metadata import JsonLook
from wftui.present.task_index import TaskIndex
from wftui.present.task_lines import task_lines
from wftui.present.task_values import VALUES, Known
from wftui.widgets.detail_document import DetailDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.task import Task
    from wftui.present.document import Line
    from wftui.present.glyphs import Glyphs


class TaskPane(DetailDocument):
    """One task; it follows the task through updates.

    Its arguments and output are read when their block is opened, and again when the task is not what it was.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    @dataclass
    class ValuesWanted(Message):
        """What the task shown was given and gave back is asked for; see `tell_values`."""

        task_id: str

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._show_secrets = show_secrets
        self._index = TaskIndex()
        self._task_id: str | None = None
        self._now = 0.0
        self._known = Known()
        self._known_of: object = None
        self._offers_values = True
        self._is_led_there = False

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
        """Whether its duration, or the time that it waits, grows by itself."""
        task = self.workflow_task
        if task is None:
            return False
        return self._index.ticks(task) or (self._index.live and task.waiting_since is not None)

    def show(self, index: TaskIndex, task_id: str | None, now: float, *, anew: bool = False) -> None:
        """Show a task of these; `anew` when they are of another workflow than before."""
        anew = anew or task_id != self._task_id
        self._index, self._task_id, self._now = index, task_id, now
        if anew or self._state != self._known_of:
            self._forget_values()
        self.rebuild(anew=anew)
        self._want_values()

    def tick(self, now: float) -> None:
        """It is later."""
        if self.ticks:
            self._now = now
            self.rebuild()

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more."""
        self._show_secrets = show_secrets
        self.rebuild()

    # -- arguments and output --------------------------------------------------------------------------------

    def offer_values(self, offers: bool) -> None:
        """Whether the source of the task can tell its values."""
        if offers is not self._offers_values:
            self._offers_values = offers
            self.rebuild()

    def toggle_values(self) -> None:
        """Open or close the block, and go there."""
        line = next((line for line in self.lines if line.fold == VALUES), None)
        if line is not None:
            self._set_fold(VALUES, not line.is_open)
            self.put_cursor(line.key)
            self._is_led_there = not line.is_open
            self._show_block()

    def tell_values(self, task_id: str, known: Known) -> None:
        """What was asked for; late for another task, it is dropped."""
        if task_id == self._task_id and self._known_of == self._state:
            self._known = known
            self.rebuild()
            self._show_block()
            self._is_led_there = False

    def _set_fold(self, fold: str, to_open: bool) -> None:
        super()._set_fold(fold, to_open)
        if fold == VALUES and not to_open:
            self._forget_values()  # opened again it is read again
        self._want_values()

    def _show_block(self) -> None:
        """For who asked by the key: the block at the top, where there is more of it than would be seen."""
        if self._is_led_there:
            self.scroll_now(self._row_of(self._cursor))

    def _forget_values(self) -> None:
        self._known, self._known_of = Known(), None

    def _want_values(self) -> None:
        """Ask once, where they are looked at."""
        task = self.workflow_task
        is_open = self.folds.is_open(VALUES, by_default=False)
        if task is not None and is_open and self._offers_values and self._known_of is None:
            self._known_of = self._state
            self.post_message(self.ValuesWanted(task.id))

    @property
    def _state(self) -> object:
        """What differs when the values may."""
        task = self.workflow_task
        return None if task is None else (task.id, task.status, task.started_at, task.output_size, task.upstream)

    def make_lines(self) -> Sequence[Line]:
        """The document."""
        task = self.workflow_task
        if task is None:
            return ()
        look = JsonLook(self._glyphs, self.folds, self._show_secrets)
        return task_lines(task, self._index, self._now, look, self._known if self._offers_values else None)
