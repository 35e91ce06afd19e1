"""Highway definitions as graphs; `highway_dsl`, whose format it is, builds them and is the reference."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from highway_dsl import Duration, JoinMode, TriggerRule, Workflow, WorkflowBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from wftui.dag.reading import read_graph
from wftui.errors import TargetError
from wftui.highway import definition, yamltext
from wftui.model.operator import Operator
from wftui.present.glyphs import glyphs
from wftui.present.operators import SIGNS, operator_label, operator_legend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftui.model.raw import Raw

    Steps = Callable[[WorkflowBuilder], WorkflowBuilder]


def drawn(builder: WorkflowBuilder) -> Raw:
    """The graph of what a builder made: the same from JSON and, but for the order, from YAML."""
    flow = builder.build()
    raw = read_graph(flow.to_json(), "flow.json")
    from_yaml = read_graph(flow.to_yaml(), "flow.yaml")
    assert {node.id: repr(node) for node in from_yaml.nodes} == {node.id: repr(node) for node in raw.nodes}
    assert set(from_yaml.edges) == set(raw.edges)
    return raw


def labels(raw: Raw, *, ascii_only: bool = False) -> dict[str, str]:
    look = glyphs(ascii_only=ascii_only)
    return {node.id: operator_label(node.label, node.kind, node.detail, node.branch, look) for node in raw.nodes}


def parents(raw: Raw) -> dict[str, str | None]:
    return {node.id: node.parent for node in raw.nodes if node.parent is not None}


def made(name: str = "flow") -> WorkflowBuilder:
    return WorkflowBuilder(name)


def step(*names: str) -> Steps:
    def add(builder: WorkflowBuilder) -> WorkflowBuilder:
        for name in names:
            builder.task(name, "f")
        return builder

    return add


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


# -- any definition ------------------------------------------------------------------------------------------


@st.composite
def builders(draw: st.DrawFn, depth: int = 0, prefix: str = "s") -> Steps:
    """Steps that add a few operators, with others inside of them."""
    kinds = ["task", "task", "activity", "wait", "emit", "await", "join"]
    kinds += ["condition", "parallel", "foreach", "while", "choice"] if depth < 2 else []
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=4))
    inner = [
        [draw(builders(depth + 1, f"{prefix}{i}{j}")) for j in range(2)] if kind in kinds[7:] else []
        for i, kind in enumerate(chosen)
    ]

    def add(builder: WorkflowBuilder) -> WorkflowBuilder:
        for i, (kind, bodies) in enumerate(zip(chosen, inner, strict=True)):
            _one(builder, kind, f"{prefix}{i}", bodies)
        return builder

    return add


def _one(builder: WorkflowBuilder, kind: str, name: str, bodies: list[Steps]) -> None:
    before = [*builder.workflow.tasks][-1:]
    simple: dict[str, Callable[[], object]] = {
        "task": lambda: builder.task(name, "f"),
        "activity": lambda: builder.activity(name, "f"),
        "wait": lambda: builder.wait(name, Duration.minutes(1)),
        "emit": lambda: builder.emit_event(name, "e"),
        "await": lambda: builder.wait_for_event(name, "e"),
        "join": lambda: builder.join(name, before, JoinMode.ALL_OF),
        "condition": lambda: builder.condition(name, "c", bodies[0], bodies[1]),
        "parallel": lambda: builder.parallel_with_join(name, {"a": bodies[0], "B": bodies[1]}),
        "foreach": lambda: builder.foreach(name, "{{i}}", bodies[0]),
        "while": lambda: builder.while_loop(name, "c", bodies[0]),
        "choice": lambda: builder.multi_choice(name, {"a": ("x", bodies[0]), "b": ("y", bodies[1])}),
    }
    simple[kind]()


def _reached(raw: Raw) -> dict[str, set[str]]:
    """What can be walked to from each node, by edges and into what a node holds."""
    after: dict[str, set[str]] = {node.id: set() for node in raw.nodes}
    for source, target in raw.edges:
        after[source].add(target)
    for node in raw.nodes:
        if node.parent is not None:
            after[node.parent].add(node.id)
    changed = True
    while changed:
        changed = False
        for found in after.values():
            more = set().union(*(after[other] for other in found)) - found
            found |= more
            changed = changed or bool(more)
    return after


def _named(tasks: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    """Every operator of a definition as the reference has it: what its ids begin with, its name, itself."""
    for name, task in tasks.items():
        yield prefix, name, task
        for branch, flow in getattr(task, "branch_workflows", {}).items():
            yield from _named(Workflow.model_validate(flow).tasks, f"{prefix}{name}/{branch}/")


@settings(max_examples=60, deadline=None)
@given(builders())
def test_everything_is_drawn_and_in_order(steps: Steps) -> None:
    flow = steps(made()).build()
    raw = drawn(steps(made()))
    reached = _reached(raw)
    operators = list(_named(Workflow.from_json(flow.to_json()).tasks))
    assert [node.id for node in raw.nodes] == list(dict.fromkeys(node.id for node in raw.nodes))
    assert {node.id for node in raw.nodes} == {prefix + name for prefix, name, _ in operators}
    for prefix, name, task in operators:
        assert all(prefix + name in reached[prefix + source] for source in task.dependencies)
    assert all(node.id not in reached[node.id] for node in raw.nodes)


# -- what is wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tasks: 3", '"tasks" is no mapping'),
        ("tasks:\n  a: 3", "task 'a' is no mapping"),
        ("tasks:\n  a: {operator_type: task, dependencies: b}", "\"dependencies\" of 'a' is no list of ids"),
        ("tasks:\n  a: {operator_type: task, dependencies: [[b]]}", "\"dependencies\" of 'a' is no list of ids"),
        ("tasks:\n  a: {operator_type: foreach, loop_body: {x: 1}}", "\"loop_body\" of 'a' is no list of operators"),
        ("tasks:\n  a: {operator_type: parallel, branch_workflows: [1]}", "\"branch_workflows\" of 'a'"),
        ("tasks:\n  a: {operator_type: parallel, branch_workflows: {x: {}}}", '"tasks" is no mapping'),
        ("tasks: {a: !!python/object/apply:os.system [echo]}", "could not determine a constructor"),
        ("tasks: {a: !wrong {}}", "could not determine a constructor"),
        ("tasks:\n\ta: 1", "not well-formed YAML, line 2"),
        ("tasks: *gone", "not well-formed YAML, line 1: found undefined alias"),
        ("tasks: {<<: 3}", "only a mapping can be merged"),
        ("a: 1\n---\ntasks: {}", "not well-formed YAML, line 2"),
        pytest.param("tasks: " + "{a: " * 5_000, "not well-formed YAML", id="deep mappings"),
        pytest.param("tasks: " + "[" * 5_000, "not well-formed YAML", id="deep lists"),
        ("tasks: \udcff", "the YAML is not UTF-8"),
        ("tasks: \x00", "not well-formed YAML"),
        ("- 1", "this is no Highway definition"),
    ],
)
def test_definitions_that_are_wrong(text: str, told: str) -> None:
    with pytest.raises(TargetError) as caught:
        read_graph(text, "flow.yaml")
    assert told in caught.value.message
    assert caught.value.hint
    assert "\n" not in caught.value.message


def test_ids_that_come_twice_are_told() -> None:
    for text in ("tasks:\n  a: {operator_type: task}\n  a: {operator_type: wait}\n", '{"tasks": {"a": {}, "a": {}}}'):
        assert [node.id for node in read_graph(text, "-").nodes] == ["a", "a"]


def test_merge_keys() -> None:
    text = """
