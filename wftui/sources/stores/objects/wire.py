"""Requests to an object store: reading ones only, with bounds on time and size, retries, and plain words for errors.

There is no way to send anything but GET and HEAD from here.
"""

from __future__ import annotations

import random
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError, SSLError
from urllib3.exceptions import TimeoutError as AnyTimeout

from wftui.errors import TargetError, TargetGone
from wftui.sources.stores.objects.connections import Connections

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
"""Seconds without a byte after which a connection has stalled."""
_WHOLE_TIMEOUT = 60.0
"""Seconds for one answer, however steadily it drips."""
_TRIES = 4
_TRIES_WHEN_SILENT = 2
_FIRST_DELAY = 0.2
_LAST_DELAY = 3.0
_PIECE = 1 << 16
_MOST_OF_AN_ERROR = 1 << 16
_BUSY = frozenset({429, 500, 502, 503, 504})
PARALLEL = 32
"""Reads under way at once."""
_CONNECTIONS = 2 * PARALLEL  # kept open: listings go beside the reads

Method = Literal["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Interrupted(TargetGone):
    """The store was closed meanwhile."""


class Wire:
    """Connections to one endpoint.

    Args:
        base: Scheme, host and port, as "https://s3.eu-west-1.amazonaws.com".
        shown: What the target is called in errors.
    """

    def __init__(self, base: str, shown: str) -> None:
        parts = urlsplit(base)
        self.base = base.rstrip("/")
        self.host = parts.netloc
        self._name = parts.hostname or base
        self._shown = shown
        self._closed = threading.Event()
        self._connections = Connections()
        self._pool = _pool_for(base, parts.scheme, self._name, self._connections)
        self._random = random.Random()  # noqa: S311 - spreads retries, guards nothing

    def send(self, method: Method, target: str, headers: Mapping[str, str], most: int) -> Answer:
        """One request, tried again a few times while the store is busy or silent.

        Args:
            method: GET or HEAD.
            target: Path and query, encoded.
            headers: All that are to be sent.
            most: Bytes of the body at most.

        Returns:
            The answer, whatever its status, but that a busy one has been tried again.

        Raises:
            TargetError: No answer came.
        """
        delay = _FIRST_DELAY
        for attempt in range(1, _TRIES + 1):
            if self._closed.is_set():
                raise Interrupted(f"closed: {self._shown}")
            try:
                answer = self._once(method, target, headers, most)
            except (HTTPError, OSError) as error:
                if self._closed.is_set():
                    raise Interrupted(f"closed: {self._shown}") from None
                silent = isinstance(error, (AnyTimeout, NameResolutionError, SSLError))
                if attempt >= (_TRIES_WHEN_SILENT if silent else _TRIES) or isinstance(error, NameResolutionError):
                    raise self._no_answer(error) from None
            else:
                if answer.status not in _BUSY or attempt == _TRIES:
                    return answer
            # Full jitter: many clients that were slowed down at once must not come back at once.
            self._closed.wait(self._random.uniform(delay / 4, delay))
            delay = min(delay * 3, _LAST_DELAY)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: Method, target: str, headers: Mapping[str, str], most: int) -> Answer:
        url = target if isinstance(self._pool, urllib3.HTTPConnectionPool) else self.base + target
        response = self._pool.urlopen(
            method,
            url,
            headers=dict(headers),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        )
        try:
            if response.status >= 300:
                most = max(most, _MOST_OF_AN_ERROR)
            body, is_whole = _read(response, most)
            answer = Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)
        except BaseException:
            response.close()  # what is left on the connection belongs to nobody
            raise
        if is_whole:
            response.release_conn()
        else:
            response.close()
        return answer

    def _no_answer(self, error: Exception) -> TargetError:
        hint = ""
        if isinstance(error, NameResolutionError):
            why, hint = f"the name {self._name} does not resolve", "check the network, and ?region= or ?account="
        elif _is_refused(error):  # urllib3 calls it a timeout of the connection
            why, hint = f"{self.host} refuses connections", "check ?endpoint_override="
        elif isinstance(error, ReadTimeoutError):
            why = f"{self.host} stalls: nothing came for {READ_TIMEOUT:g} s"
        elif isinstance(error, AnyTimeout):
            why = f"{self.host} does not answer"
        elif isinstance(error, SSLError):
            why, hint = f"TLS with {self.host} failed", "where it speaks plain HTTP, add ?scheme=http"
        else:
            why = f"the connection to {self.host} broke"
        return TargetGone(f"cannot read {self._shown}: {why}", hint)

    def abort(self) -> None:
        """Close, and wake whoever waits for an answer, too."""
        self.close()
        self._connections.cut()

    def close(self) -> None:
        """Wake whoever waits to try again, and let go of the connections that are idle."""
        self._closed.set()
        if isinstance(self._pool, urllib3.HTTPConnectionPool):
            self._pool.close()
        else:
            self._pool.clear()


def _pool_for(
    base: str, scheme: str, name: str, connections: Connections
) -> urllib3.HTTPConnectionPool | urllib3.ProxyManager:
    proxy = urllib.request.getproxies().get(scheme)
    if proxy and not urllib.request.proxy_bypass(name):
        manager = urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS, block=False)
        pools = {kind: type(pool.__name__, (pool,), {}) for kind, pool in manager.pool_classes_by_scheme.items()}
        for pool in pools.values():
            connections.mind(pool)
        manager.pool_classes_by_scheme = pools
        return manager
    direct = urllib3.connection_from_url(base, maxsize=_CONNECTIONS, block=False)
    connections.mind(direct)
    return direct


def _read(response: urllib3.BaseHTTPResponse, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes of the body, and whether that is all of it."""
    until = time.monotonic() + _WHOLE_TIMEOUT
    pieces: list[bytes] = []
    room = most
    while room > 0:
        piece = response.read(min(room, _PIECE))
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)
        room -= len(piece)
        if time.monotonic() > until:
            raise AnyTimeout("the answer drips")
    return b"".join(pieces), not response.read(1)


def _is_refused(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ConnectionRefusedError):
            return True
        error = error.__cause__ or error.__context__
    return False
