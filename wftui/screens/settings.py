"""What the whole app goes by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.model.clock import Clock
    from wftui.present.glyphs import Glyphs


@dataclass(frozen=True, slots=True)
class Settings:
    """What the whole app goes by.

    Attributes:
        clock: The clock.
        glyphs: The characters to draw with.
        read_only: Offer nothing that writes.
        show_secrets: Show values that look like secrets.
    """

    clock: Clock
    glyphs: Glyphs
    read_only: bool = False
    show_secrets: bool = False
