"""What was done to workflows with wftui, as it is kept in the user's audit file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.workflow import no_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Deed:
    """One action on one workflow, by whoever ran wftui here. A line of the file, key by key.

    Attributes:
        at: When its outcome was known, in Unix seconds.
        user: Who, by the account that the process ran under.
        host: On which machine.
        pid: Of which process.
        target: The target, credentials masked.
        engine: "ray" or "absurd".
        namespace: The Absurd queue; None for Ray.
        workflow: The id that was acted on, raw; for Absurd it may be that of a task.
        action: "cancel", "resume", "delete", "emit", or "disarm".
        outcome: "done", "armed", "refused", "failed" (the target did not answer) or "interrupted" (nobody knows).
        given: The parameters that differ from none, without values that may be secret.
        status_before: The status just before, as in JSON; None where it was not read.
        status_after: The status read back.
        why: The reason or a remark, URLs masked.
    """

    at: float
    user: str
    host: str
    pid: int
    target: str
    engine: str
    namespace: str | None
    workflow: str
    action: str
    outcome: str
    given: Mapping[str, object] = field(default_factory=no_metadata)
    status_before: str | None = None
    status_after: str | None = None
    why: str = ""
