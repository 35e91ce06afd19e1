"""Real Ray clusters for tests: started on free ports in a folder of their own, killed as a group, started again.

Everything that uses Ray runs in processes of its own, so that pytest's stays clean. `import wftui` fails everywhere on
these clusters: what we ship to them has to stand alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wftui.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO

    from wftui.model.status import Status
    from wftui.model.workflow import WorkflowSummary
    from wftui.sources.ray.cluster.source import ClusterSource

# Without the process that counts how Ray is used: it starts even where nobody may count, and as slowly as a dashboard.
_RAY = """
from ray._private.node import Node
from ray.scripts.scripts import main
Node.start_api_server = lambda node, **options: None
main()
"""
_WITHOUT_CLIENTS = """
from ray._private.node import Node
Node.start_ray_client_server = lambda node: None
"""
# As on another machine: Ray itself lets a node only have the folder for its files that the head node has.
_RAY_ELSEWHERE = """
from ray._private import utils
asked = utils.internal_kv_get_with_retry
def ask(gcs, key, *rest, **options):
    return {folder!r}.encode() if key == "temp_dir" else asked(gcs, key, *rest, **options)
utils.internal_kv_get_with_retry = ask
"""
DRIVER = Path(__file__).with_name("ray_driver.py")
START_TIMEOUT = 120.0


# Ray Client's proxy takes a free port from 23000 on and starts a server there, which takes seconds: another cluster's
# proxy on the same machine picks the same one meanwhile, and its clients find themselves in the first one's cluster.
_OWN_SERVERS = """
import sys
if "ray.util.client.server" in sys.orig_argv and "--mode=proxy" in sys.orig_argv:
    from ray.util.client.server import proxier
    proxier.MIN_SPECIFIC_SERVER_PORT, proxier.MAX_SPECIFIC_SERVER_PORT = {first}, {first} + 20
"""
# Which of the processes that run tests this is.
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
_PORTS_OF_A_PROCESS = 1_000
_FIRST_WORKER_PORT = 10_002 + _PROCESS * _PORTS_OF_A_PROCESS


def _own_ports() -> Iterator[int]:
    """Ports that no other process of these tests asks for, and that nobody is given unasked.

    Above the ports of Ray's workers (10002 to 18001) and of Ray Client's servers (23000 to 23999), and below those that
    Linux gives to whoever connects: a head node that comes back finds its own still free.
    """
    first = 24_000 + _PROCESS * _PORTS_OF_A_PROCESS
    begun = os.getpid() * 7  # another run of the tests, beside this one, begins elsewhere
    return (first + (begun + at) % _PORTS_OF_A_PROCESS for at in count())


_ports = _own_ports()


def free_port() -> int:
    """A port that nothing listens on just now, and that nobody else of these tests will be given."""
    for port in _ports:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    raise AssertionError("ports never end")


def eventually(condition: Callable[[], Any], timeout: float = 120.0, every: float = 0.1) -> Any:
    """Wait until the condition holds, and return what it gave."""
    until = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < until, f"did not happen within {timeout} s: {condition}"
        time.sleep(every)
    return value


def row_of(source: ClusterSource, workflow_id: str) -> WorkflowSummary | None:
    """The row of a workflow after a look; None where there is none."""
    source.changes()
    rows = source.summaries([workflow_id])
    return rows[0] if rows else None


def becomes(source: ClusterSource, workflow_id: str, status: Status, timeout: float = 120.0) -> WorkflowSummary:
    """Wait until the row of that workflow says so."""

    def is_so() -> WorkflowSummary | None:
        row = row_of(source, workflow_id)
        return row if row is not None and row.status is status else None

    row: WorkflowSummary = eventually(is_so, timeout)
    return row


def open_as_the_monitor_does(source: ClusterSource) -> None:
    """Again after an error: Ray Client's port comes after all others, and its servers can fail on a busy machine."""

    def is_open() -> bool:
        try:
            source.open()
        except TargetError as error:
            print(f"{source.info.target}: {error}")
            return False
        return True

    eventually(is_open, 240.0, every=1.0)


