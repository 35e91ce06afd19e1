"""What state each operator of a run is in: as its tasks say, else as follows from what is before and after it. Pure.

Operators that only steer (conditions, forks, joins) need not leave a task. One is done when what comes after it has
begun, or when nothing is left to wait for; a way is not taken when another way from the same choice is, or when it
leads on from a success or failure that did not happen. All of it is marked as inferred.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.operator import Operator
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wftui.highway.definition import Definition
    from wftui.sources.absurd.placing import Placing

ON_FAILURE, ON_SUCCESS = "on failure", "on success"
_CHOICES = (Operator.CONDITION, Operator.SWITCH)
_LOOPS = (Operator.FOREACH, Operator.WHILE)
_STEERING = frozenset(Operator) - {Operator.TASK, Operator.ACTIVITY, Operator.REFLEXIVE}
_WAITS = (Operator.WAIT, Operator.AWAIT)
# What begins although not all that it waits for is done.
_EARLY = frozenset({"any_of", "one_success", "one_done"})
_DONE = frozenset({Status.SUCCESSFUL, Status.FAILED, Status.CANCELED})
# Of several, the first of these that one has is that of all.
_LOUDEST = (
    Status.FAILED, Status.RUNNING, Status.WAITING, Status.RESUMABLE, Status.READY, Status.PENDING, Status.UNKNOWN,
    Status.CANCELED, Status.SUCCESSFUL,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """The state of an operator.

    Attributes:
        status: Its status.
        is_taken: Whether it is on a way that was or may still be taken.
        is_inferred: Whether nothing but its neighbours tells.
    """

    status: Status
    is_taken: bool = True
    is_inferred: bool = False


def states_of(
    definition: Definition, placing: Placing, run: Status, children: Mapping[str, Status] | None = None
) -> dict[str, State]:
    """The state of every operator.

    Args:
        definition: The run's.
        placing: Whose its tasks are.
        run: The status of the run.
        children: The statuses of child runs, by the operators that started them.
    """
    return _Walk(definition, placing, run, children or {}).states()


def loudest(statuses: Sequence[Status]) -> Status:
    """The status of several."""
    return next((status for status in _LOUDEST if status in statuses), Status.UNKNOWN)


def counts_latest(placing: Placing, node_id: str) -> bool:
    """Whether of several tasks of an operator the latest counts: outside of loops they are one task, started again."""
    nodes, at = placing.nodes, node_id
    seen: set[str] = set()
    while at in nodes and at not in seen:
        if nodes[at].kind in _LOOPS:
            return False
        seen.add(at)
        at = nodes[at].parent or ""
    return True


class _Walk:
    def __init__(self, definition: Definition, placing: Placing, run: Status, children: Mapping[str, Status]) -> None:
        self._nodes, self._claims = placing.nodes, placing.claims
        self._placing, self._run, self._children = placing, run, children
        self._rules, self._ways = definition.rules, definition.ways
        self._is_active = run in (Status.RUNNING, Status.WAITING)
        self._before: dict[str, list[str]] = defaultdict(list)
        self._after: dict[str, list[str]] = defaultdict(list)
        for source, target in definition.raw.edges:
            if source in self._nodes and target in self._nodes and source != target:
                self._after[source].append(target)
                self._before[target].append(source)
        self._inner: dict[str, list[str]] = defaultdict(list)
        for node in self._nodes.values():
            if node.parent is not None and node.parent in self._nodes and node.parent != node.id:
                self._inner[node.parent].append(node.id)
        # Of an operator inside a branch that is one of several to be chosen: the operators of all branches.
        self._rivals: dict[str, tuple[str, str]] = {}
        self._begun_branches: dict[str, set[str]] = defaultdict(set)
        self._deep = self._with_evidence()
        for fork, flows in definition.flows.items():
            for branch, flow in flows.items():
                for inner in flow.operators:
                    self._rivals[inner] = (fork, branch)
                    if inner in self._deep:
                        self._begun_branches[fork].add(branch)
        self._states: dict[str, State] = {}
        self._dead: dict[str, bool] = {}
        self._ready: dict[str, bool] = {}

    def states(self) -> dict[str, State]:
        order = self._order()
        self._passed = self._with_begun_after(order)
        for node, is_end in order:
            if is_end:
                self._states[node] = self._state(node)
            else:
                self._dead[node] = self._is_dead(node)
                self._ready[node] = not self._dead[node] and self._is_ready(node)
        return self._states

    # -- what is known before all else -----------------------------------------------------------------------

    def _with_evidence(self) -> set[str]:
        """The operators that have a task, or something inside of them that has."""
        deep: set[str] = set()
        for node in self._claims:
            at: str | None = node
            while at is not None and at in self._nodes and at not in deep:
                deep.add(at)
                at = self._nodes[at].parent
        return deep

    def _order(self) -> list[tuple[str, bool]]:
        """The begin and the end of each operator, in an order in which things happen; circles come last."""
        after: dict[tuple[str, bool], list[tuple[str, bool]]] = defaultdict(list)
        for node in self._nodes:
            after[node, False].append((node, True))
            for target in self._after[node]:
                after[node, True].append((target, False))
            for inner in self._inner[node]:
                after[node, False].append((inner, False))
                after[inner, True].append((node, True))
        waits = {(node, end): 0 for node in self._nodes for end in (False, True)}
        for targets in after.values():
            for at in targets:
                waits[at] += 1
        todo = deque(at for at, count in waits.items() if not count)
        order: dict[tuple[str, bool], None] = {}
        while todo:
            first = todo.popleft()
            order[first] = None
            for following in after[first]:
                waits[following] -= 1
                if not waits[following]:
                    todo.append(following)
        order.update((at, None) for at in waits if at not in order)
        return list(order)

    def _with_begun_after(self, order: Sequence[tuple[str, bool]]) -> set[str]:
        """The operators without a task that are over, because what waits for them has begun."""
        passed: set[str] = set()
        for node, is_end in reversed(order):
            if is_end and any(
                (target in self._deep or (target in passed and target not in self._claims))
                and self._rules.get(target, "") not in _EARLY
                and not set(self._ways.get((node, target), ())) & {ON_FAILURE}
                for target in self._after[node]
            ):
                passed.add(node)
        return passed

    # -- ways ------------------------------------------------------------------------------------------------

    def _is_dead(self, node: str) -> bool:
        """Whether no way that may still be taken leads to it."""
        if node in self._deep or node in self._passed:
            return False
        parent = self._nodes[node].parent
        if parent is not None and self._dead.get(parent, False):
            return True
        fork, branch = self._rivals.get(node, ("", ""))
        if fork in self._nodes and self._nodes[fork].kind is Operator.CHOICE:
            begun = self._begun_branches[fork]
            if begun and branch not in begun:
                return True
        before = self._before[node]
        return bool(before) and all(self._is_closed(source, node) for source in before)

    def _is_closed(self, source: str, target: str) -> bool:
        if self._dead.get(source, False):
            return True
        ways = self._ways.get((source, target), ())
        state = self._states.get(source)
        status = state.status if state is not None else Status.PENDING
        if ways and all(way == ON_FAILURE for way in ways):
            return status is Status.SUCCESSFUL or (not self._is_live() and status is not Status.FAILED)
        if ways and all(way == ON_SUCCESS for way in ways):
            return status in (Status.FAILED, Status.CANCELED)
        if not ways or self._nodes[source].kind not in _CHOICES:
            return False
        others = [
            other
            for other in self._after[source]
            if other != target and set(self._ways.get((source, other), ())) - {ON_FAILURE, ON_SUCCESS}
        ]
        taken = any(other in self._deep or other in self._passed for other in others)
        # Of a condition without an else nothing is there to be taken instead.
        return taken or (self._run is Status.SUCCESSFUL and status is Status.SUCCESSFUL)

    def _is_live(self) -> bool:
        return self._is_active or self._run is Status.PENDING

    def _is_ready(self, node: str) -> bool:
        """Whether nothing is left to wait for."""
        parent = self._nodes[node].parent
        if parent is not None and parent in self._nodes and not (parent in self._deep or self._ready.get(parent)):
            return False
        rule = self._rules.get(node, "")
        met: list[bool] = []
        for source in self._before[node]:
            if self._is_closed(source, node):
                continue
            ways = self._ways.get((source, node), ())
            state = self._states.get(source)
            status = state.status if state is not None else Status.PENDING
            if ON_FAILURE in ways:
                met.append(status is Status.FAILED)
            elif rule in ("all_of", "any_of", "all_done", "one_done"):
                met.append(status in _DONE)
            else:
                met.append(status is Status.SUCCESSFUL)
        return any(met) if rule in _EARLY and met else all(met)

    # -- states ----------------------------------------------------------------------------------------------

    def _state(self, node: str) -> State:
        claims = self._claims.get(node)
        if claims:
            statuses = [task.status for task in claims]
            latest = len(claims) > 1 and counts_latest(self._placing, node)
            return State(statuses[-1] if latest else loudest(statuses))
        if self._dead.get(node, False):
            return State(Status.PENDING, is_taken=False, is_inferred=True)
        child = self._children.get(node)
        return State(child, is_inferred=False) if child is not None else State(self._inferred(node), is_inferred=True)

    def _inferred(self, node: str) -> Status:
        inner = [self._states[i] for i in self._inner[node] if i in self._states and self._states[i].is_taken]
        if inner and node in self._deep:
            status = loudest([state.status for state in inner])
            if status in (Status.PENDING, Status.READY):
                # Some of it is done, the rest has not begun.
                return Status.RUNNING if self._is_active else Status.PENDING
            return Status.RUNNING if status is Status.WAITING else status
        if node in self._passed:
            return Status.SUCCESSFUL
        kind = self._nodes[node].kind
        ready = self._ready.get(node, False)
        if kind not in _STEERING:
            if ready and self._run is Status.SUCCESSFUL:
                return Status.UNKNOWN  # it should have run, and no task of it is recorded
            return Status.READY if ready and self._is_active else Status.PENDING
        if kind is Operator.JOIN:
            return self._joined(node, ready=ready)
        if ready and self._run is Status.SUCCESSFUL:
            return Status.SUCCESSFUL
        if kind is Operator.TERMINATE and ready and self._run in _DONE:
            return Status.SUCCESSFUL if self._nodes[node].detail.startswith(_ENDS[self._run]) else Status.PENDING
        if not ready or not self._is_active:
            return Status.PENDING
        return Status.WAITING if kind in _WAITS else Status.READY

    def _joined(self, node: str, *, ready: bool) -> Status:
        """A join is done as soon as its mode allows: nothing of it takes time."""
        if ready:
            return Status.SUCCESSFUL if self._before[node] and self._run is not Status.PENDING else Status.PENDING
        sources = [self._states[i] for i in self._before[node] if i in self._states]
        statuses = [state.status for state in sources if state.is_taken]
        rule = self._rules.get(node, "")
        if rule == "all_success" and any(status in (Status.FAILED, Status.CANCELED) for status in statuses):
            return Status.FAILED
        if rule == "one_success" and statuses and all(status in _DONE for status in statuses):
            return Status.FAILED
        return Status.PENDING


_ENDS = {Status.SUCCESSFUL: "completed", Status.FAILED: "failed", Status.CANCELED: "cancelled"}
