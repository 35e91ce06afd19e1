"""The whole of a large workflow in an object store, read in steps: names first, the graph next, times where looked at.

What the names of the keys tell comes with the listing. `inputs.json` and `outputs.json` make the graph: a read for
each task, some hundred tasks to a step. The two files with the times of a task are read for those on screen, and for
those that started and have no output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.sources.ray.storage import layout
from wftui.sources.stores.base import Blob

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wftui.sources.ray.storage.recall import Recall
    from wftui.sources.ray.storage.taskfiles import TaskScan
    from wftui.sources.stores.base import Entry, Range

SMALL = 100
"""A workflow of so many tasks is read at once."""
NOT_READ = "not read yet"
_STEPS = (0, 500, 2_000, 8_000)
_TIMES = frozenset({layout.PRE_TASK, layout.POST_TASK})
_GRAPH = frozenset({layout.INPUTS, layout.OUTPUTS, layout.EXCEPTION})


class SparingRead:
    """Reads through a memory, but of tasks only what was allowed; what is remembered costs nothing and is given.

    Args:
        recall: The memory.
        base: The prefix of the tasks.
    """

    def __init__(self, recall: Recall, base: str) -> None:
        self._recall = recall
        self._lead = f"{base}/"
        self.graph: frozenset[str] = frozenset()
        """Tasks of which the place in the graph may be read."""
        self.times: frozenset[str] = frozenset()
        """Tasks of which the times may be read."""
        self.withheld: set[str] = set()
        """Tasks of which something was not read that was asked for."""

    def read(self, asked: Sequence[tuple[Range, Entry | None]]) -> list[Blob]:
        """As `Recall.read`; what is not allowed is an error `NOT_READ`."""
        known = self._recall.peek(asked)
        allowed = [pair for pair, blob in zip(asked, known, strict=True) if blob is None and self._may(pair[0].name)]
        fresh = dict(zip(allowed, self._recall.read(allowed), strict=True))
        return [
            fresh.get(pair) or _withheld(pair[1]) if blob is None else blob
            for pair, blob in zip(asked, known, strict=True)
        ]

    def _may(self, name: str) -> bool:
        if not name.startswith(self._lead):
            return True
        task_id, _, own = name[len(self._lead) :].rpartition("/")
        allowed = self.times if own in _TIMES else self.graph if own in _GRAPH else None
        if not task_id or allowed is None or task_id in allowed:
            return True
        self.withheld.add(task_id)
        return False


def _withheld(entry: Entry | None) -> Blob:
    return Blob(error=NOT_READ) if entry is None else Blob(size=entry.size, mtime=entry.mtime, error=NOT_READ)


def steps(scan: TaskScan) -> Iterator[frozenset[str]]:
    """The tasks whose place in the graph is read, step by step."""
    ids = list(scan.files)
    for count in _STEPS:
        if count < len(ids):
            yield frozenset(ids[:count])
    yield frozenset(ids)


def at_work(scan: TaskScan) -> frozenset[str]:
    """The tasks that left no output: their times tell whether they run, failed or just keep none."""
    return frozenset(i for i, files in scan.files.items() if layout.OUTPUT not in files)
