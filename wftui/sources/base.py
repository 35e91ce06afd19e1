"""The contract of a source: one target of one engine.

Every call may block and may come from any thread, but the monitor never has more than one of `open`, `page` and
`changes` under way for a source at a time; `summaries`, `detail` and the actions may run beside them, so a source
guards what it shares. Standard library only: the protocols are also imported inside a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wftui.model.action import ActionKind, ActionOutcome, ActionPlan, Given
    from wftui.model.change import Delta, Page
    from wftui.model.output import OutputPart
    from wftui.model.selection import Selection
    from wftui.model.status import Status
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary


FIRST_PAGE = 200
"""Rows of the first page that the monitor asks for: about as many as a screen shows, so that it is soon not empty."""


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How to open a target.

    Attributes:
        read_only: Build no code path that can write.
        poll: Seconds between polls instead of watching; None chooses by itself.
        interval: Seconds between updates of a live engine; None for the source's own.
        definitions: Files and folders with workflow definitions, for engines whose workflows have them.
        observer: Whether processes of ours may be started inside a cluster, where they are needed to tell all.
    """

    read_only: bool = False
    poll: float | None = None
    interval: float | None = None
    definitions: tuple[str, ...] = ()
    observer: bool = True


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source is, for headers and messages.

    Attributes:
        target: As in every key: credentials masked.
        engine: "ray" or "absurd".
        kind: "cluster", "storage", "archive" or "database".
        interval: Seconds between refreshes when nothing wakes the monitor earlier.
        notes: Short lines on its state, as "no workflow manager yet: showing the storage"; may change.
        watches: How changes are seen, as "inotify" or "polling every 2 s"; may change.
        is_costly: Completing a row costs requests that are paid for: only rows on screen are completed by themselves.
    """

    target: str
    engine: str
    kind: str
    interval: float
    notes: tuple[str, ...] = ()
    watches: str = ""
    is_costly: bool = False


class Actions(Protocol):
    """The writing side of a source. A read-only source has none."""

    @property
    def kinds(self) -> frozenset[ActionKind]:
        """What can be done here at all."""
        ...

    def plan(self, kind: ActionKind, workflow_id: str, given: Given = ...) -> ActionPlan:
        """Read afresh, and tell what the action would do. Writes nothing.

        Args:
            kind: What to do; of a kind that is not among `kinds` it tells why.
            workflow_id: To which workflow; where tasks can be acted on alone, also the id of a task.
            given: What the user gave with it.

        Raises:
            TargetError: The target does not answer.
        """
        ...

    def act(self, kind: ActionKind, workflow_id: str, *, arm: bool = False, given: Given = ...) -> ActionOutcome:
        """Re-read the status, refuse or do it, and read the outcome back.

        Args:
            kind: What to do.
            workflow_id: To which workflow.
            arm: Where the plan says `arms`: wait for the workflow to turn RUNNING, in the background.
            given: What the user gave with it.

        Raises:
            TargetError: The target does not answer.
        """
        ...

    def disarm(self, workflow_id: str) -> bool:
        """Take back an armed action. Returns whether one was armed."""
        ...


class Source(Protocol):
    """One target of one engine, for reading."""

    @property
    def info(self) -> SourceInfo:
        """What this is, now. Cheap: never blocks."""
        ...

    @property
    def actions(self) -> Actions | None:
        """The writing side; None where nothing can be written. Cheap: never blocks."""
        ...

    def open(self) -> None:
        """Connect, or check that the target can be read. Called again after an error.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...

    def close(self) -> None:
        """Let go of everything. May be called at any time and twice; wakes a blocked call where it can."""
        ...

    def page(self, cursor: str | None, limit: int) -> Page:
        """List from `cursor` on (None: from the start) at most `limit` rows, as cheaply as the engine allows.

        Rows may have `complete=False`. After the last page, `changes` tells what came since the first.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...

    def changes(self) -> Delta:
        """What changed since the last call of this or since the listing. Costs what changed.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows for these ids, in this order; ids that are gone are left out.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow.

        Raises:
            NotFoundError: There is none of that id.
            TargetError: It cannot be reached or read.
        """
        ...

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open on screen: watch them closely. Cheap: never blocks."""
        ...

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` from any thread whenever something may have changed, until `close`.

        A source that can only be polled does nothing here.
        """
        ...


@runtime_checkable
class Relisting(Protocol):
    """A source whose looks leave something out to save requests."""

    def relist_soon(self) -> None:
        """Leave nothing out of the next `changes`: the user asked for it. Cheap: never blocks."""
        ...


@runtime_checkable
class Paced(Protocol):
    """A source that is looked at more rarely while nothing happens."""

    def hurry(self) -> bool:
        """Somebody is there: rest no longer than usual. Returns whether it rested longer. Cheap: never blocks."""
        ...


@runtime_checkable
class Gradual(Protocol):
    """A source that reads the whole of a large workflow in steps, what is looked at before all else."""

    def detail_steps(
        self, workflow_id: str, shown: Callable[[], Sequence[str] | None], *, again: bool
    ) -> Iterator[WorkflowDetail]:
        """The whole of one workflow, each step with more of it than the one before. May be left at any step.

        Args:
            workflow_id: Which.
            shown: Gives the ids of the tasks on screen now; None where nobody tells, and then all count as shown.
            again: Only what is shown changed since the last time: what is there need not be listed anew.

        Raises:
            NotFoundError: There is none of that id.
            TargetError: It cannot be reached or read.
        """
        ...


@runtime_checkable
class Valued(Protocol):
    """A source that can tell what tasks were given and gave back."""

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """The values of these tasks, in order, each looked into inertly and with bounds.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...


@runtime_checkable
class Printing(Protocol):
    """A source that can tell what tasks print."""

    def output(
        self,
        workflow_id: str,
        task_id: str,
        position: str | None,
        *,
        attempt: int | None = None,
        most: int = 65_536,
        latest: bool = False,
    ) -> OutputPart:
        """What a task printed after `position`; from any thread, and beside all else. Does not wait for more.

        Args:
            workflow_id: Of which workflow.
            task_id: Which task.
            position: Where the last part ended; "" begins with the first character that there is, None with the last
                `most` of them.
            attempt: Which attempt, from 1; None for the latest.
            most: Characters in one part, at most about so many.
            latest: Of more than that, the last ones, and `skipped` tells of the others; else the first.

        Raises:
            NotFoundError: There is no such workflow or task.
            TargetError: It cannot be read, and why; what would have to be installed or started for it.
        """
        ...


@runtime_checkable
class Divisible(Protocol):
    """A source that holds nothing open, so that forks of a process may each read a part of its rows (`summaries`)."""

    def statuses(self) -> Mapping[str, Status]:
        """Id and status of all that is listed, as the index alone tells them: a row for each would cost much more.

        Raises:
            TargetError: It cannot be read.
        """
        ...


@runtime_checkable
class Selective(Protocol):
    """A source that finds what is wanted of many workflows without listing all of them."""

    def select(self, wanted: Selection) -> Iterator[Sequence[WorkflowSummary]]:
        """Complete rows: all that is wanted, and perhaps more, in any order. Of more than are kept in a list, too.

        Raises:
            TargetError: It cannot be reached or read.
        """
        ...


class Engine(Protocol):
    """What `sources/<engine>/engine.py` offers as `ENGINE`. Importing that module must be cheap."""

    @property
    def name(self) -> str:
        """The word in keys and JSON."""
        ...

    @property
    def rank(self) -> int:
        """Who is asked first for a default target: the lowest."""
        ...

    def claims(self, target: str) -> bool:
        """Whether this engine opens targets of that form."""
        ...

    def make(self, target: str, options: SourceOptions) -> Source:
        """A source for the target; nothing is opened yet.

        Raises:
            TargetError: The target cannot be opened in this environment (an extra is missing, say).
            UsageError: The target is malformed.
        """
        ...

    def default_target(self, environ: dict[str, str]) -> str | None:
        """The target to open when none was given, found cheaply; None if there is none."""
        ...
