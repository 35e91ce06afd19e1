"""The whole program on a real database: commands as processes, and the app in a pseudo-terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid

import psycopg
import pytest
from absurd_client import AbsurdClient

from tests.e2e.terminal import Terminal
from tests.sources.absurd_server import RUN_TABLE, AbsurdServer, Shop, absurdctl

WFTUI = [sys.executable, "-m", "wftui"]


def wftui(*words: str, code: int = 0, **environ: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WFTUI_", "RAY_", "PG", "ABSURD_"))}
    done = subprocess.run([*WFTUI, *words], capture_output=True, text=True, env={**kept, **environ})
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_commands_agree_with_absurdctl(shop: Shop, url: str, absurd_server: AbsurdServer) -> None:
    done, asleep = shop.order("a"), shop.order("b", sleep=3600)
    broken = shop.order("c", fail=True, max_attempts=2)
    shop.work(2)
    rows = {row["id"]: row for row in json.loads(wftui("ls", "--json", "-t", url))}
    assert {i: row["status"] for i, row in rows.items()} == {
        broken: "FAILED", asleep: "WAITING", done: "SUCCESSFUL",
    }  # fmt: skip
    assert {row["namespace"] for row in rows.values()} == {"shop"}
    shown = json.loads(wftui("show", broken, "--json", "-t", url))
    assert shown["error"] == rows[broken]["error"] == {"type": "ValueError", "message": "no stock of c"}
    assert [(task["name"], task["kind"]) for task in shown["tasks"]] == [
        ("order.fulfil", "task"), ("reserve", "checkpoint"), ("charge", "checkpoint"),
    ]  # fmt: skip
    assert shown["tasks"][0]["attempts"] == 2
    dumped = absurdctl(url, "dump-task", "--task-id", broken)
    assert dumped.count("Attempt:") == 2
    assert '"no stock of c"' in dumped
    text = wftui("show", asleep, "-t", url)
    assert "sleeping until" in text
    picture = wftui("dag", asleep, "-t", url)
    for name in ("order.fulfil", "reserve", "charge", "cool down"):
        assert name in picture
    assert "no workflow" in wftui("show", "nothing", "-t", url, code=4)


def test_the_picture_of_a_run_says_that_its_order_is_inferred(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(RUN_TABLE.encode())
        client = AbsurdClient("tracked")
        client.create_queue(connection)
        run = str(client.create_workflow_run(connection, "etl", "1.2"))
        for step in ("extract", "load"):
            client.spawn_task(connection, f"etl__1.2__{step}", {}, workflow_run_id=uuid.UUID(run))
    done = subprocess.run([*WFTUI, "dag", run, "-t", url], capture_output=True, text=True, check=True)
    assert "extract" in done.stdout
    assert "load" in done.stdout
    assert "inferred" in done.stderr


def test_the_target_of_the_environment(shop: Shop, url: str) -> None:
    order = shop.order("a")
    if os.path.isdir("/tmp/ray/workflow_data"):
        pytest.skip("a storage of Ray is on this machine, and is opened first")
    listed = json.loads(wftui("ls", "--json", ABSURD_DATABASE_URL=url, RAY_TMPDIR="/nowhere"))
    assert [row["id"] for row in listed] == [order]


def test_a_server_that_does_not_answer_is_one_line_and_exit_3() -> None:
    said = wftui("ls", "-t", "postgresql://ann:hunter2@127.0.0.1:1/db", code=3)
    assert len(said.splitlines()) == 1
    assert "cannot connect to postgresql://ann:******@127.0.0.1:1/db" in said
    assert "hunter2" not in said


def test_the_app_follows_and_recovers(shop: Shop, url: str, absurd_server: AbsurdServer) -> None:
    shop.order("a")
    with Terminal([*WFTUI, "-t", url], columns=140, env={**os.environ, "WFTUI_TARGET": ""}) as terminal:
        terminal.until("PENDING")
        shop.work()
        terminal.until("SUCCESSFUL")
        shop.close()
        absurd_server.stop()
        try:
            terminal.until("does not answer")
        finally:
            absurd_server.restart()
        again = Shop(url)
        again.order("b", fail=True)
        again.work()
        terminal.until("ValueError: no stock")
        terminal.press("\r")
        terminal.until("reserve")
        terminal.press("q")
        again.close()
