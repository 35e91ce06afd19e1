"""JSON: ``{"nodes": [{"id", "label"?, "status"?, "duration"?}], "edges": [["a", "b"]]}``, or a Highway definition."""

from __future__ import annotations

import json
import math

from wftui.errors import TargetError
from wftui.highway.definition import is_definition, read_definition
from wftui.highway.reading import mapping
from wftui.model.raw import Raw, RawNode
from wftui.model.status import Status

_SHAPE = 'it should be {"nodes": [{"id": "a"}, …], "edges": [["a", "b"], …]}'


def read_json(text: str) -> Raw:
    """The graph.

    Raises:
        TargetError: It is no JSON, or of another shape.
    """
    try:
        data = json.loads(text, object_pairs_hook=mapping)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"not well-formed JSON: {error}", _SHAPE) from error
    if is_definition(data):
        return read_definition(data).raw
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list):
        raise TargetError('the JSON holds no list "nodes"', _SHAPE)
    edges = data.get("edges", [])
    if not isinstance(edges, list):
        raise TargetError('"edges" is no list', _SHAPE)
    return Raw(
        [_node(node, i) for i, node in enumerate(data["nodes"])], [_edge(edge, i) for i, edge in enumerate(edges)]
    )


def _node(node: object, at: int) -> RawNode:
    if not isinstance(node, dict) or not isinstance(node.get("id"), str):
        raise TargetError(f'node {at} has no "id" that is a text', _SHAPE)
    label, word, seconds = node.get("label"), node.get("status"), node.get("duration")
    if label is not None and not isinstance(label, str):
        raise TargetError(f'"label" of node {at} is no text', _SHAPE)
    return RawNode(node["id"], node["id"] if label is None else label, _status(word, at), _duration(seconds, at))


def _status(word: object, at: int) -> Status | None:
    if word is None:
        return None
    try:
        return Status(str(word).upper())
    except ValueError:
        words = ", ".join(status.value for status in Status)
        raise TargetError(f'"status" of node {at} is {word!r}', f"use one of {words}") from None


def _duration(seconds: object, at: int) -> float | None:
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise TargetError(f'"duration" of node {at} is no number of seconds', _SHAPE)
    return float(seconds)


def _edge(edge: object, at: int) -> tuple[str, str]:
    if isinstance(edge, list) and len(edge) == 2 and all(isinstance(end, str) for end in edge):
        return edge[0], edge[1]
    raise TargetError(f"edge {at} is no pair of ids", _SHAPE)
