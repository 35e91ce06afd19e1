"""Folding: the sub-DAG of a continuation into its parent, a long chain of tasks that are alike into one item.

A chain is what follows one upon the other and upon nothing else; continuations that return continuations are one, too.
A fold holds tasks of one status only, so that none of them is a surprise, and never one that failed or runs, except
continuations whose status is but that of the last of them, which stays to be seen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import NAMED, Dag, Item, Kind, break_cycles, build
from wftui.dag.merging import merge
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.graph import GraphNode

# A chain of more tasks than this is folded, its first and last not counted, ...
LONG = 5
# ... in graphs of more nodes than fit a small screen.
MANY = 20
# What may vanish in a fold: that it went well; where there is much to draw, also that there is nothing to tell yet.
WELL: frozenset[Status | None] = frozenset({Status.SUCCESSFUL})
QUIET: frozenset[Status | None] = frozenset({Status.SUCCESSFUL, Status.PENDING, None})


def close(dag: Dag, nodes: Mapping[str, GraphNode], closed: frozenset[str]) -> Dag:
    """The graph without what lies in closed nodes; an edge from a hidden node is its outermost closed parent's."""
    number = {item.id: at for at, item in enumerate(dag.items)}
    parents = [nodes[item.id].parent if item.id in nodes else None for item in dag.items]
    above = [-1 if parent is None else number.get(parent, -1) for parent in parents]
    top = [-1] * len(dag.items)  # the item that is seen in place of each; -1 while not known
    for at in range(len(dag.items)):
        trail: dict[int, None] = {}
        up = at
        while up >= 0 and top[up] < 0 and up not in trail:
            trail[up] = None
            up = above[up]
        for below in reversed(trail):
            parent = above[below]
            if parent < 0 or top[parent] < 0:  # a root, or in a loop of parents
                top[below] = below
            elif top[parent] != parent:
                top[below] = top[parent]
            else:
                top[below] = parent if dag.items[parent].id in closed else below
    return _merged(dag, top, [nodes[item.id].label if item.id in nodes else "" for item in dag.items])


def _merged(dag: Dag, top: list[int], labels: list[str]) -> Dag:
    """The graph in which each item is seen as its top one. What leads to a hidden one from elsewhere is not drawn."""
    hidden: dict[int, list[str]] = {}
    for at, above in enumerate(top):
        if above != at:
            hidden.setdefault(above, []).append(dag.items[at].id)
    kept = [at for at, above in enumerate(top) if above == at]
    place = {at: new for new, at in enumerate(kept)}
    items = [replace(dag.items[at], hidden=tuple(hidden.get(at, ()))) for at in kept]
    after: list[dict[int, None]] = [{} for _ in kept]
    for source, targets in enumerate(dag.after):
        for target in targets:
            a, b = place[top[source]], place[top[target]]
            if a != b and top[target] == target:
                after[a].setdefault(b)
    returned = [[place[entry] for entry in dag.returned[at] if top[entry] == entry] for at in kept]
    plain = [list(targets) for targets in after]
    # Only a graph whose sub-DAGs are fed from outside can have got a cycle by this.
    notes = break_cycles(plain, returned, [labels[at] for at in kept])
    return replace(build(items, plain, returned), notes=(*dag.notes, *notes[:NAMED]))


def fold_chains(
    dag: Dag, nodes: Mapping[str, GraphNode], kept: frozenset[str] = frozenset(), quiet: frozenset[Status | None] = WELL
) -> Dag:
    """The graph with one item for each long chain of nodes that have the same of the `quiet` statuses.

    Nodes that are kept stand alone; what is left of a chain on either side of them is folded, unless it is one node.
    """
    first = list(range(len(dag.items)))
    runs: dict[int, list[int]] = {}
    origin: dict[int, str] = {}
    for chain in _chains(dag, nodes, quiet):
        if any(dag.items[at].id in kept for at in chain):
            origin.update(dict.fromkeys(chain, dag.items[chain[0]].id))
        for run in _runs(dag, chain, kept):
            runs[run[0]] = run
            for at in run:
                first[at] = run[0]
    seen = [at for at in range(len(dag.items)) if first[at] == at]
    place = {at: new for new, at in enumerate(seen)}
    items = [_made(dag, runs.get(at, [at]), origin.get(at)) for at in seen]
    return merge(dag, [place[at] for at in first], items) if runs or origin else dag


def _made(dag: Dag, run: list[int], origin: str | None) -> Item:
    item = dag.items[run[0]]
    if origin is not None:
        item = replace(item, origin=origin)
    return item if len(run) == 1 else replace(item, kind=Kind.FOLD, members=tuple(dag.items[at].id for at in run))


def _runs(dag: Dag, chain: list[int], kept: frozenset[str]) -> list[list[int]]:
    """The parts of a chain between those that are kept, of two nodes at least."""
    runs: list[list[int]] = [[]]
    for at in chain:
        if dag.items[at].id in kept:
            runs.append([])
        else:
            runs[-1].append(at)
    return [run for run in runs if len(run) > 1]


def _chains(dag: Dag, nodes: Mapping[str, GraphNode], quiet: frozenset[Status | None]) -> list[list[int]]:
    """The chains that are long enough, whatever is kept of them, each from its first node on."""
    lead = _only_leads(dag)
    inner = [_is_link(dag, at, lead, nodes, quiet) for at in range(len(dag.items))]

    def goes_on(at: int, following: int) -> bool:
        if not inner[at] or not inner[following]:
            return False
        return nodes[dag.items[at].id].status is nodes[dag.items[following].id].status

    chains: list[list[int]] = []
    for at in range(len(dag.items)):
        if not inner[at] or goes_on(lead[at], at):
            continue
        chain = [at]
        while goes_on(chain[-1], following := dag.following(chain[-1])[0]):
            chain.append(following)
        if len(chain) > LONG:
            chains.append(chain)
    return chains


def _only_leads(dag: Dag) -> list[int]:
    """The one item that leads to each, or returned it; -1 where there are none or several."""
    count = [0] * len(dag.items)
    lead = [-1] * len(dag.items)
    for at in range(len(dag.items)):
        for other in dag.following(at):
            count[other] += 1
            lead[other] = at
    return [lead[at] if count[at] == 1 else -1 for at in range(len(dag.items))]


def _is_link(
    dag: Dag, at: int, lead: list[int], nodes: Mapping[str, GraphNode], quiet: frozenset[Status | None]
) -> bool:
    """Whether an item may vanish in a chain: it has one neighbour on either side, which has no other on that side."""
    item, following = dag.items[at], dag.following(at)
    if item.kind is not Kind.NODE or item.hidden or lead[at] < 0 or len(following) != 1:
        return False
    alone = len(dag.following(lead[at])) == 1 and lead[following[0]] == at
    if not alone or item.id not in nodes:
        return False
    status = nodes[item.id].status
    return status in quiet or (bool(dag.returned[at]) and _status(dag, following[0], nodes) is status)


def _status(dag: Dag, at: int, nodes: Mapping[str, GraphNode]) -> Status | None:
    node = nodes.get(dag.items[at].id)
    return node.status if node is not None and dag.items[at].kind is Kind.NODE else None
