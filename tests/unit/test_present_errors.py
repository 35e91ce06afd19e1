"""Why a workflow failed, as lines."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.ui.detail_samples import NOW, as_stored, failed, hostile, huge, nested, silent
from tests.unit.making import START, detail, summary, task
from wftui.model.status import Status
from wftui.model.task import ErrorInfo, TaskKind
from wftui.model.workflow import Problem, WorkflowDetail
from wftui.present.document import NO_FOLDS, Folds
from wftui.present.error_lines import ErrorLook, error_block, error_lines
from wftui.present.errors import NO_EXCEPTION, ResumePlan, report, resume_plan
from wftui.present.glyphs import ASCII, UNICODE


def text(workflow: WorkflowDetail, folds: Folds = NO_FOLDS) -> str:
    return "\n".join(line.text for line in error_lines(workflow, ErrorLook(UNICODE, NOW, folds)))


def test_the_earliest_uncaught_error_of_a_latest_attempt_is_first() -> None:
    found = report(failed())
    assert [t.id for t in found.failing] == ["load_shard_3", "load_shard_4"]
    assert [t.id for t in found.caught] == ["probe_currency"]
    assert [t.id for t in found.stale] == ["warm_cache"]
    assert found.suspects == ()
    assert found.headline == ""


def test_the_failing_task_its_causes_and_its_traceback() -> None:
    shown = text(failed()).split("\n")
    assert shown[0].startswith("ray.exceptions.RayTaskError(ConnectionError): shard 3 of 8 could not be loaded")
    assert shown[1] == "in task      load_shard_3  ✘ FAILED"
    assert re.fullmatch(r"failed       attempt 3 of 4, at \d\d:\d\d:\d\d, after 32s", shown[2])
    assert shown[3] == "arguments    'load_shard', 3"
    assert shown[4] == "└ caused by ConnectionError: no route to 10.0.4.17:5432"
    assert shown[5] == "  └ caused by OSError: [Errno 113] No route to host"
    assert "▾ Traceback  7 lines" in shown
    assert "  ray::WorkflowManagementActor.load_shard() (pid=4711, ip=10.0.4.17)" in shown, "colour codes are dropped"
    whole = "\n".join(shown)
    for part in (
        "Also failed",
        "✘ FAILED      load_shard_4  DiskFull: only 312 MB",
        "Caught  returned to",
        "From earlier attempts",
    ):
        assert part in whole


def test_no_exception_was_recorded() -> None:
    found = report(silent())
    assert found.headline == NO_EXCEPTION
    assert "no exception was recorded" in NO_EXCEPTION
    assert [t.id for t in found.suspects] == ["train"]
    assert "Began and left no outcome" in text(silent())


def test_a_stale_error_is_not_why_it_failed() -> None:
    old = ErrorInfo("ValueError", "first attempt", stale=True)
    tasks = [task("t", Status.UNKNOWN, error=old, started_at=START)]
    found = report(WorkflowDetail(summary("w", Status.FAILED), tuple(tasks), "t"))
    assert found.error is None
    assert found.headline == NO_EXCEPTION
    assert [t.id for t in found.stale] == ["t"]
    assert [t.id for t in found.suspects] == ["t"]


def test_an_error_that_only_the_summary_knows_is_shown() -> None:
    error = ErrorInfo("ValueError", "of a task beyond the bound")
    workflow = WorkflowDetail(summary("w", Status.FAILED, error=error), truncated=(0, 90_000))
    assert report(workflow).error is error
    assert "cannot be told: only 0 of its 90,000 tasks are loaded" in text(workflow)


@pytest.mark.parametrize(
    ("workflow", "words"),
    [
        (detail("w", Status.SUCCESSFUL), "Nothing failed: it ran to its end."),
        (detail("w", Status.CANCELED), "It was canceled. No task failed"),
        (detail("w", Status.RUNNING), "Nothing failed so far: it is running."),
        (detail("w", Status.PENDING), "It waits in the queue. Nothing failed"),
        (detail("w", Status.RESUMABLE), "Nothing runs it any more"),
        (detail("w", Status.UNKNOWN), "Its state is not known. No failure"),
        (as_stored(detail("w", Status.RUNNING)), "nobody can tell whether anything still runs it"),
        (huge(9_000), "It is running, though a task failed."),
    ],
)
def test_every_status_says_something_sensible(workflow: WorkflowDetail, words: str) -> None:
    assert words in text(workflow)


def test_only_what_can_be_resumed_tells_what_would_run() -> None:
    assert {s for s in Status if report(detail("w", s)).resume is not None} == {Status.FAILED, Status.RESUMABLE}
    assert report(as_stored(detail("w", Status.RUNNING))).resume is not None


def test_a_resume_keeps_checkpoints_and_runs_what_depends_on_none() -> None:
    plan = resume_plan(failed())
    assert plan.again == ("load_shard_3", "load_shard_4", "load_shard_5", "probe_currency", "join", "report")
    assert plan.keeps == ("fetch_orders", "load_shard_0", "load_shard_1", "load_shard_2", "warm_cache")
    assert plan.unneeded == ()
    assert "▾ 6 tasks run again" in text(failed())
    assert "▸ 5 tasks keep their checkpoints" in text(failed())


def test_nothing_before_a_checkpoint_runs_again() -> None:
    tasks = [
        task("unchecked"),
        task("checked", upstream=["unchecked"], output_size=1),
        task("beside"),
        task("end", Status.FAILED, ["checked", "beside", "gone"]),
    ]
    plan = resume_plan(WorkflowDetail(summary("w", Status.FAILED), tuple(tasks), "end"))
    assert plan == ResumePlan(again=("beside", "end"), keeps=("checked",), unneeded=("unchecked",))


def test_the_sub_dag_of_a_continuation_takes_its_place() -> None:
    plan = resume_plan(nested())
    assert plan.again == ("step_1", "step_2", "publish")
    assert plan.keeps == ("prepare", "epoch", "step")
    assert plan.unneeded == ("train", "epoch_1")
    assert resume_plan(replace(nested(), output_task=None)).unknown


def test_a_loop_ends() -> None:
    tasks = [task("a", Status.FAILED, ["b"]), task("b", upstream=["a"]), task("c", continuation="c")]
    assert resume_plan(WorkflowDetail(summary("w", Status.FAILED), tuple(tasks), "a")).again == ("a", "b")
    assert resume_plan(WorkflowDetail(summary("w", Status.FAILED), tuple(tasks), "c")).again == ()


def test_arguments_only_where_they_say_more_than_the_message() -> None:
    look = ErrorLook(UNICODE)

    def shown(error: ErrorInfo) -> list[str]:
        return [line.text for line in error_block(error, look, "x")]

    assert shown(ErrorInfo("ValueError", "bad", ("'bad'",))) == ["ValueError: bad"]
    assert shown(ErrorInfo("KeyError", "'vat'", ("'vat'",))) == ["KeyError: 'vat'"]
    assert shown(ErrorInfo("R(E)", "bad", ("E('bad')",), causes=(ErrorInfo("E", "bad"),))) == [
        "R(E): bad",
        "└ caused by E: bad",
    ]
    assert shown(ErrorInfo("shop.Odd", "bad", ("1", "'x'"))) == ["shop.Odd: bad", "arguments    1, 'x'"]
    assert shown(ErrorInfo(None, "the record is cut short")) == ["unreadable: the record is cut short"]
    assert shown(ErrorInfo("E", "one\n  two")) == ["E: one", "    two"]
    assert shown(ErrorInfo("E", "")) == ["E"]


def test_causes_of_any_depth() -> None:
    error = ErrorInfo("E", "bottom")
    for at in range(3_000):
        error = ErrorInfo("E", str(at), causes=(error,))
    lines = error_block(error, ErrorLook(UNICODE), "x")
    assert lines[-1].text == "(and more causes)"
    assert max(len(line.text) - len(line.text.lstrip()) for line in lines) <= 12


def test_long_texts_are_bounded_and_said_to_be() -> None:
    error = ErrorInfo("E", "m" * 1_000_000, traceback="line\n" * 500_000)
    folds = Folds(frozenset({"x:traceback"}))
    lines = error_block(error, ErrorLook(UNICODE, folds=folds), "x")
    assert sum(len(line.text) for line in lines) < 60_000
    assert any("the text has 1,000,000 characters" in line.text for line in lines)
    assert any("the text has 2,499,999 characters" in line.text for line in lines)
    (title,) = (line for line in lines if line.fold)
    assert "500,000 lines" in title.text


def test_many_failures_fold() -> None:
    error = ErrorInfo("E", "x")
    tasks = tuple(task(f"t{at}", Status.FAILED, error=error, ended_at=START + at) for at in range(100))
    workflow = WorkflowDetail(summary("w", Status.FAILED), tasks, "t0")
    assert "▸ 91 more" in text(workflow)
    assert text(workflow).count("E: x") == 9
    assert text(workflow, Folds(frozenset({"also"}))).count("E: x") == 100


def test_problems_are_named() -> None:
    workflow = replace(detail("w"), problems=(Problem("tasks/a/in\nputs.json", "half written"),))
    assert "Could not be read  1\ntasks/a/in␊puts.json  half written" in text(workflow)


def test_nothing_that_is_shown_can_act_on_a_terminal_and_ascii_is_ascii() -> None:
    for workflow in (hostile(), failed(), silent(), nested()):
        for line in error_lines(workflow, ErrorLook(ASCII, NOW)):
            assert line.text.isprintable()
    for line in error_lines(failed(), ErrorLook(ASCII, NOW)):
        assert line.text.isascii(), line.text


def test_lines_that_do_something_have_names_of_their_own() -> None:
    for workflow in (hostile(), failed(), silent(), nested()):
        keys = [line.key for line in error_lines(workflow, ErrorLook(UNICODE, NOW)) if line.key]
        assert len(keys) == len(set(keys))


def test_a_continuation_names_the_task_inside_that_failed() -> None:
    error = ErrorInfo("E", "x")
    tasks = (
        task("outer", Status.FAILED, kind=TaskKind.CONTINUATION, continuation="inner"),
        task("inner", Status.FAILED, parent="outer", error=error),
    )
    shown = text(WorkflowDetail(summary("w", Status.FAILED, error=error), tasks, "outer"))
    assert "in task      inner  ✘ FAILED\nreturned by  outer  a continuation" in shown
