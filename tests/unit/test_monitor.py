"""The monitor over fake sources: real threads, a scripted engine, and conditions instead of sleeps."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.unit.making import detail, key, task
from wftui.model.action import ActionKind
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.monitor.events import ActionDone, DetailChanged, Event, Health, PlansReady, SourceChanged, WorkflowsChanged
from wftui.monitor.monitor import Monitor
from wftui.sources.fake import FakeClock, FakeSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.change import Change, Page
    from wftui.model.workflow import WorkflowDetail

E = TypeVar("E")
PATIENCE = 120.0


class Listener:
    """Collects events and waits for conditions on them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._condition = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._condition:
            self.events.append(event)
            self._condition.notify_all()

    def until(self, done: Callable[[], bool]) -> None:
        with self._condition:
            assert self._condition.wait_for(done, PATIENCE), f"never happened; seen: {self.events}"

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in list(self.events) if isinstance(event, kind)]

    def changes(self) -> list[Change]:
        return [change for event in self.of(WorkflowsChanged) for change in event.changes]

    def health(self, target: str = "fake") -> Health | None:
        states = [event.state.health for event in self.of(SourceChanged) if event.target == target]
        return states[-1] if states else None


class Watching:
    """A monitor over sources, started."""

    def __init__(self, *sources: FakeSource, clock: FakeClock | None = None) -> None:
        self.heard = Listener()
        self.monitor = Monitor(sources, self.heard)
        self.monitor.start()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*sources: FakeSource) -> Watching:
        started.append(Watching(*sources))
        return started[-1]

    yield start
    for watching in started:
        watching.monitor.stop()


def fake(*details: WorkflowDetail, target: str = "fake", read_only: bool = False) -> FakeSource:
    return FakeSource(target, details, clock=FakeClock(), read_only=read_only)


