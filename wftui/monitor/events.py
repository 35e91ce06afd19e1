"""What the monitor tells whoever listens. Immutable: these cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from wftui.model.action import NOTHING

if TYPE_CHECKING:
    from wftui.model.action import ActionKind, ActionOutcome, ActionPlan, Given
    from wftui.model.change import Change
    from wftui.model.output import OutputPart
    from wftui.model.values import TaskValues
    from wftui.model.workflow import Problem, WorkflowDetail, WorkflowKey
    from wftui.sources.base import SourceInfo


class Health(Enum):
    """How a source is doing."""

    CONNECTING = "connecting"
    LISTING = "listing"
    LIVE = "live"
    PAUSED = "paused"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of one source.

    Attributes:
        info: What it is, its notes included.
        health: How it is doing.
        read_only: Whether it offers no actions.
        kinds: What can be done to its workflows.
        as_of: Unix seconds of the last successful look; None before the first.
        error: Why it is down, one line; "" otherwise.
        retry_at: Unix seconds of the next try while down.
        loaded: Rows loaded so far.
        total: Rows there are, if known; `loaded < total` while a listing runs.
        enriched: Rows whose times and metadata are loaded.
        problems: All problems of the target as a whole.
    """

    info: SourceInfo
    health: Health
    read_only: bool
    kinds: frozenset[ActionKind] = frozenset()
    as_of: float | None = None
    error: str = ""
    retry_at: float | None = None
    loaded: int = 0
    total: int | None = None
    enriched: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceChanged:
    """A source's state is new. `target` names the source."""

    target: str
    state: SourceState


@dataclass(frozen=True, slots=True)
class WorkflowsChanged:
    """Rows were added, updated or removed. In one batch each key stands at most once."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class DetailChanged:
    """An open workflow was read.

    Attributes:
        key: Which one.
        detail: The whole of it; None when it could not be read.
        error: Why not, one line.
        gone: It does not exist any more.
        as_of: Unix seconds.
    """

    key: WorkflowKey
    detail: WorkflowDetail | None
    error: str = ""
    gone: bool = False
    as_of: float = 0.0


@dataclass(frozen=True, slots=True)
class PlansReady:
    """The answer to `Monitor.plan`. `errors` holds a line for each key that could not be read; `given` as it was."""

    kind: ActionKind
    plans: tuple[ActionPlan, ...]
    errors: tuple[str, ...] = ()
    given: Given = NOTHING


@dataclass(frozen=True, slots=True)
class ActionDone:
    """The answer to `Monitor.act`, one event for each workflow as soon as its outcome is known."""

    outcome: ActionOutcome


@dataclass(frozen=True, slots=True)
class ValuesRead:
    """The answer to `Monitor.read_values`.

    Attributes:
        key: The workflow.
        task_id: Its task.
        values: What the task was given and gave back; None where that could not be read.
        error: Why not, one line.
    """

    key: WorkflowKey
    task_id: str
    values: TaskValues | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class OutputRead:
    """The next part of what a task prints, as long as it is followed.

    Attributes:
        key: The workflow.
        task_id: Its task.
        part: What came; None where it could not be read.
        error: Why not, one line.
        retries: Whether it is tried again.
    """

    key: WorkflowKey
    task_id: str
    part: OutputPart | None
    error: str = ""
    retries: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the user should know, and that needs no answer: that what is done is not kept, say."""

    text: str


Event = SourceChanged | WorkflowsChanged | DetailChanged | PlansReady | ActionDone | ValuesRead | OutputRead | Remark
