"""An object store as a store: keys, a thousand to a request; nothing is ever written.

obstore was tried first, and does not serve: it refuses keys with empty parts, with "." or ".." as a part and with
control characters, and one such key fails the listing of everything beside it (its issue 429, and 384 of
apache/arrow-rs-object-store); Ray takes ids with control characters. It also drops the slash of directory markers,
and reads no profiles of AWS. So the requests are our own, and the credentials come from their vendors' libraries.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

from wftui.errors import TargetError, TargetGone
from wftui.sources.stores.base import Blob, Entry, Listing
from wftui.sources.stores.crew import Crew
from wftui.sources.stores.objects.pages import MOST_OF_A_PAGE, error_code, error_region, http_time
from wftui.sources.stores.objects.services import ListAsk, make_service
from wftui.sources.stores.objects.wire import PARALLEL, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wftui.sources.stores.base import Range, Watch
    from wftui.sources.stores.objects.pages import ListPage
    from wftui.sources.stores.objects.services import Service
    from wftui.sources.stores.objects.url import ObjectUrl
    from wftui.sources.stores.objects.wire import Answer, Method

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"})
_REFUSED = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthFailure", "AuthenticationFailed",
     "NoAuthenticationInformation", "InvalidClientTokenId"}
)  # fmt: skip
_SKEWED = frozenset({"RequestTimeTooSkewed"})
_DENIED = frozenset({"AccessDenied", "AuthorizationFailure", "AuthorizationPermissionMismatch", "AllAccessDisabled"})
_NO_BUCKET = frozenset({"NoSuchBucket", "ContainerNotFound", "NoSuchContainer"})
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "TemporaryRedirect", "IllegalLocationConstraintException"}
)
_CHECK = {
    "s3": "check AWS_PROFILE or AWS_ACCESS_KEY_ID and its secret",
    "gs": "check GOOGLE_APPLICATION_CREDENTIALS, or gcloud auth application-default login",
    "az": "check AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN or az login",
}
"""Where credentials come from, by kind of store."""
_MISSING = Blob(error="no such object", missing=True)

A = TypeVar("A")
T = TypeVar("T")


class ObjectStore:
    """A prefix of a bucket, and what lies below it.

    Args:
        url: Which.
    """

    def __init__(self, url: ObjectUrl) -> None:
        self._url = url
        self._lead = f"{url.prefix}/" if url.prefix else ""
        self._lock = threading.Lock()
        self._line: tuple[Service, Wire] | None = None
        self._region: str | None = None
        self._closed = False
        self._workers = Crew(PARALLEL, "wftui-objects")
        self.requests = 0
        """How many were sent, tries again not counted."""

    @property
    def target(self) -> str:
        """What it is called, credentials masked."""
        return self._url.shown

    def renew(self) -> None:
        """Look for credentials and region anew at the next request: after an error these may be what has changed."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line[1].close()

    def walk(self, prefix: str, *, shallow: bool = False, most: int | None = None) -> Iterator[list[Entry]]:
        """See `KeyStore.walk`."""
        lead = f"{self._lead}{prefix}"
        token: str | None = None
        left = most
        while True:
            page = self._page(ListAsk(lead, shallow, token, None if left is None else min(left, 1000)))
            entries = [
                Entry(found.key[len(lead) :], False, found.size, found.mtime, found.tag) for found in page.objects
            ]
            entries += [Entry(name[len(lead) : -1], True) for name in page.prefixes]
            yield entries
            left = None if left is None else left - len(entries)
            token = page.token
            if token is None or (left is not None and left <= 0):
                return

    def scan(self, prefixes: Sequence[str], *, stat: bool) -> list[Listing]:  # noqa: ARG002 - `Store`'s
        """List each prefix; see `Store.scan`. Times come whether they are asked for or not."""
        return self._each(self._scan_one, prefixes)

    def _scan_one(self, prefix: str) -> Listing:
        entries: list[Entry] = []
        is_there = False
        for page in self.walk(f"{prefix}/" if prefix else "", shallow=True):
            is_there = is_there or bool(page)
            # The marker of a directory, and what has an empty part in its name, are nothing in it.
            entries += [entry for entry in page if entry.name]
        if not is_there and prefix:
            return Listing(error="no such prefix", missing=True)
        return Listing(tuple(entries))

    def read(self, ranges: Sequence[Range]) -> list[Blob]:
        """Read each range, many at a time; see `Store.read`."""
        return self._each(self._read_one, ranges)

    def _each(self, call: Callable[[A], T], arguments: Sequence[A]) -> list[T]:
        """One needs no other thread."""
        return self._workers.map(call, arguments) if len(arguments) > 1 else [*map(call, arguments)]

    def _read_one(self, wanted: Range) -> Blob:
        if not wanted.name:
            return _MISSING
        try:
            key = self._lead + wanted.name
            key.encode()
        except UnicodeEncodeError:
            return Blob(error="not a name in this store", missing=True)
        if wanted.length == 0:
            return self._blob(self._send("HEAD", key, 0), 0)
        return self._blob(self._send("GET", key, wanted.length), wanted.length)

    def _blob(self, answer: Answer, length: int) -> Blob:
        headers = answer.headers
        if answer.status == 404:
            return _MISSING
        if answer.status == 403:
            return Blob(error="permission denied")
        mtime = http_time(headers.get("last-modified", ""))
        if answer.status == 416:  # no part of an empty object can be had
            return Blob(b"", 0, mtime)
        total = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "")
        size = int(total) if total.isdigit() and len(total) < 20 else None
        return Blob(answer.body[:length], size, mtime)

    def watch(self, prefixes: Sequence[str], wake: Callable[[], None]) -> Watch | None:  # noqa: ARG002 - `Store`'s
        """None: these stores tell nothing by themselves."""
        return None

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._closed = True
            line = self._line
        self._workers.close()
        if line is not None:
            line[1].abort()

    # -- requests --------------------------------------------------------------------------------------------

    def _connect(self) -> tuple[Service, Wire]:
        with self._lock:
            if self._closed:
                raise TargetGone(f"closed: {self.target}")
            if self._line is None:
                service = make_service(self._url, region=self._region)
                self._line = (service, Wire(service.base, self.target))
            return self._line

    def _page(self, ask: ListAsk) -> ListPage:
        for _ in range(2):
            service, wire = self._connect()
            signed = service.signer.sign("GET", service.base, service.list_target(ask), service.headers)
            self.requests += 1
            answer = wire.send("GET", signed.target, signed.headers, MOST_OF_A_PAGE)
            if answer.status == 200:
                try:
                    return service.page(answer.body)
                except ValueError:
                    raise TargetError(
                        f"cannot read {self.target}: {wire.host} does not answer as an object store"
                    ) from None
            if not self._is_elsewhere(answer):
                break
        raise self._error(answer)

    def _send(self, method: Method, key: str, length: int) -> Answer:
        service, wire = self._connect()
        headers = dict(service.headers)
        if length:
            headers[service.range_header] = f"bytes=0-{length - 1}"
        signed = service.signer.sign(method, service.base, service.object_target(key), headers)
        self.requests += 1
        answer = wire.send(method, signed.target, signed.headers, length)
        if answer.status in (200, 206, 416) or (method == "HEAD" and answer.status in (403, 404)):
            return answer
        code = error_code(answer.body)
        if answer.status == 404 and code not in _NO_BUCKET:
            return answer
        if answer.status == 403 and (code in _DENIED or not code):
            return answer
        raise self._error(answer)

    def _is_elsewhere(self, answer: Answer) -> bool:
        """Whether the bucket lies in another region, which is then asked."""
        if self._url.kind != "s3" or self._region is not None or answer.status not in (301, 307, 400):
            return False
        if answer.status == 400 and error_code(answer.body) not in _ELSEWHERE:
            return False
        region = answer.headers.get("x-amz-bucket-region") or error_region(answer.body)
        if not region:
            return False
        self.renew()
        self._region = region
        return True

    def _error(self, answer: Answer) -> TargetError:
        code = error_code(answer.body)
        told = f"{answer.status} {code}".strip()
        where = f"cannot read {self.target}"
        bucket = "container" if self._url.kind == "az" else "bucket"
        if code in _EXPIRED:
            return TargetError(f"{where}: the credentials have expired", "renew them: they are looked for again")
        if code in _SKEWED:
            return TargetError(f"{where}: the clock of this machine is off ({told})", "set it")
        if code in _REFUSED or answer.status == 401:
            return TargetError(f"{where}: the credentials are refused ({told})", _CHECK[self._url.kind])
        if code in _NO_BUCKET or answer.status == 404:
            return TargetGone(
                f"{where}: there is no {bucket} {self._url.bucket} ({told})", "check its name and account"
            )
        if answer.status == 403:
            return TargetError(f"{where}: access is denied ({told})", f"reading needs the right to list the {bucket}")
        if answer.status in (429, 503):
            return TargetGone(f"{where}: the store is throttling us ({told})")
        if answer.status >= 500:
            return TargetGone(f"{where}: the store has trouble ({told})")
        if answer.status in (301, 307) or code in _ELSEWHERE:
            return TargetError(f"{where}: the bucket is in another region ({told})", "add ?region=NAME")
        return TargetError(f"{where}: it answers {told}")
