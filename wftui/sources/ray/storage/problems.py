"""What is wrong with the files of a workflow, in words: what could not be read of them, and what does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.model.workflow import Problem
from wftui.sources.ray.storage import layout
from wftui.sources.ray.storage.jsonread import mapping, not_strict, number
from wftui.sources.ray.storage.runs import file_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.ray.storage.runs import RunFiles
    from wftui.sources.ray.storage.taskfiles import TaskRecord


def run_problems(folder: str, files: RunFiles) -> list[Problem]:
    """What is wrong with the files of the run of the workflow at `folder`."""
    named = {layout.USER_RUN: files.user, layout.PRE_RUN: files.pre, layout.POST_RUN: files.post}
    problems = file_problems(folder, named)
    for name, parsed, field in (
        (layout.PRE_RUN, files.pre, "start_time"),
        (layout.POST_RUN, files.post, "end_time"),
    ):
        _, wrong = number(parsed, field)
        if wrong:
            problems.append(Problem(layout.join(folder, name), wrong))
    path = layout.join(folder, layout.USER_RUN)
    return problems + [Problem(path, _not_strict(what)) for what in not_strict(files.user.value)]


def task_problems(folder: str, records: Mapping[str, TaskRecord], entry: str | None) -> list[Problem]:
    """What is wrong with the files of its tasks, and with what they say of each other; `entry` is its output task."""
    base = layout.join(folder, layout.TASKS)
    problems: list[Problem] = []
    for record in records.values():
        path = f"{base}/{record.id}"
        problems += record.problems
        problems += [Problem(f"{path}/{layout.INPUTS}", _not_strict(w)) for w in not_strict(record.inputs.value)]
        refs = record.inputs.value.get("workflow_refs", [])
        if not isinstance(refs, list) or any(type(ref) is not str for ref in refs):
            problems.append(Problem(f"{path}/{layout.INPUTS}", "workflow_refs is not a list of task ids"))
        for field in ("task_options", "user_metadata"):
            if record.inputs.value.get(field) is not None and mapping(record.inputs.value[field]) is None:
                problems.append(Problem(f"{path}/{layout.INPUTS}", f"{field} is not an object"))
        if record.outputs.there and not record.outputs.what and record.continuation is None:
            problems.append(Problem(f"{path}/{layout.OUTPUTS}", "names no output task"))
        problems += [
            Problem(f"{path}/{layout.INPUTS}", f"waits for {other!r}, which has no directory")
            for other in record.upstream
            if other not in records
        ]
    if entry is not None and entry not in records:
        problems.append(Problem(f"{base}/{layout.OUTPUTS}", f"names {entry!r}, which has no directory"))
    return problems


def _not_strict(what: str) -> str:
    return f"holds {what}, which strict JSON cannot"
