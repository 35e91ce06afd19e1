"""A tiny app around the details, to test them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.scrollbar import ScrollBar, ScrollBarRender

from tests.ui.detail_samples import NOW
from wftui.app import themes
from wftui.present.glyphs import ASCII, UNICODE
from wftui.sources.fake import FakeClock
from wftui.widgets.detail_tabs import DetailTabs
from wftui.widgets.plain_scrollbar import PlainScrollBarRender

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.pilot import Pilot

    from wftui.model.workflow import WorkflowDetail


class DetailApp(App[None]):
    """Shows one workflow."""

    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self, detail: WorkflowDetail | None, tab: str = "tasks", *, state: str = "", ascii_only: bool = False
    ) -> None:
        super().__init__()
        # As the real app does; it is one for the whole process, so an app before may have left another.
        ScrollBar.renderer = PlainScrollBarRender if ascii_only else ScrollBarRender
        self.clock = FakeClock(NOW)
        self._first = detail
        self._tab = tab
        self._state = state
        self._ascii = ascii_only
        self.selected: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield DetailTabs(clock=self.clock, glyphs=ASCII if self._ascii else UNICODE)

    @property
    def tabs(self) -> DetailTabs:
        return self.query_one(DetailTabs)

    def on_mount(self) -> None:
        for theme in themes():
            self.register_theme(theme)
        self.theme = "wftui-dark"
        self.tabs.show(self._first, state=self._state, now=NOW)
        self.tabs.go_to(self._tab)

    def on_detail_tabs_task_selected(self, message: DetailTabs.TaskSelected) -> None:
        self.selected.append(message.task_id)


async def settled(pilot: Pilot[None]) -> None:
    """The focus follows a layout, and what is drawn follows the focus."""
    await pilot.pause()
    await pilot.pause()


def screen(app: DetailApp) -> str:
    """What is on the screen, as text."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
