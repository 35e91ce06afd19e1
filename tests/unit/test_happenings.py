"""What happened, in order: each thing once, by its word, with who says so."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import START, detail, task
from tests.unit.workflow_making import ODD, damaged, ran
from wftui.model.audit import Deed
from wftui.model.event import Event
from wftui.model.status import Status, StatusSource, TimeSource
from wftui.model.task import Attempt, ErrorInfo, TaskKind
from wftui.present.happenings import Origin, happenings_of
from wftui.present.past import events_of, state_at

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail

OK, FAILED, RUNNING = Status.SUCCESSFUL, Status.FAILED, Status.RUNNING
ERROR = ErrorInfo("shop.NoPrice", "none for 7\nmore")


def deed(at: float, **fields: object) -> Deed:
    return replace(Deed(at, "ada", "box", 1, "fake", "ray", None, "w", "cancel", "done"), **fields)  # type: ignore[arg-type] # any


def words(made: WorkflowDetail) -> list[tuple[float, str, str | None]]:
    return [(round(one.at - START, 3), one.what, one.task_id) for one in happenings_of(made)]


def test_a_run_from_its_start_to_its_end() -> None:
    made = detail(
        "w",
        FAILED,
        [
            task("load", OK, started_at=START, ended_at=START + 2),
            task("plan", OK, ["load"], continuation="inner", started_at=START + 2, ended_at=START + 3),
            task("inner", FAILED, parent="plan", started_at=START + 3, ended_at=START + 5, error=ERROR),
        ],
        ended_at=START + 5,
        error=ERROR,
    )
    assert words(made) == [
        (0, "started", None),
        (0, "started", "load"),
        (2, "finished", "load"),
        (2, "started", "plan"),
        (3, "continued", "plan"),
        (3, "started", "inner"),
        (5, "failed", "inner"),
        (5, "failed", None),
    ]
    told = {(one.what, one.task_id): one.told for one in happenings_of(made)}
    assert told["failed", "inner"] == "NoPrice: none for 7"
    assert told["continued", "plan"] == "goes on with inner"


def test_tries_waits_and_checkpoints_have_words_of_their_own() -> None:
    tries = (Attempt(1, FAILED, START, START + 1, ERROR), Attempt(2, OK, START + 4, START + 5))
    made = detail(
        "w",
        OK,
        [
            task("t", OK, attempts=tries, started_at=START + 4, ended_at=START + 5, options={"enqueued_at": START - 1}),
            task("t/charge", OK, kind=TaskKind.CHECKPOINT, parent="t", ended_at=START + 4.5),
            task("t/paid", OK, kind=TaskKind.WAIT, started_at=START + 1, ended_at=START + 3, waiting_for="event paid"),
            task("u", RUNNING, started_at=START + 2, error=replace(ERROR, stale=True)),
        ],
        ended_at=START + 6,
    )
    made = replace(made, events=(Event("paid", START + 3), Event("never", None, happened=False)))
    assert words(made) == [
        (-1, "submitted", "t"),
        (0, "started", None),
        (0, "started", "t"),
        (1, "failed", "t"),
        (1, "waiting", "t/paid"),
        (2, "retried", "u"),
        (3, "event", None),
        (3, "woken", "t/paid"),
        (4, "retried", "t"),
        (4.5, "checkpoint", "t/charge"),
        (5, "finished", "t"),
        (6, "finished", None),
    ]
    by_task = [(one.what, one.attempt) for one in happenings_of(made) if one.task_id == "t"]
    assert by_task == [("submitted", 0), ("started", 1), ("failed", 1), ("retried", 2), ("finished", 2)]


def test_tasks_older_than_the_workflow_tell_of_a_resume() -> None:
    made = detail("w", RUNNING, [task("load", OK, started_at=START - 60, ended_at=START - 50)])
    assert words(made) == [(-60, "started", "load"), (-50, "finished", "load"), (0, "resumed", None)]


def test_who_says_so() -> None:
    made = detail(
        "w",
        OK,
        [
            task("a", OK, started_at=START, ended_at=START + 1, ended_at_source=TimeSource.RECORDED),
            task("b", FAILED, started_at=START, ended_at=START + 2, ended_at_source=TimeSource.FILE),
            task("c", RUNNING, started_at=START + 3),
        ],
        ended_at=START + 4,
        ended_at_source=TimeSource.RECORDED,
    )
    made = replace(made, deeds=(deed(START + 3.5, outcome="refused", why="it has\nended"),))
    found = {(one.what, one.task_id): one.origin for one in happenings_of(made)}
    assert found["finished", "a"] is Origin.RECORDED
    assert found["failed", "b"] is Origin.FILE
    assert found["started", "b"] is Origin.RECORDED
    assert found["started", "c"] is Origin.CLUSTER
    assert found["cancel", None] is Origin.AUDIT
    bare = replace(made, summary=replace(made.summary, status_source=StatusSource.STORAGE))
    assert {one.origin for one in happenings_of(bare)} == {Origin.RECORDED, Origin.FILE, Origin.AUDIT}
    (told,) = (one.told for one in happenings_of(made) if one.origin is Origin.AUDIT)
    assert told == "refused, by ada@box, it has"


def test_a_queued_workflow_was_submitted() -> None:
    made = detail("w", Status.PENDING, [task("load", Status.PENDING)], started_at=None, status_since=START)
    assert words(made) == [(0, "submitted", None)]


def test_what_is_done_to_a_task_alone_leads_to_it() -> None:
    made = replace(detail("w", OK, [task("t1", OK, name="pack")]), deeds=(deed(START, workflow="t1", action="resume"),))
    (one,) = (one for one in happenings_of(made) if one.origin is Origin.AUDIT)
    assert (one.what, one.task_id, one.name) == ("resume", "t1", "pack")


@given(st.one_of(ran(), damaged()), st.lists(st.floats(START - 50, START + 300), max_size=3), ODD)
@settings(max_examples=150, deadline=None)
def test_it_is_in_order_and_leaves_nothing_out(made: WorkflowDetail, times: list[float], since: float | None) -> None:
    made = replace(
        made, deeds=tuple(deed(at) for at in sorted(times)), summary=replace(made.summary, status_since=since)
    )
    found = happenings_of(made)
    assert all(first.at <= second.at for first, second in pairwise(found))
    expected = sorted(
        [*((event.at, event.task_id) for event in events_of(made)), *((at, None) for at in times)], key=str
    )
    assert sorted([(one.at, one.task_id) for one in found if one.what != "submitted"], key=str) == expected


@given(ran(), st.floats(START - 10, START + 300))
@settings(max_examples=100, deadline=None)
def test_of_a_moment_in_the_past_nothing_is_told_that_came_later(made: WorkflowDetail, moment: float) -> None:
    made = replace(made, deeds=(deed(START + 20),))
    assert all(one.at <= moment for one in happenings_of(replace(state_at(made, moment), as_of=moment)))
