"""Time travel: the keys that step through what happened, play it, and lead back to the present."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.widget import Widget

from wftui.present.keys import Place
from wftui.timeline.travel import Travel
from wftui.widgets.bindings import bindings
from wftui.widgets.travel_strip import TravelStrip

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.timer import Timer

# The past is played in steps of so many seconds; of large workflows in longer ones, because each is worked out anew.
_PLAY, _PLAY_LARGE, _LARGE = 0.25, 1.0, 2_000


class Travelling(Widget):
    """Holds a slider, and shows a workflow as it was at the moment where that stands."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.TRAVEL)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._travel = Travel()
        self._player: Timer | None = None

    # -- what others tell ------------------------------------------------------------------------------------

    @property
    def moment(self) -> float | None:
        """The moment in the past that is shown (Unix seconds); None for the present."""
        return self._travel.moment

    @property
    def is_shown(self) -> bool:
        """Whether there is a workflow to travel through."""
        raise NotImplementedError

    def present(self) -> float:
        """What time it is, in Unix seconds."""
        raise NotImplementedError

    def take(self) -> None:
        """Show what is to be seen by now: the present, or the moment one has travelled to."""
        raise NotImplementedError

    # -- keys ------------------------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Escape leads back to the present from anywhere else; there must be something to travel through."""
        if action == "now":
            return self._travel.moment is not None
        return action not in ("step", "play") or self.is_shown

    def action_step(self, by: int) -> None:
        """To another event."""
        self._stop()
        if not self._travel.step(by, self.present()):
            self.notify("No times are known yet, so there is no past to go to", severity="warning", markup=False)
            return
        self._travelled()

    def action_play(self) -> None:
        """Play what happened from here, or stop here."""
        if self._player is not None:
            self._stop()
            self.show_travel()
            return
        if self._travel.at_end:
            self._travel.leave()  # from the start, then
        if self._travel.play(self.present()):
            large = self._travel.detail is not None and len(self._travel.detail.tasks) > _LARGE
            self._player = self.set_interval(_PLAY_LARGE if large else _PLAY, self._play_on)
            self._travelled()

    def action_now(self) -> None:
        """Back to the present."""
        self._stop()
        self._travel.leave()
        self._travelled()

    def on_travel_strip_chosen(self, message: TravelStrip.Chosen) -> None:
        """A moment was chosen on the slider."""
        message.stop()
        self._travel.go_to(message.moment, self.present())
        self._travelled()

    def _play_on(self) -> None:
        if not self._travel.play(self.present()):
            self._stop()
        self._travelled()

    def _stop(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None

    def _travelled(self) -> None:
        self.take()
        self.refresh_bindings()

    def show_travel(self) -> None:
        """The slider, while it is the past that is seen."""
        if self._travel.moment is None:
            self._stop()
        self.set_class(self._travel.moment is not None, "-travelling")
        self.query_one(TravelStrip).show(self._travel, self.present(), playing=self._player is not None)
