"""Why a task that was given to Ray does not run yet, in words."""

from __future__ import annotations

import pytest

from wftui.sources.ray.cluster.near.whereabouts import Node, RayTask
from wftui.sources.ray.cluster.waiting import (
    A_WORKER,
    NOT_STARTED,
    Waiting,
    asks_words,
    attempt_words,
    shortage,
    upstream_words,
    why_waiting,
)


def node(free: dict[str, float] | None = None, /, **total: float) -> Node:
    return Node("n", "10.0.0.3", total, free)


def task(
    asks: dict[str, float] | None = None, state: str = "PENDING_NODE_ASSIGNMENT", group: str | None = None
) -> RayTask:
    return RayTask(state, 5.0, None, None, None, asks or {}, group)


@pytest.mark.parametrize(
    ("asks", "nodes", "words"),
    [
        ({"GPU": 1}, [node(CPU=4)], "asks 1 GPU; no node has a GPU"),
        ({"CPU": 3}, [node(CPU=2), node(CPU=2)], "asks 3 CPU; no node has more than 2 CPU"),
        ({"CPU": 1, "GPU": 8}, [node(CPU=2, GPU=4)], "asks 8 GPU, 1 CPU; no node has more than 4 GPU"),
        ({"GPU": 1, "tpu": 1}, [node(GPU=1), node(tpu=1)], "asks 1 GPU, 1 tpu; no node has all of it"),
        ({"tpu_v4": 0.5}, [node(CPU=4)], "asks 0.5 tpu_v4; no node has tpu_v4"),
        ({"memory": 64e9}, [node(memory=16e9)], "asks 64 GB memory; no node has more than 16 GB memory"),
        ({"node:10.0.0.9": 0.01}, [node(CPU=4)], "asks node 10.0.0.9; that node is not there"),
        ({"CPU": 1e9}, [node(CPU=4)], "asks 1000000000 CPU; no node has more than 4 CPU"),
        (
            {"CPU_group_0_abc": 1},
            [node(CPU=4)],
            "asks 1 CPU; the placement group has no place yet",
        ),
    ],
)
def test_what_the_cluster_does_not_have(asks: dict[str, float], nodes: list[Node], words: str) -> None:
    assert why_waiting(task(asks), None, nodes) == Waiting(f"resources: {words}", is_stuck=True)
    # Without the State API it can be told as well: by what the manager says that it asks.
    assert why_waiting(None, asks, nodes) == Waiting(f"resources: {words}", is_stuck=True)


@pytest.mark.parametrize(
    ("asks", "nodes", "words"),
    [
        ({"CPU": 4}, [node({}, CPU=4)], "asks 4 CPU; 0 of 4 free"),
        ({"CPU": 4}, [node({"CPU": 3.5}, CPU=4)], "asks 4 CPU; 3.5 of 4 free"),
        ({"CPU": 2}, [node({"CPU": 1}, CPU=2), node({"CPU": 1}, CPU=2)], "asks 2 CPU; at most 1 of 2 free on one node"),
        # What cannot run it is of no interest, however much of it is free.
        ({"CPU": 4}, [node({"CPU": 1}, CPU=4), node({"CPU": 3}, CPU=3)], "asks 4 CPU; 1 of 4 free"),
        ({"CPU": 1, "GPU": 1}, [node({"CPU": 3}, CPU=4, GPU=1)], "asks 1 GPU, 1 CPU; 0 of 1 GPU free"),
        (
            {"CPU": 1, "GPU": 1},
            [node({"CPU": 1}, CPU=1, GPU=1), node({"GPU": 1}, CPU=1, GPU=1)],
            "asks 1 GPU, 1 CPU; no node has 1 GPU, 1 CPU free at once",
        ),
    ],
)
def test_what_is_taken(asks: dict[str, float], nodes: list[Node], words: str) -> None:
    assert why_waiting(task(asks), None, nodes) == Waiting(f"resources: {words}")


def test_what_is_free_only_waits_for_a_worker() -> None:
    room = [node({"CPU": 2.0}, CPU=4)]
    assert why_waiting(task({"CPU": 2.0}), None, room) == Waiting(A_WORKER)
    assert why_waiting(task(), None, room) == Waiting(A_WORKER)
    assert why_waiting(task({"CPU": 2.0}), None, [node(None, CPU=4)]) == Waiting(A_WORKER)
    # Fractions do not add up exactly.
    assert shortage({"CPU": 0.3}, [node({"CPU": 0.1 + 0.2 - 1e-12}, CPU=1)]) is None


def test_without_the_state_api_that_there_is_room_proves_nothing() -> None:
    assert why_waiting(None, {"CPU": 2.0}, [node({"CPU": 2.0}, CPU=4)]) == Waiting(NOT_STARTED)
    assert why_waiting(None, None, [node(CPU=4)]) == Waiting(NOT_STARTED)
    assert why_waiting(None, {"GPU": 1.0}, []) == Waiting(NOT_STARTED)


def test_other_reasons() -> None:
    assert why_waiting(task({"GPU": 1.0}, "PENDING_ARGS_AVAIL"), None, [node(CPU=1)]) == Waiting("its arguments")
    assert "worker" in why_waiting(task(state="SUBMITTED_TO_WORKER"), None, []).words
    grouped = why_waiting(task({"CPU": 9.0}, group="abcdef0123"), None, [node(CPU=4)])
    assert grouped.words == "resources: asks 9 CPU of placement group abcdef01; no node has more than 4 CPU"


def test_amounts_as_people_write_them() -> None:
    assert asks_words({"CPU": 0.5, "GPU": 2.0, "memory": 2.5e9, "x": 0.0}) == "2 GPU, 2.5 GB memory, 0.5 CPU"
    assert asks_words({}) == "nothing"


def test_upstream_and_attempts() -> None:
    assert upstream_words(["a", "b"]) == "a, b"
    assert upstream_words(f"t{i}" for i in range(1003)) == "t0, t1, t2 and 1,000 more"
    assert (attempt_words(2, 3), attempt_words(2, -1), attempt_words(1, None)) == (
        "attempt 2 of 4",
        "attempt 2",
        "attempt 1",
    )
