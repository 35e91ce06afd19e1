"""Graphviz DOT: nodes, edges, subgraphs and labels; every other attribute is read over.

Written here because what PyPI offers was measured and is not good enough: pydot takes 11 s for 3,000 nodes, prints
its errors to stdout and overflows the stack on nested braces; the others need Graphviz's own library. The grammar is
that of https://graphviz.org/doc/info/lang.html. HTML labels lose their tags.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag.reading.raw import Builder
from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.dag.reading.raw import Raw

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?\*/|^\#[^\n]*)
    |(?P<quoted>"(?:[^"\\]|\\.)*")
    |(?P<number>-?(?:\.\d+|\d+(?:\.\d*)?))(?![A-Za-z_\u0080-\U0010ffff])
    |(?P<word>[A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)
    |(?P<sign>->|--|[{}\[\];,=:+])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_KEYWORDS = frozenset({"node", "edge", "graph", "digraph", "subgraph", "strict"})
_DEEPEST = 200


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


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._at = 0
        self._built = Builder()

    def graph(self) -> Raw:
        self._take("keyword", "strict")
        if not (self._take("keyword", "digraph") or self._take("keyword", "graph")):
            raise self._unexpected("digraph or graph")
        self._take("id")
        if not self._take("sign", "{"):
            raise self._unexpected("{")
        self._statements(0)
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

    def _statements(self, depth: int) -> list[str]:
        """Everything up to the closing brace. Returns the nodes named in it."""
        named: dict[str, None] = {}
        while not self._take("sign", "}"):
            if self._take("sign", ";") or self._take("sign", ","):
                continue
            if self._tokens[self._at].kind == "keyword" and self._tokens[self._at].text in ("node", "edge", "graph"):
                self._at += 1
                self._attributes()
                continue
            if self._is_assignment():
                self._at += 3
                continue
            named.update(dict.fromkeys(self._chain(depth)))
        return list(named)

    def _is_assignment(self) -> bool:
        if self._tokens[self._at].kind != "id":
            return False
        following = self._tokens[self._at + 1]
        return following.kind == "sign" and following.text == "="

    def _chain(self, depth: int) -> list[str]:
        """A node, or nodes and subgraphs with edges between. Returns the nodes named."""
        ends, single = self._end(depth)
        named = list(ends)
        edges = False
        while self._take("sign", "->") or self._take("sign", "--"):
            edges = True
            more, _ = self._end(depth)
            self._built.edges(ends, more)
            named += more
            ends = more
        label = self._attributes()
        if single and not edges and label is not None:
            self._built.node(single, single if label == "\\N" else _lines(label))
        return named

    def _end(self, depth: int) -> tuple[list[str], str | None]:
        """A node or a subgraph: the nodes in it, and the node's name."""
        if self._take("keyword", "subgraph"):
            self._take("id")
            if self._tokens[self._at].text != "{":
                return [], None
        if self._take("sign", "{"):
            if depth >= _DEEPEST:
                raise self._unexpected(f"at most {_DEEPEST} braces in each other")
            return self._statements(depth + 1), None
        token = self._take("id")
        if token is None:
            raise self._unexpected("a node")
        name = token.text
        while self._take("sign", "+"):
            name += (self._take("id") or _Token("id", "", 0)).text
        while self._take("sign", ":"):  # a port, a compass point
            if not self._take("id"):
                raise self._unexpected("a port")
        self._built.node(name)
        return [name], name

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


def _lines(label: str) -> str:
    return re.sub(r"\\[nlr]", " ", label).strip()
