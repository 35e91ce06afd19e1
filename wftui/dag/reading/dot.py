"""Graphviz DOT: nodes, edges, subgraphs and labels; every other attribute is read over.

The grammar is that of https://graphviz.org/doc/info/lang.html, the reference of the tests is Graphviz itself. Read are
directed and undirected graphs (edges lead from left to right), chains, subgraphs as ends of edges, ports, HTML labels
(they lose their tags), escapes in labels, and the label that `node [label=…]` sets. One graph a file.

What PyPI offers was measured (11/2026; 10,000 nodes, 14,805 edges, where this takes 0.4 s): pydot 4 takes 44 s, prints
its errors to stdout, overflows the stack on 300 braces and keeps no edge of `a:port -> {c d}` apart from its nodes;
pygraphviz 2 takes 0.1 s, and 110 MB for Graphviz itself, whose C code it runs on other people's files in our process;
of what is wrong it says "Invalid Input". networkx reads DOT through either of them.
"""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.dag.reading.raw import Builder
from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Collection

    from wftui.model.raw import Raw

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|\#[^\n]*)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<number>-?(?:\.\d+|\d+(?:\.\d*)?))(?![A-Za-z_\u0080-\U0010ffff])
    |(?P<word>[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)
    |(?P<sign>->|--|[{}\[\];,=:+])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_KEYWORDS = frozenset({"node", "edge", "graph", "digraph", "subgraph", "strict"})
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def read_dot(text: str) -> Raw:
    """The graph; undirected edges lead from left to right.

    Raises:
        TargetError: It is not well-formed.
    """
    return _Parser(text).graph()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at] == "<":
            end = _html_end(text, at)
            tokens.append(_Token("id", html.unescape(re.sub(r"<[^<>]*>", " ", text[at + 1 : end])).strip(), at))
            at = end + 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise _wrong(text, at, f"{text[at]!r} is not expected")
        kind = match.lastgroup
        if kind == "quoted":
            tokens.append(_Token("id", _unquoted(match.group()[1:-1]), at))
        elif kind == "word" and match.group().lower() in _KEYWORDS:
            tokens.append(_Token("keyword", match.group().lower(), at))
        elif kind in ("word", "number"):
            tokens.append(_Token("id", match.group(), at))
        elif kind == "sign":
            tokens.append(_Token("sign", match.group(), at))
        at = match.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


def _html_end(text: str, at: int) -> int:
    depth = 0
    for match in re.compile(r"[<>]").finditer(text, at):
        depth += 1 if match.group() == "<" else -1
        if not depth:
            return match.start()
    raise _wrong(text, at, "this < has no >")


def _unquoted(text: str) -> str:
    if "\\" not in text:
        return text
    return text.replace("\\\r\n", "").replace("\\\n", "").replace('\\"', '"')


def _wrong(text: str, at: int, what: str) -> TargetError:
    return TargetError(
        f"not well-formed DOT, line {text.count(chr(10), 0, at) + 1}: {what}", "see what `dot` says to it"
    )


