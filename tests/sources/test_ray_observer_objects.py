"""A live cluster whose storage lies in an object store: read from here, or from there where only it may."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import listed
from tests.sources.object_server import KEY, SECRET, clean_environment, start_server
from tests.sources.ray_clusters import TestCluster, eventually
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.ray

CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


class BucketCluster(TestCluster):
    """A cluster that is given the URL of a bucket, and the credentials for it."""

    def __init__(self, url: str, config: Path) -> None:
        super().__init__(cpus=2, client=False)
        self.storage = url  # type: ignore[assignment]  # only put on the command line
        for name in clean_environment():
            self.environment.pop(name, None)
        self.environment |= {**CREDENTIALS, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": str(config)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BucketCluster]:
    with closing(start_server()) as server:
        started = BucketCluster(server.target("cluster"), tmp_path_factory.mktemp("aws") / "config")
        with closing(started):
            started.start()
            with closing(started.driver()) as user:
                user.do("submit", kind="diamond", gate="", id="done", metadata={"of": "done"})
                user.do("submit", kind="fails", gate="closed", id="fails")
                eventually(lambda: dict(user.do("list")) == {"done": "SUCCESSFUL", "fails": "FAILED"}, 120.0)
                user.do("submit", kind="diamond", gate="never", id="runs")
                eventually(lambda: user.do("status", id="runs") == "RUNNING", 120.0)
                yield started


@pytest.mark.parametrize("has_credentials", [True, False])
def test_it_is_read_from_where_it_can_be(
    cluster: BucketCluster, has_credentials: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in clean_environment():
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    if has_credentials:
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
    with closing(ClusterSource(cluster.address, SourceOptions(read_only=True))) as source:
        source.open()
        assert source.info.notes == ()
        assert source.info.is_costly
        assert source.info.watches.startswith("asking" if has_credentials else "an observer in the cluster")
        rows = {row.key.id: row.status for row in listed(source)}
        assert rows == {"done": Status.SUCCESSFUL, "fails": Status.FAILED, "runs": Status.RUNNING}
        (done, failed) = source.summaries(["done", "fails"])
        assert done.key.target == cluster.address
        assert done.user_metadata == {"of": "done"}
        assert failed.error is not None
        assert failed.error.message == "the shelf is empty"
        assert {task.id for task in source.detail("runs").tasks} == {"a", "b", "c", "d"}
        source.changes()
