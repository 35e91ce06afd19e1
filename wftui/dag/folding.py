"""Folding: the sub-DAG of a continuation into its parent, a long chain of tasks that went well into one line."""

from __future__ import annotations

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
    items = [
        Item(dag.items[at].id, dag.items[at].kind, dag.items[at].members, tuple(hidden.get(at, ()))) for at in kept
    ]
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
    return _noted(build(items, plain, returned), dag.notes)


def _noted(dag: Dag, notes: tuple[str, ...]) -> Dag:
    return Dag(dag.items, dag.after, dag.before, dag.returned, notes)


def _fold_chains(dag: Dag, nodes: Mapping[str, GraphNode], kept: frozenset[str]) -> Dag:
    """One item for each long chain: nothing in it branches, and all of it is successful."""
    inner = [_is_link(dag, at, nodes, kept) for at in range(len(dag.items))]
    chains: list[list[int]] = []
    for at in range(len(dag.items)):
        if not inner[at] or inner[dag.before[at][0]]:
            continue
        chain = [at]
        while inner[dag.after[chain[-1]][0]]:
            chain.append(dag.after[chain[-1]][0])
        if len(chain) > LONG:
            chains.append(chain)
    if not chains:
        return dag
    into = list(range(len(dag.items)))
    for chain in chains:
        for member in chain:
            into[member] = chain[0]
    whole = {chain[0]: chain for chain in chains}
    seen = [at for at in range(len(dag.items)) if into[at] == at]
    place = {at: new for new, at in enumerate(seen)}
    items = [
        Item(dag.items[at].id, Kind.FOLD, tuple(dag.items[member].id for member in whole[at]))
        if at in whole
        else dag.items[at]
        for at in seen
    ]
    last = {at: whole[at][-1] if at in whole else at for at in seen}
    after = [[place[into[target]] for target in dag.after[last[at]]] for at in seen]
    returned = [[place[into[entry]] for entry in dag.returned[at]] for at in seen]
    return _noted(build(items, after, returned), dag.notes)


def _is_link(dag: Dag, at: int, nodes: Mapping[str, GraphNode], kept: frozenset[str]) -> bool:
    item = dag.items[at]
    if item.kind is not Kind.NODE or item.hidden or dag.returned[at] or item.id in kept:
        return False
    if len(dag.before[at]) != 1 or len(dag.after[at]) != 1:
        return False
    before, following = dag.before[at][0], dag.after[at][0]
    # Its neighbours lead nowhere else, so that the fold stands between two nodes that are seen.
    alone = dag.after[before] == (at,) and dag.before[following] == (at,)
    return alone and nodes[item.id].status is Status.SUCCESSFUL
