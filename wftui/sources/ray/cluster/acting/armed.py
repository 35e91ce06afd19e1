"""Cancels that wait for their queued workflow to turn RUNNING."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BETWEEN = 0.3
"""Seconds between two tries; a workflow that runs for less may end before it is cancelled."""


class ArmedCancels:
    """Tries again and again, in a thread that lives only while something is armed.

    Args:
        fire: Tries to cancel that workflow; returns whether there is nothing left to wait for.
        changed: Called when one was armed, taken back or done with.
    """

    def __init__(self, fire: Callable[[str], bool], changed: Callable[[str], None]) -> None:
        self._fire = fire
        self._changed = changed
        self._condition = threading.Condition()
        self._firing = threading.Lock()
        self._ids: dict[str, None] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def __contains__(self, workflow_id: str) -> bool:
        return workflow_id in self._ids

    def arm(self, workflow_id: str) -> None:
        """Wait for that workflow."""
        with self._condition:
            if self._closed:
                return
            self._ids[workflow_id] = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wftui-armed", daemon=True)
                self._thread.start()
        self._changed(workflow_id)

    def disarm(self, workflow_id: str) -> bool:
        """Do not wait any longer. Returns whether it was armed, and so was not fired: a try under way comes first."""
        with self._firing:
            return self._drop(workflow_id)

    def _drop(self, workflow_id: str) -> bool:
        with self._condition:
            was_armed = self._ids.pop(workflow_id, _ABSENT) is not _ABSENT
            self._condition.notify_all()
        if was_armed:
            self._changed(workflow_id)
        return was_armed

    def close(self) -> None:
        """Forget all."""
        with self._condition:
            self._closed = True
            self._ids.clear()
            self._condition.notify_all()

    def _run(self) -> None:
        while True:
            with self._condition:
                if not self._ids:
                    self._thread = None
                    return
                ids = list(self._ids)
            for workflow_id in ids:
                with self._firing:
                    if workflow_id in self._ids and self._fire(workflow_id):
                        self._drop(workflow_id)
            with self._condition:
                if self._ids:
                    self._condition.wait(BETWEEN)


_ABSENT = object()
