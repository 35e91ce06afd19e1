"""Workflows: their key, the row of a list, and the whole of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from wftui.model.status import StatusSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.audit import Deed
    from wftui.model.event import Event
    from wftui.model.history import History
    from wftui.model.status import Status, TimeSource
    from wftui.model.task import ErrorInfo, Task

# Shared by all rows without metadata; typed as what nobody may change. A plain dict, because it is pickled and dumped.
_EMPTY: Mapping[str, object] = {}


def no_metadata() -> Mapping[str, object]:
    """The one empty mapping."""
    return _EMPTY


class WorkflowKey(NamedTuple):
    """What names a workflow everywhere. A tuple, because keys are hashed and compared more than all else.

    Attributes:
        target: The target it was read from, credentials masked.
        engine: "ray" or "absurd".
        namespace: The Absurd queue; None for Ray.
        id: The engine's id, raw: it may hold any character, even none.
    """

    target: str
    engine: str
    namespace: str | None
    id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Tasks done of tasks known."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a target that could not be read or does not fit; the rest goes on.

    Attributes:
        path: Where, as the engine names it; raw.
        what: What is wrong, in words.
    """

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class WorkflowSummary:
    """One row of a list. Times are Unix seconds.

    Attributes:
        key: What names it.
        status: The common status.
        status_source: Who says so.
        recorded_status: The engine's own word, on disk or in the database; "" where there is none.
        name: A name beside the id; None for Ray.
        version: The version of what it runs; None where there is none.
        status_since: When it entered the status (Ray: the mtime of the index entry), if known.
        started_at: The recorded start.
        ended_at: When it ended; None while it is not.
        ended_at_source: Where that time comes from.
        last_write: Time of the last write that was seen, the age behind "recorded as RUNNING"; None if not known.
        progress: Tasks done of tasks known; None where that was not read.
        user_metadata: What the user attached; raw.
        error: The earliest uncaught error.
        note: A short remark of the source, as "cancel armed"; "" if none.
        complete: False while only the index was read, so that times, metadata and error may still follow.
    """

    key: WorkflowKey
    status: Status
    status_source: StatusSource
    recorded_status: str
    name: str | None = None
    status_since: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    ended_at_source: TimeSource | None = None
    last_write: float | None = None
    progress: Progress | None = None
    user_metadata: Mapping[str, object] = field(default_factory=no_metadata)
    error: ErrorInfo | None = None
    note: str = ""
    complete: bool = False
    version: str | None = None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None when either is not known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return self.ended_at - self.started_at

    def __reduce__(self) -> tuple[type[WorkflowSummary], tuple[object, ...]]:
        """How it is pickled: many go between processes, and what a dataclass does for itself takes thrice as long."""
        return WorkflowSummary, tuple(getattr(self, name) for name in WorkflowSummary.__slots__)


@dataclass(frozen=True, slots=True)
class WorkflowDetail:
    """The whole of one workflow.

    Attributes:
        summary: Its row, complete.
        tasks: Every known task, upstream before downstream where the graph allows it.
        output_task: The task whose output is the workflow's; None if not recorded.
        problems: What could not be read.
        truncated: (shown, total) tasks where a bound cut the list; None otherwise.
        events: What its tasks wait for or waited for, where the engine has events.
        read: (tasks read, total) while more of it is still on its way; None when nobody waits for more.
        as_of: The moment in its past that this shows (Unix seconds); None for the present.
        remarks: What to know of how it came about, as that its order is inferred.
        deeds: What was done to it with wftui by this user on this machine, oldest first; the monitor adds it.
        history: Earlier runs of it, where somebody read them.
    """

    summary: WorkflowSummary
    tasks: tuple[Task, ...] = ()
    output_task: str | None = None
    problems: tuple[Problem, ...] = ()
    truncated: tuple[int, int] | None = None
    read: tuple[int, int] | None = None
    events: tuple[Event, ...] = ()
    as_of: float | None = None
    remarks: tuple[Problem, ...] = ()
    deeds: tuple[Deed, ...] = ()
    history: History | None = None

    @property
    def live(self) -> bool:
        """Whether somebody who knows says what runs, so that durations may grow.

        A bare directory cannot tell running from crashed; of a moment in the past it is known.
        """
        return self.as_of is not None or self.summary.status_source is not StatusSource.STORAGE
