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
# Where the sides of an ASCII join lead is told by the cells beside it.
ASCII_LINES = {"-": "EW", "~": "EW", "|": "NS", ":": "NS"}
ASCII_JOINS = {".": "S", "'": "N", "+": "NS"}
DASHES = frozenset("╎╌:~")
ACROSS = frozenset("─╌-~")


@dataclass(frozen=True)
class Read:
    """What was read: plain edges, and those from a continuation to its sub-DAG."""

    edges: frozenset[tuple[str, str]]
    returned: frozenset[tuple[str, str]]


def read(lines: Sequence[tuple[str, str | None]], *, ascii_only: bool = False) -> Read:
    """Read the edges out of drawn lanes: for each line its cells left of the label, and the node that stands there."""
    return _Reader(lines, ascii_only).read()


class _Reader:
    def __init__(self, lines: Sequence[tuple[str, str | None]], ascii_only: bool) -> None:
        self.width = max((len(text) for text, _ in lines), default=0)
        self.text = [text.ljust(self.width) for text, _ in lines]
        self.names = [name for _, name in lines]
        self.ascii_only = ascii_only
        self.column = {row: self._node_column(row) for row, name in enumerate(self.names) if name is not None}

    def _node_column(self, row: int) -> int:
        def is_mark(char: str) -> bool:
            return char == "*" if self.ascii_only else char not in UNICODE and char != " "

        found = [at for at, char in enumerate(self.text[row]) if is_mark(char)]
        assert len(found) == 1, f"{len(found)} nodes in {self.text[row]!r}"
        return found[0]

    def read(self) -> Read:
        edges: set[tuple[str, str]] = set()
        returned: set[tuple[str, str]] = set()
        for row in self.column:
            for target, dashed in self.reached_from(row):
                (returned if dashed else edges).add((self.name(row), target))
        return Read(frozenset(edges), frozenset(returned))

    def name(self, row: int) -> str:
        name = self.names[row]
        assert name is not None
        return name

    def is_node(self, row: int, at: int) -> bool:
        return self.column.get(row) == at

    def arms(self, row: int, at: int) -> str:
        """The sides of a cell of a line; none for nodes and for what lies outside."""
        if not (0 <= row < len(self.text) and 0 <= at < self.width) or self.is_node(row, at):
            return ""
        char = self.text[row][at]
        if not self.ascii_only:
            return UNICODE.get(char, "")
        if char in ASCII_JOINS:
            sides = [side for side in (EAST, WEST) if self.leads_across(row, at, side)]
            return ASCII_JOINS[char] + "".join(sides)
        return ASCII_LINES.get(char, "")

    def leads_across(self, row: int, at: int, side: str) -> bool:
        """Whether a horizontal begins at a side of a cell."""
        beside = at + (1 if side == EAST else -1)
        return 0 <= beside < self.width and self.text[row][beside] in ACROSS

    def below(self, row: int, at: int) -> Iterator[tuple[int, int]]:
        """What leaves a cell to the south reaches."""
        if self.is_node(row + 1, at):
            apart = self.is_node(row, at) and (self.leads_across(row + 1, at, WEST) or self.leads_across(row, at, EAST))
            if not apart:
                yield (row + 1, at)
        elif NORTH in self.arms(row + 1, at):
            yield (row + 1, at)

    def run(self, row: int, start: int) -> list[int]:
        """The columns that horizontals of a row join with this one; verticals in between only cross."""
        joined = [start]
        for step, out, back in ((1, EAST, WEST), (-1, WEST, EAST)):
            at = start
            while self.leads_across(row, at, out) if self.is_node(row, at) else out in self.arms(row, at):
                at += step
                while set(self.arms(row, at)) in ({"N", "S"}, {"E", "W"}):
                    at += step
                joined.append(at)
                if self.is_node(row, at):
                    break  # a run begins or ends at a node
                assert back in self.arms(row, at), f"a horizontal ends in nothing at {at} of {self.text[row]!r}"
        return joined

    def leaving(self, row: int, columns: list[int], dashed: bool) -> Iterator[tuple[int, int, bool]]:
        """Where what came into a run goes on: by lanes below, and into the node at whose west side it ends."""
        first, last = min(columns), max(columns)
        dashed = dashed or any(self.text[row][at] in DASHES & ACROSS for at in range(first, last))
        for at in columns:
            if self.is_node(row, at):
                if at == last:
                    yield (row, at, dashed)
            elif SOUTH in self.arms(row, at):
                yield from ((y, x, dashed) for y, x in self.below(row, at))

    def reached_from(self, row: int) -> Iterator[tuple[str, bool]]:
        """Every node that what leaves a node reaches, and whether by a dashed line."""
        start = self.column[row]
        todo = [(y, x, False) for y, x in self.below(row, start)]
        if self.leads_across(row, start, EAST):
            todo += self.leaving(row, [at for at in self.run(row, start) if at >= start], False)
        seen: set[tuple[int, int, bool]] = set()
        while todo:
            y, x, dashed = todo.pop()
            if (y, x, dashed) in seen:
                continue
            seen.add((y, x, dashed))
            if self.is_node(y, x):
                yield (self.name(y), dashed)
            elif set(self.arms(y, x)) == {"N", "S"}:
                dashed = dashed or self.text[y][x] in DASHES
                todo += [(b, a, dashed) for b, a in self.below(y, x)]
            else:
                todo += self.leaving(y, self.run(y, x), dashed)
