"""Every key that works where the help was asked for, made from the active bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from wftui.present.keys import KEYS, Place
from wftui.screens.dialog import Dialog
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from textual.app import App, ComposeResult
    from textual.binding import ActiveBinding, Binding

_FILTER_HELP = (
    ("text", "id, name, error or note hold it"),
    ("status:failed,running", "one of these statuses"),
    ("owner=ada", "user metadata; * stands for anything"),
    ("-term  !term", "not so"),
)


class HelpScreen(Dialog[None]):
    """The keys by place, with what they do.

    Args:
        active: The bindings that were active where help was asked for.
    """

    DEFAULT_CSS = """
    HelpScreen {
        #keys { height: auto; max-height: 1fr; margin-top: 1; }
    }
    """

    def __init__(self, active: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._active = [found.binding for found in active.values() if found.enabled]

    def compose(self) -> ComposeResult:
        """Title and keys."""
        with Vertical(classes="box"):
            yield Static(toned("Keys", "strong"), classes="title")
            with VerticalScroll(id="keys"):
                yield Static(help_text(self.app, self._active))

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one("#keys").focus()


def help_text(app: App[object], active: Iterable[Binding]) -> Content:
    """The help on these bindings: by place, one line for each id, all its keys in front."""
    keys: dict[str, list[str]] = {}
    described: dict[str, Binding] = {}
    for binding in active:
        if binding.id is not None and binding.tooltip:
            keys.setdefault(binding.id, []).append(app.get_key_display(binding))
            described[binding.id] = binding
    places = {key.id: key.place for key in KEYS}
    groups: dict[Place | None, list[str]] = {}
    for found in described:
        groups.setdefault(places.get(found), []).append(found)
    wide = max((len(" ".join(shown)) for shown in keys.values()), default=0) + 3
    lines: list[Content] = []
    for place in (*reversed(Place), None):
        if place not in groups:
            continue
        lines += [Content("")] if lines else []
        lines.append(toned(place.value if place else "Here", "muted"))
        for found in groups[place]:
            shown = " ".join(keys[found]).ljust(wide)
            lines.append(Content("").join([toned(f"  {shown}", "running"), toned(described[found].tooltip)]))
    wide = max(wide, 24)
    lines += [Content(""), toned("What the filter understands", "muted")]
    lines += [Content("").join([toned(f"  {term.ljust(wide)}", "running"), toned(what)]) for term, what in _FILTER_HELP]
    return Content("\n").join(lines)
