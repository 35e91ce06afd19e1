"""Siblings: items that share what leads to them, so that a key can walk from one to the next and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.graphs import Dag


def parents(dag: Dag) -> list[int]:
    """The item that returned each; -1 for none."""
    parent = [-1] * len(dag.items)
    for at, entries in enumerate(dag.returned):
        for entry in entries:
            parent[entry] = at
    return parent


def siblings(dag: Dag, above: Sequence[int], order: Sequence[int]) -> list[list[int]]:
    """For each item its siblings, itself included; they all have the same.

    Those are what the same item returned; what nothing leads to; or what stands behind the same item. Who is alone
    there goes with others that are, and that lead to nothing but the same.

    Args:
        dag: The graph.
        above: Of what leads to each item the one that counts, or -1.
        order: All items, as siblings are to be listed.
    """
    parent = parents(dag)
    found: dict[tuple[str, int], list[int]] = {}
    key = [("returned", parent[at]) if parent[at] >= 0 else ("behind", above[at]) for at in range(len(dag.items))]
    for item in order:
        found.setdefault(key[item], []).append(item)
    for item in order:
        if len(found[key[item]]) == 1 and len(dag.after[item]) == 1 and key[item][0] == "behind":
            key[item] = ("before", dag.after[item][0])
            found.setdefault(key[item], []).append(item)
    return [found[one] for one in key]
