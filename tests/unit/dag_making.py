"""Graphs for the tests of the drawing engine, and their drawings."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from wftui.dag.drawing import Drawing
from wftui.dag.picture import Pen
from wftui.model.graph import Graph, GraphNode
from wftui.model.status import Status
from wftui.present.format import duration
from wftui.present.glyphs import glyphs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.dag.drawing import Layout


def pen(ascii_only: bool = False) -> Pen:
    return Pen(glyphs(ascii_only=ascii_only).status, ascii, duration, ascii_only)


def graph(
    ids: Iterable[str],
    edges: Iterable[tuple[str, str]],
    parents: Mapping[str, str | None] | None = None,
    statuses: Mapping[str, Status] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Graph:
    parents, statuses, labels = parents or {}, statuses or {}, labels or {}
    nodes = (
        GraphNode(one, labels.get(one, one), statuses.get(one, Status.SUCCESSFUL), "2.0s", parents.get(one), 2.0)
        for one in ids
    )
    return Graph(tuple(nodes), tuple(edges))


def pairs(text: str) -> list[tuple[str, str]]:
    """Edges written as "a>b b>c"; "a>b>c" is two."""
    edges: list[tuple[str, str]] = []
    for path in text.split():
        steps = path.split(">")
        edges += pairwise(steps)
    return edges


def drawn_by(text: str, parents: Mapping[str, str | None] | None = None) -> Graph:
    """A graph from its edges."""
    edges = pairs(text)
    ids = dict.fromkeys([*(end for edge in edges for end in edge), *(parents or {})])
    return graph(ids, edges, parents)


def lanes_of(layout: Layout, ascii_only: bool = False, width: int = 400) -> list[tuple[str, str | None]]:
    """The cells left of the labels, as they are drawn, and the node of each line."""
    nodes = [GraphNode(item.id, item.id, Status.SUCCESSFUL) for item in layout.dag.items]
    drawing = Drawing(layout, Graph(tuple(nodes), ()), pen(ascii_only), width)
    lines = (drawing.line(at) for at in range(len(layout.rows)))
    return [
        ("".join(segment.text for segment in line.segments)[: len(row.cells)], line.node)
        for line, row in zip(lines, layout.rows, strict=True)
    ]
