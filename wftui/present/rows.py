"""The rows of the list, filtered and in order, kept so change by change. Pure.

A change costs a binary search and a shift of the list, not a sort: what arrives must never cost what is there.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

from wftui.model.change import Removed
from wftui.present.columns import EXTRAS, Choice
from wftui.present.filters import NO_FILTER
from wftui.present.haystack import Haystack
from wftui.present.naming import title
from wftui.present.order import Sort, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wftui.model.change import Change
    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowKey, WorkflowSummary
    from wftui.present.filters import Filter
    from wftui.present.order import Order

# (order of the sort column, id, key, row): the key settles every tie, so that two rows are never compared.
_Entry = tuple["Order | float", str, "WorkflowKey", "WorkflowSummary"]
# Up to so many changes are put in one by one; a bigger batch is appended and merged, which costs one pass.
ONE_BY_ONE = 200
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
        self._rows: dict[WorkflowKey, WorkflowSummary] = {}
        self._all: list[_Entry] = []
        self._shown: list[_Entry] = self._all
        self._counts: Counter[Status] = Counter()
        self._metadata: Counter[str] = Counter()
        self._longest_id = 0
        self._names = 0
        self._namespaces: Counter[str] = Counter()
        self._engines: set[str] = set()
        self._kept: WorkflowKey | None = None

    # -- reading ---------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """How many rows the filter accepts."""
        return len(self._shown)

    @property
    def total(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def sort(self) -> Sort:
        """The order."""
        return self._sort

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many rows have each status, the filtered ones included."""
        return {status: count for status, count in self._counts.items() if count}

    @property
    def metadata_keys(self) -> tuple[str, ...]:
        """Keys of user metadata, the most common first."""
        found = (key for key, count in self._metadata.items() if count)
        return tuple(sorted(found, key=lambda key: (-self._metadata[key], key)))

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the rows, by name."""
        return tuple(sorted(name for name, count in self._namespaces.items() if count))

    @property
    def longest_id(self) -> int:
        """Characters of the longest name seen so far, or id where there is none, made harmless.

        It never shrinks, so that columns stay put.
        """
        return self._longest_id

    def choice(self, metadata: tuple[str, ...] = (), *, several_sources: bool, show_secrets: bool = False) -> Choice:
        """Which columns these rows ask for.

        Args:
            metadata: Keys of user metadata that were chosen.
            several_sources: Whether rows come from more than one target.
            show_secrets: Show values that look like secrets.
        """
        return Choice(
            metadata,
            several_sources,
            self._names > 0,
            self._longest_id,
            show_secrets,
            bool(self._namespaces),
            len(self._engines) > 1,
            tuple(key for key in EXTRAS if self._metadata[key]) if self._names else (),
        )

    def get(self, key: WorkflowKey) -> WorkflowSummary | None:
        """The row of a key."""
        return self._rows.get(key)

    def at(self, index: int) -> WorkflowSummary:
        """The row at a place among those shown."""
        return self._shown[index][3]

    def keys(self, start: int, stop: int) -> tuple[WorkflowKey, ...]:
        """The keys of a range of those shown."""
        return tuple(entry[2] for entry in self._shown[max(0, start) : stop])

    def rows(self) -> tuple[WorkflowSummary, ...]:
        """Those shown, in order."""
        return tuple(entry[3] for entry in self._shown)

    def with_status(self, *statuses: Status) -> tuple[WorkflowKey, ...]:
        """All keys with one of these statuses, in order, whatever the filter."""
        return tuple(entry[2] for entry in self._all if entry[3].status in statuses)

    def index_of(self, key: WorkflowKey) -> int | None:
        """The place of a key among those shown; None when it is not."""
        row = self._rows.get(key)
        if row is None:
            return None
        entry = self._entry(row)
        index = bisect_left(self._shown, entry)
        return index if index < len(self._shown) and self._shown[index] == entry else None

    # -- changing --------------------------------------------------------------------------------------------

    def sort_by(self, sort: Sort) -> None:
        """Take another order."""
        self._sort = sort
        self._order = sort_key(sort)
        # By text, then by number: two sorts that compare neither tuples nor rows. What they leave in disorder are ids
        # that are in several targets.
        order = self._order
        self._all = [(order(row), key.id, key, row) for key, row in self._rows.items()]
        self._all.sort(key=itemgetter(1))
        self._all.sort(key=itemgetter(0))
        self._all.sort()
        self._haystack = None
        self._refilter()

    def filter_by(self, wanted: Filter) -> None:
        """Show what the filter accepts."""
        self._filter = wanted
        self._accepts = wanted.accepts
        self._kept = None
        self._refilter()

    def keep(self, key: WorkflowKey | None) -> bool:
        """Show this row whatever becomes of it until another is kept: somebody looks at it.

        Returns:
            Whether the row kept before goes, because the filter does not accept it any more.
        """
        before, self._kept = self._kept, key
        if before is None or before == key or self._accepts is None or before not in self._rows:
            return False
        index = self.index_of(before)
        if index is None or self._accepts(self._rows[before]):
            return False
        del self._shown[index]
        return True

    def apply(self, changes: Sequence[Change]) -> None:
        """Take in what is new."""
        if len(changes) > ONE_BY_ONE:
            self._apply_batch(changes)
            return
        self._haystack = None
        for change in changes:
            if not isinstance(change, Removed) and self._replace(change.summary):
                continue
            self._take_out(change.key)
            if not isinstance(change, Removed):
                self._put_in(change.summary)

    def _replace(self, row: WorkflowSummary) -> bool:
        """Put a row into the place of what was known of it; False where that is not its place, or a filter decides."""
        known = self._rows.get(row.key)
        if known is None or self._accepts is not None:
            return False
        entry = self._entry(known)
        if self._order(row) != entry[0]:
            return False
        index = bisect_left(self._all, entry)
        self._forget(known.key)
        self._all[index] = self._note(row)
        return True

    def _put_in(self, row: WorkflowSummary) -> None:
        entry = self._note(row)
        insort(self._all, entry)
        if self._accepts is not None and (row.key == self._kept or self._accepts(row)):
            insort(self._shown, entry)

    def _take_out(self, key: WorkflowKey) -> None:
        row = self._rows.get(key)
        if row is None:
            return
        entry = self._entry(row)
        for entries in (self._all, self._shown) if self._shown is not self._all else (self._all,):
            index = bisect_left(entries, entry)
            if index < len(entries) and entries[index] == entry:
                del entries[index]
        self._forget(key)

    def _apply_batch(self, changes: Sequence[Change]) -> None:
        stale = set()
        for change in changes:
            if change.key in self._rows:
                stale.add(change.key)
                self._forget(change.key)
            if not isinstance(change, Removed):
                self._note(change.summary)
        kept = [entry for entry in self._all if entry[2] not in stale] if stale else self._all
        touched = {change.key for change in changes}
        kept.extend(self._entry(self._rows[key]) for key in touched if key in self._rows)
        kept.sort()
        self._all = kept
        self._haystack = None
        self._refilter()

    def _refilter(self) -> None:
        accepts = self._accepts
        if accepts is None:
            self._shown = self._all
        else:
            self._shown = [entry for entry in self._candidates() if accepts(entry[3])]
            kept = self._rows.get(self._kept) if self._kept is not None else None
            if kept is not None and not accepts(kept):
                insort(self._shown, self._entry(kept))

    def _candidates(self) -> Iterable[_Entry]:
        """In order, all that the filter may accept."""
        needle = self._filter.needle
        if not needle or len(self._all) < FEW:
            return self._all
        if self._haystack is None:
            self._haystack = Haystack([entry[3] for entry in self._all])
        return [self._all[at] for at in self._haystack.find(needle)]

    def _entry(self, row: WorkflowSummary) -> _Entry:
        return (self._order(row), row.key.id, row.key, row)

    def _note(self, row: WorkflowSummary) -> _Entry:
        entry = self._entry(row)
        self._rows[row.key] = row
        self._counts[row.status] += 1
        self._metadata.update(_names(row.user_metadata))
        self._longest_id = max(self._longest_id, len(title(row)))
        self._names += row.name is not None
        if row.key.namespace is not None:
            self._namespaces[row.key.namespace] += 1
        self._engines.add(row.key.engine)
        return entry

    def _forget(self, key: WorkflowKey) -> None:
        row = self._rows.pop(key)
        self._counts[row.status] -= 1
        self._metadata.subtract(_names(row.user_metadata))
        self._names -= row.name is not None
        if row.key.namespace is not None:
            self._namespaces[row.key.namespace] -= 1


def _names(metadata: Mapping[str, object]) -> Iterable[str]:
    return metadata.keys() if metadata else ()
