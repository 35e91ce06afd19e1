"""The tabs of the details: what stays from one look to the next, and how the keys lead from tab to tab."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from tests.ui.detail_app import DetailApp, screen, settled
from tests.ui.detail_samples import NOW, failed, hostile, huge, nested, silent
from tests.ui.states import until
from tests.unit.making import detail, task
from wftui.model.status import Status
from wftui.model.task import ErrorInfo
from wftui.widgets.detail_bar import DetailBar
from wftui.widgets.detail_note import DetailNote
from wftui.widgets.error_view import ErrorView
from wftui.widgets.graph_tab import GraphTab
from wftui.widgets.graph_view import GraphView
from wftui.widgets.metadata_tree import MetadataTree
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable
from wftui.widgets.timeline_tab import TimelineTab

SMALL, LARGE, WIDE = (80, 24), (120, 36), (200, 60)


async def test_cursor_scroll_and_tab_stay_through_updates_of_the_same_workflow() -> None:
    app = DetailApp(huge(2_000))
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        table.go_to("part_1500")
        await pilot.press("up", "up", "up")
        await pilot.pause()
        chosen, line = (
            table.cursor_task,
            table.cursor_task
            and table.rows.index(next(row for row in table.rows if row.task is table.cursor_task))
            - table.scroll_offset.y,
        )
        assert chosen is not None
        workflow = huge(2_000)
        more = task("aaa", Status.FAILED, started_at=0.0)
        app.tabs.show(replace(workflow, tasks=(more, *workflow.tasks)), now=NOW)
        await pilot.pause()
        assert table.cursor_task is not None
        assert table.cursor_task.id == chosen.id
        at = [row.task.id for row in table.rows].index(chosen.id)
        assert at - table.scroll_offset.y == line
        assert table.rows[0].task.id == "aaa"


async def test_another_workflow_starts_on_top_in_the_same_tab() -> None:
    app = DetailApp(failed(), "error")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        view = app.query_one(ErrorView)
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert view.scroll_offset.y > 0
        app.tabs.show(silent(), now=NOW)
        await pilot.pause()
        assert app.tabs.tab == "error"
        assert view.scroll_offset.y == 0
        assert "no exception was recorded" in screen(app)


async def test_notes_stand_in_place_of_details() -> None:
    app = DetailApp(None, state="could not be read: \x1b[2J[bold]gone")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        assert "could not be read: ␛[2J[bold]gone" in screen(app)
        assert app.tabs.detail is None
        app.tabs.show(failed(), now=NOW)
        await pilot.pause()
        assert not app.query_one(DetailNote).display
        assert app.query_one(TaskTable).display
        app.tabs.show(None, state="it is gone")
        await pilot.pause()
        assert "it is gone" in screen(app)
        assert app.tabs.detail is None
        app.tabs.show(failed(), now=NOW)
        await pilot.pause()
        assert "load_shard_3" in screen(app)


async def test_tabs_by_name_and_by_mouse() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        app.tabs.go_to("metadata")
        await pilot.pause()
        assert app.query_one(MetadataTree).has_focus
        assert "hunter2" not in screen(app)
        names = screen(app).split("\n")[0]
        await pilot.click(DetailBar, offset=(names.index("Error") + 2, 0))
        await pilot.pause()
        assert app.tabs.tab == "error"
        assert app.query_one(ErrorView).has_focus
        await pilot.click(DetailBar, offset=(names.index("Tasks"), 0))
        await pilot.pause()
        assert app.query_one(TaskTable).has_focus


async def test_folds_by_key_and_by_mouse() -> None:
    app = DetailApp(failed(), "metadata")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        view = app.query_one(MetadataTree)
        await pilot.pause()
        view.put_cursor("fold:user/warehouse")
        await pilot.press("left")
        assert "▸ warehouse  {4}  host: 10.0.4.17" in screen(app)
        await pilot.press("right", "down", "down", "left")
        assert view.cursor_line is not None
        assert view.cursor_line.key == "fold:user/warehouse"
        await pilot.press("space")
        assert "▸ warehouse" in screen(app)
        row = next(y for y, line in enumerate(screen(app).split("\n")) if "▸ warehouse" in line)
        await pilot.click(MetadataTree, offset=(6, row - 1))
        assert "▾ warehouse" in screen(app)


async def test_reading_scrolls_to_what_is_between_the_links() -> None:
    message = "\n".join(f"line {at}" for at in range(40))
    error = ErrorInfo("ValueError", message)
    workflow = detail("w", Status.FAILED, [task("a", Status.FAILED, error=error)], error=error)
    app = DetailApp(workflow, "error")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        view = app.query_one(ErrorView)
        await pilot.pause()
        seen = screen(app)
        for _ in range(8):
            await pilot.press(*["down"] * 5)
            seen += "\n" + screen(app)
        for at in range(1, 40):
            assert f"line {at} " in seen
        assert view.cursor_line is not None
        assert view.cursor_line.task == "a", "it is near now, so the cursor is on it"
        await pilot.press(*["up"] * 40)
        assert view.scroll_offset.y == 0


async def test_durations_grow_with_the_clock_and_stand_still_when_nobody_tells() -> None:
    app = DetailApp(nested())
    async with app.run_test(size=LARGE) as pilot:
        await settled(pilot)
        assert "5m04" in screen(app)
        app.clock.advance(6)
        app.tabs.tick(app.clock.time())
        await pilot.pause()
        assert "5m10" in screen(app)
        app.tabs.freeze({"fake": NOW + 10, "another": NOW})
        await pilot.pause()
        assert "5m14" in screen(app)
        app.clock.advance(60)
        app.tabs.show(nested())
        await pilot.pause()
        assert "5m14" in screen(app)
        app.tabs.freeze({})
        await pilot.pause()
        assert "6m10" in screen(app)


async def test_hostile_text_stays_text_everywhere() -> None:
    for tab in ("tasks", "metadata", "error"):
        app = DetailApp(hostile(), tab)
        async with app.run_test(size=LARGE) as pilot:
            await settled(pilot)
            text = screen(app)
            assert "[bold red]x[/]" in text
            assert all(line.isprintable() for line in text.split("\n"))


async def test_ascii_only() -> None:
    for tab in ("tasks", "metadata", "error"):
        app = DetailApp(failed(), tab, ascii_only=True)
        async with app.run_test(size=SMALL) as pilot:
            await settled(pilot)
            text = screen(app)
            assert text.isascii(), text


async def test_the_graph_and_the_table_share_their_selection() -> None:
    app = DetailApp(failed(), "graph")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        graph, table = app.query_one(GraphView), app.query_one(TaskTable)
        assert graph.has_focus
        await pilot.press("end")
        await settled(pilot)
        assert graph.cursor_node == "report"
        app.tabs.go_to("tasks")
        await settled(pilot)
        assert table.has_focus
        assert table.cursor_task is not None
        assert table.cursor_task.id == "report"
        await pilot.press("home")
        await settled(pilot)
        app.tabs.go_to("graph")
        await settled(pilot)
        assert graph.cursor_node == "load_shard_4"
        await pilot.press("enter")
        await settled(pilot)
        assert app.tabs.tab == "tasks"
        assert app.query_one("#detail-tasks TaskPane", TaskPane).task_id == "load_shard_4"
        assert app.query_one("#detail-tasks TaskPane", TaskPane).has_focus


async def test_a_link_of_the_error_leads_to_the_task() -> None:
    app = DetailApp(failed(), "error")
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert app.tabs.tab == "tasks"
        assert app.query_one("#detail-tasks TaskPane", TaskPane).task_id == "load_shard_3"


async def test_an_update_never_takes_the_focus_from_elsewhere() -> None:
    app = DetailApp(failed())
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        elsewhere = Input()
        await app.mount(elsewhere)
        elsewhere.focus()
        await settled(pilot)
        workflow = failed()
        app.tabs.show(replace(workflow, tasks=workflow.tasks[:2]), now=NOW)
        await settled(pilot)
        assert elsewhere.has_focus
        assert app.query_one(TaskTable).display


async def test_a_workflow_without_tasks() -> None:
    for tab in ("graph", "tasks", "metadata", "error"):
        app = DetailApp(detail("bare", Status.PENDING, ()), tab)
        async with app.run_test(size=LARGE) as pilot:
            await settled(pilot)
            await pilot.press("down", "end", "pageup", "enter", "left", "right", "space")
            await settled(pilot)
            assert app.tabs.tab == tab
            assert "no task is recorded" in screen(app) or tab != "tasks"


async def test_a_terminal_of_no_size_to_speak_of() -> None:
    app = DetailApp(hostile())
    async with app.run_test(size=(12, 5)) as pilot:
        for tab in ("graph", "tasks", "metadata", "error"):
            app.tabs.go_to(tab)
            await settled(pilot)
            await pilot.press("down", "enter", "down", "escape")
            await settled(pilot)
            assert all(len(line) <= 12 for line in screen(app).split("\n"))


@pytest.mark.parametrize("tab", ["graph", "timeline"])
async def test_where_the_time_of_a_large_workflow_went_reaches_the_pane_of_a_picture(tab: str) -> None:
    app = DetailApp(huge(600), tab)
    async with app.run_test(size=LARGE) as pilot:
        await until(pilot, lambda: app.tabs.settled, "where the time went")
        app.tabs.go_to(tab)
        app.tabs.query_one(GraphTab if tab == "graph" else TimelineTab).go_to("start")
        pane = app.query_one(f"#detail-{tab} TaskPane", TaskPane)
        await until(pilot, lambda: pane.task_id == "start", "the task")
        assert any(" of the wall time" in line.text for line in pane.lines)
