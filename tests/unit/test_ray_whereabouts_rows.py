"""Rows of Ray's State API, read one by one: those that are not as Ray's are."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.test_ray_places import ask, dashboard, rows
from wftui.sources.ray.cluster.near import whereabouts
from wftui.sources.ray.cluster.near.whereabouts import RayTask


def read(row: Any) -> RayTask | None:
    """What becomes of that row; that of another task is read after it."""
    plain = {"state": "RUNNING", "worker_pid": 1}
    with dashboard(lambda task_id: (200, rows(row if task_id == "aa" else plain))) as address:
        found = ask(address, "aa", "bb")
    assert found["bb"] == RayTask("RUNNING", None, None, None, 1, {}, None)
    return found["aa"]


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
