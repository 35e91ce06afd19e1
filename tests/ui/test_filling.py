"""While the rows of a large storage are filled in the list is used as ever: filtered, sorted, left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from tests.ui.driving import pressed, screen_text
from tests.ui.states import until
from wftui.app import WftuiApp
from wftui.model.status import Status
from wftui.present.order import Sort
from wftui.sources.base import SourceOptions
from wftui.sources.ray.storage_source import StorageSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wftui.model.workflow import WorkflowSummary

COUNT = 240
CHUNK = 40


class Gated(StorageSource):
    """Reads rows that nobody sees only while the gate is open, and those of the first chunk."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), SourceOptions())
        self.gate = threading.Event()
        self.waits = threading.Event()
        self.left = 1

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        if len(ids) == CHUNK:
            self.left -= 1
            if self.left < 0:
                self.waits.set()
                self.gate.wait(120)
        return super().summaries(ids)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gated:
    made = MadeStorage(tmp_path)
    for number in range(COUNT):
        status = "FAILED" if number % 6 == 0 else "SUCCESSFUL"
        made.workflow(f"run.{number:03}", status, start=NOW + number * 7 % COUNT, end=NOW + COUNT, n=number)
    monkeypatch.setattr("wftui.monitor.source_loop.UNSEEN_CHUNK", CHUNK)
    monkeypatch.setattr("wftui.widgets.header_bar._LONG", COUNT)
    return Gated(tmp_path)


async def test_a_list_is_filtered_and_sorted_while_it_is_filled(source: Gated) -> None:
    app = WftuiApp([source])
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, source.waits.is_set, "the filling waits")
        await until(pilot, lambda: app.main.model.total == COUNT, "all rows are listed")
        (state,) = app.main.states
        assert 0 < state.enriched < COUNT
        await until(pilot, lambda: f" of {COUNT}" in screen_text(app), "progress is shown")
        await pressed(pilot, "slash", *"run.1")
        assert len(app.main.model) == 100
        app.main.sort_by(Sort("started", descending=True))
        await pilot.pause()
        assert len(app.main.model) == 100
        source.gate.set()
        await until(pilot, lambda: app.main.states[0].enriched == COUNT, "all is filled in")
        await until(pilot, lambda: all(row.complete for row in app.main.model.rows()), "all is shown")
        told = [row.started_at for row in app.main.model.rows()]
        assert told == sorted((at for at in told if at is not None), reverse=True)
        await pressed(pilot, "escape")
        assert len(app.main.model) == COUNT
        assert app.main.model.counts == {Status.FAILED: 40, Status.SUCCESSFUL: 200}
        assert all(row.complete and row.user_metadata for row in app.main.model.rows())


async def test_a_list_that_is_filled_is_left_at_once(source: Gated) -> None:
    app = WftuiApp([source])
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, source.waits.is_set, "the filling waits")
        await pressed(pilot, "q")
        assert not source.gate.is_set()
    assert app.return_code == 0
    source.gate.set()
