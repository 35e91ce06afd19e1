r"""The log files of Ray's workers on one machine: whose output lies where in them. Standard library only.

What Ray writes (read from ray 2.47.1, and seen): a worker has `worker-<worker id>-<job>-<pid>.out` and `.err` in the
`logs/` of the session, shared by all tasks that run in it one after the other. Before each task the worker prints a
line `:task_name:<name>` to both, behind whatever was printed without an end of line. While a task of a workflow runs,
its output goes to the files named after the job that submitted the workflow (`workflow_logging_context`), which are
others if that is not the job that started the workflow manager; in those nothing marks the tasks, and the offsets that
Ray keeps of a task's log (`task_log_info`, `ray.util.state.get_log`) are of the wrong file: it comes out empty. But the
first thing that each task of a workflow writes to its stderr is
`Task status [RUNNING]\t[<workflow id>@<task id>]` (`ray/workflow/task_executor.py`): that tells whose it is.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MAGIC = b":task_name:"
MARK = b"Task status [RUNNING]\t["
JOB = b":job_id:"
"""Begins the files of the worker's own job, in which the magic lines stand."""
BLOCK = 1 << 20
BUDGET = 1 << 29
"""Bytes that one call looks through, at most about; what is left is looked through by the next."""
_LONGEST_MAGIC = 1_000
_LONGEST_NAME = 4_200
_OVERLAP = len(MARK) - 1
# What a logger of Ray puts before its messages where it is set up so.
_PREFIX = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\t[A-Z]+ [^\s:]{1,60}:\d+ -- \Z")


@dataclass(slots=True)
class Section:
    """What one task wrote to a stderr.

    Attributes:
        name: The `<workflow id>@<task id>` that begins it.
        start: Offset of its first line, which is Ray's.
        begins: Offset of what the task itself wrote.
        nth: How many magic lines stand before it.
        end: Offset of what follows; None as long as nothing does.
    """

    name: bytes
    start: int
    begins: int
    nth: int
    end: int | None = None


class Bounds(NamedTuple):
    """Where in a stdout the output of one task lies that shares it with others, in bytes from its beginning.

    Attributes:
        begins: Not before that.
        own: From here on nothing is of an earlier task.
        sure: Up to here nothing is of a later task.
        ends: Not behind that.
    """

    begins: int
    own: int
    sure: int
    ends: int


class Sample(NamedTuple):
    """How large a stderr was, and the stdout beside it before and after that."""

    err: int
    before: int
    after: int


