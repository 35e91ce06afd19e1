"""`gs://` and `az://` before servers that let in only what is signed, by every kind of credentials."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest

from tests.sources.cloud_fronts import (
    AZURE_ACCOUNT,
    AZURE_KEY,
    GOOGLE_KEY,
    GOOGLE_SECRET,
    IDENTITY,
)
from tests.sources.cloud_signatures import sas_signature
from tests.sources.contract import listed
from tests.sources.object_server import BUCKET, clean_environment
from tests.sources.storage_making import MadeStorage
from tests.sources.test_objects_same import make_odd, plain, printed, to_seconds
from wftui.cli.main import main
from wftui.errors import TargetError
from wftui.sources.base import SourceOptions
from wftui.sources.ray.object_source import ObjectSource
from wftui.sources.stores.objects import signing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.object_server import ObjectServer

    Ready = Callable[..., str]

SECRETS = (GOOGLE_SECRET, quote(GOOGLE_SECRET, safe=""), AZURE_KEY, IDENTITY, "s3cr3t-token", "PRIVATE KEY")
KINDS = ("gs hmac", "gs service account", "az key", "az key in url", "az connection string", "az sas", "az identity")


def sas(seconds: float = 3600.0, key: str = AZURE_KEY) -> str:
    """A signature that may list and read the container."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    fields = {"sp": "rl", "se": ends, "sv": "2021-12-02", "sr": "c"}
    return urlencode({**fields, "sig": sas_signature(fields, AZURE_ACCOUNT, BUCKET, key)})


@pytest.fixture
def ready(server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    """Sets the environment for a kind of credentials, and gives the target's URL for a prefix by it."""
    for name in (*clean_environment(), "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "NO_GCE_CHECK"):
        monkeypatch.delenv(name, raising=False)
    server.token_seconds(3600.0)

    def target(kind: str, prefix: str = "clouds") -> str:
        if kind == "gs hmac":
            return server.google_target(prefix, f"{GOOGLE_KEY}:{quote(GOOGLE_SECRET, safe='')}@")
        if kind == "gs service account":
            account = tmp_path / "account.json"
            account.write_bytes(server.service_account())
            monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
            return server.google_target(prefix)
        if kind == "az key":
            monkeypatch.setenv("AZURE_STORAGE_KEY", AZURE_KEY)
        elif kind == "az key in url":
            return server.azure_target(prefix, account_key=AZURE_KEY)
        elif kind == "az connection string":
            place = f"http://127.0.0.1:{server.port}/{AZURE_ACCOUNT}"
            told = f"AccountName={AZURE_ACCOUNT};AccountKey={AZURE_KEY};BlobEndpoint={place};"
            monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", told)
            return f"az://{BUCKET}/{prefix}"
        elif kind == "az sas":
            monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", sas())
        else:
            monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/_azure/identity")
            monkeypatch.setenv("IDENTITY_HEADER", IDENTITY)
        return server.azure_target(prefix)

    return target


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, object_server_process: ObjectServer) -> Iterator[MadeStorage]:
    made = MadeStorage(tmp_path_factory.mktemp("clouds") / "storage")
    make_odd(made)
    to_seconds(made.path)
    object_server_process.load(made.path, "clouds")
    yield made
    object_server_process.drop_below("clouds/")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_answers_as_of_the_directory(
    capsys: pytest.CaptureFixture[str], ready: Ready, storage: MadeStorage, kind: str
) -> None:
    target = ready(kind)
    for words in (["ls"], ["show", "--all"]):
        there, here = (printed(capsys, *words, "-t", one) for one in (target, str(storage.path)))
        assert there.code == 0, there.err
        assert plain(there.json) == plain(here.json)
        if words == ["ls"]:
            assert there.err == here.err
        assert not [secret for secret in SECRETS if secret in str(there)]


def refused(capsys: pytest.CaptureFixture[str], target: str) -> str:
    assert main(["ls", "-t", target]) == 3
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert not [secret for secret in SECRETS if secret in err]
    return err


class TestRefused:
    def test_a_wrong_hmac_key(self, capsys: pytest.CaptureFixture[str], server: ObjectServer, ready: Ready) -> None:
        ready("gs hmac")
        said = refused(capsys, server.google_target("clouds", f"{GOOGLE_KEY}:not-it@"))
        assert "the credentials are refused (403 SignatureDoesNotMatch)" in said
        assert "GOOGLE_APPLICATION_CREDENTIALS" in said
        assert "access is denied" in refused(capsys, server.google_target("clouds", "anonymous@"))

    def test_a_service_account_of_somebody_else(
        self,
        capsys: pytest.CaptureFixture[str],
        server: ObjectServer,
        ready: Ready,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        ready("gs service account")
        mine = (tmp_path / "account.json").read_text().replace("robot@example", "other@example")
        (tmp_path / "account.json").write_text(mine)
        assert "Google gives no token: RefreshError" in refused(capsys, server.google_target("clouds"))
        (tmp_path / "account.json").write_text("{}")
        assert "no Google credentials were found" in refused(capsys, server.google_target("clouds"))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("AZURE_STORAGE_KEY", "bm90IGl0"),
            ("AZURE_STORAGE_SAS_TOKEN", sas(key="bm90IGl0")),
            ("AZURE_STORAGE_SAS_TOKEN", sas(-60.0)),
        ],
        ids=["key", "sas", "sas that ended"],
    )
    def test_wrong_credentials_of_azure(
        self,
        capsys: pytest.CaptureFixture[str],
        server: ObjectServer,
        ready: Ready,
        monkeypatch: pytest.MonkeyPatch,
        name: str,
        value: str,
    ) -> None:
        target = ready("az key")
        monkeypatch.delenv("AZURE_STORAGE_KEY")
        monkeypatch.setenv(name, value)
        said = refused(capsys, target)
        assert "the credentials are refused (403 AuthenticationFailed)" in said
        assert "AZURE_STORAGE_KEY" in said

    def test_containers_that_are_not_there(self, capsys: pytest.CaptureFixture[str], ready: Ready) -> None:
        said = refused(capsys, ready("az key").replace(f"//{BUCKET}/", "//nothing/"))
        assert "there is no container nothing (404 ContainerNotFound)" in said
        said = refused(capsys, ready("gs service account").replace(f"//{BUCKET}/", "//nothing/"))
        assert "there is no bucket nothing (404 NoSuchBucket)" in said


