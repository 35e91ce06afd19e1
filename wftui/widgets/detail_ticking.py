"""The time that the details show: what grows by itself is drawn again once a second, while somebody tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.widgets.detail_timings import DetailTimings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail
    from wftui.widgets.searched_tab import SearchedTab
    from wftui.widgets.task_tab import TaskTab


class DetailTicking(DetailTimings):
    """Ticks while something that is seen grows: not in the past, and not beyond the moment that is known up to.

    Args:
        clock: What time it is.
    """

    _detail: WorkflowDetail | None = None
    """The workflow shown last, as it is or was."""

    def __init__(self, *, clock: Clock, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._timer: Timer | None = None
        self._frozen: dict[str, float] = {}

    @property
    def detail(self) -> WorkflowDetail | None:
        """The workflow that is seen; None where none is."""
        raise NotImplementedError

    def _growing(self) -> tuple[SearchedTab | TaskTab, ...]:
        """What is seen and may hold durations that grow."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Be ready to tick."""
        self._timer = self.set_interval(1.0, lambda: self.tick(self._time()), pause=True)

    def freeze(self, frozen: Mapping[str, float]) -> None:
        """Let nothing grow beyond a moment (Unix seconds, by target) where nobody tells any more."""
        if frozen != self._frozen:
            self._frozen = dict(frozen)
            self.tick(self._time())
            self._tick_if_needed()

    def tick(self, now: float) -> None:
        """It is later: durations that grow are drawn again."""
        for part in self._growing():
            part.tick(now)

    def present(self) -> float:
        """What time it is, or was when somebody told last."""
        frozen_at = self._frozen_at()
        return self._clock.time() if frozen_at is None else frozen_at

    def _time(self) -> float:
        """The moment that is seen."""
        return self.present() if self._travel.moment is None else self._travel.moment

    def _frozen_at(self) -> float | None:
        return None if self._detail is None else self._frozen.get(self._detail.summary.key.target)

    def _tick_if_needed(self) -> None:
        if self._timer is None:
            return
        seen = self.detail is not None and self._frozen_at() is None and self._travel.moment is None
        (self._timer.resume if seen and any(part.ticks for part in self._growing()) else self._timer.pause)()
