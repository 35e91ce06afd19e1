"""Arguments and output of a task in the running app: read when they are asked for, and only then."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.storage_making import NOW, MadeStorage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def storage(tmp_path: Path) -> MadeStorage:
    made = MadeStorage(tmp_path / "storage")
    made.workflow("shop", "SUCCESSFUL", end=NOW + 9)
    made.entry("shop", "charge")
    made.task("shop", "charge", start=NOW, end=NOW + 2, output={"paid": 7, "password": "hunter2"})
    made.write("shop/tasks/charge/args.pkl", pickle.dumps([b"__RAY_DUMMY__", "customer-7"]))
    return made


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (200, 60)])
def test_a_key_reads_them_and_shows_them(storage: MadeStorage, size: tuple[int, int]) -> None:
    with Terminal([sys.executable, "-m", "wftui", "-t", str(storage.path)], columns=size[0], rows=size[1]) as terminal:
        terminal.until("shop")
        terminal.press("\r")
        terminal.until("charge")
        terminal.press("t")
        terminal.until("TASK  ")
        assert "customer-7" not in terminal.text
        terminal.press("V")
        terminal.until("Arguments and output  looked into")
        terminal.until("'customer-7'")
        terminal.until("password: ******")
        terminal.press("S")
        terminal.until("password: 'hunter2'")
        terminal.press("S")
        terminal.until(lambda screen: "hunter2" not in screen)
        terminal.press("V")
        terminal.until(lambda screen: "customer-7" not in screen)
        terminal.press("q")
        assert terminal.wait() == 0
