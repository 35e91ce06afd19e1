"""The first process of the demonstration: holds Ray as long as somebody looks at it, then clears up."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from wftui.sources.hosted import serve
from wftui.sources.ray.cluster.driver.attach import no_ray_error

if TYPE_CHECKING:
    from collections.abc import Callable

CPUS = 6
DASHBOARD_PORT = 8265
"""Ray's own; others are tried where it is taken."""
OBJECT_STORE = 80_000_000
"""Bytes; about the least that Ray takes."""


def main(root: str, submit: bool) -> None:
    """Hold Ray below `root`."""
    serve(Path(root), lambda folder: _start(folder, submit=submit))


def _start(root: Path, *, submit: bool) -> tuple[dict[str, str], Callable[[], None]]:
    try:
        address = _start_ray(root)
    except ImportError:
        error = no_ray_error()
        return {"error": error.message, "hint": error.hint}, lambda: None
    ours = [_start_state_api(root), *([_submit(address, root)] if submit else [])]

    def stop() -> None:
        for process in ours:
            process.kill()
            process.wait()
        import ray

        ray.shutdown()

    return {"address": address}, stop


def _start_ray(root: Path) -> str:
    import pyarrow  # noqa: F401 - Ray's storage needs it, and asks for it only when it is too late
    import ray

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = ray.init(
            address="local",
            num_cpus=CPUS,
            num_gpus=0,  # a task that asks for one shows what waits in vain, whatever this machine has
            storage=str(root / "storage"),
            include_dashboard=False,  # see `_start_state_api`
            object_store_memory=OBJECT_STORE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=str(root / "ray"),
        )
    return str(context.address_info["gcs_address"])


def _start_state_api(root: Path) -> subprocess.Popen[bytes]:
    """Start a dashboard with nothing but the State API, beside everything else; without ray[default] it ends at once.

    All of Ray's dashboard is nine processes, for which `ray.init` waits: half a minute on a small machine.
    """
    import ray
    from ray._private import worker

    node = worker._global_node
    told = {
        "host": "127.0.0.1",
        "port": DASHBOARD_PORT,
        "port-retries": 50,
        "gcs-address": node.gcs_address,
        "cluster-id-hex": node.cluster_id.hex(),
        "node-ip-address": node.node_ip_address,
        "log-dir": node.get_logs_dir_path(),
        "temp-dir": node.get_temp_dir_path(),
        "session-dir": node.get_session_dir_path(),
        "modules-to-load": "StateHead",
        "logging-filename": "state_api.log",
    }
    script = Path(ray.__file__).parent / "dashboard" / "dashboard.py"
    with open(root / "state_api.log", "wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, and Ray's own script
            [sys.executable, str(script), *(f"--{name}={value}" for name, value in told.items())],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _submit(address: str, root: Path) -> subprocess.Popen[bytes]:
    """Run the script that submits workflows, as a user would."""
    script = Path(__file__).with_name("workflows.py")
    with open(root / "workflows.log", "wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, str(script), address], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=root
        )
