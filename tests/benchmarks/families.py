"""Generated graphs to measure on: (number of nodes, edges between 0..n-1), the same whenever they are made."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from wftui.model.graph import Graph, GraphNode

if TYPE_CHECKING:
    from collections.abc import Sequence

Edges = list[tuple[int, int]]
Family = tuple[int, Edges]
WORDS = ("extract", "transform", "load", "validate", "train", "evaluate", "merge", "publish", "clean", "join")


def chain(n: int) -> Family:
    """A line."""
    return n, [(i, i + 1) for i in range(n - 1)]


def diamond() -> Family:
    """The smallest fork and join."""
    return 4, [(0, 1), (0, 2), (1, 3), (2, 3)]


def fan(k: int) -> Family:
    """One, `k` side by side, one: map and reduce."""
    return k + 2, [(0, i) for i in range(1, k + 1)] + [(i, k + 1) for i in range(1, k + 1)]


def tree(n: int) -> Family:
    """A binary tree."""
    return n, [((i - 1) // 2, i) for i in range(1, n)]


def etl(n: int, seed: int = 1) -> Family:
    """Layers of about sqrt(n) nodes, 1.5 edges a node, some over two to four layers."""
    rng = random.Random(seed * 7919 + n)
    width = max(2, round(math.sqrt(n)))
    layers: list[list[int]] = []
    at = 0
    while at < n:
        size = min(n - at, max(1, round(width * rng.uniform(0.6, 1.4))))
        layers.append(list(range(at, at + size)))
        at += size
    edges: set[tuple[int, int]] = set()
    for level in range(1, len(layers)):
        for node in layers[level]:
            edges.add((rng.choice(layers[level - 1]), node))
            if rng.random() < 0.5:
                back = 1 if rng.random() < 0.7 else min(level, rng.randint(2, 4))
                edges.add((rng.choice(layers[level - back]), node))
    return n, sorted(edges)


def continuations(n: int) -> Family:
    """A chain of steps with a side task now and then, as a recursive Ray workflow leaves it."""
    edges = [(i, i + 1) for i in range(n - 1)]
    total = n
    for i in range(0, n - 6, 10):
        edges += [(i, total), (total, i + 5)]
        total += 1
    return total, edges


ML = """fetch_raw>validate validate>clean_text validate>clean_image validate>clean_tab clean_text>tokenize
tokenize>embed_text clean_image>augment augment>embed_image clean_tab>feature_eng feature_eng>scale
embed_text>join_feats embed_image>join_feats scale>join_feats join_feats>split split>train_set split>val_set
split>test_set train_set>hpo_search val_set>hpo_search hpo_search>train_a hpo_search>train_b hpo_search>train_c
train_set>train_a train_set>train_b train_set>train_c train_a>ensemble train_b>ensemble train_c>ensemble
ensemble>evaluate test_set>evaluate evaluate>fairness evaluate>explain fairness>approve explain>approve
evaluate>approve approve>register register>deploy_canary deploy_canary>monitor deploy_canary>deploy_prod
monitor>deploy_prod"""
ETL = """start>ext_orders start>ext_customers start>ext_products start>ext_clicks start>ext_fx ext_orders>stg_orders
ext_customers>stg_customers ext_products>stg_products ext_clicks>stg_clicks ext_clicks>sessionize
stg_clicks>sessionize ext_fx>stg_fx stg_orders>fct_orders stg_customers>dim_customer stg_products>dim_product
stg_fx>fct_orders dim_customer>fct_orders dim_product>fct_orders sessionize>fct_sessions dim_customer>fct_sessions
fct_orders>mart_sales fct_orders>mart_finance fct_sessions>mart_mkt dim_customer>mart_mkt fct_orders>mart_mkt
mart_sales>dq_sales mart_finance>dq_finance mart_mkt>dq_mkt dq_sales>publish dq_finance>publish dq_mkt>publish
publish>notify start>audit audit>notify"""


def named(text: str) -> Graph:
    """A graph from words such as "a>b"."""
    pairs = [(a, b) for a, _, b in (word.partition(">") for word in text.split())]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    return Graph(tuple(GraphNode(name, name) for name in names), tuple(pairs))


def numbered(text: str) -> Family:
    """The same graph, its nodes numbered."""
    graph = named(text)
    at = {node.id: i for i, node in enumerate(graph.nodes)}
    return len(at), [(at[a], at[b]) for a, b in graph.edges]


def label(index: int) -> str:
    """A name of 14 cells at most, as workflows number their tasks."""
    base = WORDS[index % 10]
    return f"{base}_{index:0{max(1, 13 - len(base))}d}"[:14]


def as_graph(family: Family, labels: Sequence[str] | None = None) -> Graph:
    """The family as the engine takes it; ids are the numbers."""
    n, edges = family
    names = labels or [label(i) for i in range(n)]
    return Graph(
        tuple(GraphNode(str(i), names[i]) for i in range(n)),
        tuple((str(a), str(b)) for a, b in edges),
    )
