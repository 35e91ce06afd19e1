"""The critical path of a workflow's tasks."""

from __future__ import annotations

from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import START, detail, task
from wftui.model.status import Status
from wftui.model.task import Task, TaskKind
from wftui.present.critical_path import critical_path


def took(task_id: str, seconds: float | None, *upstream: str, **fields: object) -> Task:
    end = None if seconds is None else START + seconds
    return task(task_id, Status.SUCCESSFUL, upstream, started_at=START, ended_at=end, **fields)


def path(*tasks: Task) -> list[str]:
    return list(critical_path(detail("w", tasks=tasks)))


def test_the_longer_way_by_time_not_by_tasks() -> None:
    assert path(took("a", 1), took("b", 9, "a"), took("c", 1, "a"), took("d", 1, "c"), took("e", 1, "b", "d")) == [
        "a",
        "b",
        "e",
    ]


def test_empty_until_times_are_known() -> None:
    assert path() == []
    assert path(took("a", None), took("b", None, "a")) == []


def test_tasks_without_times_count_nothing_and_never_stand_at_an_end() -> None:
    assert path(took("a", None), took("b", 2, "a"), took("c", None, "b"), took("d", 1, "c"), took("e", None, "d")) == [
        "b",
        "c",
        "d",
    ]


def test_a_continuation_is_followed_through_its_sub_dag() -> None:
    found = path(
        took("outer", 1, kind=TaskKind.CONTINUATION, continuation="out"),
        took("in", 5, parent="outer"),
        took("out", 1, "in", parent="outer"),
        took("after", 1, "outer"),
        took("beside", 4),
    )
    assert found == ["outer", "in", "out", "after"]


def test_a_nested_continuation_too() -> None:
    found = path(
        took("a", 1, kind=TaskKind.CONTINUATION, continuation="b"),
        took("b", 1, parent="a", kind=TaskKind.CONTINUATION, continuation="c"),
        took("c", 1, parent="b"),
        took("d", 1, "a"),
    )
    assert found == ["a", "b", "c", "d"]


def test_damaged_links_end() -> None:
    assert path(took("a", 1, "b"), took("b", 1, "a"), took("c", 1)) == ["c"]
    assert path(took("a", 1, "a", "gone", parent="nowhere", continuation="a")) == ["a"]
    assert path(took("a", 1, continuation="b"), took("b", 1, "a", continuation="a")) in (["a", "b"], ["a"], ["b"], [])


@given(st.lists(st.tuples(st.integers(0, 9), st.sets(st.integers(0, 7))), max_size=8))
def test_no_path_is_longer(shape: list[tuple[int, set[int]]]) -> None:
    tasks = [took(str(at), seconds, *(str(up) for up in ups if up < at)) for at, (seconds, ups) in enumerate(shape)]
    by_id = {one.id: one for one in tasks}

    def ways(at: Task) -> list[list[str]]:
        return [[at.id]] + [[at.id, *way] for up in at.upstream for way in ways(by_id[up])]

    lengths = [sum(by_id[i].duration or 0 for i in way) for way in chain.from_iterable(map(ways, tasks))]
    found = path(*tasks)
    assert sum(by_id[i].duration or 0 for i in found) == max(lengths, default=0)
    assert all(before in by_id[after].upstream for before, after in pairwise(found))
