"""The rows of one source as last seen, and the diffs between looks. Pure: no threads, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.change import Added, Change, Removed, Updated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.model.workflow import WorkflowSummary


def _same_look(old: WorkflowSummary, new: WorkflowSummary) -> bool:
    """Whether an index-only row says nothing that the row we have does not say already."""
    return (
        old.status is new.status
        and old.recorded_status == new.recorded_status
        and old.status_source is new.status_source
        and (new.status_since is None or new.status_since == old.status_since)
        and old.note == new.note
    )


class Rows:
    """Rows by workflow id, and which of them still lack times and metadata.

    A listing may come in pages and may repeat: between `start_listing` and `end_listing` every row that comes is
    remembered, and what did not come is gone.
    """

    def __init__(self) -> None:
        self._rows: dict[str, WorkflowSummary] = {}
        self._incomplete: dict[str, None] = {}
        self._unseen: set[str] = set()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def incomplete(self) -> int:
        """How many rows still lack times and metadata."""
        return len(self._incomplete)

    def get(self, workflow_id: str) -> WorkflowSummary | None:
        """The row of that id."""
        return self._rows.get(workflow_id)

    def start_listing(self) -> None:
        """A listing from the first page begins."""
        self._unseen = set(self._rows)

    def list_page(self, page: Iterable[WorkflowSummary]) -> list[Change]:
        """Take a page of a listing. Rows that say nothing new keep the times they have."""
        changes: list[Change] = []
        for row in page:
            self._unseen.discard(row.key.id)
            old = self._rows.get(row.key.id)
            if old is not None and (old == row or (not row.complete and _same_look(old, row))):
                continue
            changes.append(self._put(row))
        return changes

    def end_listing(self) -> list[Change]:
        """The last page came. Returns the removal of what the listing did not hold."""
        gone = self.forget(self._unseen)
        self._unseen = set()
        return gone

    def apply(self, changes: Iterable[Change]) -> list[Change]:
        """Take changes. Returns those that change anything, as what they are to the rows we have."""
        kept: dict[str, Change] = {}
        for change in changes:
            workflow_id = change.key.id
            self._unseen.discard(workflow_id)
            if isinstance(change, Removed):
                if dropped := self._drop(workflow_id):
                    kept[workflow_id] = dropped
            elif self._rows.get(workflow_id) != change.summary:
                earlier = kept.get(workflow_id)
                put = self._put(change.summary)
                # One batch holds a key once, and what is new to the listener stays an addition.
                kept[workflow_id] = Added(change.summary) if isinstance(earlier, Added) else put
        return list(kept.values())

    def forget(self, workflow_ids: Iterable[str]) -> list[Change]:
        """Drop rows that turned out to be gone."""
        return [change for workflow_id in workflow_ids if (change := self._drop(workflow_id))]

    def next_incomplete(self, first: Sequence[str], limit: int, *, only_first: bool = False) -> list[str]:
        """At most `limit` ids of rows that lack times and metadata, those of `first` before all others, or alone."""
        chosen = {workflow_id: None for workflow_id in first if workflow_id in self._incomplete}
        for workflow_id in () if only_first else self._incomplete:
            if len(chosen) >= limit:
                break
            chosen[workflow_id] = None
        return list(chosen)[:limit]

    def _put(self, row: WorkflowSummary) -> Change:
        workflow_id = row.key.id
        change: Change = Updated(row) if workflow_id in self._rows else Added(row)
        self._rows[workflow_id] = row
        if row.complete:
            self._incomplete.pop(workflow_id, None)
            if not self._incomplete:
                self._incomplete = {}  # an emptied one keeps its size
        else:
            self._incomplete[workflow_id] = None
        return change

    def _drop(self, workflow_id: str) -> Removed | None:
        row = self._rows.pop(workflow_id, None)
        self._incomplete.pop(workflow_id, None)
        return None if row is None else Removed(row.key)
