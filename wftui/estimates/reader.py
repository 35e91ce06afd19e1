"""Reads earlier runs of a workflow, within bounds, and keeps what it learnt of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import NotFoundError
from wftui.estimates.past import RAY, candidates, history_of, is_alike, past_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.model.history import History, PastRun
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

RUNS, LOOKS = 30, 120
"""So many earlier runs are enough; so many workflows are read at most to find them."""
_KEPT = 2_000


class HistoryReader:
    """What was learnt of workflows of one source. An ended one does not change: it is read once.

    Args:
        read: The whole of a workflow, by id: `Source.detail`.
    """

    def __init__(self, read: Callable[[str], WorkflowDetail]) -> None:
        self._read = read
        self._learnt: dict[tuple[str, float | None, float | None], PastRun | None] = {}

    def history(
        self,
        detail: WorkflowDetail,
        rows: Iterable[WorkflowSummary],
        *,
        runs: int = RUNS,
        looks: int = LOOKS,
        stop: Callable[[], bool] = lambda: False,
    ) -> History:
        """Earlier runs of a workflow among rows of its source.

        Args:
            detail: The workflow.
            rows: All there are; only those that succeeded are read.
            runs: So many are enough.
            looks: At most so many are read.
            stop: Whether nobody waits for it any more.

        Raises:
            TargetError: The source does not answer.
        """
        listed = tuple(rows)
        by_id = {row.key.id: row for row in listed}
        found: list[PastRun] = []
        for workflow_id in candidates(listed, detail.summary, looks):
            if len(found) >= runs or stop():
                break
            run = self.learn(by_id[workflow_id])
            if run is not None and is_alike(detail, run):
                found.append(run)
        return history_of(found)

    def learn(self, row: WorkflowSummary) -> PastRun | None:
        """What is to be learnt of one workflow; None where that is nothing.

        Raises:
            TargetError: The source does not answer.
        """
        mark = (row.key.id, row.status_since, row.ended_at)
        if mark not in self._learnt:
            if len(self._learnt) >= _KEPT:
                self._learnt.clear()
            try:
                self._learnt[mark] = past_run(self._read(row.key.id))
            except NotFoundError:
                return None
        return self._learnt[mark]


def groups(runs: Sequence[tuple[WorkflowDetail, PastRun]]) -> list[list[tuple[WorkflowDetail, PastRun]]]:
    """Runs that are alike together, each group in order of its starts; the largest group first."""
    found: dict[object, list[tuple[WorkflowDetail, PastRun]]] = {}
    for detail, run in runs:
        row = detail.summary
        names = frozenset(task.name for task in run.tasks if task.top)
        what: object = names if row.key.engine == RAY else (row.key.namespace, row.name, row.version)
        found.setdefault((row.key.target, what), []).append((detail, run))
    ordered = [sorted(group, key=lambda one: one[1].ended_at - one[1].took) for group in found.values()]
    return sorted(ordered, key=len, reverse=True)
