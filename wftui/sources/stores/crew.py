"""Threads that read many things at once, and that never hold the exit of the program.

`concurrent.futures.ThreadPoolExecutor` would do, but for its end: the interpreter waits for each of its threads, and
one that waits for a connection to nowhere keeps a user who left waiting with it. Standard library only.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from wftui.errors import TargetGone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

A = TypeVar("A")
T = TypeVar("T")


class Crew:
    """Some daemon threads, started when there is work for them.

    Args:
        most: At most so many.
        name: Of the threads.
    """

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._idle = threading.Semaphore(0)
        self._threads = 0
        self._closed = False
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()

    def submit(self, call: Callable[[A], T], argument: A) -> Future[T]:
        """Have a thread make the call. After `close` its answer is a `TargetGone`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                future.set_exception(TargetGone("closed"))
                return future
            self._work.put((future, lambda: call(argument)))
            if not self._idle.acquire(blocking=False) and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._run, name=f"{self._name}-{self._threads}", daemon=True).start()
        return future

    def map(self, call: Callable[[A], T], arguments: Iterable[A]) -> list[T]:
        """The answers of all calls, in order. Where one raises, those that have not begun are not made.

        Raises:
            TargetGone: The crew was closed meanwhile.
        """
        futures = [self.submit(call, argument) for argument in arguments]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()  # what one was told, all would be told; those that are done stay as they are

    def close(self) -> None:
        """What has not begun is not begun any more, and the threads end with what they do. Never blocks."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._work.put(None)

    def _run(self) -> None:
        while (item := self._next()) is not None:
            future, call = item
            del item  # while it waits for the next, a thread must not hold the answer to the last
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._made(call))
                except BaseException as error:  # noqa: BLE001 - raised again by who waits for the answer
                    future.set_exception(error)
            del future, call

    def _made(self, call: Callable[[], T]) -> T:
        if self._closed:
            raise TargetGone("closed")
        return call()

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        try:
            return self._work.get_nowait()
        except queue.Empty:
            self._idle.release()
            return self._work.get()
