"""Graphs that others wrote: JSON, DOT, Mermaid."""

from __future__ import annotations

import pytest

from wftui.dag.reading import read_graph
from wftui.errors import TargetError
from wftui.model.status import Status


def edges(text: str, name: str = "standard input") -> list[tuple[str, str]]:
    return read_graph(text, name).edges


def labels(text: str, name: str = "standard input") -> dict[str, str]:
    return {node.id: node.label for node in read_graph(text, name).nodes}


def test_json() -> None:
    raw = read_graph(
        '{"nodes":[{"id":"a","label":"A","status":"failed","duration":3},{"id":"b"}],"edges":[["a","b"],["a","b"]]}',
        "x",
    )
    first, second = raw.nodes
    assert (first.label, first.status, first.duration) == ("A", Status.FAILED, 3.0)
    assert (second.label, second.status, second.duration) == ("b", None, None)
    assert raw.edges == [("a", "b"), ("a", "b")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not well-formed JSON"),
        ("[" * 100_000, "not well-formed JSON"),
        ("[1]", 'no list "nodes"'),
        ('{"nodes":[{"id":1}]}', 'node 0 has no "id"'),
        ('{"nodes":[{"id":"a","label":1}]}', '"label" of node 0'),
        ('{"nodes":[{"id":"a","status":"odd"}]}', "is 'odd'"),
        ('{"nodes":[{"id":"a","duration":NaN}]}', '"duration" of node 0'),
        ('{"nodes":[],"edges":{}}', '"edges" is no list'),
        ('{"nodes":[],"edges":[["a"]]}', "edge 0 is no pair"),
    ],
)
def test_json_that_is_wrong(text: str, told: str) -> None:
    with pytest.raises(TargetError) as caught:
        read_graph(text, "graph.json")
    assert told in caught.value.message
    assert caught.value.hint


def test_dot() -> None:
    text = """# made by hand
    strict digraph "my graph" {  // a comment
      rankdir=LR; node [shape=box, label="\\N"]; edge [color="red"]
      graph [fontsize=12]
      a [label="first\\nstep"]; a -> b -> {c; d:port:sw} -> "e \\"x\\"" [weight=2, label="no node"];
      subgraph cluster_0 { label="ignored"; f -> g; }
      h [label=<<b>bold</b> &amp; brave>] /* another */
      -5 -> über; "one" + "two" -> a
    }"""
    assert edges(text) == [
        ("a", "b"), ("b", "c"), ("b", "d"), ("c", 'e "x"'), ("d", 'e "x"'), ("f", "g"), ("-5", "über"), ("onetwo", "a"),
    ]  # fmt: skip
    found = labels(text)
    assert found["a"] == "first step"
    assert found["h"] == "bold  & brave"
    assert list(found) == ["a", "b", "c", "d", 'e "x"', "f", "g", "h", "-5", "über", "onetwo"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("digraph {\n a -> \n}", "line 3: a node is expected, not '}'"),
        ("digraph { a -> b", "not the end"),
        ("digraph { a [label= ] }", "a value is expected"),
        ('digraph { "a }', "is not expected"),
        ("digraph {" + "{" * 5000 + "}" * 5000 + "}", "at most 100 braces"),
        ("digraph { a [label=<b] }", "has no >"),
        ("hello", "digraph or graph is expected"),
    ],
)
def test_dot_that_is_wrong(text: str, told: str) -> None:
    with pytest.raises(TargetError) as caught:
        read_graph(text, "x.dot")
    assert told in caught.value.message


def test_mermaid() -> None:
    text = """---
title: A chart
---
%% a comment
flowchart LR
    A[Start here] --> B{Is it?}
    B -->|yes| C(ok) & D
    B -- no --> E["quo;ted (x)"]; E-.->F
    F ==> G --- H
    subgraph one [Title]
    direction TB
    a1-->a2
    end
    style A fill:#f9f
    A@{ shape: rect, label: "New" }
    x-y --> z.w
    C:::done --> I((round<br/>thing))
    F -. text .-> Q
    A ~~~ Q
"""
    assert edges(text) == [
        ("A", "B"), ("B", "C"), ("B", "D"), ("B", "E"), ("E", "F"), ("F", "G"), ("G", "H"), ("a1", "a2"),
        ("x-y", "z.w"), ("C", "I"), ("F", "Q"),
    ]  # fmt: skip
    found = labels(text)
    assert found["A"] == "New"
    assert found["E"] == "quo;ted (x)"
    assert found["I"] == "round thing"


def test_mermaid_as_mermaid_reads_it() -> None:
    """Each was compared with Mermaid's own parser."""
    text = "flowchart LR\n K[\\k\\] --> L[/l\\] --> M[\\m/] --> N(((n)))\n"
    assert edges(text, "x.mmd") == [("K", "L"), ("L", "M"), ("M", "N")]
    assert labels(text, "x.mmd") == {"K": "k", "L": "l", "M": "m", "N": "n"}
    text = 'flowchart LR\n A e1@--> B\n e1@{ animate: true }\n A -- "q --> r" --> C\n'
    assert edges(text, "x.mmd") == [("A", "B"), ("A", "C")]
    assert list(labels(text, "x.mmd")) == ["A", "B", "C"]


def test_mermaid_on_one_line() -> None:
    assert edges("graph TD;A-->B;A-->C;B-->D;C-->D;") == [("A", "B"), ("A", "C"), ("B", "D"), ("C", "D")]


@pytest.mark.parametrize("text", ["flowchart LR\nA --> \n", "flowchart LR\nA ->> B\n", "flowchart LR\n]]\n"])
def test_mermaid_that_is_wrong(text: str) -> None:
    with pytest.raises(TargetError, match="line 2 is not understood"):
        read_graph(text, "x.mmd")


@pytest.mark.parametrize("text", ["", "hello", "sequenceDiagram\nA->>B: x", "\x00"])
def test_what_is_no_graph(text: str) -> None:
    with pytest.raises(TargetError, match="is no graph that can be read"):
        read_graph(text, "notes.txt")


def test_a_flowchart_with_braces_is_not_taken_for_dot() -> None:
    """Both begin with `graph`; a decision of a flowchart has the brace that DOT opens with."""
    raw = read_graph("graph LR\n A[Start] --> B{Choice}\n B -->|yes| C\n", "-")
    assert [node.id for node in raw.nodes] == ["A", "B", "C"]
    assert [node.id for node in read_graph('graph "my graph" { a -- b }', "-").nodes] == ["a", "b"]
