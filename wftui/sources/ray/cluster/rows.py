"""The rows of a live cluster: what the storage last said of each, and what was told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.sources.ray.cluster.overlay import lay_over_row, row_from_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.sources.ray.cluster.looks import ManagerLooks
    from wftui.sources.ray.cluster.near.whereabouts import Node

_ACTIVE_WORDS = frozenset({Status.RUNNING.value, Status.PENDING.value})


class ClusterRows:
    """Lays the manager's memory over the storage's rows, and tells differences.

    Args:
        looks: What the manager told.
        key: The key of an id.
        is_armed: Whether a cancel of it is armed.
        nodes: The nodes of the cluster, as far as they are known.
        why: Why a workflow failed that left no exception; "" where that is not known.
    """

    def __init__(
        self,
        looks: ManagerLooks,
        key: Callable[[str], WorkflowKey],
        is_armed: Callable[[str], bool],
        nodes: Callable[[], Sequence[Node]],
        why: Callable[[str], str],
    ) -> None:
        self._looks = looks
        self._memory = looks.memory
        self._key = key
        self._is_armed = is_armed
        self._nodes = nodes
        self._why = why
        self._stored: dict[str, WorkflowSummary] = {}
        self._told: dict[str, WorkflowSummary] = {}
        self._undecided: set[str] = set()

    def __len__(self) -> int:
        return len(self._told)

    def clear(self) -> None:
        """Forget everything: a listing begins."""
        self._stored.clear()
        self._told.clear()
        self._undecided.clear()

    def list_page(self, rows: Iterable[WorkflowSummary], ran_before: frozenset[str]) -> list[WorkflowSummary]:
        """A part of the storage's list as the cluster sees it.

        Args:
            rows: As the storage holds them.
            ran_before: What the manager ran before the storage was listed. What it does not run after that has ended
                in between, and the next look at the storage tells how.
        """
        shown = []
        for row in rows:
            self._stored[row.key.id] = row
            ended = row.key.id in ran_before and self._memory.workflow(row.key.id) is None
            shown.append(row if ended else self.lay_over(row))
        self._told.update((row.key.id, row) for row in shown)
        return shown

    def list_rest(self) -> list[WorkflowSummary]:
        """The workflows that the storage did not list, and the manager runs."""
        rows = (self.from_memory(i) for i in sorted(self._memory.ids() - self._stored.keys()))
        shown = [row for row in rows if row is not None]
        self._told.update((row.key.id, row) for row in shown)
        return shown

    def complete(self, row: WorkflowSummary) -> WorkflowSummary:
        """A row that was read again, with its times, as the cluster sees it."""
        stored = self._stored.get(row.key.id)
        if stored is not None and stored.recorded_status == row.recorded_status:
            self._stored[row.key.id] = row  # so that its next change is told with them
        return self.lay_over(row)

    def take_in(self, changes: Iterable[Change]) -> set[str]:
        """Note what the storage tells. Returns the ids."""
        ids = set()
        for change in changes:
            ids.add(change.key.id)
            if isinstance(change, Removed):
                self._stored.pop(change.key.id, None)
            else:
                self._stored[change.key.id] = change.summary
        return ids

    def tell(self, ids: Iterable[str]) -> list[Change]:
        """What is different now about these from what was told last."""
        changes: list[Change] = []
        for workflow_id in ids:
            stored, told = self._stored.get(workflow_id), self._told.get(workflow_id)
            row = self.lay_over(stored) if stored is not None else self.from_memory(workflow_id)
            if row is not None:
                self._told[workflow_id] = row
                if told is None:
                    changes.append(Added(row))
                elif row != told:
                    changes.append(Updated(row))
            elif told is not None:
                del self._told[workflow_id]
                changes.append(Removed(self._key(workflow_id)))
        return changes

    def is_new_suspect(self, workflow_id: str) -> bool:
        """Whether the row of that id, as stored, is a suspect."""
        stored = self._stored.get(workflow_id)
        return stored is not None and self.is_suspect(stored)

    def is_suspect(self, row: WorkflowSummary) -> bool:
        """Whether the storage held it as active, the manager does not run it, and that is new.

        It may be RESUMABLE, or have begun or ended between the two looks: both must be asked again, the manager first.
        """
        if row.recorded_status not in _ACTIVE_WORDS or not self._looks.is_current:
            return False
        return not self._is_known(row) and self._memory.workflow(row.key.id) is None

    def _is_known(self, row: WorkflowSummary) -> bool:
        """Whether it was told as RESUMABLE, and nobody wrote another word since."""
        told = self._told.get(row.key.id)
        return told is not None and told.status is Status.RESUMABLE and told.recorded_status == row.recorded_status

    def take_undecided(self) -> set[str]:
        """The ids of what is told as recorded, because the manager did not answer whether it runs it."""
        undecided, self._undecided = self._undecided, set()
        return undecided

    def lay_over(self, row: WorkflowSummary) -> WorkflowSummary:
        """A row of the storage as the cluster sees it."""
        live = self._memory.workflow(row.key.id)
        infer = self._looks.is_current or (self._looks.is_told and self._is_known(row))
        if not infer and live is None and row.recorded_status in _ACTIVE_WORDS:
            self._undecided.add(row.key.id)
        armed = self._is_armed(row.key.id)
        is_dark = row.complete and row.status is Status.FAILED and row.error is None
        why = self._why(row.key.id) if is_dark and live is None else ""
        return lay_over_row(row, live, armed=armed, infer=infer, nodes=self._nodes(), why=why)

    def from_memory(self, workflow_id: str) -> WorkflowSummary | None:
        """The row of a workflow of which only the manager tells; None if it does not run it."""
        live = self._memory.workflow(workflow_id)
        if live is None:
            return None
        armed = self._is_armed(workflow_id)
        return row_from_memory(self._key(workflow_id), live, armed=armed, nodes=self._nodes())