def _group(group: int) -> list[int]:
    """The processes of a group."""
    found = subprocess.run(["ps", "-o", "pid=", "-g", str(group)], check=True, capture_output=True, text=True)
    return [int(pid) for pid in found.stdout.split()]


def _command(pid: int) -> list[str]:
    """The command of a process; empty when it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return []


def _is_raylet(command: list[str]) -> bool:
    return bool(command) and command[0].endswith("raylet/raylet")


def _is_agent(command: list[str]) -> bool:
    return any(word.endswith("dashboard/agent.py") for word in command[:3])


def _kill_group(leader: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader.pid, signal.SIGKILL)
    leader.wait()


class TestDriver:
    """A process that uses Ray as a user does, and does what it is told."""

    __test__ = False

    def __init__(self, cluster: TestCluster) -> None:
        with open(cluster.root / "driver.log", "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(DRIVER), cluster.address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=cluster.environment,
                cwd=cluster.root,
                text=True,
            )

    def do(self, what: str, **arguments: Any) -> Any:
        """Have it do something; returns its answer."""
        stdin, stdout = cast("IO[str]", self._process.stdin), cast("IO[str]", self._process.stdout)
        stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        stdin.flush()
        line = stdout.readline()
        assert line, "the test's driver ended: see driver.log"
        answer = json.loads(line)
        assert "raised" not in answer, answer["raised"]
        return answer["value"]

    def close(self) -> None:
        """End it, as a user's script ends."""
        cast("IO[str]", self._process.stdin).close()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        cast("IO[str]", self._process.stdout).close()


