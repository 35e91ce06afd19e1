"""A workflow that is read in steps: how far that is, and which of its tasks are on screen and come first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui.detail_app import DetailApp, screen, settled
from tests.ui.detail_samples import NOW, huge
from tests.ui.test_detail_tabs import SMALL
from wftui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail


class SeenApp(DetailApp):
    """Notes which tasks were told to be on screen."""

    def __init__(self, detail: WorkflowDetail) -> None:
        super().__init__(detail)
        self.seen: list[tuple[str, ...]] = []

    def on_task_table_visible(self, message: TaskTable.Visible) -> None:
        self.seen.append(message.task_ids)


async def test_how_far_the_reading_of_a_large_workflow_is_stands_with_the_tabs() -> None:
    app = DetailApp(replace(huge(2_000), read=(500, 2_000)))
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        assert "Graph  reading 500 of 2,000 " in screen(app)
        app.tabs.show(huge(2_000), now=NOW)
        await settled(pilot)
        assert "reading" not in screen(app)


async def test_the_tasks_on_screen_are_told_once_and_whenever_others_come_into_view() -> None:
    app = SeenApp(huge(200))
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        table = app.query_one(TaskTable)
        first = app.seen[-1]
        assert 0 < len(first) < SMALL[1]
        assert all(task_id in screen(app) for task_id in first[:3])
        count = len(app.seen)
        await pilot.press("down")
        await settled(pilot)
        assert len(app.seen) == count  # the cursor moved, the rows did not
        await pilot.press("end")
        await settled(pilot)
        last = app.seen[-1]
        assert len(last) == len(first)
        assert not set(first) & set(last)
        assert table.cursor_task is not None
        assert table.cursor_task.id == last[-1]
