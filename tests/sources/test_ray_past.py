"""Timeline, events, the past and estimates of workflows while a real cluster runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import listed
from tests.sources.ray_clusters import TestCluster, TestDriver, eventually
from wftui.estimates.estimate import estimate
from wftui.estimates.reader import HistoryReader
from wftui.model.status import Status
from wftui.monitor.audit import AuditFile
from wftui.present.happenings import happenings_of
from wftui.present.past import events_of, moments_of, state_at
from wftui.present.task_index import index_of
from wftui.present.timing import timings_of
from wftui.timeline.bars import Phase, bars_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.sources.ray.cluster.source import ClusterSource

pytestmark = pytest.mark.ray
LONG = 180.0


@pytest.fixture(scope="module")
def user(cluster: TestCluster) -> Iterator[TestDriver]:
    with closing(cluster.driver()) as process:
        process.do("init", max_running_workflows=8)
        yield process


def read(source: ClusterSource, workflow_id: str) -> WorkflowDetail:
    source.changes()
    return source.detail(workflow_id)


def at_work(source: ClusterSource, workflow_id: str, task_id: str, *, attempt: int = 1) -> WorkflowDetail:
    """The workflow once that task runs."""

    def runs() -> WorkflowDetail | None:
        made = read(source, workflow_id) if workflow_id in {row.key.id for row in listed(source)} else None
        found = task_of(made, task_id) if made is not None else None
        is_there = found is not None and found.status is Status.RUNNING and found.started_at is not None
        return made if is_there and found is not None and len(found.attempts or "1") >= attempt else None

    return eventually(runs, LONG)  # type: ignore[no-any-return]


def over(source: ClusterSource, workflow_id: str) -> WorkflowDetail:
    def ended() -> WorkflowDetail | None:
        made = read(source, workflow_id)
        return made if made.summary.status.is_terminal else None

    return eventually(ended, LONG)  # type: ignore[no-any-return]


def task_of(workflow: WorkflowDetail, task_id: str) -> Task | None:
    return next((task for task in workflow.tasks if task.id == task_id), None)


def bars(workflow: WorkflowDetail, task_id: str, now: float) -> list[tuple[Phase, bool]]:
    task, index = task_of(workflow, task_id), index_of(workflow)
    assert task is not None
    found = bars_of(task, timings_of(workflow, now), live=workflow.live, now=now, ends=index.ends.get(task_id))
    assert all(one.end <= now + 1 and one.start <= one.end for one in found)
    return [(bar.phase, bar.goes_on) for bar in found]


def told(workflow: WorkflowDetail) -> list[tuple[str, str | None]]:
    return [(one.what, one.task_id) for one in happenings_of(workflow)]


def test_what_runs_grows_and_what_it_took_is_what_ray_recorded(
    cluster: TestCluster, user: TestDriver, source: ClusterSource
) -> None:
    user.do("submit", kind="chain", id="chain", gate="chain")
    running = at_work(source, "chain", "c1")
    now = time.time()
    assert bars(running, "c1", now)[-1] == (Phase.RUNNING, True)
    assert bars(running, "c2", now) == []
    ran = [timings_of(running, now + later)["c1"].ran or 0.0 for later in (0, 5)]
    assert ran[1] - ran[0] == pytest.approx(5)
    assert told(running)[:4] == [("started", None), ("started", "c0"), ("finished", "c0"), ("started", "c1")]
    # One step back it is as it was, while it runs on.
    moments = moments_of(events_of(running))
    before = state_at(running, (moments[-2] + moments[-1]) / 2)
    assert [task.status for task in before.tasks] == [Status.SUCCESSFUL, Status.READY, Status.PENDING]
    cluster.open_gate("chain")
    done = over(source, "chain")
    recorded = {task.id: user.do("metadata", id="chain", task=task.id)["stats"] for task in done.tasks}
    assert {task.id: (task.started_at, task.ended_at) for task in done.tasks} == {
        task_id: (stats["start_time"], stats["end_time"]) for task_id, stats in recorded.items()
    }
    then = state_at(done, now)
    assert [task.status for task in then.tasks] == [Status.SUCCESSFUL, Status.RUNNING, Status.PENDING]
    assert then.summary.status is Status.RUNNING


def test_attempts_are_apart_while_it_is_tried_again_and_afterwards(
    cluster: TestCluster, user: TestDriver, source: ClusterSource
) -> None:
    user.do("submit", kind="retries", id="retries", gate="retries")
    running = at_work(source, "retries", "flaky", attempt=3)
    now = time.time()
    phases = bars(running, "flaky", now)
    assert phases[0][0] is Phase.BEFORE
    assert phases[-1] == (Phase.RUNNING, True)
    assert timings_of(running, now)["flaky"].queued is None, "an attempt is no queueing"
    assert ("failed", "flaky") in told(running)
    cluster.open_gate("retries")
    done = over(source, "retries")
    assert [phase for phase, _ in bars(done, "flaky", time.time())][::2] == [Phase.BEFORE, Phase.RUNNING]
    assert [one for one in told(done) if one[1]] == [("failed", "flaky"), ("retried", "flaky"), ("finished", "flaky")]


def test_a_sub_dag_is_apart_from_the_task_that_returned_it(
    cluster: TestCluster, user: TestDriver, source: ClusterSource
) -> None:
    user.do("submit", kind="continues", id="continues", gate="continues")
    running = at_work(source, "continues", "inner_last")
    now = time.time()
    assert bars(running, "outer", now)[-2:] == [(Phase.RUNNING, False), (Phase.INSIDE, True)]
    assert ("continued", "outer") in told(running)
    outer = task_of(running, "outer")
    assert outer is not None
    assert outer.ended_at is not None
    # Before it returned nobody knew of what it returns.
    before = state_at(running, (outer.started_at or 0.0) / 2 + outer.ended_at / 2)
    assert {task.id: task.status for task in before.tasks} == {
        "outer": Status.RUNNING,
        "outer_last": Status.PENDING,
    }
    cluster.open_gate("continues")
    done = over(source, "continues")
    then = {task.id: task.status for task in state_at(done, now).tasks}
    assert then["outer"] is then["inner_last"] is Status.RUNNING


def test_earlier_runs_tell_when_it_will_be_done_and_what_is_slow(
    cluster: TestCluster, user: TestDriver, source: ClusterSource
) -> None:
    user.do("submit", kind="chain", id="next", gate="next")
    running = at_work(source, "next", "c1")
    reader = HistoryReader(source.detail)
    history = reader.history(running, listed(source))
    assert [run.key.id for run in history.runs] == ["chain"]
    now = (task_of(running, "c1") or running.tasks[0]).started_at or 0.0
    one = estimate(running, history, now + 0.01)
    assert (one.done, one.known, one.runs, one.why) == (1, 3, 1, "")
    assert one.likely is not None
    assert one.likely > now
    late = estimate(running, history, now + 1_000)
    assert late.latest is None, "it takes longer than ever"
    cluster.open_gate("next")
    over(source, "next")


def test_our_own_actions_are_among_the_events(
    cluster: TestCluster, user: TestDriver, source: ClusterSource, tmp_path: Path
) -> None:
    """What one command did, another one tells, with what the storage has."""
    user.do("submit", kind="chain", id="stopped", gate="stopped")
    at_work(source, "stopped", "c1")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_"))}
    environment["XDG_STATE_HOME"] = str(tmp_path)
    command = [sys.executable, "-m", "wftui", "-t", cluster.address]
    subprocess.run([*command, "cancel", "stopped", "--yes"], capture_output=True, env=environment, check=True)
    done = over(source, "stopped")
    deeds = AuditFile(environment).about(done)
    assert [(deed.action, deed.outcome, deed.status_after) for deed in deeds] == [("cancel", "done", "CANCELED")]
    with subprocess.Popen(
        [*command, "watch", "stopped", "--events", "--json"], stdout=subprocess.PIPE, text=True, env=environment
    ) as watching:
        assert watching.stdout is not None
        lines = [json.loads(watching.stdout.readline()) for _ in range(7)]
        watching.terminate()
    events = [(line["event"], line["task"]) for line in lines]
    assert events[:4] == [("started", None), ("started", "c0"), ("finished", "c0"), ("started", "c1")]
    assert sorted(events[4:], key=str) == [("cancel", None), ("cancelled", "c1"), ("cancelled", None)]
    shown = subprocess.run(
        [*command, "show", "stopped", "--at", "+0s", "--json"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert json.loads(shown.stdout)["status"] == "RUNNING"
