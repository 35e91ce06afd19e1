"""The steps of a workflow definition as labels: what each does is told by a sign with a legend, in ASCII by a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.operator import Operator
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.operator import Placed
    from wftui.present.glyphs import Glyphs

# None of them is a status's glyph: both may stand before one name.
SIGNS: dict[Operator, tuple[str, str, str]] = {
    Operator.ACTIVITY: ("◎", "act", "activity"),
    Operator.CONDITION: ("◆", "if", "condition"),
    Operator.SWITCH: ("◊", "switch", "switch"),
    Operator.CHOICE: ("◈", "choose", "choice of several branches"),
    Operator.PARALLEL: ("∥", "fork", "parallel branches"),
    Operator.JOIN: ("⋈", "join", "join"),
    Operator.FOREACH: ("∀", "foreach", "for each item"),
    Operator.WHILE: ("↺", "while", "while"),
    Operator.WAIT: ("◔", "wait", "wait"),
    Operator.AWAIT: ("«", "await", "wait for an event"),
    Operator.EMIT: ("»", "emit", "emit an event"),
    Operator.CHILD: ("▣", "child", "child workflow"),
    Operator.REFLEXIVE: ("⇄", "reflect", "generate and verify"),
    Operator.TERMINATE: ("■", "end", "end of the workflow"),
}
# Cells of a branch's name at most: what is behind it matters more.
_MOST_BRANCH = 20
_GAP = "   "
NOT_TAKEN = "not taken"
# Its mark, by whether it has to be ASCII; a drawing engine of its own has the same.
OFF = {False: "–", True: "-"}
INFERRED = "~"
"""Stands for the time of what no task tells of."""


def operator_label(name: str, kind: Operator | None, detail: str, branch: str, glyphs: Glyphs) -> str:
    """The label of an operator, one harmless line: "true: ◔ cool_down 2h".

    Args:
        name: Its id.
        kind: What it does; None for a plain node.
        detail: What that is about.
        branch: Which way leads to it.
        glyphs: The characters to use; with ASCII ones the sign is a word.
    """
    sign = SIGNS.get(kind) if kind is not None else None
    parts = [] if sign is None else [sign[1] if glyphs.mark.isascii() else sign[0]]
    parts += [visible(name) or "(empty)", *([visible(detail)] if detail else [])]
    if not branch:
        return " ".join(parts)
    way = visible(branch)
    if len(way) > _MOST_BRANCH:
        way = way[: _MOST_BRANCH - 1] + glyphs.ellipsis
    return f"{way}: {' '.join(parts)}"


def placed_label(label: str, operator: Placed, glyphs: Glyphs) -> str:
    """The label of a task that is an operator, or that its definition does not name; one harmless line."""
    if operator.kind is None and not operator.detail and not operator.branch:
        told = visible(label) or "(empty)"
        return f"{told} ({visible(operator.note)})" if operator.note else told
    return operator_label(label, operator.kind, operator.detail, operator.branch, glyphs)


def operator_words(operator: Placed) -> str:
    """What an operator is, in words: "condition stock > 0, if true"; "" for a plain step."""
    meaning = SIGNS[operator.kind][2] if operator.kind in SIGNS else ""
    told = f"{meaning} {visible(operator.detail)}".strip()
    way = f"way: {visible(operator.branch)}" if operator.branch else ""
    return ", ".join(part for part in (told, way) if part)


def state_words(operator: Placed) -> str:
    """What there is to know of the state of an operator: that it is inferred, that it was not taken; "" if nothing."""
    if not operator.is_taken:
        return NOT_TAKEN
    if operator.is_inferred:
        return "inferred: no task of it is recorded"
    return visible(operator.note)


def operator_legend(kinds: Iterable[Operator | None], glyphs: Glyphs, width: int) -> list[str]:
    """What the signs of these operators mean, each once, in lines of `width` cells if they fit.

    There is nothing to tell in ASCII, where they are words.
    """
    found = set(kinds)
    lines: list[str] = []
    for kind, (sign, _, meaning) in SIGNS.items():
        if kind not in found or glyphs.mark.isascii():
            continue
        told = f"{sign} {meaning}"
        if lines and len(lines[-1]) + len(_GAP) + len(told) <= width:
            lines[-1] += _GAP + told
        else:
            lines.append(told)
    return lines
