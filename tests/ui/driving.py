"""What UI tests do with a running app."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.ui.states import loaded, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import App
    from textual.pilot import Pilot

    from tests.ui.scenes import Scene


@asynccontextmanager
async def running(scene: Scene, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[int]]:
    """The scene's app, its list loaded."""
    async with scene.app.run_test(size=size, notifications=True) as pilot:
        await loaded(pilot, scene)
        yield pilot


LOOKS = 5
"""Alike, one after the other: nothing is under way any more."""


def screen_text(app: App[Any]) -> str:
    """What stands on the screen, as text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines[:height])[: (width + 1) * height]


async def steady(pilot: Pilot[Any]) -> None:
    """Wait until many looks in a row see the same: on a busy machine one thing is laid out a moment after the other."""
    before, same = "", 0
    while same < LOOKS:
        now = screen_text(pilot.app)
        same = same + 1 if now == before else 0
        before = now
        await pilot.pause(0.05)


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and let everything they set off happen."""
    await pilot.press(*keys)
    await pilot.pause()


async def shown(pilot: Pilot[int], text: str) -> None:
    """Wait until the text is on the screen."""
    await until(pilot, lambda: text in screen_text(pilot.app), f"{text!r} on screen")
