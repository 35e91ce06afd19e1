"""Actions: asked for, confirmed, told; not offered where they cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui import scenes
from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.scenes import Scene, scene, workflow
from tests.ui.states import until
from wftui.model.status import Status
from wftui.screens.confirm import ConfirmScreen
from wftui.sources.fake import FakeActions, FakeClock

if TYPE_CHECKING:
    from textual.pilot import Pilot


async def asked(pilot: Pilot[int], made: Scene) -> ConfirmScreen:
    await until(pilot, lambda: isinstance(made.app.screen, ConfirmScreen), "the dialog")
    await until(pilot, lambda: " No " in screen_text(made.app), "its buttons")
    assert isinstance(made.app.screen, ConfirmScreen)
    return made.app.screen


def status(made: Scene, workflow_id: str) -> Status:
    return made.source.detail(workflow_id).summary.status


def three(state: Status = Status.RUNNING) -> Scene:
    return scene([workflow(f"wf-{at}", state, took=None if state is Status.RUNNING else 5.0) for at in range(3)])


async def test_cancel_names_the_workflow_and_does_it() -> None:
    made = three()
    async with running(made) as pilot:
        await pressed(pilot, "c")
        await asked(pilot, made)
        text = screen_text(pilot.app)
        assert "Cancel wf-0?" in text
        assert "▶ RUNNING  wf-0  says the cluster" in text
        assert "its running tasks are stopped" in text
        await pressed(pilot, "right", "enter")
        await shown(pilot, "wf-0: cancelled")
        await until(pilot, lambda: made.app.main.model.counts.get(Status.CANCELED) == 1)


async def test_no_is_in_front() -> None:
    made = three()
    async with running(made) as pilot:
        await pressed(pilot, "c")
        await asked(pilot, made)
        await pressed(pilot, "enter")
        assert made.app.screen is made.app.main
        assert status(made, "wf-0") is Status.RUNNING


async def test_marked_rows_are_taken_and_refused_ones_are_named() -> None:
    made = scene([*(workflow(f"wf-{i}", Status.RUNNING) for i in range(2)), workflow("done", Status.SUCCESSFUL)])
    async with running(made) as pilot:
        await pressed(pilot, "asterisk", "c")
        await asked(pilot, made)
        text = screen_text(pilot.app)
        assert "Cancel 2 workflows?" in text
        assert "Left alone" in text
        assert "it is SUCCESSFUL" in text
        await pressed(pilot, "right", "enter")
        await until(pilot, lambda: made.app.main.model.counts.get(Status.CANCELED) == 2)
        assert status(made, "done") is Status.SUCCESSFUL


async def test_a_queued_workflow_is_armed_and_disarmed() -> None:
    made = scene([workflow("queued", Status.PENDING)])
    async with running(made) as pilot:
        await pressed(pilot, "c")
        await asked(pilot, made)
        await shown(pilot, "Cancel queued as soon as it runs?")
        await shown(pilot, "Arm the cancel")
        await pressed(pilot, "right", "enter")
        await shown(pilot, "queued: cancel armed")
        actions = made.source.actions
        assert isinstance(actions, FakeActions)
        assert actions.armed == {"queued"}
        await pressed(pilot, "u")
        await until(pilot, lambda: not actions.armed, "the disarming")


async def test_resume_tells_what_is_kept() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "r")
        await asked(pilot, made)
        await shown(pilot, "9 tasks kept, 4 tasks will run again")


async def test_resume_all_takes_failed_ones_only_when_ticked() -> None:
    made = scene([workflow("f", Status.FAILED, took=1.0), workflow("r", Status.RESUMABLE)])
    async with running(made) as pilot:
        await pressed(pilot, "R")
        await asked(pilot, made)
        await shown(pilot, "[ ] failed ones as well (1)")
        await pressed(pilot, "right", "enter")
        await until(pilot, lambda: status(made, "r") is Status.RUNNING)
        assert status(made, "f") is Status.FAILED
        await shown(pilot, "r: resumed")
        await pressed(pilot, "R")
        await asked(pilot, made)
        await pressed(pilot, "shift+tab", "space")
        await shown(pilot, "[x] failed ones as well (1)")
        await pressed(pilot, "tab", "tab", "enter")
        await until(pilot, lambda: status(made, "f") is Status.RUNNING)


async def test_deleting_several_wants_the_number() -> None:
    made = three(Status.FAILED)
    async with running(made) as pilot:
        await pressed(pilot, "asterisk", "D")
        screen = await asked(pilot, made)
        assert screen.query_one("#yes").disabled
        await pressed(pilot, "2", "enter")
        assert made.app.screen is screen
        await pressed(pilot, "backspace", "3", "enter")
        await until(pilot, lambda: made.app.main.model.total == 0)


async def test_what_was_done_meanwhile_is_refused() -> None:
    made = three()
    async with running(made) as pilot:
        await pressed(pilot, "c")
        await asked(pilot, made)
        made.source.put(workflow("wf-0", Status.SUCCESSFUL, took=5.0))
        await pressed(pilot, "right", "enter")
        await shown(pilot, "wf-0: not cancelled, it is SUCCESSFUL")


async def test_many_outcomes_are_one_toast() -> None:
    made = scene([workflow(f"wf-{at}", Status.RUNNING) for at in range(9)])
    async with running(made) as pilot:
        await pressed(pilot, "asterisk", "c")
        await asked(pilot, made)
        await pressed(pilot, "right", "enter")
        await shown(pilot, "cancelled: 9 of 9")


@pytest.mark.parametrize("how", ["app", "source"])
async def test_read_only_offers_nothing_that_writes(how: str) -> None:
    made = (
        scene(scenes.busy(), read_only=True)
        if how == "source"
        else Scene(scene(scenes.busy()).source, clock=FakeClock(scenes.NOW), read_only=True)
    )
    async with running(made) as pilot:
        text = screen_text(pilot.app)
        assert "read-only" in text
        for word in ("cancel", "resume", "delete"):
            assert f" {word}" not in text.splitlines()[-1]
        await pressed(pilot, "c", "r", "R", "D")
        assert made.app.screen is made.app.main
        await pressed(pilot, "question_mark")
        assert "Cancel the selected" not in screen_text(pilot.app)
        await shown(pilot, "One row up")


async def test_only_the_source_that_can_is_offered() -> None:
    made = scenes.two_sources()
    async with running(made) as pilot:
        assert "cancel" in screen_text(pilot.app).splitlines()[-1]
        await pressed(pilot, "down")
        assert made.app.main.table.cursor_row is not None
        assert made.app.main.table.cursor_row.key.target == "/mnt/ray-storage"
        assert "cancel" not in screen_text(pilot.app).splitlines()[-1]
