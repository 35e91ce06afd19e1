"""Shares work out among processes, where a command has much to read and nothing else to do.

Reading small files is half Python's own work, which threads cannot share. The processes are forks of this one: they
start in milliseconds and have all that it has in memory. A process with threads is never forked.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST = 8
"""Processes at most: they wait for the same disk."""


class _Helper(NamedTuple):
    """A forked process: its id, and what it writes its results to."""

    pid: int
    results: BinaryIO


def processors() -> int:
    """How many processes are worth it here, at least 1."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return 1
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return min(len(allowed), _MOST)


def shared_out(
    work: Callable[[Sequence[_Item]], list[_Result]], items: Sequence[_Item], *, plain: bool = False
) -> list[list[_Result]]:
    """Every n-th item to each of n processes, this one included: what takes long is spread evenly.

    Args:
        work: Reads some items and gives results that can be pickled. What it changes in a fork is lost. What a fork
            could not do is done here, so that errors are raised here.
        items: To read.
        plain: The results are numbers, texts, and tuples of these: they get here in less than half the time.

    Returns:
        The results, one list for each process.
    """
    count = processors()
    parts = [items[start::count] for start in range(count)]
    helpers: list[_Helper | None] = []
    try:
        helpers.extend(_fork(work, part, plain) for part in parts[1:])
        found = [work(parts[0])]
        for helper, part in zip(helpers, parts[1:], strict=True):
            results = _take(helper, plain)
            found.append(work(part) if results is None else results)
        return found
    finally:
        for helper in helpers:
            _end(helper)


def _fork(work: Callable[[Sequence[_Item]], list[_Result]], part: Sequence[_Item], plain: bool) -> _Helper | None:
    """Have a process work on a part; None where no other may be had, for want of memory or of files, say."""
    kept = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # no fork is to take itself for the command
    try:
        read, write = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            os.close(read)
            pid = -1
        if pid == 0:
            _work_in_fork(work, part, write, plain)
        os.close(write)
        return None if pid < 0 else _Helper(pid, os.fdopen(read, "rb"))
    except OSError:
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, kept)


def _work_in_fork(
    work: Callable[[Sequence[_Item]], list[_Result]], part: Sequence[_Item], write: int, plain: bool
) -> NoReturn:
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        gc.disable()  # a short life; and looking for garbage would copy the memory that is shared
        results = work(part)
        with os.fdopen(write, "wb") as pipe:
            if plain:
                pipe.write(marshal.dumps(results))
            else:
                import pickle  # only for this, never for what lies in a storage

                pickle.dump(results, pipe, protocol=5)
        code = 0
    finally:  # whatever happened: nothing of the command goes on in here
        os._exit(code)


def _take(helper: _Helper | None, plain: bool) -> Any:
    """Wait for the results of a process; None where it failed."""
    if helper is None:
        return None
    if plain:
        return _unmarshalled(helper.results.read())
    import pickle

    try:
        return pickle.loads(helper.results.read())  # noqa: S301 - from a fork of this very process
    except (EOFError, pickle.UnpicklingError):
        return None  # it ended before it had written all: the last byte of a pickle tells that it is whole


def _unmarshalled(data: bytes) -> Any:
    try:
        return marshal.loads(data)  # noqa: S302 - likewise
    except (EOFError, ValueError, TypeError):
        return None


def _end(helper: _Helper | None) -> None:
    """Leave nothing of a process behind, whatever it does."""
    if helper is None:
        return
    helper.results.close()
    with suppress(ProcessLookupError):
        os.kill(helper.pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # a parent that ignores SIGCHLD, as some supervisors do, has none to wait for
        os.waitpid(helper.pid, 0)
