"""Actions on workflows: what would happen, and what did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowKey


class ActionKind(Enum):
    """What can be done to a workflow; the value is the word in JSON."""

    CANCEL = "cancel"
    RESUME = "resume"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """What an action would do, read afresh from the target.

    Attributes:
        key: The workflow.
        kind: The action.
        allowed: Whether it may be done now.
        status: The status just read; None when there is no such workflow.
        why: The reason when it is not allowed; otherwise "".
        effects: What will happen, a sentence a line.
        arms: True when it cannot be done now but can be armed, to fire when the workflow turns RUNNING.
        keeps: Ids of tasks whose checkpoints are kept (resume).
        runs_again: Ids of tasks that would run (resume).
    """

    key: WorkflowKey
    kind: ActionKind
    allowed: bool
    status: Status | None
    why: str = ""
    effects: tuple[str, ...] = ()
    arms: bool = False
    keeps: tuple[str, ...] = ()
    runs_again: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """What an action did.

    Attributes:
        key: The workflow.
        kind: The action.
        done: Whether it was done.
        status_before: Read just before.
        status_after: Read back afterwards; None when the workflow is gone or cannot be read.
        why: The reason when it was not done, or a remark.
        armed: True when it now waits for the workflow to turn RUNNING.
        not_found: True when there is no such workflow.
    """

    key: WorkflowKey
    kind: ActionKind
    done: bool
    status_before: Status | None
    status_after: Status | None
    why: str = ""
    armed: bool = False
    not_found: bool = False