class TestCluster:
    """A Ray cluster of one node, to which others may be added.

    Args:
        cpus: How many it says it has.
        dashboard: Whether it has one, and with it the State API.
        client: Whether Ray Client is served, which costs a few processes.
    """

    __test__ = False

    def __init__(self, cpus: int = 4, *, dashboard: bool = False, client: bool = True) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="wfr-", dir="/tmp"))
        self.storage = self.root / "storage"
        self.gates = self.root / "gates"
        self.gates.mkdir()
        self.port = free_port()
        self.client_port = free_port()
        self._cpus = cpus
        self._has_dashboard = dashboard
        self._serves_clients = client
        self._process: subprocess.Popen[bytes] | None = None
        self._others: dict[str, subprocess.Popen[bytes]] = {}
        self._dashboard: subprocess.Popen[bytes] | None = None
        self.dashboard_port: int | None = None
        shadow = self.root / "shadow"
        shadow.mkdir()
        (shadow / "wftui.py").write_text("raise ModuleNotFoundError(\"No module named 'wftui'\", name='wftui')\n")
        first = 20_000 + self.client_port % 150 * 20
        (shadow / "sitecustomize.py").write_text(_OWN_SERVERS.format(first=first))
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(shadow),
            "PYTHONWARNINGS": "ignore",
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_prestart_worker_first_driver": "0",
            # Ray ends a worker that has nothing to do for a second, and then takes one to start another.
            "RAY_idle_worker_killing_time_threshold_ms": "10000",
        }
        for name in ("RAY_ADDRESS", "RAY_STORAGE"):
            self.environment.pop(name, None)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def client_address(self) -> str:
        """Where it listens for Ray Client."""
        return f"ray://127.0.0.1:{self.client_port}"

    @property
    def group(self) -> int | None:
        """The process group of everything it is; None while it is down."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start its head node, on the same ports and storage as before."""
        self._process = self._run(
            "--head",
            "--include-dashboard=false",
            f"--port={self.port}",
            # What nobody asks here: it scales no cluster up, and prints no worker's lines in a driver.
            "--no-monitor",
            "--include-log-monitor=false",
            f"--ray-client-server-port={self.client_port}",
            f"--storage={self.storage}",
            f"--temp-dir={self.root / 'r'}",
            f"--num-cpus={self._cpus}",
            code=_RAY if self._serves_clients else _WITHOUT_CLIENTS + _RAY,
        )
        if self._has_dashboard:
            self.start_dashboard()

    def add_node(self, name: str, cpus: int = 0, **resources: float) -> None:
        """Start another node on this machine, with these resources.

        Its processes have to be told of the storage, too: else workflows fail whose manager Ray starts there.
        """
        address = f"127.0.0.{2 + len(self._others)}"
        self._others[name] = self._run(
            f"--address={self.address}",
            f"--node-ip-address={address}",
            f"--node-name={name}",
            f"--storage={self.storage}",
            f"--num-cpus={cpus}",
            f"--resources={json.dumps(resources)}",
            code=_RAY_ELSEWHERE.format(folder=str(self.root / name)) + _RAY,
        )

    def kill_node(self, name: str, *, agent: bool = False) -> None:
        """Kill what runs a node that was added, as when it runs out of memory; its workers end when they notice.

        Args:
            name: Which.
            agent: Kill the dashboard's agent there instead: Ray's raylet ends with it.
        """
        is_it = _is_agent if agent else _is_raylet
        pids = [pid for pid in _group(self._others[name].pid) if is_it(_command(pid))]
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def start_dashboard(self) -> None:
        """Start a dashboard with nothing but the State API.

        Ray gives its own, of nine processes, 20 seconds to come up, which on a busy machine is too little.
        """
        assert self._process is not None
        commands = [_command(pid) for pid in _group(self._process.pid)]
        raylet = next(" ".join(told) for told in commands if _is_raylet(told))
        port = self.dashboard_port = free_port()
        own = ["--host=127.0.0.1", f"--port={port}", "--modules-to-load=StateHead", "--logging-filename=ours.log"]
        names = ("gcs-address", "cluster-id-hex", "session-dir", "log-dir", "temp-dir", "node-ip-address")
        found = (re.search(rf"--{name}=\S+", raylet) for name in names)
        command = [sys.executable, "-m", "ray.dashboard.dashboard", *own, *(one[0] for one in found if one is not None)]
        self._dashboard = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, env=self.environment, cwd=self.root, start_new_session=True
        )

        def answers() -> bool:
            assert self._dashboard is not None
            assert self._dashboard.poll() is None, "the dashboard ended: see ours.log"
            with suppress(OSError), closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
                connection.request("GET", "/api/v0/tasks", headers={"User-Agent": "a test"})
                return connection.getresponse().status == 200
            return False

        eventually(answers, 3 * START_TIMEOUT)

    def kill_dashboard(self) -> None:
        """Kill it, as when it runs out of memory."""
        if self._dashboard is not None:
            _kill_group(self._dashboard)
            self._dashboard = None

    def _run(self, *options: str, code: str = _RAY) -> subprocess.Popen[bytes]:
        """`ray start` with these options, until it is up."""
        command = [
            sys.executable,
            "-c",
            code,
            "start",
            "--block",
            "--disable-usage-stats",
            "--node-ip-address=127.0.0.1",
            "--object-store-memory=80000000",
            f"--dashboard-agent-listen-port={free_port()}",
            f"--metrics-export-port={free_port()}",
            # Whether a port is free is asked before a worker starts that takes it, a second later.
            f"--min-worker-port={_FIRST_WORKER_PORT}",
            f"--max-worker-port={_FIRST_WORKER_PORT + _PORTS_OF_A_PROCESS - 1}",
            *options,
        ]
        log = self.root / "ray.log"
        with open(log, "ab") as out:
            offset = out.tell()
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self.environment,
                cwd=self.root,
                start_new_session=True,
            )

        def is_up() -> bool:
            assert process.poll() is None, log.read_text(errors="replace")[-2000:]
            return b"block forever" in log.read_bytes()[offset:]

        eventually(is_up, START_TIMEOUT)
        return process

    def kill(self) -> None:
        """Kill all of it, as when the machines go down."""
        self.kill_dashboard()
        for process in (*self._others.values(), self._process):
            if process is not None:
                _kill_group(process)
        self._others, self._process = {}, None

    def driver(self) -> TestDriver:
        """A new process that uses it."""
        return TestDriver(self)

    def open_gate(self, name: str) -> None:
        """Let the tasks that wait at that gate go on."""
        (self.gates / name).touch()

    def close(self) -> None:
        """Kill it and remove its folder."""
        self.kill()
        for _ in range(50):
            shutil.rmtree(self.root, ignore_errors=True)
            if not self.root.exists():
                return
            time.sleep(0.1)
