"""Fixtures of the sources' tests."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.object_server import ObjectServer
    from tests.sources.ray_clusters import TestCluster, TestDriver
    from wftui.sources.absurd.source import AbsurdSource
    from wftui.sources.ray.cluster.source import ClusterSource


@pytest.fixture(scope="session")
def object_server_process() -> Iterator[ObjectServer]:
    """One S3 server for the session; tests use prefixes of their own in its bucket."""
    from tests.sources.object_server import start_server

    server = start_server()
    yield server
    server.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    """A Ray cluster of one node for the tests of a file; some files have one of another kind."""
    from tests.sources.ray_clusters import TestCluster

    with closing(TestCluster(client=False)) as started:
        started.start()
        yield started


@pytest.fixture(scope="module")
def source(cluster: TestCluster, user: TestDriver) -> Iterator[ClusterSource]:
    """On that cluster, once the file's user was there, for all of its tests; some files have one of another kind."""
    from tests.sources.contract import listed
    from wftui.sources.base import SourceOptions
    from wftui.sources.ray.cluster.source import ClusterSource

    with closing(ClusterSource(cluster.address, SourceOptions())) as opened:
        opened.open()
        listed(opened)
        yield opened


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with the server's credentials, and nothing of the machine's own."""
    from tests.sources.object_server import KEY, SECRET, clean_environment

    for name in clean_environment():
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def server(object_server_process: ObjectServer, aws: None) -> Iterator[ObjectServer]:
    """The S3 server. After each test: nothing but reading requests ever reached it."""
    object_server_process.log()
    yield object_server_process
    assert not object_server_process.written


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., AbsurdSource]]:
    """Opens sources of it, or of another URL."""
    from wftui.sources.absurd.source import AbsurdSource
    from wftui.sources.base import SourceOptions

    sources: list[AbsurdSource] = []

    def open_source(target: str = url) -> AbsurdSource:
        source = AbsurdSource(target, SourceOptions())
        sources.append(source)
        source.open()
        return source

    yield open_source
    for source in sources:
        source.close()
