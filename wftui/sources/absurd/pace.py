"""How often a database is looked at: often while something moves and somebody is there, else more rarely."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wftui.sources.base import SourceOptions

INTERVAL = 1.0
"""Seconds between two looks."""
QUIET = ((30, 2.0), (120, 5.0))
"""After so many looks without news, so many seconds. (After a slow look the monitor rests longer by itself.)"""


class Pace:
    """The interval of one database. What the user chose stays as it is.

    Args:
        options: How the target was opened.
    """

    def __init__(self, options: SourceOptions) -> None:
        chosen = options.interval if options.interval is not None else options.poll
        self._chosen = chosen or None
        self._quiet = 0

    @property
    def interval(self) -> float:
        """Seconds to the next look."""
        if self._chosen is not None:
            return self._chosen
        return next((seconds for looks, seconds in reversed(QUIET) if self._quiet >= looks), INTERVAL)

    def looked(self, changes: int) -> None:
        """A look told so many changes."""
        self._quiet = 0 if changes else self._quiet + 1

    def hurry(self) -> bool:
        """Somebody is there. Returns whether the interval was longer than the shortest."""
        was_long = self.interval > INTERVAL and self._chosen is None
        self._quiet = 0
        return was_long
