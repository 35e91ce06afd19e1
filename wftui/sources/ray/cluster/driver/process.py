"""The Ray driver: a process of its own, told what to do through a pipe, that ends when the pipe does.

Why a process: Ray's core worker calls exit() a minute after the cluster is gone, `ray.init` takes over SIGTERM and may
block for minutes, and both print. Here all of that hurts nobody: the parent drops this process and starts another.

A request is the frame `(number, operation, arguments)`, an answer `(number, how, value)`; see `answers.py`.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from wftui.errors import TargetError
from wftui.frames import FrameWriter, read_frame
from wftui.sources.ray.cluster.answers import attempt
from wftui.sources.ray.cluster.driver.attach import detach
from wftui.sources.ray.cluster.driver.calls import ManagerCalls
from wftui.sources.ray.cluster.near.operations import NEAR, Nearby
from wftui.sources.ray.cluster.observer.observer import ObserverCalls

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

DETACH_TIMEOUT = 3.0
_BY_CLIENT = frozenset({"look", "identify"})
"""Near operations that go through Ray Client, too. The State API, for one, hangs there."""


class _Driver:
    """Carries out requests, each in a thread of its own: one that hangs holds no other."""

    def __init__(self, answers: FrameWriter) -> None:
        self._answers = answers
        self._nearby = Nearby()
        self._calls = calls = ManagerCalls()
        self._observer = ObserverCalls(calls.check_port, calls.check_session)
        self._operations: dict[str, Callable[..., object]] = {
            "attach": calls.attach,
            "send": self._observer.send,
            "traffic": self._observer.traffic,
            "status": calls.status,
            "cancel": calls.cancel,
            "resume": calls.resume,
            "delete": calls.delete,
        }

    def carry_out(self, number: int, operation: str, arguments: tuple[object, ...]) -> None:
        how, value = attempt(self._carry_out, operation, arguments)
        try:
            self._answers.write((number, how, value))
        except OSError:
            os._exit(1)  # nobody is left to answer

    def _carry_out(self, operation: str, arguments: tuple[object, ...]) -> object:
        if operation not in NEAR:
            return self._operations[operation](*arguments)
        if self._observer.was_sent:
            return self._observer.carry_out(operation, *arguments)
        if self._calls.is_client and operation not in _BY_CLIENT:
            raise TargetError("no observer of ours runs in the cluster, which alone could tell")
        # Ray itself would wait a minute for a cluster that is not there, and then end this process.
        self._calls.check_session()
        return self._nearby.carry_out(operation, *arguments)

    def leave(self) -> NoReturn:
        """Take the observer back and detach, but never hang: a daemon thread tries, and the process ends either way."""
        leaving = threading.Thread(target=self._detach, daemon=True)
        leaving.start()
        leaving.join(DETACH_TIMEOUT)
        os._exit(0)

    def _detach(self) -> None:
        if "ray" in sys.modules:
            self._observer.recall()
            detach()


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
    driver.leave()


if __name__ == "__main__":
    main()
