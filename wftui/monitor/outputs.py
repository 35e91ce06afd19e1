"""Follows what one task prints, in a thread of its own, no faster than it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.errors import NotFoundError, TargetError
from wftui.monitor.events import OutputRead
from wftui.monitor.loop import Loop
from wftui.sources.base import Printing

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.model.workflow import WorkflowKey
    from wftui.monitor.events import Event
    from wftui.sources.base import Source

FIRST = 1_000_000
"""Characters that are asked for at first."""
MOST = 65_536
"""Characters in one part after that: more than anybody reads in the time until the next."""
SOONEST, LATEST = 0.25, 1.0
"""Seconds from one part to the next: while there is news, and without any."""
RETRIES = (1.0, 2.0, 5.0, 10.0)
"""Seconds until the next try after an error; the last one stays."""


class OutputLoop(Loop):
    """Asks for what is new until the task has ended. Waits for `shown` after each part.

    Args:
        source: Where the task is.
        key: Its workflow.
        task_id: Which task.
        listen: Gets an `OutputRead` for each part and for each error.
    """

    def __init__(self, source: Source, key: WorkflowKey, task_id: str, listen: Callable[[Event], None]) -> None:
        super().__init__(f"wftui-output-{source.info.target}")
        self._source = source
        self._key = key
        self._task_id = task_id
        self._listen = listen
        self._position: str | None = None
        self._is_shown = True
        self._failures = 0

    def shown(self) -> None:
        """The last part is on screen: the next may come."""
        with self._condition:
            self._is_shown = True
            self._condition.notify_all()

    def run(self) -> None:
        """Ask, tell, wait."""
        pause = SOONEST
        while not self._stopped:
            event, again = self._read()
            if self._is_left():
                return
            with self._condition:
                self._is_shown = False
            self._listen(event)
            if not again:
                return
            if event.part is None:
                pause = RETRIES[min(self._failures, len(RETRIES)) - 1]
            else:
                pause = SOONEST if event.part.pieces else min(LATEST, pause * 2)
            with self._condition:
                self._condition.wait_for(lambda: self._stopped, pause)
                self._condition.wait_for(lambda: self._stopped or self._is_shown)

    def _is_left(self) -> bool:
        return self._stopped

    def _read(self) -> tuple[OutputRead, bool]:
        """The next part or error, and whether another may follow."""
        key, task_id = self._key, self._task_id
        if not isinstance(self._source, Printing):
            return OutputRead(key, task_id, None, "this source does not tell what tasks print"), False
        most = FIRST if self._position is None else MOST
        try:
            part = self._source.output(key.id, task_id, self._position, most=most, latest=True)
        except NotFoundError as missing:
            return OutputRead(key, task_id, None, str(missing)), False
        except TargetError as error:  # gone, or not there yet: either may change
            self._failures += 1
            return OutputRead(key, task_id, None, str(error), retries=True), True
        except Exception as defect:  # noqa: BLE001 - shown to the user, who asked for it
            return OutputRead(key, task_id, None, f"internal error: {type(defect).__name__}: {defect}"), False
        self._failures = 0
        self._position = part.position
        return OutputRead(key, task_id, part), part.is_open
