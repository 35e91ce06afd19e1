"""Rows of Ray's State API, read one by one: what a driver's end adds to them, and rows that are not as Ray's are."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.test_ray_places import ask, dashboard, rows
from wftui.sources.ray.cluster.near import whereabouts
from wftui.sources.ray.cluster.near.whereabouts import RayTask

# As Ray 2.47 gave them, 15 seconds after the driver that had started their workflow was gone.
_SUBMITTED = [
    {"state": "PENDING_ARGS_AVAIL", "created_ms": 1795312378401.0},
    {"state": "PENDING_NODE_ASSIGNMENT", "created_ms": 1795312378401.0},
]
_BEGUN = [
    *_SUBMITTED,
    {"state": "SUBMITTED_TO_WORKER", "created_ms": 1795312379981.0},
    {"state": "RUNNING", "created_ms": 1795312379989.0},
]
_MARKED = {"state": "FAILED", "created_ms": 1795312381635.0}
_DRIVER_GONE = {
    "state": "FAILED", "error_type": "WORKER_DIED", "attempt_number": 0, "placement_group_id": None,
    "error_message": "Job finishes (01000000) as driver exits. Marking all non-terminal tasks as failed.",
    "node_id": None, "worker_pid": None, "required_resources": {"CPU": 0.2, "GPU": 1.0},
}  # fmt: skip
_PLACE = {"node_id": "n1", "worker_pid": 30013, "required_resources": {"CPU": 0.2}}


def read(row: Any) -> RayTask | None:
    """What becomes of that row; that of another task is read after it."""
    plain = {"state": "RUNNING", "worker_pid": 1}
    with dashboard(lambda task_id: (200, rows(row if task_id == "aa" else plain))) as address:
        found = ask(address, "aa", "bb")
    assert found["bb"] == RayTask("RUNNING", None, None, None, 1, {}, None)
    return found["aa"]


def test_what_still_waits_when_its_driver_is_gone_is_told_as_waiting() -> None:
    told = read({**_DRIVER_GONE, "events": [*_SUBMITTED, _MARKED]})
    since, asks = 1795312378.401, {"CPU": 0.2, "GPU": 1.0}
    assert told == RayTask("PENDING_NODE_ASSIGNMENT", since, None, None, None, asks, None)


def test_what_still_runs_when_its_driver_is_gone_is_told_as_running_and_then_as_it_ended() -> None:
    told = read({**_DRIVER_GONE, **_PLACE, "events": [*_BEGUN, _MARKED]})
    running = RayTask("RUNNING", 1795312379.989, 1795312379.989, "n1", 30013, {"CPU": 0.2}, None)
    assert told == running
    ended = {"state": "FINISHED", "created_ms": 1795312398849.0}
    told = read({**_DRIVER_GONE, **_PLACE, "events": [*_BEGUN, ended, _MARKED]})
    assert told == running._replace(state="FINISHED", since=1795312398.849)


def test_what_really_died_is_told_as_failed() -> None:
    died = {"error_message": "RpcError: RPC Error message: Socket closed; RPC Error details:  rpc_code: 14"}
    told = read({**_DRIVER_GONE, **_PLACE, **died, "events": [*_BEGUN, _MARKED]})
    assert told is not None
    assert (told.state, told.since, told.failed) == ("FAILED", 1795312381.635, "WORKER_DIED")


@pytest.mark.parametrize(
    "odd",
    [
        {"events": [None]},
        {"events": 7},
        {"events": [{"state": "RUNNING", "created_ms": None}]},
        {"events": [{"state": "RUNNING", "created_ms": "17"}]},
        {"events": [{"created_ms": 17}]},
        {"required_resources": {"CPU": "much"}},
        {"required_resources": [1]},
        "no row",
    ],
)
def test_a_row_that_cannot_be_read_is_none(odd: Any) -> None:
    assert read(odd) is None


@pytest.mark.parametrize("odd", [{"node_id": 7}, {"worker_pid": "12"}, {"placement_group_id": [1]}])
def test_what_is_no_id_is_left_out(odd: dict[str, Any]) -> None:
    assert read({"state": "RUNNING", **odd}) == RayTask("RUNNING", None, None, None, None, {}, None)


def test_an_answer_that_is_too_long_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whereabouts, "_MOST_BYTES", 100_000)
    assert read({"state": "RUNNING", "name": "x" * 500_000}) is None


def test_an_answer_that_comes_bit_by_bit_is_waited_for_only_as_long_as_all_are() -> None:
    class Slow:
        length = None

        def read1(self, _: int) -> bytes:
            return b" "

    until = time.monotonic() + 0.05
    with pytest.raises(TimeoutError):
        whereabouts._read(Slow(), until)  # type: ignore[arg-type]
    assert time.monotonic() >= until
