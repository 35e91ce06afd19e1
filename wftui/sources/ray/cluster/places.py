"""What Ray told of its tasks and nodes, asked for apart from the looks at the manager, so that none waits for another.

Asked is only about what is on screen, or was asked for by a command; nodes are few, and told for all that runs.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from wftui.errors import TargetError
from wftui.model.status import Status
from wftui.sources.ray.cluster.answers import DriverRaised
from wftui.sources.ray.cluster.losses import loss
from wftui.sources.ray.cluster.near.whereabouts import MOST_TASKS
from wftui.sources.ray.cluster.overlay import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wftui.sources.ray.cluster.memory import LiveTask, Memory
    from wftui.sources.ray.cluster.near.whereabouts import Node, RayTask, Told

    class _Call(Protocol):
        def __call__(self, operation: str, *arguments: object, timeout: float) -> object: ...


INTERVAL = 1.0
"""Seconds between two questions about what is on screen."""
NODES_INTERVAL = 15.0
"""Seconds between two questions about the nodes alone."""
NODES_FOR = 60.0
"""Seconds for which that is asked after the last workflow ended: all may have, because a node was lost."""
CALL_TIMEOUT = 8.0
_SHARE = 5
"""An answer that takes t seconds is asked for every 5 t at most."""
MOST_KEPT = 20_000
"""So many of Ray's tasks are kept; what was asked for longest ago is forgotten."""
UNTOLD = "node, pid and resources are not told: "
LOST_TOLD_FOR = 120.0
"""Seconds for which it is told that a node was lost."""
_TRIES = 6
"""So often it is asked what became of a task that ended; Ray learns of it with a delay."""
MOST_ASKED = 30
"""So often it is asked why a workflow failed."""
_ENDED = frozenset({"FINISHED", "FAILED"})


@dataclass(slots=True)
class _Kept:
    """One of Ray's tasks.

    Attributes:
        told: What was told last.
        asked: When it was asked for, monotonic seconds.
        in_vain: How often nothing was told.
        tries: How often it was asked for again after it was known where it ran.
    """

    told: RayTask | None = None
    asked: float = 0.0
    in_vain: int = 0
    tries: int = 0

    @property
    def is_final(self) -> bool:
        """Whether what became of it is known, or will not be."""
        ended = self.told is not None and self.told.state in _ENDED
        return ended or self.tries >= _TRIES or self.in_vain >= _TRIES


