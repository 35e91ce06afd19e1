"""Any Highway definition is drawn, with all that it holds and in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from highway_dsl import Workflow, WorkflowBuilder
from hypothesis import given, settings

from tests.unit.highway_making import builders, drawn, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wftui.model.raw import Raw

    Steps = Callable[[WorkflowBuilder], WorkflowBuilder]


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
