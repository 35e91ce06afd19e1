r"""A log file of one of Ray's workers: whose output lies where in it. Standard library only.

What Ray writes (read from ray 2.47.1, and seen): a worker has `worker-<worker id>-<job>-<pid>.out` and `.err` in the
`logs/` of the session, shared by all tasks that run in it one after the other. Before each task the worker prints a
line `:task_name:<name>` to both, behind whatever was printed without an end of line. While a task of a workflow runs,
its output goes to the files named after the job that submitted the workflow (`workflow_logging_context`), which are
others if that is not the job that started the workflow manager; in those nothing marks the tasks, and the offsets that
Ray keeps of a task's log (`task_log_info`, `ray.util.state.get_log`) are of the wrong file: it comes out empty. But the
first thing that each task of a workflow writes to its stderr is
`Task status [RUNNING]\t[<workflow id>@<task id>]` (`ray/workflow/task_executor.py`): that tells whose it is.

Nothing in the files tells when a task began, but for when it was seen to be there; see `attempts`.
"""

from __future__ import annotations

import re
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wftui.sources.ray.cluster.near.log_chain import Link, LogChain


MAGIC = b":task_name:"
MARK = b"Task status [RUNNING]\t["
JOB = b":job_id:"
"""Begins the files of the worker's own job, in which the magic lines stand."""
BLOCK = 1 << 20
BUDGET = 1 << 29
"""Bytes that one call looks through, at most about; what is left is looked through by the next."""
MOST_SECTIONS = 200_000
"""In one file, and so many magic lines: a task that prints such lines itself does not take all memory."""
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
        after: It began after that moment, Unix seconds; 0.0 where nothing tells.
        by: It had begun by then.
        end: Offset of what follows; None as long as nothing does.
    """

    name: bytes
    start: int
    begins: int
    nth: int
    after: float = field(compare=False)
    by: float = field(compare=False)
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
    """How large a stderr was, and the stdout beside it before and after that; `age` is that of the stdout."""

    err: int
    before: int
    after: int
    age: int = 0


@dataclass(slots=True)
class LogFile:
    """One log file, with what was rotated away from it, as far as it was looked through.

    What was noted of the stdout beside a stderr is in `seen`, all of it of that stdout's age `seen_age`. So many
    sections as `lost` tells had begun when it was emptied: what they had printed by then is gone.
    """

    path: str
    chain: LogChain
    scanned: int = 0
    size: int = 0
    written: float = 0.0
    looked: float = 0.0
    has_magic: bool = False
    magics: list[tuple[int, int]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    seen: dict[int, list[int]] = field(default_factory=dict)
    seen_age: int = 0
    lost: int = 0
    links: tuple[Link, ...] = ()
    age: int = 0
    shift: int | None = None

    def refresh(self, budget: int = BUDGET) -> int:
        """Look through what is new, at most about `budget` bytes. Returns how many bytes that were.

        Raises:
            OSError: The file is gone, is no ordinary one, or cannot be read.
        """
        chain, now = self.chain, time.time()
        chain.refresh()
        if chain.links == self.links and self.is_whole:
            self.looked = now
            return 0
        if chain.age != self.age:
            # Another file has taken its place; that of stdout need not be another.
            self.__init__(self.path, chain, age=chain.age, seen_age=self.seen_age)  # type: ignore[misc]
        if not self.has_magic and self.scanned == chain.begins:  # at first it may be empty
            self.has_magic = chain.read(chain.begins, len(JOB)) == JOB
        self.links, self.size, self.written = chain.links, chain.ends, chain.written
        self.scanned = max(self.scanned, chain.begins)
        done = 0
        rest = b""
        while done < budget and (block := chain.read(self.scanned + len(rest), BLOCK)):
            done += len(block)
            data = rest + block
            used = self._scan(data, self.scanned)
            self.scanned += used
            rest = data[used:]
        if self.is_whole:
            self.looked = now
        return done

    @property
    def is_marked(self) -> bool:
        """Whether there are magic lines in it: the line that tells so may have been rotated away."""
        return self.has_magic or ((self.chain.is_rotated or self.age > 0) and bool(self.magics))

    @property
    def is_whole(self) -> bool:
        """Whether all of it was looked through, but for the beginning of what may be a mark."""
        return self.size - self.scanned <= _LONGEST_NAME + len(MARK)

    def section(self, start: int) -> Section | None:
        """The section that begins there."""
        at = bisect_left([section.start for section in self.sections], start)
        found = self.sections[at] if at < len(self.sections) else None
        return found if found is not None and found.start == start else None

    def begin_anew(self, age: int, *, is_emptied: bool) -> None:
        """Forget what was noted of the stdout beside this where that is another now, whose offsets begin at 0 again.

        Args:
            age: That of its chain.
            is_emptied: Whether all that is in it came since: then it is of no section before the latest that was seen.
        """
        if age == self.seen_age:
            return
        self.lost = max(self.seen, default=self.lost)
        self.seen = {self.lost: [0, 0]} if is_emptied and self.lost else {}
        self.seen_age = age

    def note(self, sections: int, before: int, after: int) -> None:
        """Remember how large the stdout beside this was before and after so many sections were seen here."""
        known = self.seen.setdefault(sections, [before, after])
        known[0] = max(known[0], before)

    def note_at(self, sample: Sample) -> None:
        """Remember the same for a moment at which this had another size."""
        if sample.age == self.seen_age:
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
            prefix = None if is_magic else _PREFIX.search(data, max(0, at - 120), at)
            start = base + (prefix.start() if prefix else at)
            self._cut(start)
            if len(self.magics if is_magic else self.sections) >= MOST_SECTIONS:
                continue
            if is_magic:
                self.magics.append((start, base + used))
            else:
                nth, name = len(self.magics), data[behind:stop]
                self.sections.append(Section(name, start, base + used, nth, self.looked, self.written))
        return max(used, len(data) - _OVERLAP)

    def _cut(self, at: int) -> None:
        if self.sections and self.sections[-1].end is None:
            self.sections[-1].end = at


def _every(wanted: bytes, data: bytes) -> list[int]:
    places = []
    at = data.find(wanted)
    while at >= 0:
        places.append(at)
        at = data.find(wanted, at + len(wanted))
    return places