base: &base {operator_type: wait, wait_for: PT1M}
more: &more {<<: *base, wait_for: PT2M}
tasks:
  a: {<<: *more}
  b: {<<: [*more, *base], dependencies: [a]}
  c: {<<: *base, operator_type: task}
"""
    raw = read_graph(text, "flow.yaml")
    assert labels(raw) == {"a": "◔ a 2m", "b": "◔ b 2m", "c": "c"}
    assert raw.edges == [("a", "b")]


def test_scalars_stay_as_they_are_written() -> None:
    """YAML 1.1 makes true of "yes" and 64 of "0o100"; a picture shows what the file says."""
    text = (
        "tasks:\n  s: {operator_type: switch, switch_on: x, cases: {yes: a, 010: a, 1:30: a, 2024-01-01: a}}\n  a: {}\n"
    )
    (node,) = [node for node in read_graph(text, "flow.yml").nodes if node.id == "a"]
    assert node.branch == "yes|010|1:30|2024-01-01"


def test_unknown_operators_are_plain_nodes() -> None:
    raw = read_graph("tasks:\n  a: {operator_type: try_catch}\n  b: {dependencies: [a]}\n", "flow.yaml")
    assert labels(raw) == {"a": "a try_catch", "b": "b"}


def test_loops_in_each_other_come_apart() -> None:
    text = "tasks:\n  a: &a {operator_type: while, loop_body: [{task_id: b, loop_body: [*a, {task_id: a}]}]}\n"
    assert {node.id for node in read_graph(text, "x.yaml").nodes} >= {"a", "b"}
    assert sorted(node.parent or "" for node in read_graph(text, "x.yaml").nodes)[0] == ""


def laughs(levels: int, width: int) -> str:
    """Branches that hold the same branches: `width ** levels` operators in a few lines."""
    lines = ["l0: &l0 {tasks: {x: {operator_type: task}}}"]
    for level in range(1, levels):
        names = ", ".join(f"b{i}: *l{level - 1}" for i in range(width))
        lines.append(
            f"l{level}: &l{level} {{tasks: {{p: {{operator_type: parallel, branch_workflows: {{{names}}}}}}}}}"
        )
    return "\n".join([*lines, f"tasks: {{p: {{operator_type: parallel, branch_workflows: {{b: *l{levels - 1}}}}}}}\n"])


def test_bombs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition, "MOST", 20_000)
    with pytest.raises(TargetError, match="more than 20,000 operators"):
        read_graph(laughs(9, 10), "x.yaml")
    assert len(read_graph(laughs(4, 5), "x.yaml").nodes) == 1 + 1 + 5 + 25 + 125


def test_merge_bombs_are_bounded() -> None:
    lines = ["m0: &m0 {" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}"]
    lines += [f"m{i}: &m{i} {{<<: [{', '.join([f'*m{i - 1}'] * 200)}]}}" for i in range(1, 9)]
    with pytest.raises(TargetError, match="its merge keys add too much"):
        read_graph("\n".join([*lines, "tasks: {}"]), "x.yaml")


def test_edge_bombs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition, "MOST_EDGES", 100_000)
    names = ", ".join(f"t{i}" for i in range(2000))
    lines = [f"deps: &d [{names}]", "tasks:", *(f"  t{i}: {{dependencies: *d}}" for i in range(2000))]
    with pytest.raises(TargetError, match="more than 100,000 edges"):
        read_graph("\n".join(lines), "x.yaml")


def test_a_workflow_inside_itself_is_bounded() -> None:
    text = "tasks: &t {p: {operator_type: parallel, branch_workflows: {b: {tasks: *t}}}}"
    with pytest.raises(TargetError, match="inside each other"):
        read_graph(text, "x.yaml")


def test_large_yaml_is_refused() -> None:
    with pytest.raises(TargetError, match="larger than 4 MB"):
        read_graph("tasks: {}\n" + "#" * yamltext.MOST, "x.yaml")


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(TargetError) as caught:
        read_graph("tasks: {}", "x.yaml")
    assert str(caught.value) == "YAML cannot be read without PyYAML; pip install 'wftui[absurd]', or give JSON"
    assert read_graph('{"tasks": {"a": {}}}', "x.json").nodes[0].id == "a"


def test_yaml_is_known_by_its_name_or_its_tasks() -> None:
    text = "name: shop\ntasks:\n  a: {operator_type: task}\n"
    for name in ("shop.yaml", "shop.yml", "standard input", "shop.txt"):
        assert [node.id for node in read_graph(text, name).nodes] == ["a"]


def test_a_thousand_operators() -> None:
    builder = made()
    for i in range(1000):
        builder.task(f"t{i}", "f")
    assert len(drawn(builder).nodes) == 1000
