"""What the sources over a storage share, wherever it lies: rows of the index, page by page, and rows to read again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from wftui.model.change import Page
from wftui.model.status import StatusSource
from wftui.model.workflow import WorkflowKey, WorkflowSummary
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.reader import ENGINE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ACTIVE_WORDS = layout.ACTIVE
"""Statuses on disk of workflows that something may be working on."""


def bare_row(target: str, workflow_id: str, word: str, since: float | None = None) -> WorkflowSummary:
    """A row as the index alone tells it.

    Args:
        target: What the target is called in keys.
        workflow_id: Which.
        word: Its recorded status.
        since: Unix seconds at which it entered that; None where the index was not asked.
    """
    return WorkflowSummary(
        key=WorkflowKey(target, ENGINE_NAME, None, workflow_id),
        status=layout.status_of(word),
        status_source=StatusSource.STORAGE,
        recorded_status=word,
        status_since=since,
    )


def page_of(
    ids: tuple[str, ...],
    words: Mapping[str, str],
    start: int,
    limit: int,
    row: Callable[[str, str], WorkflowSummary],
) -> Page:
    """One page of a list of ids.

    Args:
        ids: All that were listed.
        words: The status of each, now: an id that is gone since is left out, for `changes` says so itself.
        start: Where the page begins.
        limit: How many at most.
        row: Makes a row of an id and its status.
    """
    rows = tuple(row(i, words[i]) for i in ids[start : start + limit] if i in words)
    after = start + limit
    return Page(rows, str(after) if after < len(ids) else None, len(ids))


class RowsAgain:
    """Rows that are read again and told where they differ: those at work, and for a while those that changed.

    Ray writes the times after the status, and no file atomically: what was just seen to change is unsettled.

    Args:
        seconds: How long a row that changed stays unsettled.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[str, float] = {}
        self._rows: dict[str, WorkflowSummary] = {}

    def __contains__(self, workflow_id: object) -> bool:
        """Whether a row is kept."""
        return workflow_id in self._rows

    @property
    def unsettled(self) -> list[str]:
        """The ids that are, what changed first before what changed last."""
        return list(self._until)

    def is_unsettled(self, workflow_id: str) -> bool:
        """Whether it is."""
        return workflow_id in self._until

    def changed(self, ids: Iterable[str]) -> None:
        """These changed now."""
        self._until.update(dict.fromkeys(ids, time.monotonic() + self._seconds))

    def keep(self, row: WorkflowSummary) -> bool:
        """Keep a row to compare it with what is read next. Returns whether it differs from the one that was kept."""
        differs = self._rows.get(row.key.id) != row
        self._rows[row.key.id] = row
        return differs

    def drop(self, ids: Iterable[str]) -> None:
        """These are gone."""
        for workflow_id in ids:
            self._rows.pop(workflow_id, None)
            self._until.pop(workflow_id, None)

    def clear(self) -> None:
        """All is listed anew: nothing is kept; what is unsettled stays so."""
        self._rows = {}

    def forget_settled(self, at_work: Callable[[str], bool]) -> None:
        """Keep only rows that will be compared again: unsettled ones, and those of which this is true."""
        now = time.monotonic()
        self._until = {workflow_id: until for workflow_id, until in self._until.items() if until >= now}
        for workflow_id in list(self._rows):
            if workflow_id not in self._until and not at_work(workflow_id):
                self._rows.pop(workflow_id, None)
