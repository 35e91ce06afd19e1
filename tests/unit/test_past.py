"""A workflow as it was at a moment of its past."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import START, detail, task
from tests.unit.workflow_making import ERROR, FAILED, OK, PENDING, RUNNING, damaged, ran
from wftui.errors import UsageError
from wftui.model.status import Status
from wftui.model.task import Attempt, Task, TaskKind
from wftui.present.moment import moment_named
from wftui.present.past import Past, events_of, moments_of, state_at
from wftui.present.timing import extent_of, when

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail

FRACTION = st.floats(-0.2, 1.0)


def at_fraction(workflow: WorkflowDetail, fraction: float) -> float:
    extent = extent_of(workflow)
    assert extent is not None
    return extent.start + fraction * extent.length


def times_of(one: Task) -> list[float]:
    found = [one.started_at, one.ended_at]
    for attempt in one.attempts or ():
        found += [attempt.started_at, attempt.ended_at]
    return [moment for moment in found if moment is not None]


@settings(deadline=None)
@given(st.one_of(ran(), damaged()))
def test_at_the_end_it_equals_the_present(workflow: WorkflowDetail) -> None:
    extent = extent_of(workflow)
    for end in (extent.end, extent.end + 1) if extent is not None else (START,):
        assert state_at(workflow, end) is workflow


@settings(deadline=None)
@given(ran(), FRACTION, FRACTION)
def test_what_ended_stays_ended_unless_it_was_tried_again(workflow: WorkflowDetail, one: float, other: float) -> None:
    early, late = sorted((at_fraction(workflow, one), at_fraction(workflow, other)))
    before = {t.id: t for t in state_at(workflow, early).tasks}
    after = {t.id: t for t in state_at(workflow, late).tasks}
    assert before.keys() <= after.keys()
    for task_id, was in before.items():
        now = after[task_id]
        tries = len(was.attempts or ()), len(now.attempts or ())
        assert tries[0] <= tries[1]
        if was.status in (OK, FAILED) and tries[0] == tries[1]:
            assert (now.status, now.ended_at) == (was.status, was.ended_at)
        if was.started_at is not None:
            assert now.started_at is not None
            assert now.started_at >= was.started_at


@settings(deadline=None)
@given(ran(), FRACTION)
def test_nothing_in_the_past_knows_the_future(workflow: WorkflowDetail, fraction: float) -> None:
    moment = at_fraction(workflow, fraction)
    then = state_at(workflow, moment)
    if then is workflow:
        return
    assert then.as_of == moment
    for one in then.tasks:
        assert all(time <= moment for time in times_of(one))
        if one.error is not None and not one.error.stale:
            assert one.ended_at is not None
        if one.output_size is not None:
            assert one.status is OK
    # Whatever was yet to come came otherwise: nobody could tell then.
    otherwise = replace(
        workflow,
        summary=replace(workflow.summary, ended_at=_otherwise(workflow.summary.ended_at, moment)),
        tasks=tuple(_came_otherwise(one, moment) for one in workflow.tasks),
    )
    assert state_at(otherwise, moment).tasks == then.tasks


def _otherwise(time: float | None, moment: float) -> float | None:
    return time + 1000 if time is not None and time > moment else time


def _came_otherwise(one: Task, moment: float) -> Task:
    if one.ended_at is None or one.ended_at <= moment or one.started_at is None:
        return one
    if one.error is not None and one.attempts is None:
        return one
    attempts = one.attempts
    if attempts is not None:
        last = attempts[-1]
        changed = replace(
            last, started_at=_otherwise(last.started_at, moment), ended_at=_otherwise(last.ended_at, moment)
        )
        attempts = (*attempts[:-1], replace(changed, status=FAILED, error=ERROR))
    return replace(
        one,
        status=FAILED,
        error=ERROR,
        output_size=None,
        started_at=_otherwise(one.started_at, moment),
        ended_at=one.ended_at + 1000,
        attempts=attempts,
    )


@settings(deadline=None)
@given(damaged(), st.one_of(st.floats(allow_nan=False), st.floats(START - 50, START + 400)))
def test_no_record_is_too_odd(workflow: WorkflowDetail, moment: float) -> None:
    state = state_at(workflow, moment)
    known = {one.id for one in workflow.tasks}
    assert {one.id for one in state.tasks} <= known
    moments = moments_of(events_of(workflow))
    assert all(first < second for first, second in pairwise(moments))
    assert all(when(one) is not None for one in moments)


@settings(deadline=None)
@given(st.one_of(ran(), damaged()), st.lists(FRACTION, min_size=2, max_size=8))
def test_a_moment_is_the_same_whatever_was_looked_at_before(workflow: WorkflowDetail, fractions: list[float]) -> None:
    moments = [at_fraction(workflow, one) if extent_of(workflow) else START for one in fractions]
    moments += moments_of(events_of(workflow))[:6]
    past = Past(workflow)
    for moment in moments:
        assert past.at(moment) == state_at(workflow, moment)


@settings(deadline=None)
@given(ran(most=6), st.floats(-0.2, 0.99), st.floats(-0.2, 0.99))
def test_from_one_moment_to_the_next_only_what_differs_is_made(
    workflow: WorkflowDetail, one: float, other: float
) -> None:
    past = Past(workflow)
    before, after = (past.at(at_fraction(workflow, fraction)) for fraction in (one, other))
    was = {task.id: task for task in before.tasks}
    assert all(task is was[task.id] for task in after.tasks if task.id in was and task == was[task.id])


def test_a_run_step_by_step() -> None:
    workflow = detail(
        "w",
        OK,
        [
            task("load", started_at=START + 1, ended_at=START + 11, output_size=5, node="n"),
            task("train", upstream=["load"], started_at=START + 20, ended_at=START + 30, output_size=5),
        ],
        ended_at=START + 31,
    )
    told = []
    for seconds in (-1, 0.5, 1, 11, 20, 30, 31):
        state = state_at(workflow, START + seconds)
        told.append((state.summary.status, *(one.status for one in state.tasks)))
    ready = Status.READY
    assert told == [
        (PENDING, PENDING, PENDING),
        (RUNNING, ready, PENDING),
        (RUNNING, RUNNING, PENDING),
        (RUNNING, OK, ready),
        (RUNNING, OK, RUNNING),
        (RUNNING, OK, OK),
        (OK, OK, OK),
    ]
    assert [event.what for event in events_of(workflow)] == ["started", "started", "ended", "started", "ended", "ended"]


def test_a_retry_fails_waits_and_runs_again() -> None:
    attempts = (
        Attempt(1, FAILED, START, START + 5, ERROR),
        Attempt(2, OK, START + 60, START + 70),
    )
    one = task("pay", started_at=START + 60, ended_at=START + 70, attempts=attempts)
    workflow = detail("w", OK, [one], ended_at=START + 80)
    running = state_at(workflow, START + 1).tasks[0]
    assert (running.status, running.started_at, running.error, len(running.attempts or ())) == (RUNNING, START, None, 1)
    between = state_at(workflow, START + 30).tasks[0]
    assert (between.status, between.waiting_for) == (Status.WAITING, "a retry")
    assert between.error == replace(ERROR, stale=True)
    again = state_at(workflow, START + 65).tasks[0]
    assert (again.status, again.started_at, len(again.attempts or ())) == (RUNNING, START + 60, 2)
    assert [(event.what, event.attempt) for event in events_of(workflow)][1:5] == [
        ("started", 1),
        ("failed", 1),
        ("started", 2),
        ("ended", 2),
    ]


def test_between_an_attempt_that_left_an_error_only_and_the_next_it_waits() -> None:
    one = task("pay", started_at=START + 60, ended_at=START + 70, failed_at=START + 30)
    workflow = detail("w", OK, [one, task("ship", upstream=["pay"])], ended_at=START + 80)
    told = [state_at(workflow, START + at).tasks[0] for at in (10, 40, 65)]
    assert [one.status for one in told] == [Status.UNKNOWN, Status.WAITING, RUNNING]
    assert [(one.failed_at, one.waiting_for) for one in told] == [
        (None, None),
        (START + 30, "a retry"),
        (START + 30, None),
    ]
    assert [(event.what, event.at - START) for event in events_of(workflow) if event.task_id == "pay"] == [
        ("failed", 30),
        ("started", 60),
        ("ended", 70),
    ]


def test_a_sub_dag_is_there_once_it_was_returned() -> None:
    workflow = detail(
        "w",
        OK,
        [
            task("outer", kind=TaskKind.CONTINUATION, continuation="inner", started_at=START, ended_at=START + 5),
            task("inner", parent="outer", started_at=START + 6, ended_at=START + 20),
            task("after", upstream=["outer"], started_at=START + 21, ended_at=START + 22),
        ],
        ended_at=START + 22,
    )
    first = state_at(workflow, START + 1)
    assert [(one.id, one.kind, one.status) for one in first.tasks] == [
        ("outer", TaskKind.TASK, RUNNING),
        ("after", TaskKind.TASK, PENDING),
    ]
    inside = state_at(workflow, START + 10)
    assert [(one.id, one.status) for one in inside.tasks] == [
        ("outer", RUNNING),
        ("inner", RUNNING),
        ("after", PENDING),
    ]
    assert [one.status for one in state_at(workflow, START + 20).tasks] == [OK, OK, Status.READY]


def test_a_chain_of_continuations_goes_on_with_the_link_that_was_there() -> None:
    def link(name: str, at: float, onward: str | None, parent: str | None) -> Task:
        kind = TaskKind.TASK if onward is None else TaskKind.CONTINUATION
        began = START + at
        return task(name, kind=kind, continuation=onward, parent=parent, started_at=began, ended_at=began + 5)

    # Ray names the latest link at the first one, and the next one at all others.
    chain = [link("a", 0, "d", None), link("b", 10, "c", "a"), link("c", 20, "d", "b"), link("d", 30, None, "c")]
    workflow = detail("w", OK, [*chain, task("after", upstream=["a"])], ended_at=START + 40)
    then = {one.id: one for one in state_at(workflow, START + 12).tasks}
    assert (then["a"].continuation, then["a"].status) == ("b", RUNNING)
    assert then.keys() == {"a", "b", "after"}
    then = {one.id: one for one in state_at(workflow, START + 16).tasks}
    assert [then[one].status for one in "abc"] == [Status.READY] * 3
    then = {one.id: one for one in state_at(workflow, START + 35).tasks}
    assert [then[one].status for one in "abcd"] == [OK] * 4


def test_what_ended_nobody_knows_when_is_unknown_till_the_workflow_was_over() -> None:
    workflow = detail("w", FAILED, [task("lost", FAILED, started_at=START + 1)], ended_at=START + 50)
    sibling = replace(workflow, tasks=(*workflow.tasks, task("late", started_at=START + 2, ended_at=START + 90)))
    assert state_at(sibling, START + 10).tasks[0].status is Status.UNKNOWN
    assert state_at(sibling, START + 60).tasks[0].status is FAILED
    assert state_at(sibling, START + 60).summary.status is FAILED


def test_what_was_cut_off_ran_until_its_workflow_was_over() -> None:
    cut_off = task("lost", Status.UNKNOWN, started_at=START + 1)
    late = task("late", started_at=START + 2, ended_at=START + 90)
    workflow = detail("w", FAILED, [cut_off, late], ended_at=START + 50)
    assert state_at(workflow, START + 10).tasks[0].status is RUNNING
    assert state_at(workflow, START + 60).tasks[0].status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1790000042", START + 42),
        ("1790000042.5", START + 42.5),
        ("+90s", START + 90),
        ("+90", START + 90),
        ("+1h30m", START + 5400),
        ("-5m", START + 700),
        ("-500ms", START + 999.5),
        ("2026-09-21T14:14:02Z", START + 42),
        ("2026-09-21T16:14:02+02:00", START + 42),
    ],
)
def test_moments_as_people_write_them(text: str, moment: float) -> None:
    assert moment_named(text, START, START + 1000) == pytest.approx(moment)


@pytest.mark.parametrize("text", ["", "soon", "+", "+5y", "nan", "inf", "9" * 5000, "2026-13-40", "+5s"])
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        moment_named(text, None, None)
