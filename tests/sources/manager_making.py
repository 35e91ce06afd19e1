"""A workflow manager as Ray's looks from outside, with what it knows of tasks, and looks into it: no Ray."""

from __future__ import annotations

import pickle
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wftui.model.status import Status, StatusSource
from wftui.model.workflow import WorkflowKey, WorkflowSummary
from wftui.sources.ray.cluster.near import manager as in_manager

if TYPE_CHECKING:
    from wftui.sources.ray.cluster.memory import Memory

# What a look is for came after the look before: times ahead of the clock, however long the tests before this one took.
T0 = time.time() + 86_400.0
KEY = WorkflowKey("auto", "ray", None, "w")
ROW = WorkflowSummary(KEY, Status.RUNNING, StatusSource.STORAGE, "RUNNING", started_at=10.0, complete=True)


@dataclass
class Options:
    max_retries: int = 3
    checkpoint: bool = True
    catch_exceptions: bool = False
    ray_options: dict[str, Any] = field(default_factory=dict)


@dataclass
class RayTask:
    task_id: str
    options: Options = field(default_factory=Options)


@dataclass
class Context:
    creator_task_id: str = ""


@dataclass
class Run:
    submit_time: float | None
    finish_time: float | None = None


@dataclass(frozen=True)
class RayId:
    """What Ray's ids of a reference and of its task look like."""

    value: bytes

    def task_id(self) -> RayId:
        return self

    def binary(self) -> bytes:
        return self.value


class Future:
    """What is waited for, in no event loop: `manager` then does its work where it is called."""

    def get_loop(self) -> None:
        return None


@dataclass
class Ref:
    task_id: str
    ref: RayId


@dataclass
class State:
    """The fields of Ray's `WorkflowExecutionState` that are looked at, under the same names."""

    output_task_id: str
    upstream_dependencies: dict[str, list[str]]
    tasks: dict[str, RayTask] = field(default_factory=dict)
    task_context: dict[str, Context] = field(default_factory=dict)
    task_execution_metadata: dict[str, Run] = field(default_factory=dict)
    task_retries: dict[str, int] = field(default_factory=dict)
    next_continuation: dict[str, str] = field(default_factory=dict)
    running_frontier: dict[Any, Ref] = field(default_factory=dict)
    running_frontier_set: set[str] = field(default_factory=set)
    done_tasks: set[str] = field(default_factory=set)
    _completion_queue: object = None

    def __post_init__(self) -> None:
        self.tasks.update({i: RayTask(i) for i in self.upstream_dependencies})

    def get_state(self) -> State:
        return self

    def submit(self, task_id: str, when: float, ray_id: str = "") -> None:
        self.task_execution_metadata[task_id] = Run(when)
        self.running_frontier[Future()] = Ref(task_id, RayId((ray_id or f"id of {task_id}").encode()))
        self.running_frontier_set.add(task_id)

    def stop(self, task_id: str) -> None:
        self.running_frontier = {k: v for k, v in self.running_frontier.items() if v.task_id != task_id}
        self.running_frontier_set.discard(task_id)

    def finish(self, task_id: str, when: float) -> None:
        self.stop(task_id)
        self.task_execution_metadata[task_id].finish_time = when
        self.done_tasks.add(task_id)


class Manager:
    def __init__(self, **states: State) -> None:
        self._workflow_executors: dict[str, Any] = states
        self._queued_workflows: dict[str, Any] = {}


def look(manager: Manager, memory: Memory, budget: int = 1000) -> frozenset[str]:
    return memory.merge(pickle.loads(in_manager.look(manager, memory.known(), budget)))


def statuses(memory: Memory, workflow_id: str = "w") -> dict[str, Status]:
    return {task.id: task.status for task in memory.tasks(workflow_id)}


def chain() -> State:
    return State("c", {"a": [], "b": ["a"], "c": ["b"]})
