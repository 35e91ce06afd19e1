"""Inside the observer: takes requests, has them carried out, and hands the answers over in parts of bounded size."""

from __future__ import annotations

import os
import pickle
import threading
import zlib

from wftui.errors import TargetError
from wftui.sources.ray.cluster.answers import attempt
from wftui.sources.ray.cluster.near.operations import Nearby

ANSWER_BYTES = 1 << 20
"""At most so many in one answer of the actor; more are asked for part by part."""
MOST_BYTES = 256 * ANSWER_BYTES
"""At most so many in all parts of an answer."""
_MOST_KEPT = 8
"""Answers whose rest is kept; the oldest are forgotten: who asked for them is gone."""
_LEVEL = 1
"""Of compression: a tenth of the size for a tenth of the time that reading took."""


class Carrier:
    """Answers the driver; from several threads."""

    def __init__(self) -> None:
        self._nearby = Nearby()
        self._lock = threading.Lock()
        self._kept: dict[int, bytes] = {}
        self._tickets = 0

    def carry_out(self, request: bytes) -> tuple[int, int, bytes]:
        """Carry out a near operation.

        Args:
            request: `(operation, arguments)`, pickled.

        Returns:
            A ticket for the rest of the answer, the bytes of all of it, and its first part. All parts together are an
            outcome (see `answers.py`), pickled and compressed.
        """
        operation, arguments = pickle.loads(request)  # noqa: S301 - from our own driver
        answer = packed(attempt(self._carry_out, operation, arguments))
        if len(answer) > MOST_BYTES:
            why = f"an answer of {len(answer) / 1e6:,.0f} MB is too much to bring here"
            answer = packed(("target", (why, "open the storage where it lies")))
        if len(answer) <= ANSWER_BYTES:
            return 0, len(answer), answer
        with self._lock:
            self._tickets += 1
            ticket = self._tickets
            self._kept[ticket] = answer
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return ticket, len(answer), answer[:ANSWER_BYTES]

    def rest(self, ticket: int, start: int) -> bytes:
        """The part of an answer that begins at `start`; the last one ends it."""
        with self._lock:
            answer = self._kept.get(ticket, b"")
            if start + ANSWER_BYTES >= len(answer):
                self._kept.pop(ticket, None)
        return answer[start : start + ANSWER_BYTES]

    def _carry_out(self, operation: str, arguments: tuple[object, ...]) -> object:
        if operation == "hello":
            return _where_it_runs()
        return self._nearby.carry_out(operation, *arguments)


def packed(outcome: tuple[str, object]) -> bytes:
    """An outcome as bytes; where it cannot be pickled, that outcome."""
    try:
        return zlib.compress(pickle.dumps(outcome, protocol=5), _LEVEL)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        return zlib.compress(pickle.dumps(("raised", (type(error).__name__, str(error))), protocol=5), _LEVEL)


def unpacked(data: bytes) -> tuple[str, object]:
    """The outcome in those bytes.

    Raises:
        TargetError: They are not whole: the observer forgot the rest.
    """
    try:
        outcome: tuple[str, object] = pickle.loads(zlib.decompress(data))  # noqa: S301 - from our own observer
    except (zlib.error, EOFError, pickle.UnpicklingError):
        raise TargetError("the observer in the cluster gave an answer in part only") from None
    return outcome


def _where_it_runs() -> tuple[str, int]:
    """The address of the node, and the process id there."""
    import ray

    return str(ray.util.get_node_ip_address()), os.getpid()
