"""The command palette: what can be done here, now."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider
from textual.content import Content

from wftui.model.status import Status
from wftui.present.keys import KEYS, Place
from wftui.present.order import Sort
from wftui.present.text import visible
from wftui.present.workflow_cells import columns_for
from wftui.screens.main import MainScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.command import Hits

# So many workflows are offered by their ids.
WORKFLOWS = 12
# Moving about is no command.
_NO_COMMANDS = {key.id for key in KEYS if key.place is Place.LIST or key.id.startswith(("app.next", "app.prev"))} - {
    "list.open",
    "list.mark_all",
}


class Commands(Provider):
    """The active bindings, orders, filters, themes, and workflows by id."""

    async def discover(self) -> Hits:
        """What is shown before anything is typed."""
        for name, help_text, run in self._bound():
            yield DiscoveryHit(name, run, help=help_text)

    async def search(self, query: str) -> Hits:
        """What matches."""
        matcher = self.matcher(query)
        for commands in (self._bound(), self._views(), self._themes()):
            for name, help_text, run in commands:
                score = matcher.match(name)
                if score > 0:
                    yield Hit(score, matcher.highlight(name), run, help=help_text)
        wanted = query.casefold()
        for name, run in self._workflows(wanted):
            yield Hit(0.5, Content(name), run, text=name, help="Go to this workflow")

    def _bound(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        told = set()
        for found in self.screen.active_bindings.values():
            binding = found.binding
            if not found.enabled or binding.id is None or binding.id in told or binding.id in _NO_COMMANDS:
                continue
            told.add(binding.id)
            if binding.tooltip:
                name = binding.description.capitalize()
                yield name, binding.tooltip, partial(self.app.run_action, binding.action, found.node)

    def _views(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        choice = screen.model.choice(screen.table.metadata_columns, several_sources=len(screen.states) > 1)
        for column in columns_for(choice):
            sort = Sort(column.id, column.newest_first)
            yield f"Sort by {column.title.lower()}", "Order the list", partial(screen.sort_by, sort)
        for status in Status:
            if screen.model.counts.get(status):
                word = status.value.lower()
                yield f"Show only {word}", "Filter the list", partial(screen.set_filter, f"status:{word}")
        for namespace in screen.model.namespaces:
            term = f"queue:{namespace}" if namespace.isalnum() else f'queue:"{namespace}"'
            yield f"Show only queue {visible(namespace)}", "Filter the list", partial(screen.set_filter, term)
        yield "Show everything", "Drop the filter", partial(screen.set_filter, "")

    def _themes(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        for name in sorted(self.app.available_themes):
            yield f"Theme {name}", "Change the colours", partial(setattr, self.app, "theme", name)

    def _workflows(self, wanted: str) -> Iterator[tuple[str, Callable[[], object]]]:
        screen = self.screen
        if not isinstance(screen, MainScreen) or len(wanted) < 2:
            return
        found = 0
        for row in screen.model.rows():
            if wanted in row.key.id.casefold():
                yield visible(row.key.id), partial(screen.table.go_to, row.key)
                found += 1
                if found == WORKFLOWS:
                    return
