"""The states of the app that are pictured: how each is reached. Shared by the snapshots and the screenshots."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.ui import defined, scenes
from tests.ui.printing import has_printed, printing_scene
from tests.ui.scenes import Scene, scene
from wftui.model.audit import Deed
from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.model.workflow import Problem
from wftui.monitor.events import Health
from wftui.sources.fake import FakeClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail

PATIENCE = 180.0


async def until(pilot: Pilot[Any], condition: Callable[[], bool], what: str = "the condition") -> None:
    """Let the app run until the condition holds."""

    async def wait() -> None:
        while not condition():
            await pilot.pause(0.01)

    try:
        await asyncio.wait_for(wait(), PATIENCE)
    except asyncio.TimeoutError:
        raise AssertionError(f"{what} did not come within {PATIENCE} s") from None
    await pilot.pause()


async def loaded(pilot: Pilot[int], scene: Scene) -> None:
    """Wait until every source was listed and the selected workflow's details are there."""
    main = scene.app.main
    await until(pilot, lambda: all(s.health not in (Health.CONNECTING, Health.LISTING) for s in main.states), "a list")
    await until(pilot, lambda: main.settled, "the details")


async def down(pilot: Pilot[int], scene: Scene, message: str = "no answer from the head node in 5 s") -> None:
    """Let the first source fail, and hold the picture there."""
    scene.source.fail(message)
    await _hold(pilot, scene)


async def _hold(pilot: Pilot[int], scene: Scene) -> None:
    """Stop at the failure, and look at it later than any next try, whose time depends on how fast the machine is."""
    await until(pilot, lambda: scene.app.main.states[0].health is Health.DOWN, "the failure")
    scene.app.monitor.stop()
    scene.clock.advance(187)
    for widget in scene.app.main.query("HeaderBar, StatusBar"):
        widget.refresh()
    await pilot.pause()


@dataclass(frozen=True)
class State:
    """A picture.

    Attributes:
        make: Makes the scene.
        reach: Brings the loaded app into the state.
        load: Whether to wait for the list first.
    """

    make: Callable[[], Scene]
    reach: Callable[[Pilot[int], Scene], Awaitable[None]]
    load: bool = True


async def _stay(pilot: Pilot[int], scene: Scene) -> None:
    await pilot.pause()


def _press(*keys: str) -> Callable[[Pilot[int], Scene], Awaitable[None]]:
    async def reach(pilot: Pilot[int], scene: Scene) -> None:
        for key in keys:
            await pilot.press(key)
        await until(pilot, lambda: scene.app.main.settled, "the details")

    return reach


def _walk(*keys: str) -> Callable[[Pilot[int], Scene], Awaitable[None]]:
    """Press keys in a graph, each once the picture that the one before led to is there."""

    async def reach(pilot: Pilot[int], scene: Scene) -> None:
        for key in keys:
            await pilot.press(key)
            await until(pilot, lambda: scene.app.main.settled, f"the graph after {key}")

    return reach


def _without_colour(detail: WorkflowDetail | None = None) -> Scene:
    os.environ["NO_COLOR"] = "1"
    try:
        return scene([detail or scenes.etl("nightly", at=132, status=_FAILED, error=_ERROR)])
    finally:
        os.environ.pop("NO_COLOR", None)


async def _output(pilot: Pilot[int], scene: Scene) -> None:
    await pilot.press("enter", "t", "home", "o")
    await until(pilot, lambda: has_printed(scene.app), "what it printed")


def _happened() -> Scene:
    """Tried three times, gone on in a sub-DAG; resumed from here in between."""
    workflow = scenes.payments("payment-4711")
    began = workflow.summary.started_at or 0.0
    deed = Deed(began + 400, "ada", "head-1", 41, scenes.TARGET, "ray", None, "payment-4711", "resume", "done")
    refused = replace(deed, at=scenes.NOW - 30, user="kim", action="cancel", outcome="refused", why="resumed just now")
    refund = scenes.task("refund", Status.SUCCESSFUL, ["order"], at=90, took=4, kind=TaskKind.CONTINUATION)
    tasks = (*workflow.tasks, replace(refund, continuation="book"))
    book = replace(scenes.task("book", Status.SUCCESSFUL, at=84, took=12), parent="refund")
    return scene([replace(workflow, tasks=(*tasks, book), deeds=(deed, refused))])


async def _stale(pilot: Pilot[int], scene: Scene) -> None:
    await down(pilot, scene)


async def _filter(pilot: Pilot[int], scene: Scene) -> None:
    await pilot.press("slash", *"owner=ada -status:succ", "enter")
    await until(pilot, lambda: scene.app.main.settled, "the details")


async def _cancel(pilot: Pilot[int], scene: Scene) -> None:
    await pilot.press("down", "down", "space", "space", "down", "down", "down", "space", "c")
    await until(pilot, lambda: scene.app.screen is not scene.app.main, "the dialog")


def _unreachable() -> Scene:
    made = scene()
    made.source.fail("nothing answers at 10.2.0.7:6379")
    return made


