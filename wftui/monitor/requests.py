"""Plans, actions and values of tasks, one at a time for a source, beside its watching."""

from __future__ import annotations

import queue
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.errors import WftuiError
from wftui.model.action import NOTHING, ActionOutcome
from wftui.monitor.deeds import Doer
from wftui.monitor.events import ActionDone, PlansReady, Remark, ValuesRead
from wftui.sources.base import Valued

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.action import ActionKind, ActionPlan, Given
    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.audit import AuditFile
    from wftui.monitor.events import Event
    from wftui.sources.base import Source

_END = None


class RequestLoop:
    """Runs what the user asked for. Daemon thread: an engine that never answers cannot hold the exit.

    Args:
        source: Whose workflows.
        listen: Gets every event.
        on_done: Called after every action, so that its effect is looked for at once.
        audit: Where it is kept what was done; None for nowhere.
    """

    def __init__(
        self,
        source: Source,
        listen: Callable[[Event], None],
        on_done: Callable[[], None],
        audit: AuditFile | None = None,
    ) -> None:
        self._source = source
        self._doer = Doer(audit, lambda text: listen(Remark(text)))
        self._listen = listen
        self._on_done = on_done
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"wftui-ask-{source.info.target}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way."""
        self._queue.put(_END)

    def plan(
        self,
        kind: ActionKind,
        keys: Sequence[WorkflowKey],
        done: Callable[[PlansReady], None],
        given: Given = NOTHING,
    ) -> None:
        """Plan for each key; `done` gets them all at once."""
        self._queue.put(lambda: done(self._plan(kind, keys, given)))

    def act(self, kind: ActionKind, keys: Sequence[WorkflowKey], *, arm: bool, given: Given = NOTHING) -> None:
        """Act on each key; an event for each outcome."""
        self._queue.put(lambda: self._act(kind, keys, arm, given))

    def disarm(self, kind: ActionKind, key: WorkflowKey) -> None:
        """Take back an armed action."""
        self._queue.put(lambda: self._disarm(kind, key))

    def values(self, key: WorkflowKey, task_id: str) -> None:
        """Read what a task was given and gave back."""
        self._queue.put(lambda: self._listen(self._values(key, task_id)))

    def _values(self, key: WorkflowKey, task_id: str) -> ValuesRead:
        if not isinstance(self._source, Valued):
            return ValuesRead(key, task_id, None, "this source does not tell them")
        try:
            values = next((values for _, values in self._source.values(key.id, [task_id])), None)
        except WftuiError as error:
            return ValuesRead(key, task_id, None, str(error))
        except Exception as defect:  # noqa: BLE001 - shown to the user, who asked for it
            return ValuesRead(key, task_id, None, f"internal error: {type(defect).__name__}: {defect}")
        return ValuesRead(key, task_id, values, "" if values is not None else "there are none")

    def _run(self) -> None:
        while (request := self._queue.get()) is not _END:
            request()

    def _plan(self, kind: ActionKind, keys: Sequence[WorkflowKey], given: Given) -> PlansReady:
        plans: list[ActionPlan] = []
        errors: list[str] = []
        actions = self._source.actions
        for key in keys:
            if actions is None or kind not in actions.kinds:
                errors.append(f"{key.id}: this source cannot {kind.value}")
                continue
            try:
                plans.append(replace(actions.plan(kind, key.id, given), key=key))
            except WftuiError as error:
                errors.append(f"{key.id}: {error}")
            except Exception as defect:  # noqa: BLE001 - shown to the user, who asked for it
                errors.append(f"{key.id}: internal error: {type(defect).__name__}: {defect}")
        return PlansReady(kind, tuple(plans), tuple(errors), given)

    def _act(self, kind: ActionKind, keys: Sequence[WorkflowKey], arm: bool, given: Given) -> None:
        for key in keys:
            self._listen(ActionDone(self._outcome(kind, key, arm, given)))
            self._on_done()

    def _outcome(self, kind: ActionKind, key: WorkflowKey, arm: bool, given: Given) -> ActionOutcome:
        actions = self._source.actions
        if actions is None or kind not in actions.kinds:
            return ActionOutcome(key, kind, False, None, None, f"this source cannot {kind.value}")
        try:
            return replace(self._doer.act(self._source, actions, kind, key.id, arm=arm, given=given), key=key)
        except WftuiError as error:
            return ActionOutcome(key, kind, False, None, None, str(error))
        except Exception as defect:  # noqa: BLE001 - shown to the user, who asked for it
            return ActionOutcome(key, kind, False, None, None, f"internal error: {type(defect).__name__}: {defect}")

    def _disarm(self, kind: ActionKind, key: WorkflowKey) -> None:
        actions = self._source.actions
        taken_back = actions is not None and self._doer.disarm(self._source, actions, key.id)
        why = "disarmed" if taken_back else "nothing was armed"
        self._listen(ActionDone(ActionOutcome(key, kind, taken_back, None, None, why)))
        self._on_done()