class Places:
    """Where Ray's tasks are, and what the nodes have. Every method may be called from any thread.

    Args:
        call: Has it asked near the data.
        memory: What the manager told.
        wake: Called when there is news.
    """

    def __init__(self, call: _Call, memory: Memory, wake: Callable[[], None]) -> None:
        self._call = call
        self._memory = memory
        self._wake = wake
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._nodes: tuple[Node, ...] = ()
        self._not_before = 0.0
        self._nodes_due = 0.0
        self._ran_at = -NODES_FOR
        self._are_nodes_new = False
        self._missing = ""
        self._lost: dict[str, str] = {}
        self._lost_at: dict[str, float] = {}
        self._whys: dict[str, str] = {}
        self._unexplained: dict[str, int] = {}  # and how often it was asked about them
        self._explained: set[str] = set()

    @property
    def note(self) -> str:
        """What is not told and why; "" where all is."""
        return f"{UNTOLD}{self._missing}" if self._missing else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """That, and which nodes were lost lately."""
        now = time.monotonic()
        with self._lock:
            lost = [self._lost[node] for node, at in self._lost_at.items() if now - at < LOST_TOLD_FOR]
        if not lost:
            return (self.note,)
        which = f"nodes {', '.join(lost)} are" if len(lost) > 1 else f"node {lost[0]} is"
        return f"{which} lost: what ran there is tried again, or failed", self.note

    def why(self, workflow_id: str) -> str:
        """Why a workflow failed without an exception; "" where that is not known, or not yet: then it is asked for."""
        with self._lock:
            if workflow_id not in self._whys:
                if not self._memory.unfinished_ray_ids(workflow_id):
                    return ""
                self._whys[workflow_id] = ""
                self._unexplained[workflow_id] = 0
                self._explain(workflow_id)  # it may be known: its tasks were on screen while they ran
            return self._whys[workflow_id]

    def nodes(self) -> tuple[Node, ...]:
        """All nodes that are alive, as far as they are known."""
        return self._nodes

    def take_changed(self) -> frozenset[str]:
        """The workflows of which something else may be told: the nodes are others, or why one failed is known now."""
        with self._lock:
            are_new, self._are_nodes_new = self._are_nodes_new, False
            explained, self._explained = frozenset(self._explained), set()
        return explained | (self._memory.ids() if are_new else frozenset())

    def forget(self) -> None:
        """It may be another cluster by now."""
        with self._lock:
            self._kept.clear()
            self._lost.clear()
            self._lost_at.clear()
            self._whys.clear()
            self._unexplained.clear()
            self._nodes, self._missing = (), ""
            self._not_before = self._nodes_due = 0.0

    def see(self, workflow_id: str, tasks: Sequence[LiveTask], *, is_open: bool) -> Seen:
        """What is known of the tasks of a workflow.

        Args:
            workflow_id: Which.
            tasks: Its tasks in the manager's memory.
            is_open: Whether it is on screen: then what is told now comes later, and `wake` is called. Otherwise this
                waits until it is told.
        """
        ids, earlier = self._memory.ray_ids(workflow_id), self._memory.earlier_ray_ids(workflow_id)
        before = [ray_id for attempts in earlier.values() for ray_id in attempts.values()]
        before += [ids[task.id] for task in tasks if task.status is Status.FAILED and task.id in ids]
        wanted = [*self._wanted(tasks, ids), *self._unended(before)][:MOST_TASKS]
        if wanted or (tasks and not self._nodes):
            if not is_open:
                self._ask(wanted)
            elif time.monotonic() >= self._not_before:
                self._begin(wanted)
        with self._lock:
            # What waited when somebody still told may run by now.
            places = {
                ray_id: kept.told
                for ray_id in (*ids.values(), *before)
                if (kept := self._kept.get(ray_id)) is not None
                and kept.told is not None
                and (not self._missing or kept.told.pid is not None)
            }
            asked = [(ray_id, self._kept[ray_id]) for ray_id in ids.values() if ray_id in self._kept]
            unknown = frozenset(ray_id for ray_id, one in asked if one.told is None and one.is_final)
            return Seen(ids, places, self._nodes, self.note, earlier, dict(self._lost), unknown)

    def ask_on(self) -> None:
        """Ask now and then what the nodes have, as long as anything runs or just ran, and why workflows failed."""
        now = time.monotonic()
        if running := self._memory.ids():
            self._ran_at = now
            self._ask_anew(running)
        if now < self._not_before:
            return
        is_due = now >= self._nodes_due
        ids, about = self._unexplained_ids() if is_due or not self._missing else ([], [])
        if ids or (is_due and now - self._ran_at < NODES_FOR):
            self._begin(ids, about)

    def _ask_anew(self, running: Iterable[str]) -> None:
        """What runs again may fail for another reason."""
        with self._lock:
            for workflow_id in self._whys.keys() & set(running):
                del self._whys[workflow_id]
                self._unexplained.pop(workflow_id, None)

    def _unexplained_ids(self) -> tuple[list[str], list[str]]:
        """Whom to ask for to learn why workflows failed: of each those of its tasks that were given to Ray last.

        Returns:
            The ids of Ray's tasks, and the workflows that they are of.
        """
        found: list[str] = []
        about: list[str] = []
        with self._lock:
            unexplained = list(self._unexplained.items())
        for workflow_id, asked in unexplained:
            if len(found) >= MOST_TASKS:
                break
            ids = list(self._memory.unfinished_ray_ids(workflow_id).values())[-MOST_TASKS:]
            if wanted := self._unended(ids) if asked < MOST_ASKED else []:
                found += wanted
                about.append(workflow_id)
            else:
                with self._lock:
                    self._unexplained.pop(workflow_id, None)
        return found[:MOST_TASKS], about

    def _unended(self, ids: Iterable[str]) -> list[str]:
        """Those of which it is not known what became of them."""
        with self._lock:
            return [ray_id for ray_id in ids if not self._kept.get(ray_id, _Kept()).is_final]

    def _wanted(self, tasks: Iterable[LiveTask], ids: dict[str, str]) -> list[str]:
        """The ids to ask for, the most urgent first: what waits or began lately, then what ended unseen."""
        running, ended = [], []
        with self._lock:
            for task in tasks:
                ray_id = ids.get(task.id)
                if ray_id is None or task.status in (Status.PENDING, Status.READY):
                    continue
                kept = self._kept.get(ray_id) or _Kept()
                if kept.told is not None and kept.told.pid is not None:
                    continue
                if task.status is Status.RUNNING and task.continuation is None:
                    running.append((kept.asked, ray_id))
                elif kept.in_vain < 2:
                    ended.append((kept.asked, ray_id))
        return [ray_id for _, ray_id in (*sorted(running), *sorted(ended))][:MOST_TASKS]

    def _begin(self, ids: Sequence[str], about: Sequence[str] = ()) -> None:
        """Ask in the background; what is under way is enough."""
        if self._asking.acquire(blocking=False):
            self._asking.release()
            asking = threading.Thread(target=self._ask, args=(ids, True, about), name="wftui-ray-places", daemon=True)
            asking.start()

    def _ask(self, ids: Sequence[str], or_leave: bool = False, about: Sequence[str] = ()) -> None:
        """Ask about these of Ray's tasks, for the sake of these workflows that failed."""
        if not self._asking.acquire(blocking=not or_leave):
            return
        with self._lock:
            self._unexplained.update({i: self._unexplained[i] + 1 for i in about if i in self._unexplained})
        try:
            started = time.monotonic()
            try:
                told = cast("Told", self._call("where", tuple(ids), timeout=CALL_TIMEOUT))
            except (TargetError, DriverRaised) as error:
                self._missing = str(error)
                self._not_before = time.monotonic() + CALL_TIMEOUT
                return
            now = time.monotonic()
            self._not_before = now + max(INTERVAL, _SHARE * (now - started))
            self._nodes_due = now + NODES_INTERVAL
            if self._take_in(ids, told, now):
                self._wake()
        finally:
            self._asking.release()

    def _take_in(self, ids: Sequence[str], told: Told, now: float) -> bool:
        """Whether anything is new."""
        with self._lock:
            before = self._nodes, self._missing
            totals = [node[:3] for node in self._nodes]
            self._lose(told, now)
            self._nodes = told.nodes
            self._are_nodes_new |= totals != [node[:3] for node in told.nodes]
            if ids:
                self._missing = told.missing
            is_new = before != (self._nodes, self._missing)
            for ray_id in [one for one in ids if one in told.tasks] if not told.missing else ():
                kept = self._kept.setdefault(ray_id, _Kept())
                self._kept.move_to_end(ray_id)
                task = told.tasks[ray_id]
                is_new |= task is not None and task != kept.told
                kept.asked = now
                kept.tries += kept.told is not None and kept.told.pid is not None
                kept.told = task or kept.told
                kept.in_vain += task is None
            explained = [workflow_id for workflow_id in list(self._unexplained) if self._explain(workflow_id)]
            self._explained.update(explained)
            is_new |= bool(explained)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return is_new

    def _lose(self, told: Told, now: float) -> None:
        """Remember the nodes that are there no more. Nothing is lost with one that was ended because it was idle."""
        alive = {node.id for node in told.nodes}
        for node in self._nodes:
            if node.id not in alive:
                self._lost[node.id] = node.name
                if node.id not in told.idle:
                    self._lost_at[node.id] = now
        self._lost.update(told.lost)

    def _explain(self, workflow_id: str) -> bool:
        """Put into words why a workflow failed, if it is known now."""
        nodes = {**self._lost, **{node.id: node.name for node in self._nodes}}
        # Others may have been lost before: what ended the workflow is rather what was given last.
        for task_id, ray_id in reversed(self._memory.unfinished_ray_ids(workflow_id).items()):
            kept = self._kept.get(ray_id)
            why = loss(kept.told, nodes.get(kept.told.node or "")) if kept is not None and kept.told else None
            if why is not None:
                self._whys[workflow_id] = f"{task_id}: {why.message}"
                del self._unexplained[workflow_id]
                return True
        return False
