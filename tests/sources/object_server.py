"""A real S3 server (moto's) as a process of its own, with a log of its requests, and faults on demand.

The same keys are behind what speaks like Google and like Azure, which let in only what is signed (`cloud_fronts`).

Run as a program it prints its port and serves. Keys are put straight into its memory through paths under `/_control/`,
which the log leaves out: so whatever else than GET and HEAD is in the log was sent by wftui.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from tests.sources.cloud_fronts import AZURE_ACCOUNT, AzureBlobs, Tokens, google_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BUCKET = "flows"
ACCOUNT = "123456789012"
KEY = "AKIAEXAMPLE"
SECRET = "s3cr3t/with+odd=signs"


@dataclass(frozen=True)
class Request:
    """One that reached the server."""

    method: str
    path: str
    query: dict[str, list[str]]

    @property
    def is_listing(self) -> bool:
        return "list-type" in self.query


class ObjectServer:
    """A running server.

    Args:
        process: The process.
        port: Of 127.0.0.1.
    """

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._written: list[Request] = []

    def target(self, prefix: str = "", **more: str) -> str:
        """The URL that wftui is given."""
        asked = {"endpoint_override": f"127.0.0.1:{self.port}", "scheme": "http", "region": "us-east-1", **more}
        return f"s3://{BUCKET}/{prefix}?{urlencode(asked)}"

    def google_target(self, prefix: str = "", userinfo: str = "") -> str:
        """The same as a bucket of Google's, which asks for a token or a signature."""
        return f"gs://{userinfo}{BUCKET}/{prefix}?endpoint_override=127.0.0.1:{self.port}/_google&scheme=http"

    def azure_target(self, prefix: str = "", **more: str) -> str:
        """The same as a container of Azure's."""
        place = {"account": AZURE_ACCOUNT, "blob_storage_authority": f"127.0.0.1:{self.port}", "scheme": "http"}
        return f"az://{BUCKET}/{prefix}?{urlencode({**place, **more})}"

    def service_account(self) -> bytes:
        """The file of an account that Google's side gives tokens to."""
        return self._control("account")

    def token_seconds(self, seconds: float) -> None:
        """How long tokens hold that are given from now on."""
        self._control("tokens", seconds=str(seconds))

    def revoke_tokens(self) -> None:
        """No token holds any more."""
        self._control("revoke")

    @property
    def tokens_given(self) -> int:
        return int(self._control("given"))

    def load(self, directory: Path, prefix: str, *, markers: bool = True) -> None:
        """Copy a directory, with the times of its files; with the markers that pyarrow leaves for directories."""
        self._control("load", directory=str(directory), prefix=prefix, markers="1" if markers else "")

    def fill(self, prefix: str, status: str, count: int, first: int = 0) -> None:
        """Have so many workflows in the index and nothing else."""
        self._control("fill", prefix=prefix, status=status, count=str(count), first=str(first))

    def put(self, key: str, body: bytes = b"", at: float | None = None) -> None:
        self._control("put", body, key=key, at="" if at is None else str(at))

    def delete(self, key: str) -> None:
        self._control("delete", key=key)

    def drop_below(self, prefix: str) -> None:
        self._control("drop", prefix=prefix)

    @contextmanager
    def fault(self, kind: str, seconds: float = 0.0) -> Iterator[None]:
        """Answer everything like that: "403", "404", "503", "expired", "refused", "stall", "garbage".

        "403 object" spares listings.
        """
        self._control("fault", kind=kind, seconds=str(seconds))
        try:
            yield
        finally:
            self._control("fault", kind="", seconds="0")

    def log(self) -> list[Request]:
        """What came since the last call."""
        found = [Request(*line) for line in json.loads(self._control("log"))]
        self._written += [request for request in found if request.method not in ("GET", "HEAD")]
        return found

    @property
    def written(self) -> list[Request]:
        """Every request so far that was not a reading one."""
        self.log()
        return self._written

    def _control(self, what: str, body: bytes = b"", **asked: str) -> bytes:
        url = f"{self.url}/_control/{what}?{urlencode(asked)}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(url, data=body or b"-", method="POST"), timeout=60) as answer:
            return bytes(answer.read())

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_server(port: int = 0) -> ObjectServer:
    """Start one; on a given port, say that of one that was closed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.sources.object_server", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=env,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.strip().isdigit(), "the server did not start"
    return ObjectServer(process, int(line))


def clean_environment() -> list[str]:
    """The variables that say where object stores are and who asks."""
    marks = ("AWS_", "GOOGLE_", "AZURE_", "STORAGE_EMULATOR_HOST", "GCE_")
    return [name for name in os.environ if name.startswith(marks)]


# -- in the process ----------------------------------------------------------------------------------------------


class _Logged:
    """The application of moto behind a log, a switch for faults, and a door for keys."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._log: list[tuple[str, str, dict[str, list[str]]]] = []
        self._fault, self._seconds = "", 0.0
        self._tokens = Tokens()
        self._azure = AzureBlobs(BUCKET, lambda: self._backend.buckets[BUCKET].keys, self._tokens)
        self.url = ""

    @property
    def _backend(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends[ACCOUNT]["aws"]

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        if path.startswith("/_control/"):
            length = int(environ.get("CONTENT_LENGTH") or 0)
            asked = {name: values[0] for name, values in query.items()}
            answer = self._obey(path.rpartition("/")[2], asked, environ["wsgi.input"].read(length))
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        if (told := self._tokens.answer(environ)) is not None:
            return _json(told[0], told[1], start_response)
        with self._lock:
            self._log.append((environ["REQUEST_METHOD"], path, query))
            fault, seconds = self._fault, self._seconds
        if fault == "403 object":
            fault = "" if "list-type" in query else "403"
        if fault:
            return _fail(fault, seconds, start_response)
        if path.startswith(f"/{AZURE_ACCOUNT}/"):
            return self._azure(environ, start_response)
        if path.startswith("/_google/"):
            if (refused := google_fault(environ, self._tokens)) is not None:
                return _error(*refused, start_response)
            environ = _below(environ, "/_google")
        found: Iterable[bytes] = self._app(environ, start_response)
        return found

    def _obey(self, what: str, asked: dict[str, str], body: bytes) -> bytes:
        if what == "log":
            with self._lock:
                log, self._log = self._log, []
            return json.dumps(log).encode()
        if what == "fault":
            self._fault, self._seconds = asked.get("kind", ""), float(asked.get("seconds") or 0)
        elif what in ("account", "tokens", "revoke", "given"):
            return self._tokens.obey(what, asked, self.url)
        elif what == "load":
            self._load(Path(asked["directory"]), asked["prefix"], bool(asked.get("markers")))
        elif what == "fill":
            for number in range(int(asked["first"]), int(asked["first"]) + int(asked["count"])):
                self._put(f"{asked['prefix']}/workflows/__status__/{asked['status']}/flow-{number:06}", b"")
        elif what == "put":
            at = float(asked["at"]) if asked.get("at") else None
            self._put(asked["key"], b"" if body == b"-" else body, at)
        elif what == "delete":
            self._backend.delete_object(BUCKET, asked["key"])
        elif what == "drop":
            for key in [key for key in self._backend.buckets[BUCKET].keys if key.startswith(asked["prefix"])]:
                self._backend.delete_object(BUCKET, key)
        return b""

    def _load(self, directory: Path, prefix: str, markers: bool) -> None:
        for place, folders, files in os.walk(directory):
            lead = f"{prefix}/{os.path.relpath(place, directory)}/".replace("/./", "/")
            for name in folders if markers else ():
                self._put(f"{lead}{name}/", b"")
            for name in files:
                path = Path(place) / name
                self._put(lead + name, path.read_bytes(), path.stat().st_mtime)

    def _put(self, key: str, body: bytes, at: float | None = None) -> None:
        made = self._backend.put_object(BUCKET, key, body)
        if at is not None:
            made.last_modified = datetime.fromtimestamp(at, timezone.utc).replace(tzinfo=None)


def _fail(fault: str, seconds: float, start_response: Any) -> Iterable[bytes]:
    if fault == "stall":
        time.sleep(seconds)
    if fault == "garbage":
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<html><p>Welcome to the hotel's network"]
    status, code = {
        "403": ("403 Forbidden", "AccessDenied"),
        "404": ("404 Not Found", "NoSuchBucket"),
        "503": ("503 Slow Down", "SlowDown"),
        "500": ("500 Internal Server Error", "InternalError"),
        "expired": ("400 Bad Request", "ExpiredToken"),
        "refused": ("403 Forbidden", "SignatureDoesNotMatch"),
        "stall": ("503 Slow Down", "SlowDown"),
    }[fault]
    return _error(status, code, start_response)


def _error(status: str, code: str, start_response: Any) -> Iterable[bytes]:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>for {KEY} {SECRET}</Message></Error>".encode()
    start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


def _json(status: str, told: dict[str, object], start_response: Any) -> Iterable[bytes]:
    body = json.dumps(told).encode()
    headers = [("Content-Type", "application/json"), ("Metadata-Flavor", "Google"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def _below(environ: dict[str, Any], lead: str) -> dict[str, Any]:
    """A request without the beginning of its path."""
    cut = {name: str(environ[name])[len(lead) :] for name in ("PATH_INFO", "REQUEST_URI", "RAW_URI")}
    return {**environ, **cut}


def _with_newlines(self: Any, url_map: Any, *items: str) -> None:
    self.map, self.regex = url_map, items[0].replace(".", r"[\s\S]")


def _serve(port: int) -> None:
    from moto.moto_server.utilities import RegexConverter
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"  # connections are kept, as S3 keeps them

        def log_request(self, *_: Any) -> None:
            """Nothing: the log is our own."""

    # S3 takes a newline in a key, the "." of moto's routes does not.
    RegexConverter.__init__ = _with_newlines
    app = _Logged(DomainDispatcherApplication(create_backend_app))
    app._backend.create_bucket(BUCKET, "us-east-1")
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Handler)
    app.url = f"http://127.0.0.1:{server.server_port}"
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
