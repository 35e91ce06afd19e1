"""What tasks of a run tell of their order themselves: by parameters, by headers, by names."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_run_overlay import recorded
from wftui.sources.absurd.hints import MOST_UPSTREAM, hinted

if TYPE_CHECKING:
    from wftui.model.task import Task

A, B, C, D = (replace(recorded(name), id=str(uuid.uuid4()), upstream=()) for name in "abcd")


def with_params(one: Task, **params: object) -> Task:
    return replace(one, options={**one.options, "params": params}, upstream=("by-time",))


def test_parameters_name_tasks_by_step_by_name_and_by_id() -> None:
    c = with_params(C, depends_on=["a", B.options["task_name"], "nobody"])
    d = with_params(D, source={"of": [C.id, str(uuid.uuid4()), "b"]})
    tasks, number = hinted([A, B, c, d])
    assert [task.upstream for task in tasks] == [(), (), (A.id, B.id), (C.id,)]
    assert number == 2


def test_headers_name_tasks_too() -> None:
    b = replace(B, user_metadata={"parent_task_id": A.id}, upstream=("by-time",))
    assert hinted([A, b])[0][1].upstream == (A.id,)


def test_where_nothing_is_told_the_times_stay() -> None:
    b = with_params(B, day="2026-11-01", upstream="nobody")
    tasks, number = hinted([A, b])
    assert tasks[1].upstream == ("by-time",)
    assert number == 0


def test_what_comes_later_is_not_waited_for() -> None:
    a, b = with_params(A, after="b"), with_params(B, after=["a", "b"])
    tasks, _ = hinted([a, b])
    assert [task.upstream for task in tasks] == [("by-time",), (A.id,)]


def test_tasks_of_one_name_are_items() -> None:
    items = [recorded("load") for _ in range(3)]
    tasks, _ = hinted([A, *items])
    assert [task.operator is not None and task.operator.is_item for task in tasks] == [False, True, True, True]
    assert {task.name for task in tasks[1:]} == {"load"}


def test_there_are_bounds() -> None:
    many = [recorded("x") for _ in range(200)]
    b = with_params(B, depends_on=["x"])
    deep: object = "a"
    for _ in range(50):
        deep = {"depends_on": deep}
    c = with_params(C, deep=deep)
    tasks, _ = hinted([*many, A, b, c])
    assert len(tasks[-2].upstream) == MOST_UPSTREAM
    assert tasks[-1].upstream == ("by-time",)


VALUES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["a", "b", A.id, "flow__1.0__c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["after", "x"]), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, min_size=4, max_size=4))
def test_there_is_never_a_circle(values: list[object]) -> None:
    tasks = [
        replace(task, options={**task.options, "params": value})
        for task, value in zip((A, B, C, D), values, strict=True)
    ]
    place = {task.id: at for at, task in enumerate(tasks)}
    for task in hinted(tasks)[0]:
        assert all(place[other] < place[task.id] for other in task.upstream)
