"""The whole way on a real Ray cluster: see a workflow run, cancel it, resume a failed one after its cause is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.ray

WFTUI = [sys.executable, "-m", "wftui"]
ENTER = "\r"
ESCAPE = "\x1b"
RIGHT = "\x1b[C"


class Workload:
    """`workload.py` in a process of its own, asked through its standard input."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(Path(__file__).with_name("workload.py")), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address: str = self._reply()["address"]

    def ask(self, command: str, workflow_id: str = "") -> Any:
        """What Ray's own API says."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command} {workflow_id}\n")
        self.process.stdin.flush()
        return self._reply().get("value")

    def close(self) -> None:
        """End the cluster."""
        with self.process:
            assert self.process.stdin is not None
            self.process.stdin.close()
            self.process.wait(60)

    def _reply(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the workload ended"
        return json.loads(line)


@pytest.fixture
def workload() -> Iterator[Workload]:
    with tempfile.TemporaryDirectory(prefix="wf", dir="/tmp", ignore_cleanup_errors=True) as folder:
        workload = Workload(Path(folder))
        yield workload
        workload.close()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}


def row(screen: str, workflow_id: str) -> str:
    """The row of the list with that id; "" where there is none."""
    return next((line for line in screen.splitlines()[2:] if f" {workflow_id} " in f"{line} " and "▰" in line), "")


def narrow(terminal: Terminal, text: str) -> None:
    """Filter, and go back to the list."""
    # What is typed in one breath with the slash goes into the line.
    terminal.press(f"/{text}")
    terminal.until(lambda screen: f"/ {text}" in screen and "keep" in screen.splitlines()[-1])
    terminal.press(ENTER)
    terminal.until(lambda screen: "keep" not in screen.splitlines()[-1])


def test_see_cancel_and_resume(workload: Workload, environment: dict[str, str]) -> None:
    with Terminal([*WFTUI, "-t", workload.address], columns=140, rows=44, env=environment) as terminal:
        terminal.until(lambda screen: "RUNNING" in row(screen, "long"))
        terminal.until(lambda screen: "FAILED" in row(screen, "broken"))
        terminal.until("StockError: only 20 left of sku-81")

        # Find the running one, cancel it, and see it canceled.
        narrow(terminal, "long")
        terminal.until(lambda screen: row(screen, "long") != "" and row(screen, "broken") == "")
        terminal.press("c")
        dialog = terminal.until("Cancel")
        assert "long" in dialog
        assert "RUNNING" in dialog
        terminal.press(f"{RIGHT}{ENTER}")
        terminal.until(lambda screen: "CANCELED" in row(screen, "long"))
        assert workload.ask("status", "long") == "WorkflowStatus.CANCELED"

        # Mend what broke the other, resume it, and see it end well.
        terminal.press(ESCAPE)
        terminal.until(lambda screen: row(screen, "broken") != "")
        narrow(terminal, "broken")
        terminal.until(lambda screen: row(screen, "broken") != "" and row(screen, "long") == "")
        (workload.folder / "mended").touch()
        terminal.press("r")
        dialog = terminal.until("Resume")
        assert "broken" in dialog
        assert "FAILED" in dialog
        terminal.press(f"{RIGHT}{ENTER}")
        terminal.until(lambda screen: "SUCCESSFUL" in screen and "FAILED" not in row(screen, "broken"))
        assert workload.ask("output", "broken") == "reserved 40"

        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.modes == terminal.before
    assert workload.ask("status", "broken") == "WorkflowStatus.SUCCESSFUL"
    assert workload.ask("metadata", "broken")["status"] == "SUCCESSFUL"
