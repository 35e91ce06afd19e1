"""Searching a graph: which nodes hold a text, in the order in which a picture is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.dag.drawn import Drawn
    from wftui.model.graph import Graph


def find(graph: Graph, text: str, order: Iterable[str] = ()) -> tuple[str, ...]:
    """The ids of the nodes whose id or label holds a text; none for no text.

    Small letters in the text match large ones, too; a large letter in it makes it match as it is.

    Args:
        graph: Where to search, what is folded or grouped included.
        text: What for; blanks at its ends do not count.
        order: Ids in the order that is wanted; those that are not among them come last, in input order.
    """
    wanted = text.strip()
    if not wanted:
        return ()
    if wanted == wanted.lower():
        wanted = wanted.casefold()
        nodes = (
            node
            for node in graph.nodes
            if wanted in node.id.casefold() or (node.label != node.id and wanted in node.label.casefold())
        )
    else:
        nodes = (node for node in graph.nodes if wanted in node.id or wanted in node.label)
    found = {node.id: None for node in nodes}
    if not found:
        return ()
    first = dict.fromkeys([node for node in order if node in found])
    return (*first, *(node for node in found if node not in first)) if len(first) < len(found) else tuple(first)


def reading_order(drawn: Drawn) -> list[str]:
    """The ids of all nodes as a picture is read; what an item stands for, or hides, where that is."""
    nodes: dict[str, None] = {}
    for name in drawn.order():
        nodes[name] = None
        item = drawn.item_of(name)
        if item is not None:
            nodes.update(dict.fromkeys((*item.members, *item.hidden)))
    return list(nodes)
