"""Workflows with names, queues and versions, and tasks that carry their data: as Absurd has them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import START, detail, summary, task
from wftui.model.change import Added
from wftui.model.event import Event
from wftui.model.status import Status, StatusSource
from wftui.model.task import Attempt, ErrorInfo, TaskKind
from wftui.model.workflow import Progress, WorkflowKey
from wftui.present.columns import fit
from wftui.present.document import Folds
from wftui.present.errors import ResumePlan, resume_plan
from wftui.present.filters import parse
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.metadata import JsonLook, metadata_lines
from wftui.present.naming import short_id, title
from wftui.present.order import Sort
from wftui.present.rows import RowModel
from wftui.present.task_index import index_of
from wftui.present.task_lines import task_lines
from wftui.present.text import visible
from wftui.present.workflow_cells import cell, columns_for
from wftui.sources.absurd.tally import Tally

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowSummary

UUID = "01a1fe37-8ed6-7ba0-9ec5-c305c3c4e98e"
NOW = START + 100


def run(
    name: str | None = "etl", *, queue: str | None = "jobs", version: str | None = "1.2", **more: object
) -> WorkflowSummary:
    row = summary(str(more.pop("id", UUID)), Status.RUNNING)
    key = WorkflowKey("postgresql://h/d", "absurd", queue, row.key.id)
    return replace(row, key=key, name=name, version=version, **more)  # type: ignore[arg-type] # fields of the row


def cells(model: RowModel, width: int) -> dict[str, str]:
    placed = fit(columns_for(model.choice(several_sources=False)), width)
    row = model.at(0)
    return {it.column.title: "".join(span.text for span in cell(it, row, NOW, UNICODE)).strip() for it in placed}


def test_a_workflow_goes_by_its_name_and_version() -> None:
    assert title(run()) == "etl 1.2"
    assert title(run(version=None)) == "etl"
    assert title(run(None)) == UUID
    assert title(run("a\x1b[31m")) == "a␛[31m 1.2"


def test_of_a_uuid_its_end_is_shown() -> None:
    assert short_id(UUID, 13, "…") == "…c305c3c4e98e"
    assert short_id(UUID, 36, "…") == UUID
    assert short_id("nightly-2026-11-20-of-the-shop", 9, "…") == "nightly-2026-11-20-of-the-shop"


@given(st.text(), st.integers(0, 50))
def test_short_ids_of_anything(raw: str, width: int) -> None:
    assert short_id(raw, width, ".") == visible(raw)
    assert len(short_id(UUID, width, "…")) <= max(width, 1)


def test_columns_come_with_what_fills_them() -> None:
    model = RowModel()
    model.apply([Added(summary("nightly", Status.RUNNING))])
    assert not cells(model, 200).keys() & {"QUEUE", "ENGINE", "ID", "BY", "TAGS"}
    model = RowModel()
    metadata = {"created_by": "ann", "tags": {"team": "data", "env": "prod"}}
    model.apply([Added(run(user_metadata=metadata, progress=Progress(3, 7), error=ErrorInfo("E", "m" * 90)))])
    wide = cells(model, 200)
    assert wide["WORKFLOW"] == "etl 1.2"
    assert wide["QUEUE"] == "jobs"
    assert wide["ID"] == "…c305c3c4e98e"
    assert wide["PROGRESS"].endswith("3/7")
    assert (wide["BY"], wide["TAGS"]) == ("ann", "team=data env=prod")
    assert "ENGINE" not in wide
    # What nobody asked for is left out before errors become short.
    narrow = cells(model, 117)
    assert {"QUEUE", "ID", "ERROR"} <= narrow.keys()
    assert not narrow.keys() & {"BY", "TAGS"}
    assert {"STATUS", "WORKFLOW", "ERROR"} <= cells(model, 77).keys()


def test_engines_are_a_column_where_there_are_several() -> None:
    model = RowModel()
    model.apply([Added(run()), Added(summary("nightly", Status.RUNNING))])
    shown = cells(model, 200)
    assert "ENGINE" in shown
    assert model.namespaces == ("jobs",)
    for column in ("id", "key", "namespace", "engine"):
        model.sort_by(Sort(column, descending=True))
        assert len(model.rows()) == 2


def test_filters_of_queue_and_version() -> None:
    rows = [run(), run(queue="a b", id="2"), run(version="2.0", id="3"), summary("x", Status.RUNNING)]

    def found(text: str) -> list[str]:
        accepts = parse(text).accepts
        assert accepts is not None
        return [row.key.id for row in rows if accepts(row)]

    assert found("queue:jobs") == [UUID, "3"]
    assert found('queue:"a b"') == ["2"]
    assert found("version:2.") == ["3"]
    assert found("-queue:jobs") == ["2", "x"]


# -- tasks -----------------------------------------------------------------------------------------------------


def pane(*opened: str, ascii_only: bool = False) -> str:
    early = ErrorInfo("Timeout", "no answer", traceback="Traceback\n  line 1\nTimeout: no answer\n")
    attempts = (
        Attempt(1, Status.FAILED, START, START + 2, early, "w-1", "r1", START, START + 60),
        Attempt(2, Status.RUNNING, START + 5, None, None, "w-2", "r2", START + 5, START + 90),
        Attempt(3, Status.RUNNING, START + 6, None, None, "w-3", "r3", START + 6, START + 900),
        Attempt(4, Status.PENDING, due_at=START + 3600, id="r4"),
    )
    options = {"params": {"sku": "a", "password": "hunter2"}, "result": 7, "max_attempts": 4}
    one = replace(task("t", Status.RUNNING), name="charge", id=UUID, attempts=attempts, options=options)
    index = index_of(detail("w", Status.RUNNING, [one]))
    look = JsonLook(ASCII if ascii_only else UNICODE, Folds(frozenset(opened), frozenset()))
    return "\n".join(line.text for line in task_lines(one, index, NOW, look))


def test_the_pane_has_params_result_and_every_attempt() -> None:
    shown = pane()
    assert shown.splitlines()[0].endswith(f"charge  {UUID}")
    assert 'Params\n  sku       "a"' in shown
    assert "hunter2" not in shown
    assert "Result\n" in shown
    assert "none stored" not in shown
    first, second, third, fourth = (next(it for it in shown.splitlines() if f" {n}  " in it) for n in range(1, 5))
    assert "on w-1" in first
    assert first.endswith("Timeout: no answer")
    assert "its claim ran out" in second
    assert "claimed until" in third
    assert " due " in fourth
    assert "line 1" not in shown
    assert "line 1" in pane("attempt:1")
    assert pane(ascii_only=True).isascii()


def test_the_state_of_a_step() -> None:
    step = replace(task("s"), kind=TaskKind.CHECKPOINT, user_metadata={"state": {"rows": 3}})
    shown = "\n".join(
        line.text for line in task_lines(step, index_of(detail("w", tasks=[step])), NOW, JsonLook(UNICODE))
    )
    assert "State\n  rows  3" in shown
    assert "none stored" not in shown


def test_events_are_in_the_metadata_tab() -> None:
    events = (Event("order.paid", START, {"amount": 3}), Event("x\x1b]0;y", happened=False))
    shown = [line.text for line in metadata_lines(replace(detail("w"), events=events), JsonLook(UNICODE))]
    at = next(i for i, line in enumerate(shown) if line.startswith("Events"))
    assert shown[at] == "Events  2"
    assert shown[at + 1].startswith("  order.paid  emitted 20")
    assert any("amount" in line for line in shown[at:])
    assert "  x␛]0;y  not yet" in shown
    assert "Events" not in [line.text for line in metadata_lines(detail("w"), JsonLook(UNICODE))]


def test_a_resume_of_absurd_tries_failed_tasks_again() -> None:
    tries = (Attempt(1, Status.FAILED),)
    tasks = [
        replace(task("load"), attempts=tries),
        replace(task("charge", Status.FAILED), attempts=tries),
        replace(task("authorise"), kind=TaskKind.CHECKPOINT, parent="charge"),
        task("ship", Status.FAILED),  # inferred of an operator: no task of it is recorded
    ]
    found = detail("w", Status.FAILED, tasks)
    found = replace(found, summary=replace(found.summary, status_source=StatusSource.DATABASE))
    assert resume_plan(found) == ResumePlan(("charge",), ("authorise",))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("RS"), st.booleans(), st.booleans())))
def test_a_tally_counts_what_is_there(steps: list[tuple[str, str, bool, bool]]) -> None:
    tally, there = Tally(), dict[str, tuple[str, bool]]()
    told: dict[str, tuple[int, int]] = {}
    for task_id, of, is_done, is_gone in steps:
        if is_gone:
            tally.forget(task_id)
            there.pop(task_id, None)
        else:
            tally.note(task_id, of, is_done=is_done)
            there[task_id] = (of, is_done)
        told |= {name: tally.of(name) for name in tally.take_changed()}
        for name in "RS":
            now = (sum(done for it, done in there.values() if it == name), sum(it == name for it, _ in there.values()))
            assert tally.of(name) == told.get(name, (0, 0)) == now
