"""Steps through the past of a workflow, and the way back to now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.making import START, detail, task
from tests.unit.workflow_making import OK, RUNNING, damaged, ran
from wftui.model.status import Status
from wftui.timeline.travel import PLAYED_IN, Travel

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail


def shop() -> WorkflowDetail:
    return detail(
        "shop",
        OK,
        [
            task("load", started_at=START, ended_at=START + 10),
            task("train", upstream=["load"], started_at=START + 90_000, ended_at=START + 90_010),
        ],
        ended_at=START + 90_010,
    )


def test_from_event_to_event_and_back_to_the_present() -> None:
    travel = Travel()
    travel.take(shop(), START + 99_999)
    assert travel.seen is travel.detail
    moments = []
    for _ in range(5):
        assert travel.step(-1, START)
        moments.append(travel.moment)
    assert moments == [START + 90_010, START + 90_000, START + 10, START, START]
    assert travel.event is not None
    assert travel.seen is not None
    assert travel.seen.tasks[0].status is RUNNING
    for _ in range(3):
        travel.step(1, START)
    assert travel.at_end
    travel.step(1, START)
    assert travel.seen is travel.detail
    travel.step(-(10**9), START)
    assert travel.number == 2, "the workflow and its first task"
    travel.step(10**9, START)
    assert travel.at_end


def test_news_stay_in_the_past_and_another_workflow_leads_back() -> None:
    travel = Travel()
    travel.take(shop(), START)
    travel.go_to(START + 5, START)
    again = shop()
    travel.take(again, START)
    assert travel.seen is not again
    other = detail("other")
    travel.take(other, START)
    assert travel.seen is other


def test_without_times_there_is_nowhere_to_go() -> None:
    travel = Travel()
    travel.take(detail("w", Status.PENDING, [task("a", Status.PENDING)], started_at=None), START)
    assert not travel.step(-1, START)
    assert not travel.play(START)
    assert travel.moment is None


@settings(deadline=None)
@given(st.one_of(ran(), damaged()), st.floats(START, START + 500))
def test_playing_comes_to_the_end(workflow: WorkflowDetail, now: float) -> None:
    travel = Travel()
    travel.take(workflow, now)
    before = None
    for _ in range(20 * PLAYED_IN):
        if not travel.play(now):
            break
        assert before is None or travel.moment is None or travel.moment > before
        before = travel.moment
    else:
        raise AssertionError("it never ends")
    if travel.moments:
        assert travel.moment == travel.moments[-1]
        assert travel.seen is not None
