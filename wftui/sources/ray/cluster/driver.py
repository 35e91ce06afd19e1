"""The Ray driver: a process of its own, told what to do through a pipe, that ends when the pipe does.

Why a process: Ray's core worker calls exit() a minute after the cluster is gone, `ray.init` takes over SIGTERM and may
block for minutes, and both print. Here all of that hurts nobody: the parent drops this process and starts another.

A request is the frame `(number, operation, arguments)`, an answer `(number, how, value)`: how is "ok", "target" (a
`TargetError` as `(message, hint)`), "gone" (the same, as a `TargetGone`) or "raised" (any other exception as
`(type, text)`).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from wftui.errors import TargetError, TargetGone
from wftui.frames import FrameWriter, read_frame
from wftui.sources.ray.cluster.attach import detach
from wftui.sources.ray.cluster.calls import ManagerCalls

if TYPE_CHECKING:
    from collections.abc import Callable

DETACH_TIMEOUT = 3.0


class _Driver:
    """Carries out requests, each in a thread of its own: one that hangs holds no other."""

    def __init__(self, answers: FrameWriter) -> None:
        self._answers = answers
        calls = ManagerCalls()
        self._operations: dict[str, Callable[..., object]] = {
            "attach": calls.attach,
            "look": calls.look,
            "identify": calls.identify,
            "status": calls.status,
            "cancel": calls.cancel,
            "resume": calls.resume,
            "delete": calls.delete,
        }

    def carry_out(self, number: int, operation: str, arguments: tuple[object, ...]) -> None:
        how: str
        value: object
        try:
            how, value = "ok", self._operations[operation](*arguments)
        except TargetGone as gone:
            how, value = "gone", (gone.message, gone.hint)
        except TargetError as error:
            how, value = "target", (error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - crosses to the parent, which decides
            cause = getattr(error, "cause", None)  # a RayTaskError's own text is a whole traceback
            raised = cause if isinstance(cause, Exception) else error
            how, value = "raised", (type(raised).__name__, str(raised))
        try:
            self._answers.write((number, how, value))
        except OSError:
            os._exit(1)  # nobody is left to answer


def main() -> None:
    """Serve the pipe on stdin and stdout until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Whatever Ray prints goes to the parent's file for stderr, never into the pipe or onto the terminal.
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    driver = _Driver(FrameWriter(answers))
    while (frame := read_frame(requests)) is not None:
        if frame[1] == "attach":
            driver.carry_out(*frame)  # type: ignore[arg-type]  # ray.init wants the main thread: it sets signal handlers
        else:
            threading.Thread(target=driver.carry_out, args=frame, daemon=True).start()
    leave()


def leave() -> None:
    """Detach, but never hang: a daemon thread tries, and the process ends either way."""
    leaving = threading.Thread(target=_detach, daemon=True)
    leaving.start()
    leaving.join(DETACH_TIMEOUT)
    os._exit(0)


def _detach() -> None:
    if "ray" in sys.modules:
        detach()


if __name__ == "__main__":
    main()
