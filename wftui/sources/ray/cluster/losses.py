"""Why Ray ended a task that left no exception, in words. Pure.

Ray's words are those of `error_type` in the State API (`ErrorType` in ray's common.proto, the same since 2.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.task import ErrorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.ray.cluster.near.whereabouts import RayTask

_WORDS: Mapping[str, str] = {
    "NODE_DIED": "its node {node} was lost",
    "LOCAL_RAYLET_DIED": "its node {node} was lost",
    "WORKER_DIED": "its worker process on {node} died",
    "OUT_OF_MEMORY": "Ray killed it: its node {node} ran out of memory",
    "NODE_OUT_OF_MEMORY": "Ray killed it: its node {node} ran out of memory",
    "OUT_OF_DISK_ERROR": "the disk of its node {node} is full",
    "RUNTIME_ENV_SETUP_FAILED": "its runtime environment could not be set up",
    "TASK_UNSCHEDULABLE_ERROR": "no node can take it",
    "TASK_PLACEMENT_GROUP_REMOVED": "its placement group was removed",
    "OBJECT_LOST": "what it was given is lost",
    "OBJECT_UNRECONSTRUCTABLE": "what it was given is lost",
    "OWNER_DIED": "what it was given is lost with the process that had it",
}
"""What an exception of its own does not tell. The others are exceptions, and cancelled tasks."""


def loss(task: RayTask | None, node: str | None) -> ErrorInfo | None:
    """Why a task ended without an exception of its own; None where Ray does not tell that it did.

    Args:
        task: What Ray tells of it.
        node: The name of its node, raw.
    """
    if task is None or task.failed not in _WORDS:
        return None
    return ErrorInfo(task.failed, _WORDS[task.failed].format(node=node or "of no name"))
