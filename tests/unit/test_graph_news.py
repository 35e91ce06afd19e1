"""What is worked out of a workflow's news is what would be worked out of it from nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import detail, task
from wftui.model.status import Status
from wftui.widgets.graph_work import look_at

if TYPE_CHECKING:
    from wftui.model.task import Task

NOW = 1_793_714_527.0
STATUSES = (Status.PENDING, Status.RUNNING, Status.SUCCESSFUL, Status.FAILED)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[Task, ...]]:
    """The tasks of a workflow, again and again: statuses change, tasks come, edges change, tasks go."""
    tasks: list[Task] = []
    told: list[tuple[Task, ...]] = []
    for turn in range(draw(st.integers(2, 5))):
        for at in range(draw(st.integers(0, 3))):
            names = [one.id for one in tasks]
            upstream = draw(st.lists(st.sampled_from([*names, "nowhere"]), max_size=3))
            tasks.append(_as(task(f"t{turn}{at}", Status.PENDING, upstream), draw(st.sampled_from(STATUSES))))
        for at in draw(st.lists(st.integers(0, max(0, len(tasks) - 1)), max_size=3)) if tasks else ():
            tasks[at] = _as(tasks[at], draw(st.sampled_from(STATUSES)))
        if tasks and draw(st.integers(0, 5)) == 0:
            tasks.pop(draw(st.integers(0, len(tasks) - 1)))
        if tasks and draw(st.integers(0, 5)) == 0:
            tasks[-1] = replace(tasks[-1], upstream=("elsewhere",))
        told.append(tuple(tasks))
    return told


def _as(one: Task, status: Status) -> Task:
    began = None if status is Status.PENDING else NOW - 60
    ended = NOW - 20 if status in (Status.SUCCESSFUL, Status.FAILED) else None
    return replace(one, status=status, started_at=began, ended_at=ended)


@given(stories())
def test_news_are_what_a_look_from_nothing_sees(story: list[tuple[Task, ...]]) -> None:
    seen = None
    for turn, tasks in enumerate(story):
        now = NOW + turn
        shown = detail("flow", Status.RUNNING, tasks)
        news = look_at(shown, now, seen)
        assert news.seen == look_at(shown, now).seen
        if news.before is not None:
            assert news.before is seen
            held = {node.id: node for node in news.before.graph.nodes}
            held.update((node.id, node) for node in news.changed)
            assert list(held.values()) == list(news.seen.graph.nodes)
            assert all(node not in news.before.graph.nodes for node in news.changed)
        seen = news.seen


def test_the_same_again_is_the_same_graph() -> None:
    shown = detail("flow", Status.RUNNING, [task("a", Status.SUCCESSFUL), task("b", Status.PENDING, ["a"])])
    first = look_at(shown, NOW).seen
    again = look_at(replace(shown, tasks=tuple(replace(one) for one in shown.tasks)), NOW + 5, first)
    assert again.seen.graph is first.graph
    assert again.changed == ()
