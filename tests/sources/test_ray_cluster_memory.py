"""The manager's memory: what is known of workflows after looks into it. Pure, no Ray."""

from __future__ import annotations

from tests.sources.manager_making import T0, Context, Future, Manager, RayTask, State, chain, look, statuses
from wftui.model.status import Status
from wftui.model.task import Task, TaskKind
from wftui.model.workflow import Progress
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.overlay import lay_over_task


def test_tasks_go_from_ready_to_running_to_successful() -> None:
    state, memory = chain(), Memory()
    manager = Manager(w=state)
    look(manager, memory)
    assert statuses(memory) == {"a": Status.READY, "b": Status.PENDING, "c": Status.PENDING}
    state.submit("a", T0 + 100.0)
    assert look(manager, memory) == {"w"}
    assert statuses(memory)["a"] is Status.RUNNING
    state.finish("a", T0 + 101.0)
    state.submit("b", T0 + 101.0)
    look(manager, memory)
    assert statuses(memory) == {"a": Status.SUCCESSFUL, "b": Status.RUNNING, "c": Status.PENDING}
    live = memory.workflow("w")
    assert live is not None
    assert live.progress == Progress(1, 3)
    assert live.submitted == T0 + 100.0


def test_only_what_changed_is_told() -> None:
    states = {f"w{i}": chain() for i in range(20)}
    manager, memory = Manager(**states), Memory()
    assert len(look(manager, memory)) == 20
    assert look(manager, memory) == frozenset()
    states["w7"].submit("a", T0 + 5.0)
    assert look(manager, memory) == {"w7"}
    del manager._workflow_executors["w3"]
    assert look(manager, memory) == {"w3"}
    assert memory.workflow("w3") is None


def test_every_step_of_a_workflow_is_noticed() -> None:
    state, memory = chain(), Memory()
    manager = Manager(w=state)
    look(manager, memory)

    def step_is_seen() -> bool:
        return look(manager, memory) == {"w"}

    state.submit("a", T0 + 1.0)
    assert step_is_seen()
    state.stop("a")
    state.task_retries["a"] = 1
    state.submit("a", T0 + 2.0)
    assert step_is_seen()
    state.task_retries.pop("a")
    state.finish("a", T0 + 3.0)
    assert step_is_seen()
    manager._queued_workflows["w"] = Future()
    assert step_is_seen()


def test_a_budget_bounds_one_look_and_the_next_ones_get_the_rest() -> None:
    wide = State("t99", {f"t{i}": [] for i in range(100)})
    manager, memory = Manager(w=wide, v=chain()), Memory()
    looks = 0
    while not looks or memory.is_behind:
        before = sum(len(memory.tasks(i)) for i in "wv")
        look(manager, memory, budget=30)
        assert sum(len(memory.tasks(i)) for i in "wv") - before <= 30
        looks += 1
        assert looks < 10
    assert len(memory.tasks("w")) == 100
    assert len(memory.tasks("v")) == 3


def test_a_workflow_that_was_resumed_under_the_same_id_starts_afresh() -> None:
    first, memory = chain(), Memory()
    manager = Manager(w=first)
    first.submit("a", T0 + 1.0)
    first.finish("a", T0 + 2.0)
    look(manager, memory)
    again = State("c", {"c": ["b"], "b": ["a"]})
    again.tasks["c"].task_id = ""
    manager._workflow_executors["w"] = again
    assert look(manager, memory) == {"w"}
    assert set(statuses(memory)) == {"b", "c"}
    live = memory.workflow("w")
    assert live is not None
    assert live.resumed


def test_a_chain_of_continuations_is_as_its_last_task() -> None:
    state, memory = State("last", {"root": [], "last": ["root"]}), Memory()
    manager = Manager(w=state)
    state.submit("root", T0 + 1.0)
    look(manager, memory)
    for number, (before, after) in enumerate([("root", "one"), ("one", "two")]):
        state.stop(before)
        state.task_execution_metadata[before].finish_time = T0 + 2.0 + number
        state.upstream_dependencies[after] = []
        state.tasks[after] = RayTask(after)
        state.task_context[after] = Context(before)
        state.next_continuation[before] = after
        state.submit(after, T0 + 2.0 + number)
        assert look(manager, memory) == {"w"}
        assert statuses(memory)["root"] is Status.RUNNING
    tasks = {task.id: task for task in memory.tasks("w")}
    assert (tasks["one"].parent, tasks["one"].continuation) == ("root", "two")
    stored = Task("one", "one", TaskKind.CONTINUATION, Status.RUNNING, started_at=1.0, ended_at=2.0, continuation="two")
    assert lay_over_task(stored, tasks["one"]).ended_at == 2.0, "it is itself at its end"
    state.stop("two")
    state.task_execution_metadata["two"].finish_time = T0 + 9.0
    state.done_tasks.add("root")
    state.submit("last", T0 + 9.0)
    look(manager, memory)
    expected = dict.fromkeys(("root", "one", "two"), Status.SUCCESSFUL)
    assert statuses(memory) == {**expected, "last": Status.RUNNING}


def test_a_caught_error_is_success_and_a_lost_task_failed() -> None:
    state, memory = State("all", {"caught": [], "lost": [], "all": ["caught"]}), Memory()
    manager = Manager(w=state)
    state.submit("caught", T0 + 1.0)
    state.submit("lost", T0 + 1.0)
    state.stop("caught")
    state.done_tasks.add("caught")
    state.stop("lost")
    look(manager, memory)
    assert statuses(memory) == {"caught": Status.SUCCESSFUL, "lost": Status.FAILED, "all": Status.READY}


def test_a_queued_workflow_is_pending_with_all_its_tasks() -> None:
    manager, memory = Manager(w=chain()), Memory()
    manager._queued_workflows["w"] = Future()
    look(manager, memory)
    live = memory.workflow("w")
    assert live is not None
    assert live.status is Status.PENDING
    assert set(statuses(memory).values()) == {Status.PENDING}
