"""A task that is followed while it is tried again on another node. No Ray: each node is a folder of logs."""

from __future__ import annotations

import os
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.sources.manager_making import ROW, T0, Manager, State
from tests.sources.worker_writing import ERR, MOST, Worker, text_of
from wftui.errors import NotFoundError, TargetError
from wftui.model.workflow import WorkflowDetail
from wftui.sources.ray.cluster import printing
from wftui.sources.ray.cluster.looks import ManagerLooks
from wftui.sources.ray.cluster.near import manager as in_manager
from wftui.sources.ray.cluster.near import task_output
from wftui.sources.ray.cluster.near.other_nodes import OtherNodes
from wftui.sources.ray.cluster.near.task_output import TaskOutput
from wftui.sources.ray.cluster.overlay import task_from_memory

if TYPE_CHECKING:
    from pathlib import Path

    from wftui.model.output import OutputPart


class Nodes(OtherNodes):
    """The other nodes, as the first one asks them."""

    def __init__(self, **folders: Path) -> None:
        super().__init__()
        self.outputs = {node: TaskOutput(str(folder)) for node, folder in folders.items()}
        self.searches = 0
        self.is_silent = False

    def find(self, operation: str, *arguments: object) -> tuple[str, object]:
        self.searches += 1
        if self.is_silent:
            raise TargetError("no log of it is found; 1 of 1 other nodes were not heard")
        for node in self.outputs:
            try:
                return node, self.ask(node, operation, *arguments)
            except NotFoundError:
                continue
        raise NotFoundError("nothing is found on any machine of the cluster")

    def ask(self, node: str, operation: str, *arguments: object) -> object:
        return self.outputs[node].read_here(*arguments)  # type: ignore[arg-type]


