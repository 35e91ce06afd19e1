"""Extending: what of a graph that grew is new to a drawing, with everything in that drawing as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, Kind, places, some_order
from wftui.dag.merging import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.graphs import Item

# So many new ones of a group that others of it stand apart from become a group of their own.
_FEWEST = 3


def extend(before: Dag, fresh: Dag, whole: Dag) -> Dag | None:
    """The graph as it is drawn, with what is new in it: first the items that there were, in their order.

    New nodes join a group of their kind where all lines for that are there; others are grouped and folded among
    themselves. A fold or group that is there stays what it is, whatever its tasks do.

    Args:
        before: What was drawn.
        fresh: What would be drawn of the graph by now, if nothing had been there.
        whole: The same before anything is grouped, or folded because it is long.

    Returns:
        None where something went, or a new edge leads into what was there.
    """
    into, items = _Partition(before, fresh, whole).made()
    here = places(whole)
    if -1 in into or any(node not in here for node in places(before)):
        return None
    made = merge(whole, into, items)
    return made if _only_grew(before, made) else None


def _only_grew(before: Dag, made: Dag) -> bool:
    """Whether what was there has the edges that it had, new ones lead to new items only, and nothing goes round."""
    old = len(before.items)
    for at in range(old):
        if {other for other in made.following(at) if other < old} != set(before.following(at)):
            return False
    if any(other < old for at in range(old, len(made.items)) for other in made.following(at)):
        return False
    return len(some_order(made)) == len(made.items)


class _Partition:
    """Which item each node belongs to."""

    def __init__(self, before: Dag, fresh: Dag, whole: Dag) -> None:
        self.before, self.fresh, self.whole = before, fresh, whole
        old = places(before)
        self.into = [old.get(item.id, -1) for item in whole.items]
        self.items = list(before.items)
        self.joined: dict[int, list[str]] = {}
        self.leading = [list(sources) for sources in whole.before]
        for at, entries in enumerate(whole.returned):
            for entry in entries:
                self.leading[entry].append(at)

    def made(self) -> tuple[list[int], list[Item]]:
        """The new item of each node by position, -1 for none, and the items."""
        for at, item in enumerate(self.whole.items):
            place = self.into[at]
            if place >= 0 and self.items[place].id == item.id and self.items[place].kind in (Kind.NODE, Kind.MISSING):
                self.items[place] = replace(self.items[place], kind=item.kind, hidden=item.hidden, within=item.within)
        number = {item.id: at for at, item in enumerate(self.whole.items)}
        for item in self.fresh.items:
            members = [number[member] for member in item.members or (item.id,) if member in number]
            new = [at for at in members if self.into[at] < 0]
            if new:
                self._place(item, members, new)
        for place, joined in self.joined.items():
            self.items[place] = replace(self.items[place], members=(*self.items[place].members, *joined))
        return self.into, self.items

    def _place(self, item: Item, members: Sequence[int], new: list[int]) -> None:
        """Place those members of an item of the fresh graph that are new."""
        alike = item.kind is Kind.GROUP
        groups = {self.into[at] for at in members} - {-1}
        if alike and len(groups) == 1:
            (group,) = groups
            new = [at for at in new if not self._joins(at, group)]
        if not groups:
            self._stand(item, new)
        elif alike and len(new) >= _FEWEST:
            ids = tuple(self.whole.items[at].id for at in new)
            self._stand(replace(item, id=ids[0], members=ids), new)
        else:
            for at in new:
                self._stand(self.whole.items[at], [at])

    def _joins(self, at: int, group: int) -> bool:
        """Put a node into a group if all lines that lead to it are there already; tells whether it is in."""
        if group >= len(self.before.items) or self.items[group].kind is not Kind.GROUP:
            return False
        for other in self.leading[at]:
            place = self.into[other]
            if not 0 <= place < len(self.before.items) or group not in self.before.following(place):
                return False
        self.into[at] = group
        self.joined.setdefault(group, []).append(self.whole.items[at].id)
        return True

    def _stand(self, item: Item, members: Sequence[int]) -> None:
        for at in members:
            self.into[at] = len(self.items)
        self.items.append(item)
