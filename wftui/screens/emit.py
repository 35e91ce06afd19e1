"""Asks which event to emit, and with which payload. What is typed is checked at every key; nothing is sent yet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static, TextArea

from wftui.errors import UsageError
from wftui.model.action import Given
from wftui.model.payload import checked_payload
from wftui.present.text import visible
from wftui.screens.dialog import Dialog
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wftui.model.action import ActionPlan

# Characters of a payload that are shown again.
SHOWN = 2_000


class EmitScreen(Dialog[Given]):
    """Name and payload of an event, the name that is waited for in front.

    Args:
        plan: Who waits, and for what.
    """

    DEFAULT_CSS = """
    EmitScreen {
        #who { height: auto; margin-bottom: 1; }
        Input { margin-bottom: 1; }
        #payload { height: 4; border: none; padding: 0; background: $surface; }
        #payload:focus { background: $block-cursor-blurred-background; }
        #sends { height: auto; margin: 1 0; }
        #buttons { height: auto; }
        #buttons Button { margin-right: 2; }
    }
    """

    def __init__(self, plan: ActionPlan) -> None:
        super().__init__()
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Who waits, the name, the payload, what of it is understood."""
        events = self._plan.events
        with Vertical(classes="box"):
            yield Static(classes="title", id="title")
            yield Static(self._who(), id="who")
            yield Static(toned("Event:"))
            yield Input(events[0] if events else "", placeholder="its name", id="event", compact=True)
            yield Static(toned("Payload, as JSON (nothing is null):"))
            yield TextArea("", id="payload", compact=True, soft_wrap=True, tab_behavior="focus")
            with VerticalScroll(id="sends", can_focus=False):
                yield Static(id="understood")
            with Horizontal(id="buttons"):
                yield Button("Go on", id="on", variant="primary")
                yield Button("Close", id="close")

    def on_mount(self) -> None:
        """The name is there already: what is missing is the payload."""
        self.query_one("#event", Input).cursor_blink = False
        payload = self.query_one("#payload", TextArea)
        payload.cursor_blink = False
        payload.focus()
        self._update()

    def on_resize(self) -> None:
        """There is more room, or less."""
        who = self.query_one("#who").size.height or 2
        self.leave_room(self.query_one("#sends"), 13 + who)

    def on_descendant_focus(self) -> None:
        """Say what the keys do where the focus is now."""
        at = self.focused.id if self.focused is not None else ""
        hint = {"on": "enter asks once more, with all that it does", "close": "enter leaves"}.get(
            at or "", "tab goes on"
        )
        title = [toned("Emit an event", "strong"), toned(f"   {hint}, escape leaves", "muted")]
        self.query_one("#title", Static).update(Content("").join(title))

    def on_input_changed(self) -> None:
        """Another name."""
        self._update()

    def on_input_submitted(self) -> None:
        """From the name to the payload."""
        self.query_one("#payload", TextArea).focus()

    def on_text_area_changed(self) -> None:
        """Another payload."""
        self._update()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Ask what it would do, or leave."""
        self.dismiss(self._given() if event.button.id == "on" else None)

    # -- inside ----------------------------------------------------------------------------------------------

    def _given(self) -> Given:
        text = self.query_one("#payload", TextArea).text.strip()
        return Given(event=self.query_one("#event", Input).value, payload=text or "null")

    def _who(self) -> Content:
        events = ", ".join(map(visible, self._plan.events))
        return toned(f"{visible(self._plan.name)} ({visible(self._plan.key.id)}) waits for {events}", "muted")

    def _update(self) -> None:
        understood, trouble = self._understood()
        tone = "warning" if trouble else "muted"
        self.query_one("#understood", Static).update(toned(f"{WARNING} {trouble}" if trouble else understood, tone))
        self.query_one("#on", Button).disabled = bool(trouble)

    def _understood(self) -> tuple[str, str]:
        """What would be sent, and what is wrong with it; one of them is ""."""
        given = self._given()
        if not given.event.strip():
            return "", "the event has no name"
        try:
            value = checked_payload(given.payload)
        except UsageError as error:
            return "", visible(str(error))
        text = json.dumps(value, ensure_ascii=False)
        size = f" {len(text):,} characters, as" if len(text) > SHOWN else ""
        other = "" if given.event in self._plan.events else f"{WARNING} it does not wait for an event of that name\n"
        return f"{other}sends {visible(given.event)} with{size} {visible(text[:SHOWN])}", ""
