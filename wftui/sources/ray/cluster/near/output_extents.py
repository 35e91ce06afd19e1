"""Where in the log files of workers the output of one task lies, and its text. Standard library only."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from wftui.model.output import Stream
from wftui.sources.ray.cluster.near.worker_logs import MAGIC, Bounds, LogFile, Section, WorkerLogs, out_of, size_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARERS = 5
"""Names in a note."""


class Extent(NamedTuple):
    """Where the output lies in a file."""

    path: str
    bounds: Bounds
    is_closed: bool


def extents(logs: WorkerLogs, file: LogFile, section: Section) -> Iterator[tuple[Stream, Extent]]:
    """Where the output of a section lies, of each stream that has a file.

    Raises:
        OSError: A file is gone, or cannot be read.
    """
    out = out_of(file.path)
    if not os.path.exists(out):
        pass
    elif file.has_magic:
        yield Stream.OUT, _between_magics(logs.file(out), section, is_last=section.end is None)
    else:
        bounds = file.bounds(file.sections.index(section) + 1, size_of(out))
        yield Stream.OUT, Extent(out, bounds, section.end is not None)
    ends = section.end if section.end is not None else file.size
    yield Stream.ERR, Extent(file.path, _certain(section.begins, ends), section.end is not None)


def _certain(begins: int, ends: int) -> Bounds:
    return Bounds(begins, begins, ends, ends)


def sharers(file: LogFile, section: Section, bounds: Bounds, start: int, end: int) -> str:
    """A note on whose output this part of a stdout may be, where that is not certain; "" where it is."""
    first, last = min(end, bounds.own) - start, end - max(start, bounds.sure)
    number = file.sections.index(section)
    said = []
    if first > 0 and number:
        said.append(f"the first {first:,} bytes may be of {_names(file.sections[:number])}")
    if last > 0 and file.sections[number + 1 :]:
        said.append(f"the last {last:,} bytes may be of {_names(file.sections[number + 1 :])}")
    if not said:
        return ""
    return f"Ray does not tell the stdout of tasks apart that ran in the same worker: {', '.join(said)}"


def _names(sections: list[Section]) -> str:
    names = [part.name.decode("utf-8", "surrogateescape") for part in sections]
    return ", ".join(names[:SHARERS]) + (f" and {len(names) - SHARERS:,} more" if len(names) > SHARERS else "")


def _between_magics(out: LogFile, section: Section, *, is_last: bool) -> Extent:
    """What is between the magic line of the section's task and the next one."""
    magics = out.magics
    begins = magics[section.nth - 1][1] if 0 < section.nth <= len(magics) else out.size
    ends = magics[section.nth][0] if section.nth < len(magics) else out.size
    return Extent(out.path, _certain(begins, ends), not is_last)


def decoded(extent: Extent, start: int, leave: int, room: int) -> tuple[str, int, int]:
    """Text of at most `room` bytes behind what is left out, how much was left out, and where the text ends.

    No character is torn apart, and where something is left out a line begins.
    """
    start += leave
    size = min(room, extent.bounds.ends - start)
    if size <= 0:
        return "", 0, start
    with open(extent.path, "rb") as file:
        file.seek(start)
        data = file.read(size)
    if leave:
        line = data.find(b"\n", 0, len(data) // 4) + 1
        while not line and leave < 4 and data[:1] and 0x80 <= data[0] < 0xC0:
            data, leave, start = data[1:], leave + 1, start + 1
        data, leave, start = data[line:], leave + line, start + line
    is_end = extent.is_closed and start + len(data) >= extent.bounds.ends
    if not is_end:
        data = data[: len(data) - _torn(data)]
    if not extent.is_closed and (magic := data.find(MAGIC + b"_workflow_task_executor_remote\n")) >= 0:
        data = data[:magic]  # the next task of the worker has just begun
    return data.decode("utf-8", "surrogateescape"), leave, start + len(data)


def _torn(data: bytes) -> int:
    """How many bytes at the end begin a character that goes on behind them."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
        if byte < 0x80:
            return 0
    return 0
