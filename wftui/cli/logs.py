"""`wftui logs`: what a task printed."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from wftui.cli.options import EXIT_CODES, add_json
from wftui.cli.output import Output, check_reader, message
from wftui.cli.targets import locate, no_such, opened
from wftui.errors import EXIT_OK, NotFoundError, TargetError, TargetGone, UsageError
from wftui.model.output import OutputPart, OutputPiece, Stream
from wftui.present.line_maker import LineMaker
from wftui.sources.base import Printing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.present.output_looks import Painted
    from wftui.sources.base import Source

MOST = 1 << 20
"""Characters that are asked for at once."""
MOST_OF_TAIL = 1 << 26
"""Characters in which the last lines are looked for."""
PAUSE = 0.5
"""Seconds until what is new is asked for, and until a target that is gone is tried again at first."""
LONGEST_PAUSE = 10.0
LONGEST_LINE = 1 << 20

_WHERE = {
    "ray": "name the Ray cluster that runs it: -t auto, host:port or ray://host:10001",
    "absurd": "it goes where that of its worker goes: a terminal, a journal, a container; show tells which it is",
}
_EPILOG = f"""\
Without -f: what there is by now. With -f: that, and what comes, until the task has ended or it is interrupted; when the
target goes away it waits for it to come back.

Each line is made harmless, on a terminal and elsewhere: escapes and control characters are shown, and a progress bar is
its last state. A terminal gets the colours (the sixteen of its own), bold, dim, italic, underlined and reversed text
that the task printed, unless there are to be none (NO_COLOR, --no-color); a file or a pipe gets plain text. On a
terminal "out" or "err" stands before each line, unless only one of them is asked for. --raw writes the very bytes that
were printed, colours and all, into a file or a pipe: --raw | less -R.
A line is printed when it ends. Which line of stdout came before which of stderr is known only of what is printed while
it is followed.

With --json: a line for each piece, as it came: {{"workflow","task","stream":"stdout"|"stderr","text"}}. A piece ends
anywhere, not only where a line ends.

Ray keeps logs on the machine where a task ran, as long as the session of its cluster; a storage does not hold them, nor
does an Absurd database: that is exit code 3. What Ray rotated away (RAY_ROTATION_MAX_BYTES) is read, too, as long as it
is there. Where nothing tells for sure which attempt a log is of, it is said: "attempt unknown".

examples:
  wftui logs nightly.2026-11-03 load_orders
  wftui logs nightly.2026-11-03 load_orders -f --stderr
  wftui logs nightly.2026-11-03 load_orders --tail 20 --attempt 2
  wftui logs nightly.2026-11-03 load_orders --stdout --raw > load_orders.out

