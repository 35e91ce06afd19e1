"""The processes that make large layouts, so that the interface need not share its interpreter with them.

That of the best layouts reads frames `(number, graph, pen, plan)` and answers `(number, how, value)`: how is "ok"
with a `Board`, "target" with the message and the hint of a `TargetError`, or "raised" with the name and the text of
any other exception. The near one reads `("arrange", graph, pen, plan)` and `("grow", board, graph, pen)`, where no
board stands for the one it answered last, and answers `(how, value)`, also "none" where nothing can be appended. They
print nothing, have no terminal, and are gone as soon as their parent is, even in the middle of their work.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO, cast

from wftui.dag.append import grow
from wftui.dag.board import Board, arrange
from wftui.errors import TargetError
from wftui.frames import FrameWriter, read_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.dag.picture import Pen
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph

# The interface comes first.
_NICE = 10

_Frame = tuple[object, ...]


def best() -> None:
    """Answer until the pipe ends, with the best layouts."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)

    def answer(frame: _Frame) -> _Frame:
        number, graph, pen, plan = frame
        return number, *work(cast("Graph", graph), cast("Pen", pen), cast("Plan", plan))

    _serve(answer)


def near() -> None:
    """Answer until the pipe ends, with first layouts and what is appended: somebody waits for that."""
    last: Board | None = None

    def answer(frame: _Frame) -> _Frame:
        nonlocal last
        if frame[0] == "arrange":
            how, value = work(*cast("tuple[Graph, Pen, Plan]", frame[1:]))
        else:
            board, graph, pen = cast("tuple[Board | None, Graph, Pen]", frame[1:])
            how, value = _told(lambda: grow(cast("Board", board or last), graph, pen))
        if isinstance(value, Board):
            last = value
        return how, value

    _serve(answer)


def _serve(answer: Callable[[_Frame], _Frame]) -> None:
    writer = FrameWriter(sys.stdout.buffer)
    frames: queue.SimpleQueue[_Frame] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, frames), daemon=True).start()
    while True:
        try:
            writer.write(answer(frames.get()))
        except OSError:  # nobody is there to read it
            return


def _read(stream: BinaryIO, frames: queue.SimpleQueue[_Frame]) -> None:
    while (frame := read_frame(stream)) is not None:
        frames.put(frame)
    # The parent is gone, or has closed the pipe: whatever is under way, nobody waits for it.
    os._exit(0)


def work(graph: Graph, pen: Pen, plan: Plan) -> tuple[str, object]:
    """Lay out. Returns how it went, and the board or what was raised."""
    return _told(lambda: arrange(graph, pen, plan))


def _told(make: Callable[[], Board | None]) -> tuple[str, object]:
    try:
        board = make()
    except TargetError as error:
        return "target", (error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - told to the parent, which shows it
        return "raised", (type(error).__name__, str(error))
    return ("ok", board) if board is not None else ("none", None)
