"""Object stores in trouble: one line that says what is wrong, tries that are bounded, and recovery by itself."""

from __future__ import annotations

import contextlib
import queue
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal
from tests.sources.contract import listed
from tests.sources.object_server import BUCKET, KEY, SECRET, start_server
from wftui.cli.main import main
from wftui.errors import TargetError, UsageError
from wftui.model.workflow import WorkflowKey
from wftui.monitor.events import Health, SourceChanged
from wftui.monitor.monitor import Monitor
from wftui.sources.base import SourceOptions
from wftui.sources.ray.object_source import ObjectSource
from wftui.sources.stores.objects import signing, wire
from wftui.sources.stores.objects.url import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.object_server import ObjectServer
    from wftui.monitor.events import Event


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds a test can wait for."""
    monkeypatch.setattr(wire, "READ_TIMEOUT", 1.0)
    monkeypatch.setattr(wire, "CONNECT_TIMEOUT", 1.0)
    monkeypatch.setattr(wire, "_LAST_DELAY", 0.2)


@pytest.fixture
def prefix(server: ObjectServer) -> Iterator[str]:
    server.put("trouble/_valid")
    server.fill("trouble", "RUNNING", 3)
    server.put("trouble/workflows/flow-000001/pre_run_metadata.json", b'{"start_time": 5}')
    yield "trouble"
    server.drop_below("trouble/")


def one_line(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(list(argv)) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert SECRET not in err
    return err


FAULTS = {
    "expired": "the credentials have expired",
    "refused": "the credentials are refused (403 SignatureDoesNotMatch)",
    "403": "access is denied (403 AccessDenied)",
    "404": f"there is no bucket {BUCKET} (404 NoSuchBucket)",
    "503": "the store is throttling us (503 SlowDown)",
    "500": "the store has trouble (500 InternalError)",
    "garbage": "does not answer as an object store",
    "stall": "stalls: nothing came for 1 s",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_command_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], server: ObjectServer, prefix: str, quick: None, fault: str
) -> None:
    with server.fault(fault, seconds=2.0):
        assert FAULTS[fault] in one_line(capsys, "ls", "-t", server.target(prefix))
    assert main(["ls", "-t", server.target(prefix)]) == 0


def test_tries_are_few_and_apart(server: ObjectServer, prefix: str) -> None:
    source = ObjectSource(server.target(prefix), SourceOptions())
    started = time.monotonic()
    with server.fault("503"), pytest.raises(TargetError, match="throttling"):
        source.open()
    source.close()
    assert len(server.log()) == 4
    assert time.monotonic() - started > 0.2


def test_no_such_bucket_and_nothing_there(capsys: pytest.CaptureFixture[str], server: ObjectServer) -> None:
    elsewhere = server.target("x").replace(f"//{BUCKET}/", "//no-such-bucket/")
    assert "there is no bucket no-such-bucket" in one_line(capsys, "ls", "-t", elsewhere)
    assert "not a Ray workflow storage" in one_line(capsys, "ls", "-t", server.target("nothing/here"))


def test_names_and_ports_where_nobody_is(capsys: pytest.CaptureFixture[str], aws: None, quick: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    said = one_line(capsys, "ls", "-t", f"s3://b/x?endpoint_override=127.0.0.1:{port}&scheme=http")
    assert "refuses connections" in said
    said = one_line(capsys, "ls", "-t", "s3://b/x?endpoint_override=nowhere.invalid&scheme=http")
    assert "the name nowhere.invalid does not resolve" in said


def test_an_object_that_may_not_be_read_is_a_problem_of_its_own(server: ObjectServer, prefix: str) -> None:
    source = ObjectSource(server.target(prefix), SourceOptions())
    source.open()
    listed(source)
    with server.fault("403 object"):
        (row,) = source.summaries(["flow-000001"])
        assert row.started_at is None
        problems = source.detail("flow-000001").problems
        assert [p.what for p in problems if "pre_run" in p.path] == ["permission denied"]
    source.close()


def test_closing_wakes_whoever_waits_for_an_answer(
    server: ObjectServer, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that stalls holds the exit: neither a look nor one of the threads that read many things at once."""
    monkeypatch.setattr(wire, "READ_TIMEOUT", 500.0)
    source = ObjectSource(server.target(prefix), SourceOptions())
    source.open()
    ids = [row.key.id for row in listed(source)]
    ended: queue.SimpleQueue[Exception] = queue.SimpleQueue()

    def ask(what: Callable[[], object]) -> None:
        try:
            what()
        except Exception as error:
            ended.put(error)

    server.log()
    with server.fault("stall", seconds=120.0):
        for what in (lambda: source.summaries(ids), source.changes):
            threading.Thread(target=ask, args=(what,), daemon=True).start()
        until = time.monotonic() + 60
        while len(server.log()) == 0:
            assert time.monotonic() < until
        source.close()
        for _ in range(2):
            assert isinstance(ended.get(timeout=60), TargetError)
    assert not [t for t in threading.enumerate() if t.name.startswith(("wftui-objects", "wftui-rows")) and not t.daemon]


