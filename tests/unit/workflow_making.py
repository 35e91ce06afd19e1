"""Hypothesis strategies: workflows that ran somehow, and records of them that are damaged in every way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.unit.making import START, key
from wftui.model.status import Status, StatusSource
from wftui.model.task import Attempt, ErrorInfo, Task, TaskKind
from wftui.model.workflow import Progress, WorkflowDetail, WorkflowSummary

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

ERROR = ErrorInfo("ValueError", "no price")
OK, FAILED, RUNNING, PENDING = Status.SUCCESSFUL, Status.FAILED, Status.RUNNING, Status.PENDING
SECONDS = st.floats(0.0, 100.0, allow_nan=False).map(lambda value: round(value, 2))
ODD = st.one_of(
    st.none(),
    st.sampled_from([0.0, -1.0, -1e18, 1e18, float("inf"), float("-inf"), float("nan"), START, START - 1e7]),
    st.floats(START - 100, START + 400),
    st.floats(),
)


@st.composite
def ran(draw: DrawFn, *, most: int = 8) -> WorkflowDetail:
    """A workflow as an engine records it: tasks wait for earlier ones, some are tried again, some still run."""
    count = draw(st.integers(1, most))
    keeps_attempts = draw(st.booleans())
    tasks: list[Task] = []
    ends: dict[str, float | None] = {}
    for at in range(count):
        upstream = tuple(f"t{other}" for other in range(at) if draw(st.booleans()))
        base = START
        known = [ends[other] for other in upstream]
        finished = [end for end in known if end is not None]
        made: dict[str, Any] = {"status": PENDING}
        if len(finished) == len(known) and draw(st.integers(0, 9)):
            base = max(finished, default=START)
            made = draw(_run(base, keeps_attempts))
        status = made.pop("status")
        tasks.append(Task(f"t{at}", f"t{at}", TaskKind.TASK, status, upstream, **made))
        ends[f"t{at}"] = made.get("ended_at") if status is OK else None
    statuses = {task.status for task in tasks}
    latest = max((task.ended_at or task.started_at or START for task in tasks), default=START)
    status = RUNNING if RUNNING in statuses or PENDING in statuses else FAILED if FAILED in statuses else OK
    over = None if status is RUNNING else latest + draw(SECONDS)
    row = WorkflowSummary(
        key("w"),
        status,
        draw(st.sampled_from(list(StatusSource))),
        status.value,
        started_at=START,
        ended_at=over,
        progress=Progress(0, count),
        error=ERROR if status is FAILED else None,
        complete=True,
    )
    return WorkflowDetail(row, tuple(tasks))


@st.composite
def _run(draw: DrawFn, base: float, keeps_attempts: bool) -> dict[str, Any]:
    moment, attempts = base, []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        began = moment + draw(SECONDS)
        ended = began + draw(SECONDS)
        attempts.append(Attempt(number, FAILED, began, ended, ERROR))
        moment = ended
    status = draw(st.sampled_from([OK, OK, OK, FAILED, RUNNING]))
    error = (
        ERROR if status is FAILED else replace(ERROR, stale=True) if status is RUNNING and len(attempts) > 1 else None
    )
    end = None if status is RUNNING else attempts[-1].ended_at
    # As Ray keeps it: what an attempt raised stays until another one raises.
    failed_at = attempts[-2].ended_at if len(attempts) > 1 and status is not FAILED and not keeps_attempts else None
    attempts[-1] = replace(attempts[-1], status=status, ended_at=end, error=ERROR if status is FAILED else None)
    return {
        "status": status,
        "started_at": attempts[-1].started_at,
        "ended_at": end,
        "attempts": tuple(attempts) if keeps_attempts else None,
        "error": error,
        "failed_at": failed_at,
        "output_size": 10 if status is OK else None,
        "node": "n1",
        "pid": 7,
    }


@st.composite
def damaged(draw: DrawFn) -> WorkflowDetail:
    """A record in which times are missing, equal, reversed, of clocks apart, or no times at all."""
    made = draw(ran(most=6))
    tasks: list[Task] = []
    ids = [task.id for task in made.tasks]
    for task in made.tasks:
        changes: dict[str, Any] = {}
        if draw(st.booleans()):
            changes = {"started_at": draw(ODD), "ended_at": draw(ODD), "status": draw(st.sampled_from(list(Status)))}
            changes["parent"] = draw(st.sampled_from([None, *ids, "nobody"]))
            changes["continuation"] = draw(st.sampled_from([None, None, *ids, "nobody"]))
            changes["upstream"] = tuple(draw(st.lists(st.sampled_from([*ids, "nobody"]), max_size=3)))
            changes["failed_at"] = draw(ODD)
            changes["kind"] = draw(st.sampled_from(list(TaskKind)))
            changes["attempts"] = draw(
                st.none()
                | st.lists(
                    st.builds(Attempt, st.integers(1, 3), st.sampled_from(list(Status)), ODD, ODD), max_size=3
                ).map(tuple)
            )
        tasks.append(replace(task, **changes))
    row = replace(
        made.summary,
        status=draw(st.sampled_from(list(Status))),
        started_at=draw(ODD),
        ended_at=draw(ODD),
        status_since=draw(ODD),
    )
    return replace(made, summary=row, tasks=tuple(tasks))
