"""What a task printed, read from the log files of Ray's workers. Runs near the data: standard library, and ray inside.

A poll costs what is new in one or two files, whatever their size, and answers with a bound. See `log_file` for what Ray
writes where.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from wftui.errors import NotFoundError, TargetError
from wftui.model.output import OutputPart, OutputPiece, Stream
from wftui.sources.ray.cluster.near.attempts import Attempts, Part, doubt, in_order
from wftui.sources.ray.cluster.near.other_nodes import OtherNodes
from wftui.sources.ray.cluster.near.output_extents import Extent, decoded, extents, sharers
from wftui.sources.ray.cluster.near.worker_logs import WorkerLogs

if TYPE_CHECKING:
    from wftui.sources.ray.cluster.near.log_file import LogFile, Section

LEAST = 1_024
"""Characters of one stream in an answer, whatever was asked for."""
SAMPLED_EVERY = 1.0
"""Seconds."""
MISSED_FOR = 20.0
"""Seconds for which no other machine is asked again for what none of them had."""
_GONE = "the log of the task is gone"
_CUT = "the beginning of its output was rotated away and deleted (RAY_ROTATION_BACKUP_COUNT)"
_EMPTIED = "its log was emptied or replaced while it was read: something may be missing here"
_GONE_HINT = "Ray keeps logs as long as the session of the cluster, on the machine where the task ran"


class Wanted(NamedTuple):
    """Whose output is wanted.

    Attributes:
        workflow_id: Of which workflow.
        task_id: Which task.
        attempt: Which attempt, from 1; None for the latest.
        started_at: When the latest attempt began, Unix seconds, as far as is known.
        is_strict: Whether no log is better than one of an earlier attempt.
        begun: How often the task was begun, as far as is known.
        pid: The process id of the worker in which it runs, as far as is known.
    """

    workflow_id: str
    task_id: str
    attempt: int | None = None
    started_at: float | None = None
    is_strict: bool = False
    begun: int | None = None
    pid: int | None = None

    @property
    def name(self) -> bytes:
        """As Ray writes it into the log."""
        return f"{self.workflow_id}@{self.task_id}".encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Position:
    """Where a reader is: in which section, and how far.

    Attributes:
        err: Path of the file of stderr; that of stdout is beside it.
        start: Where the section begins there.
        known: How many sections of that name there were when this one was chosen.
        at: Offsets of the next byte by stream; not there yet where nothing was read.
        ages: How often its file had become another one by then, by stream; see `LogChain.age`.
    """

    err: str
    start: int
    known: int
    at: dict[str, int]
    ages: dict[str, int]

    def text(self) -> str:
        return json.dumps([self.err, self.start, self.known, self.at, self.ages])

    def of(self, stream: Stream, extent: Extent) -> tuple[int, str]:
        """Where to read on, and what is missing before that."""
        chain, bounds, name = extent.chain, extent.bounds, stream.value
        age, self.ages[name] = self.ages.get(name, 0), chain.age
        at = self.at.get(name)
        if at is None:
            return bounds.begins, _CUT if extent.is_cut else ""
        if age < chain.age or at > chain.ends:
            return bounds.begins, _EMPTIED
        if at < chain.begins:
            return chain.begins, _CUT if at < extent.ended else ""
        return at, ""


class TaskOutput:
    """Reads what tasks printed on this machine.

    Args:
        folder: The `logs` of the session; None for those of the Ray that this process is attached to.
        others: Asks other machines.
    """

    def __init__(self, folder: str | None = None, others: OtherNodes | None = None) -> None:
        self._folder = folder
        self._others = others or OtherNodes()
        self._lock = threading.Lock()
        self._logs: WorkerLogs | None = None
        self._is_watching = False
        self._missed: dict[tuple[object, ...], float] = {}

    def watch(self) -> None:
        """Note from now on how much is printed when: it tells later what is whose, where Ray does not."""
        with self._lock:
            if self._is_watching:
                return
            self._open()
            self._is_watching = True
        threading.Thread(target=self._sample, name="wftui-output", daemon=True).start()

    def _sample(self) -> None:
        while True:
            with self._lock:
                try:
                    self._open().sample()
                except OSError:  # the folder is gone, or cannot be read: who asks for output is told
                    self._is_watching = False
                    return
            time.sleep(SAMPLED_EVERY)

    def read(self, wanted: tuple[object, ...], position: str | None, most: int, latest: bool) -> OutputPart:
        """What it printed after `position`, on whichever machine; see `sources.base.Printing`.

        Returns:
            `is_open` tells whether there is more already; who asks knows whether the task runs.

        Raises:
            NotFoundError: There is no log of it, or not yet.
            TargetError: The log is gone, or cannot be read.
        """
        if position and not position.startswith("["):
            node, _, position = position.partition(" ")
            answer = self._others.ask(node, "output here", wanted, position, most, latest)
            return _of_node(node, answer)
        strict = tuple(Wanted(*wanted)._replace(is_strict=True))  # type: ignore[arg-type]
        try:
            return self.read_here(strict, position, most, latest)
        except NotFoundError:
            if time.monotonic() - self._missed.get(wanted, -MISSED_FOR) < MISSED_FOR:
                return self.read_here(wanted, position, most, latest)
        try:
            return _of_node(*self._others.find("output here", strict, position, most, latest))
        except NotFoundError:
            now = time.monotonic()
            self._missed = {one: when for one, when in self._missed.items() if now - when < MISSED_FOR}
            self._missed[wanted] = now
            return self.read_here(wanted, position, most, latest)

    def read_here(self, wanted: tuple[object, ...], position: str | None, most: int, latest: bool) -> OutputPart:
        """What it printed on this machine.

        Raises:
            NotFoundError: There is no log of it here, or not yet.
            TargetError: The log is gone, or cannot be read.
        """
        with self._lock:
            try:
                return self._read(Wanted(*wanted), position, most, latest)  # type: ignore[arg-type]
            except FileNotFoundError:
                raise TargetError(_GONE, _GONE_HINT) from None
            except OSError as error:
                raise TargetError(f"the log of the task cannot be read: {error.strerror}: {error.filename}") from None

    def _read(self, wanted: Wanted, position: str | None, most: int, latest: bool) -> OutputPart:
        logs = self._open()
        whole = position == ""
        if position:
            here = _Position(*json.loads(position))
            file = logs.beside(here.err)
            section = file.section(here.start)
            if section is None or section.name != wanted.name:
                raise TargetError(_GONE, _GONE_HINT)
            note = ""
        else:
            file, section, here, note = self._choose(logs, wanted)
        part = self._take(logs, file, section, here, most, latest=latest or position is None, whole=whole)
        part = _noted(part, note)
        if part.is_open or part.pieces or wanted.attempt is not None:
            return part
        return self._next_attempt(logs, wanted, here, most) or part

    def _choose(self, logs: WorkerLogs, wanted: Wanted) -> tuple[LogFile, Section, _Position, str]:
        """The section that is wanted, the position before it, and what is not certain of it."""
        attempts = self._attempts(logs, wanted)
        found, number = attempts.parts, wanted.attempt
        # Less than there are logs of: those of runs before this one are not in it.
        begun = wanted.begun if wanted.begun is not None and wanted.begun >= len(found) else None
        if number is None or number == begun:
            if not attempts.can_be_latest and (wanted.is_strict or number is not None):
                raise NotFoundError("there are only logs of earlier attempts")
            chosen = found[-1]
        elif number > len(found):
            raise NotFoundError(f"there is no log of attempt {number}: there are logs of {len(found)}")
        else:
            chosen = found[number - 1]
        file = logs.beside(chosen.file.path)
        here = _Position(file.path, chosen.section.start, len(found), {}, {})
        return file, chosen.section, here, doubt(attempts, number, begun)

    def _attempts(self, logs: WorkerLogs, wanted: Wanted) -> Attempts:
        found = logs.find(wanted.name)
        if not found.parts:
            more = f"; {found.left:,} bytes of logs are still to be looked through" if found.left else ""
            if found.unread:
                first = found.unread[0]
                more += f"; {len(found.unread):,} cannot be read ({first.strerror}: {first.filename})"
            raise NotFoundError(f"no log of the task is found{more}")
        return in_order(found.parts, wanted.started_at, wanted.pid)

    def _next_attempt(self, logs: WorkerLogs, wanted: Wanted, here: _Position, most: int) -> OutputPart | None:
        """Where the task was begun again after the attempt that was read to its end: the beginning of that."""
        found = logs.find(wanted.name).parts
        if len(found) <= here.known:
            return None
        latest: Part = in_order(found, wanted.started_at, wanted.pid).parts[-1]
        file, section = latest
        if (file.path, section.start) == (here.err, here.start):
            return None
        again = _Position(file.path, section.start, len(found), {}, {})
        return self._take(logs, logs.beside(file.path), section, again, most, latest=True, whole=True)

    def _take(
        self,
        logs: WorkerLogs,
        file: LogFile,
        section: Section,
        here: _Position,
        most: int,
        *,
        latest: bool,
        whole: bool,
    ) -> OutputPart:
        pieces, skipped, more = [], 0, False
        note = ""
        for stream, extent in extents(logs, file, section):
            first = stream.value not in here.at
            start, missing = here.of(stream, extent)
            room = max(LEAST, most // 2)
            leave = max(0, extent.bounds.ends - start - room) if latest and not (first and whole) else 0
            text, left_out, end = decoded(extent, start, leave, room)
            if stream is Stream.OUT:
                note = sharers(file, section, extent.bounds, start + left_out, end)
            note = missing or note
            here.at[stream.value] = end
            skipped += left_out
            more = more or end < extent.bounds.ends - 3
            if text:
                pieces.append(OutputPiece(stream, text))
        return OutputPart(tuple(pieces), here.text(), more, skipped, note)

    def _open(self) -> WorkerLogs:
        if self._logs is None:
            self._logs = WorkerLogs(self._folder if self._folder is not None else _folder_of_ray())
        return self._logs


def _of_node(node: str, answer: object) -> OutputPart:
    """A part that was read on another machine; its position tells where."""
    part = cast("OutputPart", answer)
    return replace(part, position=f"{node} {part.position}")


def _noted(part: OutputPart, note: str) -> OutputPart:
    """A part with another note besides its own."""
    return replace(part, note="; ".join(filter(None, (note, part.note)))) if note else part


def _folder_of_ray() -> str:
    """Where the Ray that this process is attached to logs on this machine.

    Raises:
        TargetError: It is attached to none, or through Ray Client.
    """
    from ray._private import worker

    node = worker.global_worker.node
    if node is None:
        raise TargetError("the logs of the cluster cannot be read from here", "nothing of ours runs in the cluster")
    return str(node.get_logs_dir_path())
