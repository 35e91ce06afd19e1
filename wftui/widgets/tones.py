"""What a tone of `present` looks like: theme variables, so that every theme and NO_COLOR work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from wftui.model.status import Status
    from wftui.present.glyphs import Glyphs

# Tone -> style of Textual's content. Status tones are the status words in lower case.
STYLES: dict[str, str] = {
    "": "$foreground",
    "failed": "bold $text-error",
    "error": "$text-error",
    "running": "$text-primary",
    "waiting": "$text-accent",
    "ready": "$text-primary",
    "pending": "$foreground-muted",
    "resumable": "$text-warning",
    "canceled": "$foreground-muted",
    "unknown": "$text-warning",
    "successful": "$text-success",
    "quiet": "$success 45%",
    "muted": "$foreground-muted",
    "faint": "$foreground-disabled",
    "strong": "bold $foreground",
    "warning": "$text-warning",
}


# One character that every terminal has.
WARNING = "!"


def toned(text: str, tone: str = "") -> Content:
    """Harmless text in a tone. No markup is read."""
    return Content.styled(text, STYLES[tone])


def status_content(status: Status, glyphs: Glyphs) -> Content:
    """Glyph and word."""
    return toned(f"{glyphs.status[status]} {status.value}", status.value.lower())