def test_lists_then_follows(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a"), detail("b"))
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    assert [c.key.id for c in heard.changes() if isinstance(c, Added)] == ["a", "b"]
    source.put(detail("c"))
    source.put(detail("a", Status.FAILED))
    source.remove("b")
    heard.until(
        lambda: {("c", Added), ("a", Updated), ("b", Removed)} <= {(c.key.id, type(c)) for c in heard.changes()}
    )


def test_a_source_that_goes_away_is_down_and_comes_back_with_what_changed(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a"), detail("b"))
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    source.fail("the head node is gone")
    heard.until(lambda: heard.health() is Health.DOWN)
    down = heard.of(SourceChanged)[-1].state
    assert down.error == "the head node is gone"
    assert down.as_of is not None
    assert down.retry_at is not None
    source.remove("b")
    source.recover()
    watching.monitor.refresh()
    heard.until(lambda: heard.health() is Health.LIVE)
    heard.until(lambda: Removed(key("b")) in heard.changes())
    assert watching.monitor.states()[0].error == ""


def test_a_source_that_is_down_does_not_hold_the_others(watch: Callable[..., Watching]) -> None:
    broken, well = fake(target="broken"), fake(detail("a", target="well"), target="well")
    broken.fail("no route to host")
    heard = watch(broken, well).heard
    heard.until(lambda: heard.health("well") is Health.LIVE and heard.health("broken") is Health.DOWN)


def test_a_defect_of_a_source_is_shown_and_watching_goes_on(watch: Callable[..., Watching]) -> None:
    class Defective(FakeSource):
        broken = True

        def page(self, cursor: str | None, limit: int) -> Page:
            if self.broken:
                raise ZeroDivisionError("oops")
            return super().page(cursor, limit)

    source = Defective("fake", [detail("a")], clock=FakeClock())
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.DOWN)
    assert watching.monitor.states()[0].error == "internal error: ZeroDivisionError: oops"
    source.broken = False
    watching.monitor.refresh()
    heard.until(lambda: heard.health() is Health.LIVE)


def test_an_open_workflow_is_read_again_when_it_changes(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a", Status.RUNNING))
    watching = watch(source)
    heard = watching.heard
    watching.monitor.open(key("a"))
    heard.until(lambda: bool(heard.of(DetailChanged)))
    assert source.attended == {"a"}
    source.put(detail("a", Status.FAILED, [task("load"), task("train", Status.FAILED)]))
    heard.until(lambda: (d := heard.of(DetailChanged)[-1].detail) is not None and d.tasks[1].status is Status.FAILED)
    source.remove("a")
    heard.until(lambda: heard.of(DetailChanged)[-1].gone)
    watching.monitor.close(key("a"))
    assert source.attended == frozenset()


def test_a_workflow_opened_while_its_source_was_down_is_read_once_it_is_back(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a", Status.SUCCESSFUL))
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    source.fail("the disk is away")
    watching.monitor.refresh()
    heard.until(lambda: heard.health() is Health.DOWN)
    watching.monitor.open(key("a"))
    heard.until(lambda: any(event.error == "the disk is away" for event in heard.of(DetailChanged)))
    source.recover()
    watching.monitor.refresh()
    heard.until(lambda: heard.of(DetailChanged)[-1].detail is not None)


def test_an_unchanged_workflow_is_not_told_again(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a", Status.RUNNING), detail("b"))
    watching = watch(source)
    heard = watching.heard
    watching.monitor.open(key("a"))
    heard.until(lambda: bool(heard.of(DetailChanged)))

    def updated(count: int) -> bool:
        return sum(isinstance(change, Updated) for change in heard.changes()) >= count

    for turn in range(3):
        source.put(detail("b", [Status.FAILED, Status.SUCCESSFUL][turn % 2]))
        heard.until(partial(updated, turn + 1))
    assert len(heard.of(DetailChanged)) == 1


def test_when_it_was_updated_is_told_with_every_news(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a", Status.RUNNING), detail("b"))
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    for status in (Status.FAILED, Status.SUCCESSFUL):
        before = heard.of(SourceChanged)[-1].state.as_of
        source.put(detail("b", status))
        heard.until(lambda before=before: heard.of(SourceChanged)[-1].state.as_of != before)  # type: ignore[misc]


def test_plans_and_actions_answer_for_every_key(watch: Callable[..., Watching]) -> None:
    source = fake(detail("run", Status.RUNNING), detail("done"), detail("queued", Status.PENDING))
    watching = watch(source)
    heard, keys = watching.heard, [key("run"), key("done"), key("queued")]
    watching.monitor.plan(ActionKind.CANCEL, keys)
    heard.until(lambda: bool(heard.of(PlansReady)))
    plans = heard.of(PlansReady)[0].plans
    assert [(p.key.id, p.allowed, p.arms) for p in plans] == [
        ("run", True, False),
        ("done", False, False),
        ("queued", False, True),
    ]
    watching.monitor.act(ActionKind.CANCEL, keys, arm=True)
    heard.until(lambda: len(heard.of(ActionDone)) == 3)
    outcomes = {event.outcome.key.id: event.outcome for event in heard.of(ActionDone)}
    assert outcomes["run"].done
    assert outcomes["run"].status_after is Status.CANCELED
    assert not outcomes["done"].done
    assert outcomes["queued"].armed
    watching.monitor.disarm(key("queued"))
    heard.until(lambda: heard.of(ActionDone)[-1].outcome.why == "disarmed")
    heard.until(lambda: any(c.key.id == "run" and isinstance(c, Updated) for c in heard.changes()))


def test_a_read_only_source_refuses_to_act(watch: Callable[..., Watching]) -> None:
    watching = watch(fake(detail("run", Status.RUNNING), read_only=True))
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    assert watching.monitor.states()[0].read_only
    watching.monitor.act(ActionKind.CANCEL, [key("run")])
    heard.until(lambda: bool(heard.of(ActionDone)))
    assert not heard.of(ActionDone)[0].outcome.done


def test_paused_means_no_looks_until_refreshed(watch: Callable[..., Watching]) -> None:
    source = fake(detail("a"))
    watching = watch(source)
    heard = watching.heard
    heard.until(lambda: heard.health() is Health.LIVE)
    watching.monitor.pause(True)
    heard.until(lambda: heard.health() is Health.PAUSED)
    source.put(detail("b"))
    watching.monitor.open(key("a"))
    heard.until(lambda: bool(heard.of(DetailChanged)))
    assert not any(change.key.id == "b" for change in heard.changes())
    watching.monitor.pause(False)
    heard.until(lambda: heard.health() is Health.LIVE)
    heard.until(lambda: any(c.key.id == "b" for c in heard.changes()))


def test_stopping_does_not_wait_for_a_source_that_hangs() -> None:
    release = threading.Event()

    class Hanging(FakeSource):
        def close(self) -> None:
            release.wait(PATIENCE)

    monitor = Monitor([Hanging("fake", [], clock=FakeClock())], Listener())
    monitor.start()
    monitor.stop(timeout=0.1)
    assert not release.is_set()
    release.set()


class Stepwise(FakeSource):
    """Reads the whole of a workflow in two steps; notes what it was asked for."""

    def __init__(self, *details: WorkflowDetail) -> None:
        super().__init__("fake", details, clock=FakeClock(), read_only=True)
        self.asked: list[tuple[tuple[str, ...] | None, bool]] = []
        self.may_end = threading.Event()

    def detail_steps(
        self, workflow_id: str, shown: Callable[[], Sequence[str] | None], *, again: bool
    ) -> Iterator[WorkflowDetail]:
        whole = self.detail(workflow_id)
        if not again:
            yield replace(whole, read=(0, len(whole.tasks)))
            assert self.may_end.wait(PATIENCE)
        visible = shown()
        self.asked.append((None if visible is None else tuple(visible), again))
        # What was read last is told by the times that are there.
        yield replace(whole, tasks=tuple(t for t in whole.tasks if visible is None or t.id in visible))


def whole(*tasks: str) -> WorkflowDetail:
    return detail("a", Status.SUCCESSFUL, tasks=[task(name) for name in tasks])


def told_of(watching: Watching) -> list[tuple[tuple[str, ...], tuple[int, int] | None]]:
    details = [event.detail for event in watching.heard.of(DetailChanged)]
    return [(tuple(t.id for t in told.tasks), told.read) for told in details if told is not None]


class TestSteps:
    """A source that reads a large workflow in steps, and what is on screen before all else."""

    def test_each_step_is_told_with_how_far_it_is(self, watch: Callable[..., Watching]) -> None:
        source = Stepwise(whole("x", "y", "z"))
        watching = watch(source)
        watching.monitor.open(key("a"))
        watching.heard.until(lambda: told_of(watching) == [(("x", "y", "z"), (0, 3))])
        source.may_end.set()
        watching.heard.until(lambda: len(told_of(watching)) == 2)
        assert told_of(watching)[-1] == (("x", "y", "z"), None)
        assert source.asked == [(None, False)]

    def test_tasks_that_come_into_view_are_read_and_nothing_is_listed_again(
        self, watch: Callable[..., Watching]
    ) -> None:
        source = Stepwise(whole("x", "y", "z"))
        source.may_end.set()
        watching = watch(source)
        watching.monitor.open(key("a"))
        watching.heard.until(lambda: len(source.asked) == 1)
        watching.monitor.show_tasks(key("a"), ["y"])
        watching.heard.until(lambda: told_of(watching)[-1:] == [(("y",), None)])
        watching.monitor.show_tasks(key("a"), ["y"])  # the same again is no news
        watching.monitor.show_tasks(key("a"), ["z"])
        watching.heard.until(lambda: told_of(watching)[-1:] == [(("z",), None)])
        assert source.asked == [(None, False), (("y",), True), (("z",), True)]

    def test_tasks_shown_while_it_is_read_count_in_that_reading(self, watch: Callable[..., Watching]) -> None:
        source = Stepwise(whole("x", "y", "z"))
        watching = watch(source)
        watching.monitor.open(key("a"))
        watching.heard.until(lambda: len(told_of(watching)) == 1)
        watching.monitor.show_tasks(key("a"), ["x"])
        source.may_end.set()
        watching.heard.until(lambda: told_of(watching)[-1:] == [(("x",), None)])

    def test_one_that_was_closed_is_left_in_the_middle(self, watch: Callable[..., Watching]) -> None:
        source = Stepwise(whole("x", "y"))
        watching = watch(source)
        watching.monitor.open(key("a"))
        watching.heard.until(lambda: len(told_of(watching)) == 1)
        watching.monitor.close(key("a"))
        watching.monitor.show_tasks(key("a"), ["x"])  # too late: nobody looks
        source.may_end.set()
        watching.monitor.open(key("a"))
        watching.heard.until(lambda: told_of(watching)[-1:] == [(("x", "y"), None)])
        assert {shown for shown, _ in source.asked} == {None}