{EXIT_CODES}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `logs` takes."""
    parser.epilog = _EPILOG
    parser.add_argument("id", metavar="ID", help="which workflow")
    parser.add_argument("task", metavar="TASK", help="which of its tasks")
    parser.add_argument("-f", "--follow", action="store_true", help="also what is printed from now on, until it ends")
    parser.add_argument("--tail", type=count, metavar="N", help="begin with the last N lines of each stream")
    parser.add_argument("--attempt", type=count, metavar="N", help="of that attempt, from 1 (default: the latest)")
    stream = parser.add_mutually_exclusive_group()
    stream.add_argument("--stdout", action="store_const", dest="stream", const=Stream.OUT, help="only stdout")
    stream.add_argument("--stderr", action="store_const", dest="stream", const=Stream.ERR, help="only stderr")
    parser.add_argument("--raw", action="store_true", help="the bytes as they are; not onto a terminal")
    add_json(parser)


def count(text: str) -> int:
    """A whole number above 0.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:10]) < 1_000_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Print.

    Raises:
        UsageError: --raw is not for a terminal, nor for JSON.
    """
    out = Output(args)
    if args.raw and (args.json or out.is_terminal):
        why = "JSON is never raw" if args.json else "raw output could act on the terminal"
        raise UsageError(why, "leave --raw out, or send it into a file or a pipe")
    with opened(args) as sources:
        source, printing = _source_of(sources, args.id, args.task)
        reader = _Reader(source, printing, args, _Printer(out, args))
        reader.first()
        if args.follow:
            reader.follow()
        reader.end()
    return EXIT_OK


def _source_of(sources: Sequence[Source], workflow_id: str, task_id: str) -> tuple[Source, Printing]:
    """The source of a workflow, if it tells what tasks print.

    Raises:
        NotFoundError: There is no such workflow, or task.
        TargetError: It does not.
        UsageError: The workflow is in two targets.
    """
    source = sources[0]
    if len(sources) == 1 and isinstance(source, Printing):
        return source, source
    located = locate(sources, [workflow_id])
    if located.missing:
        raise no_such(sources, workflow_id)
    source = located.rows[workflow_id][0]
    if isinstance(source, Printing):
        return source, source
    if all(task.id != task_id for task in source.detail(workflow_id).tasks):
        raise NotFoundError(f"no task {task_id!r} in workflow {workflow_id!r}", "wftui show ID lists its tasks")
    info = source.info
    raise TargetError(f"what tasks print is not kept in {info.target} ({info.engine} {info.kind})", _WHERE[info.engine])


class _Printer:
    """Prints pieces, in the form that is asked for."""

    def __init__(self, out: Output, args: argparse.Namespace) -> None:
        self._out = out
        self._id, self._task = args.id, args.task
        self._json, self._raw, self._stream = args.json, args.raw, args.stream
        to_file = not out.is_terminal
        self._makers = {stream: LineMaker(LONGEST_LINE, keeps_tabs=to_file, has_looks=out.color) for stream in Stream}

    def take(self, pieces: Iterable[OutputPiece]) -> None:
        for piece in pieces:
            if self._stream not in (None, piece.stream):
                continue
            if self._json:
                row = {"workflow": self._id, "task": self._task, "stream": piece.stream.value, "text": piece.text}
                self._out.json_line(row)
            elif self._raw:
                self._out.raw(piece.text)
            else:
                self._lines(piece.stream, self._makers[piece.stream].feed(piece.text))
        self._out.flush()

    def end(self) -> None:
        for stream, maker in self._makers.items():
            self._lines(stream, maker.end())
        self._out.flush()

    def _lines(self, stream: Stream, lines: Sequence[Painted]) -> None:
        if self._out.is_terminal:
            word, tone = ("out ", "muted") if stream is Stream.OUT else ("err ", "pending")
            head = ((word, tone),) if self._stream is None else ()
            for line in lines:
                self._out.painted(head, line)
        elif lines:
            self._out.text("".join(f"{line.text}\n" for line in lines))


class _Reader:
    """Reads parts and has them printed."""

    def __init__(self, source: Source, printing: Printing, args: argparse.Namespace, printer: _Printer) -> None:
        self._source = source
        self._printing = printing
        self._args = args
        self._printer = printer
        self._position = ""
        self._is_open = True
        self._noted = ""

    def first(self) -> None:
        """What there is by now."""
        if self._args.tail is not None:
            self._take(self._tail(self._args.tail))
            return
        # A task that prints faster than it is read would never be read to its end: what there is now is enough.
        probe = self._read(None, 1)
        left = probe.skipped + _bytes(probe)
        while True:
            part = self._read(self._position, MOST)
            self._take(part)
            left -= _bytes(part)
            if left <= 0 or not part.pieces:
                return

    def follow(self) -> None:
        """What comes, until the task has ended."""
        pause = PAUSE
        while self._is_open:
            try:
                part = self._read(self._position, MOST)
            except TargetGone as gone:
                self._wait_for_return(gone)
                continue
            self._take(part)
            if not part.pieces and self._is_open:
                check_reader()
                time.sleep(pause)

    def end(self) -> None:
        """Nothing more is printed: what has no end of line, too."""
        self._printer.end()

    def _tail(self, lines: int) -> OutputPart:
        most = max(1 << 16, 200 * lines)
        while True:
            part = self._read(None, most)
            texts = {stream: "".join(p.text for p in part.pieces if p.stream is stream) for stream in Stream}
            is_enough = all(text.count("\n") > lines for text in texts.values() if text)
            if not part.skipped or is_enough or most >= MOST_OF_TAIL:
                pieces = [OutputPiece(stream, _last(text, lines)) for stream, text in texts.items() if text]
                return OutputPart(tuple(pieces), part.position, part.is_open, 0, part.note)
            most *= 4

    def _read(self, position: str | None, most: int) -> OutputPart:
        args = self._args
        return self._printing.output(args.id, args.task, position, attempt=args.attempt, most=most)

    def _take(self, part: OutputPart) -> None:
        self._position, self._is_open = part.position, part.is_open
        if part.note and part.note != self._noted:
            self._noted = part.note
            message(part.note)
        self._printer.take(part.pieces)

    def _wait_for_return(self, gone: TargetGone) -> None:
        """Try again, ever more rarely, until the target is back."""
        target, pause = self._source.info.target, PAUSE
        message(f"{target}: {gone}; trying again")
        while True:
            time.sleep(pause)
            check_reader()
            pause = min(LONGEST_PAUSE, pause * 2)
            try:
                self._source.open()
            except TargetError:
                continue
            message(f"{target}: back")
            return


def _bytes(part: OutputPart) -> int:
    return sum(len(piece.text.encode("utf-8", "surrogateescape")) for piece in part.pieces)


def _last(text: str, lines: int) -> str:
    """The last lines of a text; what has no end of line is one."""
    at = len(text) - 1 if text.endswith("\n") else len(text)
    for _ in range(lines):
        at = text.rfind("\n", 0, at)
        if at < 0:
            return text
    return text[at + 1 :]
