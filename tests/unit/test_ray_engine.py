"""Which targets are Ray's, and which is the one to open when none was given."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from wftui.errors import UsageError
from wftui.sources.base import SourceOptions
from wftui.sources.ray import engine
from wftui.sources.ray.engine import ENGINE
from wftui.sources.ray.storage_source import StorageSource
from wftui.sources.registry import engines, make_source

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_registered() -> None:
    assert ENGINE in engines()


@pytest.mark.parametrize(
    "target",
    ["auto", "head:6379", "10.0.0.1:6379", "[::1]:6379", "ray://head:10001", ".", "a/b", "file:///x", "s3://b"],
)
def test_claims(target: str) -> None:
    assert ENGINE.claims(target)


@pytest.mark.parametrize("target", ["", "demo", "postgresql://x", "http://x", "nul\0"])
def test_leaves_others(target: str) -> None:
    assert not ENGINE.claims(target)


def test_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a b?#1" / "workflows").mkdir(parents=True)
    (tmp_path / "head:6379" / "workflows").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for target in ("a b?#1", f"file://{tmp_path}/a%20b?#1", f"file://localhost{tmp_path}/a b%3F%231", "head:6379"):
        source = make_source(target, SourceOptions())
        assert isinstance(source, StorageSource)
        source.open()
        assert source.info.target == target
        source.close()


@pytest.mark.parametrize("before", ["s3:/K:", "s3:K:", "S3:/K:", "gs:/", "postgresql:/u:", "postgres:u:", "u:", ":"])
def test_half_a_url_is_refused_without_its_secret(before: str) -> None:
    with pytest.raises(UsageError) as caught:
        ENGINE.make(f"{before}SECRET/x@h:6379", SourceOptions())
    assert "SECRET" not in str(caught.value)
    assert caught.value.hint.startswith("write ")


def test_what_is_there_is_a_path_however_it_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("s3:", "a:b@c", "./u:p@h", "x/u:p@h:6379"):
        (tmp_path / name).mkdir(parents=True)
        assert isinstance(make_source(name, SourceOptions()), StorageSource)
    assert isinstance(make_source("./gone/u:p@h", SourceOptions()), StorageSource)


def test_a_file_url_of_another_host() -> None:
    with pytest.raises(UsageError, match="names no other host"):
        ENGINE.make("file://elsewhere/x", SourceOptions())


@pytest.mark.parametrize(
    "target", ["s3://bucket/x", "gs://b", "az://b?account=a", "abfss://c@a.dfs.core.windows.net/x"]
)
def test_object_stores_are_not_asked_before_they_are_opened(target: str) -> None:
    source = ENGINE.make(target, SourceOptions())
    assert source.info.kind == "storage"
    source.close()


class TestDefaultTarget:
    @pytest.fixture(autouse=True)
    def nothing_here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "_DEFAULT_STORAGE", str(tmp_path / "default"))

    def environ(self, tmp_path: Path, **more: str) -> dict[str, str]:
        return {"RAY_TMPDIR": str(tmp_path), **more}

    def test_nothing(self, tmp_path: Path) -> None:
        assert ENGINE.default_target(self.environ(tmp_path)) is None

    def test_the_order(self, tmp_path: Path) -> None:
        (tmp_path / "default").mkdir()
        environ = self.environ(tmp_path)
        assert ENGINE.default_target(environ) == str(tmp_path / "default")
        environ["RAY_STORAGE"] = "/by/ray"
        assert ENGINE.default_target(environ) == "/by/ray"
        environ["RAY_WORKFLOW_STORAGE"] = "/by/workflow"
        assert ENGINE.default_target(environ) == "/by/workflow"
        (tmp_path / "ray").mkdir()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            address = f"127.0.0.1:{listening.getsockname()[1]}"
            (tmp_path / "ray" / "ray_current_cluster").write_text(address)
            assert ENGINE.default_target(environ) == "auto"
            environ["RAY_ADDRESS"] = "head:6379"
            assert ENGINE.default_target(environ) == "head:6379"

    @pytest.mark.parametrize("content", ["", "nonsense", "127.0.0.1:1", "127.0.0.1:99999", "x" * 10_000])
    def test_a_cluster_that_is_gone(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "ray").mkdir()
        (tmp_path / "ray" / "ray_current_cluster").write_text(content)
        assert ENGINE.default_target(self.environ(tmp_path)) is None


def test_finding_it_imports_little() -> None:
    code = (
        "import sys; from wftui.sources.ray.engine import ENGINE; ENGINE.default_target({}); ENGINE.claims('x');"
        "print(sorted({'ray', 'watchfiles', 'textual', 'rich', 'asyncio', 'json'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reading_a_storage_imports_no_ray(tmp_path: Path) -> None:
    (tmp_path / "workflows").mkdir()
    code = (
        "import sys; from wftui.sources.base import SourceOptions; from wftui.sources.registry import make_source;"
        "source = make_source(sys.argv[1], SourceOptions()); source.open(); source.page(None, 5); source.changes();"
        "print(sorted({'ray', 'pyarrow', 'cloudpickle', 'pickle', 'watchfiles', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
