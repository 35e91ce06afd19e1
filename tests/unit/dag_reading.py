"""Reads a drawn picture back, knowing nothing but its characters and the rules in `wftui/dag/lanes.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NORTH, EAST, SOUTH, WEST = "NESW"
UNICODE = {
    "│": "NS", "─": "EW", "╭": "ES", "╮": "SW", "╰": "NE", "╯": "NW",
    "├": "NES", "┤": "NSW", "┬": "ESW", "┴": "NEW", "┼": "NESW", "╎": "NS", "╌": "EW",
}  # fmt: skip
DASHES = frozenset("╎╌:~")


@dataclass(frozen=True)
class Read:
    """What was read: plain edges, and those from a continuation to its sub-DAG."""

    edges: frozenset[tuple[str, str]]
    returned: frozenset[tuple[str, str]]


def read(lines: Sequence[tuple[str, str | None]], *, ascii_only: bool = False) -> Read:
    """Read the edges out of drawn lanes: for each line its cells left of the label, and the node that stands there."""
    height, width = len(lines), max((len(text) for text, _ in lines), default=0)
    text = [line.ljust(width) for line, _ in lines]
    node_at = {row: _node_column(line, node, ascii_only) for row, (line, node) in enumerate(lines) if node is not None}

    def is_node(row: int, column: int) -> bool:
        return node_at.get(row) == column

    def arms(row: int, column: int) -> str:
        if not (0 <= row < height and 0 <= column < width) or is_node(row, column):
            return ""
        char = text[row][column]
        if not ascii_only:
            return UNICODE.get(char, "")
        if char in "-~":
            return "EW"
        if char in "|:":
            return "NS"
        vertical = {".": "S", "'": "N", "+": "NS"}.get(char)
        if vertical is None:
            return ""
        east = column + 1 < width and text[row][column + 1] in "-~"
        west = column > 0 and text[row][column - 1] in "-~"
        return vertical + ("E" if east else "") + ("W" if west else "")

    def node_arm(row: int, column: int, side: str) -> bool:
        beside = column + (1 if side == EAST else -1)
        return 0 <= beside < width and text[row][beside] in "─╌-~"

    def below(row: int, column: int) -> Iterator[tuple[int, int]]:
        """What a line or node that leaves to the south reaches."""
        if is_node(row + 1, column):
            if not (is_node(row, column) and node_arm(row + 1, column, WEST)):
                yield (row + 1, column)
        elif NORTH in arms(row + 1, column):
            yield (row + 1, column)

    def run(row: int, column: int) -> list[int]:
        """The columns joined with this one by horizontals of its row; verticals in between are crossings."""
        joined = [column]
        for step, out, back in ((1, EAST, WEST), (-1, WEST, EAST)):
            at = column
            while node_arm(row, at, out) if is_node(row, at) else out in arms(row, at):
                at += step
                while set(arms(row, at)) in ({"N", "S"}, {"E", "W"}) and not is_node(row, at):
                    at += step  # plain horizontals, and verticals that cross
                if is_node(row, at):
                    joined.append(at)
                    break  # a run begins or ends at a node
                assert back in arms(row, at), f"line {row}: the horizontal ends in nothing at {at}: {text[row]!r}"
                joined.append(at)
        return joined

    def leave(row: int, columns: list[int], dashed: bool) -> Iterator[tuple[int, int, bool]]:
        """Where the flow that came into a run goes on: lanes below, and the node at whose west side it ends."""
        first, last = min(columns), max(columns)
        dashed = dashed or any(
            text[row][at] in DASHES and set(arms(row, at)) == {"E", "W"} for at in range(first, last)
        )
        for at in columns:
            if is_node(row, at) and at == last:
                yield (row, at, dashed)
            elif not is_node(row, at) and SOUTH in arms(row, at):
                yield from ((y, x, dashed) for y, x in below(row, at))

    def targets(row: int, column: int) -> Iterator[tuple[str, bool]]:
        """Every node that the flow from a node reaches."""
        todo: list[tuple[int, int, bool]] = []
        if node_arm(row, column, EAST):
            todo += leave(row, [at for at in run(row, column) if at >= column], False)
        south = [(y, x) for y, x in below(row, column) if not (is_node(y, x) and node_arm(row, column, EAST))]
        todo += [(y, x, False) for y, x in south]
        seen: set[tuple[int, int, bool]] = set()
        while todo:
            y, x, dashed = todo.pop()
            if (y, x, dashed) in seen:
                continue
            seen.add((y, x, dashed))
            if is_node(y, x):
                node = lines[y][1]
                assert node is not None
                yield (node, dashed)
            elif set(arms(y, x)) == {"N", "S"}:
                todo += [(b, a, dashed or text[y][x] in DASHES) for b, a in below(y, x)]
            else:
                todo += leave(y, run(y, x), dashed)

    edges: set[tuple[str, str]] = set()
    returned: set[tuple[str, str]] = set()
    for row, column in node_at.items():
        source = lines[row][1]
        assert source is not None
        for target, dashed in targets(row, column):
            (returned if dashed else edges).add((source, target))
    return Read(frozenset(edges), frozenset(returned))


def _node_column(line: str, node: str, ascii_only: bool) -> int:
    found = [at for at, char in enumerate(line) if (char == "*" if ascii_only else char not in UNICODE and char != " ")]
    assert len(found) == 1, f"{node}: {len(found)} nodes in {line!r}"
    return found[0]
