"""Whether a request to an object store is signed, by the vendors' published algorithms and from what was received.

Nothing here is shared with wftui or taken from a vendor's library: `wftui.sources.stores.objects.signing` is what these
check. Sources: Amazon's and Google's `Signature Version 4` (task 1 to 4), Azure's `Authorize with Shared Key` and
`Create a service SAS`, RFC 7515 and 7523 for the assertion with which a service account of Google asks for a token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

_SKEW = 900.0  # seconds

Received = dict[str, str]
"""Headers as they came, names in lower case."""


def received(environ: Mapping[str, Any]) -> tuple[str, str, str, Received]:
    """Method, path and query as they stood on the wire, and headers."""
    path, _, query = str(environ["REQUEST_URI"]).partition("?")
    headers = {name[5:].replace("_", "-").lower(): str(v) for name, v in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = str(environ[name])
    return environ["REQUEST_METHOD"], path, query, headers


def sigv4_fault(environ: Mapping[str, Any], secrets: Mapping[str, str], region: str) -> str:
    """Why a request is not signed by one of these keys, as S3's error code; "" where it is."""
    method, path, query, headers = received(environ)
    word, _, rest = headers.get("authorization", "").partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    scope = fields.get("Credential", "").split("/")
    if word != "AWS4-HMAC-SHA256" or len(scope) != 5:
        return "AccessDenied"
    key, day, place, service, end = scope
    if key not in secrets:
        return "InvalidAccessKeyId"
    if (place, service, end) != (region, "s3", "aws4_request"):
        return "AuthorizationHeaderMalformed"
    signed = fields["SignedHeaders"].split(";")
    must = {"host", *(name for name in headers if name.startswith("x-amz-"))}
    if not must <= set(signed):
        return "AccessDenied"
    asked = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, True))
    canonical = [
        method,
        quote(unquote(path, errors="surrogateescape"), safe="-_.~/", errors="surrogateescape"),
        "&".join(f"{k}={v}" for k, v in asked),
        *(f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed),
        "",
        ";".join(signed),
        headers.get("x-amz-content-sha256", ""),
    ]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", headers.get("x-amz-date", ""), f"{day}/{place}/s3/aws4_request", digest])
    step = f"AWS4{secrets[key]}".encode()
    for part in (day, place, "s3", "aws4_request"):
        step = hmac.new(step, part.encode(), hashlib.sha256).digest()
    right = hmac.new(step, text.encode(), hashlib.sha256).hexdigest()
    return "" if hmac.compare_digest(right, fields.get("Signature", "")) else "SignatureDoesNotMatch"


_STANDARD = (
    "content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
    "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
)  # fmt: skip


def shared_key_fault(environ: Mapping[str, Any], account: str, key: str) -> str:
    """Why a request is not signed with the account's key, as Azure's error code; "" where it is."""
    method, path, query, headers = received(environ)
    lead = f"SharedKey {account}:"
    given = headers.get("authorization", "")
    if not given.startswith(lead):
        return "AuthenticationFailed"
    asked: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        asked.setdefault(name.lower(), []).append(value)
    standard = {**headers, "content-length": headers.get("content-length", "0").lstrip("0")}
    if "x-ms-date" in headers:
        standard["date"] = ""
    text = method + "\n" + "".join(standard.get(name, "") + "\n" for name in _STANDARD)
    text += "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers) if name.startswith("x-ms-"))
    text += f"/{account}{path}" + "".join(f"\n{name}:{','.join(sorted(asked[name]))}" for name in sorted(asked))
    right = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
    if not hmac.compare_digest(right, given[len(lead) :]):
        return "AuthenticationFailed"
    sent = headers.get("x-ms-date") or headers.get("date", "")
    return "" if abs(parsedate_to_datetime(sent).timestamp() - time.time()) < _SKEW else "AuthenticationFailed"


def sas_signature(fields: Mapping[str, str], account: str, container: str, key: str) -> str:
    """The signature of a service SAS of version 2020-12-06 and later for a container."""
    names = ("sp", "st", "se", "", "si", "sip", "spr", "sv", "sr", "snapshot", "ses", "rscc", "rscd", "rsce", "rscl",
             "rsct")  # fmt: skip
    place = f"/blob/{account}/{container}"
    text = "\n".join(place if not name else fields.get(name, "") for name in names)
    return base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()


def sas_fault(environ: Mapping[str, Any], account: str, container: str, key: str) -> str:
    """Why a request does not carry a shared access signature that holds, as Azure's error code; "" where it does."""
    fields = dict(parse_qsl(received(environ)[2], keep_blank_values=True))
    right = sas_signature(fields, account, container, key)
    if not hmac.compare_digest(right, fields.get("sig", "")):
        return "AuthenticationFailed"
    late = fields.get("se", "") < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return "AuthenticationFailed" if late else ""


def assertion_fault(assertion: str, public: Any, issuer: str, audience: str, scope: str) -> str:
    """Why a service account's assertion gives no token, as OAuth's error; "" where it does.

    Args:
        assertion: A signed JWT.
        public: The account's RSA key, of `cryptography`.
        issuer: The account.
        audience: For whom it must be.
        scope: What is asked for.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    parts = assertion.split(".")
    if len(parts) != 3:
        return "invalid_request"
    try:
        public.verify(_decoded(parts[2]), f"{parts[0]}.{parts[1]}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return "invalid_grant"
    head, said, now = json.loads(_decoded(parts[0])), json.loads(_decoded(parts[1])), time.time()
    told = (head["alg"], said["iss"], said["aud"], said["scope"])
    return (
        "" if told == ("RS256", issuer, audience, scope) and said["iat"] - 60 < now < said["exp"] else "invalid_grant"
    )


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
