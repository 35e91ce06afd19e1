"""A storage that an observer in the cluster reads for us."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from wftui.errors import TargetError
from wftui.sources.base import SourceInfo
from wftui.sources.ray.cluster.answers import DriverRaised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.model.change import Delta, Page
    from wftui.model.values import TaskValues
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary
    from wftui.sources.base import Actions
    from wftui.sources.ray.cluster.observer.observed import Observed
    from wftui.sources.ray.cluster.observer.observers import Observers

_PAGE = 2_000
"""Rows of a page at most."""
_ROWS = 500
"""Complete rows in one answer."""
_VALUES = 8
"""Tasks in one answer whose values are asked for."""
_KEPT = 4
"""Workflows whose whole is kept here, so that it comes again only when it is another one."""


class ObservedStorage:
    """Asks the observer what a source over the storage would read.

    Args:
        target: What it is called in keys.
        observers: Who is asked.
        observed: What they tell by themselves.
        is_costly: Whether requests to it cost.
    """

    def __init__(self, target: str, observers: Observers, observed: Observed, *, is_costly: bool = False) -> None:
        self._target = target
        self._observers = observers
        self._observed = observed
        self._is_costly = is_costly
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[bytes, WorkflowDetail]] = {}

    @property
    def info(self) -> SourceInfo:
        """What this is, now."""
        watches = self._observed.watches
        return SourceInfo(self._target, "ray", "storage", 1.0, watches=watches, is_costly=self._is_costly)

    @property
    def actions(self) -> Actions | None:
        """None: the cluster must write this, not we."""
        return None

    def open(self) -> None:
        """Nothing is to be done: the observer opened it."""

    def close(self) -> None:
        """Nothing is held here."""

    def page(self, cursor: str | None, limit: int) -> Page:
        """Rows out of the index alone."""
        number, page = self._ask("page", cursor, min(limit, _PAGE))
        if cursor is None:
            self._observed.listed(number)
        return cast("Page", page)

    def changes(self) -> Delta:
        """What came by itself; asked for where nothing does."""
        if not self._observed.is_followed:
            self._observed.freshen(storage=True)
        return self._observed.take()

    def summaries(self, ids: Sequence[str]) -> tuple[WorkflowSummary, ...]:
        """Complete rows."""
        rows: list[WorkflowSummary] = []
        for start in range(0, len(ids), _ROWS):
            _, part = self._ask("summaries", tuple(ids[start : start + _ROWS]))
            rows += cast("tuple[WorkflowSummary, ...]", part)
        return tuple(rows)

    def detail(self, workflow_id: str) -> WorkflowDetail:
        """The whole of one workflow; what did not change since it was asked for last does not come again."""
        with self._lock:
            digest, kept = self._kept.pop(workflow_id, (b"", None))
        _, answer = self._ask("detail", workflow_id, digest)
        digest, detail = cast("tuple[bytes, WorkflowDetail | None]", answer)
        whole = detail if detail is not None else cast("WorkflowDetail", kept)
        with self._lock:
            self._kept[workflow_id] = (digest, whole)
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
        return whole

    def values(self, workflow_id: str, task_ids: Sequence[str]) -> Iterator[tuple[str, TaskValues]]:
        """What these tasks were given and gave back."""
        for start in range(0, len(task_ids), _VALUES):
            _, part = self._ask("values", workflow_id, tuple(task_ids[start : start + _VALUES]))
            yield from cast("list[tuple[str, TaskValues]]", part)

    def attend(self, ids: frozenset[str]) -> None:
        """These workflows are open."""
        self._observed.attend(ids)

    def watch(self, wake: Callable[[], None]) -> None:
        """Nothing: what is observed is followed as a whole."""

    def _ask(self, method: str, *arguments: object) -> tuple[int, object]:
        try:
            return cast("tuple[int, object]", self._observers.ask("storage", method, *arguments))
        except DriverRaised as raised:
            raise TargetError(f"the observer in the cluster cannot read the storage: {raised}") from None
