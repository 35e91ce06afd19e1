"""Which attempt of a task wrote which section of the logs, as far as something tells. Standard library only.

Ray writes neither times nor numbers of attempts into the logs. What tells their order:

- sections in one file are in the order in which they began;
- attempts of a task do not run at once, and a section that nothing follows was written to last by its own attempt: so
  two of these are in the order of the times of their files;
- a section in a file that others wrote to since began before it was seen to be there, and after its worker began, and
  after the last look that did not find it;
- the storage has the time at which the latest attempt began.

Where that is not enough the times of the files decide, and it is said.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from wftui.sources.ray.cluster.near.log_file import LogFile, Section

CLOCK = 0.02
"""Seconds by which the time of a file may lag behind the clock."""
_WHY = "they lie in files of several workers that went on to other tasks, and Ray notes no times there"


class Part(NamedTuple):
    """A section and its file."""

    file: LogFile
    section: Section

    @property
    def is_last(self) -> bool:
        """Whether nothing follows in its file: then that was written to last by its own attempt."""
        return self.section.end is None

    @property
    def early(self) -> float:
        """A moment, Unix seconds: its attempt began no sooner, or ran then."""
        return self.file.written if self.is_last else self.section.after

    @property
    def late(self) -> float:
        """A moment, Unix seconds: its attempt had begun by then."""
        return min(self.file.written, self.section.by) if not self.is_last else self.file.written


class Attempts(NamedTuple):
    """The sections of a task.

    Attributes:
        parts: In order, the latest at the end.
        is_certain: Whether that is the order for sure.
        is_latest: Whether the last one is that of the latest attempt for sure.
        can_be_latest: Whether it can be.
    """

    parts: list[Part]
    is_certain: bool
    is_latest: bool
    can_be_latest: bool


def in_order(found: list[tuple[LogFile, Section]], started: float | None, pid: int | None) -> Attempts:
    """The sections of a task in the order of its attempts.

    Args:
        found: All that there are of its name.
        started: When the latest attempt began, Unix seconds, as far as is known.
        pid: In which worker it runs, as far as is known.
    """
    parts = sorted((Part(*one) for one in found), key=lambda part: (part.late, part.section.start))
    if started is None:
        return Attempts(parts, _is_certain(parts), _is_certain(parts), bool(parts))
    begun = [part for part in parts if part.late >= started - CLOCK]
    # What says that a section began later still may be read from a clock or in a timezone that is another than ours:
    # it chooses between several, and excludes none that is the only one.
    latest = [part for part in begun if part.section.after <= started + CLOCK] or begun
    if pid is not None:
        latest = [part for part in latest if part.file.path.endswith(f"-{pid}.err")] or latest
    latest = [part for part in latest if not _is_followed(part, latest)]
    if not latest:
        return Attempts(parts, _is_certain(parts), False, False)
    # What was written to last by its own attempt, since the latest one began, is of that one.
    chosen = max(latest, key=lambda part: (part.is_last, part.late))
    parts.remove(chosen)
    is_latest = len(latest) == 1 or [part.is_last for part in latest].count(True) == 1
    return Attempts([*parts, chosen], _is_certain(parts if is_latest else [*parts, chosen]), is_latest, True)


def doubt(attempts: Attempts, wanted: int | None, begun: int | None) -> str:
    """What is not certain of the number of an attempt, one line; "" if nothing.

    Args:
        attempts: Those of which there are logs.
        wanted: The one that is read; None for the latest.
        begun: How often the task was begun, as far as is known.
    """
    if wanted is None and not attempts.can_be_latest:
        return "attempt unknown: there are only logs of earlier ones"
    count = len(attempts.parts)
    if begun is not None and count < begun:
        if wanted is None or wanted == begun:
            return ""
        return f"attempt unknown: the task was begun {begun:,} times, and here are logs of {count:,}"
    if wanted is None and not attempts.is_latest and count > 1:
        return f"attempt unknown: this may not be the latest of {count:,}; {_WHY}"
    if wanted is not None and not attempts.is_certain and not (wanted == count and attempts.is_latest):
        return f"attempt unknown: this may be another than {wanted:,} of {count:,}; {_WHY}"
    return ""


def _is_followed(part: Part, parts: list[Part]) -> bool:
    """Whether another one of these is in the same file behind it."""
    return any(other.file is part.file and other.section.start > part.section.start for other in parts)


def _is_certain(parts: list[Part]) -> bool:
    return all(
        (first.file is second.file and first.section.start < second.section.start) or first.late <= second.early
        for first, second in pairwise(parts)
    )
