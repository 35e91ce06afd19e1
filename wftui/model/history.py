"""Earlier runs of a workflow, as far as the next one is told by them. Times are Unix seconds, durations seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.workflow import WorkflowKey


@dataclass(frozen=True, slots=True)
class PastTask:
    """A task of an earlier run.

    Attributes:
        id: Its id there; raw.
        name: Its name; raw.
        top: Whether it was there from the start: in no sub-DAG of a continuation.
        ends: When it ended, with all that it returned: seconds after the start of its run.
        span: From when all that it waited for was done to that end: waiting for its turn included.
        length: From the start of its latest try to that end.
        ran: How long its latest try itself ran.
    """

    id: str
    name: str
    top: bool
    ends: float
    span: float
    length: float
    ran: float


@dataclass(frozen=True, slots=True)
class PastRun:
    """An earlier run that succeeded in one go.

    Attributes:
        key: Which.
        ended_at: When it ended.
        took: From its start to its end.
        tail: From the end of its last task to its own.
        tasks: Its tasks, in order of their ends.
    """

    key: WorkflowKey
    ended_at: float
    took: float
    tail: float
    tasks: tuple[PastTask, ...]


@dataclass(frozen=True, slots=True)
class Usual:
    """How long tasks of a name usually run.

    Attributes:
        runs: In so many earlier runs.
        median: Half of them took no longer.
        most: 95 of 100 took no longer.
    """

    runs: int
    median: float
    most: float


def _no_usual() -> Mapping[str, Usual]:
    return {}


@dataclass(frozen=True, slots=True)
class History:
    """Earlier runs of the same workflow.

    Attributes:
        runs: The newest first.
        usual: How long its tasks usually run, by name.
    """

    runs: tuple[PastRun, ...] = ()
    usual: Mapping[str, Usual] = field(default_factory=_no_usual)
