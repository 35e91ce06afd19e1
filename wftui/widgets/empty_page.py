"""What stands where the rows would be while there are none, with what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from wftui.monitor.events import Health
from wftui.present.text import visible
from wftui.present.trouble import reason
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from wftui.monitor.events import SourceState

_NO_TARGET = (
    ("wftui 10.0.0.5:6379", "a Ray cluster; `auto` for the one of this machine"),
    ("wftui /path/to/storage", "the directory that was given to ray.init(storage=...)"),
    ("wftui demo", "a demonstration with workflows that run, fail and recover"),
)
_NO_WORKFLOWS = (
    ("workflow.run(...)", "what is submitted shows up here by itself"),
    ("wftui demo", "shows what this looks like with workflows"),
)


class EmptyPage(Static):
    """Says why there is nothing to see, and what to do."""

    DEFAULT_CSS = """
    EmptyPage { height: 1fr; width: 1fr; padding: 2 4; display: none; content-align: center middle; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._told = ""

    def show(self, states: tuple[SourceState, ...], *, filtered: bool, total: int) -> None:
        """Show the page that fits."""
        page = self._page(states, filtered=filtered, total=total)
        if page.plain != self._told:
            self._told = page.plain
            self.update(page)

    def _page(self, states: tuple[SourceState, ...], *, filtered: bool, total: int) -> Content:
        if filtered and total:
            return _lines("Nothing matches the filter", f"{total:,} hidden; escape drops the filter, / changes it")
        if not states:
            return _lines("Nothing to watch was found", "Say what to watch:", _NO_TARGET)
        down = [state for state in states if state.health is Health.DOWN]
        if len(down) == len(states):
            return _lines(
                f"Cannot read {visible(down[0].info.target)}" if len(down) == 1 else "No source can be read",
                "\n".join(
                    reason(state.error, state.info.target) if len(down) == 1 else visible(state.error) for state in down
                ),
            )
        if any(state.health in (Health.CONNECTING, Health.LISTING) for state in states):
            if all(state.health is Health.CONNECTING for state in states):
                return _lines(*_connecting(states))
            return _lines("Reading", "\n".join(visible(state.info.target) for state in states))
        return _lines("No workflows yet", "They show up here as they are submitted.", _NO_WORKFLOWS)


def _connecting(states: tuple[SourceState, ...]) -> tuple[str, str]:
    """Whom is waited for, and what takes long there."""
    if len(states) > 1:
        return "Connecting", "\n".join(visible(": ".join((s.info.target, *s.info.notes[:1]))) for s in states)
    (state,) = states
    return f"Connecting to {visible(state.info.target)}", "\n".join(map(visible, (*state.info.notes, "q leaves")))


def _lines(title: str, text: str, rows: tuple[tuple[str, str], ...] = ()) -> Content:
    parts = [toned(title, "strong"), toned(text, "muted")]
    if rows:
        wide = max(len(command) for command, _ in rows)
        parts.append(Content(""))
        for command, what in rows:
            parts.append(Content("").join([toned(command.ljust(wide + 3), "running"), toned(what, "muted")]))
    return Content("\n").join(parts)
