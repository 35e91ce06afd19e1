"""The demonstration with a real Ray, in a pseudo-terminal: it shows something, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.ray_clusters import eventually

pytestmark = pytest.mark.ray


def processes_of(folder: str) -> list[str]:
    """The command lines of processes that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended since
        if folder in line:
            found.append(line)
    return found


def folder_of(pid: int) -> Path:
    """The temporary folder, as the process that hosts Ray has it on its command line."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found = re.search(rb"/tmp/wftui-\w+", Path(f"/proc/{child}/cmdline").read_bytes())
            if found:
                return Path(os.fsdecode(found[0]))
    raise AssertionError("no process hosts Ray")


@pytest.mark.parametrize("way", ["quit", "terminated"])
def test_the_demonstration(way: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_", "NO_COLOR"))}
    command = [sys.executable, "-m", "wftui", "demo"]
    with Terminal(command, env=env) as terminal:
        terminal.until("Ray is up")
        folder = folder_of(terminal.process.pid)
        assert processes_of(str(folder))
        terminal.until("RUNNING", 300)
        if way == "quit":
            terminal.until(lambda screen: bool(re.search(r"FAILED +\S", screen)), 300)
            terminal.press("q")
            assert terminal.wait() == 0
        else:
            terminal.process.send_signal(signal.SIGTERM)
            assert terminal.wait() == 128 + signal.SIGTERM
        # The terminal is as it was.
        assert terminal.modes == terminal.before
    eventually(lambda: not folder.exists())
    eventually(lambda: not processes_of(str(folder)))
