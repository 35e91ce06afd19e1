"""Shares work out among processes, where a command has much to read and nothing else to do.

Reading small files is half Python's own work, which threads cannot share. The processes are forks of this one: they
start in milliseconds and have all that it has in memory. A process with threads is never forked.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_MOST = 8
"""Processes at most: they wait for the same disk."""


class _Helper(NamedTuple):
    """A forked process: its id, and what it writes its results to."""

    pid: int
    results: int


def processors() -> int:
    """How many processes are worth it here, at least 1."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return 1
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return min(len(allowed), _MOST)


def shared_out(work: Callable[[Sequence[_Item]], list[_Result]], items: Sequence[_Item]) -> list[list[_Result]]:
    """Every n-th item to each of n processes, this one included: what takes long is spread evenly.

    Args:
        work: Reads some items and gives results that can be pickled. What it changes in a fork is lost. What a fork
            could not do is done here, so that errors are raised here.
        items: To read.

    Returns:
        The results, one list for each process.
    """
    count = processors()
    parts = [items[start::count] for start in range(count)]
    helpers: list[_Helper] = []
    try:
        helpers.extend(_fork(work, part) for part in parts[1:])
        found = [work(parts[0])]
        for part in parts[1:]:
            results = _take(helpers.pop(0))
            found.append(work(part) if results is None else results)
        return found
    finally:
        for helper in helpers:
            os.kill(helper.pid, signal.SIGKILL)
            _take(helper)


def _fork(work: Callable[[Sequence[_Item]], list[_Result]], part: Sequence[_Item]) -> _Helper:
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return _Helper(pid, read)
    code = 1
    try:
        gc.disable()  # a short life; and looking for garbage would copy the memory that is shared
        import pickle  # only for this, never for what lies in a storage

        os.close(read)
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(work(part), pipe, protocol=5)
        code = 0
    finally:  # whatever happened: nothing of the command goes on in here
        os._exit(code)


def _take(helper: _Helper) -> Any:
    """Wait for a process and its results; None where it failed."""
    import pickle

    with os.fdopen(helper.results, "rb") as pipe:
        data = pipe.read()
    _, status = os.waitpid(helper.pid, 0)
    if status:
        return None
    return pickle.loads(data)  # noqa: S301 - from a fork of this very process
