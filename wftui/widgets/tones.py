"""What a tone of `present` looks like: theme variables, so that every theme and NO_COLOR work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style as TextualStyle

if TYPE_CHECKING:
    from rich.style import Style
    from textual.widget import Widget

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


# What is laid under or beside toned text -> the same.
MARKS: dict[str, str] = {
    "mark": "bold $text-accent",
    "pointer": "bold $text-primary",
    "cursor": "on $block-cursor-blurred-background",
    "cursor-blurred": "on $surface-lighten-1",
    "marked": "on $accent-muted",
}

# One character that every terminal has.
WARNING = "!"


def toned(text: str, tone: str = "") -> Content:
    """Harmless text in a tone. No markup is read."""
    return Content.styled(text, STYLES[tone])


def status_content(status: Status, glyphs: Glyphs) -> Content:
    """Glyph and word."""
    return toned(f"{glyphs.status[status]} {status.value}", status.value.lower())


def style_upon(widget: Widget, *styles: str) -> Style:
    """Textual's styles, one upon the other, on what a widget looks like.

    As component classes would make it; but Textual works those out for every widget, whether it is seen or not, at the
    start and whenever one gets or loses a class: that was a quarter of the time to the first screen.
    """
    look = widget.visual_style
    for style in styles:
        look += TextualStyle.parse(style)
    found = look.rich_style
    return found if is_legible(found) else (look + TextualStyle.parse("$foreground")).rich_style


def is_legible(style: Style) -> bool:
    """Whether text differs from its ground: the terminal's own colours are few, and have no shades."""
    return style.color is None or style.color != style.bgcolor or style.color.is_default
