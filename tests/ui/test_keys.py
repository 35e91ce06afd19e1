"""Keys as the running app has them."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import wftui.screens
import wftui.widgets
from tests.ui import scenes
from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.scenes import scene
from tests.ui.states import until
from wftui.app import WftuiApp, run_app, styles_directory, themes
from wftui.errors import UsageError
from wftui.present.keys import KEYS


def our_classes() -> list[type[DOMNode]]:
    found: list[type[DOMNode]] = [WftuiApp]
    for package in (wftui.widgets, wftui.screens):
        for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            values = vars(importlib.import_module(module.name)).values()
            types = [value for value in values if isinstance(value, type) and value.__module__ == module.name]
            found += [value for value in types if issubclass(value, DOMNode)]
    return found


@pytest.mark.parametrize("owner", our_classes(), ids=lambda owner: owner.__name__)
def test_every_binding_comes_from_the_one_table(owner: type[DOMNode]) -> None:
    known = {key.id: key for key in KEYS}
    for bound in owner.__dict__.get("BINDINGS", []):
        assert isinstance(bound, Binding)
        assert bound.id in known
        assert bound.tooltip
        assert bound.key == known[bound.id].keys


async def test_the_help_is_made_of_what_is_active() -> None:
    made = scene(scenes.busy(), keymap={"main.cancel": "ctrl+k"})
    async with running(made, size=(120, 60)) as pilot:
        await pressed(pilot, "question_mark")
        text = screen_text(pilot.app)
        assert "^k" in text
        assert "Cancel the selected or marked workflows" in text
        assert "What the filter understands" in text
        await pressed(pilot, "escape")
        assert made.app.screen is made.app.main


async def test_a_remapped_key_does_it_and_the_old_one_does_not() -> None:
    made = scene(scenes.busy(), keymap={"main.sort": "x"})
    async with running(made) as pilot:
        await pressed(pilot, "s")
        assert made.app.screen is made.app.main
        await pressed(pilot, "x")
        assert made.app.screen is not made.app.main


async def test_a_keymap_that_names_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    made = scene(scenes.busy(), keymap={"main.nonsense": "x"})
    monkeypatch.setattr(type(made.app), "NOTIFICATION_TIMEOUT", 60.0)  # a busy machine looks late
    async with running(made) as pilot:
        await shown(pilot, "main.nonsense")


@pytest.mark.parametrize(("key", "tab"), [("g", "graph"), ("t", "tasks"), ("m", "metadata"), ("e", "error")])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_tabs_are_reached_from_the_list(key: str, tab: str, size: tuple[int, int]) -> None:
    made = scene(scenes.busy())
    async with running(made, size=size) as pilot:
        await pressed(pilot, key)
        await until(pilot, lambda: made.app.main.settled and made.app.main.tabs.tab == tab, "the tab")
        assert made.app.main.tabs.detail is not None
        await shown(pilot, "nightly-orders-2026-11-03")


async def test_one_pane_at_a_time_in_a_small_terminal() -> None:
    made = scene(scenes.busy())
    async with running(made, size=(80, 24)) as pilot:
        await pressed(pilot, "down", "enter")
        await until(pilot, lambda: made.app.main.settled, "the details")
        assert "WORKFLOW" not in screen_text(pilot.app)
        await shown(pilot, "retrain-ranker-42")
        await pressed(pilot, "escape")
        text = screen_text(pilot.app)
        assert "WORKFLOW" in text
        assert "backfill-events-0917" in text
        assert made.app.main.table.has_focus


async def test_tab_goes_round_the_panes() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "tab")
        assert not made.app.main.table.has_focus
        await until(pilot, lambda: made.app.main.settled)
        await pressed(pilot, "shift+tab")
        assert made.app.main.table.has_focus


async def test_pause_stops_looking_and_says_so() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "p")
        await shown(pilot, "paused")
        await pressed(pilot, "p")
        await shown(pilot, "live")


async def test_the_palette_filters_and_goes_to_workflows() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "ctrl+p", *"show only failed")
        await shown(pilot, "Show only failed")
        await pressed(pilot, "enter")
        await until(pilot, lambda: len(made.app.main.model) == 2, "the filter")
        await pressed(pilot, "ctrl+p", *"retrain-rank")
        await shown(pilot, "Go to this workflow")
        await pressed(pilot, "enter")
        row = made.app.main.table.cursor_row
        assert row is not None
        assert row.key.id == "retrain-ranker-42"


async def test_problems_are_offered_only_while_there_are_some() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        await pressed(pilot, "exclamation_mark")
        assert made.app.screen is made.app.main
        scenes.with_problems(made)
        await shown(pilot, "2 problems")
        await pressed(pilot, "exclamation_mark")
        await shown(pilot, "__status__/RUNNING/ghost")


async def test_every_theme_can_be_chosen() -> None:
    made = scene(scenes.busy())
    async with running(made) as pilot:
        for name in pilot.app.available_themes:
            pilot.app.theme = name
            await pilot.pause()
            await shown(pilot, "nightly-orders")


def test_sheets_and_themes_are_found_beside_the_package() -> None:
    assert {path.name for path in styles_directory().iterdir()} >= {"main.tcss", "dialogs.tcss", "themes.json"}
    assert {theme.name for theme in themes()} == {"wftui-dark", "wftui-light"}


async def test_all_that_can_be_sorted_by_is_seen_at_once() -> None:
    async with running(scene(scenes.busy()), size=(80, 24)) as pilot:
        await pressed(pilot, "s")
        text = screen_text(pilot.app)
        assert all(name in text for name in ("Status", "Workflow", "Progress", "Started", "Time", "Error"))


@pytest.mark.parametrize("keys", ["s", "ctrl+p"])
async def test_dialogs_are_drawn_in_ascii_where_that_is_asked_for(keys: str) -> None:
    async with running(scene(scenes.busy(), ascii_only=True), size=(80, 24)) as pilot:
        await pressed(pilot, keys)
        await until(pilot, lambda: pilot.app.screen is not pilot.app.screen_stack[0])
        await pilot.pause()
        assert {char for char in screen_text(pilot.app) if not char.isascii()} == set()


async def test_the_same_key_is_named_for_the_same_thing_everywhere() -> None:
    made = scene(scenes.busy())
    async with running(made, size=(80, 24)) as pilot:
        await shown(pilot, "⏎ open")
        await pressed(pilot, "t")
        await until(pilot, lambda: type(pilot.app.focused).__name__ == "TaskTable")
        await shown(pilot, "⏎ open")


def test_a_theme_that_there_is_not_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(UsageError, match=r"there is no theme 'nope'.*wftui-light"):
        run_app([], read_only=True, ascii_only=False, theme="nope")


async def test_the_filter_names_enter_as_what_keeps_it() -> None:
    async with running(scene(scenes.busy()), size=(80, 24)) as pilot:
        await pressed(pilot, "slash")
        await shown(pilot, "⏎ keep")
