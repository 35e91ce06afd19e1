"""The list: what is looked at stays where it is, whatever arrives."""

from __future__ import annotations

import pytest

from tests.ui import scenes
from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.scenes import TARGET, Scene, renamed, scene, workflow
from tests.ui.states import until
from wftui.model.status import Status
from wftui.model.workflow import WorkflowKey
from wftui.present.order import Sort


def fifty() -> Scene:
    return scene([workflow(f"wf-{at:03}", Status.SUCCESSFUL, took=5.0) for at in range(50)])


def on_line(made: Scene) -> tuple[str, int]:
    """The workflow under the cursor, and the line of the table it stands on."""
    table = made.app.main.table
    assert table.cursor_row is not None
    return table.cursor_row.key.id, table.cursor - table.scroll_offset.y


async def test_failed_stand_first() -> None:
    async with running(scene(scenes.busy())) as pilot:
        text = screen_text(pilot.app)
        order = ["nightly-orders-2026-11-03", "retrain-ranker-42", "backfill-events-0917", "sync-crm", "report-q3"]
        places = [text.index(name) for name in order]
        assert places == sorted(places)


async def test_rows_that_arrive_above_leave_the_cursors_row_where_it_is() -> None:
    made = fifty()
    async with running(made) as pilot:
        await pressed(pilot, *["down"] * 20)
        before = on_line(made)
        for at in range(5):
            made.source.put(workflow(f"new-{at}", Status.FAILED, took=1.0))
            await until(pilot, lambda at=at: made.app.main.model.total == 51 + at)  # type: ignore[misc]
            assert on_line(made) == before
        for at in range(5):
            made.source.remove(f"new-{at}")
        await until(pilot, lambda: made.app.main.model.total == 50)
        assert on_line(made) == before


async def test_as_long_as_nobody_moved_what_fails_comes_in_sight_and_the_cursor_stays_on_its_workflow() -> None:
    made = fifty()
    async with running(made) as pilot:
        table = made.app.main.table
        assert on_line(made) == ("wf-000", 0)
        for at in range(table.size.height + 2):
            made.source.put(workflow(f"new-{at:02}", Status.FAILED, took=1.0))
            await until(pilot, lambda at=at: made.app.main.model.total == 51 + at)  # type: ignore[misc]
            assert on_line(made) == ("wf-000", min(at + 1, table.size.height - 1))
        await pressed(pilot, "up", "down")
        before = on_line(made)
        made.source.remove("new-00")
        await until(pilot, lambda: made.app.main.model.total == 51 + table.size.height)
        assert on_line(made) == before


async def test_a_row_that_fails_goes_up_and_the_cursor_goes_along() -> None:
    made = fifty()
    async with running(made) as pilot:
        await pressed(pilot, "end")
        detail = made.source.detail("wf-049")
        made.source.put(renamed(detail, Status.FAILED))
        await until(pilot, lambda: made.app.main.model.counts.get(Status.FAILED) == 1)
        assert on_line(made)[0] == "wf-049"
        assert made.app.main.table.cursor == 0


async def test_the_cursor_stays_near_when_its_workflow_goes() -> None:
    made = fifty()
    async with running(made) as pilot:
        await pressed(pilot, "down", "down")
        made.source.remove("wf-002")
        await until(pilot, lambda: made.app.main.model.total == 49)
        assert on_line(made) == ("wf-003", 2)


async def test_marks_filter_and_order_survive_updates() -> None:
    made = fifty()
    async with running(made) as pilot:
        await pressed(pilot, "space", "space", "slash", *"wf-0", "enter")
        made.app.main.sort_by(Sort("id", descending=True))
        made.source.put(workflow("wf-900", Status.FAILED))
        made.source.put(workflow("wf-050", Status.FAILED))
        made.source.remove("wf-000")
        await until(pilot, lambda: made.app.main.model.total == 51)
        table = made.app.main.table
        assert {key.id for key in table.marks} == {"wf-001"}
        assert [row.key.id for row in made.app.main.model.rows()][:2] == ["wf-050", "wf-049"]
        assert len(made.app.main.model) == 50
        await shown(pilot, "50 of 51 shown")
        await shown(pilot, "/ wf-0")


async def test_a_filter_is_live_and_escape_drops_it() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "slash", *"status:fail")
        assert [row.status for row in made.app.main.model.rows()] == [Status.FAILED] * 2
        await pressed(pilot, "escape")
        assert len(made.app.main.model) == 40
        assert made.app.main.table.has_focus
        await pressed(pilot, "slash", *"owner=bo", "enter")
        assert len(made.app.main.model) < 40
        await pressed(pilot, "escape")
        assert len(made.app.main.model) == 40


async def test_bad_filters_are_shown_not_raised() -> None:
    async with running(scene(scenes.busy())) as pilot:
        await pressed(pilot, "slash", *"status:nope")
        await shown(pilot, "no status begins with 'nope'")


async def test_a_filter_that_hides_everything_says_so() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "slash", *"zzz", "enter")
        await shown(pilot, "Nothing matches the filter")
        await pressed(pilot, "escape")
        assert made.app.main.table.has_focus
        await shown(pilot, "nightly-orders")


async def test_sorting_by_the_chooser_and_by_a_click() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "s", "down", "enter")
        assert made.app.main.model.sort == Sort("id")
        await shown(pilot, "WORKFLOW ▲")
        await pressed(pilot, "s", "enter")
        assert made.app.main.model.sort == Sort("id", descending=True)
        await pilot.click("ColumnHeadings", offset=(5, 0))
        assert made.app.main.model.sort == Sort("status")


