"""Actions on a real database by the whole program: as commands, and with keys in a pseudo-terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from tests.e2e.terminal import Terminal
from tests.sources.absurd_acting import run_row, state
from tests.sources.absurd_server import Shop, Tracked, until

WFTUI = [sys.executable, "-m", "wftui"]
# To the right of No, and that.
YES = "\x1b[C\r"


class Command:
    """Runs commands on one target."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, *words: str, code: int = 0) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("WFTUI_", "RAY_", "PG", "ABSURD_"))}
        done = subprocess.run([*WFTUI, *words, "-t", self._url], capture_output=True, text=True, env=kept)
        assert done.returncode == code, done.stderr
        return done.stdout if "--json" in words or not code else done.stderr

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code))


@pytest.fixture
def wftui(url: str) -> Command:
    return Command(url)


def test_the_commands_and_their_exit_codes(wftui: Command, shop: Shop, tracked: Tracked, url: str) -> None:
    failed, waits = shop.order("a", fail=True), shop.order("b", event="order.paid")
    shop.work()
    load, run = tracked.task("load", done=False), str(tracked.run)

    assert "not confirmed" in wftui("cancel", run, code=5)
    assert "read-only" in wftui("cancel", run, "--yes", "--read-only", code=5)
    told = wftui("cancel", run, "--dry-run")
    assert "its row becomes CANCELED" in told
    assert "etl__1.2__load (PENDING) is cancelled before it runs" in told
    assert state(url, load, "tracked")[0] == "pending"

    mixed = wftui.json("cancel", run, failed, "--yes", code=1)
    assert mixed == [
        {
            "id": run, "action": "cancel", "done": True,
            "status_before": "RUNNING", "status_after": "CANCELED", "why": "1 task cancelled",
        },
        {
            "id": failed, "action": "cancel", "done": False,
            "status_before": "FAILED", "status_after": "FAILED", "why": "it has ended: it is FAILED",
        },
    ]  # fmt: skip
    assert (run_row(tracked)[0], state(url, load, "tracked")) == ("cancelled", ("cancelled", "cancelled"))

    assert "1 attempt in all is too few" in wftui("resume", failed, "--yes", "--max-attempts", "1", code=5)
    (row,) = wftui.json("resume", "--all", "--include-failed", "--max-attempts", "3", "--yes")
    assert (row["id"], row["done"], row["status_after"]) == (failed, True, "PENDING")

    assert "not JSON" in wftui("emit", waits, "order.paid", "--payload", "{by: card}", code=2)
    (row,) = wftui.json("emit", waits, "order.paid", "--payload", '{"by": "card"}', "--yes")
    assert (row["action"], row["done"], row["why"]) == ("emit", True, "1 task woken")
    assert "absurdctl cleanup" in wftui("delete", waits, "--yes", code=5)
    wftui("cancel", "nothing", "--yes", code=4)


def test_an_event_and_a_cancel_with_keys(shop: Shop, url: str) -> None:
    waits = shop.order("b", event="order.paid")
    shop.work()
    with Terminal([*WFTUI, "-t", url], columns=140, rows=40, env={**os.environ, "WFTUI_TARGET": ""}) as terminal:
        terminal.until("order.fulfil")
        terminal.until("emit event")
        terminal.press("E")
        terminal.until("sends order.paid with null")
        terminal.press('{"by": "card"')
        terminal.until("not JSON")
        terminal.press("}")
        terminal.until('sends order.paid with {"by": "card"}')
        terminal.press("\t")
        terminal.until("enter asks once more")
        terminal.press("\r")
        terminal.until("nobody else waits for it")
        terminal.until(" No ")
        terminal.press(YES)
        terminal.until("1 task woken")
        with psycopg.connect(url) as connection:
            found = connection.execute("select payload from absurd.e_shop").fetchall()
        assert found == [({"by": "card"},)]
        assert state(url, waits)[0] == "pending"


def test_one_task_and_then_the_run_with_keys(tracked: Tracked, url: str) -> None:
    extract, load = (tracked.task(step, done=False) for step in ("extract", "load"))
    with Terminal([*WFTUI, "-t", url], columns=140, rows=40, env={**os.environ, "WFTUI_TARGET": ""}) as terminal:
        terminal.until("etl 1.2")
        terminal.press("t")
        terminal.until("extract")
        terminal.press("\r")
        terminal.until("cancel task")
        terminal.press("X")
        terminal.until("only this task of the run etl 1.2")
        terminal.until(" No ")
        terminal.press(YES)
        until(
            lambda: sorted(state(url, i, "tracked")[0] for i in (extract, load)) == ["cancelled", "pending"],
            "one task is cancelled",
        )
        terminal.until(lambda screen: "only this task" not in screen)
        assert run_row(tracked)[0] == "running"
        terminal.press("c")
        terminal.until("its row becomes CANCELED")
        terminal.until(" No ")
        terminal.press(YES)
        until(lambda: run_row(tracked)[0] == "cancelled", "the run is cancelled")
        terminal.press("q")
    assert {state(url, i, "tracked")[0] for i in (extract, load)} == {"cancelled"}
