"""Grouping: what has the same name but for its number, in the same layer, becomes one node that counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, Item, Kind, build, some_order
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.model.graph import GraphNode

# Above so many nodes a drawing is grouped unless told otherwise.
MANY = 150
# Fewer than this stay themselves.
_FEWEST = 3
_NUMBER = re.compile(r"[\s_.:#-]*[\[(]?\d+[\])]?$")


def stem(label: str) -> str:
    """A name without the number at its end: "extract_07" and "extract[7]" are "extract"."""
    cut = _NUMBER.sub("", label[-40:])
    return label[:-40] + cut if cut else label


def group(dag: Dag, nodes: Mapping[str, GraphNode], opened: frozenset[str] = frozenset()) -> Dag:
    """The graph with groups as nodes. Edges between groups go forward, because groups are parts of layers.

    Args:
        dag: What to group.
        nodes: The nodes by id.
        opened: Ids of which any keeps its whole group from being made.
    """
    rank = _ranks(dag)
    inside = {entry for entries in dag.returned for entry in entries}
    found: dict[tuple[str, int], list[int]] = {}
    for at, item in enumerate(dag.items):
        node = nodes.get(item.id)
        plain = item.kind is Kind.NODE and not item.hidden and not dag.returned[at] and at not in inside
        if node is not None and plain:
            found.setdefault((stem(node.label), rank[at]), []).append(at)
    into = list(range(len(dag.items)))
    for members in found.values():
        if len(members) >= _FEWEST and not any(dag.items[at].id in opened for at in members):
            for at in members:
                into[at] = members[0]
    return _merge(dag, into)


def _ranks(dag: Dag) -> list[int]:
    rank = [0] * len(dag.items)
    for at in some_order(dag):
        for other in dag.following(at):
            rank[other] = max(rank[other], rank[at] + 1)
    return rank


def _merge(dag: Dag, into: Sequence[int]) -> Dag:
    members: dict[int, list[str]] = {}
    for at, first in enumerate(into):
        members.setdefault(first, []).append(dag.items[at].id)
    kept = [at for at, first in enumerate(into) if first == at]
    place = {at: new for new, at in enumerate(kept)}
    items = [
        Item(dag.items[at].id, Kind.GROUP, tuple(members[at])) if len(members[at]) > 1 else dag.items[at] for at in kept
    ]
    after: list[dict[int, None]] = [{} for _ in kept]
    returned: list[dict[int, None]] = [{} for _ in kept]
    for at in range(len(dag.items)):
        here = place[into[at]]
        after[here].update(dict.fromkeys(place[into[other]] for other in dag.after[at]))
        returned[here].update(dict.fromkeys(place[into[other]] for other in dag.returned[at]))
    made = build(items, [list(targets) for targets in after], [list(targets) for targets in returned])
    return Dag(made.items, made.after, made.before, made.returned, dag.notes)


def tally(members: Sequence[str], nodes: Mapping[str, GraphNode]) -> dict[Status, int]:
    """How many of a group have each status that occurs."""
    counts: dict[Status, int] = {}
    for member in members:
        status = nodes[member].status
        if status is not None:
            counts[status] = counts.get(status, 0) + 1
    return counts


def by_interest(members: Sequence[str], nodes: Mapping[str, GraphNode]) -> list[str]:
    """The members as an opened group lists them: failed first, then by status, the slowest first, then in order."""
    rank = {status: i for i, status in enumerate(_LOUDEST)}

    def interest(member: str) -> tuple[int, float]:
        node = nodes[member]
        return (len(rank) if node.status is None else rank[node.status], -(node.duration or 0.0))

    return sorted(members, key=interest)


def loudest(counts: Mapping[Status, int]) -> Status | None:
    """The status that a group shows: a failure is never hidden by successes around it."""
    return next((status for status in _LOUDEST if counts.get(status)), None)


_LOUDEST = (
    Status.FAILED, Status.RUNNING, Status.WAITING, Status.RESUMABLE, Status.UNKNOWN, Status.CANCELED,
    Status.READY, Status.PENDING, Status.SUCCESSFUL,
)  # fmt: skip
