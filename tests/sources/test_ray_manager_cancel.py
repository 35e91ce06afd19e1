"""Cancelling inside the workflow manager: only what can be cancelled, and only in the loop that drives it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.sources.manager_making import Manager, RayId, Ref, State
from wftui.sources.ray.cluster.near import manager as in_manager


class Executor(State):
    """As Ray's: cancels the futures that its running tasks are waited for with."""

    cancelled_in: threading.Thread | None = None

    def cancel(self) -> None:
        self.cancelled_in = threading.current_thread()
        for future in self.running_frontier:
            future.cancel()

    def run(self, task_id: str) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().create_future()
        self.running_frontier[future] = Ref(task_id, RayId(task_id.encode()))
        return future


async def _cancel(manager: Any) -> str:
    """As Ray runs it: in a thread beside the loop."""
    return await asyncio.to_thread(in_manager.cancel, manager, "w")


async def test_a_workflow_whose_only_task_just_ended_is_between_two_tasks() -> None:
    """Nothing of it could be cancelled, and "it is cancelled" were told of a workflow that goes on."""
    executor = Executor("b", {"a": [], "b": ["a"]})
    executor.run("a").set_result(None)
    assert await _cancel(Manager(w=executor)) == "idle"
    assert executor.cancelled_in is None
    going_on = executor.run("b")
    assert await _cancel(Manager(w=executor)) == "canceling"
    assert going_on.cancelled()


async def test_it_is_cancelled_in_the_loop_even_before_the_workflow_ever_waited() -> None:
    executor = Executor("a", {"a": []})
    assert executor._completion_queue is None
    executor.run("a")
    assert await _cancel(Manager(w=executor)) == "canceling"
    assert executor.cancelled_in is threading.current_thread()


async def test_one_that_is_queued_or_not_there_is_left_alone() -> None:
    executor = Executor("a", {"a": []})
    manager = Manager(w=executor)
    manager._queued_workflows["w"] = asyncio.get_running_loop().create_future()
    assert await _cancel(manager) == "queued"
    assert await _cancel(Manager()) == "absent"
    assert executor.cancelled_in is None


@pytest.mark.parametrize("queued", [True, False])
async def test_what_a_queued_workflow_waits_for_tells_the_loop(queued: bool) -> None:
    manager = Manager(w=Executor("a", {"a": []}))
    if queued:
        manager._queued_workflows["w"] = asyncio.get_running_loop().create_future()
    seen = await asyncio.to_thread(in_manager._loop_of, manager)
    assert seen is (asyncio.get_running_loop() if queued else None)
