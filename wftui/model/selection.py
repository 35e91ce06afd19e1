"""Which workflows are wanted of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.status import Status


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list is limited to; a source may read more than that.

    Attributes:
        statuses: Only these; empty for all.
        name: A glob on the id or the name; None for all.
        since: Only what started or entered its status at or after that, in Unix seconds; None for all.
        limit: Only the first so many: failed, running, others; newest start first, without one last; then by id.
    """

    statuses: frozenset[Status] = frozenset()
    name: str | None = None
    since: float | None = None
    limit: int | None = None
