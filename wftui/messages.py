"""What the monitor tells, as the app's messages, and the box that collects it between two looks of the UI."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from wftui.monitor.events import (
    ActionDone,
    DetailChanged,
    OutputRead,
    PlansReady,
    Remark,
    SourceChanged,
    ValuesRead,
    WorkflowsChanged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.estimates.estimate import Estimate
    from wftui.model.change import Change
    from wftui.model.history import History
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.monitor.events import Event, SourceState


class News(Message):
    """The box holds something. Posted from threads of the monitor."""


@dataclass
class Hopeless(Message):
    """None of the sources can be opened. Posted from the thread that opened them."""

    error: BaseException


@dataclass
class SourceUpdated(Message):
    """A source's state is new."""

    state: SourceState


@dataclass
class WorkflowsUpdated(Message):
    """Rows were added, updated or removed; one change for each workflow, its last."""

    changes: tuple[Change, ...]


@dataclass
class DetailUpdated(Message):
    """An open workflow was read."""

    event: DetailChanged


@dataclass
class PlansArrived(Message):
    """What an action would do is known."""

    event: PlansReady


@dataclass
class ActionFinished(Message):
    """An action on one workflow has an outcome."""

    event: ActionDone


@dataclass
class ValuesArrived(Message):
    """What a task was given and gave back is known, or why it is not."""

    event: ValuesRead


@dataclass
class OutputArrived(Message):
    """The next part of what a task prints is there, or why it is not."""

    event: OutputRead


@dataclass
class Remarked(Message):
    """Something that the user should know."""

    event: Remark


@dataclass
class Expected(Message):
    """When a workflow will be done was worked out, in a thread.

    Attributes:
        key: Which.
        detail: As it was when that was done.
        history: Earlier runs of it; None where they could not be read.
        estimate: When it will be done; None without a history.
    """

    key: WorkflowKey
    detail: WorkflowDetail
    history: History | None
    estimate: Estimate | None


_ANSWERS = {
    Remark: Remarked,
    PlansReady: PlansArrived,
    ActionDone: ActionFinished,
    ValuesRead: ValuesArrived,
    OutputRead: OutputArrived,
}


class Inbox:
    """Collects events from any thread, and hands them out as few messages: only the last of what replaces itself.

    Args:
        wake: Called, from any thread, when the box stops being empty.
    """

    def __init__(self, wake: Callable[[], object]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()

    def put(self, event: Event) -> None:
        """Take an event in. Never blocks for long."""
        with self._lock:
            first = not self._events
            self._events.append(event)
        if first:
            self._wake()

    def take(self) -> list[Message]:
        """Empty the box. Rows come first, then states, details, and what was asked for."""
        with self._lock:
            events, self._events = self._events, deque()
        states: dict[str, SourceState] = {}
        changes: dict[WorkflowKey, Change] = {}
        details: dict[WorkflowKey, DetailChanged] = {}
        asked: list[Message] = []
        for event in events:
            if isinstance(event, SourceChanged):
                states[event.target] = event.state
            elif isinstance(event, WorkflowsChanged):
                for change in event.changes:
                    changes[change.key] = change
            elif isinstance(event, DetailChanged):
                details[event.key] = event
            else:
                asked.append(_ANSWERS[type(event)](event))
        rows: list[Message] = [WorkflowsUpdated(tuple(changes.values()))] if changes else []
        return [
            *rows,
            *(SourceUpdated(state) for state in states.values()),
            *(DetailUpdated(event) for event in details.values()),
            *asked,
        ]
