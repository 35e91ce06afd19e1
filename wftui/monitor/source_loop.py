"""The loop that keeps the rows of one source fresh: connect, list, follow, fill in, back off."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.model.change import Removed, Updated
from wftui.monitor.events import Health, SourceChanged, SourceState, WorkflowsChanged
from wftui.monitor.heap import WORTH_IT, give_back
from wftui.monitor.loop import Loop
from wftui.monitor.rows import Rows
from wftui.sources.base import FIRST_PAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.change import Change
    from wftui.model.clock import Clock
    from wftui.model.workflow import Problem
    from wftui.monitor.events import Event
    from wftui.sources.base import Source

PAGE = 5_000
CHUNK = 200
# Rows that nobody sees are filled in so many at a time: each time costs a screen.
UNSEEN_CHUNK = 2_000
FIRST_BACKOFF = 1.0
LAST_BACKOFF = 30.0
# A look that takes long is followed by a pause of so many times its length, so that watching never costs a source
# more than a fifth of its time.
REST = 4.0
# However often a watch wakes us, looks are at least so many seconds apart.
SHORTEST_REST = 0.05


class SourceLoop(Loop):
    """Watches one source in a thread of its own. Data leaves it only as events.

    Args:
        source: What to watch.
        listen: Gets every event, from the loop's thread.
        clock: The clock.
        on_look: Called after every look with the ids that changed (None: any may have), for the detail loop.
    """

    def __init__(
        self,
        source: Source,
        listen: Callable[[Event], None],
        clock: Clock,
        on_look: Callable[[frozenset[str] | None], None],
    ) -> None:
        super().__init__(f"wftui-{source.info.target}")
        self._source = source
        self._listen = listen
        self._clock = clock
        self._on_look = on_look
        self._rows = Rows()
        self._paused = False
        self._woken = False
        self._forced = False
        self._shown: tuple[str, ...] = ()
        self._backoff = FIRST_BACKOFF
        self._cost = 0.0
        self._relist = True
        self._opened = False
        self._watching = False
        self._took_much = False
        actions = source.actions
        self._state = SourceState(
            source.info, Health.CONNECTING, actions is None, actions.kinds if actions else frozenset()
        )

    @property
    def state(self) -> SourceState:
        """The source's state, now."""
        return self._state

    def wake(self) -> None:
        """Something may have changed: look soon."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def refresh(self) -> None:
        """Look now, whatever the interval, the pause or the backoff."""
        with self._condition:
            self._forced = True
            self._condition.notify_all()

    def pause(self, paused: bool) -> None:
        """Stop looking, or look again."""
        with self._condition:
            self._paused = paused
            self._condition.notify_all()
        health = self._state.health
        if paused and health is Health.LIVE:
            self._tell(health=Health.PAUSED)
        elif not paused and health is Health.PAUSED:
            self._tell(health=Health.LIVE)

    def show_rows(self, ids: Sequence[str]) -> None:
        """These rows are visible: fill them in first."""
        with self._condition:
            self._shown = tuple(ids)
            self._condition.notify_all()

    def is_active(self, workflow_id: str) -> bool:
        """Whether the row of that id says that something may be working on it."""
        row = self._rows.get(workflow_id)
        return row is None or row.status.is_active

    # -- the thread ------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Look, rest, and look again, until told to stop."""
        while not self._stopped:
            try:
                self._look()
                self._backoff = FIRST_BACKOFF
                self._rest()
            except TargetError as error:
                self._went_down(str(error))
            except Exception as error:  # noqa: BLE001 - a defect of a source must not end the watching: it is shown
                self._went_down(f"internal error: {type(error).__name__}: {error}")

    def _look(self) -> None:
        if not self._opened:
            self._tell(health=Health.CONNECTING if not len(self._rows) else Health.DOWN)
            self._source.open()
            self._opened = True
            self._relist = True
        if not self._watching:
            self._watching = True
            self._source.watch(self.wake)
        if self._relist:
            self._list()
            self._relist = False
        self._follow()
        self._tell(health=Health.PAUSED if self._paused else Health.LIVE, error="", retry_at=None)
        self._fill_in()

    def _list(self) -> None:
        self._tell(health=Health.LISTING, error="", retry_at=None)
        self._rows.start_listing()
        cursor: str | None = None
        loaded = 0
        while not self._stopped:
            page = self._source.page(cursor, FIRST_PAGE if cursor is None else PAGE)
            loaded += len(page.workflows)
            self._emit(self._rows.list_page(page.workflows))
            # What came first may come again: no more than all is loaded.
            self._tell(loaded=loaded if page.total is None else min(loaded, page.total), total=page.total)
            self._fill_in_shown()
            cursor = page.next
            if cursor is None:
                self._emit(self._rows.end_listing())
                self._took_much = self._rows.incomplete >= WORTH_IT
                return

    def _follow(self) -> None:
        started = self._clock.monotonic()
        delta = self._source.changes()
        if delta.relist:
            self._list()
        changes = self._rows.apply(self._completed(delta.changes))
        changes += self._rows.apply(self._seen_at_work({change.key.id for change in changes}))
        self._emit(changes)
        self._cost = self._clock.monotonic() - started
        self._tell(as_of=self._clock.time(), problems=delta.problems, news=bool(changes))
        self._on_look(None if delta.relist else frozenset(change.key.id for change in changes))

    def _completed(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Changed rows with their times, so that a row on screen never loses them for a moment."""
        bare = [c.key.id for c in changes if isinstance(c, Updated) and not c.summary.complete]
        if not bare or len(bare) > CHUNK:
            return changes
        rows = {row.key.id: row for row in self._source.summaries(bare)}
        return [Updated(rows[c.key.id]) if not isinstance(c, Removed) and c.key.id in rows else c for c in changes]

    def _seen_at_work(self, apart_from: set[str]) -> Sequence[Change]:
        """What is on screen and may be worked on, read again; the source itself looks at such rows in turn only."""
        if self._source.info.is_costly or self._source.info.kind != "storage":
            return ()
        rows = ((i, self._rows.get(i)) for i in self._shown if i not in apart_from)
        ids = [i for i, row in rows if row is not None and row.complete and row.status.is_active]
        return [Updated(row) for row in self._source.summaries(ids)] if ids else ()

    def _fill_in(self) -> None:
        """Times and metadata for rows that lack them: visible ones first, between two looks."""
        until = self._clock.monotonic() + self._source.info.interval
        while self._rows.incomplete and not self._stopped:
            with self._condition:
                if self._woken or self._forced or self._paused or self._clock.monotonic() > until:
                    return
                shown = self._shown
            is_costly = self._source.info.is_costly
            ids = self._rows.next_incomplete(shown, CHUNK, only_first=True)
            if not ids and not is_costly:
                ids = self._rows.next_incomplete((), UNSEEN_CHUNK)
            if not ids:
                return
            rows = self._source.summaries(ids)
            changes: list[Change] = self._rows.apply(Updated(row) for row in rows)
            changes += self._rows.forget(set(ids) - {row.key.id for row in rows})
            self._emit(changes)
            self._tell()
            if self._took_much and not self._rows.incomplete:
                self._took_much = False
                give_back()

    def _fill_in_shown(self) -> None:
        """The same for those on screen alone: a listing goes on, and may take long."""
        ids = self._rows.next_incomplete(self._shown, CHUNK, only_first=True)
        if ids:
            self._emit(self._rows.apply(Updated(row) for row in self._source.summaries(ids)))

    def _went_down(self, why: str) -> None:
        self._opened = False
        # Many monitors that lost one store at once must not come back to it at once.
        pause = self._backoff * random.uniform(1.0, 1.5)  # noqa: S311 - guards nothing
        self._tell(health=Health.DOWN, error=why, retry_at=self._clock.time() + pause)
        self._on_look(None)
        with self._condition:
            # What the source's watch says while it is down is no reason to hurry.
            self._woken = False
            self._condition.wait_for(lambda: self._stopped or self._forced, pause)
            self._forced = False
        self._backoff = min(self._backoff * 2, LAST_BACKOFF)

    def _rest(self) -> None:
        """Wait for the next look: the interval, or less when woken; at once when forced."""
        shortest = max(SHORTEST_REST, REST * self._cost)
        until = self._clock.monotonic() + max(self._source.info.interval, shortest)
        with self._condition:
            self._condition.wait_for(self._must, shortest)
        while self._wait(until):
            self._fill_in()

    def _wait(self, until: float) -> bool:
        """Wait for the next look. Returns True when it is not yet due, but rows that came into view want reading."""
        with self._condition:
            longest = max(0.0, until - self._clock.monotonic())
            self._condition.wait_for(lambda: self._must() or self._woken, longest)
            self._condition.wait_for(lambda: self._must() or not self._paused)
            is_due = self._stopped or self._forced or self._woken or self._clock.monotonic() >= until
            if not is_due and self._source.info.is_costly and self._hungry():
                return True
            self._woken = self._forced = False
            return False

    def _must(self) -> bool:
        return self._stopped or self._forced or (not self._paused and self._hungry())

    def _hungry(self) -> bool:
        if self._source.info.is_costly:
            return bool(self._rows.next_incomplete(self._shown, 1, only_first=True))
        return self._rows.incomplete > 0

    # -- telling ---------------------------------------------------------------------------------------------

    def _emit(self, changes: Sequence[Change]) -> None:
        if changes and not self._stopped:
            self._listen(WorkflowsChanged(tuple(changes)))

    def _tell(
        self,
        *,
        health: Health | None = None,
        error: str | None = None,
        retry_at: float | None = None,
        as_of: float | None = None,
        problems: tuple[Problem, ...] | None = None,
        loaded: int | None = None,
        total: int | None = None,
        news: bool = False,
    ) -> None:
        """Note the new state; tell it with news, else when it differs in more than the look's time: idle is silent."""
        old = self._state
        actions = self._source.actions
        new = SourceState(
            info=self._source.info,
            health=health or old.health,
            read_only=actions is None,
            kinds=actions.kinds if actions else frozenset(),
            as_of=as_of if as_of is not None else old.as_of,
            error=old.error if error is None else error,
            retry_at=retry_at if health is Health.DOWN else (None if error == "" else old.retry_at),
            loaded=len(self._rows) if loaded is None else loaded,
            total=(total if total is not None else old.total) if loaded is not None else len(self._rows),
            enriched=len(self._rows) - self._rows.incomplete,
            problems=old.problems if problems is None else problems,
        )
        self._state = new
        if (news or replace(old, as_of=None) != replace(new, as_of=None)) and not self._stopped:
            self._listen(SourceChanged(new.info.target, new))
