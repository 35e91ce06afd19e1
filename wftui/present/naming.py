"""What a workflow is called where people read it: its name and version where it has them, else its id. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def title(row: WorkflowSummary) -> str:
    """The name and the version, or the id; harmless."""
    if row.name is None:
        return visible(row.key.id) or "(empty id)"
    return visible(row.name if row.version is None else f"{row.name} {row.version}") or "(empty name)"


def is_uuid(raw: str) -> bool:
    """Whether an id is one that nobody chose."""
    return _UUID.fullmatch(raw) is not None


def short_id(raw: str, width: int, ellipsis: str) -> str:
    """An id in so many cells; of a uuid the end, because those of one moment begin alike. Harmless."""
    shown = visible(raw)
    if len(shown) <= width or not _UUID.fullmatch(raw):
        return shown
    return ellipsis + shown[len(shown) - max(0, width - len(ellipsis)) :]
