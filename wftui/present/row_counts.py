"""What is counted of the rows of the list: statuses, keys of metadata, and which columns they ask for. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wftui.present.naming import title
from wftui.present.text import visible
from wftui.present.workflow_cells import EXTRAS, Choice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowSummary


class RowCounts:
    """Counts of rows, kept row by row."""

    def __init__(self) -> None:
        self._statuses: Counter[Status] = Counter()
        self._metadata: Counter[str] = Counter()
        self._names = 0
        self._namespaces: Counter[str] = Counter()
        self._longest_namespace = 0
        self._engines: set[str] = set()
        self.longest_id = 0
        """Characters of the longest name seen so far, or id where there is none, made harmless. It never shrinks."""

    def add(self, row: WorkflowSummary) -> None:
        """Count a row."""
        self._statuses[row.status] += 1
        for name in row.user_metadata:
            self._metadata[name] += 1
        self.longest_id = max(self.longest_id, len(title(row)))
        self._names += row.name is not None
        if row.key.namespace is not None:
            if row.key.namespace not in self._namespaces:
                self._longest_namespace = max(self._longest_namespace, len(visible(row.key.namespace)))
            self._namespaces[row.key.namespace] += 1
        self._engines.add(row.key.engine)

    def remove(self, row: WorkflowSummary) -> None:
        """Count a row no more; another takes its place, or it is taken out."""
        self._statuses[row.status] -= 1
        for name in row.user_metadata:
            self._metadata[name] -= 1
        self._names -= row.name is not None
        if row.key.namespace is not None:
            self._namespaces[row.key.namespace] -= 1

    @property
    def statuses(self) -> Mapping[Status, int]:
        """How many rows have each status."""
        return {status: count for status, count in self._statuses.items() if count}

    @property
    def metadata_keys(self) -> tuple[str, ...]:
        """Keys of user metadata, the most common first."""
        found = (key for key, count in self._metadata.items() if count)
        return tuple(sorted(found, key=lambda key: (-self._metadata[key], key)))

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the rows, by name."""
        return tuple(sorted(name for name, count in self._namespaces.items() if count))

    def choice(self, metadata: tuple[str, ...], *, several_sources: bool, show_secrets: bool) -> Choice:
        """Which columns these rows ask for; see `RowModel.choice`."""
        return Choice(
            metadata,
            several_sources,
            self._names > 0,
            self.longest_id,
            show_secrets,
            self._longest_namespace,
            len(self._engines) > 1,
            tuple(key for key in EXTRAS if self._metadata[key]) if self._names else (),
        )
