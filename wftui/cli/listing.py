"""Reads whole lists from sources, filters and orders them; what `ls`, `show --all` and `resume --all` share."""

from __future__ import annotations

import argparse
import fnmatch
import os
import re
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

from wftui.cli.opening import waiting_for
from wftui.cli.output import progress
from wftui.model.selection import Selection
from wftui.model.status import Status
from wftui.sources.base import Divisible, Selective
from wftui.sources.forked import processors, shared_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wftui.model.workflow import Problem, WorkflowSummary
    from wftui.sources.base import Source

    _Order = tuple[int, float, str, str, str]

T = TypeVar("T")

_PAGE = 5_000
_CHUNK = 500
# So many rows are worth a second process.
_WORTH_SHARING = 1_000
_FIRST = itemgetter(0)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which workflows to list.

    Attributes:
        statuses: Only these; empty for all.
        name: A glob on the id or the name; None for all.
        since: Only what started or entered its status at or after that, in Unix seconds; None for all.
        limit: At most so many, after ordering; None for all.
    """

    statuses: frozenset[Status] = frozenset()
    name: str | None = None
    since: float | None = None
    limit: int | None = None

    def may_hold(self, row: WorkflowSummary) -> bool:
        """Whether a row, of which only the index may be known, can be among them."""
        if not self.may_be(row.status, row.key.id, row.name):
            return False
        return self.since is None or not row.complete or self._is_recent(row, self.since)

    def may_be(self, status: Status, workflow_id: str, name: str | None = None) -> bool:
        """Whether one of that status, id and name can be among them."""
        if self.statuses and status not in self.statuses:
            return False
        return self.name is None or any(
            fnmatch.fnmatchcase(text, self.name) for text in (workflow_id, name) if text is not None
        )

    @staticmethod
    def _is_recent(row: WorkflowSummary, since: float) -> bool:
        return any(when is not None and when >= since for when in (row.started_at, row.status_since))


@dataclass(frozen=True, slots=True)
class Found:
    """A list, in order, and the problems of the targets as a whole."""

    rows: tuple[WorkflowSummary, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """A list as lines, in order, and the problems of the targets as a whole."""

    lines: list[str]
    problems: tuple[Problem, ...]


def read_list(sources: Sequence[Source], wanted: Wanted, *, quick: bool = False) -> Found:
    """List workflows: failed, running, others; newest first; id.

    Args:
        sources: Opened.
        wanted: Which.
        quick: Leave out what the index alone does not tell. Where the time is asked for, it is read all the same.

    Raises:
        TargetError: A target cannot be read.
    """
    if wanted.limit is None and not quick and all(isinstance(source, Divisible) for source in sources):
        shared, told = _shared(sources, wanted, lambda row: row, plain=False)
        return Found(tuple(shared), told)
    rows: list[WorkflowSummary] = []
    owners: dict[str, Source] = {}
    problems: list[Problem] = []
    for source in sources:
        owners[source.info.target] = source
        rows += [row for row in _pages(source, wanted) if wanted.may_hold(row)]
        with waiting_for(source):
            problems += source.changes().problems
    fill = not quick or wanted.since is not None
    chosen: list[WorkflowSummary] = []
    # Group by group, so that a limit does not have to read what it leaves out.
    for group in (rows,) if wanted.limit is None else _groups(rows):
        chosen += _completed(group, owners, wanted) if fill else group
        if wanted.limit is not None and len(chosen) >= wanted.limit:
            break
    # All of it at once: a status may have changed since the index was read.
    chosen.sort(key=_order)
    return Found(tuple(chosen[: wanted.limit]), tuple(problems))


def read_lines(sources: Sequence[Source], wanted: Wanted, line: Callable[[WorkflowSummary], str]) -> Lines:
    """The same list, each row made into a line.

    Args:
        sources: Opened.
        wanted: Which.
        line: Makes it, in several processes where that is faster.

    Raises:
        TargetError: A target cannot be read.
    """
    if wanted.limit is None and all(isinstance(source, Divisible) for source in sources):
        return Lines(*_shared(sources, wanted, line, plain=True))
    found = read_list(sources, wanted)
    return Lines([line(row) for row in found.rows], found.problems)


def _shared(
    sources: Sequence[Source], wanted: Wanted, make: Callable[[WorkflowSummary], T], *, plain: bool
) -> tuple[list[T], tuple[Problem, ...]]:
    """What is made of the rows, in order: each process reads some and makes the most of them, so that little is told.

    Args:
        sources: All `Divisible`.
        wanted: Which rows.
        make: What of each.
        plain: It makes texts.
    """
    here = os.getpid()
    made: list[tuple[_Order, T]] = []
    problems: list[Problem] = []

    def work(ids: Sequence[str], source: Source) -> list[tuple[_Order, T]]:
        with waiting_for(source) if os.getpid() == here else nullcontext():
            rows = source.summaries(ids)
        return [(_order(row), make(row)) for row in rows if wanted.may_hold(row)]

    for source in sources:
        with waiting_for(source):
            statuses = source.statuses() if isinstance(source, Divisible) else {}
            problems += source.changes().problems
        ids = [workflow_id for workflow_id, status in statuses.items() if wanted.may_be(status, workflow_id)]
        if len(ids) < _WORTH_SHARING or processors() == 1:
            made += work(ids, source)
        else:
            for part in shared_out(partial(work, source=source), ids, plain=plain):
                made += part
    made.sort(key=_FIRST)
    return [it for _, it in made], tuple(problems)


def _pages(source: Source, wanted: Wanted) -> Iterator[WorkflowSummary]:
    if isinstance(source, Selective):
        found = source.select(Selection(wanted.statuses, wanted.name, wanted.since, wanted.limit))
        with waiting_for(source):
            for rows in found:
                yield from rows
        return
    cursor: str | None = None
    is_told = False
    while True:
        with waiting_for(source):
            page = source.page(cursor, _PAGE)
        yield from page.workflows
        cursor = page.next
        if (
            cursor is not None and not page.workflows
        ):  # it has much to read before the first row, and says how far it is
            progress("; ".join(source.info.notes))
            is_told = True
        elif is_told:
            progress("")
            is_told = False
        if cursor is None:
            return


def _groups(rows: Iterable[WorkflowSummary]) -> tuple[list[WorkflowSummary], ...]:
    groups: tuple[list[WorkflowSummary], ...] = ([], [], [])
    for row in rows:
        groups[_group(row)].append(row)
    return groups


def _group(row: WorkflowSummary) -> int:
    return 0 if row.status is Status.FAILED else 1 if row.status is Status.RUNNING else 2


def _completed(rows: Sequence[WorkflowSummary], owners: dict[str, Source], wanted: Wanted) -> list[WorkflowSummary]:
    full = [row for row in rows if row.complete]
    for target, source in owners.items():
        bare = [row.key.id for row in rows if not row.complete and row.key.target == target]
        for start in range(0, len(bare), _CHUNK):
            with waiting_for(source):
                read = source.summaries(bare[start : start + _CHUNK])
            full += [row for row in read if wanted.may_hold(row)]
    return full


def _order(row: WorkflowSummary) -> _Order:
    """Failed, running, others; newest first, what has no start last; then by id."""
    started = float("inf") if row.started_at is None else -row.started_at
    return (_group(row), started, row.key.id, row.key.target, row.key.namespace or "")


def a_status(text: str) -> Status:
    """A status by its word, whatever its case.

    Raises:
        argparse.ArgumentTypeError: There is none of that name.
    """
    try:
        return Status(text.strip().upper())
    except ValueError:
        words = ", ".join(status.value.lower() for status in Status)
        raise argparse.ArgumentTypeError(f"no status {text!r}: one of {words}") from None


def an_age(text: str) -> float:
    """Seconds of an age such as 90s, 15m, 2h or 3d.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw]?)", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not an age: write 90s, 15m, 2h or 3d")
    return float(match[1]) * _UNITS[match[2] or "s"]


def a_count(text: str) -> int:
    """A count, 0 or more.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a count")
    return int(text)
