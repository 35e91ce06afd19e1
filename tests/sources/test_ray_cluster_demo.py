"""The demonstration: its cluster ends when we do, whatever ends us, and its recorded storage opens."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.sources.contract import listed
from tests.sources.ray_clusters import eventually
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.source import ClusterSource
from wftui.sources.ray.demo import snapshot
from wftui.sources.ray.storage_source import StorageSource

_APP = (
    "import sys\n"
    "from wftui.sources.ray.demo.cluster import DemoCluster\n"
    "demo = DemoCluster()\n"
    "address = demo.start(lambda line: None)\n"
    "print(address, demo.storage.parent, demo._server._process.pid, flush=True)\n"
    "sys.stdin.read()\n"
)


def _group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.ray
def test_the_demonstration_runs_and_leaves_nothing_when_we_are_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _APP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as app:
        assert app.stdout is not None
        address, root, group = app.stdout.readline().split()
        with closing(ClusterSource(address, SourceOptions())) as source:
            source.open()

            def something_runs() -> bool:
                source.changes()
                return any(row.status is Status.RUNNING for row in listed(source))

            eventually(something_runs)
        app.kill()
    eventually(lambda: not Path(root).exists())
    eventually(lambda: _group_is_gone(int(group)))


def test_the_recorded_storage_holds_workflows_in_every_state(tmp_path: Path) -> None:
    storage = snapshot.unpack(tmp_path)
    with closing(StorageSource(str(storage), SourceOptions())) as source:
        source.open()
        rows = source.summaries([row.key.id for row in listed(source)])
        details = [source.detail(row.key.id) for row in rows]
    assert {row.status for row in rows} >= {Status.RUNNING, Status.SUCCESSFUL, Status.FAILED, Status.CANCELED}
    errors = {row.error.type for row in rows if row.error is not None}
    assert "KeyError" in errors
    assert any(error is not None and error.endswith("PaymentDeclined") for error in errors)
    assert any(len(detail.tasks) >= 50 for detail in details)
    assert all(detail.problems == () for detail in details)


def test_a_storage_packs_to_the_same_bytes_and_keeps_its_times(tmp_path: Path) -> None:
    storage = snapshot.unpack(tmp_path / "one")
    snapshot.pack(storage, tmp_path / "a.zip")
    snapshot.pack(storage, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert (tmp_path / "a.zip").stat().st_size < 300_000
    metas = sorted(storage.rglob("pre_task_metadata.json"))
    assert len({path.stat().st_mtime_ns % 10**9 for path in metas}) > len(metas) // 2
