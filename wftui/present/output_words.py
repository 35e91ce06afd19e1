"""What is said of the output of a task: how it is followed, how much there is, what its file is called. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from wftui.model.output import Stream
from wftui.model.status import Status
from wftui.present.format import clock_time, size
from wftui.present.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.task import Task
    from wftui.present.output_lines import OutputLine

# What every file system takes in a name.
_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 100
_WORDS = {None: "stdout and stderr", Stream.OUT: "stdout only", Stream.ERR: "stderr only"}
_SHORT = {Stream.OUT: "out ", Stream.ERR: "err ", None: "--- "}


class Following(Enum):
    """How it is followed."""

    READING = "reading"
    LIVE = "live"
    ENDED = "ended"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class OutputState:
    """What there is to tell.

    Attributes:
        following: How it is followed.
        trouble: Why it is not, one line.
        retries: Whether that is tried again.
        stays: The user reads and does not go along with what is new.
        stream: Which one is shown; None for both.
        lines: How many lines are kept of those shown.
        dropped: Lines that are not kept any more.
        skipped: Bytes that were left out.
        found: What is told of a search.
        wraps: Long lines are broken.
    """

    following: Following = Following.READING
    trouble: str = ""
    retries: bool = False
    stays: bool = False
    stream: Stream | None = None
    lines: int = 0
    dropped: int = 0
    skipped: int = 0
    found: str = ""
    wraps: bool = True


def state_words(state: OutputState) -> list[tuple[str, str]]:
    """The state as (text, tone), what matters most first."""
    words: list[tuple[str, str]] = []
    if state.following is Following.STOPPED:
        again = "; tries again" if state.retries else ""
        words.append((f"stopped: {visible(state.trouble)}{again}", "warning"))
    elif state.following is Following.READING:
        words.append(("reading...", "muted"))
    elif state.following is Following.ENDED:
        words.append(("ended", "muted"))
    elif state.stays:
        words.append(("live, not following", "waiting"))
    else:
        words.append(("live, following", "running"))
    if state.found:
        words.append((state.found, "waiting"))
    words.append((f"{state.lines:,} line{'' if state.lines == 1 else 's'}", "muted"))
    if state.dropped:
        words.append((f"{state.dropped:,} dropped", "warning"))
    if state.skipped:
        words.append((f"{size(state.skipped)} left out", "warning"))
    words.append((_WORDS[state.stream], "muted"))
    words.append(("wrapped" if state.wraps else "not wrapped", "muted"))
    return words


def empty_words(state: OutputState) -> str:
    """What stands in the place of no lines."""
    where = "" if state.stream is None else f" to {state.stream.value}"
    return {
        Following.READING: "",
        Following.LIVE: f"nothing is printed{where} so far",
        Following.ENDED: f"nothing was printed{where}",
        Following.STOPPED: "",
    }[state.following]


def as_of_words(then: Task | None, moment: float, now: float) -> str:
    """What is said where the past is looked at, and of what is printed only the present is known.

    Args:
        then: The task as it was; None where it was not there yet.
        moment: Which moment, Unix seconds.
        now: What time it is.
    """
    at = clock_time(moment, now)
    if then is None or then.status in (Status.PENDING, Status.READY):
        what = f"at {at} it had not begun, and all of this was printed later"
    elif then.status is Status.SUCCESSFUL:
        what = f"at {at} it had ended, and nothing was printed after that"
    elif then.status.is_terminal:
        what = f"at {at} it had ended, and an attempt after that may have printed this"
    else:
        what = f"some of this may have been printed after {at}"
    return f"the output as of now, not {at}; logs have no times: {what}"


def file_name(workflow_id: str, task_id: str) -> str:
    """A file for it: letters, digits, points, bars."""
    name = "-".join(filter(None, (_ODD.sub("_", part).strip("._-") for part in (workflow_id, task_id))))
    return f"{name[:_LONGEST_NAME] or 'output'}.log"


def file_text(lines: Iterable[OutputLine], *, both: bool) -> str:
    """The lines as a file holds them; of both streams, each line begins with its own."""
    return "".join(f"{_SHORT[line.stream] if both or line.stream is None else ''}{line.text}\n" for line in lines)
