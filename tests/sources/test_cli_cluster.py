"""The commands on a real cluster, as processes: what they print, what they do, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.sources.ray_clusters import TestCluster, TestDriver, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.ray


class Result(NamedTuple):
    code: int
    json: Any
    err: str


class Commands:
    """Runs `wftui` on a cluster, with JSON."""

    def __init__(self, cluster: TestCluster) -> None:
        self._base = [sys.executable, "-m", "wftui", "-t", cluster.address]
        self._env = {name: value for name, value in os.environ.items() if not name.startswith(("WFTUI_", "RAY_"))}

    def start(self, *argv: str) -> subprocess.Popen[str]:
        """A running command."""
        return subprocess.Popen(
            [*self._base, "--json", *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env,
        )

    def __call__(self, *argv: str) -> Result:
        process = self.start(*argv)
        out, err = process.communicate(timeout=120)
        return Result(process.returncode, json.loads(out) if out else None, err)


@pytest.fixture(scope="module")
def user(cluster: TestCluster) -> Iterator[TestDriver]:
    with closing(cluster.driver()) as process:
        process.do("init", max_running_workflows=1)
        yield process


@pytest.fixture(scope="module")
def wftui(cluster: TestCluster) -> Commands:
    return Commands(cluster)


def gate(cluster: TestCluster, name: str) -> str:
    return str(cluster.gates / name)


def test_a_day_of_commands(cluster: TestCluster, user: TestDriver, wftui: Commands) -> None:
    """One story, because one Ray starts slowly: each step is what the one before left."""
    user.do("submit", kind="diamond", id="runs", gate=gate(cluster, "runs"), metadata={"team": "ml"})
    user.do("submit", kind="diamond", id="waits", gate=gate(cluster, "waits"))
    eventually(lambda: user.do("status", id="runs") == "RUNNING")

    # what there is
    listed = wftui("ls")
    assert listed.code == 0, listed.err
    rows = {row["id"]: row for row in listed.json}
    assert {i: (row["status"], row["status_source"]) for i, row in rows.items()} == {
        "runs": ("RUNNING", "cluster"),
        "waits": ("PENDING", "cluster"),
    }
    assert rows["runs"]["user_metadata"] == {"team": "ml"}
    assert wftui("show", "runs").json["tasks"]
    assert wftui("show", "nope").code == 4

    # what is refused
    queued = wftui("cancel", "waits", "--yes")
    assert (queued.code, queued.json[0]["done"]) == (5, False)
    assert "PENDING" in queued.json[0]["why"]
    assert wftui("cancel", "nope", "--yes").code == 4
    assert wftui("cancel", "runs").code == 5
    assert wftui("cancel", "runs", "--yes", "--read-only").code == 5
    assert wftui("delete", "runs", "--yes").code == 5
    assert wftui("resume", "runs", "--yes").code == 5
    assert dict(user.do("list")) == {"runs": "RUNNING", "waits": "PENDING"}

    # an armed cancel that is taken back, and one that fires
    armed = wftui.start("cancel", "waits", "--yes", "--wait")
    assert armed.stderr is not None
    assert "armed" in armed.stderr.readline()
    armed.send_signal(signal.SIGINT)
    assert armed.wait(60) == 130
    armed.communicate()
    armed = wftui.start("cancel", "waits", "--yes", "--wait")
    assert armed.stderr is not None
    assert "armed" in armed.stderr.readline()
    done = wftui("cancel", "runs", "--yes")
    assert (done.code, done.json[0]["status_after"]) == (0, "CANCELED")
    out, _ = armed.communicate(timeout=120)
    assert armed.returncode == 0
    assert [(row["id"], row["done"], row["status_after"]) for row in json.loads(out)] == [("waits", True, "CANCELED")]
    assert dict(user.do("list")) == {"runs": "CANCELED", "waits": "CANCELED"}

    # a failure, its cause taken away, resumed and waited for
    user.do("submit", kind="fails", id="fails", gate=gate(cluster, "shop"))
    failed = wftui("wait", "fails", "--timeout", "100")
    assert (failed.code, failed.json[0]["status"]) == (1, "FAILED")
    assert failed.json[0]["error"]["message"]
    plan = wftui("resume", "fails", "--dry-run")
    assert plan.code == 0
    assert "checkpoints kept: first; runs again: sell, last" in plan.json[0]["why"]
    assert user.do("status", id="fails") == "FAILED"
    cluster.open_gate("shop")
    resumed = wftui("resume", "--all", "--include-failed", "--yes")
    assert (resumed.code, [row["id"] for row in resumed.json]) == (0, ["fails"])
    good = wftui("wait", "fails", "--timeout", "100")
    assert (good.code, good.json[0]["status"]) == (0, "SUCCESSFUL")
    assert user.do("status", id="fails") == "SUCCESSFUL"

    # deleted, all of it
    gone = wftui("delete", "fails", "runs", "nope", "--yes")
    assert gone.code == 4
    assert [(row["id"], row["done"]) for row in gone.json] == [("fails", True), ("runs", True), ("nope", False)]
    assert dict(user.do("list")) == {"waits": "CANCELED"}
    assert wftui("resume", "--all", "--yes").json == []


def test_no_cluster_is_one_line_and_exit_3(cluster: TestCluster) -> None:
    command = [sys.executable, "-m", "wftui", "ls", "-t", "127.0.0.1:1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("wftui: ")
