"""Grouping: what is alike in one layer becomes one node that counts.

Alike are nodes whose names differ by a number at the end, and nodes that wait for the same and are waited for by the
same, if there are many; in both cases they were returned by the same node, or by none. Groups are parts of layers,
and layers do not depend on statuses or on what is opened: so edges between groups go forward, and a group stays what
it is while its tasks run.

Nodes that are kept stand alone, in the order of interest, before the rest of their group. The rest is named by the
first node in it, in input order; that of one node is that node.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, Item, Kind, some_order
from wftui.dag.merging import merge
from wftui.dag.tallies import LOUDEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.model.graph import GraphNode

# Above so many nodes a drawing is grouped unless told otherwise.
MANY = 150
# Fewer of one name than this stay themselves.
_FEWEST = 3
# Fewer of different names than this that only have the same neighbours stay themselves.
_FEWEST_OTHERS = 21
_NUMBER = re.compile(r"[\s_.:#-]*[\[(]?\d+[\])]?$")
_NAMELESS, _MISSING = "tasks", "missing"
# Characters of a common beginning that are worth a name.
_TELLING = 3


def stem(label: str) -> str:
    """A name without the number at its end: "extract_07" and "extract[7]" are "extract"."""
    cut = _NUMBER.sub("", label[-40:])
    return label[:-40] + cut if cut else label


def group(
    dag: Dag,
    nodes: Mapping[str, GraphNode],
    kept: frozenset[str] = frozenset(),
    only: frozenset[str] | None = None,
) -> Dag:
    """The graph with groups as nodes. Edges between groups go forward, because groups are parts of layers.

    Args:
        dag: What to group.
        nodes: The nodes by id.
        kept: Ids of those that stand alone; what they returned is grouped apart from the rest, too.
        only: Ids of those that are grouped, by name alone; None for all, by name and by neighbours.
    """
    classes = _Classes(dag, nodes, kept, only)
    into, items = [-1] * len(dag.items), list[Item]()
    for at, item in enumerate(dag.items):
        members = classes.members.get(at)
        if members is not None:
            _carve(dag, members, classes.names[at], nodes, kept, into, items)
        elif into[at] < 0:
            into[at] = len(items)
            items.append(item)
    return merge(dag, into, items) if classes.members else dag


def _carve(
    dag: Dag,
    members: list[int],
    name: str,
    nodes: Mapping[str, GraphNode],
    kept: frozenset[str],
    into: list[int],
    items: list[Item],
) -> None:
    """Append what a group becomes: its kept members, and the rest."""
    number = {dag.items[at].id: at for at in members}
    alone = by_interest([node for node in number if node in kept], nodes)
    rest = [at for at in members if dag.items[at].id not in kept]
    origin = dag.items[members[0]].id if alone else None
    for node in alone:
        into[number[node]] = len(items)
        items.append(replace(dag.items[number[node]], origin=origin))
    if not rest:
        return
    for at in rest:
        into[at] = len(items)
    first = replace(dag.items[rest[0]], origin=origin)
    if len(rest) > 1:
        first = replace(first, kind=Kind.GROUP, members=tuple(dag.items[at].id for at in rest), name=name)
    items.append(first)


class _Classes:
    """What is alike, whatever is kept of it.

    Attributes:
        members: The items of each class of several, ascending, by the first of them.
        names: What they have in common, by the same.
    """

    def __init__(
        self, dag: Dag, nodes: Mapping[str, GraphNode], kept: frozenset[str], only: frozenset[str] | None
    ) -> None:
        self.dag, self.nodes, self.kept, self.only = dag, nodes, kept, only
        self.members: dict[int, list[int]] = {}
        self.names: dict[int, str] = {}
        self.into = list(range(len(dag.items)))
        self.number = {item.id: at for at, item in enumerate(dag.items)}
        layers = _layers(dag)
        # From the left, because what was returned by a group is grouped by that.
        for layer in layers:
            self._by_name(layer)
        for layer in layers if only is None else ():
            self._by_neighbours(layer)

    def _by_name(self, layer: Iterable[int]) -> None:
        found: dict[tuple[object, ...], list[int]] = {}
        names: dict[tuple[object, ...], str] = {}
        for at in layer:
            item = self.dag.items[at]
            node = self.nodes.get(item.id)
            if self.only is not None and item.id not in self.only:
                continue
            if node is not None and item.kind is Kind.NODE and not item.hidden:
                name = "" if _NUMBER.fullmatch(node.label) else stem(node.label)
                key = (name, *self._inside(at))
                found.setdefault(key, []).append(at)
                names[key] = name or _NAMELESS
        for key, members in found.items():
            # Items are a group as soon as there are two, so that the picture need not change when the third comes.
            if len(members) >= (_FEWEST if self.only is None else 2):
                self._join(members, names[key])

    def _by_neighbours(self, layer: Iterable[int]) -> None:
        found: dict[tuple[object, ...], list[int]] = {}
        for at in layer:
            item = self.dag.items[at]
            if self.into[at] != at or at in self.members or item.hidden:
                continue
            before = frozenset(self.into[other] for other in self.dag.before[at])
            after = frozenset(self.into[other] for other in self.dag.following(at))
            found.setdefault((item.kind, before, after, *self._inside(at)), []).append(at)
        for members in found.values():
            if len(members) >= _FEWEST_OTHERS:
                self._join(members, self._common(members))

    def _common(self, members: Iterable[int]) -> str:
        """What different names begin with, if that is more than chance; of missing nodes that they are missing."""
        nodes = [self.nodes.get(self.dag.items[at].id) for at in members]
        cut = [node.label[:60] for node in nodes if node is not None]
        if not cut:
            return _MISSING
        first, last = min(cut), max(cut)
        same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
        prefix = first[:same].rstrip(" _.:#-[(")
        return f"{prefix}*" if len(prefix) >= _TELLING else _NAMELESS

    def _inside(self, at: int) -> tuple[object, ...]:
        """What returned an item: its group, unless it stands alone. Strays of sub-DAGs are their parents' own."""
        item = self.dag.items[at]
        node = self.nodes.get(item.id)
        parent = self.number.get(node.parent) if node is not None and node.parent is not None else None
        if parent is None or item.within is not None:
            return (None, item.within)
        return (parent if self.dag.items[parent].id in self.kept else self.into[parent], None)

    def _join(self, members: list[int], name: str) -> None:
        self.members[members[0]] = members
        self.names[members[0]] = name
        for at in members:
            self.into[at] = members[0]


def _layers(dag: Dag) -> list[list[int]]:
    """The items by the longest way to each, ascending: what is appended moves none of them."""
    rank = [0] * len(dag.items)
    for at in some_order(dag):
        for other in dag.following(at):
            rank[other] = max(rank[other], rank[at] + 1)
    layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for at, level in enumerate(rank):
        layers[level].append(at)
    return layers


def by_interest(members: Iterable[str], nodes: Mapping[str, GraphNode]) -> list[str]:
    """The members as an opened group lists them: failed first, then by status, the slowest first, then in order."""
    rank = {status: i for i, status in enumerate(LOUDEST)}

    def interest(member: str) -> tuple[int, float]:
        node = nodes.get(member)
        if node is None or node.status is None:
            return (len(rank), -(node.duration or 0.0) if node is not None else 0.0)
        return (rank[node.status], -(node.duration or 0.0))

    return sorted(members, key=interest)
