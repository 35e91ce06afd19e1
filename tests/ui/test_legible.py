"""No text is in the colour of what is behind it: themes of the terminal's own colours have few to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.ui import scenes
from tests.ui.driving import pressed, running, shown, steady
from tests.ui.printing import OUT, TASK, WORKFLOW, printing_scene
from tests.ui.scenes import scene
from wftui.model.status import Status
from wftui.sources.fake_printing import PrintingFake

if TYPE_CHECKING:
    from textual.app import App

ANSI = ("ansi-dark", "ansi-light")


def hidden(app: App[int]) -> list[str]:
    """The pieces of text on the screen that cannot be seen."""
    return [
        f"{piece.text!r}: {piece.style}"
        for strip in app.screen._compositor.render_strips()
        for piece in strip
        if piece.text.strip()
        and piece.style is not None
        and piece.style.color is not None
        and piece.style.color == piece.style.bgcolor
        and not piece.style.color.is_default
    ]


@pytest.mark.parametrize("theme", ["wftui-dark", *ANSI])
async def test_without_colours(monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(scene(scenes.busy())) as pilot:
        pilot.app.theme = theme
        await steady(pilot)
        assert not hidden(pilot.app)


@pytest.mark.parametrize("theme", ANSI)
async def test_rows_that_are_marked(theme: str) -> None:
    async with running(scene(scenes.busy(), theme=theme)) as pilot:
        await pressed(pilot, "asterisk")
        await steady(pilot)
        assert not hidden(pilot.app)


@pytest.mark.parametrize("theme", ANSI)
async def test_what_a_task_prints_in_any_colours(theme: str) -> None:
    made = printing_scene(theme=theme)
    assert isinstance(made.source, PrintingFake)
    colours = (f"\x1b[{30 + fore};{40 + back}m{fore} on {back}\x1b[0m " for fore in range(8) for back in range(8))
    made.source.prints(WORKFLOW, TASK, (OUT, "".join(colours) + "\n"))
    async with running(made) as pilot:
        await pressed(pilot, "enter", "t", "home", "o")
        await shown(pilot, "7 on 6")
        await steady(pilot)
        assert not hidden(pilot.app)


@pytest.mark.parametrize("theme", ANSI)
async def test_what_a_search_finds_in_the_graph(theme: str) -> None:
    detail = scenes.etl("nightly", at=132)
    tasks = (replace(one, status=Status.UNKNOWN) if one.status is Status.PENDING else one for one in detail.tasks)
    async with running(scene([replace(detail, tasks=tuple(tasks))], theme=theme)) as pilot:
        await pressed(pilot, "enter", "w", "slash", "e")
        await steady(pilot)
        assert not hidden(pilot.app)
