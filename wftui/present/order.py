"""What rows are ordered by. Pure."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.glyphs import STATUS_RANK
from wftui.present.secrets import mask_value
from wftui.present.workflow_cells import METADATA, as_text, metadata_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wftui.model.workflow import WorkflowSummary

Order = tuple[object, ...]
_MISSING: Order = (1,)
_LAST = math.inf  # no status has that rank, and no time is infinite


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column, and which way."""

    column: str = "status"
    descending: bool = False


def sort_key(sort: Sort) -> Callable[[WorkflowSummary], Order | float]:
    """What rows are ordered by, apart from the id that settles ties. What has no value stands last, both ways.

    The same type for all rows: a number where one is enough, because lists of these are sorted several times as fast.
    """
    sign = -1 if sort.descending else 1
    if sort.column == "status":
        return lambda row: sign * STATUS_RANK[row.status]
    if sort.column == "started":
        return lambda row: _LAST if row.started_at is None else sign * row.started_at
    value = _values(sort.column)
    turn = _descending if sort.descending else _ascending

    def order(row: WorkflowSummary) -> Order:
        found = value(row)
        return _MISSING if found is None else (0, *turn(found))

    return order


def _values(column: str) -> Callable[[WorkflowSummary], Order | None]:
    if column.startswith(METADATA):
        key = column[len(METADATA) :]
        # Secrets are all alike, so that their order tells nothing of them.
        return lambda row: _comparable(mask_value(key, metadata_value(row.user_metadata, key)))
    return _VALUES[column]


def _progress_value(row: WorkflowSummary) -> Order | None:
    return None if row.progress is None else (row.progress.done / max(1, row.progress.total), row.progress.total)


def _duration_value(row: WorkflowSummary) -> Order | None:
    if row.duration is not None:
        return (0, row.duration)
    # What still runs is longer than anything ended; among it, what began first.
    return (1, -row.started_at) if row.status.is_active and row.started_at is not None else None


def _error_value(row: WorkflowSummary) -> Order | None:
    return None if row.error is None else (row.error.type or "", row.error.message)


_VALUES: dict[str, Callable[[WorkflowSummary], Order | None]] = {
    "id": lambda row: (row.key.id,) if row.name is None else (row.name, row.version or "", row.key.id),
    "key": lambda row: (row.key.id,),
    "namespace": lambda row: None if row.key.namespace is None else (row.key.namespace,),
    "engine": lambda row: (row.key.engine,),
    "source": lambda row: (row.key.target,),
    "progress": _progress_value,
    "duration": _duration_value,
    "error": _error_value,
}


def _comparable(value: object) -> Order | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, (int, float)):
        return (0, value)
    return (1, as_text(value))


def _ascending(value: Iterable[object]) -> Order:
    return tuple(value)


class _Flipped(dict[int, int]):
    """Code points upside down, as `str.translate` takes them; filled in as they occur."""

    def __missing__(self, code: int) -> int:
        self[code] = flipped = max(0, sys.maxunicode - 1 - code)
        return flipped


_FLIPPED = _Flipped()
_AFTER_ALL = chr(sys.maxunicode)  # what is shorter stands later


def _descending(value: Iterable[object]) -> Order:
    """Such that ordering it upwards orders `value` downwards: numbers negated, texts upside down."""
    return tuple(v.translate(_FLIPPED) + _AFTER_ALL if isinstance(v, str) else -v for v in value)  # type: ignore[operator] # only numbers are left
