"""The log files of Ray's workers in one folder: those are found in which a task printed. Standard library only.

See `log_file` for what stands in them.
"""

from __future__ import annotations

import os
import re
import stat
import time
from typing import NamedTuple

from wftui.sources.ray.cluster.near.log_chain import LogChain
from wftui.sources.ray.cluster.near.log_file import BUDGET, LogFile, Sample, Section

_ERR = re.compile(r"(.*\.err)(?:\.\d{1,4})?", re.DOTALL)
_OF_WORKER = re.compile(r"worker-([0-9a-f]+)-(?:[0-9a-f]+-)?(\d+)\.err")
_STAMP = re.compile(rb"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} ")


class Found(NamedTuple):
    """What was found of a name.

    Attributes:
        parts: Its sections, each with its file.
        left: Bytes that are not looked through yet.
        unread: Why files could not be read.
    """

    parts: list[tuple[LogFile, Section]]
    left: int
    unread: list[OSError]


class WorkerLogs:
    """The log files in one folder.

    Args:
        folder: The `logs` of a Ray session.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._files: dict[str, LogFile] = {}
        self._chains: dict[str, LogChain] = {}
        self._sampled: dict[str, tuple[tuple[int, int], Sample]] | None = (
            None  # by what the folder said, and what it was
        )

    def file(self, path: str) -> LogFile:
        """What is known of a file, brought up to date.

        Raises:
            OSError: It is gone, or cannot be read.
        """
        known = self._known(path)
        known.refresh()
        while not known.is_whole:
            known.refresh()
        return known

    def sample(self) -> None:
        """Remember how large each stdout is now where tasks cannot be told apart in it: done again and again, it tells.

        Raises:
            OSError: The folder cannot be read.
        """
        sizes = {path: status.st_size for path, status in self._list()}
        is_first, before = self._sampled is None, self._sampled or {}
        now: dict[str, tuple[tuple[int, int], Sample]] = {}
        for err in [path for path in sizes if path.endswith(".err")]:
            out = out_of(err)
            listed = sizes[err], sizes.get(out, 0)
            last = before.get(err)
            if last is not None and last[0] == listed:
                now[err] = last
                continue
            size = self.size_of(out)
            age = self._chain(out).age
            sample = Sample(self.size_of(err), size, self.size_of(out), age)
            now[err] = listed, sample
            if not is_first:
                self._take(err, last[1] if last is not None else Sample(0, 0, 0, age), sample)
        self._sampled = now

    def _take(self, err: str, last: Sample, sample: Sample) -> None:
        """A file has grown since the last sample."""
        try:
            file = self.file(err)
        except OSError:  # gone, or not to be read: who asks for its output is told
            return
        if not file.is_marked:
            self._see(file)
            file.note_at(last)
            file.note_at(sample)

    def beside(self, path: str) -> LogFile:
        """A stderr, with a note on how large the stdout beside it was before and after it was looked through.

        Raises:
            OSError: It is gone, or cannot be read.
        """
        out = out_of(path)
        before, age = self.size_of(out), self._chain(out).age
        file = self.file(path)
        after = self.size_of(out)
        self._see(file)
        file.note(len(file.sections), before if age == file.seen_age else 0, after)
        return file

    def _see(self, file: LogFile) -> None:
        """Whether the stdout beside it is still the one of which something was noted."""
        out = self._chain(out_of(file.path))
        file.begin_anew(out.age, is_emptied=not out.is_rotated)

    def find(self, name: bytes) -> Found:
        """All sections of that name, in no order that means anything.

        Files that were written to last are looked through first.

        Raises:
            OSError: The folder cannot be read.
        """
        there: dict[str, float] = {}
        for path, status in self._list():
            if (err := _err_of(path)) is not None:
                there[err] = max(there.get(err, 0.0), status.st_mtime)
        budget = BUDGET
        found = Found([], 0, [])
        for path in sorted(there, key=lambda path: -there[path]):
            known = self._known(path)
            try:
                budget -= known.refresh(budget) if budget > 0 else 0
            except FileNotFoundError:
                continue
            except OSError as error:
                found.unread.append(error)
                continue
            found.parts.extend((known, part) for part in known.sections if part.name == name)
            if not known.is_whole:
                found = found._replace(left=found.left + known.size - known.scanned)
        return found

    def chain(self, path: str) -> LogChain:
        """A file with what was rotated away from it, as it is now.

        Raises:
            OSError: There is none, or it cannot be looked at.
        """
        chain = self._chain(path)
        chain.refresh()
        return chain

    def size_of(self, path: str) -> int:
        """The offset behind the last byte of a file; 0 where there is none."""
        try:
            return self.chain(path).ends
        except OSError:
            return 0

    def _chain(self, path: str) -> LogChain:
        if path not in self._chains:
            self._chains[path] = LogChain(path)
        return self._chains[path]

    def _known(self, path: str) -> LogFile:
        known = self._files.get(path)
        if known is None:
            known = self._files[path] = LogFile(path, self._chain(path))
            known.looked = _begun(path)
        return known

    def _list(self) -> list[tuple[str, os.stat_result]]:
        """The ordinary files of workers: a name in the folder may be anything."""
        listed = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.startswith("worker-"):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:  # gone since
                        continue
                    if stat.S_ISREG(status.st_mode):
                        listed.append((entry.path, status))
        return listed


def out_of(err: str) -> str:
    """The path of the stdout beside a stderr."""
    return err[: -len(".err")] + ".out"


def _err_of(path: str) -> str | None:
    """The file of stderr that this is, or was before it was rotated; None for what is none."""
    found = _ERR.fullmatch(path)
    return found[1] if found is not None else None


def _begun(err: str) -> float:
    """When a worker began, Unix seconds, from the first line of its own log; 0.0 where that does not tell.

    The time there is that of the worker's timezone, which need not be ours. After a rotation (Ray 2.47.1 names what it
    moved away `….log.1`, `….log.2`) nothing tells whether the first line that is left is the first one.
    """
    folder, name = os.path.split(err)
    found = _OF_WORKER.fullmatch(name)
    if found is None:
        return 0.0
    chain = LogChain(os.path.join(folder, f"python-core-worker-{found[1]}_{found[2]}.log"))
    try:
        chain.refresh()
        stamp = _STAMP.match(chain.read(0, 64)) if not chain.is_rotated else None
        begun = time.mktime(time.strptime(stamp[1].decode(), "%Y-%m-%d %H:%M:%S")) if stamp is not None else 0.0
    except (OSError, ValueError, OverflowError):  # no such file, or no such time
        return 0.0
    return begun if begun <= chain.written else 0.0
