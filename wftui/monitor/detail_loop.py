"""The loop that keeps the open workflows of one source fresh."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.errors import NotFoundError, TargetError
from wftui.monitor.events import DetailChanged
from wftui.monitor.loop import Loop
from wftui.sources.base import Gradual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.monitor.audit import AuditFile
    from wftui.monitor.events import Event
    from wftui.sources.base import Source

# As for rows: reading an open workflow takes at most a fifth of the time.
REST = 4.0


class DetailLoop(Loop):
    """Reads open workflows in a thread of its own, so that opening one never waits for a listing."""

    def __init__(
        self,
        source: Source,
        listen: Callable[[Event], None],
        clock: Clock,
        is_active: Callable[[str], bool],
        audit: AuditFile | None = None,
    ) -> None:
        super().__init__(f"wftui-detail-{source.info.target}")
        self._source = source
        self._listen = listen
        self._clock = clock
        self._is_active = is_active
        self._audit = audit
        self._due: dict[WorkflowKey, None] = {}
        self._open: dict[WorkflowKey, DetailChanged | None] = {}
        self._not_before: dict[WorkflowKey, float] = {}
        self._shown: dict[WorkflowKey, tuple[str, ...]] = {}
        self._only_shown: set[WorkflowKey] = set()

    def open(self, key: WorkflowKey) -> None:
        """Read that workflow now, and again whenever it may have changed."""
        with self._condition:
            self._open[key] = None
            self._due[key] = None
            self._not_before.pop(key, None)
            self._attend()
            self._condition.notify_all()

    def close(self, key: WorkflowKey) -> None:
        """Nobody looks at it any more."""
        with self._condition:
            self._open.pop(key, None)
            self._due.pop(key, None)
            self._not_before.pop(key, None)
            self._shown.pop(key, None)
            self._only_shown.discard(key)
            self._attend()

    def show_tasks(self, key: WorkflowKey, ids: Sequence[str]) -> None:
        """These tasks of an open workflow are on screen: a source that reads in steps reads them first."""
        with self._condition:
            if key not in self._open or self._shown.get(key) == tuple(ids):
                return
            self._shown[key] = tuple(ids)
            if isinstance(self._source, Gradual) and key not in self._due:
                self._due[key] = None
                self._only_shown.add(key)
                self._not_before.pop(key, None)
                self._condition.notify_all()

    def looked(self, changed: frozenset[str] | None) -> None:
        """The rows were looked at: read again what changed, what may be worked on, what could not be read."""
        with self._condition:
            for key, last in self._open.items():
                failed = last is not None and last.detail is None and not last.gone
                if failed or changed is None or key.id in changed or self._is_active(key.id):
                    self._due[key] = None
                    self._only_shown.discard(key)
            self._condition.notify_all()

    def _attend(self) -> None:
        self._source.attend(frozenset(key.id for key in self._open))

    # -- the thread ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Read what is due, until told to stop."""
        while True:
            with self._condition:
                key = self._next()
                while key is None and not self._stopped:
                    self._condition.wait(self._until_next())
                    key = self._next()
                if self._stopped:
                    return
            if key is not None:
                self._read(key)

    def _next(self) -> WorkflowKey | None:
        now = self._clock.monotonic()
        for key in self._due:
            if self._not_before.get(key, now) <= now:
                del self._due[key]
                return key
        return None

    def _until_next(self) -> float | None:
        """Seconds until something is due; None where nothing is."""
        now = self._clock.monotonic()
        waits = [self._not_before.get(key, now) - now for key in self._due]
        return max(0.0, min(waits)) if waits else None

    def _read(self, key: WorkflowKey) -> None:
        started = self._clock.monotonic()
        try:
            for detail in self._steps(key):
                if self._audit is not None:
                    detail = replace(detail, deeds=self._audit.about(detail))
                if not self._told(key, started, detail):
                    return  # nobody waits for the rest any more
        except NotFoundError as missing:
            self._told(key, started, None, str(missing), gone=True)
        except TargetError as down:
            self._told(key, started, None, str(down))
        except Exception as defect:  # noqa: BLE001 - a defect of a source must not end the watching: it is shown
            self._told(key, started, None, f"internal error: {type(defect).__name__}: {defect}")

    def _steps(self, key: WorkflowKey) -> Iterator[WorkflowDetail]:
        if not isinstance(self._source, Gradual):
            yield self._source.detail(key.id)
            return
        with self._condition:
            again = key in self._only_shown
            self._only_shown.discard(key)
        yield from self._source.detail_steps(key.id, lambda: self._shown.get(key), again=again)

    def _told(
        self, key: WorkflowKey, started: float, detail: WorkflowDetail | None, error: str = "", *, gone: bool = False
    ) -> bool:
        """Tell what was read, unless it is what was told before. Returns whether anyone still looks."""
        now = self._clock.monotonic()
        with self._condition:
            if key not in self._open or self._stopped:
                return False
            last = self._open[key]
            self._not_before[key] = now + REST * (now - started)
            if last is not None and (last.detail, last.error, last.gone) == (detail, error, gone):
                return True
            event = self._open[key] = DetailChanged(key, detail, error, gone, self._clock.time())
        self._listen(event)
        return True