with_tokens = pytest.mark.parametrize("kind", ["gs service account", "az identity"])


class TestTokens:
    @with_tokens
    def test_one_is_asked_for_and_kept(
        self, server: ObjectServer, ready: Ready, storage: MadeStorage, kind: str
    ) -> None:
        before = server.tokens_given
        source = ObjectSource(ready(kind), SourceOptions())
        source.open()
        ids = [row.key.id for row in listed(source)]
        source.summaries(ids)
        source.close()
        assert server.tokens_given == before + 1

    def test_one_that_ends_soon_is_renewed(
        self, server: ObjectServer, ready: Ready, storage: MadeStorage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(signing, "_EARLY", 7200.0)
        before = server.tokens_given
        source = ObjectSource(ready("gs service account"), SourceOptions())
        source.open()
        listed(source)
        source.close()
        assert server.tokens_given > before + 1

    @with_tokens
    def test_one_that_is_revoked_is_told_and_asked_for_anew(
        self, server: ObjectServer, ready: Ready, storage: MadeStorage, kind: str
    ) -> None:
        source = ObjectSource(ready(kind), SourceOptions())
        source.open()
        before = listed(source)
        server.revoke_tokens()
        source.relist_soon()
        with pytest.raises(TargetError, match="the credentials are refused"):
            source.changes()
        source.open()
        assert [row.key.id for row in listed(source)] == [row.key.id for row in before]
        source.close()


def test_a_large_container_costs_what_its_pages_cost(server: ObjectServer, ready: Ready) -> None:
    server.put("large/_valid")
    server.fill("large", "SUCCESSFUL", 5200)
    source = ObjectSource(ready("az key", "large"), SourceOptions())
    server.log()
    source.open()
    assert len(listed(source, limit=10_000)) == 5200
    assert len(server.log()) <= 6 + 8
    source.close()
    server.drop_below("large/")


def test_a_machine_of_googles_gives_its_own_token(server: ObjectServer, storage: MadeStorage, tmp_path: Path) -> None:
    """google-auth reads where the metadata are when it is imported: a process of its own."""
    env = {name: value for name, value in os.environ.items() if name not in clean_environment()}
    place = f"127.0.0.1:{server.port}"
    nobody = {"HOME": str(tmp_path), "CLOUDSDK_CONFIG": str(tmp_path)}
    env = {**env, **nobody, "GCE_METADATA_HOST": place, "GCE_METADATA_IP": place}
    words = [sys.executable, "-m", "wftui", "ls", "--json", "-t", server.google_target("clouds")]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert '"two words"' in done.stdout
