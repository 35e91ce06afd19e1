"""A storage that real Ray wrote, made once for a session."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sources.ray_clusters import TestCluster

WRITER = Path(__file__).with_name("ray_writer.py")
MOVING = "moving"
"""The workflow whose status update was interrupted: done, but the index still has it running."""


@dataclass(frozen=True)
class WrittenStorage:
    """A storage that nothing writes any more, and what Ray's API said of it while its second cluster ran.

    Attributes:
        path: The storage.
        list_all: Status by id, as `workflow.list_all()`.
        workflows: `workflow.get_metadata(id)` by id; some of these are not listed.
        tasks: `workflow.get_metadata(id, task)` by id and task.
    """

    path: Path
    list_all: dict[str, str]
    workflows: dict[str, dict[str, Any]]
    tasks: dict[str, dict[str, dict[str, Any]]]

    @property
    def root(self) -> Path:
        """Where the workflows lie."""
        return self.path / "workflows"

    def copy(self, place: Path) -> Path:
        """A copy to change, with the times of its files."""
        shutil.copytree(self.path, place, symlinks=True)
        return place


def write_storage(place: Path) -> WrittenStorage:
    """Have Ray write it; takes about a minute."""
    cluster = TestCluster(cpus=4, client=False)
    try:
        cluster.start()
        _write(cluster, "first")
        cluster.kill()
        _interrupt_a_status_update(cluster.storage / "workflows" / "__status__")
        cluster.start()
        said = cluster.root / "said.json"
        _write(cluster, "second", str(said))
        cluster.kill()
        answers = json.loads(said.read_text())
        shutil.copytree(cluster.storage, place)
    finally:
        cluster.close()
    return WrittenStorage(place, answers["list_all"], answers["workflows"], answers["tasks"])


def _write(cluster: TestCluster, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(WRITER), cluster.address, *arguments],
        env=cluster.environment,
        cwd=cluster.root,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-6000:]


def _interrupt_a_status_update(index: Path) -> None:
    """What a crash between the third and the fourth step of Ray's protocol leaves: the meta is new, the index old."""
    (index / "RUNNING").mkdir(exist_ok=True)
    (index / "SUCCESSFUL" / MOVING).rename(index / "RUNNING" / MOVING)
    (index / "dirty" / MOVING).touch()
