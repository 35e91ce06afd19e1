"""Reads graphs that others wrote: text to `Raw`, which form it is told by the name of the file or by its beginning."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.errors import TargetError

if TYPE_CHECKING:
    from wftui.model.raw import Raw

_MERMAID = re.compile(r"\s*(?:---\n.*?\n---\n|%%[^\n]*\n|\s)*(?:```mermaid\s+)?(?:graph|flowchart)\b", re.DOTALL)
# A name may stand between the word and the brace, nothing else: Mermaid begins with the same word and has braces later.
_DOT = re.compile(
    r"(?:\s|//[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*(?:strict\s+)?(?:di)?graph\b\s*(?:[\w.]+|\"(?:[^\"\\]|\\.)*\")?\s*\{",
    re.DOTALL | re.IGNORECASE,
)
# A Highway definition in YAML has its tasks at the left margin, whatever stands before.
_YAML = re.compile(r"^tasks[ \t]*:", re.MULTILINE)


def read_graph(text: str, name: str) -> Raw:
    """The graph in a text.

    Args:
        text: JSON, Graphviz DOT, a Mermaid flowchart, or a Highway definition in JSON or YAML.
        name: The file's name: `.json`, `.dot`, `.gv`, `.mmd`, `.mermaid`, `.yaml` and `.yml` decide; else the text.

    Raises:
        TargetError: It is none of these, or not well-formed.
    """
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix == "json" or (suffix not in _NAMED and text.lstrip()[:1] in ("{", "[")):
        from wftui.dag.reading.jsongraph import read_json

        return read_json(text)
    if suffix in ("dot", "gv") or (suffix not in _NAMED and _DOT.match(text)):
        from wftui.dag.reading.dot import read_dot

        return read_dot(text)
    if suffix in ("mmd", "mermaid") or (suffix not in _NAMED and _MERMAID.match(text)):
        from wftui.dag.reading.mermaid import read_mermaid

        return read_mermaid(text)
    if suffix in ("yaml", "yml") or (suffix not in _NAMED and _YAML.search(text)):
        from wftui.highway.definition import read_definition
        from wftui.highway.yamltext import load

        return read_definition(load(text)).raw
    raise TargetError(
        f"{name} is no graph that can be read",
        "give JSON with nodes and edges, Graphviz DOT, a Mermaid flowchart, or a Highway definition",
    )


_NAMED = frozenset({"json", "dot", "gv", "mmd", "mermaid", "yaml", "yml"})
