"""When a running workflow will be done, and what in it is slower than usual: in the heading, the table and the pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.scenes import NOW, TARGET, Scene
from tests.ui.states import until
from tests.unit.making import detail, task
from wftui.model.status import Status
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail

OK, RUNNING = Status.SUCCESSFUL, Status.RUNNING
NAMES = ("load", "train", "report")


def night(number: int) -> WorkflowDetail:
    """A run that took 10 s for each of its tasks, some time ago."""
    start, took = NOW - 1_000 * (number + 1), 10.05 + number / 10
    tasks = [
        task(name, OK, NAMES[max(0, at - 1) : at], started_at=start + took * at, ended_at=start + took * (at + 1))
        for at, name in enumerate(NAMES)
    ]
    return detail(f"nightly-{number}", OK, tasks, started_at=start, ended_at=start + took * 3, target=TARGET)


def tonight(since: float, waiting_for: str | None = None) -> WorkflowDetail:
    """A run whose second task runs for so many seconds."""
    start = NOW - since - 10
    tasks = [
        task("load", OK, started_at=start, ended_at=start + 10),
        task("train", RUNNING, ["load"], started_at=start + 10),
        task("report", Status.PENDING, ["train"], waiting_for=waiting_for),
    ]
    return detail("nightly-now", RUNNING, tasks, started_at=start, target=TARGET)


def made(since: float, nights: int = 6) -> Scene:
    clock = FakeClock(NOW)
    return Scene(FakeSource(TARGET, [tonight(since), *map(night, range(nights))], clock=clock), clock=clock)


async def test_the_heading_tells_what_is_left() -> None:
    async with running(made(4), (200, 60)) as pilot:
        await shown(pilot, "about 17s left (")


async def test_a_task_that_is_slower_than_usual_is_marked() -> None:
    scene = made(60)
    async with running(scene, (200, 60)) as pilot:
        await pressed(pilot, "t")
        await shown(pilot, "slower than usual (p95 11s)")
        await shown(pilot, "longer than any of 6 earlier runs")
        await until(pilot, lambda: "usually" in screen_text(pilot.app), "what is usual")


async def test_without_earlier_runs_nothing_is_said() -> None:
    scene = made(60, 0)
    async with running(scene, (200, 60)) as pilot:
        await pressed(pilot, "t")
        await shown(pilot, "train")
        assert "left" not in screen_text(pilot.app)
        assert "usual" not in screen_text(pilot.app)


async def test_news_are_estimated_anew() -> None:
    scene = made(4)
    async with running(scene, (200, 60)) as pilot:
        await shown(pilot, "about 17s left (")
        scene.clock.advance(5)
        scene.source.put(tonight(4, "train"))
        await shown(pilot, "about 12s left (")
