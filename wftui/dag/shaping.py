"""Shaping: what of a graph is drawn, from focus to folds, before anything is laid out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag import folding, grouping
from wftui.dag.focus import focus, told
from wftui.dag.graphs import clean, nodes_by_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.dag.graphs import Dag
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph


def shape(graph: Graph, name: Callable[[str], str], plan: Plan) -> Dag:
    """What is drawn of a graph: every node is in exactly one item, and every edge is that of the items of its ends.

    First the focus, then sub-DAGs that are closed, then groups, and of what stays single the chains. Folds hold only
    what went well, unless the graph is grouped.

    Args:
        graph: Any graph; what does not fit is put right and named in the notes.
        name: Makes a raw id harmless.
        plan: What of it. The node of a focus stands alone.
    """
    folds = plan.folds
    notes: tuple[str, ...] = ()
    if plan.focus is not None:
        part = focus(graph, plan.focus)
        notes = (told(graph, part, plan.focus, name),)
        graph = part
        folds = replace(folds, kept=folds.kept | {plan.focus.node})
    nodes = nodes_by_id(graph)
    dag = clean(graph, name)
    if folds.closed:
        dag = folding.close(dag, nodes, folds.closed)
    grouped = len(dag.items) > grouping.MANY if plan.grouped is None else plan.grouped
    many = grouped or (plan.grouped is None and len(dag.items) > folding.MANY)
    if grouped:
        dag = grouping.group(dag, nodes, folds.kept)
    elif plan.grouped is None and any(node.is_item for node in graph.nodes):
        dag = grouping.group(dag, nodes, folds.kept, frozenset(node.id for node in graph.nodes if node.is_item))
    if folds.chains and many:
        dag = folding.fold_chains(dag, nodes, folds.kept, folding.QUIET if grouped else folding.WELL)
    return replace(dag, notes=(*notes, *dag.notes))
