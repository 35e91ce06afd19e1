"""What all dialogs share: a framed box in the middle, escape, and leaving at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import ModalScreen

from wftui.present.keys import Place
from wftui.widgets.bindings import binding_of, bindings

if TYPE_CHECKING:
    from textual.widget import Widget

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

    def leave_room(self, part: Widget, others: int) -> None:
        """Let a part that scrolls be as high as the rest leaves room for, so that the buttons are always seen.

        Args:
            part: What scrolls.
            others: Lines of everything else in the box.
        """
        frame = 4  # border and padding
        part.styles.max_height = max(2, int(self.size.height * 0.92) - frame - others)

    def action_close(self) -> None:
        """Close without doing anything."""
        self.dismiss(None)
