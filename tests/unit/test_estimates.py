"""When it will be done: ranges that hold, for what repeats itself exactly, and never nonsense."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import START, detail, key, summary, task
from tests.unit.workflow_making import ODD, damaged, ran
from wftui.errors import NotFoundError
from wftui.estimates.backtest import backtest, scores
from wftui.estimates.estimate import estimate
from wftui.estimates.past import candidates, history_of, is_alike, past_run
from wftui.estimates.quantiles import expected, quantile
from wftui.estimates.reader import HistoryReader, groups
from wftui.estimates.words import estimate_json, estimate_words, left_words
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.model.workflow import WorkflowKey
from wftui.present.past import state_at
from wftui.present.slow import slow_task, slow_tasks

if TYPE_CHECKING:
    from wftui.model.history import PastRun
    from wftui.model.workflow import WorkflowDetail

OK, RUNNING = Status.SUCCESSFUL, Status.RUNNING
SHAPE = {"load": (), "left": ("load",), "right": ("load",), "plan": ("left", "right"), "report": ("plan",)}


def finished(
    workflow_id: str, lengths: dict[str, float], *, start: float = START, wait: float = 0.5, inner: float | None = None
) -> WorkflowDetail:
    """A run that succeeded: each task begins `wait` after what it waits for; "plan" may return an inner task."""
    ends: dict[str, float] = {}
    tasks = []
    for name, upstream in SHAPE.items():
        ready = max([ends[other] for other in upstream], default=start)
        begin, end = ready + wait, ready + wait + lengths[name]
        if name == "plan" and inner is not None:
            tasks.append(
                task(
                    name, OK, upstream, kind=TaskKind.CONTINUATION, continuation="deep", started_at=begin, ended_at=end
                )
            )
            tasks.append(task("deep", OK, parent="plan", started_at=end + wait, ended_at=end + wait + inner))
            ends[name] = end + wait + inner
        else:
            tasks.append(task(name, OK, upstream, started_at=begin, ended_at=end))
            ends[name] = end
    return detail(workflow_id, OK, tasks, started_at=start, ended_at=ends["report"] + 0.1)


def learnt(made: WorkflowDetail) -> PastRun:
    run = past_run(made)
    assert run is not None
    return run


def simulated(count: int, seed: int, *, inner: bool = False) -> list[WorkflowDetail]:
    """Runs one after another: each task varies by itself, and the whole run with the machine."""
    random = Random(seed)
    made, start = [], START
    for number in range(count):
        machine = random.lognormvariate(0, 0.15)
        lengths = {name: 20 * machine * random.lognormvariate(0, 0.25) for name in SHAPE}
        deep = 60 * machine * random.lognormvariate(0, 0.25) if inner else None
        made.append(finished(f"run-{number}", lengths, start=start, wait=random.random(), inner=deep))
        start += 1_000
    return made


PLAIN = dict.fromkeys(SHAPE, 10.0)


@pytest.mark.parametrize("inner", [None, 40.0])
@pytest.mark.parametrize("engine", ["ray", "absurd"])
def test_what_repeats_itself_is_told_exactly(inner: float | None, engine: str) -> None:
    def of(made: WorkflowDetail) -> WorkflowDetail:
        named = made.summary.key._replace(engine=engine)
        return replace(made, summary=replace(made.summary, key=named, name="nightly"))

    history = history_of(
        [learnt(of(finished(f"r{at}", PLAIN, start=START - 1_000 * at, inner=inner))) for at in (1, 2)]
    )
    present = of(finished("now", PLAIN, inner=inner))
    end = present.summary.ended_at
    assert end is not None
    for part in range(1, 20):
        moment = START + (end - START) * part / 20
        told = estimate(state_at(present, moment), history, moment)
        assert told.likely == pytest.approx(end, abs=1e-6), part
        assert told.earliest is not None
        assert told.latest is not None
        assert told.earliest <= end <= told.latest


@pytest.mark.parametrize("by_manager", [False, True])
def test_a_sub_dag_that_waits_for_its_turn_is_told_exactly(by_manager: bool) -> None:
    """A continuation has the status of what it returned; the manager does not tell when it returned."""
    history = history_of([learnt(finished("r", PLAIN, start=START - 1_000, inner=40.0, wait=20.0))])
    present = finished("now", PLAIN, inner=40.0, wait=20.0)
    end, returned = present.summary.ended_at, present.tasks[3].ended_at
    assert end is not None
    assert returned is not None
    seen = set()
    for moment in (returned + 1, returned + 10, returned + 19, returned + 30):
        then = state_at(present, moment)
        if by_manager:
            then = replace(then, tasks=(*then.tasks[:3], replace(then.tasks[3], ended_at=None), *then.tasks[4:]))
        seen.add(then.tasks[3].status)
        assert estimate(then, history, moment).likely == pytest.approx(end, abs=1e-6)
    assert seen == {Status.READY, RUNNING}


@pytest.mark.parametrize("inner", [False, True])
def test_ranges_hold_as_often_as_they_are_meant_to(inner: bool) -> None:
    made = simulated(60, 7, inner=inner)
    (group,) = groups([(one, learnt(one)) for one in made])
    assert len(group) == 60
    told = scores(backtest(group))
    overall = told[-1]
    assert overall.unknown == 5  # there is nothing before the first
    closed = overall.said - overall.beyond
    assert 0.7 <= overall.held / closed <= 0.95
    assert overall.beyond <= overall.said * 0.15
    # What is nearly over is known better than what has just begun.
    assert told[-2].width is not None
    assert told[0].width is not None
    assert told[-2].width < told[0].width / 2


def test_what_is_left_is_said_once_and_not_beyond_its_range() -> None:
    told = estimate(
        state_at(finished("now", PLAIN), START + 15), history_of([learnt(finished("r", PLAIN))]), START + 15
    )
    assert told.latest is not None
    assert " to " in left_words(told, START + 15)
    assert left_words(told, told.latest - 0.5) == "about a second left"
    assert left_words(told, told.latest + 1) == "later than expected"


def test_no_history_is_unknown() -> None:
    running = state_at(finished("now", PLAIN), START + 15)
    told = estimate(running, history_of([]), START + 15)
    assert (told.likely, told.earliest, told.latest) == (None, None, None)
    assert told.why == "no earlier run of it is known"
    assert (told.done, told.known, told.can_grow) == (1, 5, True)
    assert "unknown" in estimate_words(told, START + 15)
    assert left_words(told, START + 15) == ""
    assert estimate(running, None, START + 15).why == "earlier runs are not read yet"
    assert estimate(finished("now", PLAIN), history_of([]), START + 99).why == "it has ended"
    queued = detail("q", Status.PENDING, started_at=None)
    assert estimate(queued, history_of([]), START).why == "it has not started"


def test_what_takes_longer_than_ever_has_no_latest_end() -> None:
    history = history_of([learnt(finished(f"r{at}", PLAIN)) for at in range(6)])
    moment = START + 300
    running = state_at(finished("now", {**PLAIN, "load": 1_000.0}), moment)
    told = estimate(running, history, moment)
    assert told.latest is None
    assert told.earliest is not None
    assert told.earliest >= moment
    assert "longer than any of 6 earlier runs" in left_words(told, moment)
    (slow,) = slow_tasks(running, history.usual, moment)
    assert (slow.task_id, slow.usual.runs) == ("load", 6)


def test_slower_than_usual_needs_five_runs_and_a_second() -> None:
    late = task("load", RUNNING, started_at=START)
    few = history_of([learnt(finished(f"r{at}", PLAIN)) for at in range(4)])
    enough = history_of([learnt(finished(f"r{at}", PLAIN)) for at in range(5)])
    assert slow_task(late, few.usual, START + 60) is None
    assert slow_task(late, enough.usual, START + 9) is None
    assert slow_task(late, enough.usual, START + 11) is not None
    assert slow_task(replace(late, status=Status.WAITING), enough.usual, START + 11) is None
    assert slow_task(replace(late, name="other"), enough.usual, START + 11) is None
    brief = history_of([learnt(finished(f"r{at}", {**PLAIN, "load": 0.01})) for at in range(5)])
    assert slow_task(late, brief.usual, START + 0.9) is None


def test_only_runs_that_succeeded_in_one_go_tell() -> None:
    good = finished("a", PLAIN)
    assert past_run(replace(good, summary=replace(good.summary, status=Status.FAILED))) is None
    assert past_run(replace(good, summary=replace(good.summary, ended_at=None))) is None
    assert past_run(replace(good, truncated=(5, 9))) is None
    resumed = replace(good, summary=replace(good.summary, started_at=START + 20))
    assert past_run(resumed) is None


def test_runs_of_ray_are_alike_by_the_names_of_their_tasks() -> None:
    plain, nested = learnt(finished("a", PLAIN)), learnt(finished("b", PLAIN, inner=3.0))
    running = state_at(finished("now", PLAIN), START + 15)
    assert is_alike(running, plain)
    assert is_alike(running, nested)  # the continuation may come yet
    grown = finished("now", PLAIN, inner=3.0)
    assert is_alike(grown, nested)
    assert not is_alike(grown, plain)
    assert not is_alike(grown, learnt(grown))
    assert not is_alike(detail("other", RUNNING, [task("load")]), plain)


def test_candidates_are_the_same_name_or_look_alike_and_the_newest_come_first() -> None:
    rows = [
        summary("nightly-1", OK, ended_at=START + 1),
        summary("nightly-2", OK, ended_at=START + 2),
        summary("other", OK, ended_at=START + 9),
        summary("nightly-3", Status.FAILED, ended_at=START + 3),
        summary("nightly-4", OK, ended_at=START + 4, target="elsewhere"),
    ]
    now = summary("nightly-5", RUNNING)
    assert candidates(rows, now, 9) == ("nightly-2", "nightly-1", "other")
    assert candidates(rows, now, 1) == ("nightly-2",)

    def absurd(row: object, name: str, version: str) -> object:
        assert hasattr(row, "key")
        return replace(row, key=WorkflowKey("fake", "absurd", "q", row.key.id), name=name, version=version)  # type: ignore[type-var] # any row

    named = [absurd(rows[0], "shop", "1"), absurd(rows[1], "shop", "2"), absurd(rows[2], "bank", "1")]
    assert candidates(named, absurd(now, "shop", "1"), 9) == ("nightly-1",)  # type: ignore[arg-type] # rows


def test_reading_is_bounded_and_an_ended_run_is_read_once() -> None:
    made = {one.summary.key.id: one for one in simulated(50, 3)}
    reads: list[str] = []

    def read(workflow_id: str) -> WorkflowDetail:
        reads.append(workflow_id)
        if workflow_id == "run-49":
            raise NotFoundError("gone")
        return made[workflow_id]

    reader = HistoryReader(read)
    rows = [one.summary for one in made.values()]
    running = state_at(finished("run-now", PLAIN), START + 15)
    found = reader.history(running, rows, runs=5, looks=20)
    assert [run.key.id for run in found.runs] == ["run-48", "run-47", "run-46", "run-45", "run-44"]
    assert len(reads) == 6
    assert len(reader.history(running, rows, runs=5, looks=20).runs) == 5
    assert reads.count("run-48") == 1
    other = detail("run-other", RUNNING, [task("nobody", RUNNING)])
    reads.clear()
    assert reader.history(other, rows, runs=5, looks=20).runs == ()
    assert len(reads) <= 20
    assert reader.history(running, rows, stop=lambda: True).runs == ()


@given(st.one_of(ran(), damaged()), st.lists(ran(), max_size=4), ODD)
@settings(max_examples=150, deadline=None)
def test_it_is_in_order_and_in_the_future_whatever_the_record(
    made: WorkflowDetail, before: list[WorkflowDetail], odd: float | None
) -> None:
    runs = [run for at, one in enumerate(before) if (run := past_run(_as_run(one, at))) is not None]
    now = odd if odd is not None and 0 < odd < 1e11 else START + 50
    for engine in ("ray", "absurd"):
        present = replace(made, summary=replace(made.summary, key=WorkflowKey("t", engine, None, "w")))
        told = estimate(present, history_of(runs), now)
        assert told.done <= told.known
        if told.likely is None:
            assert told.why
            continue
        assert told.earliest is not None
        assert now <= told.earliest <= told.likely
        assert math.isfinite(told.likely)
        assert told.latest is None or told.likely <= told.latest < math.inf
        assert estimate_json(present, told, (), now)["left"]


def _as_run(made: WorkflowDetail, at: int) -> WorkflowDetail:
    row = replace(made.summary, key=key(f"r{at}"), status=OK, started_at=START, ended_at=START + 500)
    return replace(made, summary=row)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).map(sorted), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_quantiles_are_in_order_and_more_values_are_needed_to_be_sure(
    values: list[float], one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert quantile(values, low) <= quantile(values, high) + 1e-6
    assert expected(values, low) <= expected(values, high) + 1e-6
    assert values[0] <= quantile(values, low) <= values[-1] + 1e-6
    assert 0 <= expected(values, 0.1) <= quantile(values, 0.5) + 1e-6 <= expected(values, 0.9) + 2e-6
