"""The graph: what is drawn, how one walks through it, what stays where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui.graph_app import NOW, GraphApp, drawn, pressed
from tests.ui.states import until
from tests.unit.making import detail, task
from wftui.dag.picture import View
from wftui.model.status import Status
from wftui.model.task import TaskKind

if TYPE_CHECKING:
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

OK, RUN, FAIL, WAIT = Status.SUCCESSFUL, Status.RUNNING, Status.FAILED, Status.PENDING


def diamond(last: Status = WAIT) -> WorkflowDetail:
    return detail(
        "w",
        RUN,
        [task("a", OK), task("b", OK, ["a"]), task("c", RUN, ["a"], started_at=NOW - 5), task("d", last, ["b", "c"])],
    )


def chain(count: int, status: Status = OK) -> list[Task]:
    return [task(f"t{at}", status, [f"t{at - 1}"] if at else []) for at in range(count)]


def fan(count: int, status: Status = OK, **named: Status) -> list[Task]:
    """root, so many leaves, and an end."""
    names = [f"leaf_{at}" for at in range(count)]
    leaves = [task(name, named.get(name, status), ["root"]) for name in names]
    return [task("root", OK), *leaves, task("end", WAIT, names)]


# -- what is drawn -------------------------------------------------------------------------------------------------


async def test_layers_are_drawn_from_a_hundred_columns() -> None:
    for width, view in ((100 + 2, View.LAYERS), (101, View.LANES)):
        app = GraphApp(diamond())
        async with app.run_test(size=(width, 12)) as pilot:
            await drawn(pilot)
            assert app.graph.view is view, width


async def test_lanes_are_drawn_with_the_legend_below() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(60, 12)) as pilot:
        await drawn(pilot)
        assert app.lines[:5] == [
            "  ✔     a",
            "  ├─✔─╮ b",
            "❯ ╰─▶─┤ c                5.0s  RUNNING",
            "  ╭───╯",
            "  ◌     d",
        ]
        assert "▶ RUNNING 1   ◌ PENDING 1   ✔ SUCCESSFUL 2" in str(app.query_one("#graph-line").render())


async def test_ascii_draws_no_other_character() -> None:
    for width in (60, 120):
        app = GraphApp(diamond(), ascii_only=True)
        async with app.run_test(size=(width, 12)) as pilot:
            await drawn(pilot)
            assert all(line.isascii() for line in app.lines), app.lines
            assert any(">[>] c" in line or "+->-+ c" in line or line.startswith("> ") for line in app.lines), app.lines


async def test_the_pointer_tells_the_cursor_without_any_colour() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(120, 12)) as pilot:
        await drawn(pilot)
        assert sum("❯▶ c" in line for line in app.lines) == 1
        await pressed(pilot, "left")
        assert sum("❯✔ a" in line for line in app.lines) == 1


async def test_an_empty_workflow_says_so() -> None:
    app = GraphApp(detail("w", OK, []))
    async with app.run_test(size=(40, 9)) as pilot:
        await drawn(pilot)
        assert "no task is recorded yet" in str(app.query_one("#graph-line").render())


async def test_nothing_and_no_tasks_are_drawn_as_nothing() -> None:
    app = GraphApp(None)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        assert not any(app.lines)
        await pilot.press("down", "right", "left", "n", "z", "v", "x", "f", "M", "L", "enter", "home", "end", "plus")
        await pilot.press("right_square_bracket", "pagedown", "shift+up", "escape")
        app.show(detail("w", OK, []))
        await drawn(pilot)
        nodes = [app.graph.cursor_node]
        app.show(diamond())
        await drawn(pilot)
        nodes.append(app.graph.cursor_node)
        assert nodes == [None, "c"]
        app.graph.show(None, NOW)
        await pilot.pause()
        assert not any(app.lines)


# -- ways through it -----------------------------------------------------------------------------------------------


async def test_keys_follow_edges_rows_siblings_and_failures() -> None:
    for width in (60, 120):
        app = GraphApp(diamond(FAIL))
        async with app.run_test(size=(width, 12)) as pilot:
            await drawn(pilot)
            assert app.graph.cursor_node == "d", "what failed is looked at first"
            for key, node in [
                ("left", app.graph.cursor_node), ("home", "a"), ("right", "b"), ("n", "c"), ("n", "b"), ("N", "c"),
                ("right", "d"), ("left", "c"), ("h", "a"), ("l", "c"), ("x", "d"), ("home", "a"), ("end", "d"),
            ]:  # fmt: skip
                await pilot.press(key)
                if key != "left" or node != "d":
                    assert app.graph.cursor_node == node, (width, key)
            await pilot.press("enter")
            await pilot.pause()
            assert app.selected == ["d"]
            assert app.highlighted[-1] == "d"


async def test_back_along_an_edge_leads_to_where_one_came_from() -> None:
    tasks = [task("a"), *(task(f"m{at}", OK, ["a"]) for at in range(5)), task("z", OK, [f"m{at}" for at in range(5)])]
    app = GraphApp(detail("w", OK, tasks))
    async with app.run_test(size=(120, 20)) as pilot:
        await drawn(pilot)
        await pilot.press("home", "right", "n", "n", "n")
        node = app.graph.cursor_node
        await pilot.press("right")
        assert app.graph.cursor_node == "z"
        await pilot.press("left")
        assert app.graph.cursor_node == node
        await pilot.press("left")
        assert app.graph.cursor_node == "a"


async def test_the_critical_path_is_walked() -> None:
    tasks = [
        task("a", started_at=NOW, ended_at=NOW + 1),
        task("slow", OK, ["a"], started_at=NOW, ended_at=NOW + 50),
        task("fast", OK, ["a"], started_at=NOW, ended_at=NOW + 2),
        task("z", OK, ["slow", "fast"], started_at=NOW, ended_at=NOW + 1),
    ]
    app = GraphApp(detail("w", OK, tasks))
    async with app.run_test(size=(120, 20)) as pilot:
        await drawn(pilot)
        await pilot.press("home")
        nodes = []
        for _ in range(3):
            nodes.append(app.graph.cursor_node)
            await pilot.press("right_square_bracket")
        assert nodes == ["a", "slow", "z"]
        await pilot.press("left_square_bracket")
        assert app.graph.cursor_node == "slow"
        assert any("━" in line for line in app.lines)
        assert "critical path" in str(app.query_one("#graph-line").render())


async def test_the_mouse_chooses_and_opens() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(60, 12)) as pilot:
        await drawn(pilot)
        await pilot.click(offset=(10, 1))
        assert app.graph.cursor_node == "b"
        await pilot.click(offset=(10, 3))
        assert app.graph.cursor_node == "b", "there is no node on that line"
        await pilot.click(offset=(10, 4), times=2)
        assert app.selected == ["d"]


async def test_dragging_and_keys_pan_without_moving_the_cursor() -> None:
    app = GraphApp(detail("w", RUN, [task(f"r{at}", WAIT) for at in range(60)]))
    async with app.run_test(size=(120, 12)) as pilot:
        await drawn(pilot)
        node = app.graph.cursor_node
        await pressed(pilot, "shift+down", "shift+down")
        assert app.graph.scroll_offset.y == 8
        await pilot.mouse_down("GraphView", offset=(30, 5))
        await pilot.hover("GraphView", offset=(30, 2))
        await pilot.mouse_up("GraphView", offset=(30, 2))
        assert app.graph.scroll_offset.y == 11
        assert app.graph.cursor_node == node


# -- what stays where ----------------------------------------------------------------------------------------------


async def test_an_append_does_not_move_the_cell_of_the_cursor() -> None:
    for width in (60, 120):
        tasks = [task(f"r{at}") for at in range(40)] + [task("last", RUN, [f"r{at}" for at in range(40)])]
        app = GraphApp(detail("w", RUN, tasks))
        async with app.run_test(size=(width, 16)) as pilot:
            await drawn(pilot)
            await pressed(pilot, "home", *["down"] * 12)
            node, cell = app.graph.cursor_node, app.cell
            app.show(detail("w", RUN, [task("first"), *tasks, task("next", WAIT, ["last"])]))
            await drawn(pilot)
            assert app.graph.cursor_node == node
            assert app.cell == cell, width
            assert cell is not None
            assert str(node) in app.lines[cell.y]


async def test_a_status_redraws_only_its_row() -> None:
    app = GraphApp(detail("w", RUN, chain(10, WAIT)))
    async with app.run_test(size=(60, 20)) as pilot:
        await drawn(pilot)
        before = [app.graph.render_line(y) for y in range(10)]
        tasks = chain(10, WAIT)
        tasks[4] = replace(tasks[4], status=RUN, started_at=NOW - 61)
        app.show(detail("w", RUN, tasks))
        await drawn(pilot)
        after = [app.graph.render_line(y) for y in range(10)]
        assert [y for y in range(10) if after[y] is not before[y]] == [4]
        assert after[4].text.split() == ["▶", "t4", "1m01", "RUNNING"]


async def test_what_runs_is_counted_on() -> None:
    for width in (60, 120):
        app = GraphApp(diamond())
        async with app.run_test(size=(width, 12)) as pilot:
            await drawn(pilot)
            assert app.tab.ticks
            app.tab.tick(NOW + 37)
            assert any("c" in line.split() and "42s" in line for line in app.lines), app.lines


async def test_a_look_elsewhere_is_not_taken_back_by_news() -> None:
    tasks = [task(f"t{at}", RUN if at == 0 else WAIT) for at in range(60)]
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(60, 16)) as pilot:
        await drawn(pilot)
        app.graph.pan(0, 50)
        await pilot.pause()
        seen = app.lines[3]
        app.show(detail("w", RUN, [*tasks, task("last")]))
        await drawn(pilot)
        assert app.lines[3] == seen


async def test_what_failed_is_on_screen_at_first() -> None:
    app = GraphApp(detail("w", FAIL, [task(f"t{at}", FAIL if at == 70 else OK) for at in range(90)]))
    async with app.run_test(size=(60, 16)) as pilot:
        await drawn(pilot)
        assert app.graph.cursor_node == "t70"
        assert app.cell is not None
        assert "t70" in app.lines[app.cell.y]
        app.show(detail("other", RUN, [task("a", RUN), task("b", WAIT, ["a"])]))
        await drawn(pilot)
        assert app.lines[0].split()[:3] == ["❯", "▶", "a"]


async def test_what_failed_far_to_the_right_has_what_led_there_on_screen() -> None:
    tasks = chain(30, WAIT)
    tasks[20] = replace(tasks[20], status=FAIL)
    app = GraphApp(detail("w", FAIL, tasks))
    async with app.run_test(size=(120, 16)) as pilot:
        await drawn(pilot)
        assert app.graph.cursor_node == "t20"
        assert app.cell is not None
        assert 40 < app.cell.x < 118
        assert "t19" in app.lines[app.cell.y]


async def test_a_task_asked_for_before_the_layout_is_gone_to() -> None:
    app = GraphApp(detail("w", OK, fan(3_000)))
    async with app.run_test(size=(70, 12)) as pilot:
        app.tab.go_to("leaf_1500")
        await drawn(pilot)
        item = app.graph.cursor_item
        assert item is not None
        assert "leaf_1500" in (item.id, *item.members)


async def test_news_faster_than_layouts_do_not_put_them_off() -> None:
    tasks = fan(3_000, WAIT)
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(70, 12)) as pilot:
        for at in range(5):
            tasks[at + 1] = replace(tasks[at + 1], status=FAIL)
            app.show(detail("w", RUN, [*tasks, task(f"more{at}", OK, ["root"])]))
        await until(pilot, lambda: app.graph.go_to("more4"), "the newest task")


# -- views, folds, groups, focus -----------------------------------------------------------------------------------


async def test_v_goes_round_the_views_and_the_choice_stays() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(120, 12)) as pilot:
        await drawn(pilot)
        views = [app.graph.view]
        for _ in range(3):
            await pressed(pilot, "v")
            views.append(app.graph.view)
            assert app.graph.cursor_node == "c"
        assert views == [View.LAYERS, View.LANES, View.TREE, View.LAYERS]
        await pressed(pilot, "v", "v")
        app.show(detail("other", OK))
        await drawn(pilot)
        assert app.graph.view is View.TREE


async def test_a_sub_dag_folds_under_its_parent() -> None:
    tasks = [
        task("outer", RUN, kind=TaskKind.CONTINUATION),
        task("in1", OK, parent="outer"),
        task("in2", RUN, ["in1"], parent="outer"),
        task("after", WAIT, ["outer"]),
    ]
    for width in (70, 120):
        app = GraphApp(detail("w", RUN, tasks))
        async with app.run_test(size=(width, 12)) as pilot:
            await drawn(pilot)
            assert app.graph.cursor_node == "in2", "what runs is inside"
            await pressed(pilot, "z")
            assert app.graph.cursor_node == "outer"
            assert not any("in1" in line for line in app.lines)
            await pressed(pilot, "z")
            assert any("in1" in line for line in app.lines)


async def test_a_long_chain_is_folded_and_unfolds() -> None:
    app = GraphApp(detail("w", OK, chain(40)))
    async with app.run_test(size=(70, 12)) as pilot:
        await drawn(pilot)
        assert "folded: t1..38" in app.lines[1]
        await pressed(pilot, "down", "enter")
        assert app.lines[1].split()[-1] == "t1"
        assert app.graph.cursor_node == "t1"
        await pressed(pilot, "z")
        assert "folded: t1..38" in app.lines[1]


async def test_a_group_opens_its_most_interesting_members_and_closes() -> None:
    app = GraphApp(detail("w", RUN, fan(300, OK, leaf_250=FAIL)))
    async with app.run_test(size=(120, 40)) as pilot:
        await drawn(pilot)
        item = app.graph.cursor_item
        assert item is not None
        assert "leaf_250" in item.members, "a failed task is hidden: its group is looked at first"
        await pressed(pilot, "enter")
        assert app.graph.cursor_node == "leaf_250", "what failed comes first"
        text = "\n".join(app.lines)
        assert "leaf ×280" in text
        await pressed(pilot, "z")
        assert "leaf ×300" in "\n".join(app.lines)


async def test_the_focus_goes_round_and_escape_leaves_it() -> None:
    app = GraphApp(detail("w", RUN, chain(12, RUN)))
    async with app.run_test(size=(120, 14)) as pilot:
        await drawn(pilot)
        assert app.graph.go_to("t6")
        await pressed(pilot, "f")
        seen = [set(app.graph.drawn.order() if app.graph.drawn else ())]
        assert "2 hops around t6" in str(app.query_one("#graph-line").render())
        for key in ("plus", "minus", "f", "f", "escape"):
            await pressed(pilot, key)
            seen.append(set(app.graph.drawn.order() if app.graph.drawn else ()))
            assert app.graph.cursor_node == "t6"
        expected = [range(4, 9), range(3, 10), range(4, 9), range(7), range(6, 12), range(12)]
        assert seen == [{f"t{at}" for at in one} for one in expected]
