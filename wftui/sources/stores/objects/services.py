"""The three services behind object stores: where they are, how they are asked, who signs.

Protocols: Amazon S3's REST API (ListObjectsV2, GetObject, HeadObject), which Google Cloud Storage's XML API speaks,
too, and Azure's Blob service (List Blobs, Get Blob, Get Blob Properties).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote, urlsplit

from wftui.errors import TargetError
from wftui.sources.stores.objects.pages import ListPage, azure_page, s3_page
from wftui.sources.stores.objects.signing import AZURE_VERSION as _AZURE_VERSION
from wftui.sources.stores.objects.signing import (
    Anonymous,
    AwsSigner,
    SasSigner,
    SharedKeySigner,
    TokenSigner,
    azure_token,
    google_token,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.sources.stores.objects.signing import Signer
    from wftui.sources.stores.objects.url import ObjectUrl

_SAFE = "-._~"
_GOOGLE = "https://storage.googleapis.com"


class ListAsk(NamedTuple):
    """What to list.

    Attributes:
        prefix: Keys begin with it.
        shallow: Only up to the next "/".
        token: Where the page begins; None for the first.
        most: Keys of a page; None for as many as the service gives.
    """

    prefix: str
    shallow: bool = False
    token: str | None = None
    most: int | None = None


class Service(Protocol):
    """One bucket of one service."""

    @property
    def base(self) -> str:
        """Scheme, host and port."""
        ...

    @property
    def signer(self) -> Signer:
        """Puts the credentials on requests."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with every request before it is signed."""
        ...

    @property
    def range_header(self) -> str:
        """The name of the header that asks for a part."""
        ...

    def object_target(self, key: str) -> str:
        """Path of an object.

        Raises:
            UnicodeEncodeError: No key can be written so.
        """
        ...

    def list_target(self, ask: ListAsk) -> str:
        """Path and query of a page of a listing."""
        ...

    def page(self, body: bytes) -> ListPage:
        """The page.

        Raises:
            ValueError: It is none.
        """
        ...


class S3Service:
    """A bucket of S3, of what speaks like it, or of Google.

    Args:
        base: Scheme, host and port, the bucket's own host where `is_virtual`.
        bucket: Its name.
        signer: Signs.
        is_virtual: Whether the host names the bucket already.
    """

    range_header = "range"

    def __init__(self, base: str, bucket: str, signer: Signer, *, is_virtual: bool) -> None:
        parts = urlsplit(base)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.signer = signer
        self.headers: Mapping[str, str] = {}
        self._lead = parts.path.rstrip("/") + ("" if is_virtual else f"/{quote(bucket, safe=_SAFE)}")

    def object_target(self, key: str) -> str:
        """See `Service.object_target`."""
        return f"{self._lead}/{quote(key, safe=_SAFE + '/')}"

    def list_target(self, ask: ListAsk) -> str:
        """See `Service.list_target`."""
        # In the order of their names, as the signature wants them.
        asked = {
            "continuation-token": ask.token,
            "delimiter": "/" if ask.shallow else None,
            "encoding-type": "url",
            "list-type": "2",
            "max-keys": None if ask.most is None else str(ask.most),
            "prefix": ask.prefix or None,
        }
        return f"{self._lead or '/'}?{_query(asked)}"

    def page(self, body: bytes) -> ListPage:
        """See `Service.page`."""
        return s3_page(body)


class AzureService:
    """A container of an Azure account.

    Args:
        base: Scheme, host, port, and for an emulator the account as path.
        container: Its name.
        signer: Signs.
    """

    range_header = "x-ms-range"

    def __init__(self, base: str, container: str, signer: Signer) -> None:
        parts = urlsplit(base)
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.signer = signer
        self.headers: Mapping[str, str] = {"x-ms-version": _AZURE_VERSION}
        self._lead = f"{parts.path.rstrip('/')}/{quote(container, safe=_SAFE + '$')}"

    def object_target(self, key: str) -> str:
        """See `Service.object_target`."""
        return f"{self._lead}/{quote(key, safe=_SAFE + '/')}"

    def list_target(self, ask: ListAsk) -> str:
        """See `Service.list_target`."""
        asked = {
            "comp": "list",
            "delimiter": "/" if ask.shallow else None,
            "marker": ask.token,
            "maxresults": None if ask.most is None else str(ask.most),
            "prefix": ask.prefix or None,
            "restype": "container",
        }
        return f"{self._lead}?{_query(asked)}"

    def page(self, body: bytes) -> ListPage:
        """See `Service.page`."""
        return azure_page(body)


def _query(asked: Mapping[str, str | None]) -> str:
    return "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in asked.items() if value is not None)


def make_service(url: ObjectUrl, environ: Mapping[str, str] = os.environ, *, region: str | None = None) -> Service:
    """What is behind a URL, its credentials found.

    Args:
        url: The URL.
        environ: The environment.
        region: Of the bucket, where the service itself told it.

    Raises:
        TargetError: There are no credentials, or they are malformed.
    """
    if url.kind == "s3":
        return _amazon(url, region)
    return _google(url, environ) if url.kind == "gs" else _azure(url, environ)


