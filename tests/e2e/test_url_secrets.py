"""Credentials in a target's URL, in its userinfo and its parameters, are in no byte that any command writes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.object_server import BUCKET, KEY, SECRET, ObjectServer, clean_environment, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTED = quote(SECRET, safe="")


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectServer]:
    server = start_server()
    server.put("p/_valid")
    server.fill("p", "FAILED", 3)
    server.put("p/workflows/flow-000000/tasks/t/inputs.json", b'{"task_id": "t", "workflow_refs": []}')
    yield server
    server.close()


def targets(server: ObjectServer) -> dict[str, str]:
    bare = server.target("p")
    return {
        "userinfo": bare.replace("s3://", f"s3://{KEY}:{QUOTED}@"),
        "parameters": f"{bare}&access_key={KEY}&secret_key={QUOTED}&session_token={QUOTED}",
        "wrong": bare.replace("s3://", f"s3://{KEY}:{QUOTED}@").replace(f"@{BUCKET}/", "@no-such-bucket/"),
        "malformed": bare.replace("s3://", f"s3://{KEY}:{SECRET}@"),
        "unknown": f"{bare}&secret_kye={QUOTED}",
    }


def checked(terminal: Terminal) -> None:
    written = terminal.written.decode("utf-8", "replace")
    assert written
    assert "Traceback" not in written
    for secret in (SECRET, QUOTED, KEY):
        assert secret not in written


def environment() -> dict[str, str]:
    away = {*clean_environment(), *(name for name in os.environ if name.startswith("WFTUI"))}
    env = {name: value for name, value in os.environ.items() if name not in away}
    return {**env, "AWS_EC2_METADATA_DISABLED": "true", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}


@pytest.mark.parametrize("kind", ["userinfo", "parameters", "wrong", "malformed", "unknown"])
def test_of_commands(server: ObjectServer, kind: str) -> None:
    target = targets(server)[kind]
    several = (["ls"], ["ls", "--json"], ["show", "--all", "--json"], ["dag", "flow-000000"], ["show", "nobody"])
    for words in several if kind in ("userinfo", "parameters") else several[:1]:
        with Terminal([sys.executable, "-m", "wftui", *words, "-t", target], env=environment()) as terminal:
            terminal.wait()
            checked(terminal)


@pytest.mark.parametrize("kind", ["userinfo", "parameters"])
def test_of_the_app(server: ObjectServer, kind: str) -> None:
    command = [sys.executable, "-m", "wftui", "-t", targets(server)[kind]]
    with Terminal(command, env=environment()) as terminal:
        terminal.until("flow-000000")
        for tab, seen in (("t", "TASK  "), ("m", "Metadata"), ("e", "Error"), ("g", "Graph")):
            terminal.press(tab)
            terminal.until(seen)
        with server.fault("refused"):
            terminal.press("\x12")
            terminal.until("the credentials are refused")
        terminal.press("S")
        terminal.until("secrets in metadata are")
        terminal.press("q")
        terminal.wait()
        checked(terminal)
