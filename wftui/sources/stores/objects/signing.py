"""Credentials of object stores, found and renewed by their vendors' own libraries, and put on requests.

Nothing here hangs: whatever is asked on the network (instance metadata, single sign-on, token services) gets
`_MOST_SECONDS`, and what takes longer is told as an error.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import hashlib
import hmac
import logging
import threading
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wftui.sources.stores.objects.wire import Method

_MOST_SECONDS = 10.0
_EARLY = 120.0
"""Seconds before its end at which a token is renewed."""
_AZURE_SCOPE = "https://storage.azure.com/.default"
_GOOGLE_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
AZURE_VERSION = "2021-12-02"
"""Of Azure's protocol: the first with a listing that encodes names XML cannot hold is 2021-02-12."""

T = TypeVar("T")


class Signed(NamedTuple):
    """What is sent: path and query, and headers."""

    target: str
    headers: dict[str, str]


class Signer(Protocol):
    """Puts credentials on a request."""

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:
        """The request as it may be sent.

        Raises:
            TargetError: There are no credentials, or they could not be had in time.
        """
        ...


class Anonymous:
    """No credentials at all."""

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:  # noqa: ARG002 - `Signer`'s
        """The request as it is."""
        return Signed(target, dict(headers))


class AwsSigner:
    """Signature version 4, for S3, what speaks like it, and the HMAC keys of Google.

    Args:
        find: Gives the credentials of botocore; they renew themselves.
        region: Of the bucket.
    """

    def __init__(self, find: Callable[[], object], region: str) -> None:
        self._credentials = within(find, "AWS credentials")
        self._region = region

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:
        """The request, signed."""
        from botocore.auth import S3SigV4Auth
        from botocore.awsrequest import AWSRequest

        found: Any = self._credentials  # botocore has no types
        asks = getattr(found, "refresh_needed", None)
        # Only what is about to end asks the network.
        is_quick = asks is None or not asks()
        frozen = found.get_frozen_credentials() if is_quick else within(found.get_frozen_credentials, "AWS credentials")
        request = AWSRequest(method=method, url=base + target, headers=dict(headers))
        S3SigV4Auth(frozen, "s3", self._region).add_auth(request)
        return Signed(target, {str(name): str(value) for name, value in request.headers.items()})


class TokenSigner:
    """A bearer token, renewed shortly before it ends.

    Args:
        fetch: Gives a token and the Unix seconds of its end.
        what: What to call it in errors.
        extra: Headers that go with it.
    """

    def __init__(
        self, fetch: Callable[[], tuple[str, float]], what: str, extra: Mapping[str, str] | None = None
    ) -> None:
        self._fetch = fetch
        self._what = what
        self._extra = dict(extra or {})
        self._lock = threading.Lock()
        self._token = ""
        self._end = 0.0

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:  # noqa: ARG002 - `Signer`'s
        """The request with the token."""
        with self._lock:
            if self._end - _EARLY < time.time():
                self._token, self._end = within(self._fetch, self._what)
            token = self._token
        return Signed(target, {**headers, **self._extra, "authorization": f"Bearer {token}"})


class SasSigner:
    """A shared access signature: parameters that go behind every request.

    Args:
        token: The parameters, as Azure gives them out.
    """

    def __init__(self, token: str) -> None:
        self._token = token.lstrip("?")

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:  # noqa: ARG002 - `Signer`'s
        """The request with the parameters."""
        mark = "&" if "?" in target else "?"
        return Signed(f"{target}{mark}{self._token}", {**headers, "x-ms-version": AZURE_VERSION})


class SharedKeySigner:
    """The key of an Azure account (`Authorize with Shared Key`, the form of 2009-09-19 and later).

    Args:
        account: Its name.
        key: Base64.

    Raises:
        TargetError: The key is not Base64.
    """

    def __init__(self, account: str, key: str) -> None:
        self._account = account
        try:
            self._key = base64.b64decode(key, validate=True)
        except (binascii.Error, ValueError):
            raise TargetError("the key of the Azure account is not Base64") from None

    def sign(self, method: Method, base: str, target: str, headers: Mapping[str, str]) -> Signed:
        """The request, signed."""
        sent = {**headers, "x-ms-date": formatdate(usegmt=True), "x-ms-version": AZURE_VERSION}
        parts = urlsplit(base + target)
        ours = sorted((name.lower(), value) for name, value in sent.items() if name.lower().startswith("x-ms-"))
        asked: dict[str, list[str]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            asked.setdefault(unquote(name).lower(), []).append(value)
        lines = [
            method,
            *[""] * 10,  # of the standard headers only the range is ever sent, and it goes as x-ms-range
            "",
            *(f"{name}:{value}" for name, value in ours),
            f"/{self._account}{parts.path}",
            *(f"{name}:{','.join(sorted(values))}" for name, values in sorted(asked.items())),
        ]
        digest = hmac.new(self._key, "\n".join(lines).encode(), hashlib.sha256).digest()
        return Signed(
            target, {**sent, "authorization": f"SharedKey {self._account}:{base64.b64encode(digest).decode()}"}
        )


def google_token() -> Callable[[], tuple[str, float]]:
    """Fetches tokens by Google's application default credentials.

    Raises:
        TargetError: There are none.
    """
    import google.auth
    import urllib3
    from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
    from google.auth.transport.urllib3 import Request

    try:
        credentials, _ = google.auth.default(scopes=[_GOOGLE_SCOPE])
    except DefaultCredentialsError:
        hint = "run gcloud auth application-default login, set GOOGLE_APPLICATION_CREDENTIALS, or add ?anonymous=true"
        raise TargetError("no Google credentials were found", hint) from None
    http = urllib3.PoolManager(timeout=_MOST_SECONDS / 2, retries=1)

    def fetch() -> tuple[str, float]:
        try:
            credentials.refresh(Request(http))
        except GoogleAuthError as error:
            raise TargetError(f"Google gives no token: {type(error).__name__}") from None
        end = credentials.expiry
        return str(credentials.token), time.time() + 3600 if end is None else calendar.timegm(end.timetuple())

    return fetch


def azure_token() -> Callable[[], tuple[str, float]]:
    """Fetches tokens by Azure's default chain: environment, workload, managed identity, its command line."""
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import DefaultAzureCredential

    # What is not found is told as an error; the library's own words would go to the terminal.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    credential = DefaultAzureCredential(process_timeout=int(_MOST_SECONDS / 2))

    def fetch() -> tuple[str, float]:
        try:
            token = credential.get_token(_AZURE_SCOPE)
        except ClientAuthenticationError:
            hint = "set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, run az login, or add ?anonymous=true"
            raise TargetError("no Azure credentials were found", hint) from None
        return token.token, float(token.expires_on)

    return fetch


def within(call: Callable[[], T], what: str) -> T:
    """The answer of a call that may ask the network, in bounded time.

    Raises:
        TargetError: It took too long, or failed.
    """
    answer: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            answer.append(call())
        except Exception as error:  # noqa: BLE001 - handed to the caller below
            failure.append(error)

    thread = threading.Thread(target=run, name="wftui-credentials", daemon=True)
    thread.start()
    thread.join(_MOST_SECONDS)
    if answer:
        return answer[0]
    if not failure:
        raise TargetError(
            f"looking for {what} took more than {_MOST_SECONDS:g} s", "is the instance metadata reachable?"
        )
    if isinstance(failure[0], TargetError):
        raise failure[0]
    # The texts of these libraries may quote what they were given.
    raise TargetError(f"{what} could not be had: {type(failure[0]).__name__}") from None
