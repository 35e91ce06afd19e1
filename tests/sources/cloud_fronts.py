"""Google Cloud Storage and Azure's Blob service in front of moto's keys: what asks is let in only when it is signed.

No package has either for tests: `gcp-storage-emulator` (2026.7.19) answers no XML listing, and for Azure there is only
Azurite, a program of Node's. So Google's side is moto's listing behind a real check of signatures and tokens, with the
token service that hands them out; Azure's is written out here: List Blobs, Get Blob, Get Blob Properties.
"""

from __future__ import annotations

import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote
from xml.sax.saxutils import escape

from tests.sources.cloud_signatures import assertion_fault, received, sas_fault, shared_key_fault, sigv4_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

GOOGLE_KEY, GOOGLE_SECRET = "GOOG1EXAMPLE", "s3cr3t/of+google=hmac"
ISSUER = "robot@example.iam.gserviceaccount.com"
AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever the address of the token service
READ_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only"
AZURE_ACCOUNT = "acct"
AZURE_KEY = "c2VjcmV0LWtleS1vZi10aGUtYWNjb3VudC0/Pz4+"
IDENTITY = "s3cr3t-header-of-the-machine"
STORAGE_RESOURCE = "https://storage.azure.com"


class Tokens:
    """Gives out tokens as Google's and Azure's token services do, and knows which still hold."""

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}
        self._private: Any = None
        self.given = 0
        self.seconds = 3600.0

    def give(self) -> str:
        self.given += 1
        token = f"s3cr3t-token-{self.given}"
        self._ends[token] = time.time() + self.seconds
        return token

    def obey(self, what: str, asked: Mapping[str, str], url: str) -> bytes:
        """What tests ask for beside what programs do; see `ObjectServer`."""
        if what == "account":
            return self.account(url)
        if what == "tokens":
            self.seconds = float(asked["seconds"])
        elif what == "revoke":
            self._ends.clear()
        return str(self.given).encode()

    def holds(self, environ: Mapping[str, Any]) -> bool:
        word, _, token = str(environ.get("HTTP_AUTHORIZATION", "")).partition(" ")
        return word == "Bearer" and self._ends.get(token, 0.0) > time.time()

    def account(self, url: str) -> bytes:
        """The file of a service account, as Google's console hands it out."""
        from cryptography.hazmat.primitives.asymmetric import rsa
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        self._private = self._private or rsa.generate_private_key(65537, 2048)
        key = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        told = {"type": "service_account", "project_id": "p", "private_key_id": "1", "private_key": key,
                "client_email": ISSUER, "client_id": "1", "token_uri": f"{url}/_google/token"}  # fmt: skip
        return json.dumps(told).encode()

    def answer(self, environ: Mapping[str, Any]) -> tuple[str, dict[str, object]] | None:
        """What a token service, or the metadata of a machine, says; None for what neither is asked."""
        path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""))
        if path == "/_google/token":
            body = parse_qs(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode())
            assertion = body.get("assertion", [""])[0]
            public = None if self._private is None else self._private.public_key()
            fault = assertion_fault(assertion, public, ISSUER, AUDIENCE, READ_SCOPE) if public else "no_client"
            if fault:
                return "400 Bad Request", {"error": fault}
        elif environ.get("HTTP_METADATA_FLAVOR") == "Google":
            if not path.endswith("/token"):
                return "200 OK", {"email": ISSUER, "scopes": [READ_SCOPE], "aliases": ["default"]}
        elif path == "/_azure/identity":
            if environ.get("HTTP_X_IDENTITY_HEADER") != IDENTITY or query.get("resource") != [STORAGE_RESOURCE]:
                return "400 Bad Request", {"error": "invalid_request"}
        else:
            return None
        told: dict[str, object] = {"access_token": self.give(), "token_type": "Bearer", "resource": STORAGE_RESOURCE}
        ends = {"expires_in": int(self.seconds), "expires_on": str(int(time.time() + self.seconds))}
        return "200 OK", {**told, **ends}


def google_fault(environ: Mapping[str, Any], tokens: Tokens) -> tuple[str, str] | None:
    """How Google refuses a request: status and code; None where it is let in."""
    given = str(environ.get("HTTP_AUTHORIZATION", ""))
    if given.startswith("Bearer "):
        return None if tokens.holds(environ) else ("401 Unauthorized", "AuthenticationRequired")
    if not given:
        return "403 Forbidden", "AccessDenied"
    fault = sigv4_fault(environ, {GOOGLE_KEY: GOOGLE_SECRET}, "auto")
    return ("403 Forbidden", fault) if fault else None


