"""Databases and storages side by side: one list, and what is down does not hold the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.e2e.terminal import Terminal
from tests.sources.absurd_roads import Road
from tests.sources.absurd_server import AbsurdServer, Shop
from tests.sources.storage_making import MadeStorage

if TYPE_CHECKING:
    from pathlib import Path

WFTUI = [sys.executable, "-m", "wftui"]
_ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith(("WFTUI_", "RAY_", "PG", "ABSURD_"))}


@pytest.fixture
def storage(tmp_path: Path) -> str:
    made = MadeStorage(tmp_path / "storage")
    made.workflow("nightly.1", "SUCCESSFUL")
    return str(tmp_path / "storage")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*WFTUI, *words], capture_output=True, text=True, env=_ENVIRON, check=False)


def test_one_list_of_two_engines(shop: Shop, url: str, absurd_server: AbsurdServer, storage: str) -> None:
    order = shop.order("a", fail=True)
    shop.work()
    other_url = absurd_server.database()
    other = Shop(other_url, "other")
    second = other.order("b")
    other.close()
    listed = json.loads(run("ls", "--json", "-t", url, "-t", storage, "-t", other_url).stdout)
    assert [(row["id"], row["engine"], row["namespace"]) for row in listed] == [
        (order, "absurd", "shop"), ("nightly.1", "ray", None), (second, "absurd", "other"),
    ]  # fmt: skip
    assert {row["target"] for row in listed} >= {storage}
    assert json.loads(run("show", second, "--json", "-t", url, "-t", other_url).stdout)["namespace"] == "other"


def test_an_id_in_two_targets_is_asked_about(shop: Shop, url: str) -> None:
    order = shop.order("a")
    road = Road(url)
    for words in (["show", order], ["dag", order], ["cancel", order, "--yes"]):
        done = run(*words, "-t", url, "-t", road.url)
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.splitlines()
        assert f"{order!r} is in two targets: {url} and {road.url}" in line
        assert "-t" in line
    road.close()


def test_a_database_that_is_down_does_not_hold_the_others(
    shop: Shop, url: str, absurd_server: AbsurdServer, storage: str
) -> None:
    shop.order("a")
    road = Road(url)
    road.fall_silent()
    targets = ["-t", road.url + "&connect_timeout=2", "-t", storage, "-t", "postgresql://ann:hunter2@127.0.0.1:1/db"]
    with Terminal([*WFTUI, *targets], columns=300, env=_ENVIRON) as terminal:
        terminal.until("nightly.1")
        screen = terminal.until("cannot connect")
        assert "hunter2" not in screen
        road.speak()
        terminal.until("order.fulfil")
        screen = terminal.until("ENGINE")
        assert "nightly.1" in screen
        terminal.press("q")
    road.close()
    listed = run("ls", "-t", storage, "-t", "postgresql://ann:hunter2@127.0.0.1:1/db", "--json")
    assert listed.returncode == 3
    assert [row["id"] for row in json.loads(listed.stdout)] == ["nightly.1"]
    assert listed.stderr.startswith("wftui: cannot connect to postgresql://ann:******@127.0.0.1:1/db")


def test_an_interrupt_leaves_at_once_and_takes_its_statement_along(shop: Shop, url: str) -> None:
    shop.order("a")
    asked = b"select count(*) from pg_stat_activity where application_name = 'wftui' and wait_event_type = 'Lock'"
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as watcher:
        holder.execute("lock table absurd.queues in access exclusive mode")
        ls = subprocess.Popen([*WFTUI, "ls", "-t", url], env=_ENVIRON, stderr=subprocess.PIPE, text=True)
        while watcher.execute(asked).fetchone() != (1,):
            assert ls.poll() is None
        ls.send_signal(signal.SIGINT)
        _, said = ls.communicate(timeout=60)
        assert ls.returncode == 130, said
        assert "Traceback" not in said
        while watcher.execute(asked).fetchone() != (0,):
            pass
