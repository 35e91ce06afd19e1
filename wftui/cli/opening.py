"""Opens sources before the app starts, so that a bad target is one line and an exit code."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.sources.base import Source


class Opening:
    """Opens each source in a thread of its own. Daemons: a target that never answers cannot hold an interrupt.

    Args:
        sources: Which to open.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = list(sources)
        self._errors: list[BaseException | None] = [None for _ in sources]
        self._threads = [
            threading.Thread(target=self._open, args=(at,), name="wftui-open", daemon=True)
            for at in range(len(self._sources))
        ]
        for thread in self._threads:
            thread.start()

    def opened(self) -> list[Source]:
        """Wait for all of them. The monitor's first `open` of what this returns does nothing.

        Raises:
            TargetError: One cannot be reached or read: the first of them in order.
        """
        for thread in self._threads:
            thread.join()
        for error in self._errors:
            if error is not None:
                raise error
        return [cast("Source", OpenedSource(source)) for source in self._sources]

    def _open(self, at: int) -> None:
        try:
            self._sources[at].open()
        except BaseException as error:  # noqa: BLE001 - raised again by `opened`, in the main thread
            self._errors[at] = error


class OpenedSource:
    """A source that is open already: the first `open` is done, later ones, after an error, are the source's own."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._fresh = True

    def open(self) -> None:
        """Connect again, but for the first time."""
        if self._fresh:
            self._fresh = False
            return
        self._source.open()

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)
