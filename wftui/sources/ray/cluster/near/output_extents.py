"""Where in the log files of workers the output of one task lies, and its text. Standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wftui.model.output import Stream
from wftui.sources.ray.cluster.near.log_file import MAGIC, Bounds, LogFile, Section
from wftui.sources.ray.cluster.near.worker_logs import WorkerLogs, out_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.sources.ray.cluster.near.log_chain import LogChain

SHARERS = 5
"""Names in a note."""


class Extent(NamedTuple):
    """Where the output lies in a file.

    Attributes:
        chain: The file, with what was rotated away from it.
        bounds: Where in it.
        is_closed: Whether nothing more can come.
        is_cut: Whether its beginning was rotated away, and deleted.
        ended: Where it ends, or ended if that was deleted.
    """

    chain: LogChain
    bounds: Bounds
    is_closed: bool
    is_cut: bool = False
    ended: int = 0


def extents(logs: WorkerLogs, file: LogFile, section: Section) -> Iterator[tuple[Stream, Extent]]:
    """Where the output of a section lies, of each stream that has a file.

    Raises:
        OSError: A file is gone, or cannot be read.
    """
    out = out_of(file.path)
    try:
        chain = logs.chain(out)
    except FileNotFoundError:
        pass
    else:
        if file.is_marked:
            yield Stream.OUT, _between_magics(file, logs.file(out), section)
        else:
            number = file.sections.index(section) + 1
            extent = _there(chain, file.bounds(number, chain.ends), section.end is not None)
            yield Stream.OUT, extent._replace(is_cut=extent.is_cut or number <= file.lost)
    ends = section.end if section.end is not None else file.size
    yield Stream.ERR, _there(file.chain, _certain(section.begins, ends), section.end is not None)


def _there(chain: LogChain, bounds: Bounds, is_closed: bool) -> Extent:
    """What of it was not deleted."""
    kept = Bounds(*(max(at, chain.begins) for at in bounds))
    return Extent(chain, kept, is_closed, bounds.begins < chain.begins, bounds.ends)


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


def _between_magics(err: LogFile, out: LogFile, section: Section) -> Extent:
    """What is between the magic line of the section's task and the next one.

    Both files have the same ones, but for those that were rotated away and deleted: these are the first. The stdout was
    looked at last, and may have one more: so what is missing is as many as were ever counted. In a file that was
    emptied in place the line is missing with which it began.
    """
    is_rotated = out.chain.is_rotated or err.chain.is_rotated or not (out.has_magic and err.has_magic)
    if is_rotated:
        missing = len(err.magics) - len(out.magics)
        err.shift = missing if err.shift is None else max(err.shift, missing)
    magics, at = out.magics, section.nth - (err.shift or 0)
    ends = out.size if at >= len(magics) else magics[max(0, at)][0]
    is_closed = section.end is not None
    if at > len(magics) or not (section.nth or is_rotated):
        return Extent(out.chain, _certain(out.size, out.size), is_closed)
    if at <= 0:
        ended = ends if at == 0 else out.chain.begins
        return Extent(out.chain, _certain(out.chain.begins, ended), is_closed, True, ended)
    return _there(out.chain, _certain(magics[at - 1][1], ends), is_closed)


def decoded(extent: Extent, start: int, leave: int, room: int) -> tuple[str, int, int]:
    """Text of at most `room` bytes behind what is left out, how much was left out, and where the text ends.

    No character is torn apart, and where something is left out a line begins.
    """
    start += leave
    size = min(room, extent.bounds.ends - start)
    if size <= 0:
        return "", 0, start
    data = extent.chain.read(start, size)
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