def _noted() -> Scene:
    made = scenes.two_sources()
    made.source.set_problems([Problem("workflows/half/workflow_meta.json", "not JSON")])
    return made


_FAILED, _ERROR = Status.FAILED, scenes.NO_STOCK
STATES: dict[str, State] = {
    "running": State(lambda: scene(scenes.busy()), _press("down", "down", "down", "down", "down")),
    "failed": State(lambda: scene(scenes.busy()), _stay),
    "detail": State(lambda: scene(scenes.busy()), _press("enter")),
    "error": State(lambda: scene(scenes.busy()), _press("e")),
    "tasks": State(lambda: scene(scenes.busy()), _press("t")),
    "metadata": State(lambda: scene(scenes.busy()), _press("m")),
    "empty": State(lambda: scene(), _stay),
    "stale": State(lambda: scene(scenes.busy()), _stale),
    "down": State(_unreachable, _hold, load=False),
    "cancel": State(lambda: scene(scenes.busy()), _cancel),
    "help": State(lambda: scene(scenes.busy()), _press("question_mark")),
    "filter": State(lambda: scene(scenes.busy()), _filter),
    "sources": State(_noted, _stay),
    "no_target": State(lambda: Scene(clock=FakeClock(scenes.NOW)), _stay),
    "ascii": State(lambda: scene(scenes.busy(), ascii_only=True), _stay),
    "light": State(lambda: scene(scenes.busy(), theme="wftui-light"), _stay),
    "graph": State(lambda: scene([scenes.etl("nightly-orders", at=132)]), _walk("enter")),
    "graph_failed": State(lambda: scene([scenes.etl("etl", at=132, status=_FAILED, error=_ERROR)]), _walk("enter")),
    "graph_groups": State(lambda: scene([scenes.fan_out("backfill-events")]), _walk("enter", "w")),
    "graph_opened": State(lambda: scene([scenes.fan_out("backfill-events")]), _walk("enter", "w", "enter")),
    "graph_chain": State(lambda: scene([scenes.training("finetune-7b")]), _walk("enter", "w")),
    "graph_many": State(lambda: scene([scenes.wide_etl("warehouse")]), _walk("enter", "w", "M")),
    "graph_lanes": State(lambda: scene([scenes.training("finetune-7b")]), _walk("enter")),
    "graph_search": State(lambda: scene([scenes.etl("nightly-orders", at=132)]), _walk("enter", "w", "slash", *"ord")),
    # So few that there is no first layout before the best: where that comes in between depends on the machine.
    "graph_focus": State(lambda: scene([scenes.wide_etl("warehouse", 28)]), _walk("enter", "w", "f")),
    "graph_light": State(lambda: scene([scenes.etl("nightly", at=132)], theme="wftui-light"), _walk("enter")),
    "graph_ascii": State(lambda: scene([scenes.etl("nightly", at=132)], ascii_only=True), _walk("enter", "w")),
    "graph_no_color": State(_without_colour, _walk("enter", "w")),
    "graph_defined": State(lambda: scene([defined.with_definition()]), _walk("enter", "w", "home", "x")),
    "graph_defined_ascii": State(
        lambda: scene([defined.with_definition()], ascii_only=True), _walk("enter", "w", "home", "x")
    ),
    "graph_inferred": State(lambda: scene([defined.without_definition()]), _walk("enter")),
    "timeline": State(lambda: scene([scenes.etl("nightly-orders", at=132)]), _walk("enter", "w", "i")),
    "timeline_gap": State(lambda: scene([scenes.payments("payment-4711")]), _walk("enter", "w", "i")),
    "timeline_groups": State(lambda: scene([scenes.fan_out("backfill-events")]), _walk("enter", "w", "i")),
    "timeline_zoomed": State(
        lambda: scene([scenes.etl("etl", at=132, status=_FAILED, error=_ERROR)]),
        _walk("enter", "w", "i", "plus", "plus", "a"),
    ),
    "timeline_ascii": State(
        lambda: scene([scenes.payments("payment-4711")], ascii_only=True), _walk("enter", "w", "i", "comma", "comma")
    ),
    "timeline_no_color": State(lambda: _without_colour(scenes.payments("payment-4711")), _walk("enter", "w", "i")),
    "travel": State(lambda: scene([scenes.etl("nightly-orders", at=132)]), _walk("enter", "w", *["comma"] * 7)),
    "output": State(printing_scene, _output),
    "events": State(_happened, _walk("enter", "w", "T", "end")),
    "travel_events": State(_happened, _walk("enter", "w", "T", "end", *["comma"] * 3)),
    "many": State(lambda: scene(scenes.many(10_000)), _press("pagedown", "pagedown")),
}
SIZES = ((80, 24), (120, 36), (200, 60))


async def reach(pilot: Pilot[int], scene: Scene, state: State) -> None:
    """Bring a scene into its state."""
    if state.load:
        await loaded(pilot, scene)
    await state.reach(pilot, scene)
    await pilot.pause()
