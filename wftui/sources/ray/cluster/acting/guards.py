"""Which action is allowed on which status, why not otherwise, and what it does. Pure.

Ray itself would do harm: `cancel` turns finished workflows CANCELED and creates unknown ones, on a queued one it blocks
until that has run; `resume` runs CANCELED workflows again and rewrites the times of SUCCESSFUL ones.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.model.action import ActionKind, ActionPlan
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.sources.ray.storage.layout import STATUS_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowKey

ALLOWED = MappingProxyType(
    {
        ActionKind.CANCEL: frozenset({Status.RUNNING}),
        ActionKind.RESUME: frozenset({Status.FAILED, Status.RESUMABLE}),
        ActionKind.DELETE: frozenset(
            {Status.SUCCESSFUL, Status.FAILED, Status.CANCELED, Status.RESUMABLE, Status.UNKNOWN}
        ),
    }
)
TAKES_NOTHING = "Ray Workflows take no number of attempts, and spawn nothing anew"
NOT_FOUND = "there is no such workflow"
STARTS_MANAGER = "starts the workflow manager: none runs on this cluster"
ARMED_ENDS = "an armed cancel is forgotten when wftui ends"


def why_not(kind: ActionKind, status: Status | None) -> str:
    """Why the action is refused on that status; "" when it is allowed."""
    if status is None:
        return NOT_FOUND
    if kind not in ALLOWED:
        return f"Ray Workflows cannot {kind.value}"
    if status in ALLOWED[kind]:
        return ""
    if kind is ActionKind.CANCEL:
        if status is Status.PENDING:
            return "it is queued (PENDING), and Ray cannot cancel it before it runs"
        return f"it does not run: it is {status.value}"
    if kind is ActionKind.RESUME:
        if status is Status.CANCELED:
            return "it was canceled, and by Ray's documentation cannot be resumed"
        if status is Status.SUCCESSFUL:
            return "it is SUCCESSFUL: there is nothing left to run"
        return f"it is {status.value} already"
    return f"it is {status.value}: cancel it first"


def why_not_delete(workflow_id: str) -> str:
    """Why no workflow of that id may be deleted, whatever its status; "" when it may.

    Ray accepts ids that are paths, and its `delete` removes all that lies at `workflows/<id>`.
    """
    parts = workflow_id.split("/")
    if parts[0] == STATUS_DIR:
        return "by its id, Ray would delete the index of all workflows with it"
    if any(part in ("", ".", "..") for part in parts):
        return "by its id, Ray would delete what belongs to other workflows"
    return ""


def make_plan(
    key: WorkflowKey, kind: ActionKind, status: Status | None, tasks: Iterable[Task], *, has_manager: bool
) -> ActionPlan:
    """What the action would do.

    Args:
        key: The workflow.
        kind: The action.
        status: As just read; None if there is no such workflow.
        tasks: Its tasks, for `resume`.
        has_manager: Whether a workflow manager runs.
    """
    why = why_not(kind, status) or (why_not_delete(key.id) if kind is ActionKind.DELETE else "")
    arms = kind is ActionKind.CANCEL and status is Status.PENDING
    if why:
        effects = ("the cancel can be armed: it fires when the workflow turns RUNNING", ARMED_ENDS) if arms else ()
        return ActionPlan(key, kind, False, status, why, effects, arms)
    if kind is ActionKind.CANCEL:
        return ActionPlan(key, kind, True, status, effects=("its running tasks are killed", "its checkpoints are kept"))
    starts = () if has_manager else (STARTS_MANAGER,)
    if kind is ActionKind.DELETE:
        return ActionPlan(
            key, kind, True, status, effects=("its checkpoints and its history are removed for good", *starts)
        )
    keeps, runs_again = split_tasks(tasks)
    effects = (_count(len(keeps), "checkpoint is kept", "checkpoints are kept"), _runs(len(runs_again)), *starts)
    return ActionPlan(key, kind, True, status, effects=effects, keeps=keeps, runs_again=runs_again)


def split_tasks(tasks: Iterable[Task]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which tasks a resume keeps, and which run again: those whose output was not written.

    A task that returned a continuation does not run again: the sub-DAG goes on where it stopped. Nothing runs again
    that only fed tasks which are kept.
    """
    known = {task.id: task for task in tasks}
    kept = {task.id for task in known.values() if task.output_size is not None}
    again: set[str] = set()
    # As `workflow_state_from_storage` does it: from the output back, stopping at what is kept.
    upstream_of_somebody = {upstream for task in known.values() for upstream in task.upstream}
    continued = {task.continuation for task in known.values() if task.continuation}
    due = [task_id for task_id in known if task_id not in upstream_of_somebody and task_id not in continued]
    due = [task_id for task_id in due if known[task_id].parent is None] or list(known)
    seen: set[str] = set()
    while due:
        task_id = due.pop()
        if task_id in seen or task_id not in known or task_id in kept:
            continue
        seen.add(task_id)
        task = known[task_id]
        if task.continuation is not None and task.kind is TaskKind.CONTINUATION:
            due.append(task.continuation)
            continue
        again.add(task_id)
        due.extend(task.upstream)
    return tuple(i for i in known if i in kept), tuple(i for i in known if i in again)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _runs(number: int) -> str:
    return _count(number, "task runs (again)", "tasks run (again)")
