"""`wftui wait`: blocks until workflows have ended."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from wftui.cli.masking import mask_for
from wftui.cli.options import EXIT_CODES, add_json, seconds
from wftui.cli.output import Output, message
from wftui.cli.targets import locate, no_such, opened
from wftui.errors import EXIT_NO, EXIT_NOT_FOUND, EXIT_OK, TargetError, TargetGone, UsageError
from wftui.model.status import Status, StatusSource
from wftui.present.format import duration
from wftui.present.jsonview import summary_json
from wftui.present.listtable import error_line, shown_id, status_cell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wftui.model.workflow import WorkflowSummary
    from wftui.present.tables import Cell
    from wftui.sources.base import Source

_EPILOG = f"""\
Ended means SUCCESSFUL, FAILED, CANCELED or RESUMABLE. The exit code is 0 when all are SUCCESSFUL, 1 when one is not or
the time is up, 4 when one does not exist. A target that goes away is tried again until the time is up (then 3).
From a bare storage directory nobody can tell a crashed workflow from a running one: give a timeout there.

examples:
  wftui wait nightly.2026-11-03 && publish
  wftui wait a b c --timeout 3600 --json

{EXIT_CODES}"""
_LONGEST_BACKOFF = 10.0
_SHORTEST = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wait` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs="*", default=[], metavar="ID", help="which workflows")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="give up after S seconds (exit code 1)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Wait."""
    if not args.ids:
        raise UsageError("no id is given", "say which workflows to wait for")
    out = Output(args)
    deadline = None if args.timeout is None else time.monotonic() + args.timeout
    with opened(args) as sources:
        waiting = _Waiting(sources, args.ids, None if args.json else out)
        waiting.until(deadline)
    if args.json:
        mask = mask_for(args)
        out.json([summary_json(row, mask) for row in waiting.rows()])
    return waiting.exit_code()


class _Waiting:
    """Looks again and again, until every workflow has ended."""

    def __init__(self, sources: Sequence[Source], ids: Sequence[str], out: Output | None) -> None:
        self._sources = sources
        self._out = out
        self._ids = list(dict.fromkeys(ids))
        located = locate(sources, self._ids)
        self._missing = list(located.missing)
        for workflow_id in self._missing:
            message(str(no_such(sources, workflow_id)))
        self._owners = {workflow_id: source for workflow_id, (source, _) in located.rows.items()}
        self._last = {workflow_id: row for workflow_id, (_, row) in located.rows.items()}
        self._ended: dict[str, WorkflowSummary] = {}
        self._wake = threading.Event()
        self._timed_out = False
        for row in self._last.values():
            self._note(row)
        for source in dict.fromkeys(self._owners.values()):
            source.watch(self._wake.set)

    def until(self, deadline: float | None) -> None:
        """Wait until all have ended, or until `deadline` (monotonic seconds).

        Raises:
            TargetError: A target is gone when the time is up, or cannot be read at all.
        """
        backoff = looked = 0.0
        while not self._is_over():
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                self._time_is_up()
                return
            pause = max(backoff, min(source.info.interval for source in self._owners.values()))
            self._wake.wait(pause if left is None else min(pause, left))
            self._wake.clear()
            # A storage where much happens wakes us all the time.
            time.sleep(max(0.0, looked + _SHORTEST - time.monotonic()))
            looked = time.monotonic()
            try:
                self._look(reopen=backoff > 0)
                backoff = 0.0
            except TargetGone as gone:
                if deadline is not None and time.monotonic() >= deadline:
                    raise
                if not backoff:
                    message(f"{gone}; trying again")
                backoff = min(_LONGEST_BACKOFF, max(1.0, backoff * 2))

    def rows(self) -> list[WorkflowSummary]:
        """The last known row of each workflow, in the order asked for."""
        return [self._last[workflow_id] for workflow_id in self._ids if workflow_id in self._last]

    def exit_code(self) -> int:
        """What came of it."""
        if self._missing:
            return EXIT_NOT_FOUND
        successful = all(row.status is Status.SUCCESSFUL for row in self._ended.values())
        return EXIT_OK if successful and not self._timed_out else EXIT_NO

    def _is_over(self) -> bool:
        return all(workflow_id in self._ended or workflow_id in self._missing for workflow_id in self._ids)

    def _look(self, *, reopen: bool) -> None:
        for source in dict.fromkeys(self._owners.values()):
            ids = [i for i, owner in self._owners.items() if owner is source and i not in self._ended]
            if reopen:
                _open_again(source)
            source.changes()
            rows = locate([source], ids).rows
            for workflow_id in ids:
                if workflow_id in rows:
                    self._note(rows[workflow_id][1])
                elif workflow_id not in self._missing:
                    self._missing.append(workflow_id)
                    message(f"workflow {workflow_id!r} is gone: it was deleted")

    def _note(self, row: WorkflowSummary) -> None:
        self._last[row.key.id] = row
        if row.status.is_terminal and row.key.id not in self._ended:
            self._ended[row.key.id] = row
            if self._out is not None:
                self._out.line(*_ended_line(row, self._out))
                self._out.flush()

    def _time_is_up(self) -> None:
        self._timed_out = True
        for workflow_id in self._ids:
            if workflow_id not in self._ended and workflow_id not in self._missing:
                row = self._last[workflow_id]
                where = " as recorded" if row.status_source is StatusSource.STORAGE else ""
                message(f"timeout: workflow {workflow_id!r} is still {row.status.value}{where}")


def _open_again(source: Source) -> None:
    """Open what was open before.

    Raises:
        TargetGone: It is not back yet: why it cannot be opened is no reason to give up, as it would be at first.
    """
    try:
        source.open()
    except TargetError as error:
        raise TargetGone(error.message, error.hint) from None


def _ended_line(row: WorkflowSummary, out: Output) -> list[Cell]:
    took = duration(row.duration)
    line = [status_cell(row.status, out.glyphs), (f"  {shown_id(row.key.id)}", ""), (f"  {took}" if took else "", "")]
    if row.error is not None:
        line.append((f"  {error_line(row.error)}", "failed"))
    return line
