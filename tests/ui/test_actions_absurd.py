"""Actions that take more than a yes, and on one task alone: an engine like Absurd."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Input, TextArea

from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.scenes import NOW, Scene, workflow
from tests.ui.states import until
from wftui.model.action import Given
from wftui.model.status import Status, StatusSource
from wftui.model.task import ErrorInfo, Task, TaskKind
from wftui.screens.confirm import ConfirmScreen
from wftui.screens.emit import EmitScreen
from wftui.sources.fake import FakeActions, FakeClock, FakeSource

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail

TARGET = "postgresql://db/absurd"
RUN, ORDER = "6d3aefba-17f9-4be8-8b84-2242780c1a93", "01a1fe8d-8d10-7508-b5fa-8ada4054fbb8"
LOAD, MAIL = "01a1fe8d-8d75-771a-adbf-7c70ce3df0c3", "01a1fe8d-8d78-7591-ba21-e7321238e800"


def absurd(workflow_id: str, name: str, status: Status, *tasks: Task) -> WorkflowDetail:
    made = workflow(workflow_id, status, tasks=tasks, target=TARGET, status_source=StatusSource.DATABASE)
    key = made.summary.key._replace(engine="absurd", namespace="shop")
    return replace(made, summary=replace(made.summary, key=key, name=name))


def waiting(status: Status = Status.WAITING) -> WorkflowDetail:
    task = Task(ORDER, "order.fulfil", TaskKind.TASK, status)
    wait = Task(
        f"{ORDER}/$awaitEvent:order.paid", "$awaitEvent:order.paid", TaskKind.WAIT, status, parent=ORDER,
        options={"event": "order.paid"}, waiting_for="event order.paid since 3m",
    )  # fmt: skip
    return absurd(ORDER, "order.fulfil", status, task, wait)


def run(status: Status) -> WorkflowDetail:
    error = ErrorInfo("LoadError", "no file")
    failed = status is Status.FAILED
    load = Task(
        LOAD, "load", TaskKind.TASK, Status.FAILED if failed else Status.RUNNING, error=error if failed else None
    )
    return absurd(RUN, "etl", status, Task(MAIL, "mail", TaskKind.TASK, Status.SUCCESSFUL), load)


def scene(*details: WorkflowDetail, read_only: bool = False) -> Scene:
    clock = FakeClock(NOW)
    kind = "database"
    source = FakeSource(TARGET, details, clock=clock, engine="absurd", kind=kind, read_only=read_only)
    return Scene(source, clock=clock)


def actions(made: Scene) -> FakeActions:
    assert isinstance(made.source.actions, FakeActions)
    return made.source.actions


async def confirming(pilot: Pilot[int]) -> ConfirmScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen), "the question")
    await until(pilot, lambda: " No " in screen_text(pilot.app), "its buttons")
    assert isinstance(pilot.app.screen, ConfirmScreen)
    return pilot.app.screen


async def emitting(pilot: Pilot[int]) -> EmitScreen:
    await pressed(pilot, "E")
    await until(pilot, lambda: isinstance(pilot.app.screen, EmitScreen), "the form")
    await shown(pilot, "Go on")
    assert isinstance(pilot.app.screen, EmitScreen)
    return pilot.app.screen


async def test_an_event_is_named_filled_in_shown_and_confirmed() -> None:
    made = scene(waiting())
    async with running(made) as pilot:
        form = await emitting(pilot)
        assert form.query_one("#event", Input).value == "order.paid"
        await shown(pilot, "sends order.paid with null")
        await pressed(pilot, *'{"by":')
        await shown(pilot, "not JSON: expecting value (line 1, column 7)")
        assert form.query_one("#on", Button).disabled
        await pressed(pilot, *'"card"}')
        await shown(pilot, '"by": "card"')
        await pressed(pilot, "tab", "enter")
        await confirming(pilot)
        text = screen_text(pilot.app)
        assert "Emit order.paid?" in text
        assert "order.fulfil" in text
        assert "is woken" in text
        assert actions(made).given == Given()  # nothing was done so far
        await pressed(pilot, "right", "enter")
        await shown(pilot, "emitted")
        assert actions(made).given == Given(event="order.paid", payload='{"by":"card"}')


async def test_no_means_no_in_both_dialogs() -> None:
    made = scene(waiting())
    async with running(made) as pilot:
        await emitting(pilot)
        await pressed(pilot, "escape")
        assert made.app.screen is made.app.main
        await emitting(pilot)
        await pressed(pilot, "tab", "enter")
        await confirming(pilot)
        await pressed(pilot, "enter")
        assert made.app.screen is made.app.main
        assert actions(made).given == Given()
        assert made.source.detail(ORDER).summary.status is Status.WAITING


async def test_a_name_and_a_payload_of_any_kind() -> None:
    made = scene(waiting())
    async with running(made) as pilot:
        form = await emitting(pilot)
        form.query_one("#event", Input).value = " "
        await shown(pilot, "the event has no name")
        form.query_one("#event", Input).value = "[bold]other\x1b"
        await shown(pilot, "it does not wait for an event of that name")
        assert "[bold]other␛" in screen_text(pilot.app)
        form.query_one("#payload", TextArea).text = '{\n "deep": ' + "[" * 9_000 + "]" * 9_000 + "}"
        await shown(pilot, "nested too deep")
        form.query_one("#payload", TextArea).text = '["' + "x" * 60_000 + '"]'
        await shown(pilot, "60,004 characters, as")
        assert "Go on" in screen_text(pilot.app)


async def test_what_waits_for_nothing_is_told() -> None:
    made = scene(waiting(Status.SUCCESSFUL))
    async with running(made) as pilot:
        await pressed(pilot, "E")
        await shown(pilot, "Emit: not possible")
        await shown(pilot, "Close")


async def test_a_resume_asks_for_the_attempts() -> None:
    made = scene(run(Status.FAILED))
    async with running(made) as pilot:
        await pressed(pilot, "r")
        screen = await confirming(pilot)
        text = screen_text(pilot.app)
        assert "Resume etl?" in text
        assert "load is kept" not in text
        assert "attempts in all:" in text
        screen.query_one("#attempts", Input).value = "1"
        await shown(pilot, "a number from 2 on")
        assert screen.query_one("#yes", Button).disabled
        screen.query_one("#attempts", Input).value = "5"
        await until(pilot, lambda: not screen.query_one("#yes", Button).disabled)
        await pressed(pilot, "right", "enter")
        await shown(pilot, "resumed")
        assert actions(made).given == Given(max_attempts=5)


async def test_a_resume_from_the_start() -> None:
    made = scene(run(Status.FAILED))
    async with running(made) as pilot:
        await pressed(pilot, "r")
        await confirming(pilot)
        await pressed(pilot, "shift+tab", "space")
        await shown(pilot, "[x] spawn them anew")
        await pressed(pilot, "tab", "tab", "enter")
        await shown(pilot, "resumed")
        assert actions(made).given == Given(as_new=True)


async def test_a_task_alone_where_the_user_is_among_the_tasks() -> None:
    made = scene(run(Status.RUNNING))
    alone = absurd(LOAD, "load", Status.RUNNING, Task(LOAD, "load", TaskKind.TASK, Status.RUNNING))
    async with running(made, size=(160, 40)) as pilot:
        assert "cancel task" not in screen_text(pilot.app).splitlines()[-1]
        await pressed(pilot, "X")
        assert made.app.screen is made.app.main
        await pressed(pilot, "t", "enter")
        await until(pilot, lambda: made.app.main.tabs.selected_task is not None, "a task")
        while made.app.main.tabs.selected_task != LOAD:
            await pressed(pilot, "down")
        await shown(pilot, "cancel task")
        made.source.put(alone)  # the fake knows no task alone, unless it is a row
        await until(pilot, lambda: made.app.main.model.total == 2)
        await pressed(pilot, "X")
        await confirming(pilot)
        assert "Cancel load?" in screen_text(pilot.app)
        assert LOAD in screen_text(pilot.app)
        await pressed(pilot, "right", "enter")
        await shown(pilot, "cancelled")
        assert made.source.detail(RUN).summary.status is Status.RUNNING


@pytest.mark.parametrize("read_only", [True, False])
async def test_only_what_the_engine_can_do_is_offered(read_only: bool) -> None:
    made = scene(waiting(), read_only=read_only)
    async with running(made, size=(120, 60)) as pilot:
        await pressed(pilot, "D")
        assert made.app.screen is made.app.main
        await pressed(pilot, "question_mark")
        await shown(pilot, "One row up")
        text = screen_text(pilot.app)
        assert "Delete the selected" not in text
        assert ("Send an event" in text) is not read_only
        assert ("Cancel the selected or marked" in text) is not read_only


async def test_the_buttons_are_seen_however_much_there_is_to_tell() -> None:
    tasks = [Task(f"{LOAD[:-2]}{at:02d}", f"load {at:02d}", TaskKind.TASK, Status.FAILED) for at in range(30)]
    made = scene(absurd(RUN, "etl", Status.FAILED, *tasks))
    async with running(made, size=(80, 24)) as pilot:
        await pressed(pilot, "r")
        screen = await confirming(pilot)
        assert "load 19" not in screen_text(pilot.app)
        await until(pilot, lambda: screen.query_one("#plans").can_focus)
        await pressed(pilot, "tab", "tab", "pagedown", "pagedown")
        await shown(pilot, "and 10 tasks more")
        assert " No " in screen_text(pilot.app)
