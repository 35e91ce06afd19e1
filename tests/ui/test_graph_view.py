from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.ui.graph_app import NOW, GraphApp
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


async def test_the_graph_is_drawn_with_the_legend_below() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert [line.rstrip() for line in app.lines[:7]] == [
            "  ✔     a",
            "  ├─✔─╮ b",
            "❯ ╰─▶─┤ c                5.0s  RUNNING",
            "  ╭───╯",
            "  ◌     d",
            "",
            "  ▶ RUNNING 1   ◌ PENDING 1   ✔ SUCCESSFUL 2",
        ]


async def test_ascii_draws_no_other_character() -> None:
    app = GraphApp(diamond(), ascii_only=True)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert app.graph.ascii_only
        assert all(line.isascii() for line in app.lines), app.lines
        assert app.lines[1] == "  +-*-. + b"


async def test_keys_follow_edges_rows_siblings_and_failures() -> None:
    app = GraphApp(diamond(FAIL))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert app.graph.cursor_node == "d", "what failed is looked at first"
        for key, node in [
            ("up", "c"), ("k", "b"), ("n", "c"), ("n", "b"), ("N", "c"), ("right", "d"), ("left", "c"), ("h", "a"),
            ("l", "b"), ("x", "d"), ("home", "a"), ("end", "d"),
        ]:  # fmt: skip
            await pilot.press(key)
            assert app.graph.cursor_node == node, key
        await pilot.press("enter")
        await pilot.pause()
        assert app.selected == ["d"]
        assert app.highlighted[-1] == "d"


async def test_the_mouse_chooses_and_opens() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        await pilot.click(offset=(10, 1))
        assert app.graph.cursor_node == "b"
        await pilot.click(offset=(10, 3))
        assert app.graph.cursor_node == "b", "there is no node on that line"
        await pilot.click(offset=(10, 4), times=2)
        assert app.selected == ["d"]


async def test_an_update_does_not_move_the_line_of_the_cursor() -> None:
    tasks = [task(f"r{at}") for at in range(40)] + [task("last", RUN, [f"r{at}" for at in range(40)])]
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        await pilot.press(*["up"] * 12)
        node, line = app.graph.cursor_node, app.cursor_line
        await pilot.pause()
        assert app.graph.scroll_offset.y > 0
        app.graph.show(detail("w", RUN, [task("first"), *tasks]), NOW)
        await pilot.pause()
        assert app.graph.cursor_node == node
        assert app.cursor_line == line
        assert f"{node}" in app.lines[line]


async def test_a_status_redraws_only_its_line() -> None:
    app = GraphApp(detail("w", RUN, chain(10, WAIT)))
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        before = [app.graph.render_line(y) for y in range(10)]
        tasks = chain(10, WAIT)
        tasks[4] = replace(tasks[4], status=RUN, started_at=NOW - 61)
        app.graph.show(detail("w", RUN, tasks), NOW)
        await pilot.pause()
        after = [app.graph.render_line(y) for y in range(10)]
        assert [y for y in range(10) if after[y] is not before[y]] == [4]
        assert after[4].text.split() == ["▶", "t4", "1m01", "RUNNING"]


async def test_what_runs_is_counted_on() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert app.graph.ticks
        app.graph.tick(NOW + 37)
        assert app.lines[2].split()[-2:] == ["42s", "RUNNING"]


async def test_a_sub_dag_folds_under_its_parent() -> None:
    tasks = [
        task("outer", RUN, kind=TaskKind.CONTINUATION),
        task("in1", OK, parent="outer"),
        task("in2", RUN, ["in1"], parent="outer"),
        task("after", WAIT, ["outer"]),
    ]
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.pause()
        assert app.graph.cursor_node == "in2", "what runs is inside"
        await pilot.press("z")
        assert app.graph.cursor_node == "outer"
        assert not any("in1" in line for line in app.lines)
        assert "2 folded" in app.lines[0]
        await pilot.press("z")
        assert any("in1" in line for line in app.lines)


async def test_a_long_chain_is_folded_and_unfolds() -> None:
    app = GraphApp(detail("w", OK, chain(40)))
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.pause()
        assert "folded: t1..38" in app.lines[1]
        await pilot.press("down", "enter")
        await pilot.pause()
        assert app.lines[1].split()[-1] == "t1"
        assert app.graph.cursor_node == "t1"
        await pilot.press("z")
        assert "folded: t1..38" in app.lines[1]


