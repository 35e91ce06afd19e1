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
    EMIT = "emit"


@dataclass(frozen=True, slots=True)
class Given:
    """What the user gives with an action, beside a yes. An engine takes what it knows.

    Attributes:
        max_attempts: How often a task that is resumed may run in all; None for one attempt more.
        as_new: Resume by spawning the task anew, from its start; the failed one stays.
        event: The name of the event to emit.
        payload: Its payload, JSON as it was typed.
    """

    max_attempts: int | None = None
    as_new: bool = False
    event: str = ""
    payload: str = "null"


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class TaskEffect:
    """What an action would do to one task of a workflow.

    Attributes:
        id: The task.
        name: As it is shown.
        status: As just read.
        what: A few words: "is cancelled; packer-1 runs it and is told at its next step".
    """

    id: str
    name: str
    status: Status
    what: str


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
        name: What it is called, where its id alone tells nobody: "order.fulfil".
        tasks: What happens to each of its tasks, where an engine tells it one by one.
        least_attempts: The lowest `Given.max_attempts` that may be given; None where there is no such choice.
        events: The names of the events that it waits for (emit).
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
    name: str = ""
    tasks: tuple[TaskEffect, ...] = ()
    least_attempts: int | None = None
    events: tuple[str, ...] = ()


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
