"""A run as its definition has it: whose its tasks are, what is inferred, what was not taken. All operators."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from highway_dsl import Duration, JoinMode, TaskOperator, WorkflowBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.highway_making import builders, step
from tests.unit.making import START, task
from wftui.dag.append import grow
from wftui.dag.board import arrange
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.highway.definition import read_definition
from wftui.model.operator import Operator
from wftui.model.status import Status, StatusSource
from wftui.model.task import TaskKind
from wftui.model.workflow import WorkflowDetail, WorkflowKey, WorkflowSummary
from wftui.present.glyphs import UNICODE
from wftui.present.graph import graph_of
from wftui.sources.absurd.definition_match import Known, Match
from wftui.sources.absurd.overlay import DRIVER, NO_RECORD, NOT_STARTED, NOT_TAKEN, STRANGER, Children, overlaid

if TYPE_CHECKING:
    from wftui.model.task import Task

OK, RUN, FAILED, PENDING = Status.SUCCESSFUL, Status.RUNNING, Status.FAILED, Status.PENDING
READY, WAITING, UNKNOWN = Status.READY, Status.WAITING, Status.UNKNOWN
_COUNT = iter(range(10**9))


def recorded(step_name: str, status: Status = OK, *, flow: str = "flow__1.0", **params: Any) -> Task:
    """A task as Absurd has it."""
    at = next(_COUNT)
    ended = START + at + 1 if status in (OK, FAILED) else None
    options = {"task_name": f"{flow}__{step_name}", "params": params, "run_id": f"r{at}"}
    return task(f"id-{at}", status, name=step_name, started_at=START + at, ended_at=ended, options=options)


def laid(
    builder: WorkflowBuilder | dict[str, Any] | Known, *tasks: Task, run: Status = RUN, children: Children | None = None
) -> WorkflowDetail:
    if isinstance(builder, WorkflowBuilder):
        builder = json.loads(builder.build().to_json())
    known = builder if isinstance(builder, Known) else Known("/defs/flow.yaml", read_definition(builder))
    row = WorkflowSummary(
        WorkflowKey("T", "absurd", "q", "w"), run, StatusSource.DATABASE, run.value, name="flow",
        user_metadata={"workflow_version": "1.0", "absurd_run_id": "root"},
    )  # fmt: skip
    return overlaid(WorkflowDetail(row, tasks), Match(known), children=children)


def made() -> WorkflowBuilder:
    return WorkflowBuilder("flow", version="1.0")


def states(found: WorkflowDetail) -> dict[str, tuple[Status, bool]]:
    """Of every operator its status, and whether that is inferred; what is not taken is left out."""
    return {
        one.id: (one.status, one.operator.is_inferred)
        for one in found.tasks
        if one.operator is not None and one.operator.is_taken and not one.operator.is_item
    }


def not_taken(found: WorkflowDetail) -> set[str]:
    off = {one.id for one in found.tasks if one.operator is not None and not one.operator.is_taken}
    assert all(one.options["note"] == NOT_TAKEN for one in found.tasks if one.id in off)
    return off


def test_tasks_take_the_place_of_their_operators() -> None:
    done, running = recorded("a"), recorded("b", RUN)
    found = laid(made().task("a", "f").activity("b", "f").task("c", "f"), done, running)
    assert states(found) == {"a": (OK, False), "b": (RUN, False), "c": (PENDING, False)}
    a, b, c = found.tasks
    assert (a.options["task_id"], b.options["task_id"]) == (done.id, running.id)
    assert (b.upstream, c.upstream) == (("a",), ("b",))
    assert (b.started_at, b.operator and b.operator.kind) == (running.started_at, Operator.ACTIVITY)
    assert b.options["operator"] == "activity"
    assert found.remarks == ()
    assert "flow 1.0" in found.summary.note
    assert "flow.yaml" in found.summary.note


def test_what_is_next_is_ready_and_what_did_not_run_says_so() -> None:
    flow = made().task("a", "f").task("b", "f").task("c", "f")
    assert states(laid(flow, recorded("a"))) == {"a": (OK, False), "b": (READY, False), "c": (PENDING, False)}
    ended = laid(flow, recorded("a", FAILED), run=FAILED)
    assert states(ended)["b"] == (PENDING, False)
    assert ended.tasks[1].options["note"] == NOT_STARTED
    lost = laid(flow, recorded("a"), run=OK)
    assert states(lost)["b"] == (UNKNOWN, False)
    assert lost.tasks[1].options["note"] == NO_RECORD
    assert states(laid(flow, run=PENDING)) == {"a": (PENDING, False), "b": (PENDING, False), "c": (PENDING, False)}


def test_an_operator_keeps_its_id_when_it_begins() -> None:
    """So the picture stands still."""
    flow = made().task("a", "f").condition("if", "x", step("b"), step("c")).foreach("each", "i", step("d"))
    before, after = laid(flow, recorded("a")), laid(flow, recorded("a"), recorded("b", RUN))
    assert [(one.id, one.upstream, one.parent) for one in before.tasks] == [
        (one.id, one.upstream, one.parent) for one in after.tasks
    ]


@pytest.mark.parametrize("taken", ["ship", "back_order"])
def test_conditions(taken: str) -> None:
    flow = made().task("a", "f").condition("check", "{{stock}} > 0", step("ship", "bill"), step("back_order", "mail"))
    waiting = laid(flow, recorded("a"))
    assert states(waiting)["check"] == (READY, False)
    assert not_taken(waiting) == set()
    found = laid(flow, recorded("a"), recorded(taken, RUN))
    assert states(found)["check"] == (OK, True)
    assert not_taken(found) == ({"ship", "bill"} if taken == "back_order" else {"back_order", "mail"})
    assert "inferred" in found.remarks[0].what


def test_a_condition_without_an_else() -> None:
    flow = made().task("a", "f").condition("check", "x", step("ship"), lambda builder: builder)
    assert not_taken(laid(flow, recorded("a"), run=OK)) == {"ship"}
    assert not_taken(laid(flow, recorded("a"))) == set()


def test_switches() -> None:
    flow = made().switch("tier", "{{t}}", {"gold": "vip", "iron": "usual"}, default="usual")
    flow.task("vip", "f", dependencies=["tier"]).task("usual", "f", dependencies=["tier"])
    found = laid(flow.task("z", "f", dependencies=["vip"]), recorded("usual"))
    assert not_taken(found) == {"vip", "z"}
    assert states(found)["tier"] == (OK, True)
    assert next(one for one in found.tasks if one.id == "usual").options["branch"] == "iron|default"


def test_choices() -> None:
    branches = {"small": ("n < 9", step("x")), "large": ("n > 5", step("y")), "huge": ("n > 99", step("z"))}
    flow = made().multi_choice("pick", branches).task("end", "f")
    found = laid(flow, recorded("x"), recorded("y", RUN))
    assert not_taken(found) == {"pick/huge/z"}
    assert states(found)["pick"] == (RUN, True)
    assert states(laid(flow, recorded("x"), recorded("y"), recorded("end")))["pick"] == (OK, True)


def test_parallel_branches_and_their_join() -> None:
    flow = made().parallel_with_join("split", {"left": step("fetch", "store"), "right": step("fetch")}).task("z", "f")
    left = recorded("fetch", flow="split_left__2.0.0")
    right = recorded("fetch", RUN, flow="split_right__2.0.0")
    found = laid(flow, right, left)
    assert states(found) == {
        "split": (RUN, True),
        "split/left/fetch": (OK, False),
        "split/left/store": (READY, False),
        "split/right/fetch": (RUN, False),
        "split_join": (PENDING, False),
        "z": (PENDING, False),
    }
    by_id = {one.id: one for one in found.tasks}
    assert by_id["split/right/fetch"].options["task_id"] == right.id
    assert by_id["split/left/store"].parent == "split"
    done = laid(flow, left, replace(right, status=OK), recorded("store", flow="split_left__2.0.0"), recorded("z"))
    assert states(done)["split"] == states(done)["split_join"] == (OK, True)
    assert states(laid(flow, left, replace(right, status=FAILED), run=FAILED))["split"] == (FAILED, True)


def test_branches_are_told_by_parameters_too_or_by_order() -> None:
    flow = made().parallel("split", {"left": step("fetch"), "right": step("fetch")})
    by_name = laid(flow, recorded("fetch", branch="right"))
    assert states(by_name)["split/right/fetch"] == (OK, False)
    by_order = laid(flow, recorded("fetch", flow="x__1"), recorded("fetch", RUN, flow="x__1"))
    assert states(by_order)["split/left/fetch"] == (OK, False)
    assert states(by_order)["split/right/fetch"] == (RUN, False)
    assert any("several operators have one name (fetch)" in remark.what for remark in by_order.remarks)


@pytest.mark.parametrize(
    ("mode", "first", "second", "joined"),
    [
        (JoinMode.ALL_OF, OK, FAILED, OK),
        (JoinMode.ALL_OF, OK, RUN, PENDING),
        (JoinMode.ANY_OF, FAILED, RUN, OK),
        (JoinMode.ANY_OF, RUN, RUN, PENDING),
        (JoinMode.ALL_SUCCESS, OK, OK, OK),
        (JoinMode.ALL_SUCCESS, OK, FAILED, FAILED),
        (JoinMode.ONE_SUCCESS, OK, RUN, OK),
        (JoinMode.ONE_SUCCESS, FAILED, RUN, PENDING),
        (JoinMode.ONE_SUCCESS, FAILED, FAILED, FAILED),
    ],
)
def test_joins(mode: JoinMode, first: Status, second: Status, joined: Status) -> None:
    flow = made().task("a", "f").task("b", "f", dependencies=[]).join("sync", ["a", "b"], mode, dependencies=[])
    found = laid(flow, recorded("a", first), recorded("b", second))
    assert states(found)["sync"][0] is joined
    assert next(one for one in found.tasks if one.id == "sync").options["detail"] == mode.value


def test_what_follows_a_join_of_any_tells_nothing_of_the_others() -> None:
    flow = made().wait("a", Duration.hours(1)).wait("b", Duration.hours(1), dependencies=[])
    flow.join("sync", ["a", "b"], JoinMode.ANY_OF, dependencies=[]).task("z", "f")
    assert states(laid(flow, recorded("z")))["b"] == (WAITING, True)


def test_items_of_a_loop_are_a_group() -> None:
    flow = made().task("a", "f").foreach("each", "{{files}}", step("load", "save")).task("z", "f")
    items = [recorded("load", FAILED if at == 1 else OK, index=at) for at in (2, 0, 1)]
    found = laid(flow, recorded("a"), *items, recorded("save[0]", RUN), recorded("save[1]"))
    by_id = {one.id: one for one in found.tasks}
    group = by_id["load"]
    assert (group.kind, group.status, group.parent, group.options["tasks"]) == (TaskKind.GROUP, FAILED, "each", 3)
    inside = [one for one in found.tasks if one.parent == "load"]
    assert [(one.id, one.name) for one in inside] == [
        (items[0].id, "load[2]"), (items[1].id, "load[0]"), (items[2].id, "load[1]"),
    ]  # fmt: skip
    assert all(one.operator is not None and one.operator.is_item for one in inside)
    assert (by_id["save"].kind, by_id["save"].status, by_id["save"].upstream) == (TaskKind.GROUP, RUN, ("load",))
    assert states(found)["each"] == (FAILED, True)


def test_iterations_are_numbered_and_a_loop_of_tasks_of_its_own_is_a_group() -> None:
    flow = made().while_loop("poll", "{{done}} == false", step("ask")).foreach("each", "x", step("load"))
    found = laid(flow, *(recorded("ask") for _ in range(3)), *(recorded("each", RUN) for _ in range(2)))
    assert [one.name for one in found.tasks if one.parent == "ask"] == ["ask[0]", "ask[1]", "ask[2]"]
    assert states(found)["poll"] == (OK, True)
    assert [one.name for one in found.tasks if one.parent == "each" and one.operator and one.operator.is_item] == [
        "each[0]", "each[1]",
    ]  # fmt: skip


def test_outside_of_loops_the_latest_task_counts() -> None:
    found = laid(made().task("a", "f"), recorded("a", FAILED), recorded("a", RUN))
    assert states(found)["a"] == (RUN, False)
    assert len([one for one in found.tasks if one.parent == "a"]) == 2


def test_waits_and_events() -> None:
    flow = made().task("a", "f").wait("rest", Duration.hours(2)).wait_for_event("paid", "order.paid")
    flow.emit_event("tell", "order.done")
    found = laid(flow, recorded("a"))
    assert states(found) == {
        "a": (OK, False), "rest": (WAITING, True), "paid": (PENDING, False), "tell": (PENDING, False),
    }  # fmt: skip
    assert [one.kind for one in found.tasks][1:3] == [TaskKind.WAIT, TaskKind.WAIT]
    asleep = laid(flow, recorded("a"), recorded("rest"), recorded("paid", WAITING))
    assert states(asleep)["paid"] == (WAITING, False)
    assert states(laid(flow, recorded("a"), run=OK))["tell"] == (OK, True)


def test_callbacks() -> None:
    flow = made().task("a", "f").task("z", "f", dependencies=["a"]).build()
    for name in ("good", "bad"):
        flow.add_task(TaskOperator(task_id=name, function="f"))
    flow.tasks["a"].on_success_task_id, flow.tasks["a"].on_failure_task_id = "good", "bad"
    data = json.loads(flow.to_json())
    assert not_taken(laid(data, recorded("a", RUN))) == set()
    assert not_taken(laid(data, recorded("a"))) == {"bad"}
    assert not_taken(laid(data, recorded("a", FAILED), recorded("bad"))) == {"good"}
    assert states(laid(data, recorded("a", FAILED)))["bad"] == (READY, False)


def test_reflexive_and_terminate() -> None:
    flow = made().reflexive("gen", "g", "v").condition("bad", "x", lambda b: b.terminate("stop", "failed"), step("go"))
    found = laid(flow, recorded("gen"), run=FAILED)
    assert states(found)["stop"][0] is PENDING  # whether it was that way nobody recorded
    alone = laid(made().task("a", "f").terminate("stop", "failed"), recorded("a"), run=FAILED)
    assert states(alone)["stop"] == (OK, True)


def test_child_workflows() -> None:
    flow = made().child_workflows("many", {"a": {"workflow_name": "x"}, "b": {"workflow_name": "y"}}).task("z", "f")
    children = Children({"many/a": "run-1"}, {"many/a": RUN, "many": RUN})
    found = laid(flow, recorded("many", RUN), children=children)
    by_id = {one.id: one for one in found.tasks}
    assert (by_id["many/a"].status, by_id["many/a"].options["child_run"]) == (RUN, "run-1")
    assert by_id["many/a"].parent == "many"
    assert by_id["many/b"].operator is not None
    assert by_id["many/b"].operator.child is None


def test_a_run_in_one_task_has_its_operators_as_checkpoints() -> None:
    root = task("root-task", RUN, name="flow", options={"task_name": "flow", "run_id": "root"})
    steps = [
        task(f"root-task/{name}", OK, kind=TaskKind.CHECKPOINT, name=name, parent="root-task")
        for name in ("a", "ask", "ask#2", "odd")
    ]
    wait = task(
        "root-task/w", WAITING, kind=TaskKind.WAIT, name="$awaitEvent:e", parent="root-task", options={"event": "e"}
    )
    flow = made().task("a", "f").while_loop("poll", "x", step("ask")).wait_for_event("paid", "e", timeout_seconds=9)
    found = laid(flow, root, *steps, wait)
    assert states(found) == {
        "a": (OK, False), "poll": (OK, True), "ask": (OK, False), "paid": (WAITING, False), "root-task": (RUN, False),
    }  # fmt: skip
    by_id = {one.id: one for one in found.tasks}
    assert (by_id["a"].kind, by_id["paid"].kind, by_id["ask"].kind) == (
        TaskKind.CHECKPOINT, TaskKind.WAIT, TaskKind.GROUP,
    )  # fmt: skip
    assert by_id["root-task"].options["note"] == DRIVER
    assert [one.id for one in found.tasks if one.parent == "root-task"] == ["root-task/odd"]


def test_what_the_definition_does_not_name_is_shown_and_marked() -> None:
    strange = replace(recorded("old"), upstream=("id-of-a",))
    first = replace(recorded("a"), id="id-of-a")
    found = laid(made().task("a", "f"), first, strange)
    last = found.tasks[-1]
    assert (last.id, last.upstream, last.options["note"]) == (strange.id, ("a",), STRANGER)
    assert any("does not name the tasks old" in remark.what for remark in found.remarks)


def test_steps_stay_below_their_tasks() -> None:
    one = recorded("a")
    inner = [task(f"{one.id}/{n}", kind=TaskKind.CHECKPOINT, name=n, parent=one.id) for n in ("x", "y")]
    found = laid(made().task("a", "f").task("x", "f"), one, *inner)
    assert [(step.id, step.parent) for step in found.tasks if step.kind is TaskKind.CHECKPOINT] == [
        (step.id, "a") for step in inner
    ]


def test_names_with_the_separator_in_them_and_circles() -> None:
    tasks = {
        "load__all": {"operator_type": "task", "dependencies": ["z"]},
        "z": {"operator_type": "task", "dependencies": ["load__all", "gone"]},
    }
    found = laid({"name": "flow", "tasks": tasks}, recorded("load__all"))
    assert states(found)["load__all"] == (OK, False)
    assert [one.upstream for one in found.tasks] == [("z",), ("load__all",)]


STATUSES = st.sampled_from([OK, RUN, FAILED, PENDING, WAITING, Status.CANCELED])


@settings(max_examples=60, deadline=None)
@given(builders(), st.data())
def test_whatever_ran_every_task_is_shown_once(steps: Any, data: st.DataObject) -> None:
    flow = steps(made()).build()
    definition = read_definition(json.loads(flow.to_json()))
    names = [node.label for node in definition.raw.nodes]
    chosen = data.draw(st.lists(st.tuples(st.sampled_from([*names, "strange"]), STATUSES), max_size=12))
    tasks = [recorded(name, status) for name, status in chosen]
    found = laid(json.loads(flow.to_json()), *tasks, run=data.draw(STATUSES))
    ids = [one.id for one in found.tasks]
    assert len(ids) == len(set(ids))
    told = {one.options.get("task_id", one.id) for one in found.tasks}
    assert {one.id for one in tasks} <= told
    assert {node.id for node in definition.raw.nodes} <= set(ids)
    assert all(up in ids for one in found.tasks for up in one.upstream)
    assert all(one.parent is None or one.parent in ids for one in found.tasks)
    for one in found.tasks:
        if one.options.get("task_id") and one.operator is not None:
            assert one.operator.is_taken


def test_the_picture_stands_still_while_the_run_goes_on() -> None:
    """What begins, ends, is not taken or gets items moves nothing that was there."""
    flow = made().task("a", "f").condition("if", "x", step("b"), step("c"))
    flow.foreach("each", "i", step("d")).task("z", "f")
    first = recorded("a", RUN)
    moments: list[tuple[Task, ...]] = [(), (first,), (replace(first, status=OK), recorded("b", RUN))]
    for count in (1, 1, 5, 30):
        moments.append((*moments[-1], *(recorded("d", RUN) for _ in range(count))))
    pen = Pen(UNICODE.status, str, str, ascii_only=False)
    board = None
    for tasks in moments:
        graph = graph_of(laid(flow, *tasks), START)
        if board is None:
            board = arrange(graph, pen, Plan(at_rest=False))
            continue
        grown = grow(board, graph, pen)
        assert grown is not None, len(tasks)
        boxes = grown.layout.boxes
        assert {name: (box.x, box.y) for name, box in boxes.items() if name in board.layout.boxes} == {
            name: (box.x, box.y) for name, box in board.layout.boxes.items()
        }
        board = grown
    assert board is not None
