"""The first process of the demonstration: holds Ray as long as the pipe on its stdin is open, then clears up."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

from wftui.sources.ray.cluster.attach import no_ray_error

CPUS = 6
OBJECT_STORE = 80_000_000
"""Bytes; about the least that Ray takes."""


def main(root: str, submit: bool) -> None:
    """Start Ray below `root`, tell the address on stdout, wait for the end of stdin, stop Ray, remove `root`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever Ray prints goes into the log
    requests = os.fdopen(os.dup(0), "rb")
    try:
        address = _start(Path(root))
    except ImportError:
        error = no_ray_error()
        _answer(answers, {"error": error.message, "hint": error.hint})
        return
    submitter = _submit(address, Path(root)) if submit else None
    _answer(answers, {"address": address})
    requests.read()
    if submitter is not None:
        submitter.kill()
        submitter.wait()
    _stop(Path(root))


def _start(root: Path) -> str:
    import pyarrow  # noqa: F401 - Ray's storage needs it, and asks for it only when it is too late
    import ray

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = ray.init(
            address="local",
            num_cpus=CPUS,
            storage=str(root / "storage"),
            include_dashboard=False,
            object_store_memory=OBJECT_STORE,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _temp_dir=str(root / "ray"),
        )
    return str(context.address_info["gcs_address"])


def _submit(address: str, root: Path) -> subprocess.Popen[bytes]:
    """Run the script that submits workflows, as a user would."""
    script = Path(__file__).with_name("workflows.py")
    with open(root / "workflows.log", "wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, str(script), address], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=root
        )


def _stop(root: Path) -> None:
    import ray

    ray.shutdown()
    shutil.rmtree(root, ignore_errors=True)


def _answer(answers: object, value: dict[str, str]) -> None:
    print(json.dumps(value), file=answers, flush=True)  # type: ignore[call-overload]
