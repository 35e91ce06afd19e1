"""Where the time went, reckoned a second time and otherwise: paths are walked, moments between two times sampled."""

from __future__ import annotations

import math
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.contract import listed
from tests.unit.making import START, detail, task
from tests.unit.workflow_making import OK, ran
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.time_lines import average_of
from wftui.present.timing import concurrency, timings_of
from wftui.sources.base import SourceOptions
from wftui.sources.ray.demo import snapshot
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

LENGTHS = st.integers(0, 40).map(lambda value: value / 4)


@st.composite
def with_sub_dags(draw: DrawFn) -> WorkflowDetail:
    """A workflow that ran well, some tasks of which returned tasks to go on with, and these some more."""
    tasks: list[Task] = []

    def run(name: str, upstream: list[str], ready: float, parent: str | None, deep: int) -> float:
        """Add a task and all that it returned; returns when that was over."""
        began = ready + draw(LENGTHS)
        ended = began + draw(LENGTHS)
        fields: dict[str, Any] = {"started_at": began, "ended_at": ended, "parent": parent}
        at = len(tasks)
        tasks.append(task(name, OK, upstream, **fields))
        if deep == 0 or not draw(st.integers(0, 2)):
            return ended
        inner = draw(st.integers(1, 3))
        ends: dict[str, float] = {}
        for number in range(inner):
            waits = [one for one in ends if number == inner - 1 or draw(st.booleans())]
            one = f"{name}.{number}"
            ends[one] = run(one, waits, max((ends[other] for other in waits), default=ended), name, deep - 1)
        last = f"{name}.{inner - 1}"
        tasks[at] = task(name, OK, upstream, kind=TaskKind.CONTINUATION, continuation=last, **fields)
        return ends[last]

    outer: dict[str, float] = {}
    for number in range(draw(st.integers(1, 3))):
        waits = [one for one in outer if draw(st.booleans())]
        outer[f"t{number}"] = run(f"t{number}", waits, max((outer[one] for one in waits), default=START), None, 2)
    return detail("w", OK, tasks, ended_at=max(one.ended_at or START for one in tasks))


def edges_of(workflow: WorkflowDetail) -> dict[str, set[str]]:
    """What each task waits for: of what went on elsewhere the task there whose output stands for it."""
    tasks = {one.id: one for one in workflow.tasks}

    def output(task_id: str) -> str:
        further = tasks[task_id].continuation
        return task_id if further is None or further not in tasks else output(further)

    edges = {one.id: {output(other) for other in one.upstream if other in tasks} for one in workflow.tasks}
    for one in workflow.tasks:
        siblings = {other.id for other in workflow.tasks if other.parent == one.parent}
        if one.parent in tasks and siblings.isdisjoint(one.upstream):
            edges[one.id].add(one.parent)
    return edges


def paths_to(task_id: str, edges: dict[str, set[str]]) -> list[tuple[str, ...]]:
    """Every way to a task from one that waits for nothing."""
    before = [path for other in edges[task_id] for path in paths_to(other, edges)]
    return [(*path, task_id) for path in before] or [(task_id,)]


def check(workflow: WorkflowDetail) -> None:
    """Everything that is told of where its time went."""
    tasks = {one.id: one for one in workflow.tasks}
    timings, edges = timings_of(workflow), edges_of(workflow)
    seconds = {
        i: max(0.0, (one.ended_at or 0.0) - (one.started_at or 0.0)) if one.duration else 0.0
        for i, one in tasks.items()
    }
    paths = [path for task_id in tasks for path in paths_to(task_id, edges)]
    longest = max((math.fsum(seconds[one] for one in path) for path in paths), default=0.0)
    if timings.path:
        assert math.fsum(seconds[one] for one in timings.path) == pytest.approx(longest)
        assert all(before in edges[after] for before, after in pairwise(timings.path))
    for task_id, one in tasks.items():
        told = timings[task_id]
        if one.duration is not None:
            through = max(math.fsum(seconds[other] for other in path) for path in paths if task_id in path)
            assert told.slack == pytest.approx(longest - through, abs=1e-6)
        tries = [(t.started_at, t.ended_at) for t in one.attempts or ()] or [(one.started_at, one.ended_at)]
        whole = [end - begin for begin, end in tries if begin is not None and end is not None and end >= begin]
        assert told.ran == (pytest.approx(math.fsum(whole)) if whole else None)
        ends = [tasks[other].ended_at for other in edges[task_id]]
        first = min((begin for begin, _ in tries if begin is not None), default=None)
        if (
            first is not None
            and None not in ends
            and one.failed_at is None
            and (one.error is None or not one.error.stale)
        ):
            began = workflow.summary.started_at or 0.0
            ready = max([end for end in ends if end is not None] or [began])
            ready = max(ready, began) if first >= began else ready
            assert told.queued == pytest.approx(max(0.0, first - ready))
    check_at_once(workflow)
    cost = sorted(-(timings[i].ran or 0) - (timings[i].queued or 0) for i in timings.path)
    worst = [-(timings[i].ran or 0) - (timings[i].queued or 0) for i in timings.worst]
    assert worst == [one for one in cost if one < 0][:5]


def check_at_once(workflow: WorkflowDetail) -> None:
    """How many ran at once, in the middle between any two times."""
    timings = timings_of(workflow)
    spans: list[tuple[float, float]] = []
    for one in workflow.tasks:
        tries = [(t.started_at, t.ended_at) for t in one.attempts or ()] or [(one.started_at, one.ended_at)]
        spans += [(begin, end) for begin, end in tries if begin is not None and end is not None and end > begin]
    steps = concurrency(workflow, timings, START)
    for left, right in pairwise(sorted({moment for span in spans for moment in span})):
        middle = (left + right) / 2
        told = [count for at, count in steps if at <= middle][-1]
        assert told == sum(begin < middle < end for begin, end in spans)
    assert average_of(steps, 1.0) == pytest.approx(math.fsum(end - begin for begin, end in spans))


def is_over(workflow: WorkflowDetail) -> bool:
    return not any(one.status in (Status.RUNNING, Status.WAITING) for one in workflow.tasks)


@settings(deadline=None)
@given(ran(most=6).filter(is_over))
def test_of_plain_workflows_with_retries(workflow: WorkflowDetail) -> None:
    check(workflow)


@settings(deadline=None)
@given(with_sub_dags())
def test_of_continuations(workflow: WorkflowDetail) -> None:
    check(workflow)


def test_of_what_ray_recorded(tmp_path: Any) -> None:
    """Retries, continuations three deep, failures, what was cut off: as Ray left them."""
    count = 0
    with closing(StorageSource(str(snapshot.unpack(tmp_path)), SourceOptions())) as source:
        source.open()
        for row in listed(source):
            workflow = source.detail(row.key.id)
            if len(workflow.tasks) < 30:
                check(workflow)
                count += len(workflow.tasks)
    assert count > 100
