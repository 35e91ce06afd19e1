"""What Ray told of its tasks: whom to ask for, when, and what is known while nobody answers. No Ray."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sources.manager_making import T0, Manager, State, look
from tests.sources.ray_clusters import eventually
from wftui.errors import TargetError, TargetGone
from wftui.model.status import Status
from wftui.model.task import ErrorInfo, Task, TaskKind
from wftui.sources.ray.cluster.memory import Memory
from wftui.sources.ray.cluster.near import whereabouts
from wftui.sources.ray.cluster.near.whereabouts import MOST_TASKS, Node, RayTask, Told
from wftui.sources.ray.cluster.overlay import FORGOTTEN, Seen, lay_over_task, stuck_words, task_from_memory
from wftui.sources.ray.cluster.places import UNTOLD, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NODE = Node("n1", "10.0.0.3", {"CPU": 4.0}, {"CPU": 4.0})


def ray_task(state: str = "RUNNING", pid: int | None = 123, **asks: float) -> RayTask:
    running = T0 + 2.0 if state == "RUNNING" else None
    return RayTask(state, T0 + 2.0, running, "n1" if pid else None, pid, asks, None)


class Near:
    """Answers as the cluster does; `tasks` by the names in `State.submit`."""

    def __init__(self, **tasks: RayTask) -> None:
        self.tasks = {f"id of {name}".encode().hex(): task for name, task in tasks.items()}
        self.missing = ""
        self.most = MOST_TASKS  # so many are answered in the time that there is
        self.asked: list[tuple[str, ...]] = []
        self.nodes: tuple[Node, ...] = (NODE,)
        self.error: Exception | None = None
        self.woken = threading.Event()

    def call(self, operation: str, *arguments: Any, timeout: float) -> object:
        assert (operation, timeout > 0) == ("where", True)
        (ids,) = arguments
        self.asked.append(tuple(bytes.fromhex(i).decode().removeprefix("id of ") for i in ids))
        if self.error is not None:
            raise self.error
        found = {} if self.missing else {i: self.tasks.get(i) for i in ids[: self.most]}
        return Told(found, self.nodes, self.missing, 0.01)


def running(*names: str) -> tuple[Memory, Manager, State]:
    state = State(names[-1], {name: [] for name in names})
    for name in names:
        state.submit(name, T0 + 1.0)
    manager, memory = Manager(w=state), Memory()
    look(manager, memory)
    return memory, manager, state


def places_of(near: Near, memory: Memory) -> Places:
    return Places(near.call, memory, near.woken.set)


def test_a_command_waits_for_the_answer() -> None:
    memory, _, _ = running("a", "b")
    near = Near(a=ray_task(), b=ray_task("PENDING_NODE_ASSIGNMENT", None, GPU=1.0))
    seen = places_of(near, memory).see("w", memory.tasks("w"), is_open=False)
    tasks = {task.id: task_from_memory(task, seen) for task in memory.tasks("w")}
    assert (tasks["a"].status, tasks["a"].node, tasks["a"].pid) == (Status.RUNNING, "10.0.0.3", 123)
    assert tasks["a"].started_at == T0 + 2.0
    assert (tasks["b"].status, tasks["b"].waiting_for) == (
        Status.WAITING,
        "resources: asks 1 GPU; no node has a GPU",
    )
    assert (tasks["b"].started_at, tasks["b"].waiting_since) == (None, T0 + 2.0)


def test_what_is_on_screen_is_asked_for_in_the_background_and_not_again_once_it_runs() -> None:
    memory, _, _ = running("a")
    near = Near(a=ray_task())
    places = places_of(near, memory)
    places.see("w", memory.tasks("w"), is_open=True)
    assert near.woken.wait(60)
    assert [task.pid for task in places.see("w", memory.tasks("w"), is_open=True).places.values()] == [123]
    time_of_asking = len(near.asked)
    places.see("w", memory.tasks("w"), is_open=False)
    assert len(near.asked) == time_of_asking


def test_of_many_the_ones_asked_for_longest_ago_come_first() -> None:
    names = [f"t{i:03}" for i in range(2 * MOST_TASKS + 5)]
    memory, _, _ = running(*names)
    near = Near(**{name: ray_task("PENDING_NODE_ASSIGNMENT", None, CPU=1.0) for name in names})
    places = places_of(near, memory)
    for _ in range(3):
        places.see("w", memory.tasks("w"), is_open=False)
    assert [len(ids) for ids in near.asked] == [MOST_TASKS] * 3
    assert {name for ids in near.asked for name in ids} == set(names)


def test_where_a_task_ran_is_still_known_when_it_and_its_workflow_ended() -> None:
    memory, manager, state = running("a", "b")
    near = Near(a=ray_task(), b=ray_task(pid=7))
    places = places_of(near, memory)
    places.see("w", memory.tasks("w"), is_open=False)
    state.finish("a", T0 + 9.0)
    look(manager, memory)
    del manager._workflow_executors["w"]
    look(manager, memory)
    seen = places.see("w", memory.tasks("w"), is_open=False)
    assert (seen.place("a"), seen.place("b")) == (ray_task(), ray_task(pid=7))


def test_without_the_state_api_what_the_manager_knows_is_told_and_what_is_missing() -> None:
    memory, manager, state = running("a")
    state.tasks["a"].options.ray_options.update(num_gpus=2)
    state.upstream_dependencies["b"] = []
    state.tasks["b"] = type(state.tasks["a"])("b")
    state.submit("b", T0 + 1.0)
    memory = Memory()
    look(manager, memory)
    near = Near()
    near.missing = "the cluster has no State API"
    places = places_of(near, memory)
    seen = places.see("w", memory.tasks("w"), is_open=False)
    a, b = (task_from_memory(task, seen) for task in memory.tasks("w"))
    assert (a.status, a.waiting_for) == (Status.WAITING, "resources: asks 2 GPU, 1 CPU; no node has a GPU")
    assert (b.status, b.untold) == (Status.RUNNING, f"{UNTOLD}the cluster has no State API")
    assert places.note == b.untold
    live = memory.workflow("w")
    assert stuck_words(live, places.nodes()) == ""  # b may well run


def test_a_workflow_of_which_nothing_can_run_says_so_in_its_row() -> None:
    memory, manager, state = running("a")
    state.tasks["a"].options.ray_options.update(num_gpus=2)
    memory = Memory()
    look(manager, memory)
    near = Near()
    places = places_of(near, memory)
    places.ask_on()
    eventually(places.nodes, 60)
    assert stuck_words(memory.workflow("w"), places.nodes()) == "waits: asks 2 GPU, 1 CPU; no node has a GPU"
    assert places.take_changed() == {"w"}
    assert places.take_changed() == frozenset()


def test_a_driver_that_is_gone_is_told_and_not_asked_again_at_once() -> None:
    memory, _, _ = running("a")
    near = Near()
    near.error = TargetGone("the cluster does not answer")
    places = places_of(near, memory)
    places.see("w", memory.tasks("w"), is_open=True)
    eventually(lambda: places.note, 60)
    assert "does not answer" in places.note
    assert places.see("w", memory.tasks("w"), is_open=True).untold == places.note
    assert len(near.asked) == 1
    places.forget()
    assert (places.note, places.nodes()) == ("", ())


def test_a_retry_that_waits_is_told_as_such() -> None:
    memory, manager, state = running("a")
    state.stop("a")
    state.task_retries["a"] = 1
    state.submit("a", T0 + 5.0)
    look(manager, memory)
    near = Near(a=ray_task("PENDING_NODE_ASSIGNMENT", None, CPU=8.0))
    seen = places_of(near, memory).see("w", memory.tasks("w"), is_open=False)
    # The start in the storage is that of the first attempt.
    stored = Task("a", "a", TaskKind.TASK, Status.RUNNING, started_at=T0 + 1.5)
    task = lay_over_task(stored, memory.tasks("w")[0], seen)
    assert task.waiting_for == "a retry (attempt 2 of 4; resources: asks 8 CPU; no node has more than 4 CPU)"
    assert [(one.number, one.status) for one in task.attempts or ()] == [(1, Status.FAILED), (2, Status.WAITING)]
    begun = lay_over_task(replace(stored, started_at=T0 + 6.0), memory.tasks("w")[0], seen)
    assert (begun.status, begun.waiting_for) == (Status.RUNNING, None)


def test_what_ray_tells_nothing_of_is_said_after_some_questions() -> None:
    memory, _, _ = running("a")
    places = places_of(Near(), memory)

    def untold() -> str:
        seen = places.see("w", memory.tasks("w"), is_open=False)
        return task_from_memory(memory.tasks("w")[0], seen).untold

    assert untold() == ""  # it learns of it with a delay
    assert eventually(untold, 60, every=0) == FORGOTTEN


def test_what_a_slow_dashboard_had_no_time_for_is_asked_for_next_and_not_forgotten() -> None:
    memory, _, _ = running("a", "b", "c")
    near = Near(**{name: ray_task("PENDING_NODE_ASSIGNMENT", None) for name in "abc"})
    near.most = 1
    places = places_of(near, memory)
    for _ in range(3):
        seen = places.see("w", memory.tasks("w"), is_open=False)
    assert len(seen.places) == 3
    assert not seen.unknown
    assert sorted(asked[0] for asked in near.asked) == ["a", "b", "c"]


def test_without_the_state_api_why_a_workflow_failed_is_asked_for_no_oftener_than_the_nodes() -> None:
    memory, manager, _ = running("a")
    near = Near()
    near.missing = "there is none"
    places = places_of(near, memory)
    places.see("w", memory.tasks("w"), is_open=False)
    del manager._workflow_executors["w"]
    look(manager, memory)
    assert places.why("w") == ""
    places._not_before = 0.0
    count = len(near.asked)
    places.ask_on()
    assert len(near.asked) == count, "the nodes are not due yet"
    places._not_before = places._nodes_due = 0.0
    places.ask_on()
    eventually(lambda: len(near.asked) == count + 1, 60)


def test_a_lost_node_is_told_with_what_became_of_its_tasks() -> None:
    memory, manager, state = running("a", "b")
    near = Near(a=ray_task(), b=ray_task(pid=7))
    places = places_of(near, memory)
    places.see("w", memory.tasks("w"), is_open=False)
    state.stop("a")
    state.task_retries["a"] = 1
    first = next(iter(memory.ray_ids("w").values()))
    state.submit("a", T0 + 5.0, "second a")
    look(manager, memory)
    near.nodes = ()
    near.tasks[first] = ray_task("FAILED")._replace(failed="NODE_DIED", node="n1", pid=123)
    seen = places.see("w", memory.tasks("w"), is_open=False)
    a = task_from_memory(memory.tasks("w")[0], seen)
    assert a.attempts is not None
    assert a.attempts[0].worker == "10.0.0.3, pid 123"
    assert a.attempts[0].error == ErrorInfo("NODE_DIED", "its node 10.0.0.3 was lost")
    assert places.notes[0] == "node 10.0.0.3 is lost: what ran there is tried again, or failed"
    # The workflow failed, and b left no exception.
    near.tasks[memory.ray_ids("w")["b"]] = ray_task("FAILED")._replace(failed="OUT_OF_MEMORY")
    del manager._workflow_executors["w"]
    look(manager, memory)
    assert places.why("w") == ""

    def why() -> str:
        places.ask_on()
        return places.why("w")

    assert eventually(why, 60) == "b: Ray killed it: its node 10.0.0.3 ran out of memory"
    assert "w" in places.take_changed()
    # Resumed, it may fail for another reason.
    manager._workflow_executors["w"] = state
    look(manager, memory)
    places.ask_on()
    assert places.why("w") == ""


def test_a_node_that_is_gone_is_named_by_its_id() -> None:
    assert Seen(nodes=(NODE,)).node(ray_task()._replace(node="ab" * 28)) == "abababababab"


# -- the dashboard -------------------------------------------------------------------------------------------


@contextmanager
def dashboard(answer: Callable[[str], tuple[int, object]]) -> Iterator[tuple[str, int]]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            code, told = answer(asked["filter_values"][0])
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield "127.0.0.1", server.server_address[1]
        finally:
            server.shutdown()


def rows(*told: dict[str, object]) -> dict[str, object]:
    return {"result": True, "msg": "", "data": {"result": {"result": list(told)}}}


def ask(address: tuple[str, int], *ids: str) -> dict[str, RayTask | None]:
    return whereabouts._ask(address, ids, time.monotonic() + 60)


def test_the_state_api_is_read() -> None:
    told = {
        "task_id": "aa", "attempt_number": 0, "state": "RUNNING", "node_id": "n1", "worker_pid": 12,
        "required_resources": {"CPU": 0.5}, "placement_group_id": None,
        "events": [
            {"state": "PENDING_ARGS_AVAIL", "created_ms": 1000}, {"state": "RUNNING", "created_ms": 2500},
        ],
    }  # fmt: skip
    with dashboard(lambda task_id: (200, rows(told) if task_id == "aa" else rows())) as address:
        found = ask(address, "aa", "bb")
    assert found == {"aa": RayTask("RUNNING", 2.5, 2.5, "n1", 12, {"CPU": 0.5}, None), "bb": None}


@pytest.mark.parametrize(("code", "body"), [(500, b"oops"), (404, b""), (200, b"<html>"), (200, {"data": None})])
def test_what_is_no_state_api_is_told(code: int, body: object) -> None:
    with dashboard(lambda _: (code, body)) as address, pytest.raises(TargetError, match="State API"):
        ask(address, "aa")


def test_a_dashboard_that_is_gone_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with dashboard(lambda _: (200, rows())) as gone:
        address = gone
    with pytest.raises(TargetError, match="include-dashboard"):
        ask(address, "aa")
    calls: list[object] = []

    def where() -> tuple[str, int]:
        calls.append(None)
        return address

    monkeypatch.setattr(whereabouts, "dashboard_address", where)
    asking = whereabouts.Whereabouts()
    assert asking._ask_tasks(["aa"], time.monotonic()) == {}
    assert "include-dashboard" in asking._missing
    assert asking._ask_tasks(["aa"], time.monotonic()) == {}
    assert len(calls) == 1  # it has a rest


def test_a_dashboard_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whereabouts, "TIMEOUT", 0.2)
    release = threading.Event()

    def hang(_: str) -> tuple[int, object]:
        release.wait(60)
        return 200, rows()

    with dashboard(hang) as address:
        with pytest.raises(TargetError, match="does not answer"):
            ask(address, "aa")
        release.set()
