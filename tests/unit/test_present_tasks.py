"""Tasks as rows in order, and what the columns tell of them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.detail_samples import NOW, as_stored, failed, hostile, huge, nested
from tests.unit.making import START, detail, summary, task
from wftui.model.status import Status
from wftui.model.task import Attempt, ErrorInfo, TaskKind
from wftui.model.workflow import WorkflowDetail
from wftui.present.columns import fit
from wftui.present.error_text import error_text
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.metadata import JsonLook
from wftui.present.order import Sort
from wftui.present.task_cells import task_cell, task_columns
from wftui.present.task_index import index_of
from wftui.present.task_lines import task_lines
from wftui.present.task_rows import SORTS, task_rows
from wftui.present.task_words import attempts_text

LOOK = JsonLook(UNICODE)


def ids(workflow: WorkflowDetail, sort: Sort | None = None) -> list[str]:
    return [row.task.id for row in task_rows(index_of(workflow), sort)]


def text(workflow: WorkflowDetail, task_id: str, look: JsonLook = LOOK) -> str:
    index = index_of(workflow)
    return "\n".join(line.text for line in task_lines(index.tasks[task_id], index, NOW, look))


def cells(workflow: WorkflowDetail, task_id: str) -> dict[str, str]:
    index = index_of(workflow)
    rows = task_rows(index)
    row = next(row for row in rows if row.task.id == task_id)
    placed = fit(task_columns(rows), 160)
    return {
        place.column.id: "".join(span.text for span in task_cell(place, row, index, NOW, UNICODE)) for place in placed
    }


def test_what_failed_is_first_then_what_runs_then_by_start() -> None:
    tasks = [
        task("done", started_at=START),
        task("late", Status.RUNNING, started_at=START + 9),
        task("early", Status.RUNNING, started_at=START + 3),
        task("bad", Status.FAILED, started_at=START + 5),
        task("worse", Status.FAILED, started_at=START + 4),
        task("waits", Status.PENDING),
    ]
    assert ids(detail("w", tasks=tasks)) == ["worse", "bad", "early", "late", "waits", "done"]


def test_a_sub_dag_stands_below_its_continuation_which_stands_where_its_worst_task_does() -> None:
    tasks = [
        task("a", Status.RUNNING, started_at=START),
        task("outer", Status.SUCCESSFUL, kind=TaskKind.CONTINUATION, continuation="inner", started_at=START),
        task("inner", Status.SUCCESSFUL, parent="outer", kind=TaskKind.CONTINUATION, continuation="deep"),
        task("deep", Status.FAILED, parent="inner"),
        task("fine", Status.SUCCESSFUL, parent="outer"),
    ]
    rows = task_rows(index_of(detail("w", tasks=tasks)))
    assert [(row.task.id, row.depth) for row in rows] == [
        ("outer", 0),
        ("inner", 1),
        ("deep", 2),
        ("fine", 1),
        ("a", 0),
    ]


@pytest.mark.parametrize("column", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_shows_every_task_once(column: str, descending: bool) -> None:
    for workflow in (failed(), nested(), hostile()):
        assert sorted(ids(workflow, Sort(column, descending))) == sorted(t.id for t in workflow.tasks)


def test_orders() -> None:
    tasks = [
        task("part_10", started_at=START + 1, ended_at=START + 4, output_size=5),
        task("part_9", started_at=START + 2, ended_at=START + 3, output_size=50),
        task("part_1", Status.PENDING),
    ]
    workflow = detail("w", tasks=tasks)
    assert ids(workflow, Sort("id")) == ["part_1", "part_9", "part_10"]
    assert ids(workflow, Sort("id", descending=True)) == ["part_10", "part_9", "part_1"]
    assert ids(workflow, Sort("duration", descending=True)) == ["part_10", "part_9", "part_1"]
    assert ids(workflow, Sort("output", descending=True)) == ["part_9", "part_10", "part_1"]
    assert ids(workflow, Sort("started")) == ["part_10", "part_9", "part_1"]


def test_a_loop_of_parents_hides_nothing() -> None:
    tasks = [
        task("a", parent="b", kind=TaskKind.CONTINUATION, continuation="b"),
        task("b", parent="a", kind=TaskKind.CONTINUATION, continuation="a"),
        task("self", parent="self", continuation="self"),
        task("orphan", parent="gone"),
    ]
    workflow = detail("w", tasks=tasks)
    assert sorted(ids(workflow)) == ["a", "b", "orphan", "self"]
    assert index_of(workflow).ends == {"a": None, "b": None, "self": None}


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from(list(Status))), max_size=13))
def test_any_parents_at_all(shape: list[tuple[int, int, Status]]) -> None:
    tasks = [task(str(at), s, parent=str(p), continuation=str(c)) for at, (p, c, s) in enumerate(shape)]
    assert sorted(ids(detail("w", tasks=tasks))) == sorted(t.id for t in tasks)


def test_only_a_cluster_lets_durations_grow() -> None:
    assert cells(nested(), "step_1")["duration"] == "5m04"
    assert cells(as_stored(nested()), "step_1")["duration"] == ""
    assert index_of(nested()).ticks(index_of(nested()).tasks["step_1"])


def test_a_continuation_takes_as_long_as_what_it_returned() -> None:
    tasks = [
        task("outer", continuation="mid", started_at=START, ended_at=START + 1, kind=TaskKind.CONTINUATION),
        task("mid", continuation="leaf", parent="outer", started_at=START + 1, ended_at=START + 2),
        task("leaf", parent="mid", started_at=START + 3, ended_at=START + 63),
    ]
    workflow = detail("w", tasks=tasks)
    assert cells(workflow, "outer")["duration"] == "1m03"
    assert "1m03  of it 1.0s until it returned the tasks below" in text(workflow, "outer")


def test_what_a_row_says() -> None:
    assert cells(failed(), "load_shard_3")["attempts"] == "3/4"
    assert cells(failed(), "load_shard_3")["error"].startswith("RayTaskError(ConnectionError): shard 3 of 8")
    assert cells(failed(), "probe_currency")["error"] == "caught KeyError: 'CHF'"
    assert cells(failed(), "warm_cache")["error"] == "earlier attempt TimeoutError: cache did not answer"
    assert cells(failed(), "fetch_orders")["output"] == "48 MB"
    assert cells(nested(), "step_2")["error"] == "{GPU: 1} on any of 4 nodes"


def test_columns_that_have_nothing_to_say_are_left_out() -> None:
    shown = {column.id for column in task_columns(task_rows(index_of(detail("w"))))}
    assert shown == {"status", "id", "duration", "started", "error"}


def test_errors_in_one_line() -> None:
    assert error_text(ErrorInfo("a.b.C", "x\ny")) == "C: x"
    assert error_text(ErrorInfo("ray.exceptions.RayTaskError(shop.NoStock)", "x")) == "RayTaskError(NoStock): x"
    assert error_text(ErrorInfo(None, "half\x1bwritten")) == "half␛written"
    assert error_text(ErrorInfo("E", "")) == "E"


def test_attempts() -> None:
    two = (Attempt(1, Status.FAILED), Attempt(2, Status.RUNNING))
    assert attempts_text(task("t")) == ""
    assert attempts_text(task("t", attempts=two)) == "2"
    assert attempts_text(task("t", attempts=two, max_retries=3)) == "2/4"
    assert attempts_text(task("t", attempts=two, max_retries=-1)) == "2/any"


def test_the_pane_tells_every_field() -> None:
    shown = text(failed(), "load_shard_3")
    for part in (
        "✘ FAILED  load_shard_3",
        "ray.exceptions.RayTaskError(ConnectionError): shard 3 of 8",
        "caused by ConnectionError: no route to 10.0.4.17:5432",
        "caused by OSError: [Errno 113] No route to host",
        "Traceback  7 lines",
        "load_shard\n",
        "by the time of a file",
        "took         32s",
        "up to 3 retries",
        "10.0.4.17, pid 4711",
        "none stored",
        "Attempts  3",
        "  2  ✘ FAILED",
        "Upstream\n✔ SUCCESSFUL  fetch_orders",
        "Downstream\n◌ PENDING     join",
        "checkpoint        true",
    ):
        assert part in shown, part
    assert "File " not in shown, "a traceback is folded at first"
    opened = LOOK.folds.set("Options/ray_options/runtime_env/env_vars", to_open=True)
    assert "wJalrX" not in text(failed(), "load_shard_3", JsonLook(UNICODE, opened))


def test_links_lead_where_they_say() -> None:
    index = index_of(nested())
    lines = task_lines(index.tasks["epoch_1"], index, NOW, LOOK)
    assert [(line.key, line.task) for line in lines if line.task is not None] == [
        ("Upstream:epoch", "epoch"),
        ("Returned by:train", "train"),
        ("Returned:step_1", "step_1"),
        ("Returned:step_2", "step_2"),
        ("Returned:step", "step"),
        ("Output comes from:step_2", "step_2"),
    ]


def test_many_neighbours_fold_and_what_failed_is_first() -> None:
    workflow = huge(300)
    broken = replace(workflow.tasks[200], status=Status.FAILED)
    workflow = replace(workflow, tasks=(*workflow.tasks[:200], broken, *workflow.tasks[201:]))
    index = index_of(workflow)
    lines = task_lines(index.tasks["start"], index, NOW, LOOK)
    links = [line for line in lines if line.key.startswith("Downstream:")]
    assert len(links) == 12
    assert links[0].task == broken.id
    (more,) = (line for line in lines if line.fold == "links:Downstream")
    assert "286 more" in more.text
    opened = task_lines(index.tasks["start"], index, NOW, JsonLook(UNICODE, LOOK.folds.set(more.fold, to_open=True)))
    assert len([line for line in opened if line.key.startswith("Downstream:")]) == 298


def test_nothing_that_is_shown_can_act_on_a_terminal() -> None:
    for workflow in (hostile(), failed(), nested()):
        index = index_of(workflow)
        for row in task_rows(index):
            lines = task_lines(row.task, index, NOW, JsonLook(ASCII))
            placed = fit(task_columns((row,)), 80)
            shown = [line.text for line in lines]
            shown += ["".join(s.text for s in task_cell(p, row, index, NOW, ASCII)) for p in placed]
            for part in shown:
                assert part.isprintable(), part


def test_ten_thousand_tasks_cost_little_more_than_each_of_them() -> None:
    """Compared with a tenth of them, so that no absolute time of any machine is asserted."""

    def cost(count: int) -> float:
        workflow = huge(count)
        best = 1e9
        for _ in range(3):
            begun = time.perf_counter()
            index = index_of(workflow)
            task_columns(task_rows(index))
            best = min(best, time.perf_counter() - begun)
        return best

    # Ten times as many; a hundred times as long, where each looked at all others. A busy machine may well treble it.
    assert cost(10_000) < 80 * cost(1_000)


def test_a_chain_of_thousands_of_continuations() -> None:
    tasks = [
        task(
            f"step_{at}",
            Status.RUNNING,
            parent=f"step_{at - 1}" if at else None,
            kind=TaskKind.CONTINUATION,
            continuation=f"step_{at + 1}",
        )
        for at in range(5_000)
    ]
    tasks.append(task("step_5000", Status.FAILED, parent="step_4999", ended_at=START))
    workflow = WorkflowDetail(summary("w", Status.FAILED), tuple(tasks), "step_0")
    rows = task_rows(index_of(workflow))
    assert [row.task.id for row in rows] == [f"step_{at}" for at in range(5_001)]
    assert set(index_of(workflow).ends.values()) == {START}
    placed = fit(task_columns(rows), 80)
    assert cells(workflow, "step_4000")["id"].endswith("└ step_4000")
    assert sum(place.width for place in placed) < 80
