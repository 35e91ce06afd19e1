"""What a step of a workflow definition does."""

from __future__ import annotations

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
