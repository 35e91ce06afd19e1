"""Runs of Absurd as pictures show them: one with a definition, and one without any."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from highway_dsl import Duration, WorkflowBuilder

from tests.sources.definition_making import step
from tests.ui.scenes import NO_STOCK, TARGET, task, workflow
from wftui.highway.definition import read_definition
from wftui.model.status import Status, StatusSource
from wftui.model.workflow import Problem, WorkflowDetail, WorkflowKey
from wftui.sources.absurd.defined import INFERRED
from wftui.sources.absurd.definition_match import Known, Match
from wftui.sources.absurd.overlay import overlaid

if TYPE_CHECKING:
    from wftui.model.task import Task

_RUN = "7f1b7a2c-0d9e-4b7e-9c7e-5d1f2a3b4c5d"
_OK, _ACTIVE, _FAILED = Status.SUCCESSFUL, Status.RUNNING, Status.FAILED


def _recorded(number: int, name: str, status: Status, at: float, took: float | None, flow: str = "shop__1.2") -> Task:
    options = {"task_name": f"{flow}__{name}", "params": {}, "run_id": f"run-{number}"}
    error = NO_STOCK if status is _FAILED else None
    task_id = f"01936b70-{number:04x}-7000-8000-00000000{number:04x}"
    return task(task_id, status, at=at, took=took, name=name, options=options, error=error, output_size=None)


def _shop() -> Known:
    """Not too many operators: of more than 30 nodes a first layout may be seen before the best, as the machine goes."""
    builder = WorkflowBuilder("shop", version="1.2").task("extract", "f")
    builder.condition("check", "{{stock}} > 0", step("ship"), step("back_order"))
    builder.parallel_with_join("split", {"left": step("fetch", "store"), "right": step("fetch")})
    builder.foreach("each", "{{files}}", step("load"))
    builder.switch("tier", "{{tier}}", {"gold": "vip", "iron": "usual"}, default="usual")
    builder.task("vip", "f", dependencies=["tier"]).activity("usual", "f", dependencies=["tier"])
    builder.wait("rest", Duration.hours(2)).wait_for_event("paid", "order.paid", timeout_seconds=1800)
    return Known("/srv/flows/shop.yaml", read_definition(json.loads(builder.build().to_json())))


def _tasks() -> list[Task]:
    steps: list[tuple[str, Status, str]] = [("extract", _OK, "shop__1.2"), ("ship", _OK, "shop__1.2")]
    steps += [("fetch", _OK, "split_left__2.0.0"), ("fetch", _OK, "split_right__2.0.0")]
    steps += [("store", _OK, "split_left__2.0.0")]
    steps += [("load", _FAILED if at == 3 else _OK if at < 7 else _ACTIVE, "shop__1.2") for at in range(11)]
    steps += [("old_step", _OK, "shop__1.2")]
    return [
        _recorded(at, name, status, 600 - 20 * at, None if status is _ACTIVE else 4.0, flow)
        for at, (name, status, flow) in enumerate(steps)
    ]


def _bare(tasks: list[Task], note: str = "") -> WorkflowDetail:
    found = workflow(_RUN, _ACTIVE, tasks=tasks, name="shop", status_source=StatusSource.DATABASE, note=note)
    row = replace(
        found.summary,
        key=WorkflowKey(TARGET, "absurd", "orders", _RUN),
        user_metadata={"workflow_version": "1.2"},
        error=None,
    )
    return replace(found, summary=row, output_task=None)


def with_definition() -> WorkflowDetail:
    """A run in the middle of a loop, laid over by its definition."""
    return overlaid(_bare(_tasks()), Match(_shop()))


def without_definition() -> WorkflowDetail:
    """The beginning of it, in an order that is inferred."""
    tasks = _tasks()[:5]
    before = [(), (0,), (0,), (0,), (2,)]
    tasks = [replace(one, upstream=tuple(tasks[at].id for at in ups)) for one, ups in zip(tasks, before, strict=True)]
    found = _bare(tasks, "the order of tasks is inferred from their times")
    return replace(found, remarks=(Problem("tasks", INFERRED),))
