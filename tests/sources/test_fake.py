"""The public fake source: the contract of every source, and what it tells."""

from __future__ import annotations

import pytest

from tests.sources.contract import SourceContract, listed
from tests.unit.making import detail
from wftui.errors import TargetGone
from wftui.model.change import Added, Removed, Updated
from wftui.model.status import Status
from wftui.sources.fake import FakeClock, FakeSource, Step


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def source(clock: FakeClock) -> FakeSource:
    return FakeSource("fake", [detail("b", Status.FAILED), detail("a"), detail("c")], clock=clock)


class TestContract(SourceContract):
    pass


def test_a_script_runs_by_the_clock(clock: FakeClock) -> None:
    source = FakeSource("fake", [detail("a")], clock=clock, script=[Step(5, detail("b"))])
    listed(source)
    assert source.changes().changes == ()
    clock.advance(5)
    (change,) = source.changes().changes
    assert isinstance(change, Added)
    assert change.key.id == "b"


def test_changes_are_told_as_what_they_are(source: FakeSource) -> None:
    listed(source)
    source.put(detail("a", Status.FAILED))
    source.remove("c")
    changed, removed = source.changes().changes
    assert isinstance(changed, Updated)
    assert isinstance(removed, Removed)


def test_a_failing_source_recovers(source: FakeSource) -> None:
    source.fail("the head node is gone")
    with pytest.raises(TargetGone, match="head node"):
        source.changes()
    source.recover()
    assert len(listed(source)) == 3
