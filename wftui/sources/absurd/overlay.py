"""Lays a definition over a run: its operators become tasks, each with the state of what Absurd recorded of it. Pure.

An operator keeps its id in the definition, whether it has begun or not, so that a picture of the run stands still while
it runs; the id of its task in Absurd is in `options["task_id"]`. Of an operator with several tasks (items of a loop,
iterations) those are below it, each with its id in Absurd. What a definition does not name is shown as it is, marked.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wftui.model.operator import Operator, Placed
from wftui.model.status import Status, TimeSource
from wftui.model.task import Task, TaskKind
from wftui.model.workflow import Problem
from wftui.sources.absurd.flow_states import State, counts_latest, states_of
from wftui.sources.absurd.placing import placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wftui.model.raw import RawNode
    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.absurd.definition_match import Match
    from wftui.sources.absurd.placing import Placing

STRANGER = "not in the definition"
DRIVER = "runs the workflow itself"
NOT_TAKEN = "not taken"
NOT_STARTED = "not started"
NO_RECORD = "no task of it is recorded"
_INDEX_KEYS = ("index", "item_index", "loop_index", "iteration", "i")
_ACTIVE = frozenset({Status.RUNNING, Status.WAITING, Status.PENDING})


@dataclass(frozen=True, slots=True)
class Children:
    """The child runs of a run, by the operators that started them: their ids, and their statuses."""

    ids: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, Status] = field(default_factory=dict)


def placing_of(detail: WorkflowDetail, match: Match) -> Placing:
    """Which operator each task of a run is of."""
    metadata = detail.summary.user_metadata
    version, root = metadata.get("workflow_version"), metadata.get("absurd_run_id")
    prefix = f"{detail.summary.name}__{version}__" if detail.summary.name and version else ""
    return placed(detail.tasks, match.known.definition, prefix, root if isinstance(root, str) else None)


def overlaid(
    detail: WorkflowDetail, match: Match, placing: Placing | None = None, children: Children | None = None
) -> WorkflowDetail:
    """The run as its definition has it.

    Args:
        detail: The run, with its tasks in order of time.
        match: Its definition.
        placing: Which operator each task is of, if that is known already.
        children: Its child runs, as far as they are known.
    """
    placing = placing if placing is not None else placing_of(detail, match)
    laying = _Laying(detail, match, placing, children or Children())
    tasks = tuple(laying.tasks())
    known = match.known
    note = f"drawn as {os.path.basename(known.path)} defines {known.title}"
    told = [Problem(known.path, text) for text in (match.doubt, *placing.doubts, *laying.remarks()) if text]
    # What the summary remarked was that the order is inferred.
    return replace(
        detail,
        summary=replace(detail.summary, note=f"{note}; {match.doubt}" if match.doubt else note),
        tasks=tasks,
        remarks=(*detail.remarks, *told),
    )


class _Laying:
    def __init__(self, detail: WorkflowDetail, match: Match, placing: Placing, children: Children) -> None:
        self._definition = match.known.definition
        self._twice = match.known.twice
        self._placing = placing
        self._children = children
        self._is_live = detail.summary.status in _ACTIVE
        self._states = states_of(self._definition, placing, detail.summary.status, children.statuses)
        self._upstream: dict[str, list[str]] = {}
        for source, target in dict.fromkeys(self._definition.raw.edges):
            if source in placing.nodes:  # what a definition only mentions would be drawn as missing
                self._upstream.setdefault(target, []).append(source)
        self._place = {task.id: node for node, claims in placing.claims.items() for task in claims}

    def tasks(self) -> Iterator[Task]:
        """Every operator with what is below it, then what is of no operator."""
        for node in self._placing.nodes.values():
            claims = self._placing.claims.get(node.id, [])
            if len(claims) > 1:
                yield from self._group(node, claims)
            elif claims:
                yield self._one(node, claims[0])
                yield from self._below(claims[0], node.id)
            else:
                yield self._without(node)
        for task in self._placing.loose:
            yield self._loose(task)
            yield from self._below(task, task.id)

    def remarks(self) -> Iterator[str]:
        """What a reader has to know of how this came about."""
        inferred = [node for node, state in self._states.items() if state.is_inferred and state.is_taken]
        inferred = [node for node in inferred if self._states[node].status in _TOLD]
        if inferred:
            names = ", ".join(self._placing.nodes[node].label for node in inferred[:3])
            more = f" and {len(inferred) - 3:,} more" if len(inferred) > 3 else ""
            yield f"no task is recorded of {names}{more}: their states are inferred from what is before and after"
        strangers = [task for task in self._placing.loose if task.id not in self._placing.drivers]
        if strangers:
            names = ", ".join(dict.fromkeys(task.name for task in strangers[:3]))
            more = f" and {len(strangers) - 3:,} more" if len(strangers) > 3 else ""
            yield f"it does not name the tasks {names}{more}: the run may be of another definition"
        if self._twice:
            yield f"{self._twice:,} of its ids come twice: the last of each counts"

    # -- operators -------------------------------------------------------------------------------------------

    def _placed(self, node: RawNode, state: State, note: str = "") -> Placed:
        child = self._children.ids.get(node.id)
        inferred = state.is_inferred and (state.status in _TOLD or not state.is_taken)
        return Placed(node.kind, node.detail, node.branch, state.is_taken, inferred, note=note, child=child)

    def _one(self, node: RawNode, task: Task) -> Task:
        state = self._states[node.id]
        operator = self._placed(node, state)
        return replace(
            task,
            id=node.id,
            name=node.label,
            upstream=tuple(self._upstream.get(node.id, ())),
            parent=self._parent(node),
            options={**_told(operator), "task_id": task.id, **task.options},
            operator=operator,
        )

    def _group(self, node: RawNode, claims: list[Task]) -> Iterator[Task]:
        state = self._states[node.id]
        operator = self._placed(node, state)
        latest = claims[-1:] if counts_latest(self._placing, node.id) else claims
        starts = [task.started_at for task in claims if task.started_at is not None]
        ends = [task.ended_at for task in latest if task.ended_at is not None]
        ended = max(ends) if len(ends) == len(latest) else None
        yield Task(
            node.id,
            node.label,
            TaskKind.GROUP,
            state.status,
            upstream=tuple(self._upstream.get(node.id, ())),
            parent=self._parent(node),
            started_at=min(starts, default=None),
            ended_at=ended,
            ended_at_source=None if ended is None else TimeSource.RECORDED,
            options={**_told(operator), "tasks": len(claims)},
            operator=operator,
        )
        names: set[str] = set()
        for at, task in enumerate(claims):
            name = f"{node.label}[{_index(task, at)}]"
            name = f"{node.label}[{at}]" if name in names else name
            names.add(name)
            item = Placed(is_item=True)
            yield replace(task, name=name, upstream=(), parent=node.id, operator=item)
            yield from self._below(task, task.id)

    def _without(self, node: RawNode) -> Task:
        state = self._states[node.id]
        note = ""
        if not state.is_taken:
            note = NOT_TAKEN
        elif state.status is Status.UNKNOWN:
            note = NO_RECORD
        elif state.status is Status.PENDING and not self._is_live:
            note = NOT_STARTED
        operator = self._placed(node, state, note)
        return Task(
            node.id,
            node.label,
            TaskKind.WAIT if node.kind in (Operator.WAIT, Operator.AWAIT) else TaskKind.TASK,
            state.status,
            upstream=tuple(self._upstream.get(node.id, ())),
            parent=self._parent(node),
            options=_told(operator),
            operator=operator,
        )

    def _parent(self, node: RawNode) -> str | None:
        return node.parent if node.parent in self._placing.nodes else None

    # -- what is no operator ---------------------------------------------------------------------------------

    def _loose(self, task: Task) -> Task:
        operator = Placed(note=DRIVER if task.id in self._placing.drivers else STRANGER)
        upstream = dict.fromkeys(self._place.get(other, other) for other in task.upstream)
        if task.id in self._placing.drivers:
            upstream = {}
        return replace(task, upstream=tuple(upstream), options={**_told(operator), **task.options}, operator=operator)

    def _below(self, task: Task, parent: str) -> Iterator[Task]:
        before: str | None = None
        for step in self._placing.below.get(task.id, ()):
            # One of those before it may stand for an operator by now.
            yield replace(step, parent=parent, upstream=() if before is None else (before,))
            before = step.id


_TOLD = frozenset({Status.SUCCESSFUL, Status.FAILED, Status.RUNNING, Status.WAITING, Status.CANCELED})


def _told(operator: Placed) -> dict[str, object]:
    """What of it belongs into JSON."""
    told: dict[str, object] = {}
    if operator.kind is not None:
        told["operator"] = operator.kind.value
    texts = (("detail", operator.detail), ("branch", operator.branch), ("child_run", operator.child))
    told |= {name: text for name, text in texts if text}
    if not operator.is_taken:
        told["taken"] = False
    if operator.is_inferred:
        told["inferred"] = True
    if operator.note:
        told["note"] = operator.note
    return told


def _index(task: Task, at: int) -> int:
    """Which item or iteration a task is of: as its parameters say, else by its place."""
    params = task.options.get("params")
    for key in _INDEX_KEYS if isinstance(params, dict) else ():
        value = params.get(key) if isinstance(params, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
            return value
    return at
