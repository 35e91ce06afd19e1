"""`wftui watch`: a line for every change."""

from __future__ import annotations

import os
import queue
import time
from typing import TYPE_CHECKING

from wftui.cli.masking import mask_for
from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, check_reader, message
from wftui.cli.targets import no_such, unopened
from wftui.errors import NotFoundError, TargetError, UsageError
from wftui.model.change import Removed
from wftui.monitor.audit import AuditFile
from wftui.monitor.events import DetailChanged, Health, SourceChanged, WorkflowsChanged
from wftui.monitor.monitor import Monitor
from wftui.present.event_rows import event_spans
from wftui.present.happenings import happening_json, happenings_of
from wftui.present.jsonview import detail_json, summary_json
from wftui.present.watchlines import detail_lines, row_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wftui.model.change import Change
    from wftui.model.workflow import WorkflowDetail, WorkflowKey, WorkflowSummary
    from wftui.monitor.events import Event, SourceState
    from wftui.present.happenings import Happening
    from wftui.sources.base import Source

_EPILOG = f"""\
Without an ID: first a line for every workflow there is ("change": "listed"), then one for every change ("added",
"updated", "removed"), each with all keys of ls --json. With an ID: that workflow's tasks too, as in show --json.
With an ID and --events: a line for everything that happened to it so far, then one for whatever happens: started,
finished, failed, retried, continued, resumed …, and what was done to it with wftui here.
Ends when it is interrupted, or when nobody reads any more.

examples:
  wftui watch
  wftui watch --json | jq -r 'select(.status == "FAILED") | .id'
  wftui watch nightly.2026-11-03 --json
  wftui watch nightly.2026-11-03 --events

{EXIT_CODES}"""
_LOOK_FOR_READER = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `watch` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("id", nargs="?", metavar="ID", help="one workflow, with its tasks")
    parser.add_argument("--events", action="store_true", help="with an ID: what happened and happens, a line each")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Watch, until interrupted.

    Raises:
        UsageError: Events of no workflow are asked for.
    """
    if args.events and args.id is None:
        raise UsageError("--events needs an ID", "say which workflow to watch: see wftui ls")
    out = Output(args)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with unopened(args) as sources:
        monitor = Monitor(sources, events.put, audit=AuditFile(os.environ))
        watcher = _Watcher(args, out, sources, monitor)
        monitor.start()
        try:
            while True:
                try:
                    watcher.take(events.get(timeout=_LOOK_FOR_READER))
                except queue.Empty:
                    check_reader()
        finally:
            monitor.stop()


class _Watcher:
    """Turns events into lines."""

    def __init__(self, args: argparse.Namespace, out: Output, sources: Sequence[Source], monitor: Monitor) -> None:
        self._id: str | None = args.id
        self._json: bool = args.json
        self._mask = mask_for(args)
        self._out = out
        self._sources = sources
        self._monitor = monitor
        self._down: set[str] = set()
        self._listed: set[str] = set()
        self._there_at_first: set[WorkflowKey] = set()
        self._rows: dict[WorkflowKey, WorkflowSummary] = {}
        self._bare: dict[WorkflowKey, None] = {}
        self._told: dict[WorkflowKey, object] = {}
        self._opened: WorkflowKey | None = None
        self._detail: WorkflowDetail | None = None
        self._events: bool = args.events
        self._happened: frozenset[Happening] = frozenset()

    def take(self, event: Event) -> None:
        """Tell what an event tells.

        Raises:
            TargetError: A target cannot be reached or read from the start.
            NotFoundError: There is no such workflow.
            UsageError: It is in two targets.
        """
        if isinstance(event, SourceChanged):
            self._state(event.state)
        elif isinstance(event, WorkflowsChanged):
            for change in event.changes:
                self._change(change)
            # Where completing a row costs, it is done only for those that somebody waits for: here all are.
            self._monitor.show_rows(tuple(self._bare))
        elif isinstance(event, DetailChanged):
            self._detail_changed(event)

    def _state(self, state: SourceState) -> None:
        target, health = state.info.target, state.health
        if health is Health.DOWN and target not in self._down:
            self._down.add(target)
            # From the start: it does not hold the others, if there are any; but an id that is asked for may be there.
            are_others = bool(self._listed) or len(self._down) < len(self._sources)
            if target not in self._listed and not (are_others and self._id is None):
                raise TargetError(state.error)
            message(f"{target}: {state.error}; trying again")
        elif health is Health.LIVE:
            if target in self._down:  # it was listed anew in between
                self._down.discard(target)
                message(f"{target}: back")
            self._listed.add(target)
            if self._id is not None and self._opened is None and len(self._listed) == len(self._sources):
                raise no_such(self._sources, self._id)

    def _change(self, change: Change) -> None:
        key = change.key
        if self._id is not None:
            if key.id == self._id and not isinstance(change, Removed):
                self._open(key)
            return
        if isinstance(change, Removed):
            row = self._rows.pop(key, None)
            self._bare.pop(key, None)
            self._told.pop(key, None)
            self._there_at_first.discard(key)
            if row is not None:
                self._tell_row("removed", row)
            return
        if key.target not in self._listed:
            self._there_at_first.add(key)
        row = change.summary
        if not row.complete:
            self._bare[key] = None
            return  # its times follow at once, and one line is enough
        self._bare.pop(key, None)
        word = "updated" if key in self._rows else "listed" if key in self._there_at_first else "added"
        self._rows[key] = row
        self._tell_row(word, row)

    def _open(self, key: WorkflowKey) -> None:
        if self._opened is None:
            self._opened = key
            self._monitor.open(key)
        elif self._opened != key:
            raise UsageError(
                f"workflow {key.id!r} is in two targets: {self._opened.target} and {key.target}", "choose one with -t"
            )

    def _tell_row(self, word: str, row: WorkflowSummary) -> None:
        if self._json:
            content = summary_json(row, self._mask)
            if word != "updated" or self._told.get(row.key) != content:
                self._out.json_line({"change": word, "at": time.time(), **content})
            look: object = content
        else:
            line = row_line(word, row, self._out.glyphs, several=len(self._sources) > 1)
            if word != "updated" or self._told.get(row.key) != line:
                self._out.line((time.strftime("%H:%M:%S  "), "muted"), *line)
                self._out.flush()
            look = line
        if word != "removed":
            self._told[row.key] = look

    def _detail_changed(self, event: DetailChanged) -> None:
        if event.gone and self._id is not None:
            raise NotFoundError(f"workflow {self._id!r} is gone", "it was deleted")
        if event.detail is None or event.detail.read is not None:
            return  # the source's state tells why; or the rest of it follows at once
        before, self._detail = self._detail, event.detail
        if self._events:
            self._tell_events(event.detail)
            return
        if self._json:
            content = detail_json(event.detail, self._mask)
            if self._told.get(event.key) != content:
                self._told[event.key] = content
                word = "listed" if before is None else "updated"
                self._out.json_line({"change": word, "at": time.time(), **content})
            return
        for line in detail_lines(before, event.detail, self._out.glyphs):
            self._out.line((time.strftime("%H:%M:%S  "), "muted"), *line)
        self._out.flush()

    def _tell_events(self, detail: WorkflowDetail) -> None:
        happened = happenings_of(detail)
        start = happened[0].at if happened else 0.0
        for one in happened:
            if one in self._happened:
                continue
            if self._json:
                self._out.json_line({"id": detail.summary.key.id, **happening_json(one)})
            else:
                spans = event_spans(one, start, time.time(), self._out.glyphs)
                self._out.line(*((span.text, _TONES.get(span.tone, span.tone)) for span in spans))
        self._happened = frozenset(happened)
        self._out.flush()


# What the colours of the commands have no word for.
_TONES = {"faint": "muted", "strong": "heading", "error": "failed"}