class AzureBlobs:
    """A container of an account whose name stands first in the path, as in Azurite.

    Args:
        keys: Its blobs, by name; names that end in "/" are directories of a hierarchical namespace.
        tokens: Which tokens hold.
    """

    def __init__(self, container: str, keys: Callable[[], Mapping[str, Any]], tokens: Tokens) -> None:
        self._container = container
        self._keys = keys
        self._tokens = tokens

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        _, _, rest = environ["PATH_INFO"].encode("latin-1").decode().lstrip("/").partition("/")
        container, _, name = rest.partition("/")
        if fault := self._fault(environ, container, query):
            return _refuse(start_response, "403 Forbidden", fault)
        if "HTTP_X_MS_VERSION" not in environ:
            return _refuse(start_response, "400 Bad Request", "MissingRequiredHeader")
        if container != self._container:
            return _refuse(start_response, "404 Not Found", "ContainerNotFound")
        if not name and (query.get("restype"), query.get("comp")) == ("container", "list"):
            body = self._listing(query)
            start_response("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
            return [body]
        found = self._keys().get(name)
        if found is None:
            return _refuse(start_response, "404 Not Found", "BlobNotFound")
        return self._blob(environ, found, start_response)

    def _fault(self, environ: Mapping[str, Any], container: str, query: Mapping[str, str]) -> str:
        if "sig" in query:
            return sas_fault(environ, AZURE_ACCOUNT, container, AZURE_KEY)
        given = str(environ.get("HTTP_AUTHORIZATION", ""))
        if given.startswith("Bearer "):
            return "" if self._tokens.holds(environ) else "AuthenticationFailed"
        return shared_key_fault(environ, AZURE_ACCOUNT, AZURE_KEY) if given else "NoAuthenticationInformation"

    def _blob(self, environ: Mapping[str, Any], found: Any, start_response: Any) -> Iterable[bytes]:
        body, status, more = found.value, "200 OK", []
        if asked := received(environ)[3].get("x-ms-range", ""):
            first, last = (int(part) for part in asked.removeprefix("bytes=").split("-"))
            if first >= len(body):
                return _refuse(start_response, "416 Range Not Satisfiable", "InvalidRange")
            status, total, body = "206 Partial Content", len(body), body[first : last + 1]
            more = [("Content-Range", f"bytes {first}-{first + len(body) - 1}/{total}")]
        headers = [("Content-Length", str(len(body))), ("Last-Modified", _http_date(found)), *more]
        start_response(status, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _listing(self, query: Mapping[str, str]) -> bytes:
        prefix, delimiter, marker = query.get("prefix", ""), query.get("delimiter", ""), query.get("marker", "")
        most = int(query.get("maxresults") or 5000)
        items: list[tuple[str, str]] = []
        keys = self._keys()
        for key in sorted(keys):
            rest = key[len(prefix) :]
            if not key.startswith(prefix):
                continue
            if delimiter and delimiter in rest:
                name = prefix + rest[: rest.index(delimiter) + 1]
                if not items or items[-1][0] != name:
                    items.append((name, f"<BlobPrefix>{_name(name)}</BlobPrefix>"))
            else:
                items.append((key, _entry(key, keys[key])))
        items = [item for item in items if item[0] >= unquote(marker)]
        after = f"<NextMarker>{quote(items[most][0])}</NextMarker>" if len(items) > most else "<NextMarker />"
        blobs = "".join(text for _, text in items[:most])
        head = '\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="c">'
        return f"{head}<Blobs>{blobs}</Blobs>{after}</EnumerationResults>".encode()


def _entry(key: str, found: Any) -> str:
    is_directory = key.endswith("/")
    kind = "<ResourceType>directory</ResourceType>" if is_directory else "<ResourceType>file</ResourceType>"
    size = f"<Content-Length>{0 if is_directory else len(found.value)}</Content-Length>"
    about = f"<Last-Modified>{_http_date(found)}</Last-Modified><Etag>{escape(found.etag)}</Etag>{size}{kind}"
    return f"<Blob>{_name(key.rstrip('/') if is_directory else key)}<Properties>{about}</Properties></Blob>"


def _name(name: str) -> str:
    if all(char in "\t\n" or char >= " " for char in name) and "\r" not in name:
        return f"<Name>{escape(name)}</Name>"
    return f'<Name Encoded="true">{quote(name, safe="")}</Name>'


def _http_date(found: Any) -> str:
    from datetime import timezone

    return formatdate(found.last_modified.replace(tzinfo=timezone.utc).timestamp(), usegmt=True)


def _refuse(start_response: Any, status: str, code: str) -> Iterable[bytes]:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>for {AZURE_KEY}</Message></Error>".encode()
    start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]
