"""Highway definitions as graphs; `highway_dsl`, whose format it is, builds them and is the reference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from highway_dsl import Duration, JoinMode, TriggerRule, WorkflowBuilder

from tests.unit.highway_making import drawn, labels, made, parents, step
from wftui.dag.reading import read_graph
from wftui.highway import definition
from wftui.model.operator import Operator
from wftui.present.glyphs import glyphs
from wftui.present.operators import SIGNS, operator_legend

if TYPE_CHECKING:
    from collections.abc import Callable

    Steps = Callable[[WorkflowBuilder], WorkflowBuilder]


def test_tasks_and_activities() -> None:
    raw = drawn(made().task("a", "f").activity("b", "f").task("c", "f", dependencies=["a", "b"]))
    assert labels(raw) == {"a": "a", "b": "◎ b", "c": "c"}
    assert raw.edges == [("a", "b"), ("a", "c"), ("b", "c")]


def test_conditions_name_their_branches() -> None:
    """What is in a branch waits for the condition as well, which no line of its own has to tell."""
    raw = drawn(made().task("a", "f").condition("check", "{{stock}} > 0", step("ship", "bill"), step("back_order")))
    assert labels(raw) == {
        "a": "a",
        "check": "◆ check stock > 0",
        "ship": "true: ship",
        "bill": "bill",
        "back_order": "false: back_order",
    }
    assert raw.edges == [("a", "check"), ("check", "ship"), ("check", "back_order"), ("ship", "bill")]


def test_a_condition_without_an_else() -> None:
    """`highway_dsl` writes it to YAML so that it cannot read it again; it can be drawn."""
    raw = drawn(made().condition("check", "x", step("ship"), lambda builder: builder))
    assert raw.edges == [("check", "ship")]


def test_switches_name_their_cases() -> None:
    builder = made().switch("tier", "{{tier}}", {"gold": "vip", "silver": "vip", "bronze": "usual"}, default="usual")
    raw = drawn(builder.task("vip", "f", dependencies=["tier"]).task("usual", "f", dependencies=["tier"]))
    assert labels(raw) == {"tier": "◊ tier tier", "vip": "gold|silver: vip", "usual": "bronze|default: usual"}
    assert set(raw.edges) == {("tier", "vip"), ("tier", "usual")}


def test_parallel_branches_and_the_task_that_waits_for_them() -> None:
    branches = {"Left": step("fetch", "store"), "right": step("fetch")}
    raw = drawn(made().task("a", "f").parallel_with_join("split", branches).task("z", "f"))
    assert labels(raw) == {
        "a": "a",
        "split": "∥ split",
        "split/Left/fetch": "Left: fetch",
        "split/Left/store": "store",
        "split/right/fetch": "right: fetch",
        "split_join": "⋈ split_join branches",
        "z": "z",
    }
    assert parents(raw) == dict.fromkeys(("split/Left/fetch", "split/Left/store", "split/right/fetch"), "split")
    assert set(raw.edges) == {
        ("a", "split"),
        ("split/Left/fetch", "split/Left/store"),
        ("split/Left/store", "split_join"),
        ("split/right/fetch", "split_join"),
        ("split_join", "z"),
    }


def test_a_parallel_operator_that_nobody_waits_for() -> None:
    raw = drawn(made().parallel("split", {"a": step("x"), "b": step("y")}).task("z", "f"))
    assert raw.edges == [("split", "z")]


def test_branches_beside_their_operator() -> None:
    """Definitions of the first version list the ids of the branches only."""
    tasks = {
        "split": {"operator_type": "parallel", "branches": {"left": ["l"], "right": ["r"]}},
        "l": {"operator_type": "task", "dependencies": ["split"]},
        "r": {"operator_type": "task", "dependencies": ["split"]},
    }
    raw = read_graph(json.dumps({"name": "old", "tasks": tasks}), "old.json")
    assert labels(raw) == {"split": "∥ split", "l": "left: l", "r": "right: r"}
    assert raw.edges == [("split", "l"), ("split", "r")]


def test_loops_hold_their_bodies() -> None:
    def body(builder: WorkflowBuilder) -> WorkflowBuilder:
        builder.task("load", "f").while_loop("poll", "{{done}} == false", step("ask", "look"))
        return builder.task("save", "f")

    raw = drawn(made().task("a", "f").foreach("each", "{{files}}", body).task("z", "f"))
    assert labels(raw) | {"load": "load"} == labels(raw)
    assert labels(raw)["each"] == "∀ each files"
    assert labels(raw)["poll"] == "↺ poll done == false"
    assert parents(raw) == {"load": "each", "poll": "each", "save": "each", "ask": "poll", "look": "poll"}
    assert set(raw.edges) == {("a", "each"), ("each", "z"), ("load", "poll"), ("poll", "save"), ("ask", "look")}


def test_a_loop_body_that_stands_in_the_loop_alone() -> None:
    body = [{"operator_type": "task", "task_id": "x"}, {"operator_type": "wait", "task_id": "w", "dependencies": ["x"]}]
    tasks = {"each": {"operator_type": "foreach", "items": "{{i}}", "loop_body": body}}
    raw = read_graph(json.dumps({"tasks": tasks}), "-")
    assert parents(raw) == {"x": "each", "w": "each"}
    assert raw.edges == [("x", "w")]


@pytest.mark.parametrize(
    ("wait_for", "told"),
    [
        (Duration.hours(2), "2h"),
        (Duration.minutes(90), "1h30m"),
        (Duration.days(1), "1d"),
        (Duration.weeks(2), "14d"),
        (Duration.seconds(0.5), "0.5s"),
        ("{{delay}}", "delay"),
        ("2027-01-01T09:00:00", "2027-01-01T09:00:00"),
        ("duration:90", "1m30s"),
    ],
)
def test_waits(wait_for: Any, told: str) -> None:
    assert labels(drawn(made().wait("rest", wait_for))) == {"rest": f"◔ rest {told}"}


def test_events() -> None:
    builder = made().emit_event("tell", "order.new").wait_for_event("paid", "order.paid", timeout_seconds=1800)
    raw = drawn(builder.wait_for_event("sent", "order.sent"))
    assert list(labels(raw).values()) == ["» tell order.new", "« paid order.paid within 30m", "« sent order.sent"]
    assert raw.edges == [("tell", "paid"), ("paid", "sent")]


@pytest.mark.parametrize("mode", list(JoinMode))
def test_joins_tell_their_mode(mode: JoinMode) -> None:
    builder = made().task("a", "f").task("b", "f", dependencies=["a"]).task("c", "f", dependencies=["a"])
    raw = drawn(builder.join("sync", ["b", "c"], mode, dependencies=[]))
    assert labels(raw)["sync"] == f"⋈ sync {mode.value}"
    assert set(raw.edges) == {("a", "b"), ("a", "c"), ("b", "sync"), ("c", "sync")}


def test_a_join_of_what_is_inside_branches() -> None:
    builder = made().parallel("split", {"a": step("x"), "b": step("y")})
    raw = drawn(builder.join("sync", ["x", "y"], JoinMode.ANY_OF, dependencies=[]))
    assert set(raw.edges) == {("split/a/x", "sync"), ("split/b/y", "sync")}


def test_trigger_rules_are_told() -> None:
    builder = made().task("a", "f").task("b", "f", dependencies=["a"], trigger_rule=TriggerRule.ONE_DONE)
    assert labels(drawn(builder))["b"] == "b one_done"


def test_choices_name_their_branches_and_conditions() -> None:
    branches = {"small": ("{{n}} < 9", step("x")), "large": ("{{n}} > 5", step("y"))}
    raw = drawn(made().multi_choice("pick", branches))
    assert labels(raw) == {
        "pick": "◈ pick",
        "pick/small/x": "small if n < 9: x",
        "pick/large/y": "large if n > 5: y",
    }


def test_child_workflows() -> None:
    builder = made().child_workflow("one", "summarize")
    raw = drawn(builder.child_workflows("many", {"a": {"workflow_name": "x"}, "b": {"workflow_name": "y"}}))
    assert labels(raw) == {
        "one": "▣ one summarize",
        "many": "▣ many 2 workflows",
        "many/a": "a: ▣ x",
        "many/b": "b: ▣ y",
    }
    assert parents(raw) == {"many/a": "many", "many/b": "many"}


def test_reflexive_and_terminate() -> None:
    raw = drawn(made().reflexive("write", "llm", "check").terminate("stop", "failed"))
    assert labels(raw) == {"write": "⇄ write", "stop": "■ stop failed"}


def test_callbacks() -> None:
    builder = made().task("a", "f").on_success("tell").on_failure("clean").task("tell", "f").task("clean", "f")
    raw = drawn(builder)
    assert labels(raw) == {"a": "a", "tell": "on success: tell", "clean": "on failure: clean"}
    assert raw.edges == [("a", "tell"), ("a", "clean")]


def test_several_ways_to_one_operator() -> None:
    builder = made().task("a", "f").on_failure("clean").task("b", "f").on_failure("clean")
    assert labels(drawn(builder.task("clean", "f")))["clean"] == "on failure: clean"
    builder.switch("way", "{{w}}", {"odd": "clean"})
    (node,) = [node for node in drawn(builder).nodes if node.id == "clean"]
    assert node.branch == "a on failure, b on failure, way odd"


def test_all_kinds_have_a_sign_a_word_and_a_meaning() -> None:
    assert set(SIGNS) == set(Operator) - {Operator.TASK}
    assert len({sign for sign, _, _ in SIGNS.values()}) == len(SIGNS)
    assert not {sign for sign, _, _ in SIGNS.values()} & set(glyphs(ascii_only=False).status.values())
    assert all(word.isascii() for _, word, _ in SIGNS.values())


def test_ascii_has_words() -> None:
    raw = drawn(made().condition("check", "x", step("ship"), step("hold")).wait("rest", Duration.hours(2)))
    assert labels(raw, ascii_only=True) == {
        "check": "if check x",
        "ship": "true: ship",
        "hold": "false: hold",
        "rest": "wait rest 2h",
    }
    assert operator_legend([Operator.WAIT], glyphs(ascii_only=True), 80) == []


def test_the_legend_fits() -> None:
    lines = operator_legend(Operator, glyphs(ascii_only=False), 40)
    assert len(lines) > 3
    assert max(map(len, lines)) <= 40
    assert operator_legend([Operator.TASK, None], glyphs(ascii_only=False), 40) == []


def test_name_and_version() -> None:
    data = json.loads(WorkflowBuilder("shop", version="2.1").task("a", "f").build().to_json())
    found = definition.read_definition(data)
    assert (found.name, found.version) == ("shop", "2.1")
