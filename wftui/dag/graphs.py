"""From any graph to one that can be drawn: ids become numbers, what does not fit is put right and named."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.graph import Graph, GraphNode

# Problems that are named one by one; of the others only the number is told.
NAMED = 20
# Characters of a name that a sentence has room for.
_NAME = 60


class Kind(Enum):
    """What a line of a picture stands for."""

    NODE = "node"
    MISSING = "missing"
    FOLD = "fold"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Item:
    """A node of a `Dag`.

    Attributes:
        id: The raw id of the node; of a fold or a group its first member's.
        kind: What it is.
        members: What a fold stands for, in order of the chain; or a group, in input order.
        hidden: The nodes of its sub-DAG, at any depth, where that is folded.
        within: The node that returned it, where no line can tell that; None otherwise.
        name: What the members of a group have in common; "" for anything else.
        origin: The first member of the group or chain that this was taken out of, or is the rest of; None where nothing
            was taken out.
    """

    id: str
    kind: Kind = Kind.NODE
    members: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    within: str | None = None
    name: str = ""
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Dag:
    """A graph without cycles, by number of its items.

    Attributes:
        items: The nodes.
        after: The items that each leads to, ascending.
        before: The items that lead to each, ascending.
        returned: The first tasks of the sub-DAG that each returned.
        notes: What was wrong with the graph, a sentence each.
    """

    items: tuple[Item, ...]
    after: tuple[tuple[int, ...], ...]
    before: tuple[tuple[int, ...], ...]
    returned: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...] = ()

    def following(self, item: int) -> tuple[int, ...]:
        """What an item returned, and what it leads to."""
        return self.returned[item] + self.after[item]


def nodes_by_id(graph: Graph) -> dict[str, GraphNode]:
    """The nodes; of those with the same id the first."""
    nodes: dict[str, GraphNode] = {}
    for node in graph.nodes:
        nodes.setdefault(node.id, node)
    return nodes


def places(dag: Dag) -> dict[str, int]:
    """The item that each node is, or is folded, grouped or hidden in, by the node's id."""
    place = {member: at for at, item in enumerate(dag.items) for member in (*item.members, *item.hidden)}
    place.update((item.id, at) for at, item in enumerate(dag.items))
    return place


def build(items: Sequence[Item], after: Sequence[Sequence[int]], returned: Sequence[Sequence[int]]) -> Dag:
    """A `Dag` from lists; the edges must be clean."""
    before: list[list[int]] = [[] for _ in items]
    for source, targets in enumerate(after):
        for target in targets:
            before[target].append(source)
    return Dag(
        tuple(items),
        tuple(tuple(sorted(targets)) for targets in after),
        tuple(tuple(sources) for sources in before),
        tuple(tuple(targets) for targets in returned),
    )


def clean(graph: Graph, name: Callable[[str], str]) -> Dag:
    """Put right what does not fit.

    Nodes given twice are drawn once, edges too; an edge from or to nowhere leads to a node that is marked missing; of
    a cycle the edge that closes it is left out. Each is told in the notes, with `name` for raw ids.
    """
    notes: list[str] = []
    number: dict[str, int] = {}
    items: list[Item] = []
    parents: list[str | None] = []
    labels: list[str] = []
    for node in graph.nodes:
        if node.id in number:
            notes.append(f"{short(name(node.id))} is there twice: the first is drawn")
            continue
        number[node.id] = len(items)
        items.append(Item(node.id))
        parents.append(node.parent)
        labels.append(node.label)
    after: list[dict[int, None]] = [{} for _ in items]
    for source, target in graph.edges:
        for end in (source, target):
            if end not in number:
                number[end] = len(items)
                items.append(Item(end, Kind.MISSING))
                parents.append(None)
                labels.append(name(end))
                after.append({})
        after[number[source]].setdefault(number[target])
    missing = [labels[at] for at, item in enumerate(items) if item.kind is Kind.MISSING]
    notes += [f"{short(label)} is waited for but missing" for label in missing]
    plain = [list(targets) for targets in after]
    up = [None if parent is None else number.get(parent) for parent in parents]
    returned = _returned(plain, up)
    notes += break_cycles(plain, returned, labels)
    dag = build(items, plain, returned)
    if len(notes) > NAMED:
        notes = [*notes[:NAMED], f"and {len(notes) - NAMED} more"]
    return Dag(_told_within(dag, up), dag.after, dag.before, dag.returned, tuple(notes))


def short(name: str) -> str:
    """A harmless name as a sentence has room for it."""
    return name if len(name) <= _NAME else f"{name[: _NAME - 3]}..."


