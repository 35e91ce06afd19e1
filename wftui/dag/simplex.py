"""Network simplex on ranks: the total length of all edges becomes the least there is.

The spanning tree of tight edges, its cut values and the post-order numbers that tell subtrees apart are those of
Gansner et al., "A Technique for Drawing Directed Graphs" (1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# How many candidates with a negative cut value are looked at before the worst of them leaves the tree.
_SEARCH = 30


def shorten(n: int, tails: Sequence[int], heads: Sequence[int], ranks: Sequence[int], pivots: int) -> list[int]:
    """Ranks with every edge at least one long and the sum of lengths minimal, unless `pivots` ran out.

    Args:
        n: Number of nodes; the graph must be connected.
        tails: Where each edge starts.
        heads: Where each edge ends.
        ranks: Feasible ranks to start from.
        pivots: How many exchanges of tree edges to make at most.
    """
    return _Tree(n, tails, heads, ranks).solve(pivots)


class _Tree:
    """A spanning tree of tight edges.

    Attributes:
        rank: The rank of every node.
        parent: The tree edge towards the root; -1 at the root.
        low: The smallest post-order number in the subtree of every node.
        lim: Its own post-order number, the largest in its subtree.
        by_lim: The nodes in post-order, so that a subtree is a slice of it.
        cut: The cut value of every tree edge: edges from its tail's side to its head's side, less those against it.
    """

    def __init__(self, n: int, tails: Sequence[int], heads: Sequence[int], ranks: Sequence[int]) -> None:
        self.tails = tails
        self.heads = heads
        self.rank = list(ranks)
        self.leaving: list[list[int]] = [[] for _ in range(n)]
        self.arriving: list[list[int]] = [[] for _ in range(n)]
        for edge, (tail, head) in enumerate(zip(tails, heads, strict=True)):
            self.leaving[tail].append(edge)
            self.arriving[head].append(edge)
        self.in_tree = [False] * len(tails)
        self.tree_edges: list[list[int]] = [[] for _ in range(n)]
        self.parent = [-1] * n
        self.low = [0] * n
        self.lim = [0] * n
        self.by_lim = [0] * n
        self.cut = [0] * len(tails)
        self._grow()
        self._number(0, 0)
        self._measure()

    def solve(self, pivots: int) -> list[int]:
        """Exchange edges until no cut value is negative."""
        members = [edge for edge, used in enumerate(self.in_tree) if used]
        place = 0
        for _ in range(pivots):
            place = self._worst(members, place)
            if place < 0:
                break
            members[place] = self._exchange(members[place])
        return self.rank

    def _worst(self, members: Sequence[int], place: int) -> int:
        worst, found, cut = -1, 0, self.cut
        for i in (*range(place, len(members)), *range(place)):
            if cut[members[i]] < 0:
                found += 1
                if worst < 0 or cut[members[i]] < cut[members[worst]]:
                    worst = i
                if found >= _SEARCH:
                    break
        return worst

    def _grow(self) -> None:
        """Find the tree: what is reached is shifted as a whole until the nearest edge to the rest is tight."""
        rank, tails, heads = self.rank, self.tails, self.heads
        reached = [False] * len(rank)
        reached[0] = True
        order = [0]

        while True:
            for node in order:  # it grows while we walk it
                self._reach(node, reached, order)
            if len(order) == len(rank):
                return
            slack, edge = min(
                (rank[head] - rank[tail] - 1, edge)
                for edge, (tail, head) in enumerate(zip(tails, heads, strict=True))
                if reached[head] != reached[tail]
            )
            shift = slack if reached[tails[edge]] else -slack
            for node in order:
                rank[node] += shift

    def _reach(self, node: int, reached: list[bool], order: list[int]) -> None:
        for edge in (*self.leaving[node], *self.arriving[node]):
            tail, head = self.tails[edge], self.heads[edge]
            other = head if tail == node else tail
            if not reached[other] and self.rank[head] - self.rank[tail] == 1:
                reached[other] = True
                order.append(other)
                self.in_tree[edge] = True
                self.tree_edges[tail].append(edge)
                self.tree_edges[head].append(edge)

    def _number(self, root: int, low: int) -> None:
        """Number the subtree of `root` in post-order, from `low` on."""
        tails, heads = self.tails, self.heads
        self.low[root] = low
        stack = [(root, iter(self.tree_edges[root]))]
        count = low
        while stack:
            node, edges = stack[-1]
            for edge in edges:
                if edge == self.parent[node]:
                    continue
                child = heads[edge] if tails[edge] == node else tails[edge]
                self.parent[child] = edge
                self.low[child] = count
                stack.append((child, iter(self.tree_edges[child])))
                break
            else:
                self.lim[node] = count
                self.by_lim[count] = node
                count += 1
                stack.pop()

    def _above(self, node: int) -> int:
        edge = self.parent[node]
        return self.heads[edge] if self.tails[edge] == node else self.tails[edge]

    def _measure(self) -> None:
        """All cut values: what leaves a subtree less what enters it is a sum over its nodes."""
        total = [len(out) - len(into) for out, into in zip(self.leaving, self.arriving, strict=True)]
        for node in self.by_lim:
            edge = self.parent[node]
            if edge >= 0:
                self.cut[edge] = total[node] if self.tails[edge] == node else -total[node]
                total[self._above(node)] += total[node]

    def _exchange(self, leaving: int) -> int:
        """Replace a tree edge by the tightest one that joins its two sides the other way round; returns that one."""
        tail, head = self.tails[leaving], self.heads[leaving]
        below = tail if self.lim[tail] < self.lim[head] else head
        subtree = self.by_lim[self.low[below] : self.lim[below] + 1]
        entering, slack = self._entering(subtree, outwards=below == head)
        if slack:
            shift = slack if below == head else -slack
            for node in subtree:
                self.rank[node] += shift
        cut = self.cut[leaving]
        top = self._carry(self.tails[entering], self.heads[entering], cut, from_tail=True)
        self._carry(self.heads[entering], self.tails[entering], cut, from_tail=False)
        self.cut[leaving], self.cut[entering] = 0, -cut
        self.in_tree[leaving], self.in_tree[entering] = False, True
        for end in (tail, head):
            self.tree_edges[end].remove(leaving)
        for end in (self.tails[entering], self.heads[entering]):
            self.tree_edges[end].append(entering)
        self._number(top, self.low[top])
        return entering

    def _entering(self, subtree: Sequence[int], *, outwards: bool) -> tuple[int, int]:
        """The edge of least slack out of the subtree, or into it, with its slack."""
        rank, lim = self.rank, self.lim
        low, high = lim[subtree[0]], lim[subtree[-1]]
        touching, ends = (self.leaving, self.heads) if outwards else (self.arriving, self.tails)
        best, least = -1, 1 << 60
        for node in subtree:
            for edge in touching[node]:
                other = ends[edge]
                if not low <= lim[other] <= high:
                    slack = abs(rank[other] - rank[node])
                    if slack < least:
                        best, least = edge, slack
        return best, least - 1

    def _carry(self, node: int, other: int, cut: int, *, from_tail: bool) -> int:
        """Add `cut` along the way up from `node` to the first ancestor that has `other` below it; returns that one."""
        lim = self.lim
        while not self.low[node] <= lim[other] <= lim[node]:
            edge = self.parent[node]
            self.cut[edge] += cut if (self.tails[edge] == node) == from_tail else -cut
            node = self._above(node)
        return node
