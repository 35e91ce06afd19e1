"""URLs of object stores, the credentials that are found for them, and what is said where something is missing."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.sources.object_commands import one_line, three_running
from tests.sources.object_server import BUCKET, KEY, SECRET
from wftui.cli.main import main
from wftui.errors import TargetError, UsageError
from wftui.sources.base import SourceOptions
from wftui.sources.ray.object_source import ObjectSource
from wftui.sources.stores.objects import signing
from wftui.sources.stores.objects.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sources.object_server import ObjectServer


@pytest.fixture
def prefix(server: ObjectServer) -> Iterator[str]:
    with three_running(server, "credentials") as prefix:
        yield prefix


class TestCredentials:
    def test_of_the_url_are_used_and_masked(
        self, capsys: pytest.CaptureFixture[str], server: ObjectServer, prefix: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        from urllib.parse import quote

        bare = server.target(prefix)
        url = bare.replace("s3://", f"s3://{KEY}:{quote(SECRET, safe='')}@")
        assert main(["ls", "--json", "-t", url]) == 0
        out = capsys.readouterr().out
        assert "s3://******:******@" in out
        with server.fault("refused"):
            assert "refused" in (said := one_line(capsys, "ls", "-t", url))
        for secret in (SECRET, quote(SECRET, safe=""), KEY):
            assert secret not in out + said
        assert "no AWS credentials were found" in one_line(capsys, "ls", "-t", bare)
        assert main(["ls", "-t", server.target(prefix, anonymous="true")]) == 0

    def test_of_a_profile(
        self, server: ObjectServer, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        (tmp_path / "aws-config").write_text(
            f"[profile shop]\nregion = eu-west-1\nendpoint_url = {server.url}\n"
            f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        )
        assert main(["ls", "-t", f"s3://{BUCKET}/{prefix}?profile=shop"]) == 0
        monkeypatch.setenv("AWS_PROFILE", "shop")
        assert main(["ls", "-t", f"s3://{BUCKET}/{prefix}"]) == 0

    def test_a_profile_that_is_not_there(self, capsys: pytest.CaptureFixture[str], server: ObjectServer) -> None:
        assert "could not be found" in one_line(capsys, "ls", "-t", f"s3://{BUCKET}/x?profile=nobody")

    def test_renewed_ones_are_taken_without_a_restart(
        self, server: ObjectServer, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        source = ObjectSource(server.target(prefix, profile="late"), SourceOptions())
        with pytest.raises(TargetError, match="could not be found"):
            source.open()
        (tmp_path / "aws-credentials").write_text(
            f"[late]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
        )
        source.open()
        source.close()

    def test_instance_metadata_that_hangs_does_not(
        self, capsys: pytest.CaptureFixture[str], aws: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setattr(signing, "_MOST_SECONDS", 0.5)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}/")
            said = one_line(capsys, "ls", "-t", "s3://b/x?region=eu-west-1")
        assert "looking for AWS credentials took more than 0.5 s" in said


class TestUrls:
    @pytest.mark.parametrize(
        ("url", "kind", "bucket", "prefix"),
        [
            ("s3://b", "s3", "b", ""),
            ("s3://b/x/y/", "s3", "b", "x/y"),
            ("S3://b/a%20b%25%2B", "s3", "b", "a b%+"),
            ("s3://b/x#y", "s3", "b", "x#y"),
            ("gs://anonymous@b/x", "gs", "b", "x"),
            ("az://c/x?account=a", "az", "c", "x"),
            ("abfss://c@a.dfs.core.windows.net/x/y", "az", "c", "x/y"),
            ("abfs://a.blob.core.windows.net/c/x", "az", "c", "x"),
        ],
    )
    def test_parts(self, url: str, kind: str, bucket: str, prefix: str) -> None:
        place = parse_url(url)
        assert (place.kind, place.bucket, place.prefix) == (kind, bucket, prefix)

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("s3://", "no bucket"),
            ("s3:///x", "no bucket"),
            ("az:///x", "no container"),
            ("s3://KEY:s3cr/et@b/x", "hold a slash"),
            ("s3://b/x?regoin=eu", "unknown parameter 'regoin'"),
        ],
    )
    def test_malformed_ones(self, url: str, said: str) -> None:
        with pytest.raises(UsageError, match=said) as caught:
            parse_url(url)
        assert "s3cr" not in str(caught.value)

    def test_a_relist_that_is_no_number(self) -> None:
        with pytest.raises(UsageError, match="relist=often"):
            ObjectSource("s3://b/x?relist=often", SourceOptions())


WITHOUT = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
from wftui.cli.main import main
sys.exit(main(["ls", "-t", {url!r}]))
"""


@pytest.mark.parametrize(
    ("url", "blocked"),
    [
        ("s3://b/x", ["urllib3", "botocore"]),
        ("s3://KEY:s3cret@b/x", ["botocore"]),
        ("gs://b/x", ["google.auth", "google"]),
        ("az://c/x?account=a", ["azure.identity", "azure"]),
    ],
)
def test_without_the_extra_one_line_says_what_to_install(url: str, blocked: list[str]) -> None:
    code = WITHOUT.format(url=url, blocked=blocked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert "pip install 'wftui[cloud]'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "s3cret" not in done.stderr


@pytest.mark.parametrize(
    ("base", "target", "headers", "said"),
    [
        (
            "https://acct.blob.core.windows.net",
            "/c/a%20b/%C3%BC%25.json",
            {"x-ms-range": "bytes=0-9"},
            "BtkKSOfqdydTIrL4a2QmSJWSNErda20JDslVkd3Iu+s=",
        ),
        (
            "https://acct.blob.core.windows.net",
            "/c?comp=list&delimiter=%2F&marker=2%211&prefix=a%20b%2F&restype=container",
            {},
            "kk0rRGT4NKd9i5cqikPEfW0IXeINHGn/ygebsY6ZM10=",
        ),
        (
            "http://127.0.0.1:10000",
            "/acct/c?comp=list&restype=container",
            {},
            "/1f6FUi9wflCeLH1ZGOgb6PpWY/nblCBIXdvs81VNYM=",
        ),
    ],
)
def test_azure_keys_sign_as_azures_own_library_does(
    monkeypatch: pytest.MonkeyPatch, base: str, target: str, headers: dict[str, str], said: str
) -> None:
    """What `SharedKeyCredentialPolicy` of azure-storage-blob gave for the same requests at the same moment."""
    monkeypatch.setattr(signing, "formatdate", lambda usegmt: "Sat, 21 Nov 2026 12:00:00 GMT")
    signed = signing.SharedKeySigner("acct", "a2V5").sign("GET", base, target, headers)
    assert signed == (target, {**signed.headers, "authorization": f"SharedKey acct:{said}"})
