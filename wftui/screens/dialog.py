"""What all dialogs share: a framed box in the middle, escape, and leaving at once."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.screen import ModalScreen

from wftui.present.keys import Place
from wftui.widgets.bindings import binding_of, bindings

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], inherit_bindings=False):
    """A modal screen. Its content lies in a container with the class `box`."""

    BINDINGS: ClassVar = [
        *bindings(Place.DIALOG),
        *(binding_of(key) for key in ("app.interrupt", "app.next", "app.previous")),
    ]
    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > .box {
            width: 84; min-width: 16; max-width: 96%; height: auto; max-height: 92%;
            padding: 1 2;
        }
    }
    """

    def action_close(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)
