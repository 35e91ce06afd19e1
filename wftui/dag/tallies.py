"""How many of the nodes behind one item have which status: kept up to date node by node, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.model.graph import GraphNode

# A failure is never hidden by successes around it.
LOUDEST = (
    Status.FAILED, Status.RUNNING, Status.WAITING, Status.RESUMABLE, Status.UNKNOWN, Status.CANCELED,
    Status.READY, Status.PENDING, Status.SUCCESSFUL,
)  # fmt: skip
# Of these the number is worth telling.
TOLD = LOUDEST[:6]
_MICRO = 1_000_000


class Tally:
    """Counts nodes by status, and sums up their durations.

    Attributes:
        counts: How many have each status; some may be zero.
        timed: How many have a duration.
    """

    __slots__ = ("_micros", "counts", "timed")

    def __init__(self) -> None:
        self.counts: dict[Status, int] = {}
        self.timed = 0
        # Whole numbers: whatever comes and goes, the sum is that of what is there.
        self._micros = 0

    @classmethod
    def of(cls, ids: Iterable[str], nodes: Mapping[str, GraphNode]) -> Tally:
        """The tally of some nodes; what is missing is not counted."""
        tally = cls()
        for one in ids:
            node = nodes.get(one)
            if node is not None:
                tally.add(node)
        return tally

    def add(self, node: GraphNode, by: int = 1) -> None:
        """Count a node, or with -1 count it no more."""
        if node.status is not None:
            self.counts[node.status] = self.counts.get(node.status, 0) + by
        if node.duration is not None and abs(node.duration) < 1e15:
            self.timed += by
            self._micros += by * round(node.duration * _MICRO)

    @property
    def average(self) -> float | None:
        """The mean duration in seconds; None where none is known."""
        return self._micros / self.timed / _MICRO if self.timed else None

    @property
    def loudest(self) -> Status | None:
        """The status that stands for all of them; None where none is known."""
        return next((status for status in LOUDEST if self.counts.get(status)), None)

    @property
    def only(self) -> Status | None:
        """The status that all of them have; None where they differ."""
        found = [status for status, count in self.counts.items() if count]
        return found[0] if len(found) == 1 else None
