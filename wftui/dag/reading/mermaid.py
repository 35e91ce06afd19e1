"""Mermaid flowcharts: nodes of any shape, edges of any kind with or without text, `&`, chains, subgraphs by title only.

Read is what makes the graph: ``graph``/``flowchart`` with any direction, ``A --> B``, ``A -- text --> B``,
``A -->|text| B & C``, ``A[label]``, ``A@{ label: "…" }``. Styles, classes and clicks are
read over; a link to a subgraph leads to a node of that name. The syntax is that of
https://mermaid.js.org/syntax/flowchart.html; what PyPI has for it, mermaid-parser-py, runs Mermaid's own JavaScript in
an embedded engine of 83 MB and stops at 500 edges. Samples were compared with it.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from wftui.dag.reading.raw import Builder
from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.model.raw import Raw

_HEAD = re.compile(r"(?:graph|flowchart)(?:-elk)?\b\s*(?:TB|TD|BT|LR|RL|[><^v])?\s*;?", re.IGNORECASE)
_OVER = re.compile(
    r"(?:subgraph|end|direction|style|classDef|class|click|linkStyle|accTitle|accDescr|title)\b(?!\s*[-=~.(\[{])"
)
_ID = re.compile(r"[^\s\[\](){}<>|&;:@\"'`=~^.,/\\-]+(?:[-.](?![-.=>ox])[^\s\[\](){}<>|&;:@\"'`=~^.,/\\-]+)*")
_SHAPES = (
    ("(((", (")))",)), ("((", ("))",)), ("([", ("])",)), ("[[", ("]]",)), ("[(", (")]",)), ("[/", ("/]", "\\]")),
    ("[\\", ("\\]", "/]")), ("{{", ("}}",)), ("[", ("]",)), ("(", (")",)), ("{", ("}",)), (">", ("]",)),
)  # fmt: skip
_LINK = re.compile(
    r"\s*(?:(?P<id>\w[\w.]*)@(?=[<ox]?[-=~]))?[<ox]?(?:--+[>ox-]|==+[>ox=]|-\.+->?|~~~+|"
    r"--\s*\"[^\"]*\"\s*--+[>ox-]|==\s*\"[^\"]*\"\s*==+[>ox=]|-\.\s*\"[^\"]*\"\s*\.+->?|"
    r"--\s*(?![->])[^\n]*?\s?--+[>ox-]|==\s*(?![=>])[^\n]*?\s?==+[>ox=]|-\.\s*(?![-.])[^\n]*?\s?\.+->?)"
    r"\s*(?:\|(?:\"[^\"]*\"|[^|\"])*\|)?\s*"
)
_ATTRIBUTES = re.compile(r"@\{(?:\"[^\"]*\"|[^}\"])*\}")
_LABEL = re.compile(r"\blabel\s*:\s*(?:\"([^\"]*)\"|([^,}]*))")
_CLASS = re.compile(r":::[\w-]+")


def read_mermaid(text: str) -> Raw:
    """The graph.

    Raises:
        TargetError: A line is not understood.
    """
    built = Builder()
    links: set[str] = set()  # ids of links: what they are given later makes no node
    headed = False
    lines = _without_front_matter(text).split("\n")
    for number, line in lines_of(lines):
        statement = line.strip()
        if not headed:
            match = _HEAD.match(statement)
            if match is None:
                raise TargetError(
                    f"line {number} does not begin a flowchart: {statement[:60]!r}", "begin with: flowchart LR"
                )
            headed = True
            statement = statement[match.end() :].strip()
        for part in _statements(statement):
            if part and not _OVER.match(part):
                _Statement(part, number, built, links).read()
    if not headed:
        raise TargetError("there is no flowchart", "begin with: flowchart LR")
    return built.raw()


def lines_of(lines: list[str]) -> list[tuple[int, str]]:
    """The lines that say something, with their numbers from 1."""
    found = []
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(("%%", "```")):
            found.append((number, stripped))
    return found


def _without_front_matter(text: str) -> str:
    match = re.match(r"\s*---\n.*?\n---[ \t]*\n", text, re.DOTALL)
    return text if match is None else "\n" * match.group().count("\n") + text[match.end() :]


def _statements(line: str) -> list[str]:
    """The parts of a line between semicolons that do not stand in quotes or brackets."""
    if ";" not in line:
        return [line]
    parts, start, depth, quoted = [], 0, 0, False
    for at, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif not quoted:
            depth += (char in "[({") - (char in "])}")
            if char == ";" and depth <= 0:
                parts.append(line[start:at].strip())
                start = at + 1
    return [*parts, line[start:].strip()]


class _Statement:
    def __init__(self, text: str, number: int, built: Builder, links: set[str]) -> None:
        self._text = text
        self._number = number
        self._built = built
        self._links = links
        self._at = 0

    def read(self) -> None:
        sources = self._group()
        while self._at < len(self._text):
            link = _LINK.match(self._text, self._at)
            if link is None or link.end() == self._at:
                raise self._wrong()
            self._at = link.end()
            if link.group("id"):
                self._links.add(link.group("id"))
            targets = self._group()
            if "~~~" not in link.group():  # an invisible link only places
                self._built.edges(sources, targets)
            sources = targets

    def _wrong(self) -> TargetError:
        return TargetError(
            f"line {self._number} is not understood from {self._text[self._at : self._at + 40]!r} on",
            "nodes, links, & and subgraphs of flowcharts are read",
        )

    def _group(self) -> list[str]:
        """Nodes with & between."""
        names = [self._node()]
        while match := re.compile(r"\s*&\s*").match(self._text, self._at):
            self._at = match.end()
            names.append(self._node())
        return names

    def _node(self) -> str:
        match = _ID.match(self._text, self._at)
        if match is None:
            raise self._wrong()
        name = match.group()
        self._at = match.end()
        label = self._shape()
        attributes = _ATTRIBUTES.match(self._text, self._at)
        if attributes:
            self._at = attributes.end()
            given = _LABEL.search(attributes.group())
            label = (given.group(1) or given.group(2) or "").strip() if given else label
            if name in self._links:
                return name
        klass = _CLASS.match(self._text, self._at)
        if klass:
            self._at = klass.end()
        self._built.node(name, label)
        return name

    def _shape(self) -> str | None:
        for opening, closings in _SHAPES:
            if not self._text.startswith(opening, self._at):
                continue
            start = self._at + len(opening)
            quoted = re.compile(r'\s*"([^"]*)"\s*').match(self._text, start)
            if quoted and self._text.startswith(closings, quoted.end()):
                self._at = quoted.end() + len(closings[0])
                return _plain(quoted.group(1))
            end = min((at for closing in closings if (at := self._text.find(closing, start)) >= 0), default=-1)
            if end >= 0 and not quoted:
                self._at = end + len(closings[0])
                return _plain(self._text[start:end])
        return None


def _plain(label: str) -> str:
    text = re.sub(r"<br\s*/?>", " ", label)
    text = re.sub(
        r"#(\w+);", lambda match: html.unescape(f"&{'#' if match.group(1).isdigit() else ''}{match.group(1)};"), text
    )
    return text.strip().strip("`").strip()