class Cluster:
    """Answers as a driver on the first of two nodes does. One task, `a`, runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folders = {node: folder / node for node in ("ab", "cd")}
        for path in self.folders.values():
            path.mkdir()
        self.others = Nodes(cd=self.folders["cd"])
        self.output = TaskOutput(str(self.folders["ab"]), self.others)
        self.state = State("a", {"a": []})
        self.manager = Manager(w=self.state)
        self.looks = ManagerLooks(self._look, 1e-9)
        self.printing = printing.ClusterPrinting(self, self.looks)
        self.storage_began: float | None = None
        self.part: OutputPart | None = None

    def _look(self, operation: str, *arguments: object, timeout: float) -> object:
        assert (operation, timeout > 0) == ("look", True)
        return "ok", pickle.loads(in_manager.look(self.manager, *arguments)), 0.0  # type: ignore[arg-type]

    def call(self, operation: str, *arguments: object, timeout: float = 0.0) -> object:
        read = self.output.read if operation == "output" else self.output.read_here
        return read(*arguments)  # type: ignore[arg-type]

    def detail(self, workflow_id: str) -> WorkflowDetail:
        tasks = [task_from_memory(task) for task in self.looks.memory.tasks(workflow_id)]
        if self.storage_began is not None:
            tasks = [replace(task, started_at=self.storage_began) for task in tasks]
        return WorkflowDetail(ROW, tuple(tasks))

    def begin(self, node: str, number: int, text: str = "") -> None:
        """An attempt is given to Ray, and begins where a text is."""
        when = T0 + 10.0 * number
        self.state.stop("a")
        self.state.task_retries["a"] = number - 1
        self.state.submit("a", when, f"try {number}")
        if text:
            self.prints(node, number, text)

    def prints(self, node: str, number: int, text: str) -> None:
        worker = Worker(self.folders[node], f"a{number}")
        worker.begin("a")
        worker.err(text)
        os.utime(worker.err_path, (T0 + 10.0 * number + 1.0,) * 2)

    def follow(self, attempt: int | None = None) -> str:
        """What is new."""
        position = self.part.position if self.part is not None else ""
        self.part = self.printing.output("w", "a", position, attempt, MOST, False)
        return text_of(self.part, ERR)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    for module, name in ((printing, "AGAIN_EVERY"), (printing, "TASK_AGE"), (task_output, "MISSED_FOR")):
        monkeypatch.setattr(module, name, 0.0)
    return Cluster(tmp_path)


@pytest.mark.parametrize("nodes", [("ab", "cd"), ("cd", "ab"), ("ab", "cd", "ab"), ("cd", "cd", "ab"), ("ab", "ab")])
def test_each_attempt_is_followed_on_whichever_node_it_runs(cluster: Cluster, nodes: tuple[str, ...]) -> None:
    for number, node in enumerate(nodes, 1):
        cluster.begin(node, number)
        if cluster.part is not None:
            assert cluster.follow() == ""  # it has not begun there: what the one before printed does not come again
        cluster.prints(node, number, f"{number}\n")
        assert "".join(cluster.follow() for _ in range(4)) == f"{number}\n"
        assert cluster.part is not None
        assert (cluster.part.is_open, cluster.part.note) == (True, "")
    searches = cluster.others.searches
    assert [cluster.follow() for _ in range(3)] == ["", "", ""]
    assert cluster.others.searches == searches  # it has all that there is: nobody is asked in vain


def test_the_latest_attempt_is_found_though_it_ended_and_the_manager_forgot_it(cluster: Cluster) -> None:
    cluster.begin("ab", 1, "one\n")
    assert cluster.follow() == "one\n"
    cluster.begin("cd", 2, "two\n")
    cluster.looks.look()
    cluster.state.finish("a", T0 + 25.0)
    del cluster.state.task_retries["a"]
    assert cluster.follow() == "two\n"
    assert cluster.part is not None
    assert not cluster.part.is_open


def test_who_comes_before_the_latest_attempt_has_a_log_gets_that_when_it_comes(cluster: Cluster) -> None:
    cluster.begin("ab", 1, "one\n")
    cluster.begin("cd", 2)
    assert cluster.follow() == "one\n"
    assert cluster.follow() == ""
    cluster.prints("cd", 2, "two\n")
    assert cluster.follow() == "two\n"


def test_a_start_that_is_of_an_earlier_attempt_leads_nowhere(cluster: Cluster) -> None:
    """The storage lags behind the manager."""
    cluster.begin("cd", 1, "one\n")
    assert cluster.follow() == "one\n"
    cluster.begin("ab", 2, "two\n")
    cluster.storage_began = T0 + 10.5
    assert cluster.follow() == ""
    cluster.storage_began = T0 + 20.5
    assert [cluster.follow() for _ in range(2)] == ["two\n", ""]


def test_a_node_that_is_not_heard_does_not_end_it(cluster: Cluster) -> None:
    cluster.begin("ab", 1, "one\n")
    assert cluster.follow() == "one\n"
    cluster.begin("cd", 2, "two\n")
    cluster.others.is_silent = True
    assert cluster.follow() == ""
    cluster.others.is_silent = False
    assert cluster.follow() == "two\n"


def test_who_wants_a_certain_attempt_stays_with_it(cluster: Cluster) -> None:
    cluster.begin("ab", 1, "one\n")
    assert cluster.follow(attempt=1) == "one\n"
    cluster.begin("cd", 2, "two\n")
    assert [cluster.follow(attempt=1) for _ in range(2)] == ["", ""]


def test_other_nodes_are_not_asked_again_at_once(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "AGAIN_EVERY", 3_600.0)
    cluster.begin("ab", 1, "one\n")
    cluster.follow()
    cluster.begin("cd", 2)
    assert [cluster.follow() for _ in range(5)] == [""] * 5
    assert cluster.others.searches == 1


def test_an_attempt_that_ended_at_once_is_found_though_others_were_asked_just_now(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((printing, "AGAIN_EVERY"), (printing, "TASK_AGE"), (task_output, "MISSED_FOR")):
        monkeypatch.setattr(module, name, 3_600.0)
    cluster.begin("ab", 1, "one\n")
    assert cluster.follow() == "one\n"
    cluster.begin("cd", 2)
    assert cluster.follow() == ""
    cluster.prints("cd", 2, "two\n")
    cluster.state.finish("a", T0 + 25.0)
    del cluster.state.task_retries["a"]
    assert cluster.follow() == "two\n"
    assert cluster.part is not None
    assert not cluster.part.is_open
