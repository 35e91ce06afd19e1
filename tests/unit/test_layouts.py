"""The layout service: a usable picture at once, then the best one; only what is still wanted."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.benchmarks import families
from wftui.dag.board import arrange
from wftui.dag.picture import Pen
from wftui.dag.plan import Plan
from wftui.layouts.request import Laid, Request
from wftui.layouts.service import LayoutService
from wftui.present.glyphs import UNICODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

import pytest

PEN = Pen(UNICODE.status)
# No test waits so long unless something hangs.
LONG = 60.0


class Heard:
    """Every answer so far, in order, with a way to wait for one."""

    def __init__(self) -> None:
        self.answers: list[Laid] = []
        self._more = threading.Condition()

    def __call__(self, laid: Laid) -> None:
        with self._more:
            self.answers.append(laid)
            self._more.notify_all()

    def wait(self, true: Callable[[Laid], bool]) -> Laid:
        """The first answer of which this is true."""
        with self._more:
            assert self._more.wait_for(lambda: any(map(true, self.answers)), LONG), self.answers
        return next(filter(true, self.answers))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def service(heard: Heard) -> Iterator[LayoutService]:
    made = LayoutService(heard)
    yield made
    made.close()


def test_a_usable_picture_comes_first_and_the_best_one_last(service: LayoutService, heard: Heard) -> None:
    graph = families.as_graph(families.etl(300))
    plan = Plan(grouped=False)
    service.want(Request(graph, PEN, plan))
    last = heard.wait(lambda laid: laid.final)
    assert [laid.final for laid in heard.answers] == [False, True]
    assert last.board is not None
    assert last.board == arrange(graph, PEN, plan)
