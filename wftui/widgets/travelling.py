"""Time travel: the keys that step through what happened, play it, and lead back to the present."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.message import Message
from textual.widget import Widget

from wftui.present.keys import Place
from wftui.timeline.travel import LARGE, Travel
from wftui.widgets.bindings import bindings
from wftui.widgets.travel_strip import TravelStrip

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType
    from textual.timer import Timer

    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.timeline.journey import Journey

# The past is played in steps of so many seconds.
_PLAY = 0.25
# A large workflow is shown so often at most while a key is held, in seconds; the slider follows every key.
_PACE = 0.1
# What it takes to travel through a large workflow is worked out anew no sooner after news of it, in seconds.
_AGAIN = 5.0


class Travelling(Widget):
    """Holds a slider, and shows a workflow as it was at the moment where that stands."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.TRAVEL)

    @dataclass
    class Travelled(Message):
        """Another moment is shown: the workflow as it was then, or None for the present."""

        detail: WorkflowDetail | None

    @dataclass
    class Prepared(Message):
        """What it takes to travel was worked out; it comes from a thread, which keeps nothing of it."""

        journey: Journey

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._travel = Travel()
        self._player: Timer | None = None
        # What to do once it can be travelled, and through what.
        self._todo: list[tuple[WorkflowKey, Callable[[], None]]] = []
        self._preparing = False
        self._again: Timer | None = None
        self._pace: Timer | None = None
        self._late = False

    # -- what others tell ------------------------------------------------------------------------------------

    @property
    def moment(self) -> float | None:
        """The moment in the past that is shown (Unix seconds); None for the present."""
        return self._travel.moment

    @property
    def has_arrived(self) -> bool:
        """Whether the moment that was asked for is shown."""
        return not (self._todo or self._late)

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
        self._once_prepared(partial(self._step, by))

    def action_play(self) -> None:
        """Play what happened from here, or stop here."""
        if self._player is not None:
            self._stop()
            self.show_travel()
            return
        self._once_prepared(self._play)

    def action_now(self) -> None:
        """Back to the present."""
        self._stop()
        self._todo.clear()
        self._travel.leave()
        self._travelled()

    def on_travel_strip_chosen(self, message: TravelStrip.Chosen) -> None:
        """A moment was chosen on the slider."""
        message.stop()
        self._travel.go_to(message.moment, self.present())
        self._travelled()

    def _step(self, by: int) -> None:
        if self._travel.step(by, self.present()):
            self._travelled()
        else:
            self.notify("No times are known yet, so there is no past to go to", severity="warning", markup=False)

    def _play(self) -> None:
        if self._travel.at_end:
            self._travel.leave()  # from the start, then
        if self._travel.play(self.present()):
            self._player = self.set_interval(_PLAY, self._play_on)
            self._travelled()

    def _play_on(self) -> None:
        if not self._travel.play(self.present()):
            self._stop()
        self._travelled()

    def _stop(self) -> None:
        if self._player is not None:
            self._player.stop()
            self._player = None

    # -- showing it ------------------------------------------------------------------------------------------

    def _travelled(self) -> None:
        """Show what is to be seen by now; of a large workflow only so often that keys are answered in between."""
        if self._pace is not None:
            self._late = True
            self.show_travel()
            return
        begun = time.monotonic()
        self.take()
        self.refresh_bindings()
        detail = self._travel.detail
        if detail is not None and len(detail.tasks) > LARGE:
            # As long as it took there is time for keys.
            self._pace = self.set_timer(max(_PACE, time.monotonic() - begun), self._catch_up)

    def _catch_up(self) -> None:
        self._pace = None
        if self._late:
            self._late = False
            self._travelled()

    def show_travel(self) -> None:
        """The slider, while it is the past that is seen."""
        is_past = self._travel.moment is not None
        if not is_past:
            self._stop()
        elif self._travel.wanted is not None and self._again is None:
            self._again = self.set_timer(_AGAIN, self._prepare)
        self._todo = [one for one in self._todo if self._is_of(one[0])]
        self.set_class(is_past or bool(self._todo), "-travelling")
        strip = self.query_one(TravelStrip)
        strip.show(self._travel, self.present(), playing=self._player is not None)

    # -- working out what it takes ---------------------------------------------------------------------------

    def _once_prepared(self, go: Callable[[], None]) -> None:
        if self._travel.prepare(self.present()):
            go()
        else:
            detail = self._travel.detail
            if detail is not None:
                self._todo.append((detail.summary.key, go))
                self.show_travel()
                self._prepare()

    def _prepare(self) -> None:
        self._again = None
        wanted = self._travel.wanted
        if wanted is not None and not self._preparing:
            self._preparing = True
            self._work_journey_out(wanted, self.present(), self._travel.moment)

    # Described: Textual would write the whole workflow out as the description, at each look.
    @work(thread=True, group="journey", description="work the past out")
    def _work_journey_out(self, detail: WorkflowDetail, now: float, moment: float | None) -> None:
        from wftui.timeline.journey import journey_of

        self.post_message(self.Prepared(journey_of(detail, now, moment)))

    def on_travelling_prepared(self, message: Prepared) -> None:
        """Do what was waiting for it; of another workflow by now, work that one's out."""
        message.stop()
        self._preparing = False
        if not self._travel.arrived(message.journey):
            if self._todo:
                self._prepare()
            return
        todo, self._todo = self._todo, []
        for key, go in todo:
            if self._is_of(key):
                go()
        if not todo and self._travel.moment is not None:
            self._travelled()

    def _is_of(self, key: WorkflowKey) -> bool:
        detail = self._travel.detail
        return detail is not None and detail.summary.key == key
