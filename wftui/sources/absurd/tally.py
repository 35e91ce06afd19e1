"""How far workflow runs are: their tasks, counted as they are seen, so that nothing is asked for it. No I/O.

No index leads from a run to its tasks. But a queue's tasks are listed and followed anyway, to tell which of them are
workflows of their own, so those that belong to runs are counted on the way.
"""

from __future__ import annotations

from itertools import islice

MOST = 1_000
"""Runs whose rows are renewed at one look."""


class Tally:
    """The tasks of one queue that belong to runs."""

    def __init__(self) -> None:
        self._tasks: dict[str, tuple[str, bool]] = {}
        self._counts: dict[str, list[int]] = {}
        self._changed: dict[str, None] = {}

    def note(self, task_id: str, run: str, *, is_done: bool) -> None:
        """A task of a run was seen."""
        known = self._tasks.get(task_id)
        if known == (run, is_done):
            return
        self.forget(task_id)
        self._tasks[task_id] = (run, is_done)
        counts = self._counts.setdefault(run, [0, 0])
        counts[0] += is_done
        counts[1] += 1
        self._changed[run] = None

    def forget(self, task_id: str) -> None:
        """A task is gone, belongs to no run any more, or is too old to be kept."""
        known = self._tasks.pop(task_id, None)
        if known is None:
            return
        run, is_done = known
        counts = self._counts[run]
        counts[0] -= is_done
        counts[1] -= 1
        if not counts[1]:
            del self._counts[run]
        self._changed[run] = None

    def of(self, run: str) -> tuple[int, int]:
        """Tasks of a run that succeeded, and all of them that are known."""
        done, total = self._counts.get(run, (0, 0))
        return done, total

    def take_changed(self) -> list[str]:
        """Runs that are further than they were, or less far; the rest of many at the next call."""
        found = list(islice(self._changed, MOST))
        for run in found:
            del self._changed[run]
        return found
