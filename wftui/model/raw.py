"""A graph as it was read: nothing is made harmless or put right yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.operator import Operator
    from wftui.model.status import Status


@dataclass(slots=True)
class RawNode:
    """A node.

    Attributes:
        id: Its id; raw, as all texts here.
        label: The text to show.
        status: Its status.
        duration: Seconds it took.
        kind: Of a workflow definition's operator what it does; None for plain nodes.
        detail: What that is about: a time to wait, an event, a condition; short.
        branch: Which way leads to it, as "true" or "on failure"; "" where there is but one.
        parent: The id of the operator that it is inside of: a loop, parallel branches.
    """

    id: str
    label: str
    status: Status | None = None
    duration: float | None = None
    kind: Operator | None = None
    detail: str = ""
    branch: str = ""
    parent: str | None = None


@dataclass(slots=True)
class Raw:
    """Nodes in the order in which they were first named, edges in theirs; ids and edges may come twice."""

    nodes: list[RawNode] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
