"""A loop in a thread of its own, that sleeps on a condition and can be told to end."""

from __future__ import annotations

import threading


class Loop:
    """What the loops of a source have in common.

    A subclass overrides `run`, which ends soon after `_stopped` is set; `_condition` guards what other threads change.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._condition = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self.run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Tell the loop to end; see `join`."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def join(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for the end."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def run(self) -> None:
        """What the thread does."""
        raise NotImplementedError