@dataclass(slots=True)
class LogFile:
    """One log file, as far as it was looked through."""

    path: str
    inode: int = 0
    scanned: int = 0
    size: int = 0
    written: float = 0.0
    has_magic: bool = False
    magics: list[tuple[int, int]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    seen: dict[int, list[int]] = field(default_factory=dict)

    def refresh(self, budget: int = BUDGET) -> int:
        """Look through what is new, at most about `budget` bytes. Returns how many bytes that were.

        Raises:
            OSError: The file is gone, or cannot be read.
        """
        with open(self.path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_ino != self.inode or status.st_size < self.scanned:
                self.__init__(self.path, status.st_ino)  # type: ignore[misc]  # another file has taken its place
            self.size, self.written = status.st_size, status.st_mtime
            if not self.has_magic and not self.scanned:
                self.has_magic = file.read(len(JOB)) == JOB
            done = 0
            rest = b""
            file.seek(self.scanned)
            while done < budget and (block := file.read(min(BLOCK, self.size - self.scanned - len(rest)))):
                done += len(block)
                data = rest + block
                used = self._scan(data, self.scanned)
                self.scanned += used
                rest = data[used:]
        return done

    @property
    def is_whole(self) -> bool:
        """Whether all of it was looked through, but for the beginning of what may be a mark."""
        return self.size - self.scanned <= _LONGEST_NAME + len(MARK)

    def section(self, start: int) -> Section | None:
        """The section that begins there."""
        at = bisect_left([section.start for section in self.sections], start)
        found = self.sections[at] if at < len(self.sections) else None
        return found if found is not None and found.start == start else None

    def note(self, sections: int, before: int, after: int) -> None:
        """Remember how large the stdout beside this was before and after so many sections were seen here."""
        known = self.seen.setdefault(sections, [before, after])
        known[0] = max(known[0], before)

    def note_at(self, sample: Sample) -> None:
        """Remember the same for a moment at which this had another size."""
        self.note(sum(section.begins <= sample.err for section in self.sections), sample.before, sample.after)

    def bounds(self, number: int, size: int) -> Bounds:
        """Where in the stdout beside this the output of a section lies, by all that was noted.

        Args:
            number: Which section, from 1.
            size: Of that stdout.
        """
        begins = max((before for count, (before, _) in self.seen.items() if count < number), default=0)
        after = [after for count, (_, after) in self.seen.items() if count >= number]
        own = begins if number == 1 else max(begins, min(after, default=size))
        if number == len(self.sections):
            return Bounds(begins, own, size, size)
        ends = min((after for count, (_, after) in self.seen.items() if count > number), default=size)
        sure = max((before for count, (before, _) in self.seen.items() if count <= number), default=0)
        return Bounds(begins, min(own, ends), min(sure, ends), ends)

    def _scan(self, data: bytes, base: int) -> int:
        """Take in what is marked in `data`, which lies at `base`. Returns how much of it need not be seen again."""
        used = 0
        for at in sorted([*_every(MAGIC, data), *_every(MARK, data)]):
            if at < used:
                continue  # inside of the mark before
            is_magic = data.startswith(MAGIC, at)
            end, longest = (b"\n", _LONGEST_MAGIC) if is_magic else (b"]\n", _LONGEST_NAME)
            behind = at + len(MAGIC if is_magic else MARK)
            stop = data.find(end, behind, behind + longest)
            if stop < 0:
                if len(data) - behind < longest:
                    return max(used, at)  # the rest of it is still to come
                continue
            used = stop + len(end)
            if is_magic:
                self._cut(base + at)
                self.magics.append((base + at, base + used))
            else:
                prefix = _PREFIX.search(data, max(0, at - 120), at)
                start = base + (prefix.start() if prefix else at)
                self._cut(start)
                self.sections.append(Section(data[behind:stop], start, base + used, len(self.magics)))
        return max(used, len(data) - _OVERLAP)

    def _cut(self, at: int) -> None:
        if self.sections and self.sections[-1].end is None:
            self.sections[-1].end = at


class WorkerLogs:
    """The log files in one folder.

    Args:
        folder: The `logs` of a Ray session.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._files: dict[str, LogFile] = {}
        self._sampled: dict[str, Sample] | None = None

    def file(self, path: str) -> LogFile:
        """What is known of a file, brought up to date.

        Raises:
            OSError: It is gone, or cannot be read.
        """
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = LogFile(path)
        known.refresh()
        while not known.is_whole:
            known.refresh()
        return known

    def sample(self) -> None:
        """Remember how large each stdout is now where tasks cannot be told apart in it: done again and again, it tells.

        Raises:
            OSError: The folder cannot be read.
        """
        with os.scandir(self.folder) as entries:
            sizes = {entry.path: entry.stat().st_size for entry in entries if entry.name.startswith("worker-")}
        is_first, before = self._sampled is None, self._sampled or {}
        now: dict[str, Sample] = {}
        for err in [path for path in sizes if path.endswith(".err")]:
            out = out_of(err)
            last = before.get(err)
            if last is not None and (last.err, last.after) == (sizes[err], sizes.get(out, 0)):
                now[err] = last
                continue
            size = size_of(out)
            sample = Sample(size_of(err), size, size_of(out))
            now[err] = sample
            if not is_first:
                self._take(err, last or Sample(0, 0, 0), sample)
        self._sampled = now

    def _take(self, err: str, last: Sample, sample: Sample) -> None:
        """A file has grown since the last sample."""
        try:
            file = self.file(err)
        except FileNotFoundError:
            return
        if not file.has_magic:
            file.note_at(last)
            file.note_at(sample)

    def find(self, name: bytes) -> tuple[list[tuple[LogFile, Section]], int]:
        """All sections of that name, the one that was written to last at the end, and bytes not looked through yet.

        Files that were written to last are looked through first.

        Raises:
            OSError: The folder cannot be read.
        """
        with os.scandir(self.folder) as entries:
            there = [(entry.stat(), entry.path) for entry in entries if _is_worker_err(entry.name)]
        there.sort(key=lambda found: -found[0].st_mtime)
        budget, left = BUDGET, 0
        found: list[tuple[float, int, LogFile, Section]] = []
        for status, path in there:
            known = self._files.get(path)
            if known is None:
                known = self._files[path] = LogFile(path)
            if status.st_size != known.size or status.st_ino != known.inode or not known.is_whole:
                try:
                    budget -= known.refresh(budget) if budget > 0 else 0
                except FileNotFoundError:
                    continue
            left += 0 if known.is_whole else status.st_size - known.scanned
            found += [(known.written, part.start, known, part) for part in known.sections if part.name == name]
        found.sort(key=lambda part: part[:2])
        return [(file, section) for _, _, file, section in found], left


def out_of(err: str) -> str:
    """The path of the stdout beside a stderr."""
    return err[: -len(".err")] + ".out"


def size_of(path: str) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return Path(path).stat().st_size
    except FileNotFoundError:
        return 0


def _every(wanted: bytes, data: bytes) -> list[int]:
    places = []
    at = data.find(wanted)
    while at >= 0:
        places.append(at)
        at = data.find(wanted, at + len(wanted))
    return places


def _is_worker_err(name: str) -> bool:
    return name.startswith("worker-") and name.endswith(".err")
