"""Reads a drawing back: which edges do its cells tell?

Lines are followed as a reader does, from the right end of a box: on to the right, and along verticals both ways, never
to the left. A vertical that interrupts a horizontal is crossed; what stands in boxes is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wcwidth import wcwidth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.dag.layout import Box

N, E, S, W = 1, 2, 4, 8
ARMS = {
    **dict.fromkeys("│┃╽╿", N | S), **dict.fromkeys("─━╼╾", E | W), **dict.fromkeys("┌┍┎┏", E | S),
    **dict.fromkeys("┐┑┒┓", S | W), **dict.fromkeys("└┕┖┗", N | E), **dict.fromkeys("┘┙┚┛", N | W),
    **dict.fromkeys("├┝┞┟┠┡┢┣", N | E | S), **dict.fromkeys("┤┥┦┧┨┩┪┫", N | S | W),
    **dict.fromkeys("┬┭┮┯┰┱┲┳", E | S | W), **dict.fromkeys("┴┵┶┷┸┹┺┻", N | E | W),
    **dict.fromkeys("┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋", N | E | S | W),
    "|": N | S, "-": E | W, "=": E | W, "+": N | E | S | W,
    "┆": N | S, "┄": E | W, ":": N | S, "_": E | W,
}  # fmt: skip


def grid(rows: Sequence[str], boxes: Mapping[str, Box]) -> dict[tuple[int, int], int]:
    """The arms of every line cell: (x, y) -> sides, boxes left out. In ASCII a plus has those that meet another."""
    covered = {(x, box.y) for box in boxes.values() for x in range(box.x, box.x + box.w)}
    arms: dict[tuple[int, int], int] = {}
    pluses: list[tuple[int, int]] = []
    for y, row in enumerate(rows):
        x = 0
        for char in row:
            if char in ARMS and (x, y) not in covered:
                arms[x, y] = ARMS[char]
                if char == "+":
                    pluses.append((x, y))
            else:
                assert char == " " or (x, y) in covered or not wcwidth(char), (x, y, char)
            x += max(0, wcwidth(char))
    for x, y in pluses:
        sides = 0
        for side, (dx, dy, back) in {N: (0, -1, S), S: (0, 1, N)}.items():
            if arms.get((x + dx, y + dy), 0) & back:
                sides |= side
        if _meets(arms, x, y, -1, E):
            sides |= W
        if _meets(arms, x, y, 1, W):
            sides |= E
        arms[x, y] = sides
    return arms


def _meets(arms: Mapping[tuple[int, int], int], x: int, y: int, step: int, back: int) -> bool:
    """Whether a horizontal comes to (x, y) from this side, verticals that interrupt it passed over."""
    x += step
    while arms.get((x, y), 0) == N | S:
        x += step
    return bool(arms.get((x, y), 0) & back)


def edges(rows: Sequence[str], boxes: Mapping[str, Box]) -> set[tuple[str, str]]:
    """The edges that the drawing tells."""
    arms = grid(rows, boxes)
    starts = {(box.x, box.y): name for name, box in boxes.items()}
    found: set[tuple[str, str]] = set()
    for name, box in boxes.items():
        seen: set[tuple[int, int]] = set()
        todo = [(box.x + box.w, box.y)] if arms.get((box.x + box.w, box.y), 0) & W else []
        while todo:
            x, y = todo.pop()
            if (x, y) in seen:
                continue
            seen.add((x, y))
            if arms[x, y] & N:
                assert arms[x, y - 1] & S, (x, y)
                todo.append((x, y - 1))
            if arms[x, y] & S:
                assert arms[x, y + 1] & N, (x, y)
                todo.append((x, y + 1))
            if arms[x, y] & E:
                to = x + 1
                while arms.get((to, y), 0) == N | S:
                    to += 1
                if (to, y) in starts:
                    found.add((name, starts[to, y]))
                else:
                    assert arms[to, y] & W, (to, y)
                    todo.append((to, y))
    return found
