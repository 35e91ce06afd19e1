"""What the tabs share in which a slash searches: Graph, Timeline, Events."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message
from textual.widget import Widget

from wftui.widgets.graph_search import GraphSearch, SearchInput


class SearchedTab(Widget):
    """Has one part that answers keys, and a line to search it with: the classes below compose both."""

    @dataclass
    class Selected(Message):
        """Another task is selected in a tab; None when there is none."""

        part: SearchedTab
        task_id: str | None

    @dataclass
    class Opened(Message):
        """A task was chosen."""

        task_id: str

    @property
    def view(self) -> Widget:
        """What answers keys, and is searched."""
        raise NotImplementedError

    @property
    def settled(self) -> bool:
        """Whether all news are drawn."""
        raise NotImplementedError

    @property
    def ticks(self) -> bool:
        """Whether anything that is seen grows by itself."""
        raise NotImplementedError

    def tick(self, now: float) -> None:
        """It is `now` (Unix seconds): what grows is drawn again."""
        raise NotImplementedError

    def go_to(self, task_id: str) -> None:
        """Put the cursor on a task, or on what it lies in."""
        raise NotImplementedError

    def focus_part(self) -> None:
        """Give the focus to what answers keys."""
        self.view.focus()

    @property
    def can_search(self) -> bool:
        """Whether a slash is for this tab."""
        return self.view.has_focus

    @property
    def is_searching(self) -> bool:
        """Whether somebody types what to search for."""
        return self.query_one(SearchInput).has_focus

    def search(self) -> None:
        """Type what to search for."""
        self.query_one(GraphSearch).open()

    def drop_search(self) -> None:
        """Show again what there is without a search."""
        raise NotImplementedError

    def end_search(self) -> None:
        """Nobody searches any more."""
        self.query_one(GraphSearch).close()
        self.drop_search()
        self.refresh_bindings()

    def on_search_input_ended(self, message: SearchInput.Ended) -> None:
        """Escape in the line: back to what was searched."""
        message.stop()
        self.end_search()
        self.view.focus()
