"""What the Graph and the Timeline tab share: a picture, and below it what its cursor is on."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from wftui.present.graph_lines import members_strip, task_strip
from wftui.present.task_index import TaskIndex
from wftui.widgets.graph_search import GraphSearch
from wftui.widgets.graph_strip import GraphStrip
from wftui.widgets.group_pane import GroupPane
from wftui.widgets.searched_tab import SearchedTab
from wftui.widgets.task_pane import TaskPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wftui.present.columns import Span
    from wftui.present.glyphs import Glyphs
    from wftui.present.graph_lines import Members


class Room(Enum):
    """What stands below the picture; the value is the class that lays it out."""

    BARE = "-bare"
    STRIP = "-strip"
    PANE = "-pane"


class PictureTab(SearchedTab):
    """The pane, or where there is no room for it the strip, follows the cursor of the picture.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    DEFAULT_CSS = """
    PictureTab {
        layout: vertical;
        & > GraphStrip, & > TaskPane, & > GroupPane { display: none; }
        &.-strip > GraphStrip { display: block; border-top: solid $border; height: 4; }
        &.-pane > TaskPane, &.-pane > GroupPane { border-top: solid $border; height: 1fr; }
        &.-pane > TaskPane { display: block; }
        &.-pane.-group > TaskPane { display: none; }
        &.-pane.-group > GroupPane { display: block; }
    }
    """

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._show_secrets = show_secrets
        self._index = TaskIndex()
        self._now = 0.0
        self._room = Room.BARE
        self._group: str | None = None

    def compose_below(self) -> ComposeResult:
        """What stands below the picture: search, strip and panes."""
        yield GraphSearch()
        yield GraphStrip()
        yield TaskPane(glyphs=self._glyphs, show_secrets=self._show_secrets)
        yield GroupPane(glyphs=self._glyphs)

    @property
    def pane_ticks(self) -> bool:
        """Whether anything in the pane of a task, where that is shown, grows by itself."""
        return self._room is Room.PANE and self.query_one(TaskPane).ticks

    def know(self, index: TaskIndex) -> None:
        """More is known of the same tasks: where their time went."""
        self._index = index
        self.tell()

    def tell(self) -> None:
        """Tell about what the cursor is on: `describe` it."""
        raise NotImplementedError

    def describe(self, item: str | None, task_id: str | None, members: Members | None) -> None:
        """Tell about a task, or about what a group of tasks or a fold holds, where there is room.

        Args:
            item: The id of what the cursor is on; None when it is on nothing.
            task_id: The id of the task that this is or stands for, if there is one.
            members: What lies in it, unless it is one task.
        """
        self.set_class(members is not None, "-group")
        if self._room is Room.STRIP:
            self.query_one(GraphStrip).show(self._strip(task_id, members))
        elif self._room is Room.PANE and members is not None:
            self.query_one(GroupPane).show(members, self._index, self._now, anew=item != self._group)
            self._group = item
        elif self._room is Room.PANE:
            self.query_one(TaskPane).show(self._index, task_id, self._now)

    def _strip(self, task_id: str | None, members: Members | None) -> Sequence[tuple[Span, ...]]:
        if members is not None:
            return members_strip(members, self._glyphs, self._index)
        task = self._index.tasks.get(task_id) if task_id is not None else None
        return task_strip(task, self._index, self._now, self._glyphs) if task is not None else ()

    def give_room(self, room: Room) -> bool:
        """Lay out what stands below the picture; whether that is another than before."""
        if room is self._room:
            return False
        self._room = room
        for each in Room:
            self.set_class(each is room, each.value, update=False)
        self.update_node_styles()
        return True
