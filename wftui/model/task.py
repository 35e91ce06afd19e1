"""Tasks, their attempts and their errors."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from wftui.model.workflow import no_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.operator import Placed
    from wftui.model.status import Status, TimeSource


class TaskKind(Enum):
    """What a task is; the value is the word in JSON."""

    TASK = "task"
    CONTINUATION = "continuation"
    CHECKPOINT = "checkpoint"
    WAIT = "wait"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An error as it was recorded, read without executing anything.

    Attributes:
        type: The class, qualified as Python prints it ("ValueError", "shop.NoStock"); None when unreadable.
        message: The text of it, or why it cannot be told.
        args: The arguments, each rendered inertly.
        caught: The task was told to return it instead of failing.
        stale: It belongs to an earlier attempt than the current one.
        traceback: The text of a traceback where the record holds one; raw.
        causes: What led to it, nearest first, where the record holds it; flat: they have no causes themselves.
        notes: What was added with `add_note`, which Python prints below the message; raw.
    """

    type: str | None
    message: str
    args: tuple[str, ...] = ()
    caught: bool = False
    stale: bool = False
    traceback: str | None = None
    causes: tuple[ErrorInfo, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a task. Times are Unix seconds; `number` counts from 1.

    Attributes:
        number: Which.
        status: How it stands, or ended.
        started_at: When it began.
        ended_at: When it ended.
        error: Why it failed.
        worker: Who works on it, or did.
        id: The engine's id of it, where it has one; raw.
        due_at: Before it begins: not before then.
        claimed_until: The worker has it until then, unless it tells that it goes on.
    """

    number: int
    status: Status
    started_at: float | None = None
    ended_at: float | None = None
    error: ErrorInfo | None = None
    worker: str | None = None
    id: str | None = None
    due_at: float | None = None
    claimed_until: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a workflow. Times are Unix seconds, sizes bytes.

    Attributes:
        id: The engine's id; raw.
        name: The id without the engine's counting suffix.
        kind: What it is.
        status: The common status.
        upstream: The ids it waits for.
        parent: The continuation task whose sub-DAG it belongs to.
        continuation: For a continuation: the id of the output task of the sub-DAG that it returned.
        started_at: The start of the latest attempt.
        ended_at: Its end; None while it has none.
        ended_at_source: Where that time comes from.
        attempts: Every attempt that is known, oldest first; None where the engine does not tell.
        failed_at: When the attempt before the latest one failed, where nothing else is known of it.
        max_retries: How often the engine tries again; None if not recorded.
        error: What was raised, caught or stale ones included.
        output_size: Bytes of its own checkpointed output.
        options: The engine's options for it; raw.
        user_metadata: What the user attached; raw.
        node: The machine it runs on, if known.
        pid: The worker's process id, if known.
        waiting_for: In words, what it waits for, if known.
        waiting_since: Since when, if known.
        untold: What the engine cannot tell of it, and how it could, one line; "" where nothing is missing.
        operator: What it is in the definition of its workflow; None where no definition is known.
    """

    id: str
    name: str
    kind: TaskKind
    status: Status
    upstream: tuple[str, ...] = ()
    parent: str | None = None
    continuation: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    ended_at_source: TimeSource | None = None
    attempts: tuple[Attempt, ...] | None = None
    max_retries: int | None = None
    error: ErrorInfo | None = None
    output_size: int | None = None
    options: Mapping[str, object] = field(default_factory=no_metadata)
    user_metadata: Mapping[str, object] = field(default_factory=no_metadata)
    node: str | None = None
    pid: int | None = None
    waiting_for: str | None = None
    operator: Placed | None = None
    failed_at: float | None = None
    waiting_since: float | None = None
    untold: str = ""

    @property
    def label(self) -> str:
        """What people read: the id where it is the name or a name with a count, the name of what has a number; raw."""
        return self.id if not self.name or self.id.startswith(self.name) else self.name

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None when either is not known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at
