"""Workflows that grow task by task, for tests and benchmarks of appending."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.benchmarks import families
from wftui.model.graph import Graph, GraphNode

if TYPE_CHECKING:
    from collections.abc import Iterator


def in_order(graph: Graph) -> Iterator[Graph]:
    """The graph after each of its tasks came, in their order: each after all that it waits for."""
    seen: set[str] = set()
    edges: list[tuple[str, str]] = []
    into: dict[str, list[tuple[str, str]]] = {}
    for edge in graph.edges:
        into.setdefault(edge[1], []).append(edge)
    for at, node in enumerate(graph.nodes, 1):
        seen.add(node.id)
        edges += into.get(node.id, ())
        if not {source for source, _ in into.get(node.id, ())} <= seen:
            raise ValueError(f"{node.id} comes before what it waits for: shuffle the graph")
        yield Graph(graph.nodes[:at], tuple(edges))


def shuffled(graph: Graph, seed: int) -> Graph:
    """The same graph with its tasks in another order, each after all that it waits for."""
    rng = random.Random(seed)
    waits = {node.id: 0 for node in graph.nodes}
    after: dict[str, list[str]] = {}
    for source, target in graph.edges:
        waits[target] += 1
        after.setdefault(source, []).append(target)
    nodes = {node.id: node for node in graph.nodes}
    ready = [node for node, count in waits.items() if not count]
    order: list[GraphNode] = []
    while ready:
        node = ready.pop(rng.randrange(len(ready)))
        order.append(nodes[node])
        for other in after.get(node, ()):
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    return Graph(tuple(order), graph.edges)


def continued(n: int) -> Graph:
    """A task that returns a task, `n` times over; something waits for the first from the beginning."""
    nodes = [GraphNode("start", "start"), GraphNode("step[0]", "step[0]"), GraphNode("publish", "publish")]
    nodes += [GraphNode(f"step[{i}]", f"step[{i}]", parent=f"step[{i - 1}]") for i in range(1, n)]
    return Graph(tuple(nodes), (("start", "step[0]"), ("step[0]", "publish")))


def random_dag(n: int, seed: int) -> Graph:
    """Tasks that each wait for up to three of the last dozen before them."""
    rng = random.Random(seed)
    edges = [
        (at, i) for i in range(1, n) for at in sorted(rng.sample(range(max(0, i - 12), i), min(i, rng.randint(1, 3))))
    ]
    return families.as_graph((n, edges))
