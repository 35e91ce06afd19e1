"""Which of Ray's own tasks a task of a workflow is: kept from look to look, and after its end. Pure, no Ray."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

from tests.sources.manager_making import T0, Manager, Options, State, chain, look
from wftui.sources.ray.cluster import memory as memory_module
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.near import manager as in_manager

if TYPE_CHECKING:
    import pytest


def id_of(memory: Memory, task_id: str, attempt: int | None = None, *, workflow_id: str = "w") -> str | None:
    found = memory.ray_task_id(workflow_id, task_id, attempt)
    return None if found is None else bytes.fromhex(found).decode()


def test_what_runs_is_told_with_its_id_and_keeps_it_when_it_ended() -> None:
    state, memory = chain(), Memory()
    manager = Manager(w=state)
    look(manager, memory)
    assert id_of(memory, "a") is None
    state.submit("a", T0 + 1.0)
    look(manager, memory)
    assert id_of(memory, "a") == "id of a"
    assert [task.ray_id for task in memory.tasks("w")] == [b"id of a".hex(), None, None]
    state.finish("a", T0 + 2.0)
    state.submit("b", T0 + 2.0)
    look(manager, memory)
    assert (id_of(memory, "a"), id_of(memory, "b"), id_of(memory, "c")) == ("id of a", "id of b", None)
    del manager._workflow_executors["w"]
    look(manager, memory)
    assert memory.tasks("w") == ()
    assert (id_of(memory, "a"), id_of(memory, "b")) == ("id of a", "id of b")


def test_each_attempt_that_was_seen_has_its_id() -> None:
    state, memory = chain(), Memory()
    manager = Manager(w=state)
    state.submit("a", T0 + 1.0, "first")
    look(manager, memory)
    state.stop("a")
    state.task_retries["a"] = 2  # the second came and went between two looks
    state.submit("a", T0 + 3.0, "third")
    look(manager, memory)
    assert [(number, bytes.fromhex(i)) for number, i in memory.ray_task_ids("w", "a")] == [(1, b"first"), (3, b"third")]
    assert [id_of(memory, "a", n) for n in (None, 1, 2, 3)] == ["third", "first", None, "third"]


def test_what_runs_is_told_in_slices_and_then_only_what_is_new() -> None:
    wide = State("t99", {f"t{i}": [] for i in range(100)})
    manager, memory = Manager(w=wide), Memory()
    for i in range(0, 100, 2):
        wide.submit(f"t{i}", T0 - 90_000.0)
    while not memory.tasks("w") or memory.is_behind:
        look(manager, memory, budget=30)
    assert {i for i in range(100) if id_of(memory, f"t{i}")} == set(range(0, 100, 2))
    wide.submit("t1", T0 + 5.0)
    _, _, _, [changed] = pickle.loads(in_manager.look(manager, memory.known(), 30))
    assert [(task_id, attempt) for task_id, attempt, _ in changed[-1]] == [("t1", 1)]


def test_a_resumed_workflow_has_new_ids_beside_those_of_what_was_kept() -> None:
    first, memory = chain(), Memory()
    manager = Manager(w=first)
    first.submit("a", T0 + 1.0)
    look(manager, memory)
    first.finish("a", T0 + 2.0)
    first.submit("b", T0 + 2.0, "old b")
    look(manager, memory)
    del manager._workflow_executors["w"]
    look(manager, memory)
    again = State("c", {"c": ["b"], "b": ["a"]})
    manager._workflow_executors["w"] = again
    again.submit("b", T0 + 9.0, "new b")
    look(manager, memory)
    assert (id_of(memory, "a"), id_of(memory, "b")) == ("id of a", "new b")
    del manager._workflow_executors["w"]
    look(manager, memory)
    assert (id_of(memory, "a"), id_of(memory, "b")) == ("id of a", "new b")


def test_what_ended_is_forgotten_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MOST_ENDED", 5)
    states = {f"w{i}": chain() for i in range(9)}
    manager, memory = Manager(**states), Memory()
    for state in states.values():
        state.submit("a", T0 + 1.0)
    look(manager, memory)
    for i in range(9):
        del manager._workflow_executors[f"w{i}"]
        look(manager, memory)
    assert [i for i in range(9) if id_of(memory, "a", workflow_id=f"w{i}")] == [4, 5, 6, 7, 8]


def test_what_a_task_asks_of_a_node_is_told() -> None:
    state, memory = chain(), Memory()
    state.tasks["b"].options = Options(ray_options={"num_cpus": 0, "num_gpus": 2, "resources": {"tpu": 0.5}})
    state.tasks["c"].options = Options(ray_options={"num_cpus": 0.25, "num_gpus": 0, "memory": 4096})
    look(Manager(w=state), memory)
    assert [task.asks for task in memory.tasks("w")] == [
        {"CPU": 1.0},
        {"GPU": 2.0, "tpu": 0.5},
        {"CPU": 0.25, "memory": 4096.0},
    ]
