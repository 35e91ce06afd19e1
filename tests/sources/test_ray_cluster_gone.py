"""Clusters that are not there, do not fit, die and come back; and what is left of us in one when we go."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sources.contract import listed
from tests.sources.ray_clusters import TestCluster, TestDriver, eventually, free_port
from wftui.errors import TargetError, TargetGone
from wftui.model.action import ActionKind
from wftui.model.status import Status
from wftui.sources.base import SourceOptions
from wftui.sources.ray.cluster.driver.attach import no_ray_error
from wftui.sources.ray.cluster.source import ClusterSource

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.ray

# Longer than every time-out of ours, so that it tells a call that hangs and measures nothing.
SOON = 240.0


def why_not(address: str) -> TargetError:
    """The error of opening that address, which comes soon."""
    source = ClusterSource(address, SourceOptions())
    started = time.monotonic()
    with closing(source), pytest.raises(TargetError) as caught:
        source.open()
    assert time.monotonic() - started < SOON
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "ray://127.0.0.1:{}"])
def test_nothing_listens_there(form: str) -> None:
    error = why_not(form.format(free_port()))
    assert "no Ray cluster at 127.0.0.1:" in error.message
    assert error.hint


def test_something_else_listens_there() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert "no Ray cluster answers" in why_not(f"127.0.0.1:{silent.getsockname()[1]}").message


@pytest.mark.parametrize("address", ["nonsense", "host:port", ":1", "ray://", "1.2.3.4:99999"])
def test_malformed_addresses(address: str) -> None:
    assert "is no address of a Ray cluster" in why_not(address).message


def test_no_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ray.py").write_text("raise ModuleNotFoundError(\"No module named 'ray'\", name='ray')\n")
    monkeypatch.syspath_prepend(tmp_path)
    error = why_not("127.0.0.1:6379")
    assert error.message == "Ray is not installed"
    assert "wftui[ray]" in error.hint


def test_no_ray_for_this_python() -> None:
    error = no_ray_error((3, 14))
    assert "Python 3.14" in error.message
    assert "3.13" in error.hint


def test_a_ray_without_workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "__init__.py").write_text("__version__ = '2.48.0'\n")
    monkeypatch.syspath_prepend(tmp_path)
    error = why_not("127.0.0.1:6379")
    assert error.message == "Ray 2.48.0 has no ray.workflow (it was removed in 2.48)"


def test_no_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ModuleNotFoundError(\"No module named 'pyarrow'\", name='pyarrow')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert "pyarrow is not installed" in why_not("127.0.0.1:6379").message


@pytest.fixture(scope="module")
def cluster() -> Iterator[TestCluster]:
    with closing(TestCluster()) as started:
        started.start()
        yield started


@pytest.fixture
def user(cluster: TestCluster) -> Iterator[TestDriver]:
    with closing(cluster.driver()) as process:
        yield process


def test_closing_leaves_no_process_no_actor_and_no_job(cluster: TestCluster, user: TestDriver) -> None:
    jobs, actors = set(user.do("jobs")), user.do("actors")
    source = ClusterSource(cluster.address, SourceOptions())
    source.open()
    listed(source)
    (ours,) = set(user.do("jobs")) - jobs
    assert Path(f"/proc/{ours}").exists()
    source.close()
    assert not Path(f"/proc/{ours}").exists()
    eventually(lambda: set(user.do("jobs")) == jobs)
    assert user.do("actors") == actors
    with pytest.raises(TargetError):
        source.open()


def test_nothing_is_printed_and_signals_stay_ours(cluster: TestCluster, user: TestDriver) -> None:
    script = (
        "import signal\n"
        "from wftui.sources.base import SourceOptions\n"
        "from wftui.sources.ray.cluster.source import ClusterSource\n"
        "before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]\n"
        f"source = ClusterSource({cluster.address!r}, SourceOptions())\n"
        "source.open(); source.page(None, 10); source.changes(); source.close()\n"
        "assert before == [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)]\n"
        "import sys; assert 'ray' not in sys.modules\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_our_driver_ends_when_we_are_killed(cluster: TestCluster, user: TestDriver) -> None:
    script = (
        "import sys, time\n"
        "from wftui.sources.base import SourceOptions\n"
        "from wftui.sources.ray.cluster.source import ClusterSource\n"
        f"source = ClusterSource({cluster.address!r}, SourceOptions())\n"
        "source.open(); print(source._connection.pid, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as app:
        assert app.stdout is not None
        pid = int(app.stdout.readline())
        os.kill(pid, 0)
        app.kill()
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_another_version_on_the_cluster(cluster: TestCluster, user: TestDriver) -> None:
    real = user.do("pretend", ray_version="2.9.1", python_version="3.9.18")
    try:
        for address in (cluster.address, cluster.client_address):
            error = why_not(address)
            if (
                "Initialization failure" in error.message
            ):  # Ray Client's own server did not come up: the monitor asks again
                error = why_not(address)
            assert "the cluster runs Ray 2.9.1 on Python 3.9.18; here is Ray 2." in error.message
            assert error.hint
    finally:
        user.do("pretend", **json.loads(real))


def test_the_head_node_hangs_dies_and_comes_back(cluster: TestCluster) -> None:
    user = cluster.driver()
    with closing(ClusterSource(cluster.address, SourceOptions())) as source:
        source.open()
        user.do("submit", kind="diamond", gate="back", id="survivor")

        def runs() -> bool:
            source.changes()
            return [row.status for row in source.summaries(["survivor"])] == [Status.RUNNING]

        listed(source)
        eventually(runs)
        eventually(lambda: any(t.status is Status.SUCCESSFUL for t in source.detail("survivor").tasks))

        _hang_and_go_on(cluster, source)

        cluster.kill()
        started = time.monotonic()
        with pytest.raises(TargetGone) as caught:
            source.changes()
        assert time.monotonic() - started < SOON
        assert cluster.address in str(caught.value)
        started = time.monotonic()
        with pytest.raises(TargetError):
            source.open()
        assert time.monotonic() - started < SOON
        user.close()

        cluster.start()
        source.open()
        rows = {row.key.id: row.status for row in listed(source)}
        assert rows == {"survivor": Status.RESUMABLE}
        assert source.actions is not None
        plan = source.actions.plan(ActionKind.RESUME, "survivor")
        assert plan.allowed
        assert any("starts the workflow manager" in effect for effect in plan.effects)
        cluster.open_gate("back")
        outcome = source.actions.act(ActionKind.RESUME, "survivor")
        assert outcome.done, outcome.why
        assert outcome.status_before is Status.RESUMABLE

        def ended() -> bool:
            source.changes()
            return [row.status for row in source.summaries(["survivor"])] == [Status.SUCCESSFUL]

        eventually(ended)


def _hang_and_go_on(cluster: TestCluster, source: ClusterSource) -> None:
    """All of the cluster stands still, then goes on: told, and forgotten."""
    assert cluster.group is not None
    os.killpg(cluster.group, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(TargetGone):
            source.changes()
        assert time.monotonic() - started < SOON
    finally:
        os.killpg(cluster.group, signal.SIGCONT)
    source.open()
    assert [row.status for row in listed(source)] == [Status.RUNNING]


def test_a_cluster_restarted_behind_our_back_is_noticed(cluster: TestCluster) -> None:
    with closing(ClusterSource(cluster.address, SourceOptions())) as source:
        source.open()
        cluster.kill()
        cluster.start()
        with pytest.raises(TargetGone):
            source.changes()
        source.open()
        source.changes()
