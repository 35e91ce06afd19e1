"""Foreign values of columns: bounded JSON, times, errors, ids. Pure."""

from __future__ import annotations

import json
import math
import time
import uuid
from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.sources.absurd.queries import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "pending": Status.PENDING,
        "running": Status.RUNNING,
        "sleeping": Status.WAITING,
        "completed": Status.SUCCESSFUL,
        "failed": Status.FAILED,
        "cancelled": Status.CANCELED,
    }
)
_DAY = 86_400.0


def status_of(word: object) -> Status:
    """The common status of a word of Absurd."""
    return STATUSES.get(str(word), Status.UNKNOWN)


def seconds(value: object) -> float | None:
    """Unix seconds; None for null and for an infinity."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def value_of(text: str | None, bound: int) -> object:
    """A JSON value from its bounded text; of what is longer or cannot be parsed the beginning, as text."""
    if text is None:
        return None
    if text.startswith("#"):
        return f"(not read: {int(text[1:]):,} bytes)"
    if len(text) > bound:
        return f"{text[:BEGINNING]}… (more than {bound:,} characters)"
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        # A text column of somebody else's, or nested deeper than Python parses.
        return text if len(text) <= BEGINNING else f"{text[:BEGINNING]}… ({len(text):,} characters were read)"
    return value


def mapping_of(text: str | None, bound: int, name: str) -> Mapping[str, object]:
    """A JSON object; anything else that is there becomes the one member `name`."""
    value = value_of(text, bound)
    if value is None:
        return {}
    return value if isinstance(value, dict) else {name: value}


def error_of(text: str | None, bound: int, *, stale: bool = False) -> ErrorInfo | None:
    """An error as Absurd's clients record it: name or type, message, traceback; or anything else."""
    value = value_of(text, bound)
    if value is None:
        return None
    if not isinstance(value, dict):
        return ErrorInfo(None, value if isinstance(value, str) else json.dumps(value), stale=stale)
    kind = _first_text(value, "name", "type", "error_type")
    message = _first_text(value, "message", "error", "reason")
    trace = _first_text(value, "traceback", "stack")
    if message is None:
        rest = {key: item for key, item in value.items() if key not in ("name", "type", "traceback")}
        message = json.dumps(rest)[:BEGINNING] if rest else ""
    return ErrorInfo(kind, message, stale=stale, traceback=trace)


def _first_text(value: Mapping[str, object], *names: str) -> str | None:
    return next((found for name in names if isinstance(found := value.get(name), str)), None)


def uuid_or_none(text: object) -> uuid.UUID | None:
    """The uuid that a text is, in its canonical form only: another form would be another id."""
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None


def lowest_id(when: float) -> str:
    """The lowest uuid of version 7 at that time (Unix seconds): RFC 9562, 48 bits of milliseconds first."""
    milliseconds = min(max(0, int(when * 1000)), 2**48 - 1)
    return str(uuid.UUID(int=milliseconds << 80))


def time_of_id(task_id: str) -> float | None:
    """The time in a uuid of version 7, Unix seconds."""
    found = uuid_or_none(task_id)
    return (found.int >> 80) / 1000 if found is not None and found.version == 7 else None


def clock(when: float, now: float) -> str:
    """A local time of day, with its date when it is another day's: "14:02", "2026-11-22 14:02"."""
    try:
        there, here = time.localtime(when), time.localtime(now)
    except (ValueError, OverflowError, OSError):
        return f"{when:g}"
    same = there[:3] == here[:3]
    return time.strftime("%H:%M" if same else "%Y-%m-%d %H:%M", there)


def span(length: float) -> str:
    """A length in its largest unit. Coarse, so that what is waited for does not read differently at every look."""
    if length < 60:
        return "under 1m"
    if length < 3600:
        return f"{int(length // 60)}m"
    if length < _DAY:
        return f"{int(length // 3600)}h{int(length % 3600 // 60):02d}"
    return f"{int(length // _DAY)}d"
