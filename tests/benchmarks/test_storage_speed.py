"""How reading a storage compares with a plain loop over the same files. Prints ratios; asserts only the order."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.sources.storage_making import NOW, MadeStorage
from wftui.sources.ray.storage.reader import StorageReader
from wftui.sources.stores.local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark

WORKFLOWS = 2_000


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> MadeStorage:
    made = MadeStorage(tmp_path_factory.mktemp("speed") / "storage")
    for number in range(WORKFLOWS):
        made.workflow(f"pipeline.{number:05}", "SUCCESSFUL", end=NOW + number, team="a", run=number)
    return made


def plain_loop(root: Path) -> int:
    """What anybody would write: list the index with times, open and parse the three files of each workflow."""
    found = 0
    for status in os.scandir(root / "__status__"):
        for entry in os.scandir(status.path):
            entry.stat()
            for name in ("user_run_metadata.json", "pre_run_metadata.json", "post_run_metadata.json"):
                with open(f"{root}/{entry.name}/{name}", "rb") as file:
                    found += bool(json.loads(file.read()))
    return found


def ours(root: Path) -> int:
    reader = StorageReader(LocalStore(str(root)), "here")
    words = reader.index().words
    return len(reader.summaries(list(words), words))


def test_rows_beside_a_plain_loop(storage: MadeStorage) -> None:
    best = {"plain": float("inf"), "ours": float("inf")}
    for _ in range(5):
        begun = time.process_time()
        assert plain_loop(storage.root) == 3 * WORKFLOWS
        best["plain"] = min(best["plain"], time.process_time() - begun)
        begun = time.process_time()
        assert ours(storage.root) == WORKFLOWS
        best["ours"] = min(best["ours"], time.process_time() - begun)
    ratio = best["ours"] / best["plain"]
    print(f"\nindex, times and metadata of {WORKFLOWS} workflows: {ratio:.2f} x a plain loop ({best['ours']:.3f} s)")
    assert ratio < 4
