"""Where the time went: running, queueing, shares and slack."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import START, detail, task
from tests.unit.workflow_making import ERROR, FAILED, OK, RUNNING, damaged, ran
from wftui.model.status import StatusSource
from wftui.model.task import Attempt, TaskKind
from wftui.present.timing import Stretch, concurrency, extent_of, timings_of, tries_of

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail


def shop() -> WorkflowDetail:
    return detail(
        "shop",
        OK,
        [
            task("load", started_at=START + 2, ended_at=START + 12),
            task("quick", upstream=["load"], started_at=START + 12, ended_at=START + 22),
            task("slow", upstream=["load"], started_at=START + 42, ended_at=START + 92),
            task("join", upstream=["quick", "slow"], started_at=START + 95, ended_at=START + 100),
        ],
        ended_at=START + 100,
    )


def test_share_slack_and_queueing() -> None:
    timings = timings_of(shop())
    assert timings.path == ("load", "slow", "join")
    assert [timings[one].share for one in ("load", "quick", "slow", "join")] == pytest.approx([0.1, 0.1, 0.5, 0.05])
    assert [timings[one].slack for one in ("load", "quick", "slow", "join")] == pytest.approx([0, 40, 0, 0])
    assert [timings[one].queued for one in ("load", "quick", "slow", "join")] == pytest.approx([2, 0, 30, 3])
    assert timings.worst == ("slow", "load", "join")
    assert (timings.ran, timings.queued) == pytest.approx((75, 35))


def test_while_it_runs_only_what_is_recorded_counts_unless_it_is_told_what_time_it_is() -> None:
    made = shop()
    running = replace(
        made,
        summary=replace(made.summary, status=RUNNING, ended_at=None),
        tasks=(*made.tasks[:3], replace(made.tasks[3], status=RUNNING, ended_at=None)),
    )
    assert timings_of(running)["slow"].share is None
    assert timings_of(running)["join"].ran is None
    now = timings_of(running, START + 200)
    assert now["slow"].share == pytest.approx(0.25)
    assert now["join"].ran == pytest.approx(105)
    assert now.worst == ("join", "slow", "load"), "what takes the longest right now, above all"
    stored = replace(running, summary=replace(running.summary, status_source=StatusSource.STORAGE))
    assert timings_of(stored, START + 200)["join"].ran is None, "nobody knows whether it runs"
    assert timings_of(stored, START + 200).worst == ("slow", "load")


def test_tries_apart() -> None:
    attempts = (
        Attempt(1, FAILED, START, START + 5, ERROR),
        Attempt(2, FAILED, START + 8, None, ERROR),
        Attempt(3, OK, START + 20, START + 21),
    )
    one = task("pay", started_at=START + 20, ended_at=START + 21, attempts=attempts)
    assert tries_of(one) == (
        Stretch(START, START + 5),
        Stretch(START + 8, START + 20),
        Stretch(START + 20, START + 21),
    )
    assert tries_of(task("odd", started_at=START, ended_at=START - 9)) == (Stretch(START, None),)
    assert tries_of(task("none", started_at=math.nan, ended_at=START)) == ()


def test_waits_are_no_work() -> None:
    workflow = detail(
        "w", OK, [task("sleep", kind=TaskKind.WAIT, started_at=START, ended_at=START + 9)], ended_at=START + 9
    )
    timings = timings_of(workflow)
    assert timings["sleep"].ran is None
    assert concurrency(workflow, timings, START + 9) == ()


def test_how_many_ran_at_once() -> None:
    workflow = shop()
    steps = concurrency(workflow, timings_of(workflow), START + 100)
    assert [(at - START, count) for at, count in steps] == [
        (2, 1), (22, 0), (42, 1), (92, 0), (95, 1), (100, 0)
    ]  # fmt: skip


def test_a_task_tried_before_nobody_knows_when_did_not_queue() -> None:
    stale = replace(ERROR, stale=True)
    workflow = detail(
        "w", OK, [task("a", started_at=START + 50, ended_at=START + 51, error=stale)], ended_at=START + 60
    )
    assert timings_of(workflow)["a"].queued is None
    done = task("a", started_at=START + 50, ended_at=START + 51, failed_at=START + 20)
    assert timings_of(replace(workflow, tasks=(done,)))["a"].queued is None


def test_what_was_resumed_did_not_queue_while_nobody_ran_it() -> None:
    before = task("load", started_at=START - 5_000, ended_at=START - 4_900)
    after = task("train", upstream=["load"], started_at=START + 3, ended_at=START + 9)
    kept = task("quick", upstream=["load"], started_at=START - 4_890, ended_at=START - 4_800)
    timings = timings_of(detail("w", OK, [before, after, kept], ended_at=START + 9))
    assert [timings[one].queued for one in ("train", "quick")] == pytest.approx([3, 10])


@settings(deadline=None)
@given(st.one_of(ran(), damaged()), st.one_of(st.none(), st.floats(START - 100, START + 1000)))
def test_nothing_is_negative_or_infinite_whatever_was_recorded(workflow: WorkflowDetail, now: float | None) -> None:
    timings = timings_of(workflow, now)
    for one in workflow.tasks:
        timing = timings[one.id]
        for value in (timing.queued, timing.ran, timing.slack, timing.share):
            assert value is None or (math.isfinite(value) and value >= 0)
        assert timing.share is None or timing.share <= 1
        assert all(first.start <= second.start for first, second in pairwise(timing.tries))
    extent = extent_of(workflow, now)
    assert extent is None or 0 <= extent.length < math.inf
    steps = concurrency(workflow, timings, now or START)
    assert all(count >= 0 for _, count in steps)
    assert not steps or steps[-1][1] == 0
    running = {one.id for one in workflow.tasks if one.status is RUNNING}
    assert set(timings.worst) <= {*timings.path, *running}


@settings(deadline=None)
@given(ran())
def test_the_critical_path_has_no_slack(workflow: WorkflowDetail) -> None:
    timings = timings_of(workflow)
    for one in timings.path:
        slack = timings[one].slack
        assert slack is None or slack < 1e-6
