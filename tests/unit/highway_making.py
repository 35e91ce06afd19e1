"""Graphs of Highway definitions that tests build with `highway_dsl`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from highway_dsl import Duration, JoinMode, WorkflowBuilder
from hypothesis import strategies as st

from wftui.dag.reading import read_graph
from wftui.present.glyphs import glyphs
from wftui.present.operators import operator_label

if TYPE_CHECKING:
    from collections.abc import Callable

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


def laughs(levels: int, width: int) -> str:
    """Branches that hold the same branches: `width ** levels` operators in a few lines."""
    lines = ["l0: &l0 {tasks: {x: {operator_type: task}}}"]
    for level in range(1, levels):
        names = ", ".join(f"b{i}: *l{level - 1}" for i in range(width))
        lines.append(
            f"l{level}: &l{level} {{tasks: {{p: {{operator_type: parallel, branch_workflows: {{{names}}}}}}}}}"
        )
    return "\n".join([*lines, f"tasks: {{p: {{operator_type: parallel, branch_workflows: {{b: *l{levels - 1}}}}}}}\n"])
