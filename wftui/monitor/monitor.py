"""The one monitor of the app: a list of sources, each with its own interval, state and backoff."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from wftui.model.action import NOTHING, ActionKind
from wftui.model.clock import SystemClock
from wftui.monitor.detail_loop import DetailLoop
from wftui.monitor.events import PlansReady
from wftui.monitor.outputs import OutputLoop
from wftui.monitor.requests import RequestLoop
from wftui.monitor.source_loop import SourceLoop
from wftui.sources.base import Paced, Printing, Relisting, Valued

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.action import ActionPlan, Given
    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.monitor.audit import AuditFile
    from wftui.monitor.events import Event, SourceState
    from wftui.sources.base import Source


class _Watched:
    """One source with its three loops."""

    def __init__(self, source: Source, listen: Callable[[Event], None], clock: Clock, audit: AuditFile | None) -> None:
        self.source = source
        self.rows = SourceLoop(source, listen, clock, on_look=self._looked)
        self.details = DetailLoop(source, listen, clock, is_active=self.rows.is_active, audit=audit)
        self.requests = RequestLoop(source, listen, on_done=self._acted, audit=audit)

    def _acted(self) -> None:
        # What is open is read again whether or not the look shows a change: what was done belongs to it.
        self.details.looked(None)
        self.rows.refresh()

    def _looked(self, changed: frozenset[str] | None) -> None:
        self.details.looked(changed)


class Monitor:
    """Watches sources and tells what is new. Every method returns at once; answers come as events.

    Args:
        sources: What to watch. A source's `info.target` names it, and must be the target of its keys.
        listen: Gets every event, from threads of the monitor, never two of one source's kind at a time.
        clock: The clock; the system's by default.
        audit: Where it is kept what was done; None for nowhere.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        listen: Callable[[Event], None],
        *,
        clock: Clock | None = None,
        audit: AuditFile | None = None,
    ) -> None:
        self._listen = listen
        self._clock = clock or SystemClock()
        self._watched = {source.info.target: _Watched(source, listen, self._clock, audit) for source in sources}
        self._following: OutputLoop | None = None

    def start(self) -> None:
        """Begin watching."""
        for watched in self._watched.values():
            watched.rows.start()
            watched.details.start()
            watched.requests.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Stop watching and close the sources; waits at most about `timeout` seconds, then leaves what hangs."""
        self.leave_output()
        for watched in self._watched.values():
            watched.rows.stop()
            watched.details.stop()
            watched.requests.stop()
        # A close may hang on a dead network, and must not hold the exit: threads of their own, daemons.
        closers = [
            threading.Thread(target=watched.source.close, name="wftui-close", daemon=True)
            for watched in self._watched.values()
        ]
        until = self._clock.monotonic() + timeout
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join(max(0.0, until - self._clock.monotonic()))
        for watched in self._watched.values():
            watched.rows.join(max(0.0, until - self._clock.monotonic()))
            watched.details.join(max(0.0, until - self._clock.monotonic()))

    def states(self) -> tuple[SourceState, ...]:
        """The state of every source, now."""
        return tuple(watched.rows.state for watched in self._watched.values())

    def refresh(self) -> None:
        """Look at everything now, also at what looks leave out to save requests."""
        for watched in self._watched.values():
            if isinstance(watched.source, Relisting):
                watched.source.relist_soon()
            watched.rows.refresh()

    def hurry(self) -> None:
        """Somebody is there: look at once at what was looked at more rarely because nothing happened."""
        for watched in self._watched.values():
            if isinstance(watched.source, Paced) and watched.source.hurry():
                watched.rows.wake()

    def pause(self, paused: bool) -> None:
        """Stop looking, or look again; what the user asks for is still done."""
        for watched in self._watched.values():
            watched.rows.pause(paused)

    def show_rows(self, keys: Sequence[WorkflowKey]) -> None:
        """These rows are visible: their times and metadata come first."""
        for target, watched in self._watched.items():
            watched.rows.show_rows([key.id for key in keys if key.target == target])

    def open(self, key: WorkflowKey) -> None:
        """Keep the whole of this workflow fresh, until `close`."""
        self._watched[key.target].details.open(key)

    def close(self, key: WorkflowKey) -> None:
        """Nobody looks at the whole of this workflow any more."""
        self._watched[key.target].details.close(key)

    def show_tasks(self, key: WorkflowKey, ids: Sequence[str]) -> None:
        """These tasks of an open workflow are visible: where reading costs, their times come first, or alone."""
        self._watched[key.target].details.show_tasks(key, ids)

    def is_costly(self, key: WorkflowKey) -> bool:
        """Whether reading its source costs requests that are paid for. Cheap."""
        return self._watched[key.target].source.info.is_costly

    def read(self, target: str, workflow_id: str) -> WorkflowDetail:
        """Read the whole of a workflow that need not be open. Blocks: for threads that nobody waits for.

        Raises:
            NotFoundError: There is none of that id.
            TargetError: The target cannot be read.
        """
        return self._watched[target].source.detail(workflow_id)

    def tells_values(self, key: WorkflowKey) -> bool:
        """Whether its source can tell what tasks were given and gave back. Cheap."""
        return isinstance(self._watched[key.target].source, Valued)

    def read_values(self, key: WorkflowKey, task_id: str) -> None:
        """Read what a task was given and gave back; a `ValuesRead` answers."""
        self._watched[key.target].requests.values(key, task_id)

    def tells_output(self, key: WorkflowKey) -> bool:
        """Whether its source can tell what tasks print. Cheap."""
        return isinstance(self._watched[key.target].source, Printing)

    def follow_output(self, key: WorkflowKey, task_id: str) -> None:
        """Tell what a task prints, an `OutputRead` for each part, instead of what was followed before.

        The next part comes when `output_shown` was called after the last.
        """
        self.leave_output()
        self._following = OutputLoop(self._watched[key.target].source, key, task_id, self._listen)
        self._following.start()

    def output_shown(self) -> None:
        """What was told of the output that is followed is on screen."""
        if self._following is not None:
            self._following.shown()

    def leave_output(self) -> None:
        """Nobody looks at what a task prints any more."""
        if self._following is not None:
            self._following.stop()
            self._following = None

    def plan(self, kind: ActionKind, keys: Sequence[WorkflowKey], given: Given = NOTHING) -> None:
        """Ask what an action would do to each; one `PlansReady` answers for all, in the order of the keys."""
        groups = self._by_target(keys)
        gathered: list[PlansReady] = []
        lock = threading.Lock()

        def gather(part: PlansReady) -> None:
            with lock:
                gathered.append(part)
                if len(gathered) < len(groups):
                    return
            plans: dict[WorkflowKey, ActionPlan] = {plan.key: plan for part in gathered for plan in part.plans}
            errors = tuple(error for part in gathered for error in part.errors)
            self._listen(PlansReady(kind, tuple(plans[key] for key in keys if key in plans), errors, given))

        if not groups:
            self._listen(PlansReady(kind, (), given=given))
        for target, group in groups.items():
            self._watched[target].requests.plan(kind, group, gather, given)

    def act(self, kind: ActionKind, keys: Sequence[WorkflowKey], *, arm: bool = False, given: Given = NOTHING) -> None:
        """Do it to each; one `ActionDone` for each."""
        for target, group in self._by_target(keys).items():
            self._watched[target].requests.act(kind, group, arm=arm, given=given)

    def disarm(self, key: WorkflowKey) -> None:
        """Take back an armed cancel; an `ActionDone` tells."""
        self._watched[key.target].requests.disarm(ActionKind.CANCEL, key)

    def _by_target(self, keys: Sequence[WorkflowKey]) -> dict[str, list[WorkflowKey]]:
        groups: dict[str, list[WorkflowKey]] = {}
        for key in keys:
            groups.setdefault(key.target, []).append(key)
        return groups