async def test_a_column_of_metadata_of_choice() -> None:
    made = scene(scenes.busy())
    async with running(made, size=(280, 60)) as pilot:
        await pressed(pilot, "C", "space", "escape")
        assert made.app.main.table.metadata_columns == ("owner",)
        await shown(pilot, "OWNER")


async def test_running_durations_grow_and_others_do_not() -> None:
    made = scene([workflow("run", Status.RUNNING, ago=42), workflow("ok", Status.SUCCESSFUL, ago=90, took=30)])
    async with running(made) as pilot:
        await shown(pilot, "42s")
        made.clock.advance(18)
        await shown(pilot, "1m00")
        await shown(pilot, "30s")


async def test_the_mouse_moves_and_opens() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pilot.click("WorkflowTable", offset=(10, 3))
        assert made.app.main.table.cursor == 3
        await pilot.click("WorkflowTable", offset=(10, 1), times=2)
        await until(pilot, lambda: not made.app.main.table.has_focus)
        assert made.app.main.table.cursor == 1


async def test_ten_thousand_rows_draw_only_what_is_on_screen() -> None:
    made = scene(scenes.many(10_000))
    async with running(made) as pilot:
        strips = made.app.main.table._strips._strips
        await pressed(pilot, "end")
        assert made.app.main.table.cursor == 9_999
        assert len(strips) < 200


async def test_the_copied_id_is_raw() -> None:
    made = scene([workflow("a\x1b[31m b", Status.FAILED)])
    async with running(made) as pilot:
        await pressed(pilot, "y")
        assert pilot.app.clipboard == "a\x1b[31m b"


async def test_an_id_that_is_no_text_is_copied_as_shown() -> None:
    made = scene([workflow("a\udcff", Status.FAILED)])
    async with running(made) as pilot:
        await pressed(pilot, "y")
        assert pilot.app.clipboard == "a\\xff"


@pytest.mark.parametrize("size", [(1, 1), (4, 2), (20, 5), (39, 10)])
async def test_any_size_of_terminal_is_survived(size: tuple[int, int]) -> None:
    made = scenes.two_sources()
    async with running(made, size=size) as pilot:
        for key in ("down", "enter", "escape", "slash", "x", "escape", "question_mark", "escape", "s", "escape", "c"):
            await pressed(pilot, key)
        await pilot.resize_terminal(100, 30)
        await pilot.resize_terminal(*size)
        assert pilot.app.is_running


async def test_every_source_has_its_rows_and_one_down_does_not_hold_the_others() -> None:
    made = scenes.two_sources()
    async with running(made) as pilot:
        made.sources[1].fail("the mount is gone")
        await shown(pilot, "/mnt/ray-storage: the mount is gone")
        made.sources[0].put(workflow("fresh", Status.FAILED))
        await until(pilot, lambda: made.app.main.model.get(WorkflowKey(TARGET, "ray", None, "fresh")) is not None)
        assert made.app.main.model.total == 44
        made.sources[1].recover()
        await until(pilot, lambda: "the mount is gone" not in screen_text(pilot.app))


async def test_stale_data_stays_and_says_its_age() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        made.clock.advance(185)
        made.source.fail("no answer")
        await shown(pilot, "stale since 14:02:07, 3m05 old")
        text = screen_text(pilot.app)
        assert "no answer" in text
        assert "trying again in" in text
        assert "1h27" in text  # what ran then is not counted on
        made.source.recover()
        await shown(pilot, "live")
        await shown(pilot, "1h30")


async def test_the_row_that_is_looked_at_stays_when_the_filter_does_not_accept_it_any_more() -> None:
    made = scene([workflow(f"run-{at}", Status.RUNNING) for at in range(5)])
    async with running(made, size=(80, 24)) as pilot:
        await pressed(pilot, "slash", *"status:running", "enter", "down", "down")
        await pressed(pilot, "t")
        await until(pilot, lambda: made.app.main.settled)
        made.source.put(renamed(made.source.detail("run-2"), Status.SUCCESSFUL))
        await until(pilot, lambda: made.app.main.model.counts.get(Status.SUCCESSFUL) == 1)
        await shown(pilot, "SUCCESSFUL  run-2")
        await pressed(pilot, "escape")
        assert on_line(made) == ("run-2", 4)
        await pressed(pilot, "up")
        assert on_line(made)[0] == "run-4"
        assert len(made.app.main.model) == 4
        assert "run-2" not in screen_text(pilot.app)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_workflow_that_goes_while_it_is_read_is_not_replaced_by_another(size: tuple[int, int]) -> None:
    made = fifty()
    async with running(made, size=size) as pilot:
        await pressed(pilot, "down", "enter")
        await until(pilot, lambda: made.app.main.settled and not made.app.main.table.has_focus)
        made.source.remove("wf-001")
        await shown(pilot, "wf-001 is gone")
        assert made.app.main.table.has_focus
        assert "WORKFLOW" in screen_text(pilot.app)


async def test_a_small_terminal_says_how_many_tasks_are_done() -> None:
    made = scene(scenes.busy())
    async with running(made, size=(80, 24)) as pilot:
        await pressed(pilot, "enter")
        await until(pilot, lambda: made.app.main.settled)
        await shown(pilot, "tasks done")
