"""The child runs of a run: found by the ids that its tasks recorded, or by a column that names the parent.

The tracking client records no parents. An engine that starts children gives their ids to the task that waits for them,
in its parameters, its result or its checkpoints; and its `workflow_run` may have a column `parent_run_id`.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from psycopg import sql

from wftui.model.operator import Operator
from wftui.sources.absurd import queries
from wftui.sources.absurd.flow_states import loudest
from wftui.sources.absurd.overlay import Children
from wftui.sources.absurd.reader import run_rows
from wftui.sources.absurd.values import status_of, uuid_or_none

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.raw import RawNode
    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.absurd.catalog import Catalog
    from wftui.sources.absurd.connection import Link, Row
    from wftui.sources.absurd.placing import Placing

PARENTS = ("parent_run_id", "parent_workflow_run_id")
MOST = 500
"""Ids that are looked up, and child runs that are read."""
_DEEPEST = 6


def children_of(link: Link, catalog: Catalog, detail: WorkflowDetail, placing: Placing) -> Children:
    """The child runs that can be found.

    Raises:
        TargetError: They cannot be read.
    """
    run_id = detail.summary.key.id
    nodes = [node for node in placing.nodes.values() if node.kind is Operator.CHILD]
    named = {node.id: _ids_of(node, placing, run_id) for node in nodes}
    wanted = list(dict.fromkeys(found for ids in named.values() for _, found in ids))[:MOST]
    rows = {row["workflow_run_id"]: row for row in run_rows(link, catalog, wanted)} if wanted else {}
    begun = any(node.id in placing.claims for node in nodes)
    for row in _by_parent(link, catalog, run_id) if begun or not rows else ():
        rows.setdefault(row["workflow_run_id"], row)
    ids: dict[str, str] = {}
    for node in nodes:
        for path, found in named[node.id]:
            inner = next((f"{node.id}/{key}" for key in path if f"{node.id}/{key}" in placing.nodes), node.id)
            if found in rows:
                ids.setdefault(inner, found)
    _by_name(nodes, placing, rows, ids)
    return Children(ids, _statuses(ids, rows, placing))


def _by_name(nodes: list[RawNode], placing: Placing, rows: dict[str, Row], ids: dict[str, str]) -> None:
    """Give runs that are nobody's yet to the operators that start a workflow of their name, where that is one."""
    taken = set(ids.values())
    free: dict[str, list[str]] = {}
    for run, row in rows.items():
        if run not in taken:
            free.setdefault(row["workflow_name"], []).append(run)
    parents = {node.parent for node in nodes}
    for node in nodes:
        flow = node.label if node.parent in placing.nodes and node.parent in parents else node.detail
        if node.id not in ids and node.id not in parents and len(free.get(flow, ())) == 1:
            ids[node.id] = free[flow][0]


def _statuses(ids: dict[str, str], rows: dict[str, Row], placing: Placing) -> dict[str, Status]:
    statuses = {node: status_of(rows[run]["status"]) for node, run in ids.items()}
    below: dict[str, list[Status]] = {}
    for node, status in statuses.items():
        parent = placing.nodes[node].parent
        if parent is not None and parent in placing.nodes and placing.nodes[parent].kind is Operator.CHILD:
            below.setdefault(parent, []).append(status)
    return {parent: loudest(found) for parent, found in below.items()} | statuses


def _by_parent(link: Link, catalog: Catalog, run_id: str) -> list[Row]:
    table = catalog.runs
    column = next((name for name in PARENTS if table is not None and name in table.types), None)
    if table is None or column is None:
        return []
    where = sql.SQL("w.{}::text = %(parent)s").format(sql.Identifier(column))
    if table.types[column] == "uuid":
        if uuid_or_none(run_id) is None:
            return []
        where = sql.SQL("w.{} = %(parent)s::uuid").format(sql.Identifier(column))
    return link.fetch(queries.runs(table, where, limit=MOST), {"parent": run_id})


def _ids_of(node: RawNode, placing: Placing, own: str) -> list[tuple[tuple[str, ...], str]]:
    """What may be the ids of child runs, each with the keys below which it stands."""
    found: list[tuple[tuple[str, ...], str]] = []
    for task in placing.claims.get(node.id, ()):
        values = [task.options.get("result"), task.options.get("params"), dict(task.user_metadata)]
        values += [step.user_metadata.get("state") for step in placing.below.get(task.id, ())]
        for value in values:
            found += islice((pair for pair in _ids_in(value, ()) if pair[1] not in (own, task.id)), MOST)
    return found[:MOST]


def _ids_in(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        if uuid_or_none(value) is not None:
            yield path, value
    elif isinstance(value, dict) and len(path) < _DEEPEST:
        for key, inner in value.items():
            yield from _ids_in(inner, (*path, str(key)))
    elif isinstance(value, list) and len(path) < _DEEPEST:
        for at, inner in enumerate(value):
            yield from _ids_in(inner, (*path, str(at)))