def _told_within(dag: Dag, up: Sequence[int | None]) -> tuple[Item, ...]:
    """The items, those marked that no line of their parent's sub-DAG leads to: they are fed from outside of it."""
    if all(parent is None for parent in up):
        return dag.items
    reached = [False] * len(dag.items)
    for entries in dag.returned:
        for entry in entries:
            reached[entry] = True
    strays: dict[int, int] = {}
    for at in some_order(dag):
        parent = up[at]
        if parent is None or parent == at:
            continue
        reached[at] = reached[at] or any(reached[other] and up[other] == parent for other in dag.before[at])
        if not reached[at]:
            strays[at] = parent
    if not strays:
        return dag.items
    return tuple(
        Item(item.id, item.kind, within=dag.items[strays[at]].id) if at in strays else item
        for at, item in enumerate(dag.items)
    )


def _returned(after: list[list[int]], parents: list[int | None]) -> list[list[int]]:
    """The sub-DAG of each: of the nodes with that parent, those that nothing leads to."""
    returned: list[list[int]] = [[] for _ in after]
    if all(parent is None for parent in parents):
        return returned
    led_to = [False] * len(after)
    for targets in after:
        for target in targets:
            led_to[target] = True
    for child, parent in enumerate(parents):
        if parent is not None and not led_to[child]:
            returned[parent].append(child)
    return returned


def break_cycles(after: list[list[int]], returned: list[list[int]], labels: list[str]) -> list[str]:
    """Drop the edges that close a cycle, walking in input order so that the same ones are dropped every time.

    Returns a sentence on each.
    """
    notes: list[str] = []
    state = bytearray(len(after))  # 1: on the way, 2: done
    for start in range(len(after)):
        if state[start]:
            continue
        path = [start]
        place = {start: 0}
        todo = [iter([*returned[start], *after[start]])]
        state[start] = 1
        while path:
            target = next(todo[-1], None)
            if target is None:
                state[path.pop()] = 2
                todo.pop()
            elif not state[target]:
                state[target] = 1
                place[target] = len(path)
                path.append(target)
                todo.append(iter([*returned[target], *after[target]]))
            elif state[target] == 1:
                source = path[-1]
                (after[source] if target in after[source] else returned[source]).remove(target)
                notes.append(_cycle_note(path, place[target], labels))
    return notes


def _cycle_note(path: list[int], start: int, labels: list[str]) -> str:
    # Only its ends, so that naming many long cycles stays cheap.
    long = len(path) - start > 6
    nodes = [*path[start : start + 3], *path[-2:]] if long else path[start:]
    cycle = [short(labels[at]) for at in nodes]
    shown = [*cycle[:3], "...", *cycle[3:]] if long else cycle
    return f"a cycle: {' > '.join([*shown, cycle[0]])}; the edge {cycle[-1]} > {cycle[0]} is not drawn"


def heights(dag: Dag, order: Sequence[int]) -> list[int]:
    """How many steps lead on from each item at most."""
    height = [0] * len(dag.items)
    for item in reversed(order):
        height[item] = max((height[other] + 1 for other in dag.following(item)), default=0)
    return height


def waiting(dag: Dag) -> list[int]:
    """How many items stand before each, what returned it included."""
    count = [len(sources) for sources in dag.before]
    for targets in dag.returned:
        for target in targets:
            count[target] += 1
    return count


def some_order(dag: Dag) -> list[int]:
    """Upstream before downstream, in no particular order."""
    left = waiting(dag)
    todo = deque(item for item, count in enumerate(left) if not count)
    order: list[int] = []
    while todo:
        item = todo.popleft()
        order.append(item)
        for other in dag.following(item):
            left[other] -= 1
            if not left[other]:
                todo.append(other)
    return order


def chain_order(dag: Dag, weight: Sequence[int]) -> list[int]:
    """Upstream before downstream, chains kept together.

    After an item comes what it returned, then what it made ready: light ones first, so that short side branches are
    done with before the trunk goes on. Ties by number.
    """
    left = waiting(dag)
    todo = [item for item in reversed(range(len(dag.items))) if not left[item]]
    order: list[int] = []
    while todo:
        item = todo.pop()
        order.append(item)
        inner = set(dag.returned[item])
        ready: list[int] = []
        for other in dag.following(item):
            left[other] -= 1
            if not left[other]:
                ready.append(other)
        ready.sort(key=lambda other: (other not in inner, weight[other], other), reverse=True)
        todo += ready
    return order