@dataclass(slots=True)
class _Subgraph:
    """What is in a pair of braces: its nodes, and the label that new ones get."""

    number: int = 0
    depth: int = 0
    label: str | None = None
    nodes: dict[str, None] = field(default_factory=dict)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0
        self._built = Builder()
        self._name = ""
        self._number = 0
        self._subgraphs: dict[tuple[int, str], _Subgraph] = {}

    def graph(self) -> Raw:
        self._take("keyword", "strict")
        if not (self._take("keyword", "digraph") or self._take("keyword", "graph")):
            raise self._unexpected("digraph or graph")
        name = self._take("id")
        self._name = name.text if name is not None else ""
        if not self._take("sign", "{"):
            raise self._unexpected("{")
        self._statements(_Subgraph())
        if self._tokens[self._at].kind != "end":
            raise self._unexpected("nothing more than one graph")
        return self._built.raw()

    def _take(self, kind: str, text: str | None = None) -> _Token | None:
        token = self._tokens[self._at]
        if token.kind != kind or (text is not None and token.text != text):
            return None
        self._at += 1
        return token

    def _unexpected(self, wanted: str) -> TargetError:
        token = self._tokens[self._at]
        found = "the end" if token.kind == "end" else repr(token.text[:40])
        return _wrong(self._text, token.at, f"{wanted} is expected, not {found}")

    def _statements(self, inside: _Subgraph) -> None:
        """Everything up to the closing brace; the nodes named are those of the subgraph."""
        while not self._take("sign", "}"):
            if self._take("sign", ";") or self._take("sign", ","):
                continue
            token = self._tokens[self._at]
            if token.kind == "keyword" and token.text in ("node", "edge", "graph"):
                self._at += 1
                label = self._attributes()
                if token.text == "node" and label is not None:
                    inside.label = label
                continue
            if self._is_assignment():
                self._at += 3
                continue
            self._chain(inside)

    def _is_assignment(self) -> bool:
        if self._tokens[self._at].kind != "id":
            return False
        following = self._tokens[self._at + 1]
        return following.kind == "sign" and following.text == "="

    def _chain(self, inside: _Subgraph) -> None:
        """A node, or nodes and subgraphs with edges between."""
        first, single = self._end(inside)
        ends = [first]
        while self._take("sign", "->") or self._take("sign", "--"):
            ends.append(self._end(inside)[0])
        # Only now: a subgraph may be named again, and get more nodes, further on in the same chain.
        for sources, targets in itertools.pairwise(ends):
            self._built.edges(sources, targets)
        label = self._attributes()
        if single is not None and len(ends) == 1 and label is not None:
            self._built.node(single, self._shown(label, single))

    def _end(self, inside: _Subgraph) -> tuple[Collection[str], str | None]:
        """A node or a subgraph: the nodes that are and will be in it, and the node's name."""
        subgraph = self._subgraph(inside)
        if subgraph is not None:
            inside.nodes.update(subgraph.nodes)
            return subgraph.nodes, None
        token = self._take("id")
        if token is None:
            raise self._unexpected("a node")
        name = token.text
        while self._take("sign", "+"):
            name += (self._take("id") or _Token("id", "", 0)).text
        while self._take("sign", ":"):  # a port, a compass point
            if not self._take("id"):
                raise self._unexpected("a port")
        new = name not in self._built
        self._built.node(name, self._shown(inside.label, name) if new and inside.label is not None else None)
        inside.nodes[name] = None
        return (name,), name

    def _subgraph(self, inside: _Subgraph) -> _Subgraph | None:
        """A subgraph, if one stands here; one of the same name in the same place is continued."""
        keyword = self._take("keyword", "subgraph")
        name = self._take("id") if keyword else None
        token = self._tokens[self._at]
        if not keyword and (token.kind, token.text) != ("sign", "{"):
            return None
        self._number += 1
        found = _Subgraph(self._number, inside.depth + 1, inside.label)
        if name is not None:
            found = self._subgraphs.setdefault((inside.number, name.text), found)
        if self._take("sign", "{"):
            if found.depth > _DEEPEST:
                raise self._unexpected(f"at most {_DEEPEST} braces in each other")
            self._statements(found)
        return found

    def _shown(self, label: str, name: str) -> str:
        """A label as it is drawn: its escapes stand for the names of the node and of the graph, and for line ends."""
        if "\\" not in label:
            return label
        known = {"N": name, "G": self._name, "n": " ", "l": " ", "r": " "}
        return re.sub(r"\\(.)", lambda match: known.get(match.group(1), match.group(1)), label, flags=re.DOTALL).strip()

    def _attributes(self) -> str | None:
        """Attribute lists; returns the label."""
        label: str | None = None
        while self._take("sign", "["):
            while not self._take("sign", "]"):
                key = self._take("id") or self._take("keyword", "graph")
                if key is None:
                    raise self._unexpected("an attribute or ]")
                if self._take("sign", "="):
                    value = self._take("id")
                    if value is None:
                        raise self._unexpected("a value")
                    if key.text == "label":
                        label = value.text
                if not self._take("sign", ","):
                    self._take("sign", ";")
        return label
