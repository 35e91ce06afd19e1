"""Where the best layouts are made: in a thread, or in a process of their own. One at a time, the newest only."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from wftui.errors import TargetError
from wftui.frames import FrameWriter, read_frame
from wftui.layouts.process import work

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.dag.board import Board
    from wftui.dag.picture import Pen
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph

# It finds wftui where we found it, wherever that is; -c puts no folder of its own on the path.
_START = "import sys; sys.path[:] = {path!r}; from wftui.layouts.process import {what}; {what}()"


class LayoutFailed(Exception):  # noqa: N818 - what was raised in the process, told on
    """Laying out raised something unforeseen in its process."""


class ProcessLost(Exception):  # noqa: N818 - what happened to it
    """The process could not be started, or ended in the middle of its work."""


@dataclass(frozen=True, slots=True)
class Job:
    """A layout to make.

    Attributes:
        number: Tells jobs apart.
        graph: What to lay out.
        pen: The characters that it is measured with.
        plan: How.
    """

    number: int
    graph: Graph
    pen: Pen
    plan: Plan


class InThread:
    """Makes layouts in a thread: what is not wanted any more is made to its end, and dropped.

    Args:
        done: Gets every outcome that is still wanted.
    """

    def __init__(self, done: Callable[[Job, Board | Exception], None]) -> None:
        self._done = done
        self._changed = threading.Condition()
        self._next: Job | None = None
        self._wanted = -1
        self._thread: threading.Thread | None = None
        self._closed = False

    def start(self, job: Job) -> None:
        """Begin, or be the next to begin."""
        with self._changed:
            self._next, self._wanted = job, job.number
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="wftui-layout-pass", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """Drop what is under way when it is made."""
        with self._changed:
            self._next, self._wanted = None, -1

    def close(self) -> None:
        """End when what is under way is made."""
        with self._changed:
            self._next, self._wanted, self._closed = None, -1, True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._next is not None)
                if self._closed or self._next is None:
                    return
                job, self._next = self._next, None
            outcome = outcome_of(*work(job.graph, job.pen, job.plan))
            with self._changed:
                wanted = self._wanted == job.number
            if wanted:
                self._done(job, outcome)


class InProcess:
    """Makes layouts in a process, which is killed with what is not wanted any more, and started when it is needed.

    Args:
        done: Gets every outcome that is still wanted; a `ProcessLost` where there was no process to make it.
    """

    def __init__(self, done: Callable[[Job, Board | Exception], None]) -> None:
        self._done = done
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        # The one that a thread writes to or reads from: if it is killed, that thread closes its pipes.
        self._talking: subprocess.Popen[bytes] | None = None
        self._busy = False
        self._wanted = -1

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        process = self._process
        return process.pid if process is not None else None

    def start(self, job: Job) -> None:
        """Begin; a process that is at work is killed."""
        with self._lock:
            if self._busy:
                self._kill()
            self._busy, self._wanted = True, job.number
        threading.Thread(target=self._serve, args=(job,), name="wftui-layout-process", daemon=True).start()

    def stop(self) -> None:
        """Kill the process if it is at work."""
        with self._lock:
            self._wanted = -1
            if self._busy:
                self._kill()
                self._busy = False

    def close(self) -> None:
        """Kill the process."""
        with self._lock:
            self._wanted = -1
            self._kill()

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._talking is not process:
            close_pipes(process)

    def _serve(self, job: Job) -> None:
        try:
            outcome = self._made(job)
        except ProcessLost as lost:
            outcome = lost
        with self._lock:
            wanted = self._wanted == job.number
            if wanted:
                self._busy = False
        if wanted:
            self._done(job, outcome)

    def _made(self, job: Job) -> Board | Exception:
        with self._lock:
            if self._wanted != job.number:
                raise ProcessLost("it is not wanted any more")
            try:
                process = self._talking = self._process = self._process or started("best")
            except OSError as error:
                raise ProcessLost(f"no process for layouts could be started: {error}") from None
        try:
            FrameWriter(cast("BinaryIO", process.stdin)).write((job.number, job.graph, job.pen, job.plan))
            frame = read_frame(cast("BinaryIO", process.stdout))
        except (OSError, ValueError, EOFError):  # a ValueError: closed by `_end` in another thread at this moment
            frame = None
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise ProcessLost(f"the graph could not be sent to a process: {error}") from None
        finally:
            with self._lock:
                if self._talking is process:
                    self._talking = None
                is_killed = self._process is not process
            if is_killed:
                close_pipes(process)
        if frame is None:
            self._bury(process)
            raise ProcessLost("the process for layouts ended in the middle of its work")
        _, how, value = frame
        return outcome_of(cast("str", how), value)

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        """Note that a process has ended."""
        with self._lock:
            if self._process is process:
                self._process = None
        process.kill()
        process.wait()
        close_pipes(process)


def started(what: str) -> subprocess.Popen[bytes]:
    """Start the process for the `best` layouts or the `near` ones.

    Raises:
        OSError: It could not be.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", _START.format(path=sys.path, what=what)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # out of reach of the terminal's Ctrl-C and hang-up: it ends with the pipe
    )


def close_pipes(process: subprocess.Popen[bytes]) -> None:
    """Let go of a process that has ended."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not sent yet has nowhere to go
                pipe.close()


def outcome_of(how: str, value: object) -> Board | Exception:
    """What a process, or `work`, told."""
    if how == "ok":
        return cast("Board", value)
    message, more = cast("tuple[str, str]", value)
    return TargetError(message, more) if how == "target" else LayoutFailed(f"{message}: {more}")
