"""The process that makes large layouts, so that the interface need not share its interpreter with them.

It reads frames `(number, graph, pen, plan)` and answers `(number, how, value)`: how is "ok" with a `Board`, "target"
with the message and the hint of a `TargetError`, or "raised" with the name and the text of any other exception. It
prints nothing, has no terminal, and is gone as soon as its parent is, even in the middle of its work.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO, cast

from wftui.dag.board import arrange
from wftui.errors import TargetError
from wftui.frames import FrameWriter, read_frame

if TYPE_CHECKING:
    from wftui.dag.picture import Pen
    from wftui.dag.plan import Plan
    from wftui.model.graph import Graph

# The interface comes first.
_NICE = 10

_Frame = tuple[object, ...]


def main() -> None:
    """Answer until the pipe ends."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)
    writer = FrameWriter(sys.stdout.buffer)
    frames: queue.SimpleQueue[_Frame] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, frames), daemon=True).start()
    while True:
        number, graph, pen, plan = frames.get()
        how, value = work(cast("Graph", graph), cast("Pen", pen), cast("Plan", plan))
        try:
            writer.write((number, how, value))
        except OSError:  # nobody is there to read it
            return


def _read(stream: BinaryIO, frames: queue.SimpleQueue[_Frame]) -> None:
    while (frame := read_frame(stream)) is not None:
        frames.put(frame)
    # The parent is gone, or has closed the pipe: whatever is under way, nobody waits for it.
    os._exit(0)


def work(graph: Graph, pen: Pen, plan: Plan) -> tuple[str, object]:
    """Lay out. Returns how it went, and the board or what was raised."""
    try:
        return "ok", arrange(graph, pen, plan)
    except TargetError as error:
        return "target", (error.message, error.hint)
    except Exception as error:  # noqa: BLE001 - told to the parent, which shows it
        return "raised", (type(error).__name__, str(error))
