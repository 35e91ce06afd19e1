"""Ways to a server that can fail: a TCP road that falls silent, and a standby that follows it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sources.absurd_server import AbsurdServer

_SILENT = subprocess.DEVNULL


class Road:
    """A TCP port before a server's socket. While it is silent it takes all and hands on nothing.

    Args:
        url: Of a database, through the socket.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._socket = str(Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432")
        self._speaks = threading.Event()
        self._speaks.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://postgres@127.0.0.1:{self._listener.getsockname()[1]}{parts.path}?sslmode=disable"
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """From now on nothing arrives; nobody is told."""
        self._speaks.clear()

    def speak(self) -> None:
        """All arrives, also what was held."""
        self._speaks.set()

    def close(self) -> None:
        """Take no one any more."""
        self._speaks.set()
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # closed
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._socket)
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                self._speaks.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # one of the two has gone


@contextmanager
def standby(server: AbsurdServer, url: str, folder: Path) -> Iterator[str]:
    """The URL of the same database on a hot standby of the server.

    Args:
        server: Which to follow.
        url: Of a database on it.
        folder: For the standby's files; short, because of its socket.
    """
    data = folder / "data"
    main = parse_qs(urlsplit(url).query)["host"][0]
    folder.chmod(0o777)

    def run(tool: str, *words: str) -> None:
        command = [str(server.tools / tool), *words]
        subprocess.run(command, check=True, stdout=_SILENT, stderr=_SILENT, user=server.system_user, cwd="/")

    run("pg_basebackup", "-h", main, "-U", "postgres", "-D", str(data), "-R", "-c", "fast", "-X", "stream")
    run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(data / "log"), "-o", f"-h '' -k {folder}")
    try:
        yield url.replace(quote(main, safe=""), quote(str(folder), safe=""))
    finally:
        run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(data))
        shutil.rmtree(data, ignore_errors=True)
