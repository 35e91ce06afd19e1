"""The Graph tab: searching, the small map, the pane below, all sizes, many tasks, workflows that come and go."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import MouseScrollDown

from tests.ui import scenes
from tests.ui.driving import pressed as press
from tests.ui.driving import running, screen_text
from tests.ui.graph_app import NOW, GraphApp, drawn, pressed
from tests.ui.scenes import scene
from tests.ui.states import until
from tests.ui.test_graph_view import FAIL, OK, RUN, WAIT, chain, diamond, fan
from tests.unit.making import detail, task
from wftui.dag import board, drawing
from wftui.dag.picture import View
from wftui.layouts import service
from wftui.layouts.passes import InProcess
from wftui.widgets.graph_minimap import GraphMinimap
from wftui.widgets.graph_search import GraphSearch, SearchInput
from wftui.widgets.graph_strip import GraphStrip
from wftui.widgets.graph_view import GraphView
from wftui.widgets.graph_work import look_at
from wftui.widgets.group_pane import GroupPane
from wftui.widgets.task_pane import TaskPane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.strip import Strip

    from tests.ui.scenes import Scene
    from wftui.layouts.passes import Job
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.graph_work import News, Seen


def said(app: GraphApp) -> str:
    return str(app.query_one("#graph-line").render())


def found(app: GraphApp) -> str:
    return str(app.query_one("#search-count").render())


# -- reading -------------------------------------------------------------------------------------------------------


async def test_what_is_still_being_read_is_told_and_not_drawn() -> None:
    whole = detail("w", OK, fan(40))
    app = GraphApp(replace(whole, tasks=whole.tasks[:10], read=(10, len(whole.tasks))))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: f"reading the tasks: 10 of {len(whole.tasks)}" in said(app), "the note")
        assert not app.graph.needs_rows, "nothing is drawn"
        app.show(whole)
        await drawn(pilot)
        assert app.graph.drawn is not None
        assert not app.graph.drawn.notes, "nothing is missing"
        assert "reading" not in said(app)
        app.show(replace(whole, tasks=whole.tasks[:10], read=(10, len(whole.tasks))))
        await pilot.pause()
        assert app.graph.drawn.area_of(whole.tasks[-1].id) is not None, "the picture stays while it is read again"


# -- searching -----------------------------------------------------------------------------------------------------


async def test_a_search_counts_goes_on_and_back_and_stays() -> None:
    app = GraphApp(detail("w", OK, [*chain(12, RUN), task("other", RUN, ["t3"])]))
    async with app.run_test(size=(120, 20)) as pilot:
        await drawn(pilot)
        await pressed(pilot, "home")
        app.tab.search()
        await pressed(pilot, *"t1")
        assert (found(app), app.graph.cursor_node) == ("1 of 3", "t1")
        await pressed(pilot, "enter")
        assert (found(app), app.graph.cursor_node) == ("2 of 3", "t10")
        await pressed(pilot, "up", "up")
        assert (found(app), app.graph.cursor_node) == ("3 of 3", "t11")
        await pressed(pilot, *"x")
        assert found(app) == "no task is called so"
        await pressed(pilot, "escape")
        assert app.graph.has_focus
        assert app.graph.cursor_node == "t11"
        assert not app.query_one(GraphSearch).has_class("-active")


async def test_a_hidden_match_opens_what_hides_it() -> None:
    app = GraphApp(detail("w", OK, fan(300)))
    async with app.run_test(size=(120, 40)) as pilot:
        await drawn(pilot)
        app.tab.search()
        await pressed(pilot, *"leaf_222")
        item = app.graph.cursor_item
        assert item is not None
        assert "leaf_222" in item.members
        await pressed(pilot, "enter")
        assert app.graph.cursor_node == "leaf_222"
        assert any("leaf_222" in line for line in app.lines)


async def test_a_slash_searches_the_graph_and_what_follows_at_once_is_not_lost() -> None:
    made = scene([scenes.etl("nightly", at=132)])
    async with running(made) as pilot:
        await press(pilot, "enter")
        await until(pilot, lambda: made.app.main.settled and made.app.main.tabs.can_search, "the graph")
        await pilot.press("slash", *"mart_s")
        await pilot.pause()
        assert made.app.main.query_one(SearchInput).value == "mart_s"
        await until(pilot, lambda: made.app.main.query_one(GraphView).cursor_node == "mart_sales", "the match")
        await press(pilot, "escape", "escape")
        await press(pilot, "slash", *"zzz")
        assert made.app.main.query_one("#line").has_focus, "in the list it filters as before"


# -- the small map -------------------------------------------------------------------------------------------------


async def test_the_small_map_shows_where_one_is_and_leads_elsewhere() -> None:
    tasks = [*chain(60, WAIT)]
    tasks[50] = replace(tasks[50], status=FAIL)
    app = GraphApp(detail("w", RUN, [*tasks, *(task(f"x{at}", WAIT) for at in range(60))]))
    async with app.run_test(size=(120, 40)) as pilot:
        await drawn(pilot)
        await pressed(pilot, "L", "M")
        small = app.query_one(GraphMinimap)
        assert small.display
        text = str(small.render())
        assert "✘" in text
        await pilot.click(GraphMinimap, offset=(2, 1))
        assert app.graph.scroll_offset.x == 0
        await pilot.click(GraphMinimap, offset=(small.size.width - 1, 1))
        assert app.graph.scroll_offset.x > 100
        await pilot.pause()
        seen = str(small.render())
        app.graph.pan(-100_000, 0)
        await pilot.pause()
        assert str(small.render()) != seen, "the frame follows what is seen"
        await pressed(pilot, "M")
        assert not small.display


# -- what is below -------------------------------------------------------------------------------------------------


async def test_a_strip_tells_about_the_task_where_there_is_no_room_for_more() -> None:
    app = GraphApp(diamond(FAIL))
    async with app.run_test(size=(60, 12)) as pilot:
        await drawn(pilot)
        strip = str(app.query_one(GraphStrip).render())
        assert "FAILED  d" in strip
        assert "waits for ▶ c" in strip
        assert not app.query_one(TaskPane).display


async def test_the_pane_follows_the_cursor_where_there_is_room() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(120, 40)) as pilot:
        await drawn(pilot)
        pane = app.query_one(TaskPane)
        assert pane.display
        assert pane.task_id == "c"
        await pressed(pilot, "left")
        assert pane.task_id == "a"
        assert app.graph.size.height <= 24


async def test_a_group_lists_its_members_and_one_of_them_can_be_gone_to() -> None:
    app = GraphApp(detail("w", RUN, fan(300, OK, leaf_250=FAIL, leaf_7=RUN)))
    async with app.run_test(size=(120, 40)) as pilot:
        await drawn(pilot)
        pane = app.query_one(GroupPane)
        assert pane.display
        text = "\n".join(line.text for line in pane.lines)
        assert "298 of 300" in text
        assert [line.task for line in pane.lines if line.task][:2] == ["leaf_250", "leaf_7"]
        pane.focus()
        await pressed(pilot, "down", "enter")
        assert app.graph.cursor_node == "leaf_7"
        assert app.graph.has_focus


# -- live ----------------------------------------------------------------------------------------------------------


async def test_a_status_renders_only_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [task(f"t{at}", WAIT) for at in range(30)]
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(120, 20)) as pilot:
        await drawn(pilot)
        await pilot.pause()
        rows: list[int] = []
        render = GraphView.render_line

        def counted(self: GraphView, y: int) -> Strip:
            rows.append(y)
            return render(self, y)

        monkeypatch.setattr(GraphView, "render_line", counted)
        tasks[3] = replace(tasks[3], status=RUN, started_at=NOW - 9)
        app.show(detail("w", RUN, tasks))
        await drawn(pilot)
        await pilot.pause()
        assert set(rows) == {3}
        rows.clear()
        app.tab.tick(NOW + 60)
        await pilot.pause()
        assert set(rows) == {3}


async def test_many_tasks_are_laid_out_off_the_ui_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    here: list[str] = []

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **fields: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                here.append(function.__name__)
            return function(*args, **fields)

        return called

    monkeypatch.setattr(service, "arrange", noting(board.arrange))
    monkeypatch.setattr(service, "lay_out", noting(drawing.lay_out))
    app = GraphApp(scenes.wide_etl("w", 4_000))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "laying out 4,000 tasks" in said(app) or app.graph.drawn is not None, "a word")
        await until(pilot, lambda: app.graph.drawn is not None, "a first layout")
        await pilot.press("right", "down", "left", "n", "x", "pagedown", "v", "v")
        await until(pilot, lambda: app.graph.view is View.TREE, "the tree")
        assert here == []


async def test_the_best_layout_comes_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    released, serve = threading.Event(), InProcess._serve

    def held(self: InProcess, job: Job) -> None:
        assert released.wait(60)
        serve(self, job)

    monkeypatch.setattr(InProcess, "_serve", held)
    app = GraphApp(scenes.wide_etl("w", 700))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: app.graph.drawn is not None, "a first layout")
        first, node, cell = app.graph.drawn, app.graph.cursor_node, app.cell
        assert "a better one is being made" in said(app)
        released.set()
        await drawn(pilot)
        assert app.graph.drawn is not first
        assert (app.graph.cursor_node, app.cell) == (node, cell)
        assert "a better one" not in said(app)


async def test_news_are_drawn_four_times_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    app = GraphApp(detail("w", RUN, chain(6, WAIT)))
    async with app.run_test(size=(120, 30)) as pilot:
        await drawn(pilot)
        looks: list[WorkflowDetail] = []

        def look(shown: WorkflowDetail, now: float, before: Seen | None, glyphs: Glyphs) -> News:
            looks.append(shown)
            return look_at(shown, now, before, glyphs)

        monkeypatch.setattr("wftui.widgets.graph_live.look_at", look)
        for at in range(6):
            app.show(detail("w", RUN, chain(6, WAIT)[:at] + [replace(one, status=OK) for one in chain(6, WAIT)[at:]]))
        assert len(looks) <= 1, "all of these came within a moment"
        await drawn(pilot)
        assert len(looks) <= 2
        assert app.graph.seen is not None
        assert [node.status for node in app.graph.seen.graph.nodes] == [WAIT] * 5 + [OK]


@pytest.mark.parametrize(
    "key", ["right", "up", "n", "[", "x", "f", "z", "enter", "v", "M", "L", "pagedown", "home", "end"]
)
async def test_keys_on_an_empty_graph_do_nothing(key: str) -> None:
    app = GraphApp(detail("w", RUN, []))
    async with app.run_test(size=(120, 30)) as pilot:
        await drawn(pilot)
        await pressed(pilot, key)
        assert app.graph.cursor_node is None
        assert "no task is recorded yet" in said(app)


async def test_the_wheel_with_shift_pans_sideways() -> None:
    app = GraphApp(detail("w", OK, chain(30, FAIL)))
    async with app.run_test(size=(120, 30)) as pilot:
        await drawn(pilot)
        await pressed(pilot, "v", "v", "v", "home")
        assert app.graph.view is View.LAYERS
        before = app.graph.window.x
        await pilot._post_mouse_events([MouseScrollDown], GraphView, shift=True)
        await drawn(pilot)
        await until(pilot, lambda: app.graph.window.x > before, "the picture to move")


async def test_switching_workflows_during_a_layout_shows_the_last() -> None:
    app = GraphApp(scenes.wide_etl("w", 2_000))
    async with app.run_test(size=(120, 30)) as pilot:
        for name in ("b", "c", "w", "d"):
            app.show(scenes.wide_etl(name, 600))
            await pilot.pause()
        app.show(replace(diamond(), summary=replace(diamond().summary, key=diamond().summary.key._replace(id="e"))))
        await drawn(pilot)
        assert app.graph.cursor_node == "c"
        assert any("❯▶ c" in line for line in app.lines)


# -- sizes ---------------------------------------------------------------------------------------------------------


def mixed() -> Iterable[Task]:
    return [*fan(20, OK, leaf_3=FAIL), *chain(8, RUN)]


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (1, 1), (3, 2), (80, 15), (250, 70)])
async def test_any_size_is_usable(size: tuple[int, int]) -> None:
    app = GraphApp(detail("w", RUN, mixed()))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("down", "right", "x", "M", "f", "f", "escape", "v", "v", "v", "end", "home", "z", "L")
        if size[0] >= 20:
            await drawn(pilot)
            await pressed(pilot, "home")
            assert any("❯" in line for line in app.lines), app.lines


async def test_resizing_at_any_moment_keeps_the_cursor_in_sight() -> None:
    app = GraphApp(detail("w", RUN, mixed()))
    async with app.run_test(size=(160, 40)) as pilot:
        await drawn(pilot)
        await pressed(pilot, "x")
        for size in [(40, 10), (120, 12), (20, 5), (200, 60), (101, 9), (102, 9), (103, 30), (160, 40)]:
            await pilot.resize_terminal(*size)
            if size[0] % 2:
                await drawn(pilot)
        await drawn(pilot)
        assert app.graph.cursor_node == "leaf_3"
        assert any("❯✘ leaf_3" in line for line in app.lines)


def _is_settled(made: Scene) -> bool:
    return made.app.main.settled


async def test_w_gives_the_details_the_whole_screen_and_back() -> None:
    for size in ((120, 36), (200, 60), (80, 24)):
        made = scene(scenes.busy())
        async with running(made, size=size) as pilot:
            await press(pilot, "w")
            assert made.app.main.list_is_hidden is (size[0] > 80)
            await until(pilot, partial(_is_settled, made), "the details")
            if size[0] > 80:
                assert "WORKFLOW " not in screen_text(pilot.app)
            await press(pilot, "w")
            assert "WORKFLOW " in screen_text(pilot.app)
            await press(pilot, "w", "escape")
            assert not made.app.main.list_is_hidden