def test_who_waits_in_a_terminal_is_told_for_what(server: ObjectServer, prefix: str) -> None:
    target = server.target(prefix)
    with server.fault("stall", seconds=30.0):
        with Terminal([sys.executable, "-m", "wftui", "ls", "-t", target], rows=6) as terminal:
            terminal.until(f"waiting for s3://{BUCKET}/{prefix}")
            terminal.press("\x03")
            assert terminal.wait() == 130
        words = [sys.executable, "-m", "wftui", "ls", "-t", target]
        quiet = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = quiet.communicate(timeout=120)
    assert (out, err.count("\n"), quiet.returncode) == ("", 1, 3)
    assert "stalls: nothing came" in err


class Told:
    """What a monitor tells."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._states: list[SourceChanged] = []

    def __call__(self, event: Event) -> None:
        with self._condition:
            if isinstance(event, SourceChanged):
                self._states.append(event)
                self._condition.notify_all()

    def wait_for(self, what: Callable[[SourceChanged], bool]) -> SourceChanged:
        with self._condition:
            assert self._condition.wait_for(lambda: any(map(what, self._states)), 30)
            found = next(event for event in self._states if what(event))
            self._states.clear()
            return found


@pytest.fixture
def watching(server: ObjectServer, prefix: str, quick: None) -> Iterator[tuple[Monitor, Told]]:
    told = Told()
    monitor = Monitor([ObjectSource(server.target(prefix), SourceOptions(poll=0.1))], told)
    monitor.start()
    told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.loaded == 3)
    yield monitor, told
    monitor.stop()


@pytest.mark.parametrize("fault", FAULTS)
def test_the_monitor_recovers_by_itself(server: ObjectServer, watching: tuple[Monitor, Told], fault: str) -> None:
    _, told = watching
    with server.fault(fault, seconds=2.0):
        down = told.wait_for(lambda e: e.state.health is Health.DOWN and bool(e.state.error))
        assert FAULTS[fault] in down.state.error
        assert "\n" not in down.state.error
        assert SECRET not in down.state.error
        assert down.state.loaded == 3
    told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.error == "")


def test_rows_are_read_only_when_they_come_into_view(server: ObjectServer, watching: tuple[Monitor, Told]) -> None:
    monitor, told = watching
    (state,) = monitor.states()
    assert state.enriched == 0
    assert not [request for request in server.log() if "/flow-" in request.path]
    monitor.show_rows([WorkflowKey(state.info.target, "ray", None, "flow-000001")])
    told.wait_for(lambda e: e.state.enriched == 1)
    assert {request.path.split("/")[4] for request in server.log() if "/flow-" in request.path} == {"flow-000001"}


def test_a_refresh_that_is_asked_for_lists_everything(server: ObjectServer, watching: tuple[Monitor, Told]) -> None:
    """What ended between two looks is in no directory that an idle look reads; ctrl+r finds it."""
    monitor, told = watching
    server.fill("trouble", "SUCCESSFUL", 2, first=100)
    monitor.refresh()
    told.wait_for(lambda e: e.state.loaded == 5)
    (state,) = monitor.states()
    assert state.info.notes[0].startswith("everything listed at")


def test_a_server_that_goes_and_comes_back(aws: None, quick: None) -> None:
    server = start_server()
    told = Told()
    try:
        server.put("p/_valid")
        server.fill("p", "RUNNING", 2)
        monitor = Monitor([ObjectSource(server.target("p"), SourceOptions(poll=0.1))], told)
        monitor.start()
        told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.loaded == 2)
        server.close()
        told.wait_for(lambda e: e.state.health is Health.DOWN and "refuses connections" in e.state.error)
        server = start_server(server.port)
        server.put("p/_valid")
        server.fill("p", "RUNNING", 1)
        told.wait_for(lambda e: e.state.health is Health.LIVE and e.state.total == 1)
        monitor.stop()
        assert not server.written
    finally:
        with contextlib.suppress(ProcessLookupError):
            server.close()


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
