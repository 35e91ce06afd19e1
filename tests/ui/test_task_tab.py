"""The Tasks tab: the table, the task beside, below or instead of it, and the ways between tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui.detail_app import DetailApp, screen, settled
from tests.ui.detail_samples import NOW, failed, huge, nested
from wftui.model.status import Status
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from textual.strip import Strip

SMALL, LARGE, WIDE = (80, 24), (120, 36), (200, 60)


async def test_enter_opens_a_task_and_escape_goes_back_to_the_table() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table, pane = app.query_one(TaskTable), app.query_one("#detail-tasks TaskPane", TaskPane)
        assert table.has_focus
        assert not pane.display
        await pilot.press("down", "enter")
        await pilot.pause()
        assert pane.has_focus
        assert not table.display
        assert pane.task_id == "load_shard_3"
        assert "in task" not in screen(app)
        assert "attempts     3  up to 3 retries" in screen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert table.has_focus
        assert not pane.display
        assert app.selected[-1] == "load_shard_3"


async def test_links_lead_upstream_and_downstream_and_back() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        pane = app.query_one("#detail-tasks TaskPane", TaskPane)
        await pilot.press("enter")
        await pilot.pause()
        assert pane.task_id == "load_shard_4"
        pane.put_cursor("Downstream:join")
        await pilot.press("enter")
        await pilot.pause()
        assert pane.task_id == "join"
        pane.put_cursor("Upstream:load_shard_5")
        await pilot.press("right")
        await pilot.pause()
        assert pane.task_id == "load_shard_5"
        assert app.query_one(TaskTable).cursor_task is pane.workflow_task
        await pilot.press("backspace", "backspace")
        assert pane.task_id == "load_shard_4"
        await pilot.press("backspace")
        assert pane.task_id == "load_shard_4"


async def test_where_there_is_room_the_pane_follows_the_cursor() -> None:
    for size in (LARGE, WIDE):
        app = DetailApp(failed())
        async with app.run_test(size=size) as pilot:
            await settled(pilot)
            table, pane = app.query_one(TaskTable), app.query_one("#detail-tasks TaskPane", TaskPane)
            await pilot.pause()
            assert table.display
            assert pane.display
            assert pane.task_id == "load_shard_4"
            await pilot.press("j", "j")
            await pilot.pause()
            assert pane.task_id == "join"
            await pilot.press("enter")
            await pilot.pause()
            assert pane.has_focus
            await pilot.press("escape")
            await pilot.pause()
            assert table.has_focus
            await pilot.press("k")
            await pilot.pause()
            assert pane.task_id == "load_shard_3"


async def test_a_resize_keeps_what_is_open() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("down", "enter")
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert app.query_one("#detail-tasks TaskPane", TaskPane).task_id == "load_shard_3"
        assert app.query_one(TaskTable).display
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        assert not app.query_one(TaskTable).display
        assert app.query_one("#detail-tasks TaskPane", TaskPane).task_id == "load_shard_3"


async def test_before_it_was_touched_the_cursor_stays_on_top_where_failures_arrive() -> None:
    app = DetailApp(nested())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        assert table.cursor_task is not None
        assert table.cursor_task.id == "train"
        workflow = nested()
        tasks = tuple(replace(t, status=Status.FAILED) if t.id == "publish" else t for t in workflow.tasks)
        app.tabs.show(replace(workflow, tasks=tasks), now=NOW)
        await pilot.pause()
        assert table.cursor_task.id == "publish"


async def test_a_task_that_vanishes_closes_its_pane() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await pilot.pause()
        workflow = failed()
        app.tabs.show(replace(workflow, tasks=workflow.tasks[:2]), now=NOW)
        await pilot.pause()
        assert app.query_one(TaskTable).display
        assert app.query_one(TaskTable).has_focus


async def test_a_click_on_a_heading_sorts_and_again_turns_the_order() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        heading = screen(app).split("\n")[1]
        await pilot.click(TaskTable, offset=(heading.index("TASK"), 0))
        assert table.rows[0].task.id == "fetch_orders"
        await pilot.click(TaskTable, offset=(heading.index("TASK"), 0))
        assert table.rows[-1].task.id == "fetch_orders"
        assert "TASK ▼" in screen(app)


async def test_s_sorts_by_the_next_column_and_the_cursor_stays_on_its_task() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        await pilot.press("down", "s")
        assert table.sort.column == "started"
        assert table.rows[0].task.id == "fetch_orders"
        assert table.cursor_task is not None
        assert table.cursor_task.id == "load_shard_3"
        await pilot.press("s")
        assert table.rows[0].task.id == "load_shard_4"


async def test_rows_by_mouse() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.click(TaskTable, offset=(20, 3))
        assert app.query_one(TaskTable).cursor_task is app.query_one(TaskTable).rows[2].task
        await pilot.click(TaskTable, offset=(20, 3), times=2)
        await pilot.pause()
        assert app.query_one("#detail-tasks TaskPane", TaskPane).has_focus


async def test_ten_thousand_tasks_draw_only_what_is_seen() -> None:
    app = DetailApp(huge())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        assert table.cursor_task is not None
        assert table.cursor_task.id == "part_7777"
        drawn: list[int] = []
        plain = table.render_line

        def counting(y: int) -> Strip:
            drawn.append(y)
            return plain(y)

        table.render_line = counting  # type: ignore[method-assign] # counts, and draws
        await pilot.press("end")
        await pilot.pause()
        assert table.cursor_task.id == table.rows[-1].task.id
        assert len(table.rows) == 10_000
        assert 0 < len(drawn) < 200
