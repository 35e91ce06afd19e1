"""Travelling through the past of workflows so large that what it takes is worked out beside the interface."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui.detail_app import DetailApp, screen
from tests.ui.states import until
from tests.unit.making import START, detail, task
from wftui.model.status import Status
from wftui.present.past import events_of, moments_of, state_at
from wftui.timeline.travel import LARGE
from wftui.widgets.task_table import TaskTable
from wftui.widgets.travel_strip import TravelStrip

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail

SIZE = (120, 36)


def many(workflow_id: str = "many") -> WorkflowDetail:
    count = LARGE + 20
    tasks = [
        task(f"t{at}", upstream=[f"t{at - 7}"] if at > 6 else [], started_at=START + at, ended_at=START + at + 5)
        for at in range(count)
    ]
    return detail(workflow_id, tasks=tasks, ended_at=START + count + 10)


async def ready(pilot: Pilot[None], app: DetailApp) -> None:
    await until(pilot, lambda: app.tabs._parts is not None and app.tabs.settled, "the tab")
    await until(pilot, lambda: app.query_one(TaskTable).has_focus, "the focus")


async def test_keys_that_come_before_the_past_is_worked_out_are_kept() -> None:
    workflow = many()
    app = DetailApp(workflow)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, app)
        app.tabs.action_step(-1)
        assert "working out what happened when" in str(app.query_one(TravelStrip).render())
        assert app.query_one(TravelStrip).display
        app.tabs.action_step(-1)
        await pilot.press("comma", "comma")
        await until(pilot, lambda: app.tabs.moment is not None and app.tabs.settled, "the past")
        moments = moments_of(events_of(workflow))
        assert app.tabs.moment == moments[-4]
        assert app.tabs.detail == state_at(workflow, moments[-4])
        assert [row.task for row in app.query_one(TaskTable).rows if row.task.status is Status.RUNNING]
        assert "as of" in screen(app)


async def test_a_held_key_ends_where_it_was_let_go() -> None:
    workflow = many()
    app = DetailApp(workflow)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, app)
        for _ in range(60):
            app.tabs.action_step(-1)
        await until(pilot, lambda: app.tabs.moment is not None and app.tabs.settled, "the past")
        for _ in range(20):
            app.tabs.action_step(1)
        await until(pilot, lambda: app.tabs.settled, "the moment")
        moments = moments_of(events_of(workflow))
        assert app.tabs.moment == moments[-40]
        assert app.tabs.detail == state_at(workflow, moments[-40])
        await pilot.press("escape")
        await until(pilot, lambda: app.tabs.settled, "the present")
        assert app.tabs.detail is workflow
        assert not app.query_one(TravelStrip).display


async def test_another_workflow_meanwhile_is_shown_in_the_present() -> None:
    app = DetailApp(many())
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, app)
        app.tabs.action_step(-1)
        other = many("other")
        app.tabs.show(other)
        await until(pilot, lambda: not app.tabs._preparing, "the past of the first")
        await until(pilot, lambda: app.tabs.settled, "the other")
        assert app.tabs.detail is other
        assert app.tabs.moment is None
        assert not app.query_one(TravelStrip).display
        app.tabs.action_step(-1)
        await until(pilot, lambda: app.tabs.moment is not None and app.tabs.settled, "the past of the other")
        assert app.tabs.moment == other.summary.ended_at


async def test_news_of_it_leave_one_in_the_past() -> None:
    workflow = many()
    app = DetailApp(workflow)
    async with app.run_test(size=SIZE) as pilot:
        await ready(pilot, app)
        app.tabs.action_step(-9)
        await until(pilot, lambda: app.tabs.moment is not None and app.tabs.settled, "the past")
        moment = app.tabs.moment
        news = replace(workflow, summary=replace(workflow.summary, note="cancel armed"))
        app.tabs.show(news)
        await until(pilot, lambda: app.tabs.settled, "the news")
        assert app.tabs.moment == moment
        assert app.tabs.detail == state_at(workflow, moment or 0.0)
        app.tabs._prepare()  # a timer does that
        await until(pilot, lambda: app.tabs._travel.wanted is None, "the past with the news in it")
        assert app.tabs.moment == moment
        assert app.tabs.detail == state_at(news, moment or 0.0)
