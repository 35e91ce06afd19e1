"""How far a long reading is stands in the header, and nowhere else and not for short ones."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from wftui.monitor.events import Health, SourceState
from wftui.present.glyphs import UNICODE
from wftui.sources.base import SourceInfo
from wftui.sources.fake import FakeClock
from wftui.widgets.header_bar import HeaderBar, HeaderFacts


class _Header(App[None]):
    def __init__(self, facts: HeaderFacts) -> None:
        super().__init__()
        self.bar = HeaderBar(clock=FakeClock(), glyphs=UNICODE)
        self.bar.show(facts)

    def compose(self) -> ComposeResult:
        yield self.bar


def _state(total: int, enriched: int, *, is_costly: bool = False, health: Health = Health.LIVE) -> SourceState:
    info = SourceInfo("here", "ray", "storage", 2.0, is_costly=is_costly)
    return SourceState(info, health, True, as_of=1.7e9, loaded=total, total=total, enriched=enriched)


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (_state(100_000, 34_000), "reading 34,000 of 100,000"),
        (_state(100_000, 100_000), "updated"),
        (_state(300, 12), "updated"),
        (_state(100_000, 40, is_costly=True), "updated"),
        (_state(100_000, 0, health=Health.LISTING), "loading 100,000 of 100,000"),
    ],
)
async def test_what_is_being_read_is_told(state: SourceState, shown: str) -> None:
    app = _Header(HeaderFacts((state,), {}, state.total or 0))
    async with app.run_test(size=(100, 4)):
        first = app.bar.render().plain.splitlines()[0]
    assert shown in first
    assert ("reading" in first) == ("reading" in shown)
