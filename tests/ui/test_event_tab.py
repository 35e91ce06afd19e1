"""The Events tab: newest last, followed; filtered; virtual; each line leads to its task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.ui import detail_samples
from tests.ui.detail_app import DetailApp
from tests.ui.driving import pressed, running, shown, steady
from tests.ui.scenes import Scene
from tests.ui.states import until
from tests.unit.making import START, detail, task
from wftui.model.audit import Deed
from wftui.model.status import Status
from wftui.monitor.audit import AuditFile
from wftui.sources.fake import FakeClock, FakeSource
from wftui.widgets.event_table import EventTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail

DEED = Deed(START + 117, "ada", "box", 1, "fake", "ray", None, "w", "cancel", "refused", why="it failed")


def sample() -> WorkflowDetail:
    return replace(detail_samples.failed(), deeds=(DEED,))


def table(app: DetailApp) -> EventTable:
    return app.query_one(EventTable)


async def ready(pilot: Pilot[None], app: DetailApp) -> None:
    await until(pilot, lambda: bool(app.query(EventTable)) and bool(table(app).rows), "events")
    await until(pilot, lambda: table(app).has_focus, "the focus")


async def test_newest_last_and_the_cursor_on_it() -> None:
    app = DetailApp(sample(), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await ready(pilot, app)
        rows = table(app).rows
        assert rows[0].what == "started"
        assert table(app).cursor_row == rows[-1]
        assert table(app).follows


async def test_the_newest_is_in_sight_though_there_is_no_scroll_bar_yet() -> None:
    app = DetailApp(sample(), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await ready(pilot, app)
        view = table(app)
        view.scroll_to(y=0, animate=False, immediate=True)
        view.show_vertical_scrollbar = False  # as before the first layout
        view.show(view.rows, START, START, anew=True)
        assert view.scroll_y == view.max_scroll_y > 0


async def test_what_is_new_is_followed_unless_one_looks_back() -> None:
    app = DetailApp(sample(), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await ready(pilot, app)
        later = replace(DEED, at=START + 200, outcome="done")
        app.tabs.show(replace(sample(), deeds=(DEED, later)))
        await until(pilot, lambda: table(app).rows[-1].at == START + 200, "the new one")
        assert table(app).cursor_row == table(app).rows[-1]
        await pressed(pilot, "up", "up")
        stays = table(app).cursor_row
        app.tabs.show(replace(sample(), deeds=(replace(DEED, at=START - 1), DEED, later)))
        await until(pilot, lambda: table(app).rows[0].at == START - 1, "an earlier one")
        assert table(app).cursor_row == stays


async def test_enter_leads_to_the_task_and_the_workflow_has_none() -> None:
    app = DetailApp(sample(), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await ready(pilot, app)
        await pressed(pilot, "home", "enter")
        assert app.tabs.tab == "events"
        await pressed(pilot, "down", "enter")
        await until(pilot, lambda: app.tabs.tab == "tasks", "the task")
        assert app.tabs.selected_task == "fetch_orders"


async def test_the_filter_keeps_what_has_its_words() -> None:
    app = DetailApp(sample(), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await ready(pilot, app)
        every = len(table(app).rows)
        app.tabs.search()
        await pressed(pilot, *"shard_3 failed")
        await until(pilot, lambda: len(table(app).rows) == 3, "three failures")
        await pressed(pilot, "enter")
        assert table(app).has_focus
        assert {row.task_id for row in table(app).rows} == {"load_shard_3"}
        await pressed(pilot, "escape")
        await until(pilot, lambda: len(table(app).rows) == every, "all again")


async def test_many_are_drawn_as_few() -> None:
    app = DetailApp(detail_samples.huge(20_000), "events")
    async with app.run_test(size=(100, 20)) as pilot:
        await until(pilot, lambda: bool(app.query(EventTable)) and len(table(app).rows) > 30_000, "events")
        table(app).focus()
        await pressed(pilot, "home")
        assert table(app).cursor_row == table(app).rows[0]
        await pressed(pilot, "end")
        assert table(app).scroll_offset.y > 30_000


async def test_what_one_does_in_the_app_is_kept_and_seen(tmp_path: Path) -> None:
    clock = FakeClock()
    source = FakeSource("fake", [detail("w", Status.RUNNING, [task("t", Status.RUNNING)])], clock=clock)
    audit = AuditFile({"XDG_STATE_HOME": str(tmp_path)})
    scene = Scene(source, clock=clock, audit=audit)
    async with running(scene) as pilot:
        await pressed(pilot, "T", "c")
        await shown(pilot, " No ")
        await pressed(pilot, "right", "enter")
        await shown(pilot, "done, by")
    assert '"action": "cancel"' in (tmp_path / "wftui" / "audit.jsonl").read_text()


async def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "wftui").write_text("no folder")
    clock = FakeClock()
    source = FakeSource("fake", [detail("w", Status.RUNNING)], clock=clock)
    scene = Scene(source, clock=clock, audit=AuditFile({"XDG_STATE_HOME": str(tmp_path)}))
    async with running(scene) as pilot:
        await pressed(pilot, "c")
        await shown(pilot, " No ")
        await pressed(pilot, "right", "enter")
        await shown(pilot, "is not kept in")
        await shown(pilot, "w: cancelled")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_looks(snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, DetailApp)
        await ready(pilot, app)
        await steady(pilot)  # it has gone to its end
        await pressed(pilot, "up", "up")

    assert snap_compare(DetailApp(sample(), "events"), terminal_size=size, run_before=wait)
