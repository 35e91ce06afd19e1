"""What a task prints, on its screen: followed, read, searched, saved."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from rich.style import Style

from tests.ui import scenes
from tests.ui.driving import pressed, running, screen_text, shown
from tests.ui.printing import ERR, OUT, TASK, WORKFLOW, printing_scene
from tests.ui.states import until
from wftui.model.status import Status
from wftui.screens.output import OutputScreen
from wftui.screens.save_output import SaveScreen
from wftui.sources.fake_printing import PrintingFake
from wftui.widgets.output_view import OutputView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest
    from textual.pilot import Pilot

    from tests.ui.scenes import Scene
    from wftui.monitor.events import OutputRead

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\x1bPq\x1b\\ \u202egnp \x00 [red]x[/red]\n"


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), **app: Any
) -> AsyncIterator[tuple[Pilot[int], OutputView, PrintingFake]]:
    """The output of the task that runs, followed."""
    scene = printing_scene(**app)
    async with running(scene, size) as pilot:
        await _open(pilot)
        source = scene.source
        assert isinstance(source, PrintingFake)
        yield pilot, pilot.app.screen.query_one(OutputView), source


async def _open(pilot: Pilot[int]) -> None:
    await pressed(pilot, "enter", "t", "home", "o")
    await until(pilot, lambda: isinstance(pilot.app.screen, OutputScreen), "the screen")
    await shown(pilot, "live")


def prints(source: PrintingFake, *pieces: Any) -> None:
    source.prints(WORKFLOW, TASK, *pieces)


async def test_it_is_followed_and_both_streams_are_told_apart_without_colour() -> None:
    async with opened() as (pilot, view, source):
        text = screen_text(pilot.app)
        assert f"{TASK}  in {WORKFLOW}" in text
        assert " out joined 2,310,447 rows in 14.2 s" in text
        assert " err writing parquet  67% #############" in text
        assert text.count("writing parquet") == 1
        prints(source, (ERR, "\rwriting parquet 100%\n"), *((OUT, f"row {at}\n") for at in range(100)))
        await shown(pilot, "row 99")
        assert view.follows
        source.put(scenes.etl(WORKFLOW, at=132, status=Status.SUCCESSFUL))
        await shown(pilot, "ended")


async def test_what_arrives_while_the_app_is_taken_down_is_nothing_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened() as (pilot, _, source):
        screen = pilot.app.screen
        assert isinstance(screen, OutputScreen)
        read: list[object] = []
        arrived = screen.arrived

        def listen(event: OutputRead) -> None:
            arrived(event)
            read.append(event)

        monkeypatch.setattr(screen, "arrived", listen)
        await screen.query_one("#output-state").remove()
        prints(source, (OUT, "one more\n"))
        await until(pilot, lambda: bool(read), "what arrived")


async def test_reading_back_stops_following_and_the_end_goes_on() -> None:
    async with opened() as (pilot, view, source):
        prints(source, *((OUT, f"row {at}\n") for at in range(200)))
        await shown(pilot, "row 199")
        await pressed(pilot, "pageup")
        assert not view.follows
        top = view.scroll_offset.y
        prints(source, (OUT, "news\n"))
        await until(pilot, lambda: view.lines.lines[-1].text == "news", "the news")
        assert view.scroll_offset.y == top
        assert "not following" in screen_text(pilot.app)
        await pressed(pilot, "end")
        await shown(pilot, "news")
        await pressed(pilot, "f")
        assert not view.follows
        await pressed(pilot, "home")
        assert "loading dim_products" in screen_text(pilot.app)


async def test_streams_are_shown_alone_and_long_lines_broken_or_not() -> None:
    async with opened() as (pilot, view, source):
        prints(source, (OUT, "x" * 70 + "A" * 40 + "end\n"))
        await shown(pilot, "AAAend")
        await pressed(pilot, "2")
        assert "joined" not in screen_text(pilot.app)
        await pressed(pilot, "1")
        assert "writing" not in screen_text(pilot.app)
        await pressed(pilot, "3", "w")
        assert "AAAend" not in screen_text(pilot.app)
        await pressed(pilot, "right", "right", "right", "right")
        assert "AAAend" in screen_text(pilot.app)
        await pressed(pilot, "left", "left", "left", "left", "w", "o")
        assert view.stream is OUT
        await pressed(pilot, "o", "o")
        assert view.stream is None


async def test_a_search_counts_goes_on_and_stays() -> None:
    async with opened() as (pilot, view, source):
        prints(source, *((OUT, f"row {at}\n") for at in range(200)))
        await shown(pilot, "row 199")
        await pressed(pilot, "slash", *"row 7")
        await shown(pilot, "of 11")
        await pressed(pilot, "enter", "escape")
        assert view.has_focus
        first = view.search.current
        await pressed(pilot, "n")
        assert view.search.current != first
        await pressed(pilot, "N")
        assert view.search.current == first
        assert not view.follows
        prints(source, (ERR, "row 7 again\n"))
        await until(pilot, lambda: len(view.search.found) == 12, "another one")
        await pressed(pilot, "slash", *"nowhere")
        await shown(pilot, "none found")
        await pressed(pilot, "escape", "escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, OutputScreen), "the way back")


async def test_nothing_that_is_printed_acts_on_the_terminal() -> None:
    async with opened(size=(120, 36)) as (pilot, _, source):
        prints(source, (OUT, HOSTILE), (ERR, "漢字 wide é combining e\u0301\n"))
        await shown(pilot, "[red]x[/red]")
        text = screen_text(pilot.app)
        assert "␛]52;c;aGk=␇␛[2J␛Pq␛\\ \\u202egnp ␀" in text
        assert "\x1b" not in text


async def test_colours_are_the_themes_and_without_colour_there_are_no_looks() -> None:
    async with opened() as (pilot, view, source):
        prints(source, (OUT, "\x1b[1;31mred\x1b[0m and plain\n\x1b[30;43mink\x1b[0m\n"))
        await shown(pilot, "ink")

        def styles() -> dict[str, Style]:
            rows = (view.render_line(y) for y in range(view.size.height))
            return {segment.text: segment.style or Style() for row in rows for segment in row if segment.text.strip()}

        told = styles()
        plain = told[" and plain"]
        assert told["red"].bold
        assert len({told[word].color for word in ("red", "joined", " and plain")}) == 3
        assert told["ink"].bgcolor != plain.bgcolor
        assert told["ink"].color != told["ink"].bgcolor
        pilot.app.no_color = True
        assert {styles()[word] for word in ("red", "ink", "joined")} == {plain}


async def test_what_is_printed_without_end_is_bounded_and_counted() -> None:
    async with opened() as (pilot, view, source):
        for _ in range(40):
            prints(source, (OUT, "y\n" * 50_000))
        await shown(pilot, "B left out")
        assert len(view.lines.lines) <= 50_000 * 9 / 8
        assert view.lines.skipped > 3_000_000
        assert len(view.lines.lines) > 10_000


async def test_a_source_that_is_down_is_said_and_tried_again() -> None:
    async with opened() as (pilot, _, source):
        source.fail("the head node does not answer")
        await shown(pilot, "stopped: the head node does not answer; tries again")
        source.recover()
        prints(source, (OUT, "after all\n"))
        await shown(pilot, "after all")
        await shown(pilot, "live")


async def test_a_note_stands_above_and_nothing_printed_is_said() -> None:
    scene = printing_scene()
    assert isinstance(scene.source, PrintingFake)
    scene.source.notes["ext_orders"] = "the first 5 bytes may be of\x1b[2J others"
    async with running(scene, (120, 36)) as pilot:
        await pressed(pilot, "enter", "slash", *"ext_orders", "enter", "escape", "o")
        await shown(pilot, "nothing was printed")
        assert "the first 5 bytes may be of␛[2J others" in screen_text(pilot.app)
        await pressed(pilot, "2")
        await shown(pilot, "nothing was printed to stderr")


async def test_in_the_past_it_is_said_that_the_output_is_of_the_present() -> None:
    async with running(printing_scene(), (80, 24)) as pilot:
        await pressed(pilot, "enter", "t")
        await pressed(pilot, "comma")
        for key, said in (("home", "some of this may have been printed after"), ("end", "it had ended, and nothing")):
            await pressed(pilot, key, "o")
            await until(pilot, lambda: isinstance(pilot.app.screen, OutputScreen), "the screen")
            await until(pilot, lambda said=said: said in " ".join(screen_text(pilot.app).split()), said)  # type: ignore[misc]
            assert "the output as of now, not " in screen_text(pilot.app)
            await pressed(pilot, "escape")
            await until(pilot, lambda: pilot.app.screen is pilot.app.screen_stack[0], "the way back")


async def _saving(pilot: Pilot[int], path: str) -> None:
    await pressed(pilot, "s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveScreen), "the dialog")
    await pressed(pilot, "ctrl+u")
    await pressed(pilot, *path, "enter")


async def test_lines_are_saved_never_over_a_file_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").write_text("precious")
    async with opened(read_only=True) as (pilot, _, source):
        prints(source, (ERR, "\rdone\x1b[K\n"))
        await shown(pilot, "done")
        await _saving(pilot, "new.log")
        await shown(pilot, "saved")
        saved = (tmp_path / "new.log").read_text()
        assert saved.startswith("out loading dim_products: 48,211 rows\n")
        assert saved.endswith("err done\n")
        await _saving(pilot, "there")
        await shown(pilot, "is there already")
        assert (tmp_path / "there").read_text() == "precious"
        await pressed(pilot, "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, OutputScreen), "the file")
        assert (tmp_path / "there").read_text() == saved
        assert sorted(os.listdir(tmp_path)) == ["new.log", "there"]


async def test_what_cannot_be_saved_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with opened() as (pilot, _, _source):
        await _saving(pilot, "/dev/full")
        await shown(pilot, "is there already")
        await pressed(pilot, "enter")
        await shown(pilot, "no ordinary file")
        for path, why in (("no/such/x", "No such file"), ("/", "a folder"), ("", "no name")):
            await pressed(pilot, "ctrl+u", *path, "enter")
            await shown(pilot, why)
        assert os.listdir(tmp_path) == []


async def test_its_key_is_offered_as_soon_as_a_task_is_there_before_any_key() -> None:
    async with running(printing_scene(), (120, 36)) as pilot:
        await shown(pilot, "o output")


async def test_a_source_that_does_not_tell_offers_no_key() -> None:
    scene: Scene = scenes.scene([scenes.etl("nightly", at=132)])
    async with running(scene, (120, 36)) as pilot:
        await pressed(pilot, "enter", "t", "o")
        assert not isinstance(pilot.app.screen, OutputScreen)
        assert "output" not in screen_text(pilot.app).splitlines()[-1]


async def test_o_works_from_the_timeline_and_from_an_open_task() -> None:
    async with running(printing_scene(), (120, 36)) as pilot:
        for keys in (("i",), ("t", "home", "enter")):
            await pressed(pilot, *keys)
            if keys[0] != "t":
                await pressed(pilot, "slash", *TASK, "enter", "escape")
            await pressed(pilot, "o")
            await shown(pilot, f"{TASK}  in {WORKFLOW}")
            await pressed(pilot, "escape")
            await until(pilot, lambda: pilot.app.screen is pilot.app.screen_stack[0], "the way back")
