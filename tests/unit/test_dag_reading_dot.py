"""DOT as Graphviz reads it: random files, whole and damaged, and what its own parser finds in them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wftui.dag.reading import raw as graphs
from wftui.dag.reading.dot import read_dot
from wftui.errors import TargetError

# It reads as `dot` does, and lays nothing out.
GVPR = shutil.which("gvpr")
needs_graphviz = pytest.mark.skipif(GVPR is None, reason="needs Graphviz's gvpr")
PROGRAM = r"""N{printf("n\t%s\t%s\n", $.name, hasAttr($, "label") ? $.label : "-")}
E{printf("e\t%s\t%s\n", $.tail.name, $.head.name)}"""

Found = tuple[set[str], set[tuple[str, str]]]


def theirs(text: str) -> tuple[Found, dict[str, str]] | None:
    """Nodes, edges and labels as Graphviz has them; None where it refuses the text."""
    assert GVPR is not None
    run = subprocess.run([GVPR, PROGRAM], input=text.encode(), capture_output=True, timeout=60, check=False)
    if run.returncode or run.stderr:
        return None
    rows = [line.split("\t") for line in run.stdout.decode().split("\n") if line]
    labels = {a: b for kind, a, b in rows if kind == "n"}
    return (set(labels), {(a, b) for kind, a, b in rows if kind == "e"}), labels


def ours(text: str) -> tuple[Found, dict[str, str]]:
    raw = read_dot(text)
    return ({node.id for node in raw.nodes}, set(raw.edges)), {node.id: node.label for node in raw.nodes}


def agree(text: str) -> None:
    reference = theirs(text)
    if reference is None:
        return  # more than one way to be wrong; that ours ends in order is told by whoever calls
    found = ours(text)[0]
    nodes, edges = reference[0]
    assert found[0] == nodes
    if text.lower().partition("graph")[0].strip().endswith("di"):
        assert found[1] == edges
    else:  # without a direction either order is right
        assert {frozenset(edge) for edge in found[1]} == {frozenset(edge) for edge in edges}


# -- random files --------------------------------------------------------------------------------------------

NAMES = ["a", "b", "c1", "_x", "Ünï", "7", "-3.5", ".5", '"two words"', '"q\\"uote"', '"{"', '"node"', '""', '"a;b->c"']
SPACE = ["", " ", "\n", "\t", " /* no { */ ", " // no }\n", "\n# no [\n"]
names = st.sampled_from(NAMES)
space = st.sampled_from(SPACE)
ports = st.sampled_from(["", "", ":p", ":p:sw", ":n", ':"q"'])
labels = st.sampled_from(
    ['"plain"', "word", "12", '"two\\nlines"', '"\\N!"', "<b<i>old</i>>", '"{x|<p> y}"', '"a\\\\b"']
)


@st.composite
def attributes(draw: st.DrawFn) -> str:
    pairs = draw(
        st.lists(
            st.one_of(
                st.builds("label={}".format, labels),
                st.sampled_from(["color=red", 'shape = "box"', "fontsize=12.5", '"a b"=c', "comment=<<b>x</b>>"]),
            ),
            max_size=3,
        )
    )
    parts = "".join(pair + draw(st.sampled_from([",", ";", " ", ", "])) for pair in pairs)
    return draw(st.sampled_from([f"[{parts}]", f"[{parts}][]"])) if pairs else draw(st.sampled_from(["", "[]"]))


@st.composite
def ends(draw: st.DrawFn, depth: int, sign: str) -> str:
    if depth >= 3 or draw(st.integers(0, 3)):
        return draw(names) + draw(ports)
    head = draw(st.sampled_from(["", "subgraph ", "subgraph s ", "subgraph t", "SubGraph cluster_0 "]))
    return f"{head}{{{draw(statements(depth + 1, sign))}}}"


@st.composite
def statement(draw: st.DrawFn, depth: int, sign: str) -> str:
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(st.sampled_from(["rankdir=LR", "node [shape=box]", "edge[color=blue]", "graph [x=1]", "x = <y>"]))
    if kind == 1:
        return draw(names) + draw(space) + draw(attributes())
    chain = draw(st.lists(ends(depth, sign), min_size=1, max_size=3))
    joined = "".join(draw(space) + sign + draw(space) + end for end in chain[1:])
    return chain[0] + joined + (draw(attributes()) if len(chain) > 1 else "")


@st.composite
def statements(draw: st.DrawFn, depth: int, sign: str) -> str:
    found = draw(st.lists(statement(depth, sign), max_size=4))
    return "".join(one + draw(st.sampled_from([";", ";\n", "\n", " ; "])) for one in found)


@st.composite
def files(draw: st.DrawFn) -> str:
    word, sign = draw(
        st.sampled_from([("digraph", "->"), ("graph", "--"), ("strict digraph", "->"), ("DiGraph", "->")])
    )
    name = draw(st.sampled_from(["", " g", ' "my graph"', " 12"]))
    return f"{draw(space)}{word}{name} {{{draw(space)}{draw(statements(0, sign))}{draw(space)}}}{draw(space)}"


@needs_graphviz
@settings(max_examples=100, deadline=None)
@given(files())
def test_nodes_and_edges_are_those_of_graphviz(text: str) -> None:
    ours(text)
    agree(text)


@needs_graphviz
@settings(max_examples=100, deadline=None)
@given(files(), st.integers(0, 400), st.integers(1, 4))
def test_damaged_files(text: str, start: int, cut: int) -> None:
    """A piece is missing: either it is still a graph, and the same one, or that is told on one line."""
    start %= len(text)
    broken = text[:start] + text[start + cut :]
    told = ""
    try:
        ours(broken)
    except TargetError as error:
        told = error.message
    if told:
        assert "\n" not in told
    else:
        agree(broken)


@needs_graphviz
@pytest.mark.parametrize(
    "text",
    [
        "digraph { subgraph s {a b} subgraph s {c} -> d }",
        "digraph { subgraph s {a} -> b -> subgraph s {c} }",
        "digraph { subgraph x { subgraph s {a} } subgraph s {b} -> c }",
        "digraph { {a b} -> {b {c d}} -> e }",
        'digraph { "{" -> "}" ; "node" -> x }',
        "digraph { edge [x=1] node [y=2]; graph [z=3]; a -> b [label=l; k=m] }",
        "digraph { subgraph { } -> a; {} }",
        "graph { a -- b -- c; a -- b }",
        "digraph { a:x:n -> {b:y c:z} -> d:sw }",
        'digraph { a -> "b" + "c" }',
        "digraph { # no\n a }",
        "digraph { a=b; c -> d }",
    ],
)
def test_corners_of_the_grammar(text: str) -> None:
    assert theirs(text) is not None
    ours(text)
    agree(text)


@needs_graphviz
def test_labels_set_for_all_nodes() -> None:
    text = 'digraph { node [label=x]; subgraph { node [label="y"] a } b; c [label="\\N of \\G"]; a -> d }'
    reference = theirs(text)
    assert reference is not None
    assert reference[1] == {"a": "y", "b": "x", "c": "\\N of \\G", "d": "x"}
    assert ours(text)[1] == {"a": "y", "b": "x", "c": "c of", "d": "x"}


def test_a_subgraph_by_its_name() -> None:
    """The documents of Graphviz have it, its parser does not."""
    assert ours("digraph { subgraph s {a b} subgraph s -> c }")[0][1] == {("a", "c"), ("b", "c")}


def test_more_than_one_graph() -> None:
    with pytest.raises(TargetError, match="line 2: nothing more than one graph is expected, not 'digraph'"):
        read_dot("digraph { a }\ndigraph { b }")


def test_sets_of_edges_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "MOST_EDGES", 10_000)
    left, right = (" ".join(f"{side}{i}" for i in range(200)) for side in "ab")
    with pytest.raises(TargetError, match="more than 10,000 edges"):
        read_dot(f"digraph {{ {{{left}}} -> {{{right}}} }}")