# -- Amazon ------------------------------------------------------------------------------------------------------


def _amazon(url: ObjectUrl, told: str | None) -> Service:
    import botocore.session
    from botocore.configprovider import ConfiguredEndpointProvider
    from botocore.credentials import Credentials
    from botocore.exceptions import BotoCoreError

    session = botocore.session.Session(profile=url.options.get("profile") or None)
    try:
        configured = session.get_scoped_config()
        region = told or url.options.get("region") or session.get_config_variable("region") or "us-east-1"
        endpoint = url.options.get("endpoint_override")
        if not endpoint and not session.get_config_variable("ignore_configured_endpoint_urls"):
            endpoint = ConfiguredEndpointProvider(session.full_config, configured, "s3").provide()
    except BotoCoreError as error:
        # These texts quote names of profiles and paths, no secrets.
        raise TargetError(f"cannot read {url.shown}: {error}") from None

    def find() -> Any:
        user, password = url.user or url.options.get("access_key"), url.password or url.options.get("secret_key")
        if user and password:
            return Credentials(user, password, url.options.get("session_token"))
        found = session.get_credentials()
        if found is None:
            hint = "set AWS_PROFILE or AWS_ACCESS_KEY_ID, or add ?profile=NAME or ?anonymous=true"
            raise TargetError(f"no AWS credentials were found for {url.shown}", hint)
        return found

    signer: Signer = Anonymous() if url.is_anonymous else AwsSigner(find, region)
    if endpoint:
        is_virtual = url.options.get("force_virtual_addressing", "").lower() in ("true", "1")
        base = _with_scheme(endpoint, url)
        if is_virtual:
            scheme, _, host = base.partition("://")
            base = f"{scheme}://{url.bucket}.{host}"
        return S3Service(base, url.bucket, signer, is_virtual=is_virtual)
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    # A dot in a bucket's name does not fit the certificate of its own host.
    is_virtual = "." not in url.bucket
    host = f"s3.{region}.{suffix}"
    base = _with_scheme(f"{url.bucket}.{host}" if is_virtual else host, url)
    return S3Service(base, url.bucket, signer, is_virtual=is_virtual)


def _with_scheme(endpoint: str, url: ObjectUrl) -> str:
    if "://" in endpoint:
        return endpoint
    return f"{'http' if url.is_plain_http else 'https'}://{endpoint}"


# -- Google ------------------------------------------------------------------------------------------------------


def _google(url: ObjectUrl, environ: Mapping[str, str]) -> Service:
    endpoint = url.options.get("endpoint_override") or environ.get("STORAGE_EMULATOR_HOST")
    base = _with_scheme(endpoint, url) if endpoint else _GOOGLE
    signer: Signer
    if url.is_anonymous or (not url.user and "STORAGE_EMULATOR_HOST" in environ):
        signer = Anonymous()
    elif url.user and url.password:
        from botocore.credentials import Credentials

        signer = AwsSigner(lambda: Credentials(url.user, url.password), "auto")
    else:
        signer = TokenSigner(within(google_token, "Google credentials"), "a Google token")
    return S3Service(base, url.bucket, signer, is_virtual=False)


# -- Azure -------------------------------------------------------------------------------------------------------


def _azure(url: ObjectUrl, environ: Mapping[str, str]) -> Service:
    said = dict(
        part.partition("=")[::2] for part in environ.get("AZURE_STORAGE_CONNECTION_STRING", "").split(";") if part
    )
    options = url.options

    def first(*names: str) -> str:
        return next((environ[name] for name in names if environ.get(name)), "")

    account = options.get("account") or first("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
    account = account or said.get("AccountName", "")
    if not account:
        hint = "add ?account=NAME, or set AZURE_STORAGE_ACCOUNT"
        raise TargetError(f"no Azure account is named for {url.shown}", hint)
    scheme = "http" if url.is_plain_http else "https"
    authority = options.get("blob_storage_authority") or f".blob.{said.get('EndpointSuffix') or 'core.windows.net'}"
    base = options.get("endpoint_override") or said.get("BlobEndpoint") or ""
    if base:
        base = _with_scheme(base, url)
    elif authority.startswith("."):
        base = f"{scheme}://{account}{authority}"
    else:  # an emulator: the account is the first part of the path
        base = f"{scheme}://{authority}/{account}"
    key = url.password or options.get("account_key") or said.get("AccountKey")
    key = key or first("AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY")
    sas = options.get("sas_token") or said.get("SharedAccessSignature") or first("AZURE_STORAGE_SAS_TOKEN")
    signer: Signer
    if url.is_anonymous:
        signer = Anonymous()
    elif key:
        signer = SharedKeySigner(account, key)
    elif sas:
        signer = SasSigner(sas)
    else:
        extra = {"x-ms-version": _AZURE_VERSION}
        signer = TokenSigner(within(azure_token, "Azure credentials"), "an Azure token", extra)
    return AzureService(base, url.bucket, signer)
