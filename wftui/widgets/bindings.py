"""Textual bindings made from the one table of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from wftui.present.keys import KEYS, of

if TYPE_CHECKING:
    from textual.binding import BindingType

    from wftui.present.keys import Key, Place


def binding(key: Key) -> Binding:
    """The binding of one line of the table."""
    return Binding(
        key.keys,
        key.action,
        key.label,
        show=key.shown,
        priority=key.priority,
        tooltip=key.tooltip,
        id=key.id,
    )


def bindings(place: Place) -> list[BindingType]:
    """All bindings of a place."""
    return [binding(key) for key in of(place)]


def binding_of(key_id: str) -> Binding:
    """The binding of that id, for what borrows a key of another place, as dialogs do."""
    return next(binding(key) for key in KEYS if key.id == key_id)
