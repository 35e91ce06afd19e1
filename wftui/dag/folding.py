"""Folding: the sub-DAG of a continuation into its parent, a long chain of tasks that went well into one line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, Item, Kind, break_cycles, build
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.dag.picture import Folds
    from wftui.model.graph import Graph, GraphNode

# A chain is folded from so many tasks on, its first and last not counted, ...
LONG = 5
# ... in graphs of more nodes than fit a small screen.
MANY = 20


def fold(dag: Dag, graph: Graph, folds: Folds) -> Dag:
    """The graph with less of it to see."""
    nodes = {node.id: node for node in graph.nodes}
    if folds.closed:
        dag = _close(dag, nodes, folds.closed)
    if folds.chains and len(dag.items) > MANY:
        dag = _fold_chains(dag, nodes, folds.kept)
    return dag


def _close(dag: Dag, nodes: Mapping[str, GraphNode], closed: frozenset[str]) -> Dag:
    """Hide what lies in closed nodes; an edge from a hidden node is its outermost closed parent's."""
    number = {item.id: at for at, item in enumerate(dag.items)}
    above = [number.get(nodes[item.id].parent or "", -1) if item.id in nodes else -1 for item in dag.items]
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
    return _merged(dag, top)


def _merged(dag: Dag, top: list[int]) -> Dag:
    """The graph in which each item is seen as its top one."""
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
    break_cycles(plain, returned, [item.id for item in items])
    return replace(build(items, plain, returned), notes=dag.notes)


def _fold_chains(dag: Dag, nodes: Mapping[str, GraphNode], kept: frozenset[str]) -> Dag:
    """One item for each long chain: nothing in it branches, and all of it is successful."""
    lead = _only_leads(dag)
    inner = [_is_link(dag, at, lead, nodes, kept) for at in range(len(dag.items))]
    chains: dict[int, list[int]] = {}
    for at in range(len(dag.items)):
        if not inner[at] or inner[lead[at]]:
            continue
        chain = [at]
        while inner[following := dag.following(chain[-1])[0]]:
            chain.append(following)
        if len(chain) > LONG:
            chains[at] = chain
    return _shortened(dag, chains) if chains else dag


def _only_leads(dag: Dag) -> list[int]:
    """The one item that leads to each, or returned it; -1 where there are none or several."""
    count = [0] * len(dag.items)
    lead = [-1] * len(dag.items)
    for at in range(len(dag.items)):
        for other in dag.following(at):
            count[other] += 1
            lead[other] = at
    return [lead[at] if count[at] == 1 else -1 for at in range(len(dag.items))]


def _is_link(dag: Dag, at: int, lead: list[int], nodes: Mapping[str, GraphNode], kept: frozenset[str]) -> bool:
    """Whether an item may vanish in a chain: it has one neighbour on either side, which has no other on that side."""
    item, following = dag.items[at], dag.following(at)
    if item.kind is not Kind.NODE or item.hidden or item.id in kept or lead[at] < 0 or len(following) != 1:
        return False
    alone = len(dag.following(lead[at])) == 1 and lead[following[0]] == at
    return alone and nodes[item.id].status is Status.SUCCESSFUL


def _shortened(dag: Dag, chains: Mapping[int, list[int]]) -> Dag:
    """The graph with each chain, given by its first item, as one item."""
    into = list(range(len(dag.items)))
    for first, chain in chains.items():
        for member in chain:
            into[member] = first
    seen = [at for at in range(len(dag.items)) if into[at] == at]
    place = {at: new for new, at in enumerate(seen)}
    items = [
        Item(dag.items[at].id, Kind.FOLD, tuple(dag.items[member].id for member in chains[at]))
        if at in chains
        else dag.items[at]
        for at in seen
    ]
    last = [chains[at][-1] if at in chains else at for at in seen]
    after = [[place[into[target]] for target in dag.after[at]] for at in last]
    returned = [[place[into[entry]] for entry in dag.returned[at]] for at in last]
    return replace(build(items, after, returned), notes=dag.notes)
