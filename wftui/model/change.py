"""What is new since the last look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.workflow import Problem, WorkflowKey, WorkflowSummary


@dataclass(frozen=True, slots=True)
class Added:
    """A workflow that was not listed before."""

    summary: WorkflowSummary

    @property
    def key(self) -> WorkflowKey:
        """What names it."""
        return self.summary.key


@dataclass(frozen=True, slots=True)
class Updated:
    """A listed workflow whose row changed."""

    summary: WorkflowSummary

    @property
    def key(self) -> WorkflowKey:
        """What names it."""
        return self.summary.key


@dataclass(frozen=True, slots=True)
class Removed:
    """A workflow that is not listed any more."""

    key: WorkflowKey


Change = Added | Updated | Removed


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list.

    Attributes:
        workflows: The rows, in the source's cheapest order.
        next: Give it back to get the next page; None at the end.
        total: How many there are in all; None if not known.
        exact: Whether `total` is a count, not an estimate.
    """

    workflows: tuple[WorkflowSummary, ...]
    next: str | None = None
    total: int | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since the last call.

    Attributes:
        changes: The changed rows.
        problems: All problems of the target as a whole that stand now (not only new ones).
        relist: The source lost track: list it again from the first page.
    """

    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()
    relist: bool = False
