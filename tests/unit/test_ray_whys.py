"""Why a workflow failed that left no exception: which of its tasks is blamed, and how it is asked for. No Ray."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.sources.manager_making import T0, Manager, State, look
from tests.sources.ray_clusters import eventually
from tests.unit.test_ray_places import NODE, Near, places_of, ray_task
from wftui.sources.ray.cluster import memory as memory_module
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.near.whereabouts import RayTask, Told
from wftui.sources.ray.cluster.places import Places

DIED = ray_task("FAILED")._replace(failed="WORKER_DIED")
KILLED = ray_task("FAILED")._replace(failed="OUT_OF_MEMORY")
OF_A = "a: Ray killed it: its node 10.0.0.3 ran out of memory"
OF_B = "b: its worker process on 10.0.0.3 died"


class Ran:
    """A workflow of tasks a and b, as the manager knows it until it fails."""

    def __init__(self) -> None:
        self.state = State("b", {"a": [], "b": []})
        self.manager, self.memory = Manager(w=self.state), Memory()

    def look(self) -> None:
        look(self.manager, self.memory)

    def fail(self) -> Memory:
        del self.manager._workflow_executors["w"]
        self.look()
        return self.memory


def why(places: Places) -> str:
    def told() -> str:
        places._not_before = 0.0
        places.ask_on()
        return places.why("w")

    words: str = eventually(told, 60, every=0.01)
    return words


def failed_in_order(*order: str, looks: bool = False) -> Memory:
    """It failed after its tasks were given to Ray in that order, with looks in between or not."""
    ran = Ran()
    ran.look()
    for number, name in enumerate(order):
        ran.state.submit(name, T0 + number)
        if looks:
            ran.look()
    ran.look()
    return ran.fail()


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize(("order", "words"), [("ab", OF_B), ("ba", OF_A)])
def test_of_several_the_one_given_last_is_blamed(order: str, words: str, looks: bool) -> None:
    memory = failed_in_order(*order, looks=looks)
    assert list(memory.unfinished_ray_ids("w")) == list(order)
    assert why(places_of(Near(a=KILLED, b=DIED), memory)) == words


def test_what_was_lost_and_then_went_well_is_not_blamed() -> None:
    """Its second attempt was over before a look could tell the id of it."""
    ran = Ran()
    ran.state.submit("a", T0 + 1.0)
    ran.state.submit("b", T0 + 2.0)
    ran.look()
    ran.state.finish("b", T0 + 9.0)
    ran.look()
    memory = ran.fail()
    near = Near(a=KILLED, b=DIED)
    assert why(places_of(near, memory)) == OF_A
    assert "b" not in near.asked[-1]
    assert set(memory.ray_ids("w")) == {"a", "b"}


def test_what_was_lost_before_a_resume_is_not_blamed_for_the_next_failure() -> None:
    ran = Ran()
    ran.state.submit("a", T0 + 1.0)
    ran.look()
    places = places_of(Near(a=KILLED, b=DIED), ran.fail())
    assert why(places) == OF_A
    ran.manager._workflow_executors["w"] = ran.state = State("b", {"b": [], "a": []})
    ran.look()
    places.ask_on()
    assert places.why("w") == ""
    ran.state.submit("b", T0 + 20.0)
    ran.look()
    ran.fail()
    assert why(places) == OF_B


def test_what_may_have_failed_a_workflow_is_forgotten_with_the_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "MOST_ENDED", 2)
    states = {f"w{i}": State("a", {"a": []}) for i in range(6)}
    manager, memory = Manager(**states), Memory()
    for state in states.values():
        state.submit("a", T0 + 1.0)
    look(manager, memory)
    for name in states:
        del manager._workflow_executors[name]
        look(manager, memory)
    assert memory._unfinished.keys() == memory._ended.keys() == {"w4", "w5"}


def test_what_was_known_before_anybody_asked_why_is_told() -> None:
    memory = failed_in_order("a", "b")
    near = Near(a=KILLED, b=ray_task("FINISHED"))
    places = places_of(near, memory)
    places._ask(list(memory.ray_ids("w").values()))  # as when it is open on screen
    assert places.why("w") == OF_A


def test_only_what_is_asked_is_counted_as_a_try() -> None:
    memory = failed_in_order("a")
    answer, asked = threading.Event(), threading.Event()
    left: list[RayTask | None] = [None, KILLED]

    def call(operation: str, *arguments: Any, timeout: float) -> object:
        assert (operation, timeout > 0) == ("where", True)
        asked.set()
        assert answer.wait(60)
        return Told(dict.fromkeys(arguments[0], left.pop(0)), (NODE,), "", 0.01)

    places = Places(call, memory, lambda: None)
    assert places.why("w") == ""
    places.ask_on()
    assert asked.wait(60)
    for _ in range(100):  # while that question is under way
        places.ask_on()
    answer.set()
    assert why(places) == OF_A
