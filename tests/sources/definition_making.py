"""A definition with every operator of highway_dsl, for tests and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from highway_dsl import Duration, JoinMode, WorkflowBuilder

if TYPE_CHECKING:
    from collections.abc import Callable

    from highway_dsl import Workflow


def step(*names: str) -> Callable[[WorkflowBuilder], WorkflowBuilder]:
    def add(builder: WorkflowBuilder) -> WorkflowBuilder:
        for name in names:
            builder.task(name, "f")
        return builder

    return add


def shop() -> Workflow:
    """Every operator that there is."""
    builder = WorkflowBuilder("shop", version="1.2")
    builder.task("extract", "f").on_failure("alarm").task("alarm", "f", dependencies=[])
    builder.condition("check", "{{stock}} > 0", step("ship"), step("back_order"), dependencies=["extract"])
    branches = {"left": step("fetch", "store"), "right": step("fetch")}
    builder.parallel_with_join("split", branches, dependencies=["extract"])
    builder.foreach("each", "{{files}}", step("load", "index"))
    builder.while_loop("poll", "{{done}} == false", step("ask"))
    builder.switch("tier", "{{tier}}", {"gold": "vip", "iron": "usual"}, default="usual")
    builder.task("vip", "f", dependencies=["tier"]).activity("usual", "f", dependencies=["tier"])
    builder.wait("rest", Duration.hours(2)).wait_for_event("paid", "order.paid", timeout_seconds=1800)
    builder.emit_event("tell", "order.done").join("sync", ["ship", "tell"], JoinMode.ALL_SUCCESS, dependencies=[])
    builder.child_workflows("many", {"a": {"workflow_name": "summarize"}, "b": {"workflow_name": "mail"}})
    builder.multi_choice("pick", {"small": ("{{n}} < 9", step("by_mail")), "large": ("{{n}} > 5", step("by_truck"))})
    return builder.reflexive("gen", "tools.llm", "tools.run").terminate("stop").build()
