"""Workflows as the JSON of the commands. Pure.

Keys are always there. An unknown scalar is null; lists and objects are never null. Times are Unix seconds, durations
seconds, sizes bytes. Ids and texts stay raw, so that an id read here can be passed back to an action. What strict JSON
cannot hold becomes text, and `problems` names it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftui.model.action import ActionOutcome, ActionPlan
    from wftui.model.task import ErrorInfo, Task
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

    # Takes metadata and gives it back with secrets masked.
    Mask = Callable[[Mapping[str, object]], Mapping[str, object]]

Json = dict[str, object]

_LAST_INTEGER = 2**63 - 1
_DEEPEST = 200


def summary_json(row: WorkflowSummary, mask: Mask) -> Json:
    """One object of `wftui ls --json`."""
    return _summary(row, strict(mask(row.user_metadata), {}))


def detail_json(
    detail: WorkflowDetail, mask: Mask, values: Mapping[str, TaskValues] | None = None, *, show_secrets: bool = False
) -> Json:
    """The object of `wftui show --json`.

    Args:
        detail: The workflow.
        mask: What metadata goes through.
        values: What its tasks were given and gave back, by their ids; None where that was not asked for.
        show_secrets: Do not mask what looks like a secret in the values.
    """
    # Lists, which are long, want none of it.
    from wftui.present.timejson import task_times, times_of, whole_times
    from wftui.present.values import values_json

    notes: dict[str, dict[str, None]] = {}
    metadata = strict(mask(detail.summary.user_metadata), notes.setdefault("user_metadata", {}))
    timings = times_of(detail)
    tasks = [{**_task(task, mask, notes), **task_times(timings, task.id)} for task in detail.tasks]
    if values is not None:
        for of, task in zip(tasks, detail.tasks, strict=True):
            of.update(values_json(values.get(task.id), task.upstream, show=show_secrets))
    problems = [{"path": told.path, "what": told.what} for told in (*detail.problems, *detail.remarks)]
    # A source that knows the file names it itself.
    problems += [
        {"path": path, "what": f"holds {what}, which strict JSON cannot: written as text"}
        for path, found in notes.items()
        for what in found
        if not any(f"holds {what.lstrip('-')}," in problem.what for problem in detail.problems)
    ]
    if detail.truncated is not None:
        shown, total = detail.truncated
        problems.append({"path": "tasks", "what": f"{shown} of {total} tasks are shown"})
    return {
        **_summary(detail.summary, metadata),
        "time": whole_times(detail, timings),
        "output_task": detail.output_task,
        "tasks": tasks,
        "critical_path": list(timings.path),
        "problems": problems,
    }


def outcome_json(outcome: ActionOutcome) -> Json:
    """One object of what an action prints."""
    return {
        "id": outcome.key.id,
        "action": outcome.kind.value,
        "done": outcome.done,
        "status_before": outcome.status_before.value if outcome.status_before else None,
        "status_after": outcome.status_after.value if outcome.status_after else None,
        "why": outcome.why or None,
    }


def plan_json(plan: ActionPlan, why: str) -> Json:
    """The same object for what an action would do: nothing is done, so the status stays."""
    status = plan.status.value if plan.status else None
    return {
        "id": plan.key.id,
        "action": plan.kind.value,
        "done": False,
        "status_before": status,
        "status_after": status,
        "why": why or None,
    }


def _summary(row: WorkflowSummary, metadata: object) -> Json:
    return {
        "id": row.key.id,
        "engine": row.key.engine,
        "target": row.key.target,
        "namespace": row.key.namespace,
        "name": row.name,
        "status": row.status.value,
        "status_source": row.status_source.value,
        "recorded_status": row.recorded_status or None,
        "started_at": _finite(row.started_at),
        "ended_at": _finite(row.ended_at),
        "ended_at_source": row.ended_at_source.value if row.ended_at_source else None,
        "duration": _finite(row.duration),
        "user_metadata": metadata,
        "error": None if row.error is None else {"type": row.error.type, "message": row.error.message},
    }


def _task(task: Task, mask: Mask, notes: dict[str, dict[str, None]]) -> Json:
    def plain(what: str, value: Mapping[str, object]) -> object:
        found: dict[str, None] = {}
        result = strict(mask(value), found)
        if found:
            notes[f"tasks/{task.id}/{what}"] = found
        return result

    return {
        "id": task.id,
        "name": task.name,
        "kind": task.kind.value,
        "status": task.status.value,
        "upstream": list(task.upstream),
        "parent": task.parent,
        "started_at": _finite(task.started_at),
        "ended_at": _finite(task.ended_at),
        "ended_at_source": task.ended_at_source.value if task.ended_at_source else None,
        "duration": _finite(task.duration),
        "attempts": None if task.attempts is None else len(task.attempts),
        "max_retries": _integer(task.max_retries),
        "error": _error(task.error),
        "output_size": task.output_size,
        "options": plain("options", task.options),
        "user_metadata": plain("user_metadata", task.user_metadata),
        "node": task.node,
        "pid": task.pid,
        "waiting_for": task.waiting_for,
    }


def _error(error: ErrorInfo | None) -> Json | None:
    if error is None:
        return None
    return {
        "type": error.type,
        "message": error.message,
        "caught": error.caught,
        "stale": error.stale,
        "traceback": error.traceback,
    }


def _integer(value: int | None) -> int | None:
    """The number, if strict JSON holds it; where it cannot, the options still have it, as text."""
    return value if value is not None and -_LAST_INTEGER - 1 <= value <= _LAST_INTEGER else None


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def strict(value: object, found: dict[str, None], depth: int = 0) -> object:
    """The value as strict JSON holds it.

    Args:
        value: What JSON, or Python's dialect of it, gave.
        found: Gets, in words, each kind of thing that had to become text.
        depth: How deep it lies already.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if -_LAST_INTEGER - 1 <= value <= _LAST_INTEGER:
            return value
        found["an integer beyond 64 bits"] = None
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        found[name] = None
        return name
    if depth >= _DEEPEST:
        found[f"more than {_DEEPEST} levels"] = None
        return "…"
    return _strict_container(value, found, depth + 1)


def _strict_container(value: object, found: dict[str, None], depth: int) -> object:
    if isinstance(value, (list, tuple)):
        items: list[object] = []
        for item in value:
            items.append(strict(item, found, depth))  # noqa: PERF401 - a comprehension would be one more frame a level
        return items
    if hasattr(value, "items"):
        result: dict[str, object] = {}
        for key, item in value.items():
            result[str(key)] = strict(item, found, depth)
        return result
    found[f"a {type(value).__name__}"] = None
    return repr(value)
