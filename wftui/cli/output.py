"""The way out: data to stdout, messages to stderr, foreign text made harmless on both."""

from __future__ import annotations

import json
import os
import select
import sys
from typing import TYPE_CHECKING

from wftui.config import from_environment, speaks_utf8
from wftui.model.secrets import mask_urls
from wftui.present.glyphs import ASCII, UNICODE
from wftui.present.tables import cut
from wftui.present.text import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence

    from wftui.present.glyphs import Glyphs
    from wftui.present.output_looks import Painted
    from wftui.present.tables import Cell

# The sixteen colours that every terminal maps to its own theme.
_SGR = {
    "failed": "31",
    "running": "36",
    "waiting": "34",
    "ready": "34",
    "pending": "33",
    "resumable": "35",
    "canceled": "33",
    "successful": "32",
    "muted": "2",
    "heading": "1",
}


def message(what: str) -> None:
    """One line on stderr. Whatever it quotes, no credentials of a URL are in it."""
    _write_error(f"wftui: {visible(mask_urls(what))}")


def problem_line(what: str) -> None:
    """One line on stderr without the program's name; `what` is already harmless."""
    _write_error(what)


def prompt(text: str) -> None:
    """Harmless text on stderr, as it is."""
    _write_error(text, end="")


def progress(text: str) -> None:
    """How far a long reading is, on stderr, where a person looks at it; each takes the place of the one before.

    Args:
        text: In words; "" takes the last one away.
    """
    if sys.stderr is not None and sys.stderr.isatty():
        # What went on in a second row would stay there.
        _write_error(f"\r\x1b[K{cut(visible(text), _terminal_width() - 1, '...')}", end="")


def _write_error(line: str, end: str = "\n") -> None:
    stream = sys.stderr
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + end)
        stream.flush()
    except (OSError, ValueError):
        return  # nobody can read it, and there is nowhere to say so


def check_reader() -> None:
    """See that somebody still reads: without a change nothing is written that would tell.

    Raises:
        BrokenPipeError: Nobody does.
    """
    if not hasattr(select, "poll") or sys.stdout is None:
        return
    poll = select.poll()
    poll.register(1, 0)
    if any(flags & (select.POLLERR | select.POLLNVAL) for _, flags in poll.poll(0)):
        raise BrokenPipeError


class Output:
    """Where a command prints.

    Attributes:
        glyphs: The characters that may be used.
        width: Cells of the terminal; None where stdout is none: then nothing is cut.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        settings = from_environment(os.environ)
        self._stream = sys.stdout
        is_terminal = self._stream is not None and self._stream.isatty()
        self._encoding = getattr(self._stream, "encoding", None) or "ascii"
        self._ascii = args.ascii or not speaks_utf8(self._encoding, os.environ)
        self.color = is_terminal and not (args.no_color or settings.no_color or settings.dumb)
        self.glyphs: Glyphs = ASCII if self._ascii else UNICODE
        self.width: int | None = _terminal_width() if is_terminal else None
        self.is_terminal = is_terminal

    def line(self, *cells: Cell) -> None:
        """One line of harmless text; colour, where there is any, only repeats it."""
        text = "".join(self._painted(text, tone) for text, tone in cells)
        # What is padded at the end of a line nobody sees.
        self._write(text.rstrip() + "\n")

    def painted(self, head: Iterable[Cell], line: Painted) -> None:
        """One line of harmless text in its own looks, where there is any colour."""
        begun = "".join(self._painted(text, tone) for text, tone in head)
        if not self.color or not line.runs:
            self._write(f"{begun}{line.text.rstrip()}\n")
            return
        from wftui.present.output_looks import PLAIN_AGAIN, escape_of, pieces_of

        parts = [begun]
        for text, look in pieces_of(line.text, line.runs, 0, len(line.text)):
            escape = escape_of(look)
            parts.append(f"{escape}{text}{PLAIN_AGAIN}" if escape else text)
        self._write("".join(parts) + "\n")

    def text(self, text: str) -> None:
        """Lines of harmless text as they are."""
        self._write(text if text.endswith("\n") else text + "\n")

    def table(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Lines of cells."""
        for row in rows:
            self.line(*row)

    def json(self, value: object) -> None:
        """A JSON document: a list an object a line, an object indented where a person reads it."""
        if isinstance(value, list):
            self.json_lines([dumped(item) for item in value])
        else:
            self._write(dumped(value, indent=2 if self.is_terminal else None) + "\n")

    def json_lines(self, lines: Sequence[str]) -> None:
        """A JSON list of what is `dumped` already."""
        self._write("[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n")

    def json_line(self, value: object) -> None:
        """A JSON document on one line, at once."""
        self._write(dumped(value) + "\n")
        self.flush()

    def raw(self, text: str) -> None:
        """Exactly the bytes that the text was read from; for files and pipes only."""
        if self._stream is not None:
            self._stream.flush()
            self._stream.buffer.write(text.encode("utf-8", "surrogateescape"))

    def flush(self) -> None:
        """Hand over what was printed."""
        if self._stream is not None:
            self._stream.flush()

    def _painted(self, text: str, tone: str) -> str:
        code = _SGR.get(tone)
        return f"\x1b[{code}m{text}\x1b[0m" if code and self.color and text.strip() else text

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        encoding = "ascii" if self._ascii else self._encoding
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode  # one for all lines


def dumped(value: object, indent: int | None = None) -> str:
    """A JSON document in ASCII."""
    # ASCII holds everything: bytes that are not UTF-8 came as lone surrogates and leave as their escapes.
    return _encode(value) if indent is None else json.dumps(value, ensure_ascii=True, allow_nan=False, indent=indent)


def _terminal_width() -> int:
    import shutil

    return max(20, shutil.get_terminal_size().columns)
