"""What the details look like, at the three sizes: a picture of each tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui import detail_samples
from tests.ui.detail_app import DetailApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    Compare = Callable[..., bool]

SIZES = [(80, 24), (120, 36), (200, 60)]


def _pressing(*keys: str) -> Callable[[Pilot[None]], object]:
    async def press(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        await pilot.pause()

    return press


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("tab", ["tasks", "metadata", "error"])
def test_failed(snap_compare: Compare, tab: str, size: tuple[int, int]) -> None:
    assert snap_compare(DetailApp(detail_samples.failed(), tab), terminal_size=size, run_before=_pressing())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_task(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = DetailApp(detail_samples.failed(), "tasks")
    assert snap_compare(app, terminal_size=size, run_before=_pressing("down", "enter"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_nested(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = DetailApp(detail_samples.nested(), "tasks")
    assert snap_compare(app, terminal_size=size, run_before=_pressing("down", "down"))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_stuck(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = DetailApp(detail_samples.stuck(), "tasks")
    assert snap_compare(app, terminal_size=size, run_before=_pressing("down", "down"))


@pytest.mark.parametrize("tab", ["tasks", "metadata", "error"])
def test_hostile(snap_compare: Compare, tab: str) -> None:
    assert snap_compare(DetailApp(detail_samples.hostile(), tab), terminal_size=(80, 24), run_before=_pressing())


def test_no_exception(snap_compare: Compare) -> None:
    assert snap_compare(DetailApp(detail_samples.silent(), "error"), terminal_size=(80, 24), run_before=_pressing())


def test_huge(snap_compare: Compare) -> None:
    app = DetailApp(detail_samples.huge(), "tasks")
    assert snap_compare(app, terminal_size=(120, 36), run_before=_pressing("pagedown"))


def test_ascii(snap_compare: Compare) -> None:
    app = DetailApp(detail_samples.failed(), "error", ascii_only=True)
    assert snap_compare(app, terminal_size=(80, 24), run_before=_pressing())


def test_note(snap_compare: Compare) -> None:
    app = DetailApp(None, "tasks", state="could not be read: workflow_meta.json is half written")
    assert snap_compare(app, terminal_size=(80, 24), run_before=_pressing())
