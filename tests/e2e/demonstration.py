"""`wftui demo` in a pseudo-terminal, and what it has beside the terminal."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.sources.ray_clusters import eventually

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal

DEMO = (sys.executable, "-m", "wftui", "demo")


def environment(**more: str) -> dict[str, str]:
    """Nothing that is set for wftui or what it shows, but for `more`."""
    settings = ("WFTUI_", "RAY_", "PG", "ABSURD_", "NO_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return {**kept, **more}


class Demonstration:
    """That of Ray, once Ray is up.

    Args:
        terminal: Where it was started.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.terminal.until("workflows are coming in")
        told = re.search(rb"Ray is up at ([\d.:]+)", self.terminal.written)
        assert told is not None
        self.address = told[1].decode()
        self.folder = folder_of(self.terminal.process.pid)
        assert processes_of(self.folder)

    def ends_with(self, code: int) -> None:
        """It ends by itself, the terminal is as it was, and nothing stays behind."""
        assert self.terminal.wait() == code
        assert self.terminal.modes == self.terminal.before
        eventually(lambda: not self.folder.exists())
        eventually(lambda: not processes_of(self.folder))


def processes_of(folder: Path) -> list[str]:
    """The command lines of processes that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended since
        if str(folder) in line:
            found.append(line)
    return found


def folder_of(pid: int) -> Path:
    """The temporary folder, as the process that hosts Ray or PostgreSQL has it on its command line."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found = re.search(rb"/tmp/wftui-\w+", Path(f"/proc/{child}/cmdline").read_bytes())
            if found:
                return Path(os.fsdecode(found[0]))
    raise AssertionError("no process hosts anything")
