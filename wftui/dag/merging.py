"""Merging: several items of a graph become one, and every edge leads where its ends went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.dag.graphs import Dag, build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.dag.graphs import Item


def merge(dag: Dag, into: Sequence[int], items: Sequence[Item]) -> Dag:
    """The graph with other items.

    Args:
        dag: The graph as it is.
        into: Of each of its items the new one, by position in `items`.
        items: The new items. No cycle may come of it.
    """
    after: list[dict[int, None]] = [{} for _ in items]
    returned: list[dict[int, None]] = [{} for _ in items]
    for at, here in enumerate(into):
        after[here].update((into[other], None) for other in dag.after[at])
        returned[here].update((into[other], None) for other in dag.returned[at])
    for here in range(len(items)):
        after[here].pop(here, None)
        returned[here].pop(here, None)
        for other in after[here]:
            returned[here].pop(other, None)  # one line tells both
    made = build(items, [list(targets) for targets in after], [list(targets) for targets in returned])
    return replace(made, notes=dag.notes)
