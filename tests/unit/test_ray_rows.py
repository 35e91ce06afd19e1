"""The rows of a live cluster, by what the workflow manager told last, and whether it still answers."""

from __future__ import annotations

from wftui.model.change import Added, Updated
from wftui.model.status import Status, StatusSource
from wftui.model.workflow import WorkflowKey, WorkflowSummary
from wftui.sources.ray.cluster.looks import BUSY, ManagerLooks
from wftui.sources.ray.cluster.rows import ClusterRows


class Manager:
    """What a look at it gives."""

    def __init__(self) -> None:
        self.answer = "none"

    def __call__(self, operation: str, *_arguments: object, timeout: float) -> object:
        assert (operation, timeout > 0) == ("look", True)
        return self.answer, None, 0.001


def key(workflow_id: str) -> WorkflowKey:
    return WorkflowKey("cluster", "ray", None, workflow_id)


def recorded(workflow_id: str, word: str = "RUNNING") -> Added:
    return Added(WorkflowSummary(key(workflow_id), Status[word], StatusSource.STORAGE, word))


def test_a_manager_that_is_busy_may_run_what_came_since_it_told_something() -> None:
    manager = Manager()
    looks = ManagerLooks(manager, None)
    rows = ClusterRows(looks, key, lambda _: False, tuple, lambda _: "")

    looks.look()
    (told,) = rows.tell(rows.take_in([recorded("old")]))
    assert isinstance(told, Added)
    assert (told.summary.status, told.summary.status_source) == (Status.RESUMABLE, StatusSource.CLUSTER)

    manager.answer = "busy"
    looks.look()
    assert looks.note == BUSY
    assert not rows.is_new_suspect("new"), "asking again gives nothing"
    (told,) = rows.tell(rows.take_in([recorded("new"), recorded("old")]))
    assert isinstance(told, Added)
    assert (told.key.id, told.summary.status, told.summary.status_source) == (
        "new",
        Status.RUNNING,
        StatusSource.STORAGE,
    )

    manager.answer = "none"
    looks.look()
    assert looks.is_current
    undecided = rows.take_undecided()
    assert undecided == {"new"}
    (changed,) = rows.tell(undecided)
    assert isinstance(changed, Updated)
    assert (changed.key.id, changed.summary.status) == ("new", Status.RESUMABLE)
    assert rows.take_undecided() == set()


def test_before_the_manager_was_heard_nothing_is_inferred() -> None:
    looks = ManagerLooks(Manager(), None)
    rows = ClusterRows(looks, key, lambda _: False, tuple, lambda _: "")
    (told,) = rows.tell(
        rows.take_in(
            [
                recorded("any", "PENDING"),
            ]
        )
    )
    assert isinstance(told, Added)
    assert (told.summary.status, told.summary.status_source) == (Status.PENDING, StatusSource.STORAGE)
    looks.look()
    assert [change.key.id for change in rows.tell(rows.take_undecided())] == ["any"]
