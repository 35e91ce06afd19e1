"""URLs of object stores, read as pyarrow reads them: what Ray was given as its storage can be given to wftui.

`s3://[key:secret@]bucket/prefix?region=…&endpoint_override=…&scheme=http`, `gs://[anonymous@]bucket/prefix`,
`az://container/prefix?account=…`, `abfs[s]://container@account.dfs.core.windows.net/prefix`. The parameters are those
of `arrow::fs::S3Options::FromUri` and its siblings for Google and Azure; further ones are `profile` (of the shared
AWS configuration), `anonymous`, `relist` (seconds between full listings) and, for Azure, `account`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from wftui.errors import UsageError
from wftui.model.secrets import mask_url

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {"s3": "s3", "gs": "gs", "gcs": "gs", "az": "az", "abfs": "az", "abfss": "az"}
"""The kind of store behind each scheme."""

_KNOWN = {
    "s3": {
        "region", "scheme", "endpoint_override", "profile", "anonymous", "relist", "force_virtual_addressing",
        "allow_bucket_creation", "allow_bucket_deletion", "access_key", "secret_key", "session_token",
        "allow_delayed_open", "background_writes", "check_directory_existence_before_creation",
    },
    "gs": {
        "scheme", "endpoint_override", "anonymous", "relist", "default_bucket_location", "retry_limit_seconds",
        "project_id",
    },
    "az": {
        "account", "account_key", "sas_token", "endpoint_override", "blob_storage_authority", "dfs_storage_authority",
        "scheme", "enable_tls", "credential_kind", "anonymous", "relist",
    },
}  # fmt: skip
_AZURE_HOSTS = (".dfs.", ".blob.")


@dataclass(frozen=True, slots=True)
class ObjectUrl:
    """An object store's URL, taken apart.

    Attributes:
        kind: "s3", "gs" or "az".
        bucket: The bucket or container.
        prefix: Under which the storage lies: no slash at its ends.
        shown: The URL, credentials masked.
        user: Before the bucket; "" without.
        password: Likewise.
        options: The parameters behind "?".
    """

    kind: str
    bucket: str
    prefix: str
    shown: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_plain_http(self) -> bool:
        """Whether the URL asks for requests without TLS."""
        return self.options.get("scheme") == "http" or self.options.get("enable_tls", "").lower() == "false"

    @property
    def is_anonymous(self) -> bool:
        """Whether the URL asks for requests without credentials."""
        wish = self.options.get("anonymous", "").lower() in ("true", "1", "yes")
        return wish or self.user == "anonymous" or self.options.get("credential_kind") == "anonymous"

    def seconds(self, name: str, default: float) -> float:
        """A parameter that is a number of seconds.

        Raises:
            UsageError: It is none.
        """
        text = self.options.get(name, "")
        try:
            value = float(text) if text else default
        except ValueError:
            value = -1.0
        if not 0 < value < 1e9:
            raise UsageError(f"not a number of seconds: {name}={text}")
        return value


def parse_url(url: str) -> ObjectUrl:
    """Take a URL apart.

    Raises:
        UsageError: It is malformed; the message holds no credentials.
    """
    shown = mask_url(url)
    scheme, _, rest = url.partition("://")
    kind = KINDS[scheme.lower()]
    # By hand: `urlsplit` cuts at "#", which is a plain character in a key, and lowers the case of the host.
    place, _, query = rest.partition("?")
    authority, _, path = place.partition("/")
    user, password = "", ""
    if "@" in authority:
        userinfo, _, authority = authority.rpartition("@")
        user, _, password = (unquote(part) for part in userinfo.partition(":"))
    elif "@" in path and ":" in authority:
        raise UsageError(f"credentials in {shown} hold a slash", "write %2F for it, or give them by the environment")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(set(options) - _KNOWN[kind])
    if unknown:
        known = ", ".join(sorted(_KNOWN[kind]))
        # Its value may be a secret under a misspelt name, which nothing masks.
        raise UsageError(f"unknown parameter {unknown[0]!r} in {shown.partition('?')[0]}", f"{kind}:// knows {known}")
    if kind == "az":
        user, authority, path, options = _azure(user, authority, path, options)
    bucket = unquote(authority)
    if not bucket or "/" in bucket or ":" in bucket:
        what = "container" if kind == "az" else "bucket"
        raise UsageError(f"no {what} in {shown}", f"write {scheme}://{what}/prefix")
    return ObjectUrl(kind, bucket, unquote(path).strip("/"), shown, user, password, options)


def _azure(user: str, authority: str, path: str, options: dict[str, str]) -> tuple[str, str, str, dict[str, str]]:
    """The forms that name the account in the host: (user, container, path, options)."""
    host = authority.partition(":")[0]
    if any(mark in host for mark in _AZURE_HOSTS):
        options = {"account": host.partition(".")[0], **options}
        domain = host.partition(".")[2].partition(".")[2]
        options.setdefault("blob_storage_authority", f".blob.{domain}")
        if user:  # container@account.dfs.core.windows.net
            return "", user, path, options
        container, _, path = path.partition("/")
        return "", container, path, options
    if user and user != "anonymous":  # account:key@container
        options = {"account": user, **options}
    return user, authority, path, options
