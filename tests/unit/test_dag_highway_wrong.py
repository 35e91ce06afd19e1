"""Highway definitions that are wrong, odd or enormous."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.unit.highway_making import drawn, labels, laughs, made
from wftui.dag.reading import read_graph
from wftui.errors import TargetError
from wftui.highway import definition, yamltext

if TYPE_CHECKING:
    from collections.abc import Callable

    from highway_dsl import WorkflowBuilder

    Steps = Callable[[WorkflowBuilder], WorkflowBuilder]


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
