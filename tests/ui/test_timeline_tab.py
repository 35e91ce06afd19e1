"""The Timeline tab: rows, zoom, folds and what follows its cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.ui import scenes
from tests.ui.detail_app import DetailApp
from tests.ui.scenes import NOW
from tests.ui.states import until
from wftui.model.status import Status
from wftui.widgets.graph_view import GraphView
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable
from wftui.widgets.timeline_view import TimelineView

if TYPE_CHECKING:
    from textual.pilot import Pilot
    from textual.strip import Strip

    from wftui.model.workflow import WorkflowDetail

SMALL, LARGE = (80, 24), (120, 36)


class App(DetailApp):
    """Shows one workflow at the time of the scenes."""

    def __init__(self, detail: WorkflowDetail, tab: str = "timeline", *, ascii_only: bool = False) -> None:
        super().__init__(detail, tab, ascii_only=ascii_only)
        self.clock._now = NOW

    @property
    def timeline(self) -> TimelineView:
        return self.query_one(TimelineView)


def screen(app: DetailApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def ready(pilot: Pilot[None], app: App) -> None:
    """The tabs are there, and show all that they know."""
    await until(pilot, lambda: app.tabs._parts is not None and app.tabs.settled, "the tab")
    app.tabs.show(app._first)
    await until(pilot, lambda: app.tabs.settled, "the timeline")
    await pilot.pause()


def note(app: App) -> str | None:
    return app.tabs.detail.summary.note if app.tabs.detail is not None else None


def labels(app: App) -> list[str]:
    timeline = app.timeline.timeline
    return [row.label for row in timeline.rows] if timeline is not None else []


async def test_rows_by_start_the_cursor_on_what_runs_and_the_pane_beside_it() -> None:
    app = App(scenes.payments("pay"))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        assert labels(app) == ["order", "charge", "remind", "ship", "invoice"]
        row = app.timeline.cursor_row
        assert row is not None
        assert row.label == "ship"
        assert app.query_one("#detail-timeline TaskPane", TaskPane).task_id == "ship"
        text = screen(app)
        for told in ("at once ≤ 1", "since start", "≈3d04h", "▒▒ earlier attempt", "┄┄ sleep or event", "most time:"):
            assert told in text
        await pilot.press("home", "j")
        await pilot.pause()
        assert app.selected[-1] == labels(app)[1]
        await pilot.press("enter")
        await until(pilot, lambda: app.tabs.tab == "tasks", "the task")


async def test_the_selected_task_is_the_same_in_all_tabs() -> None:
    app = App(scenes.etl("etl", at=132))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        app.timeline.go_to("stg_fx")
        await pilot.pause()
        app.tabs.go_to("tasks")
        await pilot.pause()
        cursor = app.query_one(TaskTable).cursor_task
        assert cursor is not None
        assert cursor.id == "stg_fx"
        app.tabs.go_to("graph")
        await until(pilot, lambda: app.tabs.settled and app.query_one(GraphView).cursor_node == "stg_fx", "the graph")
        app.query_one(GraphView).go_to("ext_fx")
        await pilot.pause()
        app.tabs.go_to("timeline")
        await pilot.pause()
        row = app.timeline.cursor_row
        assert row is not None
        assert row.label == "ext_fx"


async def test_zoom_pan_clock_and_order() -> None:
    app = App(scenes.etl("etl", at=132))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)

        def seen() -> float | None:
            return app.timeline.window.left if app.timeline.window is not None else None

        assert seen() is None
        await pilot.press("plus", "plus")
        close = seen()
        assert close
        await pilot.press("left")
        assert (seen() or 0.0) < close
        await pilot.press("minus", "minus", "minus")
        assert seen() is None
        await pilot.press("plus", "0")
        assert seen() is None
        await pilot.press("a")
        await pilot.pause()
        assert "13:59" in screen(app) or "14:00" in screen(app)
        await pilot.press("v")
        await pilot.pause()
        assert "as the graph" in screen(app)


async def test_groups_open_and_close_here_and_in_the_graph() -> None:
    app = App(scenes.fan_out("backfill", 60))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        whole = labels(app)
        assert "extract ×60" in whole
        app.timeline.move_to(whole.index("extract ×60"))
        await pilot.press("enter")
        await until(pilot, lambda: app.tabs.settled and "extract ×40" in labels(app), "the group")
        at = labels(app).index("extract ×40")
        assert all(label.startswith("extract_") for label in labels(app)[at + 1 : at + 21])
        assert app.query_one(GraphView).layouts.folds.kept
        await pilot.press("down", "z")
        await until(pilot, lambda: app.tabs.settled and labels(app) == whole, "the group again")
        assert not app.query_one(GraphView).layouts.folds.kept


async def test_a_search_goes_round_the_matches() -> None:
    app = App(scenes.etl("etl", at=132))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        assert app.tabs.can_search
        app.tabs.search()
        await pilot.press(*"mart")
        await pilot.pause()
        assert "1 of 2" in screen(app)
        await pilot.press("enter")
        await pilot.pause()
        row = app.timeline.cursor_row
        assert row is not None
        assert row.label == "mart_marketing"
        await pilot.press("escape")
        await pilot.pause()
        assert app.timeline.has_focus
        assert not app.timeline.matches


async def test_a_tick_draws_only_the_running_edge() -> None:
    app = App(scenes.etl("etl", at=132))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        drawn: list[Any] = []
        view, plain = app.timeline, app.timeline.refresh

        def counting(*regions: Any, **how: Any) -> Any:
            drawn.extend(regions)
            return plain(*regions, **how)

        view.refresh = counting  # type: ignore[method-assign] # counts, and refreshes
        app.clock.advance(1)
        app.tabs.tick(app.clock.time())
        await pilot.pause()
        assert drawn
        assert all(region.height == 1 for region in drawn)
        assert {region.y for region in drawn} == {0, 2 + labels(app).index("fct_orders")}
        assert "23s" in screen(app)
        app.clock.advance(3600)
        app.tabs.tick(app.clock.time())
        await until(pilot, lambda: "1h00" in screen(app), "more room")


async def test_ten_thousand_rows_draw_only_what_is_seen() -> None:
    workflow = scenes.wide_etl("wide", 10_000)
    app = App(workflow)
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot, app)
        await until(pilot, lambda: len(labels(app)) > 9_000, "the rows")
        drawn: list[int] = []
        plain = app.timeline.render_line

        def counting(y: int) -> Strip:
            drawn.append(y)
            return plain(y)

        app.timeline.render_line = counting  # type: ignore[method-assign] # counts, and draws
        await pilot.press("end")
        await pilot.pause()
        assert 0 < len(drawn) < 200


async def test_back_in_time_and_to_the_present() -> None:
    app = App(scenes.etl("etl", at=176, status=Status.SUCCESSFUL))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        await pilot.press("comma", "comma", "comma")
        await pilot.pause()
        assert app.tabs.moment is not None
        assert app.tabs.detail is not None
        assert app.tabs.detail.summary.status is Status.RUNNING
        assert "as of 14:0" in screen(app)
        assert "publish started" in screen(app)
        news = scenes.etl("etl", at=176, status=Status.SUCCESSFUL)
        app.tabs.show(replace(news, summary=replace(news.summary, note="cancel armed")))
        await pilot.pause()
        assert note(app) == ""
        app.tabs.go_to("tasks")
        await pilot.pause()
        cursor = {row.task.id: row.task.status for row in app.query_one(TaskTable).rows}
        assert cursor["publish"] is Status.RUNNING
        await pilot.press("less_than_sign")
        await pilot.pause()
        assert all(row.task.status is not Status.SUCCESSFUL for row in app.query_one(TaskTable).rows)
        await pilot.press("escape")
        await pilot.pause()
        assert note(app) == "cancel armed"


async def test_playing_goes_on_by_itself_and_stops() -> None:
    app = App(scenes.etl("etl", at=176, status=Status.SUCCESSFUL))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        await pilot.press("space")
        first = app.tabs.moment
        assert first is not None
        await until(pilot, lambda: (app.tabs.moment or 0) > first, "the next step")
        await pilot.press("space")
        assert app.tabs._player is None
        await pilot.press("greater_than_sign", "full_stop")
        assert app.tabs.moment is None


async def test_a_click_on_the_slider_goes_there() -> None:
    app = App(scenes.etl("etl", at=176, status=Status.SUCCESSFUL))
    async with app.run_test(size=LARGE) as pilot:
        await ready(pilot, app)
        await pilot.press("comma")
        await pilot.pause()
        await pilot.click("TravelStrip", offset=(60, 1))
        await pilot.pause()
        assert app.tabs.moment is not None
        assert NOW - 176 + 60 < app.tabs.moment < NOW - 60


async def test_without_times_one_is_told_so() -> None:
    one = scenes.task("a", Status.PENDING)
    app = App(scenes.workflow("w", Status.PENDING, tasks=[one]))
    async with app.run_test(size=SMALL) as pilot:
        await ready(pilot, app)
        await pilot.press("comma")
        await pilot.pause()
        assert app.tabs.moment is None
        assert labels(app) == ["a"]


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_narrow_and_low(ascii_only: bool) -> None:
    for size in ((20, 5), (40, 10), (80, 24)):
        app = App(scenes.payments("pay"), ascii_only=ascii_only)
        async with app.run_test(size=size) as pilot:
            await ready(pilot, app)
            await pilot.press("comma", "plus", "end")
            await pilot.pause()
            text = screen(app).replace("─", "-")  # the frame is the matter of the app's style sheet
            assert not ascii_only or text.isascii(), text
