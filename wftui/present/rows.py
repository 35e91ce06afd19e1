"""The rows of the list, filtered and in order, kept so change by change. Pure.

A change costs a binary search and a shift of the list, not a sort: what arrives must never cost what is there.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from operator import attrgetter
from typing import TYPE_CHECKING

from wftui.model.change import Removed
from wftui.present.filters import NO_FILTER, haystack
from wftui.present.haystack import Haystack
from wftui.present.order import Sort, sort_key
from wftui.present.row_counts import RowCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wftui.model.change import Change
    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.present.filters import Filter
    from wftui.present.order import Order
    from wftui.present.workflow_cells import Choice

_KEY, _ID = attrgetter("key"), attrgetter("key.id")
# Up to so many changes are put in one by one; a bigger batch is appended and merged, which costs one pass.
ONE_BY_ONE = 200
# Changes of so many rows for each of this list are put into their places by one walk through the list.
WALK = 350
# So few rows are filtered one by one.
FEW = 1_000


class RowModel:
    """Rows by key, and those that the filter accepts, in order.

    Args:
        sort: The order at first.
    """

    def __init__(self, sort: Sort | None = None) -> None:
        self._sort = sort or Sort()
        self._order = sort_key(self._sort)
        self._filter = NO_FILTER
        self._accepts: Callable[[WorkflowSummary], bool] | None = None
        self._haystack: Haystack | None = None
        # By all of the key but the id, then by the id: tables of texts alone are smaller, and faster to look up.
        self._spaces: dict[tuple[str, str, str | None], dict[str, WorkflowSummary]] = {}
        self._all: list[WorkflowSummary] = []
        self._shown: list[WorkflowSummary] = self._all
        self._counted = RowCounts()
        self._kept: WorkflowKey | None = None

    # -- reading ---------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many rows the filter accepts."""
        return len(self._shown)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self._all)

    @property
    def sort(self) -> Sort:
        """The order."""
        return self._sort

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many rows have each status, the filtered ones included."""
        return self._counted.statuses

    @property
    def metadata_keys(self) -> tuple[str, ...]:
        """Keys of user metadata, the most common first."""
        return self._counted.metadata_keys

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the rows, by name."""
        return self._counted.namespaces

    @property
    def longest_id(self) -> int:
        """Characters of the longest name seen so far, or id where there is none, made harmless.

        It never shrinks, so that columns stay put.
        """
        return self._counted.longest_id

    def choice(self, metadata: tuple[str, ...] = (), *, several_sources: bool, show_secrets: bool = False) -> Choice:
        """Which columns these rows ask for.

        Args:
            metadata: Keys of user metadata that were chosen.
            several_sources: Whether rows come from more than one target.
            show_secrets: Show values that look like secrets.
        """
        return self._counted.choice(metadata, several_sources=several_sources, show_secrets=show_secrets)

    def get(self, key: WorkflowKey) -> WorkflowSummary | None:
        """The row of a key."""
        space = self._spaces.get(key[:3])
        return None if space is None else space.get(key.id)

    def at(self, index: int) -> WorkflowSummary:
        """The row at a place among those shown."""
        return self._shown[index]

    def keys(self, start: int, stop: int) -> tuple[WorkflowKey, ...]:
        """The keys of a range of those shown."""
        return tuple(row.key for row in self._shown[max(0, start) : stop])

    def rows(self) -> tuple[WorkflowSummary, ...]:
        """Those shown, in order."""
        return tuple(self._shown)

    def with_status(self, *statuses: Status) -> tuple[WorkflowKey, ...]:
        """All keys with one of these statuses, in order, whatever the filter."""
        return tuple(row.key for row in self._all if row.status in statuses)

    def index_of(self, key: WorkflowKey) -> int | None:
        """The place of a key among those shown; None when it is not."""
        row = self.get(key)
        return None if row is None else self._find(self._shown, row)

    # -- changing --------------------------------------------------------------------------------------------

    def sort_by(self, sort: Sort) -> None:
        """Take another order."""
        self._sort = sort
        self._order = sort_key(sort)
        self._all = self._in_order(self._every())
        self._haystack = None
        self._refilter()

    def filter_by(self, wanted: Filter) -> None:
        """Show what the filter accepts."""
        self._filter = wanted
        self._accepts = wanted.accepts
        self._kept = None
        self._refilter()

    def expect_filter(self) -> None:
        """Get ready for being filtered, so that the first key is as fast as the others."""
        if len(self._all) >= FEW:
            self._texts()

    def keep(self, key: WorkflowKey | None) -> bool:
        """Show this row whatever becomes of it until another is kept: somebody looks at it.

        Returns:
            Whether the row kept before goes, because the filter does not accept it any more.
        """
        before, self._kept = self._kept, key
        row = self.get(before) if before is not None and before != key else None
        if row is None or self._accepts is None or self._accepts(row):
            return False
        index = self._find(self._shown, row)
        if index is None:
            return False
        del self._shown[index]
        return True

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in what is new."""
        if self._accepts is None and len(changes) * WALK > len(self._all):
            changes = self._replace_many(changes)
        others: list[Change] = []
        moving: set[WorkflowKey] = set()
        for change in changes:
            # Most stay in their places: rows that are filled in, for one.
            if change.key in moving or isinstance(change, Removed) or not self._replace(change.summary):
                others.append(change)
                moving.add(change.key)
        if len(others) > ONE_BY_ONE:
            self._apply_batch(others)
            return
        if others:
            self._haystack = None
        for change in others:
            self._take_out(change.key)
            if not isinstance(change, Removed):
                self._put_in(change.summary)

    def _replace(self, row: WorkflowSummary) -> bool:
        """Put a row into the place of what was known of it; False where that is not its place."""
        known = self.get(row.key)
        if known is None or self._moves(known, row):
            return False
        index = self._find(self._all, known)
        if index is None:
            return False
        self._all[index] = row
        if self._accepts is not None:
            at = self._find(self._shown, known)
            is_shown = row.key == self._kept or self._accepts(row)
            if at is not None and is_shown:
                self._shown[at] = row
            elif at is not None:
                del self._shown[at]
            elif is_shown:
                insort(self._shown, row, key=self._place)
            if self._haystack is not None and haystack(row) != haystack(known):
                self._haystack = None
        self._counted.remove(known)
        self._note(row)
        return True

    def _replace_many(self, changes: Sequence[Change]) -> list[Change]:
        """Put rows into the places of what was known of them, all at once. Returns the changes that want another place.

        Looking for each place takes some twenty steps, all over the memory; a walk through all takes one a row.
        """
        others: list[Change] = []
        fresh: dict[int, WorkflowSummary] = {}
        seen: set[WorkflowKey] = set()
        for change in changes:
            known = self.get(change.key)
            # What comes again goes after what came first, whatever that was.
            again = change.key in seen
            seen.add(change.key)
            if again or known is None or isinstance(change, Removed) or self._moves(known, change.summary):
                others.append(change)
            else:
                fresh[id(known)] = row = change.summary
                if self._haystack is not None and haystack(row) != haystack(known):
                    self._haystack = None
                self._counted.remove(known)
                self._note(row)
        if fresh:
            self._all[:] = [fresh.get(id(row), row) for row in self._all]
        return others

    def _put_in(self, row: WorkflowSummary) -> None:
        self._note(row)
        insort(self._all, row, key=self._place)
        if self._accepts is not None and (row.key == self._kept or self._accepts(row)):
            insort(self._shown, row, key=self._place)

    def _take_out(self, key: WorkflowKey) -> None:
        row = self.get(key)
        if row is None:
            return
        for rows in (self._all, self._shown) if self._shown is not self._all else (self._all,):
            index = self._find(rows, row)
            if index is not None:
                del rows[index]
        self._counted.remove(row)
        del self._spaces[key[:3]][key.id]

    def _apply_batch(self, changes: Sequence[Change]) -> None:
        stale: set[int] = set()
        for change in changes:
            row = self.get(change.key)
            if row is not None:
                stale.add(id(row))
                self._counted.remove(row)
                if isinstance(change, Removed):
                    del self._spaces[change.key[:3]][change.key.id]
            if not isinstance(change, Removed):
                self._note(change.summary)
        kept = [row for row in self._all if id(row) not in stale] if stale else self._all
        # What came twice was noted twice, and is there once.
        kept.extend({id(row): row for change in changes if (row := self.get(change.key)) is not None}.values())
        self._all = self._in_order(kept)
        self._haystack = None
        self._refilter()

    def _refilter(self) -> None:
        accepts = self._accepts
        if accepts is None:
            self._shown = self._all
        else:
            self._shown = self._accepted(accepts)
            kept = self.get(self._kept) if self._kept is not None else None
            if kept is not None and not accepts(kept):
                insort(self._shown, kept, key=self._place)

    def _accepted(self, accepts: Callable[[WorkflowSummary], bool]) -> list[WorkflowSummary]:
        """What the filter accepts, in order."""
        rows, needle = self._all, self._filter.needle
        if not needle or len(rows) < FEW:
            return [row for row in rows if accepts(row)]
        found = self._texts().chosen(rows, needle, others=self._filter.excludes)
        return found if self._filter.decides else [row for row in found if accepts(row)]

    def _texts(self) -> Haystack:
        if self._haystack is None:
            self._haystack = Haystack(self._all)
        return self._haystack

    # -- places ----------------------------------------------------------------------------------------------

    def _every(self) -> list[WorkflowSummary]:
        return [row for space in self._spaces.values() for row in space.values()]

    def _place(self, row: WorkflowSummary) -> tuple[Order | float, str, WorkflowKey]:
        """What rows are in order of. The key settles every tie; it is made where it is asked for, not kept for all."""
        return (self._order(row), row.key.id, row.key)

    def _moves(self, known: WorkflowSummary, row: WorkflowSummary) -> bool:
        """Whether a row stands elsewhere than what was known of it."""
        return self._order(row) != self._order(known)

    def _find(self, rows: Sequence[WorkflowSummary], row: WorkflowSummary) -> int | None:
        """Where a row that is known stands among these; None when it does not."""
        index = bisect_left(rows, self._place(row), key=self._place)
        return index if index < len(rows) and rows[index].key == row.key else None

    def _in_order(self, rows: list[WorkflowSummary]) -> list[WorkflowSummary]:
        """By text, then by number: sorts that do not compare tuples."""
        if len(self._spaces) > 1:  # the same id may be in several
            rows.sort(key=_KEY)
        rows.sort(key=_ID)
        rows.sort(key=self._order)
        return rows

    def _note(self, row: WorkflowSummary) -> None:
        self._spaces.setdefault(row.key[:3], {})[row.key.id] = row
        self._counted.add(row)
