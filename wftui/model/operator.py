"""What a step of a workflow definition does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Operator(Enum):
    """The kinds of operators of a Highway definition; the value is the `operator_type` of the format."""

    TASK = "task"
    ACTIVITY = "activity"
    CONDITION = "condition"
    SWITCH = "switch"
    CHOICE = "multi_choice"
    PARALLEL = "parallel"
    JOIN = "join"
    FOREACH = "foreach"
    WHILE = "while"
    WAIT = "wait"
    AWAIT = "wait_for_event"
    EMIT = "emit_event"
    CHILD = "child_workflow"
    REFLEXIVE = "reflexive"
    TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class Placed:
    """What a task is in the definition of its workflow. Texts are raw.

    Attributes:
        kind: What the operator does; None for a plain step, and for what is in no definition.
        detail: What that is about: a time to wait, an event, a condition; short.
        branch: Which way leads to it, as "true" or "on failure"; "" where there is but one.
        is_taken: False: it is on a way that was not taken, and will not run.
        is_inferred: Nothing of it is recorded: its status follows from what comes before and after it.
        is_item: One of several tasks of one operator: an item of a loop, an iteration.
        note: What else there is to say, as "not in the definition"; "" if nothing.
        child: The id of the workflow run that it started; None where there is none, or where that is not known.
    """

    kind: Operator | None = None
    detail: str = ""
    branch: str = ""
    is_taken: bool = True
    is_inferred: bool = False
    is_item: bool = False
    note: str = ""
    child: str | None = None