async def test_v_changes_between_lanes_and_tree() -> None:
    app = GraphApp(diamond())
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.pause()
        node = app.graph.cursor_node
        views = [app.graph.view]
        await pilot.press("v")
        views.append(app.graph.view)
        assert any("also after" in line for line in app.lines)
        assert app.graph.cursor_node == node
        await pilot.press("v")
        views.append(app.graph.view)
        assert views == [View.LANES, View.TREE, View.LANES]


async def test_a_large_graph_is_laid_out_in_a_thread() -> None:
    tasks = [task("root"), *(task(f"leaf{at}", OK, ["root"]) for at in range(3_000))]
    app = GraphApp(detail("w", OK, tasks))
    async with app.run_test(size=(70, 12)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.graph.cursor_node == "root"
        await pilot.press("end")
        assert any("leaf2999" in line for line in app.lines)


async def test_nothing_and_no_tasks_are_drawn_as_nothing() -> None:
    app = GraphApp(None)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        assert not any(app.lines)
        await pilot.press("down", "right", "left", "n", "z", "v", "x", "enter", "home", "end", "right_square_bracket")
        app.graph.show(detail("w", OK, []), NOW)
        await pilot.pause()
        nodes = [app.graph.cursor_node]
        app.graph.show(diamond(), NOW)
        await pilot.pause()
        nodes.append(app.graph.cursor_node)
        assert nodes == [None, "c"]
        app.graph.show(None, NOW)
        await pilot.pause()
        assert not any(app.lines)


async def test_an_empty_workflow_says_so() -> None:
    app = GraphApp(detail("w", OK, []))
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        assert app.lines[0].strip() == "no task is recorded yet"


async def test_news_faster_than_layouts_do_not_put_them_off() -> None:
    leaves = [task(f"leaf{at}", WAIT, ["root"]) for at in range(3_000)]
    app = GraphApp(detail("w", RUN, [task("root", RUN), *leaves]))
    async with app.run_test(size=(70, 12)) as pilot:
        for at in range(5):
            leaves[at] = replace(leaves[at], status=FAIL)
            app.graph.show(detail("w", RUN, [task("root", OK), *leaves, task(f"more{at}", OK, ["root"])]), NOW)
        while app.graph.cursor_node is None or not any(node.name == "_work_out" for node in app.workers):
            await app.workers.wait_for_complete()
            await pilot.pause()
            if app.graph.go_to("more4"):
                break
        assert app.graph.cursor_node == "more4"


async def test_a_task_asked_for_before_the_layout_is_gone_to() -> None:
    tasks = [task("root"), *(task(f"leaf{at}", OK, ["root"]) for at in range(3_000))]
    app = GraphApp(detail("w", OK, tasks))
    async with app.run_test(size=(70, 12)) as pilot:
        app.graph.show(None, NOW)
        app.graph.show(detail("w", OK, tasks), NOW)
        app.graph.go_to("leaf1500")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.graph.cursor_node == "leaf1500"
        assert any("leaf1500" in line for line in app.lines)


async def test_a_look_elsewhere_is_not_taken_back_by_news() -> None:
    tasks = [task(f"t{at}", RUN if at == 0 else WAIT) for at in range(60)]
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        app.graph.scroll_to(y=50, animate=False, immediate=True)
        await pilot.pause()
        seen = app.lines[3]
        app.graph.show(detail("w", RUN, [*tasks, task("last")]), NOW)
        await pilot.pause()
        assert app.lines[3] == seen


async def test_what_failed_is_on_screen_at_first() -> None:
    app = GraphApp(detail("w", FAIL, [task(f"t{at}", FAIL if at == 70 else OK) for at in range(90)]))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        assert app.graph.cursor_node == "t70"
        assert "t70" in app.lines[app.cursor_line]
        app.graph.show(detail("other", RUN, [task("a", RUN), task("b", WAIT, ["a"])]), NOW)
        await pilot.pause()
        assert app.lines[0].split()[:3] == ["❯", "▶", "a"]


async def test_news_do_not_fold_the_cursor_away() -> None:
    tasks = chain(30, RUN)
    app = GraphApp(detail("w", RUN, tasks))
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        await pilot.press(*["down"] * 9)
        line = app.cursor_line
        done = [replace(one, status=OK) for one in tasks]
        app.graph.show(detail("w", RUN, [*done, task("t30", WAIT, ["t29"])]), NOW)
        await pilot.pause()
        assert app.graph.cursor_node == "t9"
        assert "t9" in app.lines[app.cursor_line].split()
        assert app.cursor_line <= line
        assert any("folded" in line for line in app.lines)
