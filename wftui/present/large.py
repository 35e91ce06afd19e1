"""What is done otherwise with workflows of many tasks. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail

MANY = 500
"""More tasks than that are looked at in a thread."""


def is_partial(detail: WorkflowDetail) -> bool:
    """Whether tasks are still to be read."""
    return detail.read is not None and len(detail.tasks) < detail.read[1]
