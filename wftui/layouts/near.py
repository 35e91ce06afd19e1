"""First layouts and what is appended, for large graphs: made in a process, so that the interface need not wait for it.

It is another process than that of the best layouts, which may be at work for seconds.
"""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, BinaryIO, cast

from wftui.dag.append import grow
from wftui.dag.board import Board, arrange
from wftui.frames import FrameWriter, read_frame
from wftui.layouts.passes import LayoutFailed, ProcessLost, close_pipes, outcome_of, started

if TYPE_CHECKING:
    import subprocess

    from wftui.dag.picture import Pen
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph

# Of more nodes than this it is worth sending them to a process.
MANY = 500
# After so many losses no process is tried any more.
_LOSSES = 2


class Near:
    """Answers at once, or as soon as its process does. Used by one thread; any other may close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = False
        self._closed = False
        self._losses = 0
        # What the process answered last: it need not be sent to it.
        self._last: Board | None = None

    @property
    def pid(self) -> int | None:
        """The process, if there is one."""
        process = self._process
        return process.pid if process is not None else None

    def arrange(self, graph: Graph, pen: Pen, plan: Plan) -> Board:
        """Lay out from nothing.

        Raises:
            TargetError: It is too large.
            LayoutFailed: Something unforeseen in the process.
        """
        if self._is_worth_it(graph):
            try:
                return cast("Board", self._asked(("arrange", graph, pen, plan)))
            except ProcessLost:
                self._losses += 1
        return arrange(graph, pen, plan)

    def grow(self, board: Board, graph: Graph, pen: Pen) -> Board | None:
        """Append what is new; None where that takes a new layout.

        Raises:
            LayoutFailed: Something unforeseen in the process.
        """
        if self._is_worth_it(graph):
            try:
                known = board is self._last
                return self._asked(("grow", None if known else board, graph, pen))
            except ProcessLost:
                self._losses += 1
        return grow(board, graph, pen)

    def close(self) -> None:
        """Kill the process: whoever waits for it gets no answer."""
        with self._lock:
            self._closed = True
            process = self._process
            if process is not None:
                process.kill()
                process.wait()
                if not self._busy:  # else the thread that waits for its answer closes them
                    close_pipes(process)

    def _is_worth_it(self, graph: Graph) -> bool:
        return len(graph.nodes) > MANY and self._losses < _LOSSES

    def _asked(self, frame: tuple[object, ...]) -> Board | None:
        process = self._running()
        try:
            FrameWriter(cast("BinaryIO", process.stdin)).write(frame)
            answer = read_frame(cast("BinaryIO", process.stdout))
        except OSError:
            answer = None
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self._bury(process)
            raise ProcessLost(f"the graph could not be sent to a process: {error}") from None
        with self._lock:
            self._busy = False
            closed = self._closed
        if answer is None or closed:
            self._bury(process)
            if closed:
                raise LayoutFailed("nobody waits for it any more")
            raise ProcessLost("the process for first layouts ended in the middle of its work")
        how, value = answer
        made = None if how == "none" else outcome_of(cast("str", how), value)
        if isinstance(made, Exception):
            raise made
        if made is not None:
            self._last = made
        return made

    def _running(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise LayoutFailed("nobody waits for it any more")
            try:
                self._process = self._process or started("near")
            except OSError as error:
                raise ProcessLost(f"no process for layouts could be started: {error}") from None
            self._busy = True
            return self._process

    def _bury(self, process: subprocess.Popen[bytes]) -> None:
        self._last = None
        with self._lock:
            self._process, self._busy = None, False
        process.kill()
        process.wait()
        close_pipes(process)
